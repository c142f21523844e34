"""The whole way, on small datasets by hand: what a series tells, and how the verdict weakens with what is missing."""

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.analysis.suspects import suspects
from tests.unit.analysis.suspects.conftest import born, series

MINUTE = 60


def at(*minutes, **more):
    return [{"snapshot_id": f"s{n}", "at": MINUTE * one, **more} for n, one in enumerate(minutes)]


def leaking(*counts, function="main.leak", **more):
    """Return a pool of 20 and a leak with so many goroutines in each snapshot, each from a parent that is gone."""
    rows = []
    for n, count in enumerate(counts):
        here = {"snapshot_id": f"s{n}"}
        rows += born("main.main", [1], state="IO wait", created_by=None, creator_id=None, **here)
        rows += born("main.worker", range(2, 22), **here)
        for one in range(count):
            given = {"creator_id": 99 + 10 * one, "created_by": "main.handle", **more}
            rows += born(function, [100 + 10 * one], **here, **given)
    return rows


def only_row(table):
    assert len(table) == 1, table[["verdict", "top_function"]]
    return table.iloc[0]


def said(row, text):
    return any(text in reason for reason in row["reasons"])


def test_a_leak_in_a_series(dataset) -> None:
    row = only_row(suspects(dataset(leaking(3, 5, 8), snapshots=at(0, 1, 2))))
    assert (row["rank"], row["verdict"], row["count"], row["top_function"]) == (1, "strong", 8, "main.leak")
    assert row["share"] == pytest.approx(8 / 29)
    assert row["rate_per_hour"] == pytest.approx(150)
    assert row["top_location"] == "/app/main.go:10"
    assert "5 goroutines arrived in 2 of 2 intervals and none left." in row["reasons"]


def test_the_columns_are_the_contract(dataset) -> None:
    table = suspects(dataset(leaking(3, 5)))
    assert table.columns.tolist() == [
        "rank",
        "verdict",
        "stack_id",
        "signature",
        "state",
        "top_function",
        "top_location",
        "user_function",
        "user_location",
        "count",
        "share",
        "rate_per_hour",
        "pattern",
        "reasons",
    ]
    assert table["reasons"].map(type).eq(list).all()


def test_nobody_is_suspected_for_size(dataset) -> None:
    table = suspects(dataset(series("main.worker", range(2, 5000), range(2, 5000), range(2, 5000))))
    assert table.empty
    assert table.columns.tolist()[0] == "rank"


def test_no_goroutines_at_all(dataset) -> None:
    assert suspects(dataset([])).empty


def test_the_incident(incident) -> None:
    row = suspects(incident).iloc[0]
    assert (row["verdict"], row["top_function"], row["count"]) == ("strong", "main.ack", 15)
    assert said(row, "10 goroutines arrived in 2 of 2 intervals and none left")
    assert said(row, "5 are due by the siblings that main.accept starts: these are 10 more")


def test_from_one_dump_of_the_incident(incident) -> None:
    row = suspects(gs.only(incident, "s2")).iloc[0]
    assert (row["verdict"], row["top_function"]) == ("strong", "main.ack")


def test_two_dumps_are_one_interval(dataset) -> None:
    row = only_row(suspects(dataset(leaking(3, 8, state="select"), snapshots=at(0, 1))))
    assert row["verdict"] == "undecided"
    assert said(row, "5 goroutines arrived in 1 of 1 interval and none left")
    assert said(row, "take another after")


def test_two_dumps_and_parents_gone_all_along(dataset) -> None:
    assert only_row(suspects(dataset(leaking(3, 8), snapshots=at(0, 1))))["verdict"] == "strong"


def test_one_dump_says_what_it_cannot_show(dataset) -> None:
    row = only_row(suspects(dataset(leaking(8, state="select"))))
    assert row["verdict"] == "undecided"
    assert said(row, "One dump cannot show who arrives and who leaves")


def test_unequal_intervals(dataset) -> None:
    row = only_row(suspects(dataset(leaking(3, 4, 4, 13), snapshots=at(0, 1, 2, 10))))
    assert row["verdict"] == "strong"
    assert row["rate_per_hour"] == pytest.approx(60, rel=0.05)
    assert said(row, "10 goroutines arrived in 2 of 3 intervals")


def test_times_that_are_not_known(dataset) -> None:
    row = only_row(suspects(dataset(leaking(3, 5, 8), snapshots=[{"snapshot_id": f"s{n}"} for n in range(3)])))
    assert row["verdict"] == "strong"
    assert pd.isna(row["rate_per_hour"])


def test_a_restart_before_the_last_dump(dataset) -> None:
    before = [{**row, "goroutine_id": row["goroutine_id"] + 5000} for row in leaking(60, 80, state="select")]
    after = [{**row, "snapshot_id": "s2"} for row in leaking(8, state="select")]
    row = only_row(suspects(dataset(before + after, snapshots=at(0, 1, 2))))
    assert (row["verdict"], row["count"]) == ("undecided", 8)
    assert said(row, "The process was restarted: only the dump since then counts.")
    assert said(row, "One dump cannot show who arrives and who leaves")


