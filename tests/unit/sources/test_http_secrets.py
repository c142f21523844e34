"""No password, token or secret of any kind stands in an error, in the errors behind it, or in a traceback."""

import logging
import socket
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from gostack_nb.errors import SourceError
from gostack_nb.sources.access import ANYONE, Access, AccessOptions
from gostack_nb.sources.http import ask, check_not_html, check_status
from gostack_nb.sources.http_errors import failure_of
from tests.unit.sources.conftest import NAME, Authority, Server, answer

MakeServer = Callable[..., Server]
SECRET = "s3cret"  # noqa: S105 - not spelled out below: a traceback shows the lines of the test
QUERY = f"token={SECRET}&debug=2"
OPTIONS: list[AccessOptions] = [
    {},
    {"auth": ("me", SECRET)},
    {"bearer": SECRET, "headers": {"X-Api-Key": SECRET}},
    {"headers": {"Authorization": f"Basic {SECRET}", "Cookie": f"a={SECRET}"}},
]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and everything that it was raised from or in, suppressed or not."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def check_silent(error: BaseException) -> None:
    texts = [f"{each} {each!r} {each.args}" for each in chain(error)]
    texts += traceback.format_exception(error)
    assert [text for text in texts if SECRET in text] == []
    modules = {type(each).__module__.partition(".")[0] for each in chain(error)}
    assert modules <= {"gostack_nb", "builtins", "socket", "ssl", "http"}


def failing(address: str, options: AccessOptions) -> SourceError:
    with pytest.raises(SourceError) as caught:
        got = ask(address, access=Access.of(options), timeout=0.5, deadline=2)
        check_status(got)
        check_not_html(got)
        assert not got.cut, got.cut
    return caught.value


def raw(server: Server, sent: bytes) -> None:
    server.pages["/debug/pprof/x"] = lambda handler: handler.wfile.write(sent)


@pytest.mark.parametrize("options", OPTIONS, ids=["none", "auth", "bearer", "headers"])
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"220 smtp\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nno",
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
        b"HTTP/1.1 302 Found\r\nLocation: ftp://me:%s@h/?%s\r\n\r\n" % (SECRET.encode(), QUERY.encode()),
        b"HTTP/1.1 302 Found\r\nLocation: ?%s\r\n\r\n" % QUERY.encode(),
        b"HTTP/1.1 302 Found\r\nLocation: http://[%s\r\n\r\n" % SECRET.encode(),
        b"HTTP/1.1 302 Found\r\nLocation: http://*.example/%s\r\n\r\n" % QUERY.encode(),
        b"HTTP/1.1 401 %s\r\nContent-Length: 0\r\n\r\n" % QUERY.encode(),
        b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nX-Token: %s\r\n\r\n" % SECRET.encode(),
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_what_a_server_answers(server: Server, sent: bytes, options: AccessOptions) -> None:
    raw(server, sent)
    user = "" if options else f"me:{SECRET}@"
    check_silent(failing(f"http://{user}{server.host}/debug/pprof/x?{QUERY}", options))


@pytest.mark.parametrize("options", OPTIONS, ids=["none", "auth", "bearer", "headers"])
def test_what_connections_come_to(
    make_server: MakeServer, authority: Authority, tmp_path: Path, closed_port: int, options: AccessOptions
) -> None:
    plain, secure = make_server(), make_server(authority.server_context("push.example"))
    plain.pages["/x"] = lambda _: plain.stopped.wait(1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
    dead: AccessOptions = {**options, "unix_socket": tmp_path / "s"}  # type: ignore[typeddict-item]
    trusted: AccessOptions = {**options, "verify": authority.pem}  # type: ignore[typeddict-item]
    for address, given in [
        (f"http://127.0.0.1:{closed_port}/x?{QUERY}", options),
        (f"http://{NAME}/x?{QUERY}", options),
        (f"http://{plain.host}/x?{QUERY}", options),
        (f"https://{plain.host}/x?{QUERY}", options),
        (f"https://{secure.host}/x?{QUERY}", options),
        (f"https://{secure.host}/x?{QUERY}", trusted),
        (f"http://{secure.host}/x?{QUERY}", options),
        (f"http://localhost/x?{QUERY}", dead),
        (f"http://*.example/x?{QUERY}", options),
        (f"http://a\ud800b/x?{QUERY}", options),
    ]:
        check_silent(failing(address, given))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("status", [None, 407, 403, 503])
def test_what_proxies_say(make_server: MakeServer, scheme: str, status: int | None) -> None:
    proxy = make_server()
    page = answer(status) if status else lambda _: None
    proxy.pages = {"CONNECT": page, f"http://{NAME}/x": page}
    options: AccessOptions = {"proxy": f"http://me:{SECRET}@{proxy.host}"}
    check_silent(failing(f"{scheme}://{NAME}/x?{QUERY}", options))


def test_the_address_itself() -> None:
    for address in (f"http://me:{SECRET}/x@h/", f"http://{SECRET}@", f"ftp://me:{SECRET}@h/", f"http://h:{SECRET}/"):
        check_silent(failing(address, {}))
    check_silent(failing(f"http://me:{SECRET}@h/", {"bearer": SECRET}))


def test_an_error_that_came_while_another_was_handled() -> None:
    inner, outer = OSError("plain"), requests.ConnectionError()
    inner.__context__ = requests.ConnectionError(f"/x?{QUERY}")
    outer.__cause__ = inner
    failure = failure_of(outer, "http://h/x", ANYONE)
    assert failure.cause is inner
    check_silent(failure.cause)


def test_credentials_are_in_no_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.pages["/x"] = answer()
    ask(f"http://me:{SECRET}@{server.host}/x", access=Access.of({"headers": {"X-Api-Key": SECRET}}))
    assert SECRET not in caplog.text


@pytest.mark.parametrize("where", ["address", "auth", "header"])
def test_a_refusal_repeats_nothing(server: Server, where: str) -> None:
    """Prometheus, Loki and others say in the body what they do not like; proxies print the whole request."""
    packed = b64encode(f"me:{SECRET}/x".encode()).decode()
    said = f"Authorization: Basic {packed}, {SECRET}/x, {SECRET}%2Fx and {SECRET}%2fx are none".encode()
    server.pages["/api"] = answer(400, said)
    url = server.url("/api")
    options: AccessOptions = {}
    if where == "address":
        url = url.replace("http://", f"http://me:{SECRET}%2Fx@")
    elif where == "auth":
        options = {"auth": ("me", f"{SECRET}/x")}
    else:
        options = {"headers": {"Authorization": f"Basic {packed}", "X-Key": f"{SECRET}/x"}}
    got = ask(url, access=Access.of(options))
    assert SECRET.encode() not in got.body
    assert packed.encode() not in got.body
    assert got.body.startswith(b"Authorization: ")
    assert got.body.endswith(b"***, *** and *** are none")


def test_bytes_that_are_no_text_stay(server: Server) -> None:
    server.pages["/api"] = answer(500, b"\xff\x00 s3cret")
    assert ask(server.url("/api"), access=Access.of({"bearer": SECRET}), attempts=1).body == b"\xff\x00 ***"
    server.pages["/api"] = answer(200, SECRET.encode())
    assert ask(server.url("/api"), access=Access.of({"bearer": SECRET})).body == SECRET.encode(), "evidence stays"
