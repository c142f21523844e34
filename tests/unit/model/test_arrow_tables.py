"""Tables to Arrow and back: the same values, dtypes and NA."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from gostack_nb.model.arrow_tables import arrow_schema, arrow_table, fitted, frame_of
from gostack_nb.model.schema import GOROUTINES, ISSUES, METRICS, SNAPSHOTS, STACKS, Column
from gostack_nb.reading.datasets import read

TABLES = {"goroutines": GOROUTINES, "stacks": STACKS, "snapshots": SNAPSHOTS, "issues": ISSUES, "metrics": METRICS}

EVERY_KIND = tuple(
    Column(name, dtype, "one of every kind")
    for name, dtype in {
        "state": "category",
        "bubble": "category",
        "goroutine_id": "Int64",
        "line": "Int32",
        "p50": "Float64",
        "leaked": "boolean",
        "value": "float64",
        "text": "str",
        "captured_at": "datetime64[ns, UTC]",
    }.items()
)


def every_kind() -> pd.DataFrame:
    """Make a table with NA in every column that may have one."""
    return pd.DataFrame(
        {
            "state": pd.Categorical(["select", None, "a", "select"], categories=["a", "select", "unused"]),
            "bubble": pd.Categorical([7, None, 7, 1], categories=pd.Index([1, 7], dtype="int64")),
            "goroutine_id": pd.array([2**62, None, 0, 1], dtype="Int64"),
            "line": pd.array([1, None, 3, 4], dtype="Int32"),
            "p50": pd.array([0.5, None, 3, 4], dtype="Float64"),
            "leaked": pd.array([True, None, False, True], dtype="boolean"),
            "value": np.array([1.5, np.nan, np.inf, -0.0]),
            "text": pd.Series(["a\0b", "世界", "", None], dtype="str"),
            "captured_at": pd.Series(
                [pd.Timestamp("2026-03-01 08:53:43.265", tz="UTC"), None, None, pd.Timestamp(0, tz="UTC")],
                dtype="datetime64[ns, UTC]",
            ),
        }
    )


def test_there_and_back() -> None:
    table = arrow_table(every_kind(), EVERY_KIND)
    back = frame_of([table.slice(0, 1), table.slice(1)], EVERY_KIND)
    expected = every_kind()
    expected["state"] = expected["state"].cat.remove_unused_categories()
    pd.testing.assert_frame_equal(back, expected)


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_of_a_dataset(name: str) -> None:
    dataset = read(b"goroutine 7 [chan receive, 3 minutes]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n")
    frame = getattr(dataset, name)
    pd.testing.assert_frame_equal(frame_of([arrow_table(frame, TABLES[name])], TABLES[name]), frame)


def test_without_rows_the_types_stay() -> None:
    empty = every_kind().iloc[:0]
    table = arrow_table(empty, EVERY_KIND)
    assert table.schema == arrow_schema(EVERY_KIND)
    assert frame_of([], EVERY_KIND).dtypes.astype("str").tolist() == [column.dtype for column in EVERY_KIND]


def test_categories_of_several_tables_are_one() -> None:
    columns = EVERY_KIND[:1]
    tables = [
        arrow_table(pd.DataFrame({"state": pd.Categorical(states)}), columns)
        for states in (["z", "a"], ["m", "a"], [None, "z"])
    ]
    column = frame_of(tables, columns)["state"]
    assert column.cat.categories.tolist() == ["a", "m", "z"]
    assert column.astype("object").fillna("-").tolist() == ["z", "a", "m", "a", "-", "z"]


def test_a_table_of_another_version_is_fitted() -> None:
    """What it lacks is NA, what it has besides is dropped, a whole number that is stored shorter is the same number."""
    found = fitted(
        pa.table({"goroutine_id": pa.array([1, None], pa.int16()), "odd": [1, 2], "state": ["a", None]}), EVERY_KIND
    )
    assert found.schema == arrow_schema(EVERY_KIND)
    frame = frame_of([found], EVERY_KIND)
    assert frame["goroutine_id"].tolist() == [1, pd.NA]
    assert frame["state"].astype("object").fillna("-").tolist() == ["a", "-"]
    assert frame["leaked"].isna().all()
