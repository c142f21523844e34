"""Times to be asked for, cut so that a server answers: whole milliseconds since 1970, as Prometheus counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self

WINDOW_STEPS = 10_000
"""Steps of one request; a server refuses more than 11,000 (web/api/v1/api.go, queryRange)."""

LAST_MS = (2**63 - 1) // 1_000_000
"""What a column of times in nanoseconds can hold."""

LEAST_SPAN_MS = 10_000
"""A part of raw samples this short is not halved again: the server will not have it at all."""


class Part(Protocol):
    """A stretch of time that can be asked for in halves."""

    def halves(self) -> tuple[Self, ...]:
        """Return two parts that are this one together, or none if it is too short."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, both included."""

    start: int
    end: int

    def halves(self) -> tuple["Span", ...]:
        """Return two spans that share no millisecond."""
        middle = (self.start + self.end) // 2
        long = self.end - self.start > LEAST_SPAN_MS
        return (Span(self.start, middle), Span(middle + 1, self.end)) if long else ()


@dataclass(frozen=True, slots=True)
class Steps:
    """`count` times, `step` apart, the first at `start`."""

    start: int
    step: int
    count: int

    @classmethod
    def between(cls, start: int, end: int, step: int) -> Self:
        """Take the steps from `start` on that are not after `end`, as Prometheus does.

        >>> Steps.between(0, 29, 10)
        Steps(start=0, step=10, count=3)
        """
        return cls(start, step, (end - start) // step + 1)

    @property
    def end(self) -> int:
        """The last step."""
        return self.start + (self.count - 1) * self.step

    def windows(self) -> Iterator["Steps"]:
        """Yield parts of at most `WINDOW_STEPS` steps that share none.

        >>> [window.count for window in Steps(0, 15_000, 25_000).windows()]
        [10000, 10000, 5000]
        """
        for first in range(0, self.count, WINDOW_STEPS):
            yield self._part(first, min(self.count - first, WINDOW_STEPS))

    def halves(self) -> tuple["Steps", ...]:
        """Return two parts that share no step."""
        half = self.count // 2
        return (self._part(0, half), self._part(half, self.count - half)) if half else ()

    def _part(self, first: int, count: int) -> "Steps":
        return Steps(self.start + first * self.step, self.step, count)
