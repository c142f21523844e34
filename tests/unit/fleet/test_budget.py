"""What a sweep may cost: what makes no sense is refused, what is there is never overspent."""

from datetime import timedelta
from threading import Event, Thread

import pytest

from gostack_nb.fleet.budget import ANSWER_BYTES, IN_FLIGHT, MOST_IN_FLIGHT, Budget
from gostack_nb.fleet.spending import BODIES_PER_REQUEST, Allowance, Spending, SpentError

PATIENCE_SECONDS = 60


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_defaults_of_a_budget() -> None:
    budget = Budget()
    assert (budget.in_flight, budget.jitter_seconds, budget.total_seconds) == (32, 1.0, 300.0)
    assert (budget.total_bytes, budget.deadline_seconds, budget.answer_bytes) == (1 << 30, 30.0, 16 << 20)
    assert budget.total_bytes >= BODIES_PER_REQUEST * IN_FLIGHT * ANSWER_BYTES, "all that is held fits"


@pytest.mark.parametrize(
    ("seconds", "expected"), [(2, 2.0), ("90s", 90.0), ("5m", 300.0), (timedelta(minutes=1), 60.0), ("0.5", 0.5)]
)
def test_spans_are_read_as_everywhere(seconds: float | str | timedelta, expected: float) -> None:
    budget = Budget(seconds=seconds, deadline=seconds)
    assert (budget.total_seconds, budget.deadline_seconds) == (expected, expected)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"in_flight": 0}, "in_flight=0: not a whole number from 1 up"),
        ({"in_flight": True}, "in_flight=True: not a whole number from 1 up"),
        ({"in_flight": 1.5}, "in_flight=1.5: not a whole number from 1 up"),
        ({"in_flight": MOST_IN_FLIGHT + 1}, "in_flight=257: more requests at once than the 256"),
        ({"total_bytes": -1}, "total_bytes=-1: not a whole number from 1 up"),
        ({"answer_bytes": "1M"}, "answer_bytes='1M': not a whole number from 1 up"),
        ({"jitter_seconds": -0.1}, "jitter_seconds=-0.1: not a number of seconds from 0 up"),
        ({"jitter_seconds": float("inf")}, "jitter_seconds=inf: not a number of seconds"),
        ({"jitter_seconds": float("nan")}, "jitter_seconds=nan: not a number of seconds"),
        ({"jitter_seconds": "1s"}, "jitter_seconds='1s': not a number of seconds"),
        ({"seconds": 0}, "seconds=0: not a span of time"),
        ({"seconds": "soon"}, "seconds='soon': not a span of time"),
        ({"deadline": "-5s"}, "deadline='-5s': not a span of time"),
    ],
)
def test_what_makes_no_sense_is_said(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        Budget(**options)  # type: ignore[arg-type]


def test_a_budget_is_given_by_name() -> None:
    with pytest.raises(TypeError):
        Budget(8)  # type: ignore[call-arg]


def test_an_answer_gets_its_deadline_or_what_is_left() -> None:
    clock = Clock()
    spending = Spending(Budget(seconds=100, deadline=30), clock)
    assert spending.allow().seconds == 30
    clock.now += 90
    assert spending.allow().seconds == 10
    spending.check_time()
    clock.now += 10
    with pytest.raises(SpentError, match=r"^not asked: the budget of 100 s is used up$"):
        spending.allow()
    with pytest.raises(SpentError, match=r"^cut off: the budget of 100 s is used up$"):
        spending.check_time()


def test_bytes_that_were_not_used_come_back() -> None:
    spending = Spending(Budget(total_bytes=1_000, answer_bytes=400))
    for _ in range(3):
        allowance = spending.allow()
        assert allowance.size_bytes == 400
        spending.check_size(allowance)
        spending.settle(allowance, 200)
    assert spending.allow().size_bytes == 400


def test_the_last_answer_gets_the_rest_and_then_there_is_none() -> None:
    spending = Spending(Budget(total_bytes=1_000, answer_bytes=600))
    spending.settle(spending.allow(), 600)
    last = spending.allow()
    assert last.size_bytes == 400
    with pytest.raises(SpentError, match=r"^cut off: the budget of 1,000 bytes is used up$"):
        spending.check_size(last)
    spending.settle(last, 500)
    with pytest.raises(SpentError, match=r"^not asked: the budget of 1,000 bytes is used up$"):
        spending.allow()


class Asking(Thread):
    """Asks for an allowance in a thread of its own."""

    def __init__(self, spending: Spending) -> None:
        super().__init__(daemon=True)
        self._spending = spending
        self.allowed: Allowance | SpentError | None = None
        self.begun = Event()
        self.start()
        assert self.begun.wait(PATIENCE_SECONDS)

    def run(self) -> None:
        self.begun.set()
        try:
            self.allowed = self._spending.allow()
        except SpentError as error:
            self.allowed = error

    def answered(self) -> Allowance | SpentError | None:
        self.join(PATIENCE_SECONDS)
        return self.allowed


def test_who_finds_all_bytes_set_aside_waits_for_them() -> None:
    spending = Spending(Budget(total_bytes=1_000, answer_bytes=600))
    first = spending.allow()
    second = Asking(spending)
    second.join(0.05)
    assert second.is_alive(), "400 bytes are free, but the first answer may leave more"
    spending.settle(first, 100)
    allowed = second.answered()
    assert isinstance(allowed, Allowance)
    assert allowed.size_bytes == 600


def test_who_finds_memory_full_waits_for_the_count() -> None:
    spending = Spending(Budget(in_flight=1, answer_bytes=10, total_bytes=1_000))
    for _ in range(BODIES_PER_REQUEST):
        spending.settle(spending.allow(), 10)
    third = Asking(spending)
    third.join(0.05)
    assert third.is_alive()
    spending.release()
    assert isinstance(third.answered(), Allowance)


def test_a_stop_wakes_who_waits() -> None:
    spending = Spending(Budget(total_bytes=1_000, answer_bytes=600))
    spending.allow()
    second = Asking(spending)
    spending.stop("interrupted")
    assert str(second.answered()) == "not asked: interrupted"
    spending.pause(PATIENCE_SECONDS * 1_000)


def test_nobody_pauses_beyond_the_end() -> None:
    clock = Clock()
    spending = Spending(Budget(seconds=5), clock)
    clock.now += 6
    spending.pause(PATIENCE_SECONDS * 1_000)
    assert spending.is_over
