import gzip
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from gostack_nb.errors import DeadlineError, NotPprofError, SourceError, TooBigError, UnreachableError
from gostack_nb.sources.blob import Blob, Limits
from gostack_nb.sources.http import fetch
from gostack_nb.sources.opening import open_sources

DUMP = b"goroutine 1 [running]:\nmain.main()\n"
GOROUTINE = "/debug/pprof/goroutine"
SECRET = "s3cret"  # noqa: S105 - not spelled out below: a traceback shows the lines of the test
BASIC = "Basic bWU6cDpA"  # me:p:@
Server = Any
Page = Callable[..., Callable[[BaseHTTPRequestHandler], None]]


def test_a_service(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=DUMP)
    before = datetime.now(UTC)
    blob = fetch(server.url())
    assert server.seen == [(f"{GOROUTINE}?debug=2", None)]
    assert (blob.data, blob.source, blob.instance) == (DUMP, server.url(f"{GOROUTINE}?debug=2"), server.host)
    assert blob.captured_at_from == "caller"
    assert blob.captured_at is not None
    assert before <= blob.captured_at <= datetime.now(UTC)
    assert (blob.service, blob.truncated, blob.note) == (None, False, None)


def test_a_binary_profile_is_unpacked(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=gzip.compress(DUMP))
    assert fetch(server.url(GOROUTINE)).data == DUMP


def test_through_open_sources(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=DUMP)
    (blob,) = open_sources(server.url("/debug/pprof/"))
    assert isinstance(blob, Blob)
    assert blob.data == DUMP


def test_credentials_are_sent_and_not_shown(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=DUMP)
    blob = fetch(f"http://me:p%3A%40@{server.host}/?token=abc")
    assert server.seen == [(f"{GOROUTINE}?token=abc&debug=2", BASIC)]
    assert blob.source == server.url(f"{GOROUTINE}?token=***&debug=2")


@pytest.mark.usefixtures("netrc")
def test_netrc_is_second_to_the_address(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=DUMP)
    fetch(f"http://me:p%3A%40@{server.host}")
    fetch(server.url())
    assert [sent for _, sent in server.seen] == [BASIC, "Basic b3RoZXI6b3RoZXI="]


