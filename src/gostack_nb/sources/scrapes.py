"""What a continuous profiler holds, before any profile is fetched: which process was scraped when, with what total."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.process_labels import Process, selector_of
from gostack_nb.sources.prometheus_windows import LAST_MS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

MOST_COUNTED = 10**12
"""Goroutines of one process: no server tells of more, and sums of so many still fit into a column."""

SAMPLE_TYPE, SAMPLE_UNIT = "goroutine", "count"
"""Of the profiles taken without being named: `goroutine:...` of a scrape, `goroutines:...` of Pyroscope's SDK."""


@dataclass(frozen=True, slots=True)
class Scrape:
    """One profile of one process.

    Attributes
    ----------
    profile_type : str
        `goroutine:goroutine:count:goroutine:count`.
    process : Process
    start_ms, end_ms : int
        Milliseconds since 1970 between which it was taken, both included; equal where its time is known exactly.
    goroutines : int
        What the server's series says.
    instance : str or None
        What the process is called.
    selector : str
        What means this process and no other.
    note : str or None
        What is odd about it, in words.
    """

    profile_type: str
    process: Process
    start_ms: int
    end_ms: int
    goroutines: int
    instance: str | None
    selector: str
    note: str | None = None

    @property
    def at(self) -> datetime:
        """When it was taken, to the end of its window."""
        return EPOCH + self.end_ms * MILLISECOND

    def evidence(self, body: bytes, shown: str, started_at: datetime, finished_at: datetime) -> Evidence:
        """Put the provenance of its profile beside the bytes."""
        kind = self.profile_type.split(":")[1]
        time = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Evidence(
            body=body,
            kind=f"{kind}.pb",
            source=f"{shown} {self.profile_type.partition(':')[0]}{self.process.shown} {time}",
            captured_at=self.at,
            captured_at_from="caller",
            service=self.process.service,
            instance=self.instance,
            started_at=started_at,
            finished_at=finished_at,
            status=200,
            note=self.note,
        )


@dataclass(slots=True)
class Series:
    """The scrapes of one process: their times in milliseconds since 1970, in order, and what each counted."""

    profile_type: str
    process: Process
    points: dict[int, int] = field(default_factory=dict)


class ProfileStore(Protocol):
    """A continuous profiler, asked by selector and milliseconds since 1970."""

    @property
    def shown(self) -> str:
        """Its address without secrets."""

    def series(self, selector: str, start_ms: int, end_ms: int) -> list[Series]:
        """Return what was scraped, as exactly as one question tells it."""

    def window(self, at_ms: int) -> tuple[int, int]:
        """Return the first and the last millisecond that a point stands for."""

    def divided(self, scrape: Scrape) -> list[Scrape]:
        """Return the scrapes within a window, each with its own time."""

    def fetch(self, scrape: Scrape) -> Evidence:
        """Return the profile of one scrape."""


def joined(parts: Iterable[tuple[str, Process, Mapping[int, int]]]) -> list[Series]:
    """Put the series of a process together: profilers split a scrape by its pprof labels, and the parts add up."""
    found: dict[tuple[str, Process], Series] = {}
    for profile_type, process, points in parts:
        series = found.setdefault((profile_type, process), Series(profile_type, process))
        for at, value in points.items():
            series.points[at] = series.points.get(at, 0) + value
    return [Series(one.profile_type, one.process, dict(sorted(one.points.items()))) for one in found.values()]


def point(at_ms: int, counted: int) -> tuple[int, int]:
    """Check a point that a server tells.

    >>> point(1772355600000, 288)
    (1772355600000, 288)

    Raises
    ------
    ValueError
        If no table can hold the time or the count.
    """
    if not (0 <= at_ms <= LAST_MS and abs(counted) <= MOST_COUNTED):
        msg = f"{counted} goroutines at {at_ms} ms"
        raise ValueError(msg)
    return at_ms, counted


def is_wanted(profile_type: str, wanted: str | None) -> bool:
    """Tell whether a type is the one asked for or, if none was, one of goroutines."""
    if wanted is not None:
        return profile_type == wanted
    _, sample, unit, *_ = [*profile_type.split(":"), "", ""]
    return (sample, unit) == (SAMPLE_TYPE, SAMPLE_UNIT)


def milliseconds(at: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return (at - EPOCH) // MILLISECOND


def windows(start_ms: int, end_ms: int, longest_ms: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch of time; a cut belongs to both sides.

    >>> list(windows(0, 25, 10))
    [(0, 10), (10, 20), (20, 25)]
    """
    while end_ms - start_ms > longest_ms:
        yield start_ms, start_ms + longest_ms
        start_ms += longest_ms
    yield start_ms, end_ms


def query_of(profile_type: str, selector: str) -> str:
    """Write a query as Parca reads it, and as people understand it."""
    return f"{profile_type}{selector_of((), within=selector)}"
