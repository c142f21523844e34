"""Times and durations as people give them."""

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

from gostack_nb.errors import QueryError
from gostack_nb.reading.times import milliseconds_at, milliseconds_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEN = 1_795_428_000_000
"""2026-11-23 10:00 UTC."""


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-23 10:00",
        "2026-11-23T10:00:00Z",
        " 2026-11-23T11:00+01:00 ",
        "2h",
        "-2h",
        "1h60m",
        "120m",
        "7200s",
        timedelta(hours=2),
        timedelta(hours=-2),
        pd.Timedelta("2h"),
        datetime(2026, 11, 23, 10),  # noqa: DTZ001 - naive is UTC
        datetime(2026, 11, 23, 11, tzinfo=timezone(timedelta(hours=1))),
        pd.Timestamp("2026-11-23 10:00", tz="UTC"),
        pd.Timestamp("2026-11-23 05:00", tz="America/New_York"),
        pd.Timestamp("2026-11-23 10:00"),
    ],
)
def test_ten_o_clock(time) -> None:
    assert milliseconds_at(time, NOW) == TEN


def test_a_day_is_its_midnight_and_milliseconds_are_kept() -> None:
    assert milliseconds_at("2026-11-23", NOW) == TEN - 10 * 3_600_000
    assert milliseconds_at(pd.Timestamp("2026-11-23 10:00:00.123456789Z"), NOW) == TEN + 123


@pytest.mark.parametrize("time", ["", "yesterday", "10:00", "2h ago", "h", "2026-13-01", pd.NaT, "-", "1.5.2h"])
def test_no_time(time) -> None:
    with pytest.raises(QueryError, match=r"is no time\. Hint"):
        milliseconds_at(time, NOW)


@pytest.mark.parametrize(
    ("duration", "milliseconds"),
    [
        ("15s", 15_000),
        ("1.5m", 90_000),
        ("1w1d", 691_200_000),
        ("20ms", 20),
        (0.5, 500),
        (pd.Timedelta("1min"), 60_000),
    ],
)
def test_durations(duration, milliseconds: int) -> None:
    assert milliseconds_of(duration) == milliseconds


@pytest.mark.parametrize(
    "duration", ["", "15", "-15s", "0s", 0, -1, timedelta(0), timedelta(microseconds=1), "1y", "5 s"]
)
def test_no_duration(duration) -> None:
    with pytest.raises(QueryError, match="is no step of time"):
        milliseconds_of(duration)


@pytest.mark.parametrize("text", ["40000d", "9" * 400 + "h"])
def test_what_is_longer_than_100_years_is_no_time(text: str) -> None:
    for ask in (milliseconds_of, lambda long: milliseconds_at(long, NOW)):
        with pytest.raises(QueryError, match="longer than 100 years"):
            ask(text)
