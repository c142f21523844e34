"""A server that means harm: each call that asks one ends with a table or with one sentence, and waits for no end."""

import gzip
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import gostack_nb as gs
from gostack_nb.sources import http
from gostack_nb.sources.blob import Limits
from gostack_nb.sources.pprof import index_in
from tests.hostile.making import HEAD
from tests.hostile.raw_server import repeating, sending, serving

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR_AGO = datetime(2026, 11, 23, 11, tzinfo=UTC)

CALLS: dict[str, Callable[[str], Any]] = {
    "read": gs.read,
    "capture": lambda url: gs.capture(url, count=1),
    "metrics of Prometheus": lambda url: gs.Prometheus(url).metrics(HOUR_AGO, NOON),
    "targets of Prometheus": lambda url: gs.Prometheus(url).targets(),
    "Loki": lambda url: gs.Loki(url).read('{app="push"}', since=HOUR_AGO, until=NOON),
    "Pyroscope": lambda url: gs.Pyroscope(url).series(since=HOUR_AGO, until=NOON),
    "Parca": lambda url: gs.Parca(url).series(since=HOUR_AGO, until=NOON),
}

OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "nothing": b"",
    "one byte": b"H",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "zeros": bytes(5000),
    "a TLS alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "a TLS handshake": b"\x16\x03\x03\x40\x00" + bytes(5000),
    "half a status line": b"HTTP/1.1 2",
    "half a header": OK + b"Content-Len",
    "status of words": b"HTTP/1.1 OK fine\r\n\r\n",
    "status of many digits": b"HTTP/1.1 " + b"2" * 5000 + b" OK\r\n\r\n",
    "status 0": b"HTTP/1.1 000 \r\n\r\n",
    "status 999": b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/9": b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "many statuses 100": b"HTTP/1.1 100 Continue\r\n\r\n" * 5000 + OK + b"Content-Length: 0\r\n\r\n",
    "ten thousand headers": OK + b"".join(b"X-%d: y\r\n" % number for number in range(10_000)) + b"\r\n",
    "a header of a megabyte": OK + b"X: " + b"y" * (1 << 20) + b"\r\n\r\n",
    "headers without colons": OK + b"what is this\r\nand this\r\n\r\nhello",
    "NULs in headers": OK + b"X\0Y: a\0b\r\nContent-Length: 2\r\n\r\nhi",
    "control characters in headers": OK + b"X: \x1b[31m\x07\r\nContent-Type: text/\x1b[2J\r\n\r\nhi",
    "bytes that are no text": OK + b"Server: \xff\xfe\r\nContent-Type: \xff\r\n\r\n\xff",
    "a length that is none": OK + b"Content-Length: ten\r\n\r\nhello",
    "a length below 0": OK + b"Content-Length: -5\r\n\r\nhello",
    "a length of many digits": OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello",
    "a length too great": OK + b"Content-Length: 99999999999999999999\r\n\r\nhello",
    "a length too small": OK + b"Content-Length: 3\r\n\r\n" + HEAD,
    "two lengths": OK + b"Content-Length: 3\r\nContent-Length: 900\r\n\r\nhello",
    "chunks of no size": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "chunks below 0": OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "chunks of many digits": OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\nhello",
    "chunks cut": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "an encoding of its own": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "gzip that is none": OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    "brotli": OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
    "gzip of gzip of gzip": OK + b"Content-Encoding: gzip, gzip, gzip\r\n\r\n" + gzip.compress(gzip.compress(HEAD)),
    "a redirect to a file": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    "a redirect to nowhere": b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
    "a redirect to itself": b"HTTP/1.1 302 Found\r\nLocation: ?\r\nContent-Length: 0\r\n\r\n",
    "a redirect without a target": b"HTTP/1.1 302 Found\r\nLocation: \r\nContent-Length: 0\r\n\r\n",
    "a redirect with line ends": b"HTTP/1.1 302 Found\r\nLocation: /a%0d%0aX:%20y\0\x01\r\nContent-Length: 0\r\n\r\n",
    "a redirect to gopher": b"HTTP/1.1 307 X\r\nLocation: gopher://127.0.0.1:70/\r\nContent-Length: 0\r\n\r\n",
    "a date of year 1": OK + b"Last-Modified: Mon, 01 Jan 0001 00:00:00 +2359\r\nContent-Length: 2\r\n\r\nhi",
    "a date of year 9999": OK + b"Last-Modified: Fri, 31 Dec 9999 23:59:59 -2359\r\nContent-Length: 2\r\n\r\nhi",
    "a date of an odd zone": OK + b"Last-Modified: Mon, 23 Nov 2026 09:00:00 +99999999\r\nContent-Length: 2\r\n\r\nhi",
    "a date of many digits": OK + b"Last-Modified: Mon, 23 Nov " + b"9" * 5000 + b" 0:0:0 Z\r\n\r\nhi",
    "a date of commas": OK + b"Last-Modified: " + b"," * 5000 + b"\r\nContent-Length: 2\r\n\r\nhi",
    "retry after ages": b"HTTP/1.1 503 Busy\r\nRetry-After: " + b"9" * 500 + b"\r\nContent-Length: 0\r\n\r\n",
    "retry after a day of year 9999": b"HTTP/1.1 503 B\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 -2359\r\n\r\n",
    "retry after an odd date": b"HTTP/1.1 503 B\r\nRetry-After: Mon, 99 Foo 1 +99999999999\r\n\r\n",
    "JSON deep": OK + b"Content-Type: application/json\r\n\r\n" + b"[" * 100_000,
    "JSON of another kind": OK + b'Content-Type: application/json\r\n\r\n{"status": "success", "data": 7}',
    "JSON that is a list": OK + b"Content-Type: application/json\r\n\r\n[[[]], 1, null]",
    "JSON with numbers of many digits": OK
    + b'Content-Type: application/json\r\n\r\n{"status": "success", "data": {"result": [[' + b"9" * 5000 + b"]]}}",
    "JSON with odd samples": OK
    + b'Content-Type: application/json\r\n\r\n{"status":"success","data":{"resultType":"matrix","result":[{"metric":7,'
    + b'"values":[[1e999,"NaN"],["x",{}],null]}],"activeTargets":[null,{"labels":3}]}}',
    "streams of odd values": OK
    + b'Content-Type: application/json\r\n\r\n{"status":"success","data":{"resultType":"streams","result":['
    + b'{"stream":[],"values":[["99999999999999999999999",7],[null],{}]}]}}',
    "markup": OK + b"Content-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "cells without end": OK + b"Content-Type: text/html\r\n\r\n" + b"<td" * 100_000,
    "spaces in a cell": OK + b"Content-Type: text/html\r\n\r\n<td>1" + b" " * 100_000,
}  # fmt: skip


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PAUSE_SECONDS", 0.001)


