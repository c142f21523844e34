"""What a server answers to a question: refusals in words, secrets nowhere, long times in parts."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from gostack_nb.errors import QueryError, SourceError, UnreachableError
from gostack_nb.sources import prometheus_api
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.prometheus_api import Api, active_targets, query_range, raw_samples
from gostack_nb.sources.prometheus_windows import Span, Steps

SECRET = "hunter2"  # noqa: S105 - of nobody
LOGIN = b"<!DOCTYPE html><title>Sign in</title>"
FIVE = Steps(0, 1000, 5)


def matrix(*series, **extra) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": series}, **extra}).encode()


def failure(kind: str, text: str) -> bytes:
    return json.dumps({"status": "error", "errorType": kind, "error": text}).encode()


def at(url: str, access: Access = ANYONE) -> Api:
    return Api.at(url, access, timeout=60, deadline=300)


def asked(handler) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}


@pytest.mark.parametrize(
    ("path", "asked_path"),
    [
        ("", "/api/v1/query_range"),
        ("/", "/api/v1/query_range"),
        ("/prometheus/", "/prometheus/api/v1/query_range"),
        ("/graph?g0.expr=up", "/api/v1/query_range"),
        ("/classic/graph", "/api/v1/query_range"),
        ("/prometheus/api/v1/", "/prometheus/api/v1/query_range"),
    ],
)
def test_addresses(server, page, path: str, asked_path: str) -> None:
    server.pages[asked_path] = page(body=matrix())
    assert query_range(at(server.url(path)), "up", FIVE).series == ()
    assert "g0.expr" not in server.seen[0][0]


def test_the_query_of_the_address_goes_along(server, page) -> None:
    server.pages["/api/v1/query_range"] = page(body=matrix())
    query_range(at(server.url("/?tenant=push")), 'up{job="a b"}', FIVE)
    query = parse_qs(urlsplit(server.seen[0][0]).query)
    assert query == {
        "tenant": ["push"],
        "query": ['up{job="a b"}'],
        "start": ["0.000"],
        "end": ["4.000"],
        "step": ["1.000"],
    }


@pytest.mark.parametrize("url", ["", "ftp://h:9090", "http://", "/srv/prometheus"])
def test_no_web_address(url: str) -> None:
    with pytest.raises(UnreachableError, match="Hint: "):
        at(url)


def test_access_is_sent_and_never_shown(server, page) -> None:
    server.pages["/api/v1/query_range"] = page(401, b"Unauthorized\n", Content_Type="text/plain")
    with_password = server.url().replace("://", f"://me:{SECRET}@")
    for api in (at(with_password), at(server.url(), Access(bearer=SECRET, headers={"X-Scope-OrgID": SECRET}))):
        with pytest.raises(UnreachableError, match="wants credentials") as caught:
            query_range(api, "up", FIVE)
        assert SECRET not in f"{caught.value}{api!r}"
    first, second = server.requests
    assert first.headers["authorization"].startswith("Basic ")
    assert second.headers["authorization"] == f"Bearer {SECRET}"
    assert second.headers["x-scope-orgid"] == SECRET


ANSWERS = {
    "parse error": (
        400,
        failure("bad_data", "1:4: parse error: unclosed"),
        QueryError,
        "1:4: parse error.*bad_data, 400",
    ),
    "execution": (422, failure("execution", "multiple matches for labels"), QueryError, "multiple matches.*422"),
    "timeout": (400, failure("timeout", "query timed out in expression"), QueryError, "timed out.*Hint: ask for a sho"),
    "no tenant": (401, b"no org id\n", UnreachableError, "wants credentials.*X-Scope-OrgID"),
    "forbidden": (403, b"Forbidden\n", UnreachableError, "forbids it"),
    "wrong path": (404, b"404 page not found\n", QueryError, "no such Prometheus API.*404.*prefix"),
    "busy": (429, b"", UnreachableError, "too many requests"),
    "broken": (500, b"boom\nbang", UnreachableError, "answers 500.*'boom bang'"),
    "login": (200, LOGIN, QueryError, "not Prometheus but an HTML page from 127.0.0.1:.*perhaps a login"),
    "HTML error": (500, LOGIN, UnreachableError, "answers 500 Internal Server Error. Hint"),
    "other JSON": (200, b'{"status":"ok"}', QueryError, "not of Prometheus' API, it starts with"),
    "no object": (200, b"[1]", QueryError, "not of Prometheus' API"),
    "deep": (200, b"[" * 100_000, QueryError, "not of Prometheus' API"),
    "empty": (200, b"", QueryError, "not of Prometheus' API"),
    "a vector": (
        200,
        b'{"status":"success","data":{"resultType":"vector","result":[]}}',
        QueryError,
        "JSON that is not",
    ),
    "no result": (200, b'{"status":"success","data":{"resultType":"matrix"}}', QueryError, "JSON that is not"),
    "no number": (200, matrix({"metric": {}, "values": [[1, "x"]]}), QueryError, "JSON that is not"),
    "null": (200, b'{"status":"success","data":null}', QueryError, "JSON that is not"),
    "a list": (200, b'{"status":"success","data":["up"]}', QueryError, "JSON that is not"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_refusals_are_one_sentence(server, page, name: str) -> None:
    status, body, error, words = ANSWERS[name]
    server.pages["/api/v1/query_range"] = page(status, body)
    with pytest.raises(error, match=words) as caught:
        query_range(at(server.url()), "up", FIVE)
    assert type(caught.value) is error
    text = str(caught.value)
    assert text.startswith(server.url())
    assert "Hint: " in text
    assert text.isprintable()


def test_words_of_the_server_hold_no_secret_and_end(server, page) -> None:
    text = f"fetch http://me:{SECRET}@store/x?token={SECRET} failed\x1b[31m" + "x" * 1000
    server.pages["/api/v1/query_range"] = page(422, failure("internal", text))
    with pytest.raises(QueryError) as caught:
        query_range(at(server.url()), "up", FIVE)
    assert SECRET not in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_what_timed_out_is_not_asked_again(server, page) -> None:
    server.pages["/api/v1/query_range"] = page(503, failure("timeout", "query timed out in expression evaluation"))
    with pytest.raises(QueryError, match=r"timed out.*timeout, 503"):
        query_range(at(server.url()), "up", FIVE)
    assert len(server.seen) == 1


def test_an_answer_that_breaks_off(server) -> None:
    def cut(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"status":"succ')

    server.pages["/api/v1/query_range"] = cut
    with pytest.raises(SourceError, match="incomplete"):
        query_range(at(server.url()), "up", FIVE)


def test_nobody_listens() -> None:
    with pytest.raises(UnreachableError, match="refused"):
        query_range(at("http://127.0.0.1:1"), "up", FIVE)


def test_values_and_warnings(server, page) -> None:
    values = [[0, "1"], [1.001, "NaN"], [2, "+Inf"], [3, "-Inf"], [4, "1e3"]]
    body = matrix({"metric": {"__name__": "up"}, "values": values}, warnings=["a store\nis away"], infos=["no counter"])
    server.pages["/api/v1/query_range"] = page(body=body)
    found = query_range(at(server.url()), "up", FIVE)
    assert found.series[0].times == [0, 1001, 2000, 3000, 4000]
    assert [str(value) for value in found.series[0].points] == ["1.0", "nan", "inf", "-inf", "1000.0"]
    assert found.warnings == ("a store is away", "no counter")


def test_native_histograms_are_said_to_be_missing(server, page) -> None:
    body = matrix({"metric": {"__name__": "h"}, "histograms": [[0, {}]]}, {"metric": {}, "values": [[0, "1"]]})
    server.pages["/api/v1/query_range"] = page(body=body)
    found = query_range(at(server.url()), "h", FIVE)
    assert len(found.series) == 1
    assert found.warnings == ("native histograms are left out: 1 series",)


class Clock:
    """A server with one series whose value at a second is that second; refuses more than `most` points."""

    def __init__(self, most: int, begin_is_in: bool = True, shift: int = 0) -> None:
        self.most, self.begin_is_in, self.shift = most, begin_is_in, shift
        self.requests = 0

    def steps(self, handler) -> list[int]:
        query = asked(handler)
        start, end, step = (round(1000 * float(query[name])) for name in ("start", "end", "step"))
        return list(range(start - start % step * self.shift, end + 1, step))

    def samples(self, handler) -> list[int]:
        query = asked(handler)
        end = round(1000 * float(query["time"]))
        milliseconds = int(query["query"].removeprefix("up[").removesuffix("ms]"))
        begin = end - milliseconds + (not self.begin_is_in)
        return list(range(-(-begin // 1000) * 1000, end + 1, 1000))

    def page(self, times_of: Callable) -> Callable:
        def answer(handler) -> None:
            self.requests += 1
            times = times_of(handler)
            too_many = len(times) > self.most
            text = "query processing would load too many samples into memory in query execution"
            values = [[at / 1000, str(at / 1000)] for at in times]
            body = failure("execution", text) if too_many else matrix({"metric": {"job": "a"}, "values": values})
            handler.send_response(422 if too_many else 200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        return answer


@pytest.mark.parametrize("count", [1, 2, 9_999, 10_000, 10_001, 20_000, 23_457])
def test_no_step_is_lost_or_doubled(server, count: int) -> None:
    clock = Clock(most=11_000)
    server.pages["/api/v1/query_range"] = clock.page(clock.steps)
    [series] = query_range(at(server.url()), "up", Steps(1_500, 15_000, count)).series
    assert series.times == list(range(1_500, 1_500 + 15_000 * count, 15_000))
    assert series.points == [at / 1000 for at in series.times]
    assert clock.requests == -(-count // 10_000)


def test_steps_that_the_server_aligns_are_taken_once(server) -> None:
    clock = Clock(most=11_000, shift=1)
    server.pages["/api/v1/query_range"] = clock.page(clock.steps)
    [series] = query_range(at(server.url()), "up", Steps(1_500, 15_000, 10_500)).series
    assert series.times == list(range(0, 15_000 * 10_500, 15_000))


@pytest.mark.parametrize("most", [100, 333, 5_000])
def test_fewer_steps_at_once_where_the_server_has_less_memory(server, most: int) -> None:
    clock = Clock(most=most)
    server.pages["/api/v1/query_range"] = clock.page(clock.steps)
    [series] = query_range(at(server.url()), "up", Steps(0, 1000, 2_345)).series
    assert series.times == list(range(0, 2_345_000, 1000))


@pytest.mark.parametrize("begin_is_in", [True, False], ids=["Prometheus 2", "Prometheus 3"])
@pytest.mark.parametrize(("start", "end"), [(0, 2_345_000), (500, 2_344_999), (1_000, 1_000), (0, 4_096_001)])
def test_raw_samples_from_begin_to_end(server, begin_is_in: bool, start: int, end: int) -> None:
    clock = Clock(most=100, begin_is_in=begin_is_in)
    server.pages["/api/v1/query"] = clock.page(clock.samples)
    [series] = raw_samples(at(server.url()), "up", Span(start, end)).series
    assert series.times == list(range(-(-start // 1000) * 1000, end + 1, 1000))


def test_what_is_too_much_in_any_part_ends(server) -> None:
    clock = Clock(most=0)
    server.pages["/api/v1/query"] = clock.page(clock.samples)
    with pytest.raises(QueryError, match=r"too many samples.*Hint: ask for a shorter time, fewer series"):
        raw_samples(at(server.url()), "up", Span(0, 86_400_000))
    assert clock.requests < 20


def test_an_answer_too_big_for_us_is_asked_for_in_parts(server, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(most=11_000)
    server.pages["/api/v1/query_range"] = clock.page(clock.steps)
    monkeypatch.setattr(prometheus_api, "LIMIT_BYTES", 5_000)
    [series] = query_range(at(server.url()), "up", Steps(0, 1000, 1_001)).series
    assert len(series.times) == 1_001


def test_a_series_that_ends_in_a_part(server) -> None:
    def page(handler) -> None:
        start = float(asked(handler)["start"])
        series = [{"metric": {"i": "b"}, "values": [[start, "1"]]}]
        series += [{"metric": {"i": "a"}, "values": [[0, "7"]]}] if start < 10_000 else []
        body = matrix(*series)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    server.pages["/api/v1/query_range"] = page
    found = query_range(at(server.url()), "up", Steps(0, 1000, 15_000)).series
    assert [(one.labels, one.times) for one in found] == [({"i": "b"}, [0, 10_000_000]), ({"i": "a"}, [0])]


def test_targets(server, page) -> None:
    target = {
        "discoveredLabels": {"__address__": "10.0.0.7:8081"},
        "labels": {"job": "push", "instance": "10.0.0.7:8081"},
        "scrapeUrl": "http://10.0.0.7:8081/metrics",
        "health": "down",
        "lastError": f'Get "http://10.0.0.7:8081/metrics?token={SECRET}": context deadline exceeded',
        "lastScrape": "2026-11-23T10:00:00.123456789Z",
    }
    bare = {"labels": {}, "scrapeUrl": "http://10.0.0.8/metrics"}
    body = json.dumps({"status": "success", "data": {"activeTargets": [target, bare]}}).encode()
    server.pages["/api/v1/targets"] = page(body=body)
    first, second = active_targets(at(server.url()))
    assert (first.health, second.health, second.last_scrape) == ("down", "unknown", "")
    assert first.last_error == 'Get "http://10.0.0.7:8081/metrics?token=***": context deadline exceeded'
    assert server.seen[0][0] == "/api/v1/targets?state=active"


@pytest.mark.parametrize("data", [None, [], {}, {"activeTargets": [1]}, {"activeTargets": [{"labels": {}}]}])
def test_odd_targets(server, page, data: object) -> None:
    server.pages["/api/v1/targets"] = page(body=json.dumps({"status": "success", "data": data}).encode())
    with pytest.raises(QueryError, match="JSON that is not an answer"):
        active_targets(at(server.url()))


def test_a_store_without_targets(server, page) -> None:
    server.pages["/prometheus/api/v1/targets"] = page(404, b"404 page not found")
    with pytest.raises(QueryError, match=r"no list of targets.*Hint: ask the Prometheus that scrapes"):
        active_targets(at(server.url("/prometheus")))
