import numpy as np
import pandas as pd
import pytest

from gostack_nb.analysis.growth import count_by_snapshot, growth, movements, total_by_snapshot
from gostack_nb.errors import MissingColumnError


def _rows(counts, **more):
    """Give `counts[n]` goroutines to snapshot `s<n>`, with ids from 1 in each."""
    return [
        {"snapshot_id": f"s{place}", "goroutine_id": 1 + number, **more}
        for place, count in enumerate(counts)
        for number in range(count)
    ]


def _one(table, function):
    return table[table["user_function"] == function].iloc[0]


def test_the_incident(incident):
    table = growth(incident)
    ack = table.iloc[0]
    assert ack["user_function"] == "main.ack"
    assert [ack[name] for name in ("first", "last", "min", "max", "change")] == [5, 15, 5, 15, 10]
    assert (ack["rate_per_hour"], ack["rate_low"], ack["rate_high"]) == (30.0, 30.0, 30.0)
    assert (ack["arrivals"], ack["exits"], ack["arrival_intervals"], ack["id_intervals"]) == (10, 0, 2, 2)
    assert ack["never_fell"]
    assert (ack["snapshots"], ack["truncated_snapshots"], ack["hours"]) == (3, 0, pytest.approx(1 / 3))
    read = _one(table, "main.read")
    assert (read["change"], read["rate_per_hour"], read["arrivals"], read["exits"]) == (0, 0.0, 10, 10)
    worker = _one(table, "main.worker")
    assert (worker["arrivals"], worker["exits"], worker["arrival_intervals"]) == (0, 0, 0)


def test_dtypes(incident):
    dtypes = growth(incident).dtypes.astype(str)
    assert set(dtypes[["first", "last", "min", "max", "change", "snapshots", "id_intervals"]]) == {"int64"}
    assert set(dtypes[["rate_per_hour", "rate_low", "rate_high"]]) == {"Float64"}
    assert set(dtypes[["arrivals", "exits", "moved_in", "moved_out", "arrival_intervals"]]) == {"Int64"}
    assert dtypes["never_fell"] == "boolean"


def test_theil_sen_by_hand(dataset):
    # counts 2, 5, 4, 8 at 0, 1, 2, 3 hours: pair slopes 3, 1, 2, -1, 1.5, 4, so the median is 1.75
    snapshots = [{"snapshot_id": f"s{n}", "at": 3600 * n} for n in range(4)]
    row = growth(dataset(_rows([2, 5, 4, 8]), snapshots=snapshots)).iloc[0]
    assert row["rate_per_hour"] == pytest.approx(1.75)
    assert row["rate_low"] == pytest.approx(-1.0)
    assert row["rate_high"] == pytest.approx(4.0)
    assert not row["never_fell"]


def test_absent_is_zero_in_counts(dataset):
    rows = _rows([1, 1, 1]) + _rows([0, 3, 0], function="main.burst")
    burst = _one(growth(dataset(rows)), "main.burst")
    assert [burst[name] for name in ("first", "last", "min", "max", "change")] == [0, 0, 0, 3, 0]


@pytest.mark.parametrize("times", [[0], [0, 600], [0, 600, 600], [0, 600, None], [None, None, None], [0, 0.3, 0.6]])
def test_rates_need_three_distinct_times(dataset, times):
    snapshots = [{"snapshot_id": f"s{n}", "at": at} for n, at in enumerate(times)]
    table = growth(dataset(_rows(range(1, len(times) + 1)), snapshots=snapshots))
    assert table[["rate_per_hour", "rate_low", "rate_high"]].isna().all(axis=None)
    assert table["change"].tolist() == [len(times) - 1]


def test_one_snapshot_tells_no_growth(dataset):
    row = growth(dataset(_rows([4]))).iloc[0]
    assert (row["first"], row["last"], row["change"]) == (4, 4, 0)
    assert row[["never_fell", "arrivals", "exits", "rate_per_hour"]].isna().all()


def test_forms_without_ids_tell_no_arrivals(dataset):
    row = growth(dataset(_rows([1, 2, 3], goroutine_id=None))).iloc[0]
    assert row["change"] == 2
    assert row[["arrivals", "exits", "moved_in", "moved_out", "arrival_intervals"]].isna().all()
    assert row["id_intervals"] == 0


def test_moved_between_groups_is_neither_arrival_nor_exit(dataset):
    rows = [
        {"snapshot_id": "s0", "goroutine_id": 1, "function": "main.a"},
        {"snapshot_id": "s0", "goroutine_id": 2, "function": "main.a"},
        {"snapshot_id": "s1", "goroutine_id": 1, "function": "main.b"},
        {"snapshot_id": "s1", "goroutine_id": 3, "function": "main.b"},
    ]
    table = movements(dataset(rows), by="top_function").set_index("top_function")
    names = ["arrivals", "exits", "moved_in", "moved_out"]
    assert table.loc["main.a", names].tolist() == [0, 1, 0, 1]
    assert table.loc["main.b", names].tolist() == [1, 0, 1, 0]


def test_enormous_ids_are_told_apart(dataset):
    big = 2**61
    rows = [{"snapshot_id": f"s{n}", "goroutine_id": big + i} for n, i in [(0, 0), (0, 1), (1, 1), (1, 2), (1, 3)]]
    row = movements(dataset(rows)).iloc[0]
    assert (row["arrivals"], row["exits"]) == (2, 1)


