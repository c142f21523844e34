"""The grid on which rounds begin."""

from datetime import timedelta

import pytest

from gostack_nb.capturing.schedule import Schedule, Span, seconds_of


@pytest.mark.parametrize(
    ("every", "count", "duration", "made"),
    [
        (None, None, None, Schedule(rounds=1)),
        (None, 1, None, Schedule(rounds=1)),
        (15, None, None, Schedule(15.0)),
        ("15s", 3, None, Schedule(15.0, rounds=3)),
        ("15s", None, "10m", Schedule(15.0, last=40)),
        ("15s", None, "59s", Schedule(15.0, last=3)),
        ("15s", 100, "1m", Schedule(15.0, rounds=100, last=4)),
        ("0.1s", None, "0.3s", Schedule(0.1, last=3)),
        (timedelta(minutes=1), 2, None, Schedule(60.0, rounds=2)),
        ("1m", None, "10s", Schedule(60.0, last=0)),
        ("1d 12h", 2, None, Schedule(129_600.0, rounds=2)),
        ("1 day", 2, None, Schedule(86_400.0, rounds=2)),
    ],
)
def test_what_a_caller_gives(every: Span | None, count: int | None, duration: Span | None, made: Schedule) -> None:
    assert Schedule.of(every, count, duration) == made


@pytest.mark.parametrize(
    ("every", "count", "duration", "words"),
    [
        (None, 3, None, "several rounds are wanted, but not how far apart. Hint: every='15s' (--every 15s)"),
        (None, None, "10m", "not how far apart"),
        ("15s", 0, None, "count=0: there is at least one round"),
        ("x", None, None, "every='x': not a span of time"),
        ("15s", None, "-1m", "duration='-1m' (--for): not a span of time"),
        (0, None, None, "every=0: not a span of time"),
        ("nan", None, None, "every='nan'"),
        (float("inf"), None, None, "every=inf"),
        ([15], None, None, "every=[15]"),
    ],
)
def test_what_is_no_schedule(every: Span, count: int, duration: Span, words: str) -> None:
    with pytest.raises(ValueError, match=r"round|span") as caught:
        Schedule.of(every, count, duration)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("tick", "passed", "following"),
    [
        (0, 0.2, 1),
        (0, 14.99, 1),
        (0, 15.0, 1),
        (0, 15.1, 2),
        (1, 15.0, 2),
        (3, 59.0, 4),
        (4, 60.1, None),
        (0, 99, None),
    ],
)
def test_the_next_round_is_on_the_grid(tick: int, passed: float, following: int | None) -> None:
    assert Schedule(15.0, last=4).after(tick, 1, passed) == following


def test_so_many_rounds_are_taken_however_late() -> None:
    schedule = Schedule(15.0, rounds=3)
    assert schedule.after(0, 1, 40.0) == 3
    assert schedule.after(3, 2, 99.0) == 7
    assert schedule.after(7, 3, 110.0) is None


def test_without_an_end_there_is_always_a_next_round() -> None:
    assert Schedule(15.0).after(1000, 1001, 15_001.0) == 1001


@pytest.mark.parametrize(
    ("schedule", "most"),
    [
        (Schedule(15.0), None),
        (Schedule(rounds=1), 1),
        (Schedule(15.0, last=40), 41),
        (Schedule(15.0, rounds=3, last=40), 3),
    ],
)
def test_how_many_rounds_there_are(schedule: Schedule, most: int | None) -> None:
    assert schedule.most_rounds == most


def test_the_wait_is_until_the_tick() -> None:
    schedule = Schedule(15.0)
    assert schedule.seconds_to(2, 17.5) == 12.5
    assert schedule.seconds_to(2, 31.0) == 0.0


@pytest.mark.parametrize(
    ("span", "seconds"), [(2, 2.0), ("2", 2.0), ("1h 30m", 5400.0), ("250ms", 0.25), (timedelta(days=1), 86_400.0)]
)
def test_spans(span: Span, seconds: float) -> None:
    assert seconds_of(span, "every") == seconds
