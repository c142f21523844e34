"""When rounds begin: on a fixed grid, so that they do not drift."""

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import pandas as pd

Span = float | str | timedelta
"""Seconds, or a text that pandas.Timedelta reads: `15s`, `1m`, `1h 30m`."""

_GRAIN = 1e-6
_DAYS = re.compile(r"(?<=[\d ])d(?![a-z])")

_OPTIONS = {"duration": "--for"}
"""What the command line calls by another name."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The grid: tick 0 is the begin.

    Attributes
    ----------
    every : float or None
        Seconds between two ticks; None for a single one.
    rounds : int or None
        How many are taken.
    last : int or None
        The last tick. Without this and `rounds` only an interrupt ends the capture.
    """

    every: float | None = None
    rounds: int | None = None
    last: int | None = None

    @classmethod
    def of(cls, every: Span | None, count: int | None, duration: Span | None) -> Self:
        """Read what a caller gave.

        Raises
        ------
        ValueError
            If a span is none, or if several rounds are wanted and nothing says how far apart.
        """
        if count is not None and count < 1:
            msg = f"count={count}: there is at least one round"
            raise ValueError(msg)
        if every is None and (duration is not None or (count or 1) > 1):
            msg = "several rounds are wanted, but not how far apart. Hint: every='15s' (--every 15s)"
            raise ValueError(msg)
        if every is None:
            return cls(rounds=1)
        step = seconds_of(every, "every")
        last = None if duration is None else math.floor(seconds_of(duration, "duration") / step + _GRAIN)
        return cls(step, count, last)

    @property
    def most_rounds(self) -> int | None:
        """How many rounds there are if each is done in time; None if only an interrupt ends the capture."""
        ends = [] if self.rounds is None else [self.rounds]
        ends += [] if self.last is None else [self.last + 1]
        return min(ends, default=None)

    def after(self, tick: int, done: int, passed: float) -> int | None:
        """Return the next tick when a round is done; None after the last.

        Parameters
        ----------
        tick : int
            Of the round that is done.
        done : int
            Rounds by now, with this one.
        passed : float
            Seconds since the begin. Ticks that have passed in the meantime are left out.

        Examples
        --------
        >>> minute = Schedule(15.0, last=4)
        >>> minute.after(0, 1, 2.1), minute.after(0, 1, 31.0), minute.after(4, 5, 61.0)
        (1, 3, None)
        """
        if self.every is None or done == self.rounds:
            return None
        following = max(tick + 1, math.ceil(passed / self.every - _GRAIN))
        return following if self.last is None or following <= self.last else None

    def seconds_to(self, tick: int, passed: float) -> float:
        """Return how long it is until a tick; 0 if it is past."""
        return max(0.0, tick * (self.every or 0.0) - passed)


def seconds_of(span: Span, what: str) -> float:
    """Return a span in seconds.

    Raises
    ------
    ValueError
        If it is none, or not positive.

    Examples
    --------
    >>> seconds_of("1m", "every"), seconds_of(0.5, "every"), seconds_of("15", "every")
    (60.0, 0.5, 15.0)
    """
    try:
        seconds = _number(span)
    except (ValueError, TypeError):
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        option = f" ({_OPTIONS[what]})" if what in _OPTIONS else ""
        msg = f"{what}={span!r}{option}: not a span of time. Hint: seconds, or '15s', '1m', '1h 30m'"
        raise ValueError(msg)
    return seconds


def _number(span: Span) -> float:
    """Read a number as seconds: pandas would take it for nanoseconds."""
    if isinstance(span, str):
        with suppress(ValueError):
            return float(span)
        span = _DAYS.sub("D", span)  # pandas 4 will not know the small letter
    elif not isinstance(span, timedelta):
        return float(span)
    return float(pd.Timedelta(span).total_seconds())
