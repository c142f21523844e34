"""What a status means, in words."""

import json
from datetime import UTC, datetime

import pytest

from gostack_nb.errors import NotPprofError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.http import Answer, ask, check_not_html, check_status
from gostack_nb.sources.http_answer import shown_headers
from tests.unit.sources.conftest import Server, answer

NOW = datetime(2026, 11, 23, 9, 10, 45, tzinfo=UTC)
FORBIDDEN = 'pods "push-7d9" is forbidden: User "dev" cannot get resource "pods/proxy" in API group "" in namespace "p"'


def test_what_is_no_error() -> None:
    for status in (200, 204, 304, 399):
        check_status(Answer("http://h/x", status, "", {}, b"", None, NOW, NOW))


def test_the_api_of_kubernetes_says_why(server: Server) -> None:
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": FORBIDDEN, "code": 403}
    path = "/api/v1/namespaces/p/pods/push-7d9:6060/proxy/debug/pprof/goroutine"
    server.pages[path] = answer(403, json.dumps(status).encode(), Content_Type="application/json")
    with pytest.raises(UnreachableError) as caught:
        check_status(ask(server.url(path)))
    assert str(caught.value) == (
        f"{server.url(path)}: the server forbids it to these credentials (403 Forbidden: {FORBIDDEN}). "
        "Hint: give them as auth= or bearer= (--user, --bearer-file), in the address, http://user:password@host, "
        "or in .netrc"
    )


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"message": "no\\nsuch \\u001b[31mpod"}', "503 Service Unavailable: no such \\x1b[31mpod)"),
        (json.dumps({"message": "x" * 300}).encode(), f"503 Service Unavailable: {'x' * 200}."),
        (b'{"message": 7}', "503 Service Unavailable."),
        (b'["message"]', "503 Service Unavailable."),
        (b"[" * 100_000, "503 Service Unavailable."),
        (b"\xff\xfe", "503 Service Unavailable."),
        (b"", "503 Service Unavailable."),
        (b'{"message": "bad token s3cret at /x?key=abc"}', "503 Service Unavailable: bad token *** at /x?key=***."),
    ],
    ids=["lines", "long", "number", "list", "deep", "no UTF-8", "nothing", "secrets"],
)
def test_the_message_of_an_api(server: Server, body: bytes, shown: str) -> None:
    server.pages["/x"] = answer(503, body)
    with pytest.raises(UnreachableError) as caught:
        check_status(ask(server.url("/x"), access=Access.of({"bearer": "s3cret"}), attempts=1))
    assert f"the server answers {shown.rstrip(').')}. Hint: try again" in str(caught.value)


def test_a_reason_that_repeats_the_token(server: Server) -> None:
    server.pages["/x"] = lambda handler: handler.wfile.write(
        b"HTTP/1.1 401 Bad token s3cret \x1b[31m\r\nContent-Length: 0\r\n\r\n"
    )
    got = ask(server.url("/x"), access=Access.of({"bearer": "s3cret"}))
    assert got.reason == "Bad token *** \\x1b[31m"


def test_a_profile_that_is_not_there(server: Server) -> None:
    server.pages["/debug/pprof/nope"] = answer(404, b"Unknown profile\n", X_Go_Pprof="1")
    with pytest.raises(NotPprofError, match="pprof answers here, but has no profile of this name"):
        check_status(ask(server.url("/debug/pprof/nope")))


def test_a_page_in_place_of_a_profile() -> None:
    profile = Answer("http://h/debug/pprof/goroutine", 200, "OK", {}, b" <HTML>", None, NOW, NOW, "sso:443")
    with pytest.raises(NotPprofError, match="not a profile but an HTML page from sso:443, perhaps a login"):
        check_not_html(profile)
    check_not_html(Answer("http://h/saved.html", 200, "OK", {}, b"<html>", None, NOW, NOW))


def test_headers_that_hold_no_secret() -> None:
    kept = {"content-type": "text/plain", "date": "today", "x-go-pprof": "1", "retry-after": "1", "server": "Go"}
    left_out = {
        "Set-Cookie": "a=b",
        "Authorization": "x",
        "Proxy-Authenticate": "x",
        "X-Session-Id": "x",
        "X-Amz-Security-Token": "x",
        "Location": "/x?token=abc",
        "Link": "</x?token=abc>",
    }
    assert shown_headers({**{name.title(): value for name, value in kept.items()}, **left_out}) == kept


def test_the_repr_of_an_answer_is_short() -> None:
    assert "bytes of the body" not in repr(Answer("http://h/x", 200, "OK", {}, b"bytes of the body", None, NOW, NOW))
