from pathlib import Path

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.analysis.decomposition import MEASURES, decompose
from gostack_nb.errors import MissingColumnError

DATA = Path(__file__).parents[3] / "data" / "push-incident"


def _rows(**counts):
    """Give `main.<name>` `counts[name][n]` goroutines in snapshot `s<n>`."""
    return [
        {"snapshot_id": f"s{place}", "function": f"main.{name}"}
        for name, per_snapshot in counts.items()
        for place, count in enumerate(per_snapshot)
        for _ in range(count)
    ]


def _wide(table):
    """Return one row per snapshot: the counts by the first word of the group."""
    counts = table.assign(group=table["group"].astype(str).str.split(",").str[0])
    wide = counts.pivot_table("count", "snapshot_id", "group", aggfunc="sum", observed=True)
    return {name: wide[name].tolist() for name in wide}


def _samples(*seconds_and_values, **more):
    return [{"name": "go_goroutines", "at": at, "value": float(value), **more} for at, value in seconds_and_values]


def test_the_groups_add_up_to_the_dump_and_the_gap_to_the_metric(dataset):
    # snapshots at 0, 600, 1200 s; totals 9, 11, 14
    rows = _rows(pool=[6, 6, 6], leak=[1, 3, 6], other_a=[1, 1, 1], other_b=[1, 1, 1])
    table = decompose(dataset(rows, metrics=_samples((2, 10), (620, 11), (1231, 99))), top=2)
    assert _wide(table) == {"main.leak": [1, 3, 6], "main.pool": [6, 6, 6], "other": [2, 2, 2]}
    assert table["total"].tolist() == [9] * 3 + [11] * 3 + [14] * 3
    per_snapshot = table.drop_duplicates("snapshot_id")
    assert per_snapshot["gap"].tolist()[:2] == [1.0, 0.0]
    assert per_snapshot[["metric", "gap", "metric_at"]].isna().all(axis=1).tolist() == [False, False, True]
    assert table["group"].cat.categories.tolist() == [
        "main.leak, chan receive, main.go:10",
        "main.pool, chan receive, main.go:10",
        "other",
    ]
    assert table.head(3)["user_function"].astype(object).where(lambda c: c.notna(), None).tolist() == [
        "main.leak",
        "main.pool",
        None,
    ]


def test_dtypes(dataset):
    table = decompose(dataset(_rows(a=[1, 2])))
    assert table.columns[: len(MEASURES)].tolist() == list(MEASURES)
    assert table.dtypes.astype(str)[["captured_at", "group", "count", "total", "metric", "gap"]].tolist() == [
        "datetime64[ns, UTC]",
        "category",
        "int64",
        "int64",
        "Float64",
        "Float64",
    ]


def test_groups_that_changed_come_first_in_both_directions_then_the_biggest(dataset):
    rows = _rows(big=[90, 91], gone=[60, 0], leak=[0, 80], request=[1, 0], pool=[70, 70], some=[3, 5])
    names = decompose(dataset(rows), top=6)["group"].cat.categories
    assert [name.split(",")[0] for name in names] == [
        "main.leak",
        "main.gone",
        "main.big",  # its change by 1 says nothing
        "main.pool",
        "main.some",  # nor does one of less than 5 % of the first
        "main.request",
        "other",
    ]


def test_a_cut_dump_is_no_change(dataset):
    rows = _rows(pool=[50, 5, 50], leak=[2, 1, 9])
    snapshots = [{"snapshot_id": f"s{n}", "at": 600 * n, "truncated": n == 1} for n in range(3)]
    table = decompose(dataset(rows[:], snapshots=snapshots, metrics=_samples((600, 58))))
    assert table["group"].cat.categories[0].startswith("main.leak")
    cut = table[table["truncated"]]
    assert cut["gap"].tolist() == [52.0] * 3
    last_cut = [{**row, "truncated": row["snapshot_id"] == "s2"} for row in snapshots]
    assert decompose(dataset(_rows(pool=[50, 50, 5], leak=[2, 9, 1]), snapshots=last_cut))["group"][0].startswith(
        "main.leak"
    )


def test_processes_have_the_same_groups_and_their_own_metric(dataset):
    rows = [{"snapshot_id": name, "function": f"main.{f}"} for name, fs in {"a": "xxy", "b": "y"}.items() for f in fs]
    snapshots = [{"snapshot_id": name, "at": 0, "instance": name} for name in "ab"]
    metrics = _samples((0, 5), instance="a") + _samples((0, 1), instance="b")
    table = decompose(dataset(rows, snapshots=snapshots, metrics=metrics), top=1)
    assert table[["instance", "count", "total", "gap"]].values.tolist() == [
        ["a", 2, 3, 2.0],
        ["a", 1, 3, 2.0],
        ["b", 0, 1, 0.0],
        ["b", 1, 1, 0.0],
    ]


def test_a_metric_that_is_given_goes_before_that_of_the_dumps(dataset):
    data = dataset(_rows(a=[3]), metrics=_samples((0, 3)))
    metric = pd.DataFrame({"captured_at": data.snapshots["captured_at"], "value": [8.0], "instance": "10.0.0.1:9100"})
    assert decompose(data, metric)["gap"].tolist() == [5.0, 5.0]


