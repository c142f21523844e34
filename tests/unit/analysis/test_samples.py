import pandas as pd
import pytest

from gostack_nb.analysis.samples import describe_series, metric_name, nearest_samples, samples_by_process
from gostack_nb.errors import MissingColumnError

START = pd.Timestamp("2026-01-01T00:00:00Z")


def _times(seconds):
    times = [START + pd.Timedelta(seconds=second) for second in seconds]
    return pd.DatetimeIndex(times, tz="UTC").as_unit("ns")


def _metric(seconds, values, **labels):
    return pd.DataFrame({"captured_at": _times(seconds), "value": values, **labels})


def _snapshots(*rows):
    """Make snapshots of (service, instance, second)."""
    table = pd.DataFrame(rows, columns=["service", "instance", "second"])
    return table.assign(captured_at=_times(table["second"]))


def _values(metric, *rows):
    """Return the values of each process, in the order of process numbers."""
    samples = samples_by_process(metric, _snapshots(*rows))
    return [rows["value"].tolist() for _, rows in samples.groupby("process")]


def test_the_only_series_is_of_the_only_process_whatever_their_names():
    metric = _metric([0, 5], [3.0, 4.0], job="push", instance="10.0.0.1:9100", pod="push-0")
    assert _values(metric, ("push", "10.0.0.1:6060", 0)) == [[3.0, 4.0]]
    assert _values(_metric([0], [3.0]), (None, None, 0)) == [[3.0]]


def test_series_belong_to_processes_by_name():
    metric = pd.concat(
        [_metric([0], [1.0], service="push", instance="a"), _metric([0], [2.0], service="push", instance="b")]
    )
    assert _values(metric, ("push", "a", 0), ("push", "b", 0)) == [[1.0], [2.0]]
    assert _values(metric, ("push", "b", 0)) == [[2.0]]
    assert _values(metric, (None, "b", 0)) == [[2.0]]
    assert _values(metric.drop(columns="service"), ("push", "b", 0)) == [[2.0]]
    assert _values(metric, ("pull", "b", 0)) == []
    assert _values(metric, (None, None, 0)) == []


def test_the_series_with_all_names_goes_before_one_with_fewer():
    metric = pd.concat(
        [_metric([0], [1.0], service=None, instance="a"), _metric([0], [2.0], service="push", instance="a")]
    )
    assert _values(metric, ("push", "a", 0)) == [[2.0]]


def test_several_series_of_one_time_cannot_be_told_apart():
    metric = pd.concat([_metric([0, 5], [1.0, 1.0], instance="a", pod="x"), _metric([5], [2.0], instance="a", pod="y")])
    with pytest.raises(
        ValueError, match=r"2 series of the metric fit push a: instance=a, pod=x; instance=a, pod=y\. Hint"
    ):
        samples_by_process(metric, _snapshots(("push", "a", 0)))


def test_series_that_follow_each_other_are_one_process_with_a_new_label():
    metric = pd.concat(
        [_metric([9], [2.0], instance="a", version="2"), _metric([0, 5], [1.0, 1.5], instance="a", version="1")]
    )
    assert _values(metric, ("push", "a", 0)) == [[1.0, 1.5, 2.0]]


def test_of_several_metrics_go_goroutines_is_used():
    metric = pd.concat(
        [_metric([0], [7.0], name="go_goroutines"), _metric([0], [1e9], name="process_start_time_seconds")]
    )
    assert _values(metric, ("push", "a", 0)) == [[7.0]]
    assert metric_name(metric) == "go_goroutines"
    other = metric.assign(name=["a", "b"])
    with pytest.raises(ValueError, match="several metrics, and none is go_goroutines: a, b"):
        samples_by_process(other, _snapshots(("push", "a", 0)))
    assert metric_name(other.head(1)) == "a"


def test_values_that_are_no_numbers_are_left_out():
    metric = _metric([0, 1, 2, 3], [1.0, float("nan"), float("inf"), 2.0])
    assert _values(metric.set_index(pd.Index([0, 0, 0, 0])), ("push", "a", 0)) == [[1.0, 2.0]]
    assert _values(metric.assign(value=pd.array([1, None, 3, 4], dtype="Int64")), ("p", "a", 0)) == [[1.0, 3.0, 4.0]]


def test_what_a_metric_needs():
    with pytest.raises(MissingColumnError, match="lacks value; it has captured_at"):
        samples_by_process(_metric([0], [1.0]).drop(columns="value"), _snapshots())
    naive = _metric([0], [1.0]).assign(captured_at=pd.Timestamp("2026-01-01"))
    with pytest.raises(ValueError, match="no time zone"):
        samples_by_process(naive, _snapshots())


def test_times_of_another_zone_and_resolution_are_the_same_times():
    metric = _metric([0], [1.0])
    moved = metric.assign(captured_at=metric["captured_at"].dt.tz_convert("Asia/Tokyo").dt.as_unit("ms"))
    snapshots = _snapshots(("push", "a", 3))
    assert nearest_samples(samples_by_process(moved, snapshots), snapshots)["metric"].tolist() == [1.0]


def test_the_nearest_sample_within_half_a_minute_of_the_same_process():
    metric = pd.concat(
        [
            _metric([0, 25, 100], [1.0, 2.0, 3.0], instance="a"),
            _metric([40], [9.0], instance="b"),
        ]
    )
    snapshots = _snapshots(("push", "a", 40), ("push", "b", 70), ("push", "a", 69), ("push", "b", 71)).set_index(
        "second"
    )
    near = nearest_samples(samples_by_process(metric, snapshots), snapshots)
    assert near.index.tolist() == [40, 70, 69, 71]
    assert near["metric"].astype(object).where(near["metric"].notna(), None).tolist() == [2.0, 9.0, None, None]
    assert near["metric_at"].tolist()[:2] == list(_times([25, 40]))
    assert near.dtypes.astype(str).to_dict() == {"metric": "Float64", "metric_at": "datetime64[ns, UTC]"}


def test_snapshots_without_times_and_metrics_without_samples():
    undated = _snapshots(("push", "a", 0)).assign(
        captured_at=pd.Series([pd.NaT]).dt.tz_localize("UTC").dt.as_unit("ns")
    )
    assert nearest_samples(samples_by_process(_metric([0], [1.0]), undated), undated)["metric"].isna().all()
    snapshots = _snapshots(("push", "a", 0))
    assert nearest_samples(samples_by_process(_metric([], []), snapshots), snapshots)["metric"].isna().all()
    assert samples_by_process(_metric([0], [1.0]), _snapshots()).empty


def test_long_lists_of_series_are_cut():
    metric = pd.concat([_metric([0], [1.0], pod=f"p{number}") for number in range(7)])
    assert describe_series(metric) == "pod=p0; pod=p1; pod=p2; pod=p3; pod=p4 and 2 more"
    assert describe_series(_metric([], [])) == ""
