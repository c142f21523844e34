"""The schema: every column documented, and every table built to it."""

import re

import pytest

from gostack_nb.model import schema
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read

TABLES: dict[str, tuple[schema.Column, ...]] = {
    name.lower(): value for name, value in vars(schema).items() if name.isupper() and isinstance(value, tuple)
}
COLUMNS = [pytest.param(column, id=f"{table}.{column.name}") for table, columns in TABLES.items() for column in columns]
DTYPES = {"category", "Int64", "Int32", "boolean", "float64", "str", "datetime64[ns, UTC]"}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return read(b"goroutine 7 [chan receive, 3 minutes]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n")


def test_every_table_has_a_schema() -> None:
    assert set(TABLES) == set(Dataset.__slots__)


@pytest.mark.parametrize("column", COLUMNS)
def test_columns_are_documented(column: schema.Column) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column.name), "snake_case"
    assert column.dtype in DTYPES
    assert len(column.meaning.split()) >= 2, "say what it means"


@pytest.mark.parametrize("table", TABLES)
def test_tables_follow_the_schema(table: str, dataset: Dataset) -> None:
    built = getattr(dataset, table)
    assert {name: str(dtype) for name, dtype in built.dtypes.items()} == {c.name: c.dtype for c in TABLES[table]}
