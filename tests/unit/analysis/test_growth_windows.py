"""Tables of a metric: series, restarts, and the columns of the answer."""

import numpy as np
import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.model.schema import METRICS
from gostack_nb.reports.bundled import bundled

BEGIN = pd.Timestamp("2026-11-23", tz="UTC")
GROWING = "growing (counts only: could be load)"


def metric(values, *, minutes: float = 15, name: str | None = "go_goroutines", **labels) -> pd.DataFrame:
    times = BEGIN + pd.to_timedelta(np.arange(len(values)) * minutes, unit="min")
    frame = pd.DataFrame({"captured_at": times.as_unit("ns"), **labels, "value": np.asarray(values, dtype=float)})
    text = frame.assign(name=name) if name else frame
    return text.astype(dict.fromkeys([*labels, *(["name"] if name else [])], "category"))


def sawtooth(runs: int, points: int = 48) -> list[float]:
    return [50 + 20.0 * place for _ in range(runs) for place in range(points)]


def test_one_row_per_run_with_its_columns() -> None:
    table = gs.growth_windows(metric(sawtooth(2), job="push", instance="a"))
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "job": "category",
        "instance": "category",
        "name": "category",
        "run": "int64",
        "started": "datetime64[ns, UTC]",
        "ended": "datetime64[ns, UTC]",
        "samples": "int64",
        "first": "float64",
        "last": "float64",
        "verdict": "category",
        "onset": "datetime64[ns, UTC]",
        "rate_per_hour": "Float64",
        "rate_low": "Float64",
        "rate_high": "Float64",
    }
    hours = pd.Timedelta(hours=1)
    process = {"instance": "a", "job": "push", "name": "go_goroutines"}
    growth = {"samples": 48, "first": 50, "last": 990, "verdict": GROWING}
    rate = {"rate_per_hour": 80, "rate_low": 80, "rate_high": 80}
    second = BEGIN + 12 * hours
    assert table.to_dict("records") == [
        {**process, "run": 1, "started": BEGIN, "ended": BEGIN + 11.75 * hours, **growth, "onset": BEGIN, **rate},
        {**process, "run": 2, "started": second, "ended": second + 11.75 * hours, **growth, "onset": second, **rate},
    ]


def test_the_onset_is_in_time_of_the_series() -> None:
    [row] = gs.growth_windows(metric([100] * 24 + [100 + 4 * place for place in range(24)])).to_dict("records")
    assert row["onset"] == BEGIN + pd.Timedelta(hours=6)
    assert (row["rate_per_hour"], row["rate_low"], row["rate_high"]) == (16, 16, 16)


def test_no_onset_without_growth() -> None:
    table = gs.growth_windows(metric([100.0] * 24 + [300.0] * 24))
    assert table["verdict"].tolist() == ["step"]
    assert table["onset"].isna().all()
    assert table["rate_per_hour"].tolist() == [0]


def test_too_short_has_no_rate() -> None:
    table = gs.growth_windows(metric([1, 2, 3]))
    assert table["verdict"].tolist() == ["too short"]
    assert table[["onset", "rate_per_hour", "rate_low", "rate_high"]].isna().all(axis=None)


def test_every_series_by_itself() -> None:
    flat, rising = [100] * 48, [100 + 20 * place for place in range(48)]
    parts = [metric(flat, instance="a"), metric(rising, instance="b"), metric(flat, instance=None), metric(flat)]
    table = gs.growth_windows(pd.concat(parts).sample(frac=1, random_state=1))
    found = table.assign(instance=table["instance"].astype("str").fillna("-"))[["instance", "samples", "verdict"]]
    assert found.values.tolist() == [["a", 48, "steady"], ["b", 48, GROWING], ["-", 96, "steady"]]


def test_the_start_of_the_process_tells_restarts() -> None:
    """Neither a burst's end nor the clock of the machine is a restart; a restart at the same height is one."""
    counts = metric([100, 100, 900, 100, 100, 100], job="push")
    births = metric([1000, 1000, 1001, 1001, 2000, 2000], name="process_start_time_seconds", job="push")
    table = gs.growth_windows(pd.concat([births, counts]))
    assert table[["name", "run", "samples"]].values.tolist() == [["go_goroutines", 1, 4], ["go_goroutines", 2, 2]]


