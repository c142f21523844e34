"""Ask Pyroscope's HTTP API: series of profiles, and the bytes of one profile at a time.

The API is that of querier/v1/querier.proto and types/v1/types.proto (grafana/pyroscope, read on 2026-08-21), spoken as
Connect: series in JSON, profiles in protobuf. SelectMergeStacktraces adds up every profile in its window and of its
selector; a window holds its begin and its end (pkg/phlaredb/query/predicates.go, IntBetweenPredicate).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gostack_nb.errors import QueryError
from gostack_nb.sources.access import Access
from gostack_nb.sources.blob import encodable
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.http_answer import Answer
from gostack_nb.sources.json_api import Api, check, json_object, not_understood
from gostack_nb.sources.process_labels import PROCESS_LABELS, Process, labels_in
from gostack_nb.sources.protobuf_wire import embedded, int_field, text_field
from gostack_nb.sources.scrapes import Scrape, Series, is_wanted, joined, point, query_of, windows

WINDOW_MS = 6 * 3_600_000
"""Of one question for series. A server refuses more than a day (querier.max-query-length)."""

COARSE_MS, FINE_MS = 1000, 1
"""Steps of a series. A second finds the scrapes, a millisecond tells whether there are several in it."""

_SERVICE = "/querier.v1.QuerierService/"
_PPROF_FORMAT = 4  # PROFILE_FORMAT_PPROF
_STACKTRACES_PPROF, _PPROF_PROFILE = 5, 1  # SelectMergeStacktracesResponse.pprof, PprofProfile.profile
_PROTO = "application/proto"
_PAGES = r"/querier\.v1\.QuerierService(?:/\w+)?|/explore"


def pyroscope_at(url: str, access: Access) -> Api:
    """Take the address of a server.

    Raises
    ------
    UnreachableError
        If it is no http address.
    """
    return Api.at("Pyroscope", url, access, pages=_PAGES)


@dataclass(frozen=True, slots=True)
class PyroscopeStore:
    """A Pyroscope server; `profile_type` None means those of goroutines."""

    api: Api
    profile_type: str | None = None
    told_by: tuple[str, ...] = PROCESS_LABELS

    @property
    def shown(self) -> str:
        """Its address without secrets."""
        return self.api.shown

    def series(self, selector: str, start_ms: int, end_ms: int) -> list[Series]:
        """Return when each process was scraped, to the second: a point is named by the end of its second.

        Raises
        ------
        QueryError
            If the server refuses, or is no Pyroscope.
        SourceError
            If it cannot be reached, or not in time.
        """
        parts: dict[tuple[str, Process], dict[int, int]] = {}
        for start, end in windows(start_ms // COARSE_MS * COARSE_MS, -(-end_ms // COARSE_MS) * COARSE_MS, WINDOW_MS):
            for profile_type in self._types(start, end):
                found = self._points(profile_type, selector, (start, end), COARSE_MS)
                for one in joined((profile_type, process, points) for process, points in found):
                    known = parts.get((profile_type, one.process), {})
                    parts[profile_type, one.process] = one.points | known  # the second on a cut is whole before it
        return joined((profile_type, process, points) for (profile_type, process), points in parts.items())

    def window(self, at_ms: int) -> tuple[int, int]:
        """Return the second that a point stands for."""
        return at_ms - COARSE_MS + FINE_MS, at_ms

    def divided(self, scrape: Scrape) -> list[Scrape]:
        """Return the scrapes within a second, each with its millisecond."""
        window = (scrape.start_ms, scrape.end_ms)
        try:
            found = joined(
                (scrape.profile_type, process, points)
                for process, points in self._points(scrape.profile_type, scrape.selector, window, FINE_MS)
                if process == scrape.process
            )
        except QueryError as error:
            return [replace(scrape, note=f"its time is known to the second only: {error}")]
        points = {at: value for one in found for at, value in one.points.items()}
        if not points:
            return [replace(scrape, note="its time is known to the second only: the server names no other")]
        return [replace(scrape, start_ms=at, end_ms=at, goroutines=value) for at, value in points.items()]

    def fetch(self, scrape: Scrape) -> Evidence:
        """Return the profile of one scrape, as uncompressed protobuf.

        Raises
        ------
        QueryError
            If the server refuses, or has no profile there.
        SourceError
            If it cannot be reached, or not in time.
        """
        asked = query_of(scrape.profile_type, scrape.selector)
        answer = self._ask_profile(
            "SelectMergeStacktraces", asked, _profile_question(scrape, int_field(6, _PPROF_FORMAT))
        )
        body = _profile_in(self.api, answer, asked)
        if body is None:  # before 2026 the server knew no pprof there, and sends a flame graph
            answer = self._ask_profile("SelectMergeProfile", asked, _profile_question(scrape, b""))
            body = answer.body
        if not body:
            msg = f"{self.shown}: {asked}: no profile at {scrape.at.isoformat()}. Hint: it may be older than is kept"
            raise QueryError(msg)
        return scrape.evidence(body, self.shown, answer.started_at, answer.finished_at)

    def _ask_profile(self, name: str, asked: str, question: bytes) -> Answer:
        answer = self.api.post(_SERVICE + name, question, _PROTO)
        check(self.api, answer, asked)
        return answer

    def _types(self, start: int, end: int) -> list[str]:
        told, answer = self._ask("ProfileTypes", {"start": start, "end": end}, "profile types")
        try:
            names = [encodable(str(one["ID"])) for one in told.get("profileTypes") or ()]
        except (KeyError, TypeError, AttributeError):
            raise not_understood(self.api, answer, "profile types") from None
        return [name for name in names if is_wanted(name, self.profile_type)]

    def _points(
        self, profile_type: str, selector: str, window: tuple[int, int], step_ms: int
    ) -> Iterator[tuple[Process, dict[int, int]]]:
        """Yield processes and their points, which the server adds up within each step."""
        asked = query_of(profile_type, selector)
        question = {
            "profileTypeID": profile_type,
            "labelSelector": asked.removeprefix(profile_type),
            "start": window[0],
            "end": window[1],
            "step": step_ms / 1000,
            "groupBy": list(self.told_by),
        }
        told, answer = self._ask("SelectSeries", question, asked)
        try:
            for one in told.get("series") or ():
                labels = labels_in(one.get("labels") or ())
                yield Process.of(labels, self.told_by), _values(one.get("points") or ())
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise not_understood(self.api, answer, asked) from None

    def _ask(self, name: str, question: Mapping[str, object], asked: str) -> tuple[Mapping[str, Any], Answer]:
        answer = self.api.post_json(_SERVICE + name, question)
        check(self.api, answer, asked)
        told = json_object(answer)
        if not told and answer.body.strip() != b"{}":
            raise not_understood(self.api, answer, asked)
        return told, answer


def _values(points: Any) -> dict[int, int]:
    """Read points; a 64-bit number is text in protobuf's JSON, and zero is left out."""
    return dict(point(int(one["timestamp"]), round(one.get("value", 0))) for one in points)


def _profile_question(scrape: Scrape, more: bytes) -> bytes:
    """Encode what both calls take: a profile whose time has nanoseconds lies before the end of its millisecond."""
    return b"".join(
        (
            text_field(1, scrape.profile_type),
            text_field(2, scrape.selector),
            int_field(3, scrape.start_ms),
            int_field(4, scrape.end_ms + FINE_MS),
            more,
        )
    )


def _profile_in(api: Api, answer: Answer, asked: str) -> bytes | None:
    try:
        pprof = embedded(answer.body, _STACKTRACES_PPROF)
        return None if pprof is None else embedded(pprof, _PPROF_PROFILE) or b""
    except ValueError:
        raise not_understood(api, answer, asked) from None
