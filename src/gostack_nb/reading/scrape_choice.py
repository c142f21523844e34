"""Which scrapes of a continuous profiler are read, and what has to be said about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from gostack_nb.errors import FormatError, QueryError
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.sources.blob import Blob
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.process_labels import Process, instance_names
from gostack_nb.sources.scrapes import EPOCH, MILLISECOND, Scrape, Series

DEFAULT_INTERVAL_MS = 15_000
"""Between two scrapes, where only one is known: what Grafana's collector has if nothing else is configured."""

MISSED_SCRAPES = 4
"""A process that was not scraped for that many intervals is gone; profiles arrive one or two intervals late."""

MAX_SCRAPES = 1_000
"""Of one call: each is at least one request."""

_NOT_TOLD_APART = (
    "no label says which process this is (instance, pod, hostname): if several have these labels, snapshots of"
    " different ones follow each other, and those of one millisecond add up"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Points of series that are to be fetched, in order of time, and sentences about processes."""

    points: tuple[tuple[Series, int], ...]
    names: Mapping[Process, str | None]  # of all processes that were found
    notes: tuple[tuple[Process, str], ...]


def all_of(series: Sequence[Series], start_ms: int, every_ms: int) -> Choice:
    """Choose the first scrape of each process in each stretch of `every_ms` from `start_ms` on.

    Raises
    ------
    QueryError
        If these are more than can be fetched.
    """
    return _choice(series, [(one, at) for one in series for at in _first_in_each(one, start_ms, every_ms)], [])


def last_of(series: Sequence[Series], at_ms: int) -> Choice:
    """Choose the last scrape of each process that was still scraped at a time.

    Raises
    ------
    QueryError
        If there is none, or if these are more than can be fetched.
    """
    present = [one for one in series if not _is_gone(one, at_ms)]
    notes = [(one.process, note) for one in series if (note := _about_interval(one, at_ms))]
    if not present:
        process, note = notes[0]
        hint = "Hint: ask for a time at which it ran, at=..., or for all scrapes, since=..."
        msg = f"{process.shown}: {note}. {hint}"
        raise QueryError(msg)
    return _choice(series, [(one, max(one.points)) for one in present], notes)


def interval_ms(series: Series) -> float | None:
    """Return the median time between two scrapes; None if there is only one."""
    times = sorted(series.points)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return median(gaps) if gaps else None


def annotated(evidence: Evidence, scrape: Scrape, neighbours: int) -> Evidence:
    """Note what is odd about a profile: when it was taken, how many lie together, whether its goroutines are all there.

    Parameters
    ----------
    neighbours : int
        Scrapes in the same second, this one included.
    """
    several = (
        f"{neighbours} scrapes lie within one second and are read one by one: two scrapers, or two processes with the"
        " same labels"
        if neighbours > 1
        else None
    )
    notes = filter(None, (scrape.note, several, _about_total(evidence, scrape.goroutines)))
    return replace(evidence, note="; ".join(notes) or None)


def shown_time(at_ms: int) -> str:
    """Write a time as people read it.

    >>> shown_time(1795424023265)
    '2026-11-23 08:53:43Z'
    """
    return (EPOCH + at_ms * MILLISECOND).strftime("%Y-%m-%d %H:%M:%SZ")


def _choice(
    series: Iterable[Series], points: Sequence[tuple[Series, int]], notes: Iterable[tuple[Process, str]]
) -> Choice:
    if len(points) > MAX_SCRAPES:
        msg = (
            f"{len(points):,} scrapes are more than the {MAX_SCRAPES:,} of one call. Hint: a shorter time, every='10m'"
        )
        raise QueryError(msg)
    chosen = dict.fromkeys(one.process for one, _ in points)
    unsure = [(process, _NOT_TOLD_APART) for process in chosen if not process.is_told_apart]
    return Choice(
        points=tuple(sorted(points, key=lambda point: point[1])),
        names=instance_names(one.process for one in series),
        notes=(*notes, *unsure),
    )


def _first_in_each(series: Series, start_ms: int, every_ms: int) -> list[int]:
    first = {(at - start_ms) // every_ms: at for at in sorted(series.points, reverse=True)}
    return sorted(first.values())


def _is_gone(series: Series, at_ms: int) -> bool:
    return at_ms - max(series.points) > MISSED_SCRAPES * (interval_ms(series) or DEFAULT_INTERVAL_MS)


def _about_interval(series: Series, at_ms: int) -> str | None:
    """Say that a process is not read because it was not scraped lately, or that its interval had to be guessed."""
    interval, last = interval_ms(series), max(series.points)
    known = (
        f"scrapes came every {interval / 1000:g} s"
        if interval
        else f"only one scrape is known, so that {DEFAULT_INTERVAL_MS / 1000:g} s are assumed between two"
    )
    if _is_gone(series, at_ms):
        gap = (at_ms - last) / 1000
        return f"not read: its last scrape, {shown_time(last)}, is {gap:.0f} s older than the time asked for; {known}"
    return None if interval else known


def _about_total(evidence: Evidence, told: int) -> str | None:
    """Compare the goroutines of a profile with what the server's series says."""
    try:
        dumps = [dump for blob in evidence.blobs() if isinstance(blob, Blob) for dump in parse_dumps(blob.data)]
    except FormatError:
        return None  # said where the tables are made
    held = sum(int(dump.count.sum()) for dump in dumps if dump.count is not None)
    if held == told:
        return None
    which = "some are missing in it" if held < told else "it adds up more than one scrape, or the series lacks some"
    return f"the profile holds {held:,} goroutines, the server's series says {told:,}: {which}"
