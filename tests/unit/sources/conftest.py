"""Web servers on 127.0.0.1, plain, with TLS and at a unix socket, whose pages are functions, closed by the test."""

import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from gostack_nb.errors import DeadlineError

Page = Callable[[BaseHTTPRequestHandler], None]

DEADLINES = (0.3, 1.5, 6.0, 24.0)
"""Seconds; the first is enough where nothing else works on the machine."""

PATIENCE_SECONDS = 60

NAME = "push.invalid"
"""No resolver knows it: only a proxy gets there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came: names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float  # time.monotonic()


class Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None = None, unix: Path | None = None) -> None:
        self.address_family = socket.AF_UNIX if unix else socket.AF_INET
        super().__init__(str(unix) if unix else ("127.0.0.1", 0), Handler)  # type: ignore[arg-type]
        self.scheme = "https" if tls else "http"
        if tls:  # the handshake happens in the thread of the connection, at its first read
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.pages: dict[str, Page] = {}
        self.seen: list[tuple[str, str | None]] = []  # path, Authorization
        self.requests: list[Seen] = []
        self.tunnel_to: tuple[str, int] | None = None
        self.stopped = threading.Event()
        self.hung_up = threading.Event()  # a page that drips lost its client
        self.ran_dry = threading.Event()  # or came to its end

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET:
            super().server_bind()
        else:  # http.server's own takes the address apart
            self.socket.bind(self.server_address)
            self.server_name, self.server_port = "localhost", 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "") -> str:
        return f"{self.scheme}://{self.host}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on purpose here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self._keep(b"")
        self.server.seen.append((self.path, self.headers["Authorization"]))
        self.close_connection = True
        self.server.pages[self.path.partition("?")[0]](self)

    def do_POST(self) -> None:
        self._keep(self.rfile.read(int(self.headers["Content-Length"])))
        self.close_connection = True
        self.server.pages[self.path.partition("?")[0]](self)

    def do_CONNECT(self) -> None:
        self._keep(b"")
        self.close_connection = True
        if "CONNECT" in self.server.pages:
            self.server.pages["CONNECT"](self)
            return
        assert self.server.tunnel_to
        with socket.create_connection(self.server.tunnel_to) as target:
            self.send_response(200)
            self.end_headers()
            relay(self.connection, target)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        """Stay silent."""

    def _keep(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Seen(self.command, self.path, headers, body, time.monotonic()))


def relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until one side ends."""
    opposite = {one: other, other: one}
    while True:
        readable, _, _ = select.select([one, other], [], [])
        for source in readable:
            try:
                data = source.recv(1 << 16)
                opposite[source].sendall(data)
            except OSError:
                return
            if not data:
                return


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Page:
    """Return a page with a Content-Length."""

    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Connection", "close")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return page


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send headers byte by byte, well within any timeout, for longer than the deadlines of tests."""
    assert isinstance(handler, Handler)
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    try:
        for _ in range(3_000):
            if handler.server.stopped.wait(0.02):
                return
            handler.wfile.write(b"y")
    except OSError:
        handler.server.hung_up.set()


def expire(ask_within: Callable[[float], object], reached: Callable[[], bool]) -> None:
    """Ask with longer and longer deadlines, until one comes when something was reached, and not before."""
    for deadline in DEADLINES:
        with pytest.raises(DeadlineError, match=rf"not complete after {deadline:g} s"):
            ask_within(deadline)
        if reached():
            return
    pytest.fail("every deadline came too early")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Give a port that nobody else can get, and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def make_server() -> Iterator[Callable[..., Server]]:
    servers: list[tuple[Server, threading.Thread]] = []

    def make(tls: ssl.SSLContext | None = None, unix: Path | None = None) -> Server:
        server = Server(tls, unix)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return server

    yield make
    for server, thread in servers:
        server.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    return make_server()


@pytest.fixture
def page() -> Callable[..., Page]:
    return answer


@dataclass(frozen=True, slots=True)
class Authority:
    """A private CA and what it signed."""

    ca: trustme.CA
    folder: Path

    @property
    def pem(self) -> Path:
        path = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(path)
        return path

    def server_context(self, *names: str, clients_too: trustme.CA | None = None, days: int = 1) -> ssl.SSLContext:
        """Return the TLS of a server; with `clients_too` only clients with a certificate of that CA get in."""
        now = datetime.now(UTC)
        leaf = self.ca.issue_cert(*names, not_before=now - timedelta(days=9), not_after=now + timedelta(days=days))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        if clients_too:
            context.verify_mode = ssl.CERT_REQUIRED
            clients_too.configure_trust(context)
        return context

    def client_pair(self) -> tuple[Path, Path]:
        """Write a certificate and its key, and return their paths."""
        leaf = self.ca.issue_cert("me@push.example")
        certificate, key = self.folder / "client.pem", self.folder / "client.key"
        leaf.cert_chain_pems[0].write_to_path(certificate)
        leaf.private_key_pem.write_to_path(key)
        return certificate, key


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(trustme.CA(), tmp_path)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path_factory.mktemp("home") / "none"))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gostack_nb.sources.http.PAUSE_SECONDS", 0.01)


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a .netrc with other:other for this machine."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login other password other\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", os.fspath(path))
