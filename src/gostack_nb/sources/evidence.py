"""The body of one answer, or of one file, with all that is known of how it came: what a recording keeps."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from gostack_nb.sources.archives import unpack_found
from gostack_nb.sources.blob import DEFAULT_LIMITS, Blob, Limits, Unread
from gostack_nb.sources.captured_at import Origin, Stamp
from gostack_nb.sources.packed import Packed
from gostack_nb.sources.sidecar import Told

_KEPT_HEADERS = frozenset(
    {"content-encoding", "content-length", "content-type", "date", "last-modified", "server", "x-go-pprof"}
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Bytes and their provenance.

    Attributes
    ----------
    body : bytes
        After the content encoding of HTTP; debug=0 is itself gzip.
    kind : str
        What was asked for, as the end of a file's name: `goroutine.debug2.txt`, `goroutine.debug1.txt`, `goroutine.pb`,
        `goroutineleak.pb`, `metrics.txt`; `dump` if that is not known.
    source : str
        Address without credentials, or path. Printable characters only.
    captured_at : datetime or None
        Aware, UTC. All answers of one round have the time at which the round began.
    captured_at_from : {"caller", "sidecar", "file name", "file time"} or None
        Where that time comes from; `caller` for an answer.
    service, instance : str or None
        Which process.
    started_at, finished_at : datetime or None
        When this answer was asked for and when its last byte came.
    status : int or None
        Of HTTP.
    headers : mapping of str to str
        Of the answer, names in lower case; none that holds a secret.
    truncated : bool
        The bytes end before their end; `note` says how.
    note : str or None
        What is missing from the bytes or odd about them, in words.
    labels : mapping of str to str
        What was known of the process when it was asked: build, zone, other labels of a target.
    """

    body: bytes = field(repr=False)
    kind: str
    source: str
    captured_at: datetime | None
    captured_at_from: Origin | None
    service: str | None = None
    instance: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    truncated: bool = False
    note: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def blobs(self, limits: Limits = DEFAULT_LIMITS) -> Iterator[Blob | Unread]:
        """Yield what is to be parsed: the body, unpacked."""
        stamp = Stamp(self.captured_at, self.captured_at_from) if self.captured_at and self.captured_at_from else None
        cut = (self.note or "the answer is incomplete") if self.truncated else None
        told = Told(stamp, service=self.service, instance=self.instance, cut=cut, note=self.note)
        return unpack_found(Packed(self.source, parts=(), open=lambda: BytesIO(self.body), told=told), limits)


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Keep what tells about a dump: in any other header a server may repeat what it was given.

    Examples
    --------
    >>> kept_headers({"date": "Mon, 23 Nov 2026 08:53:43 GMT", "x-user": "me"})
    {'date': 'Mon, 23 Nov 2026 08:53:43 GMT'}
    """
    return {name: value for name, value in headers.items() if name in _KEPT_HEADERS}


def blobs_of(items: Iterable[Evidence | Unread]) -> Iterator[Blob | Unread]:
    """Unpack evidence; a sentence why there is none is passed on."""
    for item in items:
        if isinstance(item, Unread):
            yield item
        else:
            yield from item.blobs()
