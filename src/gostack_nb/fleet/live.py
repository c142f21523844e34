"""Running services to Counts: each is asked for a small profile, many at once, within a budget; what fails is a row."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from random import Random
from threading import Condition, Thread

from gostack_nb.errors import SourceError
from gostack_nb.fleet.budget import Budget
from gostack_nb.fleet.counting import MOST_DUMPS, count_opened
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.service import Service, service_of, take
from gostack_nb.fleet.spending import NOT_ASKED, Spending, SpentError
from gostack_nb.sources.access import Access
from gostack_nb.sources.blob import Limits, Unread
from gostack_nb.sources.evidence import Evidence

INTERRUPTED = "interrupted"

THREAD = "sweep"
"""The name of each thread that asks."""

Keep = Callable[[Evidence], object]


def ask_all(
    places: Sequence[Place],
    budget: Budget,
    access: Access,
    keep: Keep | None,
    advance: Callable[[int], object],
    *,
    chance: Random | None = None,
) -> Counts:
    """Ask running services for debug=0, or debug=1 where that is not there, and count what they answer.

    Parameters
    ----------
    places : sequence of Place
        The services. One address is asked once, however often it is named.
    budget : Budget
        How many at once, for how long, how much.
    access : Access
        What opens their doors; it is in no row.
    keep : callable or None
        Gets each answer before it is counted, from several threads.
    advance : callable
        Gets the number of places that are done, from the thread that called.
    chance : Random, optional
        Shuffles, and draws how long each request waits.

    Returns
    -------
    Counts
        What did not answer, was refused or not asked any more is a row of its problems. After an interrupt it is what
        came by then.

    Raises
    ------
    GostackError
        That `keep` raises.
    KeyboardInterrupt
        If it comes before the first answer did.
    """
    sweep = _Sweep(budget, access, keep, advance, chance or Random())  # noqa: S311 - no secret depends on it
    try:
        sweep.begin(places)
        sweep.attend()
    except KeyboardInterrupt:
        sweep.end_early()
    finally:
        sweep.close()
    return sweep.counts()


@dataclass(frozen=True, slots=True)
class _Came:
    number: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Failed:
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Broken:
    """What ends the sweep: it cannot keep what it was to keep."""

    error: BaseException


class _Door:
    """Through which answers come in until it is shut."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._is_open = True
        self._inside = 0

    @contextmanager
    def entered(self) -> Iterator[bool]:
        """Tell whether it was open; whoever entered is waited for."""
        with self._changed:
            is_open = self._is_open
            self._inside += is_open
        try:
            yield is_open
        finally:
            with self._changed:
                self._inside -= is_open
                self._changed.notify_all()

    def shut(self) -> None:
        """Let nobody in any more, and wait for those who are."""
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: not self._inside)


