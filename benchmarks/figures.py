"""A figure of the results: the median of its rounds, how far they lay apart, and what it was meant to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["at least", "at most"]


@dataclass(frozen=True, slots=True)
class Target:
    """The limit that the project set itself for a figure."""

    direction: Direction
    limit: float

    def is_met(self, value: float) -> bool:
        """Whether a figure is on the right side of the limit.

        >>> Target("at least", 0.4).is_met(0.41)
        True
        """
        return value >= self.limit if self.direction == "at least" else value <= self.limit


def at_least(limit: float) -> Target:
    """Return a target for what should be great."""
    return Target("at least", limit)


def at_most(limit: float) -> Target:
    """Return a target for what should be small."""
    return Target("at most", limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, once per round."""

    what: str
    values: tuple[float, ...]
    unit: str
    cpu_seconds: tuple[float, ...] = ()
    target: Target | None = None

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)


def ratios(of: Sequence[float], to: Sequence[float]) -> tuple[float, ...]:
    """Divide round by round: what ran one after the other had the same machine.

    >>> ratios([6.0, 4.0], [2.0, 4.0])
    (3.0, 1.0)
    """
    return tuple(one / other for one, other in zip(of, to, strict=True))
