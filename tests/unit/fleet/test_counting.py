"""Sources to counts: the numbers are those of `gs.read`, and nothing raises."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.fleet.counting import count_file, count_files, failed
from gostack_nb.fleet.counts import CELLS, DUMPS, PLACES, PROBLEMS, Counts, combine
from gostack_nb.fleet.places import Place, place_of
from gostack_nb.recording.recording import Recording
from tests.unit.fleet.fleets import fleet

ROOT = Path(__file__).parents[3]
INCIDENT = ROOT / "data" / "push-incident" / "leak"
FLEET = ROOT / "data" / "fleet" / "push" / "zone-a"

DUMP = b"""goroutine 1 [running]:
main.main()
\t/srv/main.go:5 +0x1d

goroutine 7 [chan receive, 3 minutes]:
main.f()
\t/srv/main.go:9 +0x1d

goroutine 8 [chan receive, 5 minutes]:
main.f()
\t/srv/main.go:9 +0x1d

goroutine 9 [chan receive]:
main.f()
\t/srv/main.go:10 +0x1d
"""


def numbers(counts: Counts) -> list[tuple[object, ...]]:
    """List line, state, count, leaked and longest wait."""
    table = counts.cells().merge(counts.places(), on="stack_id").sort_values(["user_line", "state"])
    names = ["user_line", "state", "count", "leaked", "wait_minutes_max"]
    rows: list[tuple[object, ...]] = list(
        table[names].astype(object).where(table[names].notna(), None).itertuples(index=False, name=None)
    )
    return rows


def test_a_dump() -> None:
    counts = count_file(DUMP)
    assert numbers(counts) == [
        (5, "running", 1, 0, None),
        (9, "chan receive", 2, 0, 5),
        (10, "chan receive", 1, 0, None),
    ]
    assert counts.dumps()["goroutine_count"].tolist() == [4]
    assert counts.problems().empty


@pytest.mark.parametrize("mark", [" (leaked)", ""])
def test_leaked_goroutines(mark: str) -> None:
    head = b"goroutine 7 [chan receive (leaked)]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n\n"
    other = f"goroutine 8 [chan receive{mark}]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n".encode()
    assert count_file(head + other).cells()["leaked"].sum() == (2 if mark else 1)


def test_debug_1_has_no_states() -> None:
    text = b"goroutine profile: total 3\n3 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/srv/main.go:9\n"
    assert numbers(count_file(text)) == [(9, None, 3, None, None)]


@pytest.mark.parametrize("source", [b"", b"\x00\xff", b"<html>", Path("no-such-file"), "no-such/*.txt", "", "a\0b"])
def test_what_is_no_dump_is_a_problem(source: bytes | Path | str) -> None:
    counts = count_file(source)
    assert counts.dumps().empty
    assert len(counts.problems()) == 1


def test_a_problem_tells_the_process() -> None:
    place = Place("no-such-file", service="push", instance="push-7")
    [row] = count_file(place).problems().to_dict("records")
    assert (row["source"], row["service"], row["instance"]) == ("no-such-file", "push", "push-7")
    assert row["reason"].startswith("no such file")
    assert failed(place, "gone").problems()["reason"].tolist() == ["gone"]


def test_counts_are_those_of_the_goroutines() -> None:
    paths = sorted(INCIDENT.glob("*.txt")) + sorted(FLEET.rglob("*T2040*.pb.gz"))
    dataset = gs.read(paths)
    counts = count_files(map(place_of, paths))
    assert counts.cells()["count"].sum() == len(dataset.goroutines)
    expected = dataset.goroutines.groupby("stack_id", observed=True).size().sort_index()
    found = counts.cells().groupby("stack_id", observed=True)["count"].sum().sort_index()
    assert found.to_dict() == expected.to_dict()
    assert counts.dumps()["goroutine_count"].sum() == len(dataset.goroutines)


def test_a_recording_counts_as_its_goroutines(tmp_path: Path) -> None:
    recording = Recording.open(tmp_path / "kept", create=True)
    recording.add(*sorted(INCIDENT.glob("0*.txt")), service="push", instance="push-0")
    counts = count_file(tmp_path / "kept")
    dataset = recording.read()
    assert counts.problems().empty
    assert len(counts.dumps()) == len(dataset.snapshots)
    keys = ["stack_id", "state"]
    expected = dataset.goroutines.groupby(keys, observed=True).agg(
        count=("state", "size"), wait=("wait_minutes", "max")
    )
    found = counts.cells().groupby(keys, observed=True).agg(count=("count", "sum"), wait=("wait_minutes_max", "max"))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_index_type=False, check_like=True)
    assert set(counts.dumps()["instance"]) == {"push-0"}


def test_an_older_recording() -> None:
    path = ROOT / "tests" / "recordings" / "v1"
    counts = count_file(path)
    dataset = Recording.open(path).read()
    assert counts.problems().empty
    assert counts.cells()["count"].sum() == len(dataset.goroutines)
    assert set(counts.dumps()["goroutine_count"]) == set(dataset.snapshots["goroutine_count"])


def test_what_the_place_tells_goes_first_and_the_source_stands_for_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(DUMP)
    [named] = (
        count_file(Place(str(path), service="s", instance="i", labels={"b": "ä", "a": "1"})).dumps().to_dict("records")
    )
    assert (named["service"], named["instance"], named["labels"]) == ("s", "i", '{"a": "1", "b": "ä"}')
    [plain] = count_file(path).dumps().to_dict("records")
    assert plain["instance"] == str(path)
    assert pd.isna(plain["service"])
    assert pd.isna(plain["labels"])


def test_the_same_file_twice_counts_once_and_equal_files_of_two_instances_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(DUMP)
    place = Place(str(path), instance="one")
    assert len(count_files([place, place]).dumps()) == 1
    assert len(count_files([place, Place(str(path), instance="two")]).dumps()) == 2


def test_the_columns_without_rows() -> None:
    counts = combine([])
    tables = [
        (counts.dumps(), DUMPS),
        (counts.cells(), CELLS),
        (counts.places(), PLACES),
        (counts.problems(), PROBLEMS),
    ]
    for table, columns in tables:
        assert table.columns.tolist() == [column.name for column in columns]
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {c.name: c.dtype for c in columns}
    assert fleet().dumps().empty
    assert counts.dumps()["captured_at"].dtype == pd.Series([datetime(2026, 1, 1, tzinfo=UTC)]).dt.as_unit("ns").dtype
