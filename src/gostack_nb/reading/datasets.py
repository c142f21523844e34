"""From what the user names to a Dataset: sources, then formats, then tables."""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import cast

from gostack_nb.errors import FormatError, SourceError
from gostack_nb.formats.columns import Columns, Issue
from gostack_nb.formats.metrics_text import MetricsPage, parse_metrics_text
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.tables import MetricSample, Snapshot, SourceIssue, build_dataset
from gostack_nb.reading.large_files import Parsed, parse_large
from gostack_nb.reading.progress import Progress
from gostack_nb.sources.blob import Blob, Unread, make_unread
from gostack_nb.sources.content import OnDisk
from gostack_nb.sources.opening import Source, name_of_source, open_sources, stored_bytes

SLOW_BYTES = 32 << 20
"""So much text that a log is wrapped around, or that was packed, takes seconds."""

WEAK_TIMES = {None, "file name", "file time"}
"""Where a time comes from that the own time of a profile is better than."""

_Neighbours = tuple[str | None, str | None, datetime | None] | str
"""Service, instance and time of a process, or the folder that files share."""


def read(
    *sources: Source | Sequence[Source],
    service: str | None = None,
    instance: str | None = None,
    captured_at: datetime | None = None,
) -> Dataset:
    r"""Read goroutine dumps of any form into tables.

    Parameters
    ----------
    *sources : str, path, bytes or file object, or a list of them
        Path, glob, folder, archive (.gz .zip .tar.*), URL, bytes or open file; several of them. The form is detected:
        debug=2 and runtime.Stack, SIGQUIT and other crashes, debug=1, debug=0, goroutineleak, alone or inside logs, one
        or many in a file.
    service, instance : str, optional
        Written to `snapshots`; without them a sidecar, the log stream or the URL may tell.
    captured_at : datetime, optional
        When the dumps were taken. Without it: sidecar, the profile's own time, a time in the file's name, the file's
        modification time; `captured_at_from` says which. A naive time counts as UTC.

    Returns
    -------
    Dataset
        Tables `goroutines` (one row per goroutine), `stacks`, `snapshots`, `issues`, `metrics`; see
        `gostack_nb.model.schema`. What could not be read is a row in `issues`.

    Raises
    ------
    FormatError
        If none of the sources holds a goroutine dump.
    SourceError
        If the only source cannot be had. One unreadable source among others is a row in `issues`.

    Examples
    --------
    >>> dump = b"goroutine 7 [chan receive, 3 minutes]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n"
    >>> dataset = read(dump)
    >>> dataset.goroutines[["goroutine_id", "state", "wait_minutes"]].to_dict("records")
    [{'goroutine_id': 7, 'state': 'chan receive', 'wait_minutes': 3}]
    """
    told = _Told(service, instance, captured_at)
    listed = list(_flat(sources))
    with _collector_paused(), Progress(_named(listed), stored_bytes(*listed)) as progress:
        found = _find(listed, told, progress)
        if not found.snapshots:
            raise FormatError(_nothing_found(found))
        return _dataset(found)


def _flat(sources: Iterable[Source | Sequence[Source]]) -> Iterator[Source]:
    for source in sources:
        if isinstance(source, list | tuple):
            yield from source
        else:
            yield cast("Source", source)


def read_blobs(items: Iterable[Blob | Unread]) -> Dataset:
    """Read what is already at hand, as `read` does; where nothing is a dump, the tables have no row."""
    told = _Told(None, None, None)
    found = _Found()
    with _collector_paused(), Progress("Reading") as progress:
        _take_all(found, items, told, progress)
        return _dataset(found)


def _dataset(found: "_Found") -> Dataset:
    return build_dataset(_completed(found), found.problems, _samples(found))


def _named(sources: Sequence[Source]) -> str:
    return f"Reading {name_of_source(sources[0])}" if len(sources) == 1 else f"Reading {len(sources)} sources"


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from looking, again and again, through millions of objects that all stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Told:
    """What the caller said about the dumps."""

    service: str | None
    instance: str | None
    captured_at: datetime | None

    @property
    def time(self) -> datetime | None:
        """Aware, UTC."""
        if self.captured_at is None:
            return None
        aware = self.captured_at if self.captured_at.tzinfo else self.captured_at.replace(tzinfo=UTC)
        return aware.astimezone(UTC)


@dataclass(slots=True)
class _Page:
    """A metrics page and where it lay."""

    page: MetricsPage
    blob: Blob
    captured_at: datetime | None
    service: str | None
    instance: str | None

    @property
    def neighbours(self) -> tuple[_Neighbours, ...]:
        """Name the dumps that it belongs to: of the same process and time, and of the same folder."""
        moment = ((self.service, self.instance, self.captured_at),) if self.captured_at else ()
        return (*moment, str(PurePath(self.blob.source).parent))


@dataclass(slots=True)
class _Found:
    """What the sources gave so far."""

    snapshots: list[Snapshot] = field(default_factory=list)
    pages: list[_Page] = field(default_factory=list)
    problems: list[SourceIssue] = field(default_factory=list)


