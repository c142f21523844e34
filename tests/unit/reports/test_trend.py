"""The course of a total."""

import pandas as pd
import pytest

from gostack_nb.reports.trend import trend_of


def totals(counts: list[int], reported: list[float] | None = None) -> pd.DataFrame:
    times = pd.date_range("2026-11-23T08:00Z", periods=len(counts), freq="min")
    return pd.DataFrame(
        {
            "service": pd.Categorical([None] * len(counts)),
            "instance": pd.Categorical([None] * len(counts)),
            "captured_at": times,
            "goroutines": counts,
            "go_goroutines": pd.array(reported or [None] * len(counts), dtype="Float64"),
            "truncated": pd.array([False] * len(counts), dtype="boolean"),
        }
    )


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ([100, 110, 120, 130], "grows"),
        ([100, 100, 100, 100], "flat"),
        ([100, 103, 99, 101], "flat"),
        ([130, 120, 110, 100], "open"),
        ([100, 100], "open"),
        ([100, 300, 80, 160], "open"),
        ([100_000, 100_500, 99_900, 100_200], "flat"),
    ],
)
def test_verdict(counts: list[int], verdict: str) -> None:
    trend = trend_of(totals(counts))
    assert trend is not None
    assert trend.verdict == verdict


def test_the_rate_is_per_hour() -> None:
    trend = trend_of(totals([100, 110, 120, 130]))
    assert trend is not None
    assert trend.rate == pytest.approx(600)
    assert (trend.low, trend.high) == (pytest.approx(600), pytest.approx(600))


def test_what_the_service_reports_goes_before_what_was_read() -> None:
    trend = trend_of(totals([101, 111, 121], [100.0, 110.0, 120.0]))
    assert trend is not None
    assert (trend.name, trend.first, trend.last) == ("go_goroutines", 100, 120)


@pytest.mark.parametrize("counts", [[], [100]])
def test_one_moment_is_no_course(counts: list[int]) -> None:
    assert trend_of(totals(counts)) is None
