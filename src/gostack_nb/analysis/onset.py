"""One run of a metric -> what it amounts to: steady, a step, or growth with its onset and rate."""

from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from gostack_nb.analysis.growth import CONFIDENCE
from gostack_nb.analysis.theil_sen import theil_sen

Floats = NDArray[np.float64]

Verdict = Literal["growing (counts only: could be load)", "step", "steady", "too short"]

GROWING, STEP, STEADY, TOO_SHORT = get_args(Verdict)

BIN_HOURS = 0.25
"""The lowest value of 15 minutes leaves out what comes and goes: bursts, and the requests of this moment."""

LEAST_BINS = 12
"""Fewer points than these were growing by chance in too many of the simulated steady series."""

WANTED_BINS = 24
"""Into so many a run is cut that is shorter than as many times 15 minutes."""

MOST_BINS = 300
"""A longer run has longer bins; Theil-Sen looks at all pairs."""

BLOCKS = 6
"""Growth is looked for between the floors of so many parts of a run."""

FLOOR, CEILING = 0.1, 0.9
"""Quantiles that stand for the lowest and the highest value, so that one odd bin does not speak for a part."""

LEAST_ORDERED = 13
"""Of the 15 pairs of blocks, rising less falling ones: one pair may be in the wrong order."""

LEAST_RISE = 10.0
LEAST_SHARE = 0.2
"""A rise counts from 10 goroutines and from 20 % up: load makes smaller ones every day."""

LEAST_STEP_BINS = 3
"""A level that lasts less than this is no level yet."""

SUDDEN_SHARE = 0.7
"""Of a step, that lies between the three bins before it and the three after it."""

MISFIT_SHARE = 0.5
"""Of the squares around one mean, that two levels may leave; waves leave more."""

FROM_THE_START = 3.84
"""The 95 % point of chi-square with one degree of freedom: how much better a later onset must fit than the start."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One run: hours since any moment, ascending, and the values then."""

    hours: Floats
    values: Floats

    @property
    def length(self) -> float:
        """Hours from first to last."""
        return float(self.hours[-1] - self.hours[0]) if len(self.hours) else 0.0

    def since(self, hour: float) -> Self:
        """Keep what is not before an hour."""
        later = self.hours >= hour
        return type(self)(self.hours[later], self.values[later])

    def until(self, hour: float) -> Self:
        """Keep what is before an hour."""
        before = self.hours < hour
        return type(self)(self.hours[before], self.values[before])

    @property
    def bin_hours(self) -> float:
        """15 minutes; less in a short run, more in a long one."""
        return max(min(BIN_HOURS, self.length / WANTED_BINS), self.length / MOST_BINS)

    def lowest_of_bins(self, width: float | None = None) -> Self:
        """Keep the lowest sample of each bin, of `bin_hours` if no width is given."""
        width = width or self.bin_hours
        if not width or not self.length:
            return self
        number = np.floor((self.hours - self.hours[0]) / width)
        order = np.lexsort((self.hours, self.values, number))
        lowest = order[np.flatnonzero(np.diff(number[order], prepend=-1))]
        return type(self)(self.hours[lowest], self.values[lowest])


@dataclass(frozen=True, slots=True)
class Course:
    """What a run amounts to.

    Attributes
    ----------
    verdict : Verdict
    onset : float or None
        The hour at which it began to grow; that of the first sample if it grew from the start.
    rate, low, high : float
        Growth per hour with its 95 % interval, since the onset, or since the step; NaN if the run is too short.
    """

    verdict: Verdict
    onset: float | None
    rate: float
    low: float
    high: float


