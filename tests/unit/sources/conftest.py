"""A web server on 127.0.0.1 whose pages are functions, closed by the test."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Page = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Page] = {}
        self.seen: list[tuple[str, str | None]] = []  # path, Authorization
        self.stopped = threading.Event()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def url(self, path: str = "") -> str:
        return f"http://{self.host}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on purpose here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["Authorization"]))
        self.close_connection = True
        self.server.pages[self.path.partition("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        """Stay silent."""


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


@pytest.fixture
def make_server() -> Iterator[Callable[[], Server]]:
    servers: list[tuple[Server, threading.Thread]] = []

    def make() -> Server:
        server = Server()
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
def server(make_server: Callable[[], Server]) -> Server:
    return make_server()


@pytest.fixture
def page() -> Callable[..., Page]:
    return answer


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path_factory.mktemp("home") / "none"))
