"""Ask a server that speaks Prometheus' HTTP API: questions to plain series and targets, refusals to one sentence."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlencode, urlunsplit

from gostack_nb.errors import QueryError, TooBigError
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.address import redacted, split, web_address
from gostack_nb.sources.blob import printable
from gostack_nb.sources.http import ask
from gostack_nb.sources.prometheus_refusals import Refused, refusal, shown, without_secrets
from gostack_nb.sources.prometheus_windows import LAST_MS, Part, Span, Steps

_P = TypeVar("_P", bound=Part)
_T = TypeVar("_T")

TIMEOUT_SECONDS = 30.0
"""To connect, and without a byte: a server computes before it sends."""

DEADLINE_SECONDS = 150.0
"""For one request: Prometheus itself gives a query up after two minutes (--query.timeout)."""

LIMIT_BYTES = 256 << 20
"""Of one answer: some ten million values. A longer one is asked for in parts."""

_PAGES = re.compile(r"(/classic)?/graph$|/api/v1$")


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its labels with `__name__`, times in milliseconds since 1970 UTC, and the values then."""

    labels: Mapping[str, str]
    times: list[int]
    points: list[float]


@dataclass(frozen=True, slots=True)
class Found:
    """Series, and what the server adds in words."""

    series: tuple[Series, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScrapeTarget:
    """What Prometheus scrapes, and how the last time went; `last_scrape` as it is told, RFC 3339."""

    labels: Mapping[str, str]
    discovered: Mapping[str, str] = field(repr=False)  # before relabelling: __address__, __meta_...
    scrape_url: str
    health: str
    last_error: str
    last_scrape: str


@dataclass(frozen=True, slots=True)
class Api:
    """Where the API is, who asks, and how long one request may take."""

    base: str = field(repr=False)  # may hold credentials
    query: tuple[tuple[str, str], ...] = field(repr=False)  # of the address: goes with each request
    access: Access = ANYONE
    timeout: float = TIMEOUT_SECONDS
    deadline: float = DEADLINE_SECONDS

    @classmethod
    def at(cls, url: str, access: Access = ANYONE, *, timeout: float, deadline: float) -> Self:
        """Take the address of a server, with its prefix if it has one, or that of its page or API.

        Raises
        ------
        UnreachableError
            If it is no http address.
        """
        parts = split(web_address(url))
        path = _PAGES.sub("", parts.path.rstrip("/")).rstrip("/")
        asked = () if "/graph" in parts.path else tuple(parse_qsl(parts.query, keep_blank_values=True))
        return cls(urlunsplit((parts.scheme, parts.netloc, path, "", "")), asked, access, timeout, deadline)

    @property
    def shown(self) -> str:
        """The address without secrets."""
        return redacted(self.base)

    def url(self, name: str, parameters: Mapping[str, str]) -> str:
        """Return the address of one question."""
        return f"{self.base}/api/v1/{name}?{urlencode([*self.query, *parameters.items()])}"


def query_range(api: Api, query: str, steps: Steps) -> Found:
    """Evaluate an expression at every step; in as many requests as the server's limits need.

    Raises
    ------
    QueryError
        If the server refuses the query, or is no Prometheus.
    SourceError
        If it cannot be reached, or not in time.
    """

    def one(window: Steps) -> "_Reply | Refused":
        times = {"start": _seconds(window.start), "end": _seconds(window.end), "step": _seconds(window.step)}
        return _get(api, "query_range", {"query": query, **times})

    replies = [reply for window in steps.windows() for reply in _in_parts(window, one)]
    return _joined(api, replies, since=steps.start - steps.step)  # Mimir may align steps to multiples of their length


def raw_samples(api: Api, selector: str, span: Span) -> Found:
    """Fetch the samples as they were scraped, by an instant query; in parts where the server says that it is too much.

    Raises
    ------
    QueryError
        If the server refuses the query, or is no Prometheus.
    SourceError
        If it cannot be reached, or not in time.
    """

    def one(part: Span) -> "_Reply | Refused":
        milliseconds = part.end - part.start + 1  # one more: since Prometheus 3 a range does not hold its begin
        return _get(api, "query", {"query": f"{selector}[{milliseconds}ms]", "time": _seconds(part.end)})

    return _joined(api, _in_parts(span, one), since=span.start)


def active_targets(api: Api) -> list[ScrapeTarget]:
    """List what the server scrapes.

    Raises
    ------
    QueryError
        If the server refuses, knows no targets (Mimir, VictoriaMetrics' storage), or is no Prometheus.
    SourceError
        If it cannot be reached, or not in time.
    """
    reply = _asked(_get(api, "targets", {"state": "active"}))
    return _parsed(api, lambda: [_target(item) for item in reply.data["activeTargets"]])


def _target(item: Mapping[str, Any]) -> ScrapeTarget:
    return ScrapeTarget(
        labels=_texts(item["labels"]),
        discovered=_texts(item.get("discoveredLabels") or {}),
        scrape_url=str(item["scrapeUrl"]),
        health=printable(str(item.get("health") or "unknown")),
        last_error=without_secrets(str(item.get("lastError") or "")),
        last_scrape=str(item.get("lastScrape") or ""),
    )


@dataclass(frozen=True, slots=True)
class _Reply:
    data: Any
    warnings: tuple[str, ...]


def _asked(reply: _Reply | Refused) -> _Reply:
    if isinstance(reply, Refused):
        raise reply.error
    return reply


def _in_parts(part: _P, one: Callable[[_P], _Reply | Refused]) -> list[_Reply]:
    """Ask for a part of time; for its halves if that is too much for the server, or for us."""
    reply = one(part)
    halves = part.halves() if isinstance(reply, Refused) and reply.asks_too_much else ()
    return [answered for half in halves for answered in _in_parts(half, one)] if halves else [_asked(reply)]


def _get(api: Api, name: str, parameters: Mapping[str, str]) -> _Reply | Refused:
    """Ask once: what timed out or was too much for the server would be so again."""
    address = api.url(name, parameters)
    try:
        answer = ask(
            address,
            access=api.access,
            timeout=api.timeout,
            deadline=api.deadline,
            limit_bytes=LIMIT_BYTES,
            attempts=1,
        )
    except TooBigError as error:
        return Refused(error, asks_too_much=True)
    told = _json_object(answer.body)
    if answer.cut is None and answer.status < 400 and told.get("status") == "success" and "data" in told:
        return _Reply(told["data"], _words(told))
    where = f"{api.shown}: {shown(parameters['query'])}" if "query" in parameters else api.shown
    return refusal(name, where, answer, told)


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _words(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the server says beside its answer: `warnings`, and since Prometheus 3 `infos`."""
    lists = [told.get(name) for name in ("warnings", "infos")]
    return tuple(shown(str(text)) for texts in lists if isinstance(texts, list) for text in texts)


def _joined(api: Api, replies: Iterable[_Reply], *, since: int) -> Found:
    """Put the parts of each series together, in order of time; a point that two parts hold is taken once."""
    series: dict[tuple[tuple[str, str], ...], Series] = {}
    warnings: dict[str, None] = {}
    for reply in replies:
        warnings.update(dict.fromkeys(reply.warnings))
        without_floats = _parsed(api, partial(_take, series, reply, since))
        if without_floats:
            warnings[f"native histograms are left out: {without_floats} series"] = None
    return Found(tuple(series.values()), tuple(warnings))


def _take(series: dict[tuple[tuple[str, str], ...], Series], reply: _Reply, since: int) -> int:
    """Add one part to the series; returns how many series have no values but histograms."""
    if reply.data["resultType"] != "matrix":
        msg = "no matrix"
        raise ValueError(msg)
    without_floats = 0
    for item in reply.data["result"]:
        labels = _texts(item["metric"])
        without_floats += "histograms" in item
        if "values" in item:
            known = series.setdefault(tuple(labels.items()), Series(labels, [], []))
            _extend(known, item["values"], since)
    return without_floats


def _extend(series: Series, pairs: Iterable[tuple[float, str]], since: int) -> None:
    last = series.times[-1] if series.times else None
    new = [(round(1000 * at), float(value)) for at, value in pairs]
    new = [(at, value) for at, value in new if at >= since and (last is None or at > last)]
    if max((at for at, _ in new), default=0) > LAST_MS:
        msg = "a time that no table can hold"
        raise ValueError(msg)
    series.times.extend(at for at, _ in new)
    series.points.extend(value for _, value in new)


def _parsed(api: Api, parse: Callable[[], _T]) -> _T:
    """Let no odd JSON of a server that is no Prometheus be an error without words."""
    try:
        return parse()
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        msg = f"{api.shown}: JSON that is not an answer of Prometheus' API. Hint: give the address before /api/v1"
        raise QueryError(msg) from None


def _texts(labels: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): printable(str(text)) for name, text in sorted(labels.items())}


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"