def test_a_start_is_that_of_the_last_sample_that_told_it() -> None:
    counts = metric([100] * 6, minutes=1)
    births = metric([1000, 2000], minutes=3.5, name="process_start_time_seconds")
    births["captured_at"] += pd.Timedelta(seconds=1)
    assert gs.growth_windows(pd.concat([counts, births]))["samples"].tolist() == [4, 2]


def test_the_start_of_another_process_tells_nothing() -> None:
    counts = metric([100] * 6, instance="a")
    births = metric([1000, 1000, 2000, 2000, 3000, 3000], name="process_start_time_seconds", instance="b")
    assert gs.growth_windows(pd.concat([counts, births]))["samples"].tolist() == [6]


@pytest.mark.parametrize(("later", "runs"), [(50, 1), (49, 2), (150, 1)])
def test_without_it_a_fall_below_half_does(later: int, runs: int) -> None:
    assert len(gs.growth_windows(metric([100, 100, later, later]))) == runs


def test_a_few_goroutines_less_are_no_restart() -> None:
    assert len(gs.growth_windows(metric([9, 2, 9, 1]))) == 1


def test_of_several_metrics_the_goroutines_are_judged() -> None:
    both = pd.concat([metric([100] * 12), metric([5] * 12, name="go_threads")])
    assert gs.growth_windows(both)["name"].tolist() == ["go_goroutines"]
    assert gs.growth_windows(both[both["name"] == "go_threads"])["name"].tolist() == ["go_threads"]


def test_results_of_expressions_have_no_name() -> None:
    unnamed = metric([100] * 12).assign(name=pd.Categorical([None] * 12, categories=pd.Index([], dtype="str")))
    for frame in (unnamed, metric([100] * 12, name=None)):
        table = gs.growth_windows(frame)
        assert table["samples"].tolist() == [12]
        assert table["name"].isna().all()


def test_labels_with_our_names_give_way() -> None:
    [row] = gs.growth_windows(metric([100] * 12, run="blue", verdict="fine")).to_dict("records")
    assert (row["exported_run"], row["exported_verdict"], row["run"]) == ("blue", "fine", 1)


def test_values_that_are_no_numbers_are_left_out() -> None:
    table = gs.growth_windows(metric([100, np.nan, np.inf, 100, -np.inf]))
    assert table[["samples", "first", "last"]].values.tolist() == [[2, 100, 100]]


def test_no_samples() -> None:
    empty = pd.DataFrame({column.name: pd.Series([], dtype=column.dtype) for column in METRICS})
    table = gs.growth_windows(empty)
    assert table.empty
    assert list(table)[:4] == ["service", "instance", "name", "run"]
    some = gs.growth_windows(metric([1], service="a", instance="b"))
    assert table.dtypes.astype("str").to_dict() == some.dtypes.astype("str").to_dict()


def test_metrics_beside_dumps_are_judged_too() -> None:
    """The reference incident: 12 captures, 30 s apart."""
    metrics = gs.read(bundled("push-incident") / "leak").metrics
    [row] = gs.growth_windows(metrics).to_dict("records")
    assert (row["name"], row["run"], row["samples"], row["verdict"]) == ("go_goroutines", 1, 12, GROWING)
    assert row["rate_low"] > 0


def test_the_argument_stays_as_it_was() -> None:
    frame = metric([100, np.nan, 90], job="push").sample(frac=1, random_state=1)
    before = frame.copy(deep=True)
    gs.growth_windows(frame)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("column", ["captured_at", "value"])
def test_a_missing_column(column: str) -> None:
    with pytest.raises(gs.MissingColumnError, match=f"the metric lacks {column}; it has "):
        gs.growth_windows(metric([1]).drop(columns=column))


def test_times_need_a_zone() -> None:
    frame = metric([1])
    with pytest.raises(ValueError, match="no time zone"):
        gs.growth_windows(frame.assign(captured_at=frame["captured_at"].dt.tz_localize(None)))


def test_other_zones_and_units_are_the_same_times() -> None:
    frame = metric(sawtooth(1))
    other = frame.assign(captured_at=frame["captured_at"].dt.tz_convert("Asia/Tokyo").dt.as_unit("ms"))
    pd.testing.assert_frame_equal(gs.growth_windows(other), gs.growth_windows(frame))
