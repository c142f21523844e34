"""Counts are put together in any order, any number of times, to the same result."""

from itertools import permutations

import pandas as pd
import pyarrow as pa
import pytest

from gostack_nb.fleet.counting import count_file
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.reports.bundled import bundled

LEAK = bundled("push-incident") / "leak"
TABLES = (Counts.dumps, Counts.cells, Counts.places, Counts.stacks, Counts.problems)


@pytest.fixture(scope="module")
def parts() -> list[Counts]:
    """Count the forms of one moment: they tell unequal things of the same stacks."""
    names = [next(LEAK.glob(f"02.goroutine.{form}*")) for form in ("debug1", "debug2", "pb")]
    return [*map(count_file, names), count_file(b"no dump")]


def assert_equal(one: Counts, other: Counts) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(table(one), table(other))


def test_the_order_of_parts_is_nothing(parts: list[Counts]) -> None:
    expected = combine(parts)
    assert len(expected.dumps()) == 3
    for ordered in permutations(parts):
        assert_equal(expected, combine(ordered))


def test_how_parts_were_put_together_before_is_nothing(parts: list[Counts]) -> None:
    one, two, three, four = parts
    nested = combine([combine([four, two, two]), combine([combine([three]), one, four])])
    assert_equal(combine(parts), nested)
    assert_equal(nested, combine([nested, nested, *parts]))


def test_of_unequal_facts_the_known_ones_are_kept() -> None:
    text = "goroutine 7 [chan receive, 2 minutes]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n"
    known = count_file(text.encode())
    cells = known.cell_table
    place = cells.column_names.index("wait_minutes_max")
    unknown = Counts(cell_table=cells.set_column(place, cells.schema.field(place), pa.nulls(len(cells), pa.int32())))
    for ordered in ([known, unknown], [unknown, known]):
        assert combine(ordered).cells()["wait_minutes_max"].tolist() == [2]
    assert unknown.cells()["wait_minutes_max"].isna().all()


def test_nothing_is_nothing() -> None:
    assert_equal(combine([]), Counts())
    assert_equal(combine([Counts(), Counts()]), Counts())
