"""From the first rows of a ranking to debug=2 of the few processes that they are about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from os import PathLike
from typing import Unpack
from urllib.parse import urlunsplit

import pandas as pd

from gostack_nb.capturing.campaign import Outcome, Tell, capture_all
from gostack_nb.capturing.plan import MOST_GOROUTINES, Plan
from gostack_nb.capturing.schedule import Schedule, Span, seconds_of
from gostack_nb.capturing.told import Round, Told
from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.addresses import WEB
from gostack_nb.fleet.ranking import Ranking
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.reading.progress import Progress
from gostack_nb.recording.live import Shelf
from gostack_nb.sources.access import Access, AccessOptions
from gostack_nb.sources.address import scheme_of, split
from gostack_nb.sources.blob import Unread
from gostack_nb.sources.evidence import Evidence, blobs_of
from gostack_nb.sources.pprof import DEADLINE_SECONDS, Target, target_of

_HIDDEN = "***"
_SHOWN_SOURCES = 3


@checked
def fetch_stacks(
    ranking: Ranking,
    *,
    groups: int = 3,
    instances: int = 2,
    to: str | PathLike[str] | None = None,
    limit: int = MOST_GOROUTINES,
    force: bool = False,
    deadline: Span = DEADLINE_SECONDS,
    report: Tell | None = None,
    **access: Unpack[AccessOptions],
) -> Dataset:
    """Take debug=2 from the few processes that the first rows of a ranking are about.

    A sweep takes small profiles alone. debug=2 adds goroutine ids, waits and who created whom, and stops a process
    while Go prints it: `report` is told how long that is likely to be, and above `limit` goroutines it is left out.
    Each process is asked once, as one round of `gs.capture` asks it, without the leak profile.

    Parameters
    ----------
    ranking : Ranking
        As `sweep` or `rank` returned it.
    groups : int
        So many of its first rows.
    instances : int
        So many of each, those that hold the most. Never more than `groups` times `instances` are asked.
    to : path, optional
        A recording to which everything is added; it is made if it does not exist.
    limit : int
        Goroutines up to which debug=2 is taken.
    force : bool
        Take it in any case.
    deadline : float, str or timedelta
        For each answer.
    report : callable, optional
        Called with each `Round` and `Notice`; see `gostack_nb.capturing.told`.
    **access
        Optional keywords: `auth`, `bearer`, `headers`, `cert`, `verify`, `proxy`, `unix_socket`; see
        `gostack_nb.sources.access.AccessOptions`. A ranking holds no credentials, so that they are given here again.

    Returns
    -------
    Dataset
        Its `service` and `instance` are those of the ranking. What is missing is in `issues`.

    Raises
    ------
    ArgumentError
        If none of these rows comes from a service that can be asked, such as from files. Also a ValueError.
    SourceError
        If none of them answers.
    RecordingError
        If `to` cannot be written.
    KeyboardInterrupt
        If an interrupt comes before anything did.

    Examples
    --------
    After a sweep of running services::

        ranking = gs.fleet.sweep(gs.Prometheus("http://prometheus:9090").targets())
        gs.suspects(gs.fleet.fetch_stacks(ranking, to="incident-42"))
    """
    for name, value in (("groups", groups), ("instances", instances)):
        if value < 1:
            msg = f"{name}={value}: at least one is asked"
            raise ArgumentError(msg)
    opened = Access.of(access)
    suspects = _suspects(ranking, groups, instances)
    targets, missing = _targets(suspects, opened)
    if not targets:
        raise ArgumentError(_nobody(missing))
    plan = Plan(limit=limit, force=force, leak="never", deadline=seconds_of(deadline, "deadline"), access=opened)
    return _take(targets, plan, missing, to, report)


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A process of a ranking, and where its last dump came from."""

    service: str | None
    instance: str
    source: str

    @property
    def name(self) -> str:
        """As it is called while it is asked."""
        return f"{self.service}/{self.instance}" if self.service else self.instance


