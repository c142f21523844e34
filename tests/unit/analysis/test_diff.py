import pytest

from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.snapshots import only
from gostack_nb.errors import MissingColumnError


def _row(table, function):
    return table[table["user_function"] == function].iloc[0]


def test_the_incident_first_to_last(incident):
    table = compare(only(incident, "s0"), only(incident, "s2"))
    names = ["before", "after", "change", "arrived", "left", "stayed"]
    assert table["user_function"].iloc[0] == "main.ack"
    assert _row(table, "main.ack")[names].tolist() == [5, 15, 10, 10, 0, 5]
    assert _row(table, "main.read")[names].tolist() == [5, 5, 0, 5, 5, 0]
    assert _row(table, "main.worker")[names].tolist() == [6, 6, 0, 0, 0, 6]
    assert table.dtypes[names].astype(str).tolist() == ["int64"] * 3 + ["Int64"] * 3


def test_of_a_dataset_the_latest_snapshot_is_compared(incident):
    table = compare(only(incident, "s1"), incident)
    assert _row(table, "main.ack")[["before", "after"]].tolist() == [10, 15]


def test_bare_tables(incident):
    before, after = (only(incident, name).goroutines for name in ("s0", "s1"))
    assert _row(compare(before, after), "main.ack")[["before", "after", "arrived"]].tolist() == [5, 10, 5]
    with pytest.raises(ValueError, match=r"holds 3 snapshots \(s0, s1, s2\)"):
        compare(before, incident.goroutines)


def test_a_group_on_one_side_only(goroutines):
    before = goroutines([{"function": "main.a"}] * 2 + [{"function": "main.c"}])
    after = goroutines([{"function": "main.b", "created_by": None}] * 3 + [{"function": "main.c"}])
    table = compare(before, after)
    assert table["user_function"].tolist() == ["main.b", "main.a", "main.c"]
    assert table["change"].tolist() == [3, -2, 0]
    assert table["created_by"].isna().tolist() == [True, False, False]


def test_moved_lines_and_a_newer_go_are_no_change(goroutines):
    old = [{"state": "semacquire", "top_frames": "sync.runtime_Semacquire < sync.(*WaitGroup).Wait", "line": 10}]
    new = [{"state": "sync.WaitGroup.Wait", "top_frames": "sync.(*WaitGroup).Wait", "line": 12}]
    table = compare(goroutines(old), goroutines(new))
    assert table[["before", "after", "change"]].values.tolist() == [[1, 1, 0]]
    assert table["user_location"].tolist() == ["/app/main.go:12"]
    assert len(compare(goroutines(old), goroutines(new), by="user_location")) == 2


def test_another_process_has_no_arrivals(goroutines):
    before = goroutines([{"goroutine_id": 7, "created_by": "main.a"}])
    after = goroutines([{"goroutine_id": 7, "created_by": "main.b"}])
    assert compare(before, after)[["arrived", "left", "stayed"]].isna().all(axis=None)


def test_another_instance_has_no_arrivals(dataset):
    sides = [
        dataset([{"goroutine_id": 7}], snapshots=[{"snapshot_id": "s0", "at": 0, "instance": name}]) for name in "ab"
    ]
    table = compare(*sides)
    assert table[["before", "after"]].values.tolist() == [[1, 1]]
    assert table[["arrived", "left", "stayed"]].isna().all(axis=None)
    assert compare(sides[0], sides[0])["stayed"].tolist() == [1]


def test_a_truncated_dump_proves_no_exit(dataset):
    cut = dataset([{"goroutine_id": 7}], snapshots=[{"snapshot_id": "s0", "at": 0, "truncated": True}])
    whole = dataset([{"goroutine_id": 7}, {"goroutine_id": 8}])
    assert compare(whole, cut)["left"].isna().all()


def test_a_form_without_states_compares_without_them(goroutines):
    counted = {"goroutine_id": None, "state": None, "created_by": None, "creator_id": None}
    table = compare(goroutines([{"goroutine_id": 7}] * 2), goroutines([counted] * 3))
    assert table[["before", "after"]].values.tolist() == [[2, 3]]
    assert table[["state", "created_by", "arrived"]].isna().all(axis=None)


def test_several_processes_are_added_up(dataset):
    def fleet(*ids):
        rows = [{"snapshot_id": name, "goroutine_id": one} for name in "ab" for one in ids]
        return dataset(rows, snapshots=[{"snapshot_id": name, "at": 0, "instance": name} for name in "ab"])

    table = compare(fleet(1, 2), fleet(2, 3, 4))
    assert table[["before", "after", "arrived", "left", "stayed"]].values.tolist() == [[4, 6, 4, 2, 2]]


def test_empty_sides(goroutines, dataset, incident):
    empty = dataset([], snapshots=[])
    assert compare(empty, empty).empty
    table = compare(empty, only(incident, "s0"))
    assert table["before"].sum() == 0
    assert table["after"].sum() == 22
    assert compare(goroutines([]), goroutines([])).columns.tolist() == table.columns.tolist()


def test_missing_column(goroutines):
    with pytest.raises(MissingColumnError, match="lacks creator_id"):
        compare(goroutines([]).drop(columns="creator_id"), goroutines([]))
