"""Ask Loki's HTTP API for the lines of a log: page by page, none twice, none lost where a page ends.

The API is GET /loki/api/v1/query_range (docs/sources/reference/loki-http-api.md, grafana/loki, read on 2026-08-22).
A page holds the first `limit` entries of all streams together from `start`, which belongs to it, to `end`, which does
not. There is no page token: the next page starts at the last time of this one, and its entries replace those that this
one had of that time. So nothing has to be compared, and equal lines at an equal time stay as many as they are.

With the header `X-Loki-Response-Encoding-Flags: categorize-labels` (pkg/util/httpreq/encoding_flags.go) a stream is
what was written as one; without it Loki makes a stream of each `detected_level`, and tears dumps apart.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from requests.utils import get_netrc_auth

from gostack_nb.errors import QueryError, TooBigError
from gostack_nb.sources.access import Access
from gostack_nb.sources.address import split, web_address
from gostack_nb.sources.http_answer import Answer
from gostack_nb.sources.json_api import Api, check, json_object, not_understood, shown
from gostack_nb.sources.process_labels import PROCESS_LABELS, Process

PAGE_LINES = 5000
"""What a server gives at once unless it is configured otherwise (max_entries_limit_per_query)."""

MAX_LINES = 2_000_000
"""Of one call. A goroutine has some twelve lines: 160,000 goroutines."""

MAX_CHARACTERS = 512 << 20
"""Of one call, the text of all lines together."""

LAST_NS = 2**63 - 1
"""What Loki, and a column of times, can hold."""

OUTPUT_LABEL = "stream"
"""Which output of a process: stdout or stderr."""

STREAM_LABELS = (*PROCESS_LABELS, OUTPUT_LABEL)
"""What tells one log text from another; `level` and the like do not: the lines of one dump may differ in them."""

_PATH = "/loki/api/v1/query_range"
_PAGES = r"/loki/api/v1(?:/\w+)?"
_ONE_STREAM = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
_LOWER_LIMIT = re.compile(r"max entries limit per query exceeded.*\(\d+ > (\d+)\)", re.DOTALL)


class Line(NamedTuple):
    """One entry of a log: nanoseconds since 1970, and its text without the line end."""

    at_ns: int
    text: str


@dataclass(slots=True)
class LogText:
    """What one process wrote to one of its outputs, in order of time; equal times in the order of arrival."""

    process: Process
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Log:
    """What a query found, and what is missing, in words."""

    texts: tuple[LogText, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much is read before a query counts as too big; the defaults are explained at the constants."""

    lines: int = MAX_LINES
    characters: int = MAX_CHARACTERS
    page_lines: int = PAGE_LINES


DEFAULT_LOG_LIMITS = LogLimits()


def loki_at(url: str, access: Access) -> Api:
    """Take the address of a server, and ask it not to tear streams apart.

    Raises
    ------
    UnreachableError
        If it is no http address.
    """
    url = web_address(url)
    if not access.has_credentials and split(url).username is None:
        access = replace(access, auth=get_netrc_auth(url))  # not looked at any more once a header is given
    return Api.at("Loki", url, replace(access, headers={**access.headers, **_ONE_STREAM}), pages=_PAGES)


def read_log(api: Api, query: str, start_ns: int, end_ns: int, limits: LogLimits = DEFAULT_LOG_LIMITS) -> Log:
    """Fetch the lines of a query, from `start_ns` on to before `end_ns`.

    Raises
    ------
    QueryError
        If the server refuses, is no Loki, or the query is no query of lines.
    TooBigError
        If there are more lines, or characters, than the limits allow.
    SourceError
        If it cannot be reached, or not in time.
    """
    reader = _Reader(api, query, limits)
    while start_ns < end_ns:
        start_ns = reader.read_page(start_ns, end_ns)
    return reader.log()