def test_a_metric_of_other_processes_is_an_error_and_an_empty_one_is_not(dataset):
    data = dataset(_rows(a=[1]))
    times = pd.DatetimeIndex(["2026-01-01T00:00:00Z"] * 2)
    metric = pd.DataFrame({"captured_at": times, "value": [1.0, 2.0], "instance": ["x", "y"]})
    with pytest.raises(
        ValueError, match=r"no series of the metric fits the dumps: instance=x; instance=y, and .* push a\. Hint"
    ):
        decompose(data, metric)
    assert decompose(data, metric.head(0))["gap"].isna().all()


def test_metrics_beside_the_dumps_that_do_not_fit_are_no_error(dataset):
    metrics = _samples((0, 1), instance="x") + _samples((0, 1), instance="y")
    data = dataset(_rows(a=[1]), metrics=metrics)
    assert decompose(data)["metric"].isna().all()
    assert decompose(data, data.metrics)["metric"].isna().all()


def test_dumps_without_names_are_said_so(dataset):
    snapshots = [{"snapshot_id": "s0", "at": 0, "instance": None, "service": None}]
    metric = pd.DataFrame({"captured_at": pd.DatetimeIndex(["2026-01-01T00:00:00Z"] * 2), "value": [1.0, 2.0]})
    with pytest.raises(ValueError, match="a process without a name"):
        decompose(dataset(_rows(a=[1]), snapshots=snapshots), metric.assign(instance=["x", "y"]))


def test_another_key_has_its_own_columns_and_names(dataset):
    rows = [
        {"snapshot_id": "s0", "state": "select", "labels": '{"role":"ack"}'},
        {"snapshot_id": "s0", "state": None},
    ]
    by_state = decompose(dataset(rows), by="state")
    assert by_state["group"].tolist() == ["select", "state not known", "other"]
    assert by_state.columns[len(MEASURES) :].tolist() == ["state"]
    by_label = decompose(dataset(rows), by=("label:role", "created_by"))
    assert by_label["group"].tolist() == ["ack, main.main", "label:role not known, main.main", "other"]
    by_stack = decompose(dataset(rows), by="signature")
    assert "state" not in by_stack
    assert by_stack["group"].tolist() == ["main.work, main.go:10", "other"]


def test_equal_names_are_told_apart(dataset):
    same = {"snapshot_id": "s0"}
    rows = [
        {**same, "created_by": "main.a"},
        {**same, "created_by": "main.b"},
        {**same, "signature": "x1", "stack_id": "x1"},
        {**same, "signature": "x2", "stack_id": "x2"},
        {**same, "function": "main.alone"},
    ]
    work = "main.work, chan receive, main.go:10, created by main"
    assert sorted(decompose(dataset(rows))["group"].astype(str)) == [
        "main.alone, chan receive, main.go:10",
        f"{work}.a",
        f"{work}.b",
        f"{work}.main, x1",
        f"{work}.main, x2",
        "other",
    ]
    named_other = [{**same, "labels": '{"role":"other"}'}]
    assert decompose(dataset(named_other), by="label:role")["group"].tolist() == ["other (2)", "other"]


def test_frames_of_the_standard_library_alone_are_named_by_the_leaf(dataset):
    rows = [{"snapshot_id": "s0", "user_function": None, "user_file": None, "user_line": None, "function": "net.Read"}]
    assert decompose(dataset(rows))["group"][0].startswith("net.Read, chan receive, main.go:10")


def test_no_goroutines_no_snapshots(dataset):
    data = dataset([], snapshots=[{"snapshot_id": "s0", "at": 0}], metrics=_samples((0, 4)))
    table = decompose(data)
    assert table[["group", "count", "total", "gap"]].values.tolist() == [["other", 0, 0, 4.0]]
    empty = decompose(dataset([], snapshots=[]))
    assert empty.empty
    assert empty.columns.tolist() == table.columns.tolist()


def test_without_named_groups_everything_is_other(dataset):
    assert decompose(dataset(_rows(a=[2, 3])), top=0)["count"].tolist() == [2, 3]


def test_snapshots_without_a_time_have_no_metric(dataset):
    snapshots = [{"snapshot_id": "s0"}]
    table = decompose(dataset(_rows(a=[2]), snapshots=snapshots, metrics=_samples((0, 4))))
    assert table["captured_at"].isna().all()
    assert table["gap"].isna().all()


def test_the_argument_is_not_changed_and_its_order_does_not_matter(incident):
    before = incident.goroutines.copy()
    table = decompose(incident)
    assert incident.goroutines.equals(before)
    shuffled = incident.with_goroutines(incident.goroutines.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(decompose(shuffled), table)
    sums = table.groupby("snapshot_id")["count"].sum()
    assert sums.tolist() == [22, 27, 32]


def test_missing_column(incident):
    with pytest.raises(MissingColumnError, match="lacks signature"):
        decompose(incident.with_goroutines(incident.goroutines.drop(columns="signature")))


@pytest.mark.parametrize(("name", "gaps"), [("leak", {-1: 1, 0: 12}), ("fixed", {0: 13})])
def test_on_the_recorded_incident_dump_and_metric_agree(name, gaps):
    table = decompose(gs.read(DATA / name))
    assert table.drop_duplicates("snapshot_id")["gap"].astype(int).value_counts().to_dict() == gaps
    sums = table.groupby("snapshot_id", observed=True).agg({"count": "sum", "total": "first"})
    assert sums["count"].equals(sums["total"].rename("count"))
    if name == "leak":
        top = table[table["group"] == table["group"].cat.categories[0]]
        assert top["user_function"].iloc[0] == "main.(*session).ackLoop"
        assert (top["count"].iloc[0], top["count"].iloc[-1]) == (29, 154)
