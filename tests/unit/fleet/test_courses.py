"""Tables for charts: what each instance holds, and how much there was at each time."""

import pytest

from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.courses import by_instance, growth
from tests.unit.fleet.fleets import START, Shot, course, fleet

WHAT = "chan receive push.ackLoop"


def told(counts: Counts, by: str | None = None) -> list[tuple[object, ...]]:
    """List value, minute, total and instances of the only group that is looked at."""
    table = growth(counts, by=by)
    rows = table[table["user_function"] == "push.ackLoop"]
    minutes = ((rows["captured_at"] - START).dt.total_seconds() / 60).round().astype(int)
    values = rows["value"].astype(object).fillna("-")
    assert rows["mean"].tolist() == pytest.approx((rows["total"] / rows["instances"]).tolist())
    return list(zip(values, minutes, rows["total"], rows["instances"], strict=True))


def test_at_each_time_the_last_dump_by_then_counts() -> None:
    counts = fleet(*course([1, None, 5], instance="push-0"), *course([None, 10, 20], instance="push-1"))
    assert told(counts) == [("all", 0, 1, 1), ("all", 10, 11, 2), ("all", 20, 25, 2)]


def test_a_group_that_comes_and_goes() -> None:
    assert told(fleet(*course([0, 7, 0, 2]))) == [
        ("all", 0, 0, 1),
        ("all", 10, 7, 1),
        ("all", 20, 0, 1),
        ("all", 30, 2, 1),
    ]


def test_by_label() -> None:
    counts = fleet(
        *course([1, 2], labels={"build": "1"}),
        *course([3, 5], instance="push-1", labels={"build": "2"}),
        *course([7, 9], instance="push-2"),
    )
    assert told(counts, "build") == [
        ("1", 0, 1, 1),
        ("1", 10, 2, 1),
        ("2", 0, 3, 1),
        ("2", 10, 5, 1),
        ("-", 0, 7, 1),
        ("-", 10, 9, 1),
    ]


def test_an_instance_that_is_deployed_anew_changes_sides() -> None:
    counts = fleet(
        Shot({WHAT: 3}, minute=0, labels={"build": "1"}),
        Shot({WHAT: 5}, minute=10, labels={"build": "2"}),
        Shot({WHAT: 7}, instance="push-1", minute=0, labels={"build": "1"}),
        Shot({WHAT: 9}, instance="push-1", minute=10, labels={"build": "1"}),
    )
    assert told(counts, "build") == [("1", 0, 10, 2), ("1", 10, 9, 1), ("2", 10, 5, 1)]
    assert told(counts) == [("all", 0, 10, 2), ("all", 10, 14, 2)]


def test_times_of_one_sweep_are_one() -> None:
    shots = [
        Shot({WHAT: 1}, instance=f"push-{n}", minute=sweep * 60 + n * 0.05) for n in range(10) for sweep in range(3)
    ]
    assert [row[1:] for row in told(fleet(*shots))] == [(0, 10, 10), (60, 10, 10), (120, 10, 10)]


def test_dumps_without_time_are_left_out() -> None:
    assert told(fleet(Shot({WHAT: 4}, minute=None), Shot({WHAT: 5}, minute=0, instance="push-1"))) == [("all", 0, 5, 1)]
    assert growth(fleet(Shot({WHAT: 4}, minute=None))).empty


def test_an_unknown_label_is_said() -> None:
    with pytest.raises(ArgumentError, match="no instance has a label zone; there are go_version"):
        growth(fleet(Shot({WHAT: 4})), by="zone")


def test_by_instance() -> None:
    counts = fleet(
        *course([9, 2], instance="b"),
        *course([3], instance="a"),
        Shot({"select feed.f": 4}, service=None, instance="b"),
    )
    table = by_instance(counts)
    rows = table[table["user_function"] != "push.serve"]
    assert rows[["user_function", "instance", "count"]].to_numpy().tolist() == [
        ["push.ackLoop", "a", 3],
        ["push.ackLoop", "b", 2],
        ["feed.f", "b", 4],
    ]
    assert table["count"].sum() == 1000 + 1000 + 3 + 2 + 4
    assert rows["service"].isna().tolist() == [False, False, True]


def test_nobody() -> None:
    assert by_instance(combine([])).empty
    assert growth(combine([])).empty