def _find(sources: Sequence[Source], told: _Told, progress: Progress) -> _Found:
    """Read all sources; one of several that cannot be had is a problem, the only one an error."""
    found = _Found()
    for position, source in enumerate(sources, start=1):
        try:
            _take_source(found, source, position, told, progress)
        except SourceError as error:
            if len(sources) == 1:
                raise
            unread = make_unread(name_of_source(source, position), error)
            found.problems.append(SourceIssue(unread.source, Issue(unread.reason)))
    return found


def _take_source(found: _Found, source: Source, position: int, told: _Told, progress: Progress) -> None:
    """Read one source to its end."""
    _take_all(found, open_sources(source, start=position), told, progress)


def _take_all(found: _Found, items: Iterable[Blob | Unread], told: _Told, progress: Progress) -> None:
    for item in items:
        if isinstance(item, Unread):
            found.problems.append(SourceIssue(item.source, Issue(item.reason)))
        else:
            _take(found, item, told, progress)


def _take(found: _Found, blob: Blob, told: _Told, progress: Progress) -> None:
    """Parse one blob into snapshots, a metrics page or a problem."""
    try:
        dumps, sha256 = _parse(blob, progress)
    except FormatError as error:
        page = parse_metrics_text(blob.data)
        if page is None:
            found.problems.append(SourceIssue(blob.source, Issue(str(error))))
        else:
            at = told.time or blob.captured_at
            found.pages.append(_Page(page, blob, at, told.service or blob.service, told.instance or blob.instance))
        return
    if blob.note:
        found.problems.append(SourceIssue(blob.source, Issue(blob.note)))
    found.snapshots += [_snapshot(dump, blob, sha256, told) for dump in dumps]


def _parse(blob: Blob, progress: Progress) -> Parsed:
    """Parse a large file where it lies, if it is plain, and everything else in memory."""
    if isinstance(blob.content, OnDisk):
        parsed = parse_large(blob.content, progress.advance)
        if parsed is not None:
            return parsed
    if blob.size_bytes > SLOW_BYTES:
        progress.show()
    data = blob.data
    parsed = Parsed(parse_dumps(data), hashlib.sha256(data).hexdigest())
    progress.advance(len(data))
    return parsed


def _snapshot(dump: Columns, blob: Blob, sha256: str, told: _Told) -> Snapshot:
    taken, origin = _time(dump, blob, told)
    return Snapshot(
        columns=dump,
        source=blob.source,
        sha256=sha256,
        size_bytes=blob.size_bytes,
        captured_at=taken,
        captured_at_from=origin,
        service=told.service or blob.service,
        instance=told.instance or blob.instance or dump.stream,
        truncated=blob.truncated,
    )


def _time(dump: Columns, blob: Blob, told: _Told) -> tuple[datetime | None, str | None]:
    if told.time is not None:
        return told.time, "caller"
    if dump.captured_at_ns is not None and blob.captured_at_from in WEAK_TIMES:
        return datetime.fromtimestamp(dump.captured_at_ns / 1e9, UTC), "profile"
    return blob.captured_at, blob.captured_at_from


def _completed(found: _Found) -> list[Snapshot]:
    """Give each snapshot what its neighbours of the same capture tell: the profile's time, the Go version."""
    times = {capture_of(s.source): s.captured_at for s in found.snapshots if s.captured_at_from == "profile"}
    versions = {name: page.page.go_version for page in found.pages for name in page.neighbours}
    return [_with_version(_with_time(snapshot, times), versions) for snapshot in found.snapshots]


def capture_of(source: str) -> tuple[str, str]:
    """Name the capture of a file: files of one moment share folder and leading number, `12.goroutineleak.pb.gz`."""
    path = PurePath(source)
    number = path.name.split(".", 1)[0]
    return str(path.parent), number if number.isdigit() else path.name


def _with_time(snapshot: Snapshot, times: dict[tuple[str, str], datetime | None]) -> Snapshot:
    taken = times.get(capture_of(snapshot.source))
    if taken is None or snapshot.captured_at_from not in WEAK_TIMES:
        return snapshot
    return replace(snapshot, captured_at=taken, captured_at_from="profile")


def _with_version(snapshot: Snapshot, versions: dict[_Neighbours, str | None]) -> Snapshot:
    process = (snapshot.service, snapshot.instance, snapshot.captured_at)
    return replace(snapshot, go_version=versions.get(process) or versions.get(str(PurePath(snapshot.source).parent)))


def _samples(found: _Found) -> Iterable[MetricSample]:
    return [
        MetricSample(page.captured_at, page.service, page.instance, name, value)
        for page in found.pages
        for name, value in page.page.samples
    ]


def _nothing_found(found: _Found) -> str:
    """Say in one sentence what was seen where no dump was found."""
    if found.pages and not found.problems:
        page = found.pages[0].blob.source
        return f"{page}: a page of metrics, no goroutine dump. Hint: goroutines are at /debug/pprof/goroutine?debug=2"
    if not found.problems:
        return "no goroutine dump in what was given. Hint: pass a file, a folder or the address of a service."
    first = found.problems[0]
    more = f" (and {len(found.problems) - 1} more are none either)" if len(found.problems) > 1 else ""
    return f"{first.source}{more}: {first.issue.reason}"
