"""All services of a capture at once: each in its thread, each failing alone, until the last round or an interrupt."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gostack_nb.capturing.course import Broken, Course, Done, Event
from gostack_nb.capturing.lane import Lane
from gostack_nb.capturing.plan import Plan
from gostack_nb.capturing.rounds import Keep, Site
from gostack_nb.capturing.schedule import Schedule
from gostack_nb.capturing.told import Note, Notice, Round, Told
from gostack_nb.errors import SourceError
from gostack_nb.sources.pprof import Target

GRACE_SECONDS = 10.0
"""After an interrupt: for the answers under way and the leak profile. Kubernetes ends a container after 30."""

ENDING = "ending: what is under way is finished; interrupt again to leave at once"

Tell = Callable[[Told], object]


@dataclass(slots=True)
class Outcome:
    """What became of a capture.

    Attributes
    ----------
    rounds : int
        Rounds of all services in which something was taken.
    notes : dict of Note to int
        What is missing, each said once, and how often it was.
    interrupted : bool
        It was ended from outside.
    """

    rounds: int = 0
    notes: dict[tuple[str, str], tuple[Note, int]] = field(default_factory=dict)
    interrupted: bool = False

    def add(self, done: Round) -> None:
        """Count a round."""
        self.rounds += bool(done.taken)
        for note in done.notes:
            first, times = self.notes.get((note.source, note.about), (note, 0))
            self.notes[note.source, note.about] = first, times + 1


def capture_all(targets: Sequence[Target], *, plan: Plan, schedule: Schedule, keep: Keep, tell: Tell) -> Outcome:
    """Capture from several services at once.

    Parameters
    ----------
    targets : sequence of Target
        The services.
    plan : Plan
        How they are asked.
    schedule : Schedule
        When; the rounds of all begin together.
    keep : callable
        Gets each Evidence the moment it is complete, from several threads.
    tell : callable
        Gets each Round and Notice, from the thread that called.

    Returns
    -------
    Outcome
        Also after an interrupt, if anything was taken by then.

    Raises
    ------
    SourceError
        If the first round brings nothing from any of them.
    KeyboardInterrupt
        If nothing was taken when it came.
    """
    campaign = _Campaign(targets, plan, schedule, keep, tell)
    try:
        campaign.attend(deadline=None)
    except KeyboardInterrupt:
        campaign.end_early()
    finally:
        campaign.end()
    if campaign.outcome.interrupted:
        campaign.check()
    return campaign.outcome


class _Campaign:
    """The threads of a capture, and what they tell."""

    def __init__(self, targets: Sequence[Target], plan: Plan, schedule: Schedule, keep: Keep, tell: Tell) -> None:
        self.outcome = Outcome()
        self._tell = tell
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._lanes = [Lane(keep) for _ in targets]
        self._alive = len(targets)
        self._failures: list[SourceError] = []  # of first rounds
        begun = time.monotonic()
        for target, lane in zip(targets, self._lanes, strict=True):
            site = Site(target, plan, lane.keep, self._events.put, self._stop)
            Course(site, lane, schedule, begun, self._events).start()

    def check(self) -> None:
        """Raise what went wrong while the end was awaited, and the interrupt if nothing had come."""
        for lane in self._lanes:
            lane.settle()
        if not any(lane.kept for lane in self._lanes):
            raise KeyboardInterrupt

    def attend(self, *, deadline: float | None) -> None:
        """Pass on what the threads tell, until all are done; or for some seconds."""
        end = None if deadline is None else time.monotonic() + deadline
        while self._alive:
            try:
                event = self._events.get(timeout=None if end is None else max(0.0, end - time.monotonic()))
            except queue.Empty:
                return
            self._take(event)

    def end_early(self) -> None:
        """Let the threads finish what is under way; a second interrupt leaves it."""
        self.outcome.interrupted = True
        self._stop.set()
        try:
            self._tell(Notice("", ENDING))
            self.attend(deadline=GRACE_SECONDS)
        except KeyboardInterrupt:
            pass

    def end(self) -> None:
        """Keep what has come, and nothing more."""
        self._stop.set()
        for lane in self._lanes:
            lane.close()

    def _take(self, event: Event) -> None:
        match event:
            case Done():
                self._alive -= 1
            case Broken(error):
                raise error
            case Round():
                self.outcome.add(event)
                self._check_first(event)
                self._tell(event)
            case Notice():
                self._tell(event)

    def _check_first(self, event: Round) -> None:
        """Give up if the first round brought nothing from anywhere."""
        if event.number == 1 and event.failure is not None:
            self._failures.append(event.failure)
        if len(self._failures) == len(self._lanes) and not self.outcome.interrupted:
            raise _together(self._failures)


def _together(failures: Sequence[SourceError]) -> SourceError:
    if len(failures) == 1:
        return failures[0]
    return SourceError(f"none of {len(failures)} services can be captured: {'; '.join(map(str, failures))}")
