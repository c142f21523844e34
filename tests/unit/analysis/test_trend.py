"""The course of a total: hand-made series of dumps."""

import pandas as pd
import pytest

from gostack_nb.analysis.trend import trends
from gostack_nb.model.dataset import Dataset


def series(make_dataset, counts, *, instance="a", truncated=False, apart=60) -> Dataset:
    rows = [
        {"snapshot_id": f"{instance}{place}", "goroutine_id": 1 + number}
        for place, count in enumerate(counts)
        for number in range(count)
    ]
    snapshots = [
        {
            "snapshot_id": f"{instance}{place}",
            "at": apart * place,
            "instance": instance,
            "form": "debug=2",
            "truncated": truncated,
        }
        for place in range(len(counts))
    ]
    return make_dataset(rows, snapshots=snapshots)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ([100, 110, 120, 130], "grows"),
        ([130, 120, 110, 100], "falls"),
        ([100, 100, 100, 100], "flat"),
        ([100, 103, 99, 101], "flat"),
        ([100, 900, 100, 900, 104], "open"),
        ([100, 100], "open"),
        ([100, 110, 120], "open"),
        ([100, 300, 80, 160], "open"),
    ],
)
def test_verdict(dataset, counts, verdict):
    [trend] = trends(series(dataset, counts))
    assert trend.verdict == verdict
    assert (trend.first, trend.last, trend.change) == (counts[0], counts[-1], counts[-1] - counts[0])


def test_the_rate_is_per_hour(dataset):
    [trend] = trends(series(dataset, [10, 11, 12, 13]))
    assert (trend.rate, trend.low, trend.high) == (pytest.approx(60), pytest.approx(60), pytest.approx(60))
    assert trend.duration == pd.Timedelta(minutes=3)


def test_dumps_within_a_second_have_no_rate(dataset):
    [trend] = trends(series(dataset, [10, 20, 30, 40], apart=0.3))
    assert (trend.rate, trend.low, trend.high, trend.verdict) == (None, None, None, "open")


@pytest.mark.parametrize("counts", [[], [100]])
def test_one_moment_is_no_course(dataset, counts):
    assert trends(series(dataset, counts)) == []


def test_dumps_that_are_cut_are_not_compared(dataset):
    assert trends(series(dataset, [10, 20, 30, 40], truncated=True)) == []


def test_each_process_has_its_own_and_the_fastest_comes_first(dataset):
    calm, growing = series(dataset, [40, 40, 40, 40]), series(dataset, [10, 30, 50, 70], instance="b")
    tables = {
        name: pd.concat([getattr(calm, name).astype("object"), getattr(growing, name).astype("object")])
        for name in ("goroutines", "snapshots")
    }
    both = dataset(tables["goroutines"].to_dict("records"), snapshots=_rows(tables["snapshots"]))
    found = trends(both)
    assert [(trend.process, trend.first, trend.last) for trend in found] == [("push b", 10, 70), ("push a", 40, 40)]


def _rows(snapshots):
    wanted = ["snapshot_id", "instance", "form", "truncated"]
    return [{**row, "at": 60 * (place % 4)} for place, row in enumerate(snapshots[wanted].to_dict("records"))]
