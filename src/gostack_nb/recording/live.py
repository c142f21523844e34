"""From running services to a Dataset: rounds of captures, kept in a recording or in memory."""

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Unpack

import pandas as pd

from gostack_nb.capturing.campaign import Outcome, Tell, capture_all
from gostack_nb.capturing.plan import MOST_GOROUTINES, Leak, Plan
from gostack_nb.capturing.rounds import Keep
from gostack_nb.capturing.schedule import Schedule, Span, seconds_of
from gostack_nb.capturing.told import Round, Told
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.schema import ISSUES
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.reading.progress import Progress
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.access import Access, AccessOptions
from gostack_nb.sources.blob import Unread
from gostack_nb.sources.evidence import Evidence, blobs_of
from gostack_nb.sources.pprof import DEADLINE_SECONDS, Target, target_of
from gostack_nb.sources.presence import is_there

Urls = str | Iterable[str]


@checked
def capture(
    url: Urls,
    *,
    every: Span | None = None,
    count: int | None = None,
    duration: Span | None = None,
    to: str | PathLike[str] | None = None,
    service: str | None = None,
    limit: int = MOST_GOROUTINES,
    force: bool = False,
    leak: Leak = "end",
    deadline: Span = DEADLINE_SECONDS,
    report: Tell | None = None,
    **access: Unpack[AccessOptions],
) -> Dataset:
    """Capture goroutines and metrics from running services.

    A round reads the index, then takes debug=1 (which tells the count), debug=0, debug=2 and /metrics; what a service
    does not have is left out, and said in `issues`. debug=2 stops the service while Go writes it, so it is taken up to
    `limit` goroutines. Everything that a round takes has one `captured_at`, when it began.

    Parameters
    ----------
    url : str or iterable of str
        The service (`http://10.0.0.7:6060`, `localhost:6060`), its pprof index under any prefix (so also through
        `kubectl proxy`), or one profile (`.../goroutine?debug=1`), which then is all that is taken. Several are
        captured at once, each failing alone; replicas that are captured together are also stopped together.
    every : float, str or timedelta, optional
        How far apart rounds begin: seconds, or `"15s"`, `"1m"`. A round that takes longer leaves out the next ones, and
        says so. Without it there is one round.
    count : int, optional
        How many rounds. With `every` alone they go on until an interrupt (Ctrl-C, or the notebook's stop button).
    duration : float, str or timedelta, optional
        How long rounds may begin; the one at the end is still taken.
    to : path, optional
        A recording to which everything is added the moment it came; it is made if it does not exist. Without it
        everything is held in memory.
    service : str, optional
        Written to `snapshots`.
    limit : int
        Goroutines up to which debug=2 is taken. 10,000 were stopped for some 0.2 s, 100,000 for some 3 s.
    force : bool
        Take debug=2 in any case.
    leak : {"end", "each", "never"}
        When Go's leak profile is taken, from services that list it (Go 1.27; 1.26 as an experiment): once, as the last
        thing of the capture; in each round, also as its last; or not. It is the strongest evidence, it starts a garbage
        collection, and goroutines that it marks show no wait minutes from then on (runtime/traceback.go, go1.27).
    deadline : float, str or timedelta
        For each answer. Broken answers are asked for again within it, but debug=2 and the leak profile are not.
    report : callable, optional
        Called with each `Round` when it is done, and with each `Notice`; see `gostack_nb.capturing.told`.
    **access
        Optional keywords: `auth`, `bearer`, `headers`, `cert`, `verify`, `proxy`, `unix_socket`; see
        `gostack_nb.sources.access.AccessOptions`. They are used for every `url`, and kept nowhere.

    Returns
    -------
    Dataset
        What this capture brought, also when it was interrupted. What is missing is in `issues`; a debug=2 that Go cut
        at 64 MiB (runtime/pprof/pprof.go, writeGoroutineStacks) is `truncated`, with the share that it holds.

    Raises
    ------
    SourceError
        If the first round brings nothing from any service; which, and why.
    RecordingError
        If `to` cannot be written. What was kept by then stays.
    ValueError
        If a span of time is none, or several rounds are wanted without `every`.
    KeyboardInterrupt
        If an interrupt comes before anything did.

    Examples
    --------
    For ten minutes, into a folder::

        dataset = gs.capture("localhost:6060", every="15s", duration="10m", to="incident-42")
    """
    wanted = wanted_of(
        url,
        access,
        every=every,
        count=count,
        duration=duration,
        service=service,
        limit=limit,
        force=force,
        leak=leak,
        deadline=deadline,
    )
    if to is None:
        return _in_memory(wanted, report)
    return capture_into(Shelf(to), wanted, report).read()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is captured, how and when."""

    targets: tuple[Target, ...]
    plan: Plan
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Captured:
    """What a capture left in a recording."""

    shelf: "Shelf"
    outcome: Outcome

    def read(self) -> Dataset:
        """Return the tables of this capture alone, with what is missing."""
        return _with_notes(self.shelf.read(), _missing(self.outcome))


class Shelf:
    """A recording that is made when the first evidence comes: a service that does not answer leaves no folder.

    Parameters
    ----------
    path : path
        Of the recording. If it exists it is opened at once.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path).expanduser()
        self._names: set[str] = set()
        self._lock = threading.Lock()
        self._recording = Recording.open(self.path, create=True) if is_there(self.path) else None

    def keep(self, evidence: Evidence) -> None:
        """Add evidence; called by several threads."""
        self._names.add(self._opened().put(evidence))

    def read(self) -> Dataset:
        """Return the tables of what came through here, from a recording that others may write too."""
        return self._recording.read_evidence(self._names) if self._recording and self._names else read_blobs([])

    def _opened(self) -> Recording:
        with self._lock:
            if self._recording is None:
                self._recording = Recording.open(self.path, create=True)
            return self._recording