def ended(call: Callable[[str], Any], url: str) -> str | None:
    """Make a call; return the sentence of its error, checked to be one."""
    try:
        call(url)
    except gs.GostackError as error:
        said = str(error)
        assert len(said.splitlines()) == 1, said
        assert said.isprintable()
        assert len(said) < 1500
        return said
    return None


@pytest.mark.parametrize("name", ANSWERS)
def test_one_sentence_and_an_end(name: str) -> None:
    with serving(sending(ANSWERS[name])) as server:
        for call in CALLS.values():
            asked = len(server.requests)
            ended(call, server.url)
            assert len(server.requests) > asked


def test_a_dump_behind_odd_headers_is_read() -> None:
    head = OK + b"X: \x1b[31m\r\nContent-Length: %d\r\nLast-Modified: never\r\n\r\n" % len(HEAD)
    with serving(sending(head, HEAD)) as server:
        assert len(gs.read(server.url).goroutines) == 1


@pytest.mark.parametrize("seed", range(12))
def test_answers_with_flipped_bytes(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    good = OK + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    body = gzip.compress(b'{"status":"success","data":{"resultType":"matrix","result":[]}}', mtime=0)
    whole = bytearray(good + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    for _ in range(chance.randrange(1, 6)):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    with serving(sending(bytes(whole))) as server:
        for call in CALLS.values():
            ended(call, server.url)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (OK + b"\r\n", bytes(1 << 16)),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + bytes(1 << 12) + b"\r\n"),
        (OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(bytes(1 << 20), mtime=0)),
        (OK, b"X: y\r\n"),
        (OK + b"X: ", b"y" * (1 << 16)),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
        (b"", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * (1 << 12)),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"Trailer: y\r\n"),
    ],
    ids=["body", "chunks", "gzip", "headers", "header", "100", "103", "no line end", "chunk size", "trailers"],
)
def test_what_never_ends_is_ended(head: bytes, piece: bytes) -> None:
    with serving(repeating(head, piece)) as server, pytest.raises(gs.GostackError) as error:
        gs.read(http.fetch(server.url, timeout=2, deadline=2, limits=Limits(response_bytes=10_000_000)).data)
    assert len(str(error.value).splitlines()) == 1


def test_credentials_go_to_no_other_place() -> None:
    with serving(sending(OK + b"Content-Length: 0\r\n\r\n")) as thief:
        leads = b"HTTP/1.1 302 Found\r\nLocation: %b/debug/pprof/\r\nContent-Length: 0\r\n\r\n" % thief.url.encode()
        with serving(sending(leads)) as server:
            for call in (gs.capture, gs.Prometheus):
                ended(lambda url, call=call: _used(call(url, bearer="s3cret-token")), server.url)
            ended(gs.read, server.url.replace("http://", "http://me:s3cret-token@"))
        assert thief.requests
        assert not [one for one in thief.requests if b"s3cret" in one or b"uthorization" in one or b"bWU6" in one]
        assert [one for one in server.requests if b"uthorization" in one]


def _used(made: Any) -> None:
    if isinstance(made, gs.Prometheus):
        made.metrics(HOUR_AGO, NOON)


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a b", "", "a:b", "a\0"])
def test_no_header_is_smuggled_in(name: str) -> None:
    with serving(sending(OK + b"Content-Length: 0\r\n\r\n")) as server:
        for headers in ({name: "value"}, {"X-Scope-OrgID": f"value\r\n{name}: 1"}):
            with pytest.raises(gs.UnreachableError, match="headers="):
                gs.Prometheus(server.url, headers=headers).metrics(HOUR_AGO, NOON)
        assert server.requests == []


@pytest.mark.parametrize(
    "page",
    [
        b"<td>1" + b" " * 200_000,
        b"<td" * 70_000,
        b"<td>1</td>" * 20_000,
        b"<td>1<td><a " * 20_000,
        b"<td>" + b"9" * 200_000,
    ],
    ids=["spaces", "cells begun", "counts", "links begun", "digits"],
)
def test_an_index_made_to_be_slow(page: bytes) -> None:
    """Each took minutes or more when a space could belong to two places of the pattern."""
    with serving(sending(OK + b"Content-Type: text/html\r\n\r\n", page)) as server:
        answer = http.ask(server.url, deadline=60)
    with pytest.raises(gs.NotPprofError):
        index_in(answer)
