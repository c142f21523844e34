"""Pyroscope and Parca in small: their HTTP APIs over real goroutine profiles, adding up as they do.

Imitated from grafana/pyroscope of 2026-08-21 and parca-dev/parca of 2026-07-27; nobody says that they are the same.
"""

import base64
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.imitations import Imitation, Kept, Reply, bytes_field, decoded, encoded, in_json, matches, merged

TYPE = "goroutine:goroutine:count:goroutine:count"
OTHER_TYPE = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = 1_000_000
DAY_MS = 86_400_000
PAGE = Reply(200, b"<!doctype html><title>Parca</title>", "text/html; charset=utf-8")


class PyroscopeImitation(Imitation):
    """`knows_pprof` is whether SelectMergeStacktraces gives pprof; `starts_early` is the v2 storage's SelectSeries."""

    def __init__(self, kept: Iterable[Kept], profile_type: str = TYPE) -> None:
        super().__init__()
        self.kept = list(kept)
        self.profile_type = profile_type
        self.knows_pprof = True
        self.starts_early = True
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def reply(self, path: str, query: dict[str, list[str]], body: bytes) -> Reply:  # noqa: ARG002
        name = path.removeprefix("/querier.v1.QuerierService/")
        if name == "ProfileTypes":
            return in_json({"profileTypes": [{"ID": one} for one in (OTHER_TYPE, self.profile_type)]})
        try:
            return self._series(json.loads(body)) if name == "SelectSeries" else self._profile(name, decoded(body))
        except ValueError as error:
            return in_json({"code": "invalid_argument", "message": f"parse error: {error}"}, 400)

    def _series(self, question: dict[str, Any]) -> Reply:
        self.asked.append(("SelectSeries", question))
        start, end, step = question["start"], question["end"], round(question["step"] * 1000)
        if end - start > DAY_MS:
            msg = "the query time range exceeds the limit"
            raise ValueError(msg)
        first = start - step if self.starts_early else start
        points: dict[tuple[tuple[str, str], ...], Counter[int]] = defaultdict(Counter)
        for one in self._meant(question["profileTypeID"], question["labelSelector"], first, end):
            at = one.at_ns // MS
            bucket = max(start, start - (start - at) // step * step)  # the first step that is not before it
            labels = tuple((name, one.labels[name]) for name in question["groupBy"] if name in one.labels)
            if bucket <= end:
                points[labels][bucket] += one.total
        return in_json({"series": [_in_series(labels, values) for labels, values in points.items()]} if points else {})

    def _profile(self, name: str, question: dict[int, Any]) -> Reply:
        profile_type, selector = question[1].decode(), question[2].decode()
        self.asked.append((name, {"start": question[3], "end": question[4], "labelSelector": selector}))
        meant = self._meant(profile_type, selector, question[3], question[4])
        profile = encoded(merged(meant)) if meant else b""
        if name == "SelectMergeStacktraces":
            as_pprof = self.knows_pprof and question.get(6) == 4
            profile = bytes_field(5, bytes_field(1, profile)) if as_pprof else bytes_field(1, b"")
        return Reply(200, profile, "application/proto")

    def _meant(self, profile_type: str, selector: str, start: int, end: int) -> list[Kept]:
        matching = [one for one in self.kept if matches(selector, one.labels)]
        inside = [one for one in matching if start * MS <= one.at_ns <= end * MS]
        return inside if profile_type == self.profile_type else []


def _in_series(labels: tuple[tuple[str, str], ...], values: Counter[int]) -> dict[str, Any]:
    return {
        "labels": [{"name": name, "value": value} for name, value in labels],
        "points": [{"timestamp": str(at), "value": value} for at, value in sorted(values.items())],
    }


class ParcaImitation(Imitation):
    """Everything is below /api; what is not found is the page of the user interface."""

    def __init__(self, kept: Iterable[Kept]) -> None:
        super().__init__()
        self.kept = list(kept)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def reply(self, path: str, query: dict[str, list[str]], body: bytes) -> Reply:  # noqa: ARG002
        name = path.removeprefix("/api/profiles/")
        self.asked.append((name, {key: values[0] for key, values in query.items()}))
        if name == "types":
            return in_json({"types": [_type(*OTHER_TYPE.split(":"), delta=True), _type(*TYPE.split(":"), delta=False)]})
        try:
            return self._range(query) if name == "query_range" else self._single(query) if name == "query" else PAGE
        except ValueError:
            return in_json({"code": 3, "message": "failed to parse query", "details": []}, 400)

    def _range(self, query: dict[str, list[str]]) -> Reply:
        start, end = _nanoseconds(query["start"][0]), _nanoseconds(query["end"][0])
        found: dict[tuple[tuple[str, str], ...], Counter[int]] = defaultdict(Counter)
        for one in self._meant(query["query"][0]):
            if start <= one.at_ns <= end:
                found[tuple(sorted(one.labels.items()))][one.at_ns] += one.total
        series = [
            {"labelset": {"labels": _pairs(labels)}, "samples": _samples(values)} for labels, values in found.items()
        ]
        return in_json({"series": series}) if series else PAGE

    def _single(self, query: dict[str, list[str]]) -> Reply:
        if query["mode"] != ["MODE_SINGLE_UNSPECIFIED"] or query["reportType"] != ["REPORT_TYPE_PPROF"]:
            return in_json({"code": 3, "message": "unknown query mode", "details": []}, 400)
        at = _nanoseconds(query["single.time"][0]) // MS
        meant = [one for one in self._meant(query["single.query"][0]) if one.at_ns // MS == at]
        body = base64.b64encode(gzip.compress(encoded(merged(meant)))).decode()
        return (
            in_json({"pprof": body, "total": str(sum(one.total for one in meant)), "filtered": "0"}) if meant else PAGE
        )

    def _meant(self, query: str) -> list[Kept]:
        profile_type, brace, selector = query.partition("{")
        return [one for one in self.kept if matches(brace + selector, one.labels) and profile_type == TYPE]


def _type(name: str, sample: str, unit: str, period: str, period_unit: str, *, delta: bool) -> dict[str, Any]:
    kinds = {"sampleType": sample, "sampleUnit": unit, "periodType": period, "periodUnit": period_unit}
    return {"name": name, **kinds, "delta": delta}


def _pairs(labels: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in labels]


def _samples(values: Counter[int]) -> list[dict[str, Any]]:
    return [
        {"timestamp": _written(at), "value": str(value), "valuePerSecond": value, "duration": "0", "count": 1}
        for at, value in sorted(values.items())
    ]


def _written(at_ns: int) -> str:
    whole = (EPOCH + timedelta(seconds=at_ns // 10**9)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{at_ns % 10**9:09}Z"


def _nanoseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1) * 1000
