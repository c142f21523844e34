"""Times cut in parts: none is lost, none is in two parts."""

from itertools import chain

import hypothesis.strategies as st
from hypothesis import given

from gostack_nb.sources.prometheus_windows import LEAST_SPAN_MS, WINDOW_STEPS, Span, Steps


def times(steps: Steps) -> list[int]:
    return list(range(steps.start, steps.end + 1, steps.step))


@given(st.integers(0, 10**12), st.integers(1, 10**6), st.integers(1, 3 * WINDOW_STEPS))
def test_windows_are_the_steps(start: int, step: int, count: int) -> None:
    whole = Steps(start, step, count)
    windows = list(whole.windows())
    assert list(chain.from_iterable(map(times, windows))) == times(whole)
    assert max(window.count for window in windows) <= WINDOW_STEPS


@given(st.integers(0, 10**12), st.integers(1, 10**6), st.integers(2, 10_000))
def test_halves_of_steps_are_the_steps(start: int, step: int, count: int) -> None:
    whole = Steps(start, step, count)
    first, second = whole.halves()
    assert times(first) + times(second) == times(whole)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**5))
def test_steps_end_in_time(start: int, length: int, step: int) -> None:
    end = Steps.between(start, start + length, step).end
    assert end <= start + length < end + step


@given(st.integers(0, 10**12), st.integers(LEAST_SPAN_MS + 1, 10**9))
def test_halves_of_a_span_touch_and_share_nothing(start: int, length: int) -> None:
    first, second = Span(start, start + length).halves()
    assert (first.start, first.end + 1, second.end) == (start, second.start, start + length)


def test_the_least_is_not_halved() -> None:
    assert Steps(0, 1000, 1).halves() == ()
    assert Span(0, LEAST_SPAN_MS).halves() == ()