def test_no_proxy_for_this_machine(server: Server, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.pages[GOROUTINE] = page(body=DUMP)
    assert fetch(server.url()).data == DUMP


def test_the_proxy_that_does_not_connect(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    with pytest.raises(UnreachableError, match="the proxy does not connect"):
        fetch("http://push.invalid:6060")


@pytest.mark.parametrize(
    ("status", "headers", "kind", "sentence"),
    [
        (
            401,
            {},
            UnreachableError,
            "the server wants credentials (401 Unauthorized). Hint: give them as auth= or bearer= (--user, ",
        ),
        (403, {}, UnreachableError, "the server forbids it to these credentials (403 Forbidden). Hint: give them as "),
        (
            404,
            {"X_Go_Pprof": "1"},
            NotPprofError,
            "pprof answers here, but has no profile of this name (404 Not Found). Hint: goroutineleak needs Go",
        ),
        (
            404,
            {},
            NotPprofError,
            'nothing is served at this path (404 Not Found). Hint: import _ "net/http/pprof" in the service',
        ),
        (503, {}, UnreachableError, "the server answers 503 Service Unavailable. Hint: try again, or look into the"),
    ],
)
def test_statuses(
    server: Server, page: Page, status: int, headers: dict[str, str], kind: type[SourceError], sentence: str
) -> None:
    server.pages[GOROUTINE] = page(status, b"Unknown profile\n", **headers)
    with pytest.raises(kind) as caught:
        fetch(f"http://me:{SECRET}@{server.host}{GOROUTINE}?key={SECRET}")
    assert str(caught.value).startswith(f"{server.url(GOROUTINE)}?key=***: {sentence}")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_redirect_on_the_same_host_keeps_the_credentials(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(307, Location="/moved")
    server.pages["/moved"] = page(body=DUMP)
    assert fetch(f"http://me:p%3A%40@{server.host}").data == DUMP
    assert server.seen == [(f"{GOROUTINE}?debug=2", BASIC), ("/moved", BASIC)]


def test_a_redirect_to_another_host_loses_them_for_good(make_server: Callable[[], Server], page: Page) -> None:
    server, other = make_server(), make_server()
    server.pages[GOROUTINE] = page(302, Location=f"http://x:y@{other.host}/moved")
    other.pages["/moved"] = page(302, Location=server.url("/back"))
    server.pages["/back"] = page(body=DUMP)
    blob = fetch(f"http://me:p%3A%40@{server.host}")
    assert blob.instance == server.host
    assert other.seen == [("/moved", None)]
    assert server.seen == [(f"{GOROUTINE}?debug=2", BASIC), ("/back", None)]


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        (GOROUTINE + "?token=abc", "more than 5 redirects, the last to {url}?token=***. Hint: open it in a browser"),
        ("ftp://me:pw@h/x", "redirects to ftp://h/x, which is no web address"),
    ],
)
def test_redirects_that_lead_nowhere(server: Server, page: Page, location: str, sentence: str) -> None:
    server.pages[GOROUTINE] = page(302, Location=location)
    with pytest.raises(UnreachableError) as caught:
        fetch(server.url())
    url = server.url(GOROUTINE)
    assert str(caught.value) == f"{url}?debug=2: {sentence.format(url=url)}"


@pytest.mark.parametrize("headers", [{"Content_Type": "text/html; charset=utf-8"}, {"Content_Type": "text/plain"}])
def test_a_login_page(server: Server, page: Page, headers: dict[str, str]) -> None:
    server.pages[GOROUTINE] = page(302, Location="/login")
    server.pages["/login"] = page(body=b"\n<!DOCTYPE html><form>", **headers)
    with pytest.raises(NotPprofError) as caught:
        fetch(server.url())
    assert str(caught.value) == (
        f"{server.url(GOROUTINE)}?debug=2: not a profile but an HTML page from {server.host}, perhaps a login. "
        "Hint: use the inner address, or kubectl port-forward"
    )


def test_html_elsewhere_may_hold_a_dump(server: Server, page: Page) -> None:
    server.pages["/push-1.html"] = page(body=b"<html><pre>goroutine 1", Content_Type="text/html")
    assert fetch(server.url("/push-1.html")).data.startswith(b"<html>")


@pytest.mark.parametrize(
    ("path", "headers", "origin", "live"),
    [
        ("/20261123T091045Z.txt", {}, "file name", False),
        ("/a.txt", {"Last_Modified": "Mon, 23 Nov 2026 09:10:45 GMT"}, "file time", False),
        ("/20261123T091045Z/a.txt", {"Last_Modified": "Mon, 23 Nov 2026 10:00:00 -0000"}, "file name", False),
        ("/a.txt", {"Last_Modified": "yesterday"}, "caller", True),
        (GOROUTINE, {"Last_Modified": "Mon, 23 Nov 2026 09:10:45 GMT"}, "caller", True),
    ],
)
def test_a_stored_file_is_not_live(
    server: Server, page: Page, path: str, headers: dict[str, str], origin: str, live: bool
) -> None:
    server.pages[path] = page(body=DUMP, **headers)
    blob = fetch(server.url(path))
    assert (blob.captured_at_from, blob.instance) == (origin, server.host if live else None)
    assert live or blob.captured_at == datetime(2026, 11, 23, 9, 10, 45, tzinfo=UTC)


def drip(prefix: bytes, piece: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a page that goes on for a minute, well within any timeout between bytes."""

    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(prefix)
        server: Server = handler.server
        for _ in range(3_000):
            if server.stopped.wait(0.02):
                return
            handler.wfile.write(piece)
        server.ran_dry.set()

    return page


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("prefix", "piece"),
    [
        (HEAD + b"Content-Length: 1000000\r\n\r\n", b"g"),
        (HEAD + b"\r\n", b"g"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\ng\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n", b"g"),
        (HEAD + b"X: ", b"g"),
        (b"", b""),
    ],
    ids=["length", "until close", "chunks", "one chunk", "header", "silence"],
)
def test_the_deadline_holds_against_a_drip(server: Server, prefix: bytes, piece: bytes) -> None:
    server.pages[GOROUTINE] = drip(prefix, piece)
    with pytest.raises(DeadlineError) as caught:
        fetch(server.url(), timeout=5, deadline=0.3)
    assert not server.ran_dry.is_set()
    assert str(caught.value) == (
        f"{server.url(GOROUTINE)}?debug=2: not complete after 0.3 s. "
        "Hint: allow a longer deadline, or ask for debug=1, which is short"
    )


@pytest.mark.parametrize("prefix", [b"", HEAD + b"Content-Length: 100\r\n\r\ng"], ids=["nothing", "one byte"])
def test_silence(server: Server, prefix: bytes) -> None:
    server.pages[GOROUTINE] = drip(prefix, b"")
    with pytest.raises(DeadlineError) as caught:
        fetch(server.url(), timeout=0.2, deadline=20)
    assert str(caught.value).endswith(
        "no answer in time. Hint: check host, port and firewall, or allow a longer timeout"
    )


def test_a_body_without_end(server: Server) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(HEAD + b"\r\n")
        while True:
            handler.wfile.write(bytes(1 << 16))

    server.pages[GOROUTINE] = page
    with pytest.raises(TooBigError) as caught:
        fetch(server.url(), limits=Limits(response_bytes=1 << 20))
    assert str(caught.value).endswith(
        "debug=2: the answer has more than 1,048,576 bytes. Hint: save it with curl and look"
    )


def test_a_bomb_in_the_content_encoding(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=gzip.compress(bytes(50 << 20)), Content_Encoding="gzip")
    with pytest.raises(TooBigError, match="the answer has more than 1,048,576 bytes"):
        fetch(server.url(), limits=Limits(response_bytes=1 << 20))


def test_a_damaged_content_encoding(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=DUMP, Content_Encoding="gzip")
    with pytest.raises(UnreachableError, match="the answer's content encoding is damaged"):
        fetch(server.url())


@pytest.mark.parametrize(
    "prefix",
    [HEAD + b"Content-Length: 100000\r\n\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n23\r\n"],
    ids=["length", "chunked"],
)
def test_a_connection_that_breaks_keeps_what_came_before(server: Server, prefix: bytes) -> None:
    server.pages[GOROUTINE] = lambda handler: handler.wfile.write(prefix + DUMP + b"\r\n")
    blob = fetch(server.url())
    assert blob.data.startswith(DUMP)
    assert blob.truncated
    assert blob.note == f"the connection broke after {blob.size_bytes} bytes: what came before is read"


@pytest.mark.parametrize(
    ("answered", "sentence"),
    [
        (HEAD + b"Content-Length: 9\r\n\r\n", "the connection broke before anything came. Hint: try again"),
        (b"", "the server hangs up without an answer. Hint: does it speak https:// on this port?"),
        (b"220 smtp ready\r\n", "the answer is not HTTP. Hint: does it speak https:// on this port?"),
    ],
)
def test_no_answer(server: Server, answered: bytes, sentence: str) -> None:
    server.pages[GOROUTINE] = lambda handler: handler.wfile.write(answered)
    with pytest.raises(UnreachableError) as caught:
        fetch(server.url(f"/?token={SECRET}"))
    assert str(caught.value) == f"{server.url(GOROUTINE)}?token=***&debug=2: {sentence}"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_refused_without_telling_secrets(closed_port: int) -> None:
    with pytest.raises(UnreachableError) as caught:
        fetch(f"http://me:{SECRET}@127.0.0.1:{closed_port}{GOROUTINE}?token={SECRET}")
    assert str(caught.value) == (
        f"http://127.0.0.1:{closed_port}{GOROUTINE}?token=***: "
        "the connection is refused. Hint: is the service up and listening on this port?"
    )
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnreachableError) as caught:
        fetch(f"http://push.invalid:6060/debug/pprof/goroutine?token={SECRET}")
    assert str(caught.value) == (
        "http://push.invalid:6060/debug/pprof/goroutine?token=***: "
        "the name of the host is not known. Hint: check the spelling and the VPN"
    )
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_address_that_only_requests_refuses() -> None:
    with pytest.raises(UnreachableError, match="not a valid address") as caught:
        fetch(f"http://*.example/debug/pprof/goroutine?token={SECRET}")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@contextmanager
def closing_listener(answered: bytes) -> Iterator[int]:
    """Listen, answer the first bytes of anything with these, and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(answered)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_https_to_a_plain_port() -> None:
    with closing_listener(HEAD + b"\r\n") as port, pytest.raises(UnreachableError) as caught:
        fetch(f"https://127.0.0.1:{port}")
    assert str(caught.value).endswith("no TLS connection. Hint: does this port speak http:// instead of https://?")


def test_no_thread_is_left(server: Server, page: Page) -> None:
    server.pages[GOROUTINE] = page(body=DUMP)
    fetch(server.url())
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
