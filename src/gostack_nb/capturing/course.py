"""The rounds of one service, on the grid that all services of a capture share."""

import queue
import threading
import time
from dataclasses import dataclass

from gostack_nb.capturing.lane import ClosedError, Lane
from gostack_nb.capturing.rounds import Site, Visit
from gostack_nb.capturing.schedule import Schedule
from gostack_nb.capturing.told import Round, Told


@dataclass(frozen=True, slots=True)
class Broken:
    """A thread failed: the disk is full, or there is a mistake in this program."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Done:
    """A service has had its last round."""


Event = Told | Broken | Done
Events = queue.SimpleQueue[Event]


class Course(threading.Thread):
    """Takes the rounds of one service and tells of them.

    It does not hold up the end of the program: an answer that never comes is left behind.

    Parameters
    ----------
    site : Site
        The service.
    lane : Lane
        Keeps its evidence; a round is told when it has kept all.
    schedule : Schedule
        When rounds begin.
    begun : float
        The begin of the grid, `time.monotonic()`.
    events : queue
        Gets every round, then `Done`.
    """

    def __init__(self, site: Site, lane: Lane, schedule: Schedule, begun: float, events: Events) -> None:
        super().__init__(name=f"capture {site.target.instance}", daemon=True)
        self._site, self._lane, self._schedule = site, lane, schedule
        self._begun, self._events = begun, events

    def run(self) -> None:
        """Take all rounds."""
        try:
            self._take_rounds()
        except ClosedError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the caller waits
            self._events.put(Broken(error))
        self._events.put(Done())

    def _take_rounds(self) -> None:
        tick: int | None = 0
        number = 0
        while tick is not None:
            number += 1
            visit = Visit(self._site, number)
            visit.take()
            tick = self._finish(visit, tick, number)
            if tick is not None and self._site.stop.wait(self._schedule.seconds_to(tick, self._passed())):
                self._close(number + 1)
                return

    def _finish(self, visit: Visit, tick: int, done: int) -> int | None:
        """Tell of a round, and return the tick of the next; the last one ends with the leak profile."""
        following = None if self._site.stop.is_set() else self._schedule.after(tick, done, self._passed())
        if following is None:
            visit.close()
        elif following > tick + 1:
            late = following - tick - 1
            reason = f"{late} round{'s' * (late > 1)} left out: this one took longer than {self._schedule.every:g} s"
            visit.note(reason, "rounds left out")
        self._tell(visit.round())
        return following

    def _close(self, number: int) -> None:
        """Take what ends a capture, when it ended between two rounds: at a moment of its own."""
        visit = Visit(self._site, number)
        visit.close()
        closing = visit.round()
        if closing.taken or closing.notes:
            self._tell(closing)

    def _tell(self, done: Round) -> None:
        self._lane.settle()
        self._events.put(done)

    def _passed(self) -> float:
        return time.monotonic() - self._begun