class _Sweep:
    """The threads that ask, and the one that counts: that of the caller."""

    def __init__(
        self,
        budget: Budget,
        access: Access,
        keep: Keep | None,
        advance: Callable[[int], object],
        chance: Random,
    ) -> None:
        self._budget, self._access, self._keep = budget, access, keep
        self._advance, self._chance = advance, chance
        self._spending = Spending(budget)
        self._limits = _limits(budget)
        self._door = _Door()
        self._events: SimpleQueue[_Came | _Failed | _Broken] = SimpleQueue()
        self._order: SimpleQueue[int] = SimpleQueue()
        self._services: dict[int, Service] = {}
        self._waiting: set[int] = set()
        self._batch: list[_Came] = []
        self._parts: list[Counts] = []
        self._rows: list[dict[str, str | None]] = []

    def begin(self, places: Sequence[Place]) -> None:
        """Start asking, in random order."""
        self._services = dict(enumerate(self._services_of(places)))
        self._waiting = set(self._services)
        self._advance(len(places) - len(self._services))
        order = list(self._services)
        self._chance.shuffle(order)
        for number in order:
            self._order.put(number)
        for _ in range(min(self._budget.in_flight, len(order))):
            Thread(target=self._work, daemon=True, name=THREAD).start()

    def attend(self) -> None:
        """Count what comes, until every service is done."""
        while self._waiting:
            self._take(self._events.get())
            while len(self._batch) < MOST_DUMPS and not self._events.empty():
                self._take(self._events.get())
            self._count()

    def end_early(self) -> None:
        """Count what has come, and say what did not; raises the interrupt if nothing came."""
        self.close()
        while True:
            try:
                self._take(self._events.get_nowait())
            except Empty:
                break
        self._count()
        if not self._parts:
            raise KeyboardInterrupt
        for number in sorted(self._waiting):
            self._miss(self._services[number].place, f"{NOT_ASKED}{INTERRUPTED}")

    def close(self) -> None:
        """Ask nobody any more, and let nothing in: the answers under way end by themselves."""
        self._spending.stop(INTERRUPTED)
        self._door.shut()

    def counts(self) -> Counts:
        """Return all that is known."""
        return combine([*self._parts, Counts.of_problems(self._rows)])

    def _services_of(self, places: Sequence[Place]) -> list[Service]:
        """Return what can be asked, each address once; what cannot is a row."""
        found: dict[str, Service] = {}
        for place in places:
            try:
                service = service_of(place, self._access)
            except SourceError as error:
                self._miss(place, _words(error))
                continue
            first = found.setdefault(service.address, service)
            if first.place != service.place:
                named = "/".join(filter(None, (first.place.service, first.place.instance)))
                self._miss(service.place, f"is asked once, as {named}: the address is the same")
        return _told_apart(list(found.values()))

    def _miss(self, place: Place, reason: str) -> None:
        self._rows.append(
            {"source": place.source, "service": place.service, "instance": place.instance, "reason": reason}
        )

    def _take(self, event: _Came | _Failed | _Broken) -> None:
        match event:
            case _Broken(error):
                raise error
            case _Failed(number, reason):
                self._miss(self._services[number].place, reason)
                self._done(number)
            case _Came(number):
                self._batch.append(event)
                self._done(number)

    def _done(self, number: int) -> None:
        self._waiting.discard(number)
        self._advance(1)

    def _count(self) -> None:
        """Count the answers at hand together: each alone would cost thirty times as much."""
        if not self._batch:
            return
        opened = ((self._services[one.number].place, one.evidence.blobs(self._limits)) for one in self._batch)
        self._parts.append(count_opened(opened))
        self._spending.release(len(self._batch))
        self._batch = []

    def _work(self) -> None:
        """Ask one service after the other: what each thread does."""
        while True:
            try:
                number = self._order.get_nowait()
            except Empty:
                return
            self._spending.pause(self._chance.uniform(0, self._budget.jitter_seconds))
            self._visit(number)

    def _visit(self, number: int) -> None:
        try:
            evidence = take(self._services[number], self._access, self._spending)
        except (SourceError, SpentError) as error:
            self._events.put(_Failed(number, _words(error)))
        except Exception as error:  # noqa: BLE001 - one service must not end the sweep of ten thousand
            self._events.put(_Failed(number, f"could not be asked, a defect of gostack_nb ({type(error).__name__})"))
        else:
            self._let_in(number, evidence)

    def _let_in(self, number: int, evidence: Evidence) -> None:
        """Keep an answer, unless the sweep is over or the answer cannot be unpacked."""
        with self._door.entered() as is_open:
            if not is_open:
                return
            try:
                self._events.put(self._kept(number, evidence))
            except BaseException as error:  # noqa: BLE001 - raised again where the caller waits
                self._events.put(_Broken(error))

    def _kept(self, number: int, evidence: Evidence) -> _Came | _Failed:
        unread = next((item for item in evidence.blobs(self._limits) if isinstance(item, Unread)), None)
        if unread:
            self._spending.release()
            return _Failed(number, f"the answer cannot be unpacked: {unread.reason}")
        if self._keep:
            self._keep(evidence)
        return _Came(number, evidence)


def _limits(budget: Budget) -> Limits:
    """Let an answer be as large unpacked as it may be on its way; an archive is none."""
    most = budget.answer_bytes
    return Limits(file_bytes=most, response_bytes=most, archive_bytes=most, members=1)


def _told_apart(services: Sequence[Service]) -> list[Service]:
    """Name services by their whole address where host and port, or pod, are those of several."""
    named = Counter((service.place.service, service.place.instance) for service in services)
    return [
        service if named[service.place.service, service.place.instance] == 1 else _by_address(service)
        for service in services
    ]


def _by_address(service: Service) -> Service:
    return replace(service, place=replace(service.place, instance=service.place.source.partition("://")[2]))


def _words(error: Exception) -> str:
    """Return the sentence without the address, which has its own column."""
    text = str(error)
    return text if isinstance(error, SpentError) else text.partition(": ")[2] or text
