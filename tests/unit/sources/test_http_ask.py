"""What is asked, how often, and what is an answer."""

import gzip
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import cast

import pytest

from gostack_nb.errors import DeadlineError, TooBigError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.http import Answer, Payload, ask
from tests.unit.sources.conftest import DEADLINES, Page, Server, answer, expire

BODY = b"goroutine profile: total 3\n"
HEAD = b"HTTP/1.1 200 OK\r\n"


def in_turn(*pages: Page) -> Page:
    """Return a page that is another one each time; the last one stays."""
    left = list(pages)

    def page(handler: BaseHTTPRequestHandler) -> None:
        following = left.pop(0) if len(left) > 1 else left[0]
        following(handler)

    return page


def raw(sent: bytes) -> Page:
    return lambda handler: handler.wfile.write(sent)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Answer nothing at all."""


def cut_at(count: int, body: bytes = BODY) -> Page:
    return raw(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:count])


def test_an_answer(server: Server) -> None:
    server.pages["/x"] = answer(418, BODY, X_Go_Pprof="1", Set_Cookie="a=b", X_Session_Token="abc", Server="own")  # noqa: S106
    before = datetime.now(UTC)
    got = ask(f"http://me:pw@{server.host}/x?debug=1&token=abc#part")
    assert got == Answer(
        source=server.url("/x?debug=1&token=***"),
        status=418,
        reason="I'm a Teapot",
        headers=got.headers,
        body=BODY,
        cut=None,
        started_at=got.started_at,
        finished_at=got.finished_at,
        answered_by=server.host,
    )
    assert got.headers["x-go-pprof"] == "1"
    assert not {"set-cookie", "x-session-token"} & set(got.headers)
    assert before <= got.started_at <= got.finished_at <= datetime.now(UTC)
    assert server.requests[0].path == "/x?debug=1&token=abc"


def test_the_credentials_as_sent(server: Server) -> None:
    server.pages["/x"] = answer()
    ask(server.url("/x"), access=Access.of({"auth": ("me", "pä:ß")}))
    ask(server.url("/x"), access=Access.of({"bearer": "tok3n", "headers": {"X-Scope-OrgID": "team-a"}}))
    ask(f"http://me:p%C3%A4%3A%C3%9F@{server.host}/x", access=Access.of({"headers": {"User-Agent": "mine"}}))
    one, two, three = (seen.headers for seen in server.requests)
    assert one["authorization"] == three["authorization"] == "Basic bWU6cMOkOsOf"
    assert (two["authorization"], two["x-scope-orgid"]) == ("Bearer tok3n", "team-a")
    assert (one["user-agent"], three["user-agent"]) == ("gostack-nb", "mine")


@pytest.mark.parametrize(
    "options",
    [
        {"auth": ("me", "pw")},
        {"bearer": "tok3n"},
        {"headers": {"Authorization": "Negotiate abc"}},
        {"headers": {"X-Token": "abc"}},
    ],
    ids=lambda options: next(iter(options)),
)
@pytest.mark.usefixtures("netrc")
def test_netrc_does_not_override_what_was_given(server: Server, options: dict[str, object]) -> None:
    server.pages["/x"] = answer()
    ask(server.url("/x"))
    ask(server.url("/x"), access=Access.of(options))  # type: ignore[arg-type]
    from_netrc, given = (sent for _, sent in server.seen)
    assert from_netrc == "Basic b3RoZXI6b3RoZXI="
    assert given != from_netrc


def test_credentials_given_twice(server: Server) -> None:
    with pytest.raises(UnreachableError) as caught:
        ask(f"http://me:s3cret@{server.host}/x", access=Access.of({"bearer": "tok3n"}))
    assert str(caught.value) == (
        f"{server.url('/x')}: user and password stand in the address, and credentials are given beside it. "
        "Hint: leave one out"
    )


def test_a_question_with_a_payload(server: Server) -> None:
    server.pages["/x"] = in_turn(hang_up, answer(body=BODY))
    got = ask(server.url("/x"), payload=Payload(b'{"a":1}', "application/json"))
    assert got.body == BODY
    assert len(server.requests) == 2
    for seen in server.requests:
        assert (seen.method, seen.body, seen.headers["content-type"]) == ("POST", b'{"a":1}', "application/json")


@pytest.mark.parametrize("address", ["ftp://h/x", "unix:///run/x", "s3://bucket/x"])
def test_no_web_address(address: str) -> None:
    with pytest.raises(UnreachableError):
        ask(address)


@pytest.mark.parametrize(
    "passing",
    [
        hang_up,
        answer(502),
        answer(503),
        answer(504),
        answer(503, Retry_After="0"),
        answer(503, Retry_After="Mon, 23 Nov 2020 09:10:45 GMT"),
        answer(503, Retry_After="soon"),
        answer(503, Retry_After="Sun, 1 Mar 99999999999 09:00:00 GMT"),
        cut_at(5),
        cut_at(0),
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1b\r\ngoroutine"),
        raw(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(BODY)[:20]),
    ],
    ids=["hang up", "502", "503", "504", "0 s", "past", "soon", "far", "cut", "cut at once", "chunk cut", "gzip cut"],
)
def test_what_may_pass_is_asked_again(server: Server, passing: Page) -> None:
    server.pages["/x"] = in_turn(passing, passing, answer(body=BODY))
    got = ask(server.url("/x"))
    assert (got.status, got.body, got.cut, len(server.requests)) == (200, BODY, None, 3)


@pytest.mark.parametrize(
    "lasting",
    [
        answer(400),
        answer(401),
        answer(404),
        answer(429, Retry_After="0"),
        answer(500),
        answer(503, Retry_After="60"),
        answer(503, Retry_After=format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)),
        answer(204),
    ],
    ids=["400", "401", "404", "429", "500", "60 s", "a date", "204"],
)
def test_what_will_be_the_same_is_not(server: Server, lasting: Page) -> None:
    server.pages["/x"] = in_turn(lasting, answer(599))
    assert ask(server.url("/x"), deadline=20).status != 599
    assert len(server.requests) == 1


def test_the_pause_that_the_server_asks_for(server: Server) -> None:
    server.pages["/x"] = in_turn(answer(503, Retry_After="1"), answer())
    assert ask(server.url("/x"), attempts=2).status == 200
    first, second = server.requests
    assert second.at - first.at >= 1


def test_the_pauses_grow(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gostack_nb.sources.http.PAUSE_SECONDS", 0.1)
    server.pages["/x"] = answer(503)
    ask(server.url("/x"))
    first, second, third = (seen.at for seen in server.requests)
    assert second - first >= 0.1
    assert third - second >= 0.2


def test_no_more_attempts_than_allowed(server: Server) -> None:
    server.pages["/x"] = answer(503)
    assert ask(server.url("/x"), attempts=1).status == 503
    assert len(server.requests) == 1
    assert ask(server.url("/x"), attempts=2).status == 503
    assert len(server.requests) == 3


def test_the_longest_of_broken_bodies_is_kept(server: Server) -> None:
    server.pages["/x"] = in_turn(cut_at(5), cut_at(20), cut_at(9))
    got = ask(server.url("/x"))
    assert (got.body, got.cut) == (BODY[:20], "the connection broke after 20 bytes: what came before is read")
    assert len(server.requests) == 3


@pytest.mark.parametrize("later", [hang_up, answer(503), answer(404), cut_at(0)])
def test_a_broken_body_is_better_than_none(server: Server, later: Page) -> None:
    server.pages["/x"] = in_turn(cut_at(5), later)
    got = ask(server.url("/x"))
    assert (got.status, got.body) == (200, BODY[:5])
    assert got.cut


def test_a_broken_body_of_an_error_is_not_kept_before_an_answer(server: Server) -> None:
    server.pages["/x"] = in_turn(raw(b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nabc"), answer(404))
    assert ask(server.url("/x")).status == 404


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", " GZIP "])
def test_the_content_encoding_is_undone(server: Server, coding: str) -> None:
    packed = gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])
    server.pages["/x"] = answer(body=packed, Content_Encoding=coding)
    assert ask(server.url("/x")).body == BODY
    assert server.requests[0].headers["accept-encoding"] == "gzip"


def test_a_profile_that_is_gzip_itself_stays_so(server: Server) -> None:
    server.pages["/x"] = answer(body=gzip.compress(BODY))
    assert ask(server.url("/x")).body == gzip.compress(BODY)


def test_an_empty_body_with_a_content_encoding(server: Server) -> None:
    server.pages["/x"] = answer(body=b"", Content_Encoding="gzip")
    assert ask(server.url("/x")).body == b""


def test_a_content_encoding_that_ends_early(server: Server) -> None:
    body = bytes(range(256)) * 300
    server.pages["/x"] = answer(body=gzip.compress(body)[:-9], Content_Encoding="gzip")
    got = ask(server.url("/x"), attempts=1)
    assert body.startswith(got.body)
    assert got.cut
    assert got.cut.startswith("the gzip stream is cut after ")


@pytest.mark.parametrize(
    ("coding", "sentence"),
    [
        ("gzip", "the answer's content encoding is damaged"),
        ("br", "the answer comes in a content encoding that was not asked for"),
    ],
)
def test_a_content_encoding_that_cannot_be_undone(server: Server, coding: str, sentence: str) -> None:
    server.pages["/x"] = answer(body=BODY, Content_Encoding=coding)
    with pytest.raises(UnreachableError, match=sentence):
        ask(server.url("/x"))
    assert len(server.requests) == 1


def test_the_limit_holds_to_the_byte(server: Server) -> None:
    server.pages["/x"] = answer(body=BODY)
    server.pages["/gzip"] = answer(body=gzip.compress(BODY), Content_Encoding="gzip")
    for path in ("/x", "/gzip"):
        assert ask(server.url(path), limit_bytes=len(BODY)).body == BODY
        with pytest.raises(TooBigError, match="the answer has more than 26 bytes"):
            ask(server.url(path), limit_bytes=len(BODY) - 1)


def test_an_endless_body_in_a_content_encoding(server: Server) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(HEAD + b"Content-Encoding: gzip\r\n\r\n")
        member = gzip.compress(bytes(1 << 20))
        while True:
            handler.wfile.write(member)

    server.pages["/x"] = page
    with pytest.raises(TooBigError):
        ask(server.url("/x"), limit_bytes=50 << 20)


def test_many_at_once(server: Server) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        answer(body=handler.headers["Authorization"].encode())(handler)

    server.pages["/x"] = page
    tokens = [f"token-{number}" for number in range(40)]
    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(lambda token: ask(server.url("/x"), access=Access.of({"bearer": token})), tokens)
        assert [got.body for got in answers] == [f"Bearer {token}".encode() for token in tokens]


def test_the_deadline_holds_over_all_attempts(server: Server) -> None:
    def wait(_: BaseHTTPRequestHandler) -> None:
        if len(server.requests) > 1:
            server.stopped.wait(60)

    def ask_within(deadline: float) -> None:
        server.requests.clear()
        ask(server.url("/x"), deadline=deadline)

    server.pages["/x"] = wait
    expire(ask_within, lambda: len(server.requests) == 2)


def test_the_deadline_holds_over_redirects(server: Server) -> None:
    def wait(handler: BaseHTTPRequestHandler) -> None:
        server.stopped.wait(0.2)
        answer(302, Location="/x")(handler)

    server.pages["/x"] = wait
    with pytest.raises(DeadlineError, match=r"not complete after 0.5 s"):
        ask(server.url("/x"), deadline=0.5)


def test_what_had_come_when_the_deadline_ends_a_later_attempt(server: Server) -> None:
    bodies: list[bytes] = []
    for deadline in DEADLINES:
        server.requests.clear()
        server.pages["/x"] = in_turn(cut_at(5), lambda _: server.stopped.wait(60))
        with suppress(DeadlineError):
            bodies.append(ask(server.url("/x"), deadline=deadline).body)
        if len(server.requests) == 2:
            break
    assert (bodies[-1], len(server.requests)) == (BODY[:5], 2)


def test_an_interrupt_leaves_no_thread(server: Server) -> None:
    def interrupt(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(HEAD + b"Content-Length: 9\r\n\r\ng")
        signal.pthread_kill(cast("int", threading.main_thread().ident), signal.SIGINT)
        server.stopped.wait(20)

    server.pages["/x"] = interrupt
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        ask(server.url("/x"))
    assert not [thread for thread in set(threading.enumerate()) - before if thread.daemon]  # the server's are none
