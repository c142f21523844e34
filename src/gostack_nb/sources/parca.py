"""Ask Parca's HTTP API: series of profiles, and the bytes of one profile at a time.

The API is the gRPC gateway of parca/query/v1alpha1/query.proto (parca-dev/parca, read on 2026-07-27), below `/api`
(pkg/server/server.go). Where gRPC says "not found" the server sends the page of its user interface, with status 200
(pkg/server/fallback.go): for a query that means no data. A single profile is every sample of the selector with the very
millisecond (pkg/parcacol/querier.go, findSingle): two processes at one millisecond would be added up.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gostack_nb.errors import QueryError
from gostack_nb.sources.access import Access
from gostack_nb.sources.blob import encodable
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.http_answer import Answer
from gostack_nb.sources.json_api import Api, Parameters, check, is_html, json_object, not_understood
from gostack_nb.sources.process_labels import PROCESS_LABELS, Process, labels_in
from gostack_nb.sources.scrapes import (
    EPOCH,
    MILLISECOND,
    Scrape,
    Series,
    is_wanted,
    joined,
    milliseconds,
    point,
    query_of,
    windows,
)

WINDOW_MS = 6 * 3_600_000
"""Of one question for series: every scrape is named, 2,160 of each process at ten seconds."""

_PATH = "/api/profiles/"
_NOT_FOUND = 404
_PAGES = r"/api(?:/profiles(?:/\w+)?)?|/targets"


def parca_at(url: str, access: Access) -> Api:
    """Take the address of a server.

    Raises
    ------
    UnreachableError
        If it is no http address.
    """
    return Api.at("Parca", url, access, pages=_PAGES)


@dataclass(frozen=True, slots=True)
class ParcaStore:
    """A Parca server; `profile_type` None means those of goroutines."""

    api: Api
    profile_type: str | None = None
    told_by: tuple[str, ...] = PROCESS_LABELS

    @property
    def shown(self) -> str:
        """Its address without secrets."""
        return self.api.shown

    def series(self, selector: str, start_ms: int, end_ms: int) -> list[Series]:
        """Return when each process was scraped, to the millisecond.

        Raises
        ------
        QueryError
            If the server refuses, or is no Parca.
        SourceError
            If it cannot be reached, or not in time.
        """
        found: dict[tuple[str, Process], dict[int, int]] = {}
        for start, end in windows(start_ms, end_ms, WINDOW_MS):
            for profile_type in self._types(start, end):
                for one in joined(self._points(profile_type, selector, start, end)):
                    known = found.setdefault((profile_type, one.process), {})
                    known.update(one.points)  # what lies on a cut comes twice, with the same total
        return joined((profile_type, process, points) for (profile_type, process), points in found.items())

    def window(self, at_ms: int) -> tuple[int, int]:
        """Return the millisecond of a point: it is exact."""
        return at_ms, at_ms

    def divided(self, scrape: Scrape) -> list[Scrape]:
        """Return the scrape: its time is exact already."""
        return [scrape]

    def fetch(self, scrape: Scrape) -> Evidence:
        """Return the profile of one scrape, as gzip of protobuf.

        Raises
        ------
        QueryError
            If the server refuses, or has no profile there.
        SourceError
            If it cannot be reached, or not in time.
        """
        asked = query_of(scrape.profile_type, scrape.selector)
        answer = self._get(
            "query",
            [
                ("mode", "MODE_SINGLE_UNSPECIFIED"),
                ("reportType", "REPORT_TYPE_PPROF"),
                ("single.query", asked),
                ("single.time", _written(scrape.end_ms)),
            ],
            asked,
        )
        if answer is None:
            msg = f"{self.shown}: {asked}: no profile at {scrape.at.isoformat()}. Hint: it may be older than is kept"
            raise QueryError(msg)
        try:
            body = base64.b64decode(json_object(answer)["pprof"], validate=True)
        except (KeyError, TypeError, ValueError):
            raise not_understood(self.api, answer, asked) from None
        return scrape.evidence(body, self.shown, answer.started_at, answer.finished_at)

    def _types(self, start: int, end: int) -> list[str]:
        asked = "profile types"
        answer = self.api.get(f"{_PATH}types", _between(start, end))
        check(self.api, answer, asked)
        told = json_object(answer)
        if "types" not in told:
            raise not_understood(self.api, answer, asked)
        try:
            return [name for one in told["types"] if is_wanted(name := _type_of(one), self.profile_type)]
        except (KeyError, TypeError):
            raise not_understood(self.api, answer, asked) from None

    def _points(
        self, profile_type: str, selector: str, start: int, end: int
    ) -> Iterator[tuple[str, Process, dict[int, int]]]:
        asked = query_of(profile_type, selector)
        answer = self._get("query_range", [("query", asked), *_between(start, end)], asked)
        if answer is None:
            return
        try:
            for one in json_object(answer)["series"]:
                labels = labels_in(one["labelset"]["labels"])
                points = dict(_point(sample) for sample in one["samples"])
                inside = {at: value for at, value in points.items() if start <= at <= end}
                yield profile_type, Process.of(labels, self.told_by), inside
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise not_understood(self.api, answer, asked) from None

    def _get(self, name: str, parameters: Parameters, asked: str) -> Answer | None:
        """Ask; None if there is no data. That this is Parca at all was seen when it listed its types."""
        answer = self.api.get(_PATH + name, parameters)
        if answer.status == _NOT_FOUND or (answer.status == 200 and is_html(answer)):
            return None
        check(self.api, answer, asked)
        return answer


def _type_of(one: Mapping[str, Any]) -> str:
    parts = [one["name"], one["sampleType"], one["sampleUnit"], one["periodType"], one["periodUnit"]]
    return encodable(":".join(parts + ["delta"] * bool(one.get("delta"))))


def _between(start: int, end: int) -> list[tuple[str, str]]:
    """Write a stretch of time to the end of its last millisecond: a scrape's own time has nanoseconds."""
    return [("start", _written(start)), ("end", _written(end + 1))]


def _written(at_ms: int) -> str:
    """Write a time as the gateway reads it.

    >>> _written(1795424023265)
    '2026-11-23T08:53:43.265Z'
    """
    return (EPOCH + at_ms * MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _point(sample: Mapping[str, Any]) -> tuple[int, int]:
    return point(milliseconds(datetime.fromisoformat(sample["timestamp"])), int(sample.get("value", 0)))
