"""Loki in small: query_range over lines in memory, forward, with its limit of lines and its JSON.

Imitated from grafana/loki of 2026-08-22; nobody says that it is the same.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.unit.imitations import Imitation, Reply, in_json, matches

PATH = "/loki/api/v1/query_range"


@dataclass
class Written:
    """One entry: labels of its stream, nanoseconds since 1970, the line, structured metadata."""

    labels: dict[str, str]
    at_ns: int
    line: str
    metadata: dict[str, str] = field(default_factory=dict)


class LokiImitation(Imitation):
    def __init__(self, entries: list[Written], limit: int = 5000) -> None:
        super().__init__()
        self.entries = sorted(entries, key=lambda one: one.at_ns)
        self.limit = limit
        self.pages: list[int] = []

    def reply(self, path: str, query: dict[str, list[str]], body: bytes) -> Reply:  # noqa: ARG002
        if path != PATH:
            return Reply(404, b"404 page not found\n", "text/plain; charset=utf-8")
        limit = int(query.get("limit", ["100"])[0])
        if limit > self.limit:
            text = f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {self.limit})"
            return Reply(400, text.encode(), "text/plain; charset=utf-8")
        selector, filters = re.fullmatch(r"(\{[^}]*\})(.*)", query["query"][0]).groups()  # type: ignore[union-attr]
        if filters.startswith(" | count"):
            return in_json({"status": "success", "data": {"resultType": "matrix", "result": []}})
        start, end = int(query["start"][0]), int(query["end"][0])
        inside = [one for one in self.entries if start <= one.at_ns < end and matches(selector, one.labels)]
        found = [one for one in inside if not filters or filters.removeprefix(' |= "').rstrip('"') in one.line]
        assert query["direction"] == ["forward"]
        self.pages.append(len(found[:limit]))
        together = self.headers[-1].get("x-loki-response-encoding-flags") == "categorize-labels"
        return in_json(
            {"status": "success", "data": {"resultType": "streams", "result": _streams(found[:limit], together)}}
        )


def _streams(entries: list[Written], together: bool) -> list[dict[str, Any]]:
    streams: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
    for one in entries:
        labels = one.labels if together else one.labels | one.metadata
        beside = [{"structuredMetadata": one.metadata}] if together and one.metadata else []
        streams.setdefault(tuple(sorted(labels.items())), []).append([str(one.at_ns), one.line, *beside])
    return [{"stream": dict(labels), "values": values} for labels, values in streams.items()]
