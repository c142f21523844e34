"""What `gostack-nb compare` prints and returns."""

import io
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

import gostack_nb as gs
from gostack_nb.errors import GostackError
from gostack_nb.reports.comparing import Comparison, as_json, listing, split_at

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BLOCK = (
    "goroutine {goid} [chan receive]:\n{function}(0x1)\n\t/srv/app/main.go:9 +0x1d\n"
    "created by main.serve in goroutine 1\n\t/srv/app/main.go:7 +0x2b\n"
)
COUNTS = (10, 20, 30, 40, 50, 60)


@pytest.fixture
def dumps(tmp_path):
    """Write a dump per minute: so many goroutines of one function in each."""

    def write(name, counts, *, start=START, function="main.ack", step=60):
        folder = tmp_path / name
        folder.mkdir()
        for number, count in enumerate(counts):
            path = folder / f"{number:02}.txt"
            ids = [*range(10, 10 + count), 1000 + 100 * number]
            path.write_text("\n".join(BLOCK.format(goid=goid, function=function) for goid in ids), "utf-8")
            taken = (start + timedelta(seconds=step * number)).timestamp()
            os.utime(path, (taken, taken))
        return folder

    return write


@pytest.fixture
def growing(dumps):
    return gs.read(dumps("growing", COUNTS))


@pytest.fixture
def fixed(dumps):
    return gs.read(dumps("fixed", [10] * 6, start=START + timedelta(hours=1)))


def compared(before, after, *, by="signature", names=("before.txt", "after.txt")):
    return Comparison.of(before, after, by=by, names=names)


def printed(comparison, *, top=10):
    console = Console(file=io.StringIO(), width=80, highlight=False)
    console.print(listing(comparison, top=top))
    return console.file.getvalue()


def test_it_says_what_is_compared_what_changed_and_whether_it_is_fixed(growing, fixed):
    text = printed(compared(growing, fixed, names=("dumps/growing", "dumps/fixed")))
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "before dumps/growing",
        "6 dumps, 2026-11-23 08:00:00 to 08:05:00 UTC; 61 goroutines in the last",
        "1 group changed, -50 in all; 0 groups did not",
        "61     11     -50",
        "main.ack",
        "/srv/app/main.go:9",
        "by main.serve",
        "The fix: fixed",
        "- The total grew by 600 per hour [600, 600] before (6 dumps in 5.0 minutes)",
        "- main.ack [chan receive] grew by 600 per hour",
    ):
        assert words in text


def test_goroutines_are_followed_where_ids_can(growing):
    early, late = split_at(growing, None, None)
    row = next(line for line in printed(compared(early, late)).splitlines() if "+50" in line and "in all" not in line)
    assert row.split()[:6] == ["11", "61", "+50", "51", "1", "10"]


def test_one_dump_on_each_side_says_nothing_of_a_fix(growing):
    text = printed(compared(gs.first(growing), gs.latest(growing)))
    assert "One dump on a side" in text
    assert "The fix" not in text
    assert "1 dump, 2026-11-23 08:00:00 UTC; 11 goroutines\n" in text


def test_nothing_changed(fixed):
    assert "No group changed in number (1 group)." in printed(compared(fixed, fixed))


def test_the_rest_is_added_up(dumps):
    sides = [gs.read(dumps("one", [3])), gs.read(dumps("other", [5], function="main.other"))]
    text = printed(compared(*sides), top=1)
    assert "in 1 more group" in text
    assert "main.ack" not in text


@pytest.mark.parametrize(
    ("start", "end", "before", "after"),
    [
        (None, None, [0], [1, 2, 3, 4, 5]),
        ("08:02", None, [0, 1, 2], [3, 4, 5]),
        ("08:01:40", "08:04:20", [0, 1, 2], [3, 4]),
        ("2026-11-23T08:01:00Z", "2026-11-23T10:03:10+02:00", [0, 1], [2, 3]),
        ("2026-11-23T08:01:00", "2026-11-23 08:02", [0, 1], [2]),
        ("07:00", "23:00", [0], [1, 2, 3, 4, 5]),
    ],
)
def test_times_choose_the_nearest_dumps(growing, start, end, before, after):
    sides = split_at(growing, start, end)
    minutes = [[time.minute for time in side.snapshots["captured_at"]] for side in sides]
    assert minutes == [before, after]


def test_a_time_of_day_is_of_the_nearest_day(dumps):
    late = gs.read(dumps("night", COUNTS, start=START.replace(hour=23, minute=58)))
    early, _ = split_at(late, "00:01", None)
    assert len(early.snapshots) == 4


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("noon", None, "'noon' is no time"),
        ("25:99", None, "is no time"),
        ("08:04", "08:02", "no dump is left"),
        ("09:00", None, "no dump is left"),
    ],
)
def test_times_that_leave_nothing_are_refused(growing, start, end, words):
    with pytest.raises(GostackError) as error:
        split_at(growing, start, end)
    assert words in str(error.value)


def test_dumps_without_times_cannot_be_split(growing):
    growing.snapshots["captured_at"] = None
    growing.snapshots["captured_at"] = growing.snapshots["captured_at"].astype("datetime64[ns, UTC]")
    with pytest.raises(GostackError, match="no dump has a time"):
        split_at(growing, None, None)


@pytest.mark.parametrize(
    ("least", "fails"), [(None, False), ("undecided", True), ("new-growth", True), ("still-grows", True)]
)
def test_the_exit_status_of_growth(growing, least, fails):
    assert compared(growing, growing).fails(least) is fails


@pytest.mark.parametrize(("least", "fails"), [("undecided", True), ("new-growth", False), ("still-grows", False)])
def test_the_exit_status_of_doubt(growing, fixed, least, fails):
    assert compared(gs.first(growing), fixed).fails(least) is fails


def test_a_fix_never_fails(growing, fixed):
    assert not compared(growing, fixed).fails("undecided")


def test_json_has_the_verdict_and_both_tables(growing, fixed):
    text = as_json(compared(growing, fixed))
    found = json.loads(text)
    assert text.isascii()
    assert found["verdict"] == "fixed"
    assert [row["change"] for row in found["compare"]] == [-50]
    assert [row["scope"] for row in found["verify_fix"]] == ["total", "group"]
    assert found["verify_fix"][0]["user_function"] is None


def test_what_steers_a_terminal_is_escaped(dumps):
    hostile = gs.read(dumps("hostile", COUNTS, function="main.\x1b[2J[red]f"))
    text = printed(compared(hostile, hostile, names=("[bold]a\x1b[2J", "b\x07")))
    early, late = split_at(hostile, None, None)
    text += printed(compared(early, late))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]f" in text
    assert "[bold]a" in text
