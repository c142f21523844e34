"""One run of a metric: simulated shapes, seeded, with the answer known.

Some 200 goroutines, over a day in steps of 15 minutes and of 15 seconds, and over an hour in steps of 15 seconds; 20
seeds each. Not asked for is what counts cannot tell: six hours of a morning, noise with a memory of half a day, a leak
that is smaller than the difference between day and night.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from gostack_nb.analysis.onset import GROWING, STEADY, STEP, TOO_SHORT, Course, Floats, Samples, judge

LEVEL = 200
SEEDS = 20


@dataclass(frozen=True)
class Window:
    """Where a shape is drawn: a generator, hours, and the share of them that has passed."""

    random: np.random.Generator
    hours: Floats

    @property
    def share(self) -> Floats:
        return self.hours / self.hours[-1]


Shape = Callable[[Window], Floats]
"""To expected counts."""


def steady(window: Window) -> Floats:
    return LEVEL + 0 * window.share


def diurnal(window: Window) -> Floats:
    return LEVEL * (1 + 0.5 * np.sin(2 * np.pi * window.hours / 24 + window.random.uniform(0, 2 * np.pi)))


def bursts(window: Window) -> Floats:
    level, length = steady(window), len(window.hours) // 40 + 1
    for _ in range(5):
        begin = window.random.integers(0, len(window.hours) - length)
        level[begin : begin + length] *= window.random.uniform(1.5, 3)
    return level


def burst_at_the_end(window: Window) -> Floats:
    return np.where(window.share > 0.95, 3.0, 1.0) * LEVEL


def warm_up(window: Window) -> Floats:
    return LEVEL * (1 - np.exp(-100 * window.share))


def step(window: Window) -> Floats:
    return LEVEL * (1 + 0.6 * (window.share > window.random.uniform(0.2, 0.8)))


def step_down(window: Window) -> Floats:
    return LEVEL * (1 - 0.4 * (window.share > window.random.uniform(0.2, 0.8)))


def falling(window: Window) -> Floats:
    return LEVEL * (2 - window.share)


def rise_that_ends(window: Window) -> Floats:
    return LEVEL * (1 + np.minimum(window.share, 0.4) / 0.4)


def leak(window: Window) -> Floats:
    return LEVEL * (1 + 0.5 * window.share)


def late_leak(window: Window) -> Floats:
    return LEVEL * (1 + np.maximum(window.share - 0.6, 0) / 0.4)


def late_small_leak(window: Window) -> Floats:
    return LEVEL * (1 + 0.5 * np.maximum(window.share - 0.6, 0) / 0.4)


def waves(window: Window) -> Floats:
    """From the lowest point up and down twice, and up again."""
    return LEVEL * (1 - 0.4 * np.cos(2 * np.pi * 2.5 * window.share))


def leak_after_a_step(window: Window) -> Floats:
    return LEVEL * (1 + 0.5 * (window.share > 0.5) + 2 * np.maximum(window.share - 0.5, 0))


def leak_under_load(window: Window) -> Floats:
    return diurnal(window) + 3 * LEVEL * window.share


def courses(shape: Shape, points: int, hours: float) -> list[Course]:
    found = []
    for seed in range(SEEDS):
        window = Window(np.random.default_rng(seed), np.linspace(0, hours, points))
        counts = window.random.poisson(shape(window)).astype(np.float64)
        found.append(judge(Samples(window.hours, counts)))
    return found


def wandering(seed: int, points: int) -> Floats:
    """Return AR(1) noise with a memory of ten samples."""
    random, level, found = np.random.default_rng(seed), 0.0, []
    for _ in range(points):
        level = 0.9 * level + random.normal(0, 20 * np.sqrt(1 - 0.9**2))
        found.append(LEVEL + level)
    return np.rint(found)


DAY, DENSE_DAY, HOUR = (96, 24.0), (5_760, 24.0), (240, 1.0)


SHAPES_WITHOUT_GROWTH = (
    steady,
    bursts,
    burst_at_the_end,
    warm_up,
    waves,
    step,
    step_down,
    falling,
    rise_that_ends,
)


@pytest.mark.parametrize("window", [DAY, DENSE_DAY, HOUR], ids=["day", "dense day", "hour"])
@pytest.mark.parametrize("shape", SHAPES_WITHOUT_GROWTH)
def test_what_does_not_grow(shape: Shape, window: tuple[int, float]) -> None:
    found = [course.verdict for course in courses(shape, *window)]
    assert found.count(GROWING) == 0
    if shape in {step, step_down, burst_at_the_end}:
        assert found.count(STEP) >= SEEDS - 1
    if shape in {steady, falling, waves}:
        assert found.count(STEADY) == SEEDS


@pytest.mark.parametrize("window", [DAY, DENSE_DAY], ids=["day", "dense day"])
def test_a_whole_day_does_not_grow(window: tuple[int, float]) -> None:
    assert [course.verdict for course in courses(diurnal, *window)] == [STEADY] * SEEDS


@pytest.mark.parametrize("points", [96, 288, 5_760])
def test_noise_with_a_memory_does_not_grow(points: int) -> None:
    times = np.linspace(0, 24, points)
    found = [judge(Samples(times, wandering(seed, points))).verdict for seed in range(SEEDS)]
    assert found.count(GROWING) == 0


@pytest.mark.parametrize("window", [DAY, DENSE_DAY, HOUR], ids=["day", "dense day", "hour"])
@pytest.mark.parametrize(
    ("shape", "onset", "rise", "least"),
    [
        (leak, 0, 0.5, 20),
        (late_leak, 0.6, 2.5, 20),
        (late_small_leak, 0.6, 1.25, 17),
        (leak_after_a_step, 0.5, 2, 20),
        (leak_under_load, None, None, 19),
    ],
)
def test_leaks_are_found(shape: Shape, window: tuple[int, float], onset: float, rise: float, least: int) -> None:
    """`onset` as a share of the window, `rise` in levels per window."""
    points, hours = window
    found = [course for course in courses(shape, points, hours) if course.verdict == GROWING]
    assert len(found) >= least
    if onset is None:
        return
    onsets = [course.onset / hours for course in found if course.onset is not None]
    assert np.median(onsets) == pytest.approx(onset, abs=0.14 if shape is leak_after_a_step else 0.03)
    assert np.median([course.rate for course in found]) * hours / LEVEL == pytest.approx(rise, rel=0.25)
    assert all(course.low <= course.rate <= course.high for course in found)


def test_a_leak_of_the_last_hour_of_two_days_is_found() -> None:
    times = np.arange(0, 48, 1 / 240)
    counts = np.random.default_rng(1).poisson(LEVEL + 200 * np.maximum(times - 47, 0)).astype(np.float64)
    course = judge(Samples(times, counts))
    assert course.verdict == GROWING
    assert course.onset == pytest.approx(47, abs=0.15)
    assert course.low < 200 < course.high


@pytest.mark.parametrize(
    ("rise", "verdict"),
    [(9, STEADY), (12, GROWING)],
)
def test_ten_goroutines_are_the_least_of_a_small_count(rise: int, verdict: str) -> None:
    counts = np.linspace(0, rise * 1.2, 48)
    assert judge(Samples(np.arange(48) / 4, counts)).verdict == verdict


def test_by_hand() -> None:
    """4 goroutines more every 15 minutes since the 25th quarter: 16 per hour since 6:00."""
    counts = np.concatenate([np.full(24, 100.0), 100 + 4 * np.arange(24)])
    assert judge(Samples(np.arange(48) / 4, counts)) == Course(GROWING, 6.0, 16.0, 16.0, 16.0)


@pytest.mark.parametrize("points", [0, 1, 2, 11])
def test_too_short(points: int) -> None:
    course = judge(Samples(np.arange(points) / 4, np.arange(points) * 100.0))
    assert (course.verdict, course.onset) == (TOO_SHORT, None)
    assert np.isnan([course.rate, course.low, course.high]).all()


def test_many_samples_at_one_time_are_too_short() -> None:
    assert judge(Samples(np.zeros(50), np.arange(50.0))).verdict == TOO_SHORT


def test_twelve_samples_are_enough() -> None:
    assert judge(Samples(np.arange(12) / 4, 100 + 10 * np.arange(12.0))).verdict == GROWING


def test_floors_that_rise_and_fall_are_no_growth() -> None:
    floors = np.repeat([200.0, 280.0, 230.0, 310.0, 260.0, 340.0], 8)  # 11 pairs rise, 4 fall
    assert judge(Samples(np.arange(len(floors)) / 4, floors)).verdict != GROWING


def test_flat_is_steady() -> None:
    assert judge(Samples(np.arange(50) / 4, np.full(50, 7.0))) == Course(STEADY, None, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("hours", "bins"), [(0.5, 24), (6, 24), (24, 96), (75, 300), (10_000, 300)])
def test_bins(hours: float, bins: int) -> None:
    times = np.linspace(0, hours, 4001)
    assert len(Samples(times, times).lowest_of_bins().hours) == pytest.approx(bins, abs=1)


def test_the_lowest_of_a_bin_keeps_its_time() -> None:
    run = Samples(np.array([0, 0.1, 0.2, 0.3, 0.4]), np.array([5, 3, 3, 9, 8.0]))
    lowest = run.lowest_of_bins(0.25)
    assert (lowest.hours.tolist(), lowest.values.tolist()) == ([0.1, 0.4], [3, 8])
