"""From Loki to a Dataset: the goroutine dumps in the log of each process, each with the time when it was printed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Unpack

from gostack_nb.errors import FormatError, QueryError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.reading.log_dumps import FoundDump, find_dumps
from gostack_nb.reading.times import EPOCH, Time, milliseconds_at
from gostack_nb.sources.access import Access, AccessOptions
from gostack_nb.sources.blob import Unread
from gostack_nb.sources.evidence import Evidence, blobs_of
from gostack_nb.sources.json_api import shown
from gostack_nb.sources.loki import DEFAULT_LOG_LIMITS, OUTPUT_LABEL, Log, LogText, loki_at, read_log
from gostack_nb.sources.process_labels import instance_names

HOUR = "1h"

_NS_IN_MS = 1_000_000
_SELECTOR = re.compile(r'\s*\{(?:[^"`}]|"(?:\\.|[^"\\])*"|`[^`]*`)*\}')
_STAGES = (
    "the query does more than choose streams: lines that it leaves out or rewrites are missing from the dumps."
    " Hint: ask for the streams alone"
)


class Loki:
    """A Grafana Loki server, or Grafana Cloud Logs, with the logs into which services print their goroutines.

    Parameters
    ----------
    url : str
        `http://host:3100`, with the prefix where there is one.
    **access
        `auth`, `bearer`, `headers` (a tenant: `{"X-Scope-OrgID": "team"}`), `cert`, `verify`, `proxy`,
        `unix_socket`; see `gostack_nb.sources.access.AccessOptions`.

    Raises
    ------
    UnreachableError
        If `url` is a path, or neither http nor https. The server is not asked yet.

    Notes
    -----
    Written from the API of grafana/loki of 2026-08-22 and tried against a small imitation of it only.
    docs/reference/profilers-and-logs.md says what was read where.

    Examples
    --------
    >>> Loki("http://me:secret@127.0.0.1:3100")
    Loki('http://127.0.0.1:3100')
    """

    __slots__ = ("_api",)

    @checked
    def __init__(self, url: str, **access: Unpack[AccessOptions]) -> None:
        self._api = loki_at(url, Access.of(access))

    def __repr__(self) -> str:
        return f"Loki({self._api.shown!r})"

    @checked
    def read(self, query: str, *, since: Time = HOUR, until: Time | None = None) -> Dataset:
        """Read the goroutine dumps in logs: SIGQUIT and other crashes, and what the service prints itself.

        Parameters
        ----------
        query : str
            LogQL for whole streams: `{app="push"}`. A line filter would tear dumps apart.
        since, until : datetime, str or timedelta
            A datetime or ISO text, UTC where they name no zone, or how long before now: `"2h"`. Without `until`, now.

        Returns
        -------
        Dataset
            One snapshot per dump; dumps of one process less than 5 s apart have one time. `captured_at` is that of
            the first header in the log, `service` and `instance` come from the labels. Lines of one process and
            output are one text, also where Loki has them in several streams because of a label such as `level`.
            `issues` says where lines may be missing: equal times, of which Loki drops equal lines; a filter in the
            query; and, as for any log, what could not be read. Lines that never reached Loki (rate limits, lines
            of more than 256 KB) leave no trace there: only a gap in a stack, or a total that is not reached, tells.

        Raises
        ------
        QueryError
            If no line is found, if the server refuses, or if the query gives numbers.
        FormatError
            If there are lines, but no goroutine dump in them.
        TooBigError
            If there are more than 2,000,000 lines.
        SourceError
            If it cannot be reached, wants credentials, or takes too long.
        """
        return read_blobs(blobs_of(self.evidence(query, since=since, until=until)))

    @checked
    def evidence(self, query: str, *, since: Time = HOUR, until: Time | None = None) -> Iterator[Evidence | Unread]:
        """Yield the dumps that `read` reads, as text with its provenance, for a recording.

        Parameters
        ----------
        query, since, until
            As for `read`.

        Yields
        ------
        Evidence or Unread
            The text around a dump, for `Recording.keep`; or a sentence about what is missing.

        Raises
        ------
        QueryError, FormatError, TooBigError, SourceError
            As for `read`.
        """
        now = datetime.now(UTC)
        start, end = milliseconds_at(since, now), milliseconds_at(now if until is None else until, now)
        if start >= end:
            msg = f"since ({since}) is not before until ({until or 'now'}). Hint: the other way round"
            raise QueryError(msg)
        asked_at = datetime.now(UTC)
        log = read_log(self._api, query, start * _NS_IN_MS, end * _NS_IN_MS, DEFAULT_LOG_LIMITS)
        yield from self._found(query, log, asked_at)

    def _found(self, query: str, log: Log, asked_at: datetime) -> Iterator[Evidence | Unread]:
        names = instance_names(text.process.without(OUTPUT_LABEL) for text in log.texts)
        dumps = [(text, dump) for text in log.texts for dump in find_dumps(text.lines)]
        asked = f"{self._api.shown}: {shown(query)}"
        if not dumps:
            raise _nothing(asked, log)
        notes = [*log.notes, *([_STAGES] if _has_stages(query) else [])]
        yield from (Unread(asked, note) for note in notes)
        finished_at = datetime.now(UTC)
        for text, dump in dumps:
            evidence = self._evidence(text, dump, asked_at, finished_at)
            yield replace(evidence, instance=names[text.process.without(OUTPUT_LABEL)])

    def _evidence(self, text: LogText, dump: FoundDump, asked_at: datetime, finished_at: datetime) -> Evidence:
        at = EPOCH + timedelta(microseconds=dump.at_ns // 1000)
        return Evidence(
            body=dump.text,
            kind="dump",
            source=f"{self._api.shown} {text.process.shown} {at.isoformat().replace('+00:00', 'Z')}",
            captured_at=at,
            captured_at_from="caller",
            service=text.process.service,
            started_at=asked_at,
            finished_at=finished_at,
            status=200,
            note=dump.note,
        )


def _nothing(where: str, log: Log) -> QueryError | FormatError:
    lines = sum(len(text.lines) for text in log.texts)
    if not lines:
        return QueryError(f"{where}: no line at this time. Hint: a longer time, since='6h', or other labels")
    seen = f"{lines:,} lines of {len(log.texts):,} processes"
    hint = "Hint: GOTRACEBACK=all prints all goroutines when a service crashes, kill -QUIT when it hangs"
    return FormatError(f"{where}: no goroutine dump in {seen}. {hint}")


def _has_stages(query: str) -> bool:
    selector = _SELECTOR.match(query)
    return bool(selector and query[selector.end() :].strip())