def test_a_truncated_dump_is_no_evidence_of_exits(dataset):
    snapshots = [{"snapshot_id": f"s{n}", "at": 600 * n, "truncated": n == 1} for n in range(4)]
    row = growth(dataset(_rows([9, 2, 9, 8]), snapshots=snapshots)).iloc[0]
    assert (row["exits"], row["arrivals"], row["id_intervals"], row["truncated_snapshots"]) == (1, 0, 1, 1)


def test_a_change_of_form_is_not_a_change_of_the_program(dataset):
    counted = {"state": None, "created_by": None, "creator_id": None, "goroutine_id": None}
    rows = _rows([2, 2]) + [{"snapshot_id": "s2", **counted}] * 2
    snapshots = [{"snapshot_id": f"s{n}", "at": 600 * n, "form": "debug=1" if n == 2 else "debug=2"} for n in range(3)]
    table = growth(dataset(rows, snapshots=snapshots))
    assert table["change"].tolist() == [0]
    assert table["snapshots"].tolist() == [3]
    assert table["state"].isna().all()
    assert table["created_by"].isna().all()


def test_growth_is_measured_after_the_last_restart(dataset):
    rows = [
        *_rows([40, 50], created_by="main.old"),
        *[{"snapshot_id": "s2", "goroutine_id": n} for n in (1, 2)],
        *[{"snapshot_id": "s3", "goroutine_id": n} for n in (1, 2, 3)],
    ]
    data = dataset(rows)
    assert growth(data)[["first", "last", "snapshots", "arrivals"]].values.tolist() == [[2, 3, 2, 1]]
    counts = count_by_snapshot(data)
    assert counts.groupby("snapshot_id", observed=True)["count"].sum().tolist() == [40, 50, 2, 3]


def test_processes_grow_apart(dataset):
    rows = [
        {"snapshot_id": name, "goroutine_id": n}
        for name, count in {"a0": 1, "a1": 4, "b0": 3, "b1": 2}.items()
        for n in range(1, count + 1)
    ]
    snapshots = [
        {"snapshot_id": name, "at": 600 * int(name[1]), "instance": name[0]} for name in ("a0", "b0", "a1", "b1")
    ]
    table = growth(dataset(rows, snapshots=snapshots))
    assert table[["instance", "first", "last", "arrivals", "exits"]].values.tolist() == [
        ["a", 1, 4, 3, 0],
        ["b", 3, 2, 0, 1],
    ]


def test_count_by_snapshot_has_zeros_and_the_biggest_group_first(dataset):
    rows = _rows([1, 1, 1]) + _rows([0, 3, 0], function="main.burst")
    table = count_by_snapshot(dataset(rows))
    assert table["user_function"].tolist() == ["main.burst"] * 3 + ["main.work"] * 3
    assert table["count"].tolist() == [0, 3, 0, 1, 1, 1]
    assert table["snapshot_id"].tolist() == ["s0", "s1", "s2"] * 2
    assert str(table.dtypes["captured_at"]) == "datetime64[ns, UTC]"
    assert table["captured_at"].is_monotonic_increasing is False


def test_totals_beside_the_nearest_sample(dataset):
    metrics = [
        {"name": "go_goroutines", "at": 10, "value": 7.0},
        {"name": "go_goroutines", "at": 2, "value": 5.0},
        {"name": "go_threads", "at": 0, "value": 99.0},
        {"name": "go_goroutines", "at": 600, "value": 1.0, "instance": "b"},
        {"name": "go_goroutines", "at": 1231, "value": 8.0},
    ]
    table = total_by_snapshot(dataset(_rows([3, 4, 5]), metrics=metrics))
    assert table["goroutines"].tolist() == [3, 4, 5]
    assert table["go_goroutines"].isna().tolist() == [False, True, True]
    assert table["go_goroutines"][0] == 5.0


def test_totals_of_a_snapshot_without_goroutines(dataset):
    data = dataset([{"snapshot_id": "a"}], snapshots=[{"snapshot_id": "a", "at": 0}, {"snapshot_id": "b", "at": 60}])
    assert total_by_snapshot(data)["goroutines"].tolist() == [1, 0]
    assert growth(data)["last"].tolist() == [0]


def test_empty_dataset(dataset, incident):
    empty = dataset([], snapshots=[])
    assert growth(empty).columns.tolist() == growth(incident).columns.tolist()
    assert count_by_snapshot(empty).columns.tolist() == count_by_snapshot(incident).columns.tolist()
    assert total_by_snapshot(empty).empty
    assert movements(empty).empty


def test_missing_column(incident):
    with pytest.raises(MissingColumnError, match="lacks goroutine_id"):
        growth(incident.with_goroutines(incident.goroutines.drop(columns="goroutine_id")))


def test_scipy_is_loaded_by_need():
    assert "scipy" not in vars(__import__("gostack_nb.analysis.growth", fromlist=["growth"]))


def test_rows_of_other_snapshots_are_left_out(incident):
    """A filtered dataset keeps working: rows of snapshots that are not listed do not count."""
    listed = incident.snapshots["snapshot_id"].isin(["s0", "s1"])
    part = type(incident)(
        incident.goroutines, incident.stacks, incident.snapshots[listed], incident.issues, incident.metrics
    )
    assert _one(growth(part), "main.ack")["last"] == 10
    assert np.array_equal(total_by_snapshot(part)["goroutines"], [22, 27])
    assert isinstance(part.goroutines, pd.DataFrame)