def _suspects(ranking: Ranking, groups: int, instances: int) -> list[_Suspect]:
    """Choose the processes that hold the most of the first groups."""
    last = _last_sources(ranking.counts.dumps())
    rows = ranking.sort_values("rank").head(groups)
    chosen = [
        (_text(service), str(instance))
        for service, worst in zip(rows["service"].astype(object), rows["instances_worst"], strict=True)
        for instance in islice(worst, instances)
    ]
    return [_Suspect(*process, last[process]) for process in dict.fromkeys(chosen)]


def _last_sources(dumps: pd.DataFrame) -> Mapping[tuple[str | None, str], str]:
    """Tell where the last dump of each process came from."""
    ordered = dumps.sort_values("captured_at", kind="stable", na_position="first")
    columns = (ordered[name].astype(object) for name in ("service", "instance", "source"))
    return {(_text(service), str(instance)): str(source) for service, instance, source in zip(*columns, strict=True)}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _targets(suspects: Sequence[_Suspect], access: Access) -> tuple[dict[Target, _Suspect], list[Unread]]:
    """Make out whom to ask; the other processes are rows."""
    targets: dict[Target, _Suspect] = {}
    missing: list[Unread] = []
    for suspect in suspects:
        reason = _not_asked(suspect.source)
        if reason:
            missing.append(Unread(suspect.source, reason))
            continue
        target = replace(target_of(_index_of(suspect.source), access), instance=suspect.name)
        targets[target] = suspect
    return targets, missing


def _not_asked(source: str) -> str | None:
    if scheme_of(source) not in WEB:
        return "is no service: debug=2 cannot be taken from it"
    if _HIDDEN in source:
        return "its address holds a secret, which is not kept. Hint: gs.capture with the whole address"
    return None


def _index_of(source: str) -> str:
    """Return the address of the index that a profile belongs to.

    >>> _index_of("http://10.0.0.7:6060/debug/pprof/goroutine?debug=0")
    'http://10.0.0.7:6060/debug/pprof/?debug=0'
    """
    parts = split(source)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rpartition("/")[0] + "/", parts.query, ""))


def _nobody(missing: Sequence[Unread]) -> str:
    if not missing:
        return "the ranking has no rows: there is nobody to ask for debug=2"
    named = ", ".join(one.source for one in missing[:_SHOWN_SOURCES])
    more = f" and {len(missing) - _SHOWN_SOURCES} more" if len(missing) > _SHOWN_SOURCES else ""
    what = "none of them is a running service that can be asked for debug=2"
    return f"{named}{more}: {what}. Hint: gs.read reads dumps, gs.capture asks a service"


def _take(
    targets: Mapping[Target, _Suspect],
    plan: Plan,
    missing: Sequence[Unread],
    to: str | PathLike[str] | None,
    report: Tell | None,
) -> Dataset:
    """Capture one round of all of them, each under its own names."""
    held: list[Evidence] = []
    shelf = None if to is None else Shelf(to)
    suspects = {target.instance: suspect for target, suspect in targets.items()}

    def keep(evidence: Evidence) -> None:
        suspect = suspects[evidence.instance or ""]
        named = replace(evidence, service=suspect.service, instance=suspect.instance)
        if shelf:
            shelf.keep(named)
        held.append(named)

    with Progress(f"Capturing {len(targets)} services") as progress:
        outcome = capture_all(
            list(targets),
            plan=plan,
            schedule=Schedule.of(None, None, None),
            keep=keep,
            tell=report or (lambda told: progress.advance(_size(told))),
        )
    return read_blobs(chain(blobs_of(held), missing, _noted(outcome)))


def _size(told: Told) -> int:
    return sum(taken.size_bytes for taken in told.taken) if isinstance(told, Round) else 0


def _noted(outcome: Outcome) -> Iterator[Unread]:
    """Yield what the evidence does not tell itself."""
    return (Unread(note.source, note.reason) for note, _ in outcome.notes.values() if not note.in_evidence)