def wanted_of(
    url: Urls,
    access: AccessOptions,
    *,
    every: Span | None = None,
    count: int | None = None,
    duration: Span | None = None,
    service: str | None = None,
    limit: int = MOST_GOROUTINES,
    force: bool = False,
    leak: Leak = "end",
    deadline: Span = DEADLINE_SECONDS,
) -> Wanted:
    """Check what a caller of `capture` gave; raises its ValueError, and SourceError for an address that is none."""
    opened = Access.of(access)
    plan = Plan(
        service=service,
        limit=limit,
        force=force,
        leak=leak,
        deadline=seconds_of(deadline, "deadline"),
        access=opened,
    )
    urls = [url] if isinstance(url, str) else list(url)
    if not urls:
        msg = "no service to capture from. Hint: gs.capture('http://host:6060')"
        raise ValueError(msg)
    targets = {target.address: target for target in (target_of(one, opened) for one in urls)}
    return Wanted(_told_apart(targets.values()), plan, Schedule.of(every, count, duration))


def _told_apart(targets: Collection[Target]) -> tuple[Target, ...]:
    """Name services by their whole address where host and port, or pod, are those of several."""
    named = Counter(target.instance for target in targets)
    return tuple(
        target if named[target.instance] == 1 else replace(target, instance=target.source.partition("://")[2])
        for target in targets
    )


def capture_into(shelf: Shelf, wanted: Wanted, report: Tell | None) -> Captured:
    """Capture into a recording; raises what `capture` does."""
    return Captured(shelf, _run(wanted, shelf.keep, report))


def _in_memory(wanted: Wanted, report: Tell | None) -> Dataset:
    held: list[Evidence] = []
    outcome = _run(wanted, held.append, report)
    return read_blobs(chain(blobs_of(held), _missing(outcome)))


def _run(wanted: Wanted, keep: Keep, report: Tell | None) -> Outcome:
    """Capture, and show the bytes that came where nobody else reports."""
    named = wanted.targets[0].instance if len(wanted.targets) == 1 else f"{len(wanted.targets)} services"
    with Progress(f"Capturing {named}") as progress:
        return capture_all(
            wanted.targets,
            plan=wanted.plan,
            schedule=wanted.schedule,
            keep=keep,
            tell=report or (lambda told: progress.advance(_size(told))),
        )


def _size(told: Told) -> int:
    return sum(taken.size_bytes for taken in told.taken) if isinstance(told, Round) else 0


def _missing(outcome: Outcome) -> list[Unread]:
    """Return what no evidence tells, each once."""
    return [
        Unread(note.source, note.reason + (f" (in {times} rounds)" if times > 1 else ""))
        for note, times in outcome.notes.values()
        if not note.in_evidence
    ]


def _with_notes(dataset: Dataset, missing: Sequence[Unread]) -> Dataset:
    tables = [table.astype("object") for table in (dataset.issues, read_blobs(missing).issues)]
    dtypes = {column.name: column.dtype for column in ISSUES}
    return replace(dataset, issues=pd.concat(tables, ignore_index=True).astype(dtypes))
