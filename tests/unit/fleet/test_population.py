"""Which dumps count, which are the last ones, and what makes a group."""

import pandas as pd

from gostack_nb.fleet.counts import combine
from gostack_nb.fleet.population import population
from gostack_nb.fleet.ranking import rank
from tests.unit.fleet.fleets import Shot, course, fleet, row_of

WHAT = "chan receive push.ackLoop"


def test_several_forms_of_one_moment_count_once() -> None:
    counts = fleet(
        Shot({WHAT: 5}, form="debug=2", minute=0),
        Shot({"? push.ackLoop": 5}, form="debug=1", minute=0.01),
        Shot({WHAT: 5}, form="debug=0", minute=0.02),
    )
    assert population(counts).dumps["form"].tolist() == ["debug=2"]
    assert row_of(rank(counts), "push.ackLoop")["total"] == 5


def test_a_truncated_dump_gives_way_to_a_whole_one() -> None:
    whole, cut = fleet(Shot({WHAT: 9}, minute=0.01)), fleet(Shot({WHAT: 5}, form="debug=2"))
    flags = cut.dump_table.schema.get_field_index("truncated")
    cut = combine([cut]).__class__(
        dump_table=cut.dump_table.set_column(flags, cut.dump_table.schema.field(flags), [[True]]),
        cell_table=cut.cell_table,
        place_table=cut.place_table,
        stack_table=cut.stack_table,
    )
    assert row_of(rank(combine([whole, cut])), "push.ackLoop")["total"] == 9


def test_the_leak_profile_proves_and_is_not_counted() -> None:
    counts = fleet(
        Shot({WHAT: 30, "select push.reader": 3}, minute=0),
        Shot({"? push.ackLoop": 20}, form="goroutineleak debug=0", minute=0.01, leaked=True),
    )
    row = row_of(rank(counts), "push.ackLoop")
    assert (row["total"], row["leaked"], row["verdict"]) == (30, 20, "proven")
    assert row["reasons"][0] == "Go's own leak profile marks 20 goroutines with these functions."
    assert pd.isna(row_of(rank(counts), "push.reader")["verdict"])


def test_of_several_leak_profiles_of_a_process_the_greatest_counts() -> None:
    told = [
        Shot({"? push.ackLoop": count}, form="goroutineleak debug=0", minute=minute, leaked=True, instance=name)
        for name, minute, count in (("push-0", 1, 4), ("push-0", 11, 7), ("push-1", 1, 2))
    ]
    dumps = [Shot({WHAT: 9}, instance=name, minute=0) for name in ("push-0", "push-1")]
    assert row_of(rank(fleet(*told, *dumps)), "push.ackLoop")["leaked"] == 9


def test_the_last_dump_of_each_instance_counts() -> None:
    counts = fleet(*course([100, 5, 7]), *course([1, 2], instance="push-1"))
    row = row_of(rank(counts), "push.ackLoop")
    assert (row["total"], row["instances"], row["maximum"]) == (9, 2, 7)


def test_what_the_last_dump_has_no_more_is_not_listed() -> None:
    assert "push.ackLoop" not in set(rank(fleet(*course([100, 0])))["user_function"])


def test_undated_dumps_come_before_dated_ones_and_go_by_name() -> None:
    shots = [Shot({WHAT: count}, minute=None, source=f"dump-{count}.txt") for count in (10, 9, 2)]
    assert row_of(rank(fleet(*shots)), "push.ackLoop")["total"] == 10
    assert row_of(rank(fleet(*shots, Shot({WHAT: 3}, minute=0))), "push.ackLoop")["total"] == 3


def test_a_fall_to_less_than_half_is_a_new_start() -> None:
    shots = [Shot({WHAT: count}, minute=10 * n) for n, count in enumerate([100, 120, 60, 50, 24, 30])]
    dumps = population(fleet(*shots)).dumps
    assert dumps["run"].tolist() == [0, 0, 0, 0, 1, 1]  # 60 of 120 is half, 24 of 50 is less
    assert dumps["place"].tolist() == [0, 1, 2, 3, 0, 1]


def test_builds_with_moved_lines_are_one_group_and_the_place_is_that_of_most() -> None:
    counts = fleet(
        Shot({WHAT + ":9": 5}), Shot({WHAT + ":12": 3, WHAT + ":13": 4}, instance="push-1"), Shot({"select push.x": 1})
    )
    row = row_of(rank(counts), "push.ackLoop")
    assert (row["total"], row["instances"], row["holders"], row["user_location"]) == (12, 2, 2, "/srv/push.go:9")


def test_each_state_is_a_group() -> None:
    table = rank(fleet(Shot({WHAT: 5, "chan send push.ackLoop": 3, "? push.ackLoop": 2})))
    assert table["total"].tolist() == [5, 3, 2]
    assert table["state"].astype(object).fillna("-").tolist() == ["chan receive", "chan send", "-"]


def test_labels_are_those_of_the_last_dump_and_go_version_is_one() -> None:
    people = population(
        fleet(
            Shot({WHAT: 1}, minute=0, labels={"build": "1"}, go_version="go1.26"),
            Shot({WHAT: 1}, minute=9, labels={"build": "2"}, go_version="go1.27"),
            Shot({WHAT: 1}, instance="push-1", labels={"zone": "a"}),
        )
    )
    assert people.label_names == ["build", "zone", "go_version"]
    assert people.labels.astype(object).fillna("-").to_numpy().tolist() == [["2", "-", "go1.27"], ["-", "a", "-"]]


def test_nobody() -> None:
    people = population(combine([]))
    assert people.dumps.empty
    assert people.held.empty
    assert people.last.empty
    assert len(people.leaked) == 0
