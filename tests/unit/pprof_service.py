"""A web server on 127.0.0.1 that answers as net/http/pprof does, or as a test wants it to."""

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

ROOT = "/debug/pprof/"

INDEX_1_27 = """<html>
<head>
<title>/debug/pprof/</title>
<style>
.profile-name{
	display:inline-block;
	width:6rem;
}
</style>
</head>
<body>
/debug/pprof/
<br>
<p>Set debug=1 as a query parameter to export in legacy text format</p>
<br>
Types of profiles available:
<table>
<thead><td>Count</td><td>Profile</td></thead>
<tr><td>12</td><td><a href='allocs?debug=1'>allocs</a></td></tr>
<tr><td>0</td><td><a href='cmdline?debug=1'>cmdline</a></td></tr>
<tr><td>288</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>
<tr><td>0</td><td><a href='goroutineleak?debug=1'>goroutineleak</a></td></tr>
<tr><td>3</td><td><a href='my.org/a&amp;b?debug=1'>my.org/a&amp;b</a></td></tr>
</table>
<a href="goroutine?debug=2">full goroutine stack dump</a>
</body>
</html>"""
"""net/http/pprof/pprof.go of go1.27, indexTmplExecute; one profile of the program's own."""

INDEX_1_11 = """<html>
<head>
<title>/debug/pprof/</title>
</head>
<body>
/debug/pprof/<br>
<br>
Types of profiles available:
<table>
<thead><td>Count</td><td>Profile</td></thead>

	<tr>
	<td>12</td><td><a href=allocs?debug=1>allocs</a></td>
	</tr>

	<tr>
	<td>288</td><td><a href=goroutine?debug=1>goroutine</a></td>
	</tr>

</table>
<a href="goroutine?debug=2">full goroutine stack dump</a>
</body>
</html>"""
"""The template of go1.11 to go1.15."""

INDEX_1_10 = """<html>
<head>
<title>/debug/pprof/</title>
</head>
<body>
/debug/pprof/<br>
<br>
profiles:<br>
<table>

<tr><td align=right>0<td><a href="block?debug=1">block</a>

<tr><td align=right>288<td><a href="goroutine?debug=1">goroutine</a>

</table>
<br>
<a href="goroutine?debug=2">full goroutine stack dump</a><br>
</body>
</html>"""

LOGIN = b"<!DOCTYPE html>\n<html><body><form action='/login'></form></body></html>"


def debug1(count: int, name: str = "goroutine") -> bytes:
    head = f"{name} profile: total {count}\n"
    return f"{head}{count} @ 0x1 0x2\n#\t0x1\tmain.(*hub).loop+0x67\t/srv/app/hub.go:41\n\n".encode()


def debug2(count: int, first: int = 1) -> bytes:
    return b"\n".join(
        b"goroutine %d [chan receive]:\nmain.(*hub).loop(0x1)\n\t/srv/app/hub.go:41 +0x67\n" % goroutine
        for goroutine in range(first, first + count)
    )


METRICS = b'# TYPE go_goroutines gauge\ngo_goroutines 3\ngo_info{version="go1.27.3"} 1\n'
PROTO = gzip.compress(b"")
"""A profile without samples."""

Page = Callable[[BaseHTTPRequestHandler], None]


def page(body: bytes | str = b"", status: int = 200, **headers: str) -> Page:
    """Return a page with a Content-Length."""
    data = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


UNKNOWN = page("Unknown profile\n", 404, X_Go_Pprof="1")


def go_pages(count: int = 3, index: str = INDEX_1_27) -> dict[str, Page]:
    """Return the pages of a Go program, by path and debug."""
    return {
        ROOT: page(index, Content_Type="text/html; charset=utf-8"),
        f"{ROOT}goroutine 0": page(PROTO),
        f"{ROOT}goroutine 1": page(debug1(count)),
        f"{ROOT}goroutine 2": page(debug2(count)),
        f"{ROOT}goroutineleak 1": page(debug1(1, "goroutineleak")),
        "/metrics": page(METRICS),
    }


class PprofServer(ThreadingHTTPServer):
    """Answers with its pages, which a test may change at any time, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, pages: Mapping[str, Page]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = dict(pages)
        self.asked: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def asked_of(self, key: str) -> int:
        return self.asked.count(key)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on purpose here."""


class _Handler(BaseHTTPRequestHandler):
    server: PprofServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        debug = dict(parse_qsl(parts.query)).get("debug")
        key = parts.path if debug is None else f"{parts.path} {debug}"
        self.server.asked.append(key)
        self.server.pages.get(key, page("404 page not found\n", 404))(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        """Stay silent."""


@contextmanager
def serving(pages: Mapping[str, Page]) -> Iterator[PprofServer]:
    server = PprofServer(pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
