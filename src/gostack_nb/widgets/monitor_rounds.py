"""The rounds of a monitor: asked, saved, then handed on; a round that fails does not end them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from gostack_nb.capturing.lane import Lane
from gostack_nb.capturing.plan import Plan
from gostack_nb.capturing.rounds import Keep, Site, Visit
from gostack_nb.capturing.schedule import Schedule
from gostack_nb.capturing.told import Notice, Round, Told
from gostack_nb.plots.moments import count_words
from gostack_nb.recording.live import Wanted

LEAST_DEADLINE_SECONDS = 1.0
"""The leak profile is not asked for when less is left."""

TICK_SECONDS = 1.0
"""How often the time to the next round is told."""


class Order:
    """What the owner of the rounds wants of them: to stop, or to draw anew."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.stopped_at = 0.0
        self._wake = threading.Event()
        self._again = False

    def end(self) -> None:
        """Let the round under way be the last."""
        if not self.stop.is_set():
            self.stopped_at = time.monotonic()
        self.stop.set()
        self._wake.set()

    def look_again(self) -> None:
        """Have the picture drawn anew between two rounds."""
        self._again = True
        self._wake.set()

    def wait(self, seconds: float) -> bool:
        """Wait for an order; tell whether there is one."""
        return self._wake.wait(seconds)

    def take_look(self) -> bool:
        """Tell whether the picture is to be drawn anew, once."""
        self._wake.clear()  # first: an order that comes now wakes again
        again, self._again = self._again, False
        if self.stop.is_set():
            self._wake.set()
        return again


@dataclass(frozen=True, slots=True)
class Desk:
    """Who is told of rounds, always from the thread of the rounds.

    Attributes
    ----------
    keep : callable
        Saves each Evidence.
    begin : callable
        Called with the number of a round that begins.
    done : callable
        Called with each Round when all of it is saved.
    fail : callable
        Called with a sentence and an error.
    note : callable
        Called with each Notice.
    next_in : callable
        Called each second with how many are left until the next round.
    look : callable
        Draws the picture anew.
    """

    keep: Keep
    begin: Callable[[int], object]
    done: Callable[[Round], object]
    fail: Callable[[str, Exception], object]
    note: Callable[[Notice], object]
    next_in: Callable[[float], object]
    look: Callable[[], object]


class Rounds:
    """The rounds of one service, from the first to the last or to the order to stop.

    Parameters
    ----------
    wanted : Wanted
        One service, how it is asked, and when.
    order : Order
        Ends them.
    desk : Desk
        Is told.
    """

    def __init__(self, wanted: Wanted, order: Order, desk: Desk) -> None:
        self._plan: Plan = wanted.plan
        self._schedule: Schedule = wanted.schedule
        self._order, self._desk = order, desk
        self._lane = Lane(desk.keep)
        self._site = Site(wanted.targets[0], wanted.plan, self._lane.keep, self._tell, order.stop)
        self._begun = time.monotonic()

    def take(self) -> None:
        """Take all rounds; returns when the last one is done."""
        try:
            self._take_all()
        finally:
            self._lane.close()

    def _take_all(self) -> None:
        tick: int | None = 0
        number = 0
        while tick is not None:
            number += 1
            is_closed = self._round(number, tick)
            tick = None if is_closed else self._after(tick, number)
            if is_closed:
                return
            if tick is None or self._wait(tick):
                self._end(number + 1)
                return

    def _round(self, number: int, tick: int) -> bool:
        """Take a round; tell whether it was the last one."""
        self._desk.begin(number)
        visit = Visit(self._site, number)
        self._attempt(visit.take, f"round {number} failed")
        is_last = self._order.stop.is_set() or self._schedule.after(tick, number, self._passed()) is None
        if is_last:
            self._close(visit)
        self._hand_on(visit.round())
        return is_last

    def _end(self, number: int) -> None:
        """Take what ends a capture, when it ended between two rounds."""
        visit = Visit(self._site, number)
        self._close(visit)
        closing = visit.round()
        if closing.taken or closing.notes:
            self._hand_on(closing)

    def _close(self, visit: Visit) -> None:
        """Take the leak profile, within the deadline that began with the order to stop."""
        if self._order.stop.is_set():
            left = self._order.stopped_at + self._plan.deadline - time.monotonic()
            if left < min(LEAST_DEADLINE_SECONDS, self._plan.deadline / 2):
                return
            self._site.plan = replace(self._plan, deadline=left)
        self._attempt(visit.close, "the leak profile could not be taken")

    def _hand_on(self, done: Round) -> None:
        if self._attempt(self._lane.settle, f"round {done.number} could not be saved"):
            self._desk.done(done)

    def _attempt(self, step: Callable[[], object], what: str) -> bool:
        """Take a step; tell whether it succeeded. Whatever goes wrong, the next round is tried."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 - said on the widget
            self._desk.fail(what, error)
            return False
        return True

    def _after(self, tick: int, number: int) -> int | None:
        """Return the tick of the next round, and say how many were left out."""
        following = self._schedule.after(tick, number, self._passed())
        late = 0 if following is None else following - tick - 1
        if late:
            words = f"a round took longer than {self._schedule.every:g} s: {count_words(late, 'round')} left out"
            self._desk.note(Notice("", words))
        return following

    def _wait(self, tick: int) -> bool:
        """Wait for a tick; tell whether the order to stop came."""
        while (left := self._schedule.seconds_to(tick, self._passed())) > 0 and not self._order.stop.is_set():
            self._desk.next_in(left)
            if self._order.wait(min(left, TICK_SECONDS)) and self._order.take_look():
                self._desk.look()
        return self._order.stop.is_set()

    def _tell(self, told: Told) -> None:
        if isinstance(told, Notice):
            self._desk.note(told)

    def _passed(self) -> float:
        return time.monotonic() - self._begun