class _Reader:
    """Puts pages together."""

    def __init__(self, api: Api, query: str, limits: LogLimits) -> None:
        self.api, self.query, self.limits = api, query, limits
        self.page_lines = limits.page_lines
        self.texts: dict[tuple[tuple[str, str], ...], list[Line]] = {}
        self.line_count = self.size = 0
        self.notes: list[str] = []

    def read_page(self, start_ns: int, end_ns: int) -> int:
        """Take one page; returns where the next one starts."""
        page = self._ask(start_ns, end_ns)
        self._forget_from(start_ns)
        for labels, line in page:
            self.texts.setdefault(labels, []).append(line)
            self.line_count += 1
            self.size += len(line.text)
        last = max((line.at_ns for _, line in page), default=start_ns)
        self._check_limits(last)
        if len(page) < self.page_lines:
            return end_ns
        if last > start_ns:
            return last
        self.notes.append(
            f"{self.page_lines:,} lines or more stand at one nanosecond, {last}: Loki gives no more of them"
        )
        return last + 1

    def log(self) -> Log:
        """Return the lines, stream for stream, those of one process and output together."""
        together: dict[tuple[tuple[str, str], ...], LogText] = {}
        for labels, lines in self.texts.items():
            kept = Process.of(dict(labels), STREAM_LABELS)
            together.setdefault(kept.labels, LogText(kept)).lines.extend(lines)
        for text in together.values():
            text.lines.sort(key=lambda line: line.at_ns)  # stable: equal times stay as they came
        return Log(tuple(text for text in together.values() if text.lines), tuple(self.notes))

    def _forget_from(self, start_ns: int) -> None:
        """Drop what the page before had of the time at which this one starts: this one has all of it."""
        for lines in self.texts.values():
            while lines and lines[-1].at_ns >= start_ns:
                self.size -= len(lines.pop().text)
                self.line_count -= 1

    def _check_limits(self, last: int) -> None:
        if self.line_count <= self.limits.lines and self.size <= self.limits.characters:
            return
        much = f"more than {self.limits.lines:,} lines or {self.limits.characters:,} characters"
        hint = "Hint: a shorter time, or a narrower selector; a line filter would tear dumps apart"
        msg = f"{self.api.shown}: {shown(self.query)}: {much}, the last read at {last} ns. {hint}"
        raise TooBigError(msg)

    def _ask(self, start_ns: int, end_ns: int) -> list[tuple[tuple[tuple[str, str], ...], Line]]:
        answer = self._get(start_ns, end_ns)
        lower = _LOWER_LIMIT.search(answer.body.decode("utf-8", "replace")) if answer.status == 400 else None
        if lower and 0 < int(lower[1]) < self.page_lines:
            self.page_lines = int(lower[1])
            answer = self._get(start_ns, end_ns)
        check(self.api, answer, self.query)
        page = _page(self.api, answer, self.query)
        return sorted(page, key=lambda entry: entry[1].at_ns)

    def _get(self, start_ns: int, end_ns: int) -> Answer:
        times = [("start", str(start_ns)), ("end", str(end_ns))]
        how = [("limit", str(self.page_lines)), ("direction", "forward")]
        return self.api.get(_PATH, [("query", self.query), *times, *how])


def _page(api: Api, answer: Answer, query: str) -> list[tuple[tuple[tuple[str, str], ...], Line]]:
    told = json_object(answer)
    try:
        data = told["data"]
        if data["resultType"] != "streams":
            hint = "Hint: ask for the stream alone, '{app=\"push\"}'"
            msg = f"{api.shown}: {shown(query)}: the answer is numbers ({data['resultType']}), not lines. {hint}"
            raise QueryError(msg)
        return [entry for stream in data["result"] for entry in _entries(stream)]
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        raise not_understood(api, answer, query) from None


def _entries(stream: Mapping[str, Any]) -> Iterator[tuple[tuple[tuple[str, str], ...], Line]]:
    """Yield the entries of a stream; what tells processes apart may also stand beside each line."""
    labels = {str(name): str(value) for name, value in stream["stream"].items()}
    own = tuple(sorted(labels.items()))
    for at_ns, text, *more in stream["values"]:
        beside = _told_beside(more)
        yield tuple(sorted({**labels, **beside}.items())) if beside else own, _line(int(at_ns), text)


def _line(at_ns: int, text: Any) -> Line:
    if not (isinstance(text, str) and 0 <= at_ns <= LAST_NS):
        msg = f"{text!r:.40} at {at_ns} ns"
        raise ValueError(msg)
    return Line(at_ns, text)


def _told_beside(more: list[Any]) -> dict[str, str]:
    metadata = more[0].get("structuredMetadata") if more and isinstance(more[0], dict) else None
    if not isinstance(metadata, dict):
        return {}
    return {name: str(value) for name, value in metadata.items() if name in STREAM_LABELS}