def judge(run: Samples) -> Course:
    """Tell what one run amounts to.

    A hinge (level, then slope) and a step (level, then level) are fitted to the lowest values of bins. Growth is what
    climbs since the bend, since the step, or from the start.
    """
    bins = run.lowest_of_bins()
    if len(bins.hours) < LEAST_BINS or not run.length:
        return Course(TOO_SHORT, None, np.nan, np.nan, np.nan)
    level = _step(bins)
    fits = sorted([_hinge(bins), level], key=lambda fit: fit.misfit)
    for begin in (*(fit.begin for fit in fits), float(run.hours[0])):
        tail = run.since(begin)
        if _climbs(tail.lowest_of_bins(), run.until(begin).lowest_of_bins(tail.bin_hours)):
            return Course(GROWING, begin, *_rate(tail))
    if _is_sudden(bins, level):
        return Course(STEP, None, *_rate(run.since(level.begin)))
    return Course(STEADY, None, *_rate(run))


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where the second part of a run begins, and the sum of squares that two parts leave."""

    begin: float
    misfit: float


def _rate(run: Samples) -> tuple[float, float, float]:
    """Return the Theil-Sen slope of the bins in whole goroutines, and its interval; NaN below three bins."""
    bins = run.lowest_of_bins()
    if len(np.unique(bins.hours)) < LEAST_STEP_BINS:
        return np.nan, np.nan, np.nan
    counts = np.rint(bins.values).astype(np.int64)
    slope, low, high = theil_sen(counts[None, :], bins.hours, confidence=CONFIDENCE)[0].tolist()
    return slope, low, high


def _hinge(bins: Samples) -> _Fit:
    """Fit level-then-slope with the bend at every bin."""
    slopes = np.maximum(bins.hours[None, :] - bins.hours[:-2, None], 0)
    slopes -= slopes.mean(axis=1, keepdims=True)
    explained = (slopes @ (bins.values - bins.values.mean())) ** 2 / (slopes**2).sum(axis=1)
    misfits = _squares(bins.values) - explained
    best = int(np.argmin(misfits))
    if misfits[0] <= misfits[best] * np.exp(FROM_THE_START / len(bins.values)):
        best = 0
    return _Fit(float(bins.hours[best]), float(misfits[best]))


def _step(bins: Samples) -> _Fit:
    """Fit level-then-level."""
    size = len(bins.values)
    places = np.arange(LEAST_STEP_BINS, size - LEAST_STEP_BINS + 1)
    sums = np.cumsum(bins.values)
    before, after = sums[places - 1] / places, (sums[-1] - sums[places - 1]) / (size - places)
    misfits = _squares(bins.values) - (after - before) ** 2 * places * (size - places) / size
    best = int(np.argmin(misfits))
    return _Fit(float(bins.hours[places[best]]), float(misfits[best]))


def _is_sudden(bins: Samples, level: _Fit) -> bool:
    """Whether the level changes enough, and at once: not over hours, as by day and night."""
    before, after = bins.until(level.begin).values, bins.since(level.begin).values
    change = np.median(after) - np.median(before)
    at_once = np.median(after[:LEAST_STEP_BINS]) - np.median(before[-LEAST_STEP_BINS:])
    wanted = max(LEAST_RISE, LEAST_SHARE * float(np.median(before)))
    sudden = at_once * np.sign(change) >= SUDDEN_SHARE * abs(change)
    return bool(abs(change) >= wanted and sudden and level.misfit <= MISFIT_SHARE * _squares(bins.values))


def _climbs(tail: Samples, before: Samples) -> bool:
    """Whether the floors of the tail's parts rise, above what there was before, and not in one step."""
    if len(tail.hours) < LEAST_BINS:
        return False
    floors = np.array([np.quantile(block, FLOOR) for block in np.array_split(tail.values, BLOCKS)])
    later, earlier = np.tril_indices(BLOCKS, -1)
    ordered = np.sign(floors[later] - floors[earlier]).sum()
    ground = max(floors[0], np.quantile(before.values, CEILING)) if len(before.values) else floors[0]
    rises = floors[-1] - ground >= max(LEAST_RISE, LEAST_SHARE * ground)
    return bool(ordered >= LEAST_ORDERED and rises and _line_misfit(tail) <= _step(tail).misfit)


def _line_misfit(bins: Samples) -> float:
    """Return the sum of squares that a straight line leaves."""
    hours = bins.hours - bins.hours.mean()
    return _squares(bins.values) - float((hours @ bins.values) ** 2 / (hours**2).sum())


def _squares(values: Floats) -> float:
    """Return the sum of squares around the mean."""
    return float(((values - values.mean()) ** 2).sum())
