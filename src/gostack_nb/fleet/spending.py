"""A budget while several threads spend it: who may ask next, for how long and how many bytes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import TIMEOUT_MAX, Condition, Event

from gostack_nb.fleet.budget import Budget

BODIES_PER_REQUEST = 2
"""Answers that are under way or wait to be counted, for each request at once: more would only fill memory."""

NOT_ASKED = "not asked: "
CUT_OFF = "cut off: "


class SpentError(Exception):
    """Something is not asked any more, or was cut off, because of the budget; the text says so."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one answer may take.

    Attributes
    ----------
    seconds : float
        Its deadline.
    size_bytes : int
        The most that it may have.
    """

    seconds: float
    size_bytes: int


class Spending:
    """What is left of a budget.

    The bytes that an answer may have are set aside while it comes, so that all together never exceed the budget;
    what it did not use comes back.

    Parameters
    ----------
    budget : Budget
        Its time begins now.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget, self._clock = budget, clock
        self._ends_at = clock() + budget.total_seconds
        self._left = budget.total_bytes
        self._set_aside = 0
        self._held = 0
        self._why_stopped = ""
        self._stopped = Event()
        self._changed = Condition()

    @property
    def is_over(self) -> bool:
        """Whether the time is."""
        return self._remaining() <= 0

    def stop(self, why: str) -> None:
        """Let nobody ask any more."""
        with self._changed:
            self._why_stopped = why
            self._stopped.set()
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait, until the end at most."""
        self._stopped.wait(max(0.0, min(seconds, self._remaining())))

    def allow(self) -> Allowance:
        """Wait until there are bytes and memory for an answer, and set them aside.

        Raises
        ------
        SpentError
            If there are none any more, or no time.
        """
        with self._changed:
            while not self._has_room():
                self._changed.wait(max(0.0, self._remaining()))
            size = self._one_answer()
            self._set_aside += size
            self._held += 1
            return Allowance(min(self._budget.deadline_seconds, self._remaining()), size)

    def check_time(self) -> None:
        """Raise SpentError if the time is over: for an answer that was given less of it than others."""
        if self.is_over:
            raise SpentError(CUT_OFF + self._out_of_time())

    def check_size(self, allowance: Allowance) -> None:
        """Raise SpentError if an answer was allowed fewer bytes than others."""
        if allowance.size_bytes < self._budget.answer_bytes:
            raise SpentError(CUT_OFF + self._out_of_bytes())

    def settle(self, allowance: Allowance, received: int) -> None:
        """Book the bytes that came, and give the others back."""
        with self._changed:
            self._set_aside -= allowance.size_bytes
            self._left -= min(received, allowance.size_bytes)
            self._changed.notify_all()

    def release(self, answers: int = 1) -> None:
        """Say that answers are not held in memory any more."""
        with self._changed:
            self._held -= answers
            self._changed.notify_all()

    def _has_room(self) -> bool:
        if self._stopped.is_set():
            raise SpentError(NOT_ASKED + self._why_stopped)
        if self.is_over:
            raise SpentError(NOT_ASKED + self._out_of_time())
        if self._left <= 0:
            raise SpentError(NOT_ASKED + self._out_of_bytes())
        is_free = self._left - self._set_aside >= self._one_answer()
        return is_free and self._held < BODIES_PER_REQUEST * self._budget.in_flight

    def _out_of_time(self) -> str:
        return f"the budget of {self._budget.total_seconds:g} s is used up"

    def _out_of_bytes(self) -> str:
        return f"the budget of {self._budget.total_bytes:,} bytes is used up"

    def _one_answer(self) -> int:
        return min(self._budget.answer_bytes, self._left)

    def _remaining(self) -> float:
        return min(self._ends_at - self._clock(), TIMEOUT_MAX)