def test_after_a_restart_the_last_run_counts(dataset) -> None:
    before = [{**row, "goroutine_id": row["goroutine_id"] + 5000} for row in leaking(40, 44)]
    after = [{**row, "snapshot_id": f"s{int(row['snapshot_id'][1]) + 2}", "line": 77} for row in leaking(3, 5, 8)]
    row = suspects(dataset(before + after, snapshots=at(0, 1, 2, 3, 4))).iloc[0]
    assert row["verdict"] == "strong"
    assert said(row, "5 goroutines arrived in 2 of 2 intervals")
    assert said(row, "Before the restart there were 44 with the same functions")  # the redeploy moved the line


def test_ids_that_a_cut_hides_have_not_left(dataset) -> None:
    rows = leaking(3, 5, 1, 8, 12)
    cut = [{**row, "truncated": row["snapshot_id"] == "s2"} for row in at(0, 1, 2, 3, 4)]
    row = only_row(suspects(dataset(rows, snapshots=cut)))
    assert row["verdict"] == "strong"
    assert said(row, "6 goroutines arrived in 2 of 2 intervals and none left")


def test_a_cut_dump_weakens_and_says_so(dataset) -> None:
    cut = at(0, 1, truncated=True)
    row = only_row(suspects(dataset(leaking(3, 8, state="select"), snapshots=cut)))
    assert row["verdict"] == "undecided"
    assert said(row, "2 of 2 dumps are cut")
    assert said(row, "No two dumps in a row have ids and are whole")


@pytest.mark.parametrize("form", ["debug=1", "debug=0"])
def test_counts_alone(dataset, form) -> None:
    unknown = {"goroutine_id": None, "creator_id": None, "created_by": None, "wait_minutes": None}
    rows = [
        {**row, **unknown, "state": None if form == "debug=1" else row.get("state", "chan receive")}
        for row in leaking(3, 5, 8)
    ]
    row = only_row(suspects(dataset(rows, snapshots=at(0, 1, 2, form=form))))
    assert row["verdict"] == "undecided"
    assert said(row, "The count rose from 3 to 8 and never fell")
    assert said(row, f"Dumps of the form {form} tell no ids, waits or creators")
    assert said(row, "take two debug=2 dumps")


def test_counts_beside_a_dump_with_ids_are_not_mixed_with_it(dataset) -> None:
    rows = leaking(3, 5, 8) + [{**row, "snapshot_id": "c", "created_by": None} for row in leaking(8)]
    snapshots = [*at(0, 1, 2), {"snapshot_id": "c", "at": 180, "form": "debug=1"}]
    assert only_row(suspects(dataset(rows, snapshots=snapshots)))["verdict"] == "strong"


def test_a_leak_profile_proves(dataset) -> None:
    rows = leaking(3, 5) + [
        {**row, "snapshot_id": "p", "leaked": True} for row in leaking(5) if row["goroutine_id"] > 99
    ]
    snapshots = [*at(0, 1), {"snapshot_id": "p", "at": 120, "form": "goroutineleak debug=1"}]
    row = only_row(suspects(dataset(rows, snapshots=snapshots)))
    assert (row["verdict"], row["reasons"][0]) == ("proven", "Go's own leak profile marks 5 of 5.")


def test_frames_of_the_standard_library_are_not_dropped(dataset) -> None:
    rows = leaking(3, 5, 8, user_function=None, user_file=None, user_line=None)
    row = only_row(suspects(dataset(rows, snapshots=at(0, 1, 2))))
    assert row["verdict"] == "strong"
    assert pd.isna(row["user_function"])
    assert said(row, "All frames are of the standard library")


def test_processes_are_taken_together(dataset) -> None:
    rows = [{**row, "snapshot_id": f"{pod}{row['snapshot_id'][1]}"} for pod in "ab" for row in leaking(3, 5, 8)]
    snapshots = [{"snapshot_id": f"{pod}{n}", "instance": pod, "at": 60 * n} for pod in "ab" for n in range(3)]
    row = only_row(suspects(dataset(rows, snapshots=snapshots)))
    assert row["count"] == 16
    assert said(row, "10 goroutines arrived in 2 of 2 intervals and none left")


def test_the_order_of_rows_does_not_matter(dataset) -> None:
    data = dataset(leaking(3, 5, 8) + leaking(2, 2, 2, function="main.other", state="select"), snapshots=at(0, 1, 2))
    mixed = data.with_goroutines(data.goroutines.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(suspects(mixed), suspects(data))


def test_the_input_is_unchanged(dataset) -> None:
    data = dataset(leaking(3, 5, 8), snapshots=at(0, 1, 2))
    before = [table.copy(deep=True) for table in (data.goroutines, data.stacks, data.snapshots)]
    suspects(data)
    for table, copy in zip((data.goroutines, data.stacks, data.snapshots), before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_a_missing_column_is_named(dataset) -> None:
    data = dataset(leaking(3))
    with pytest.raises(gs.MissingColumnError, match="creator_id"):
        suspects(data.with_goroutines(data.goroutines.drop(columns="creator_id")))
