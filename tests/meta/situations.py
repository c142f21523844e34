"""What goes wrong, brought about: each situation that docs/troubleshooting.md quotes, and what is printed in it."""

import socket
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner

import gostack_nb as gs
from gostack_nb.capturing.cuts import GO_CUTS_AT_BYTES
from gostack_nb.cli import main
from gostack_nb.reports import lab
from tests.meta.recorded import INCIDENT
from tests.unit.pprof_service import INDEX_1_27, LOGIN, ROOT, Page, debug1, debug2, go_pages, page, serving

WRITTEN = "localhost:6060"
"""The service, as the page calls it."""

HELD, THERE = 52_680, 106_577
"""Goroutines that came within 64 MiB, and that there were."""


def printed(*arguments: str, stands_for: str = "") -> str:
    """Return what a command prints, with the page's name for the service."""
    done = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    return done.output.replace(stands_for, WRITTEN) if stands_for else done.output


def asked(pages: Mapping[str, Page]) -> str:
    """Return what `suspects` says of a service with such pages."""
    with serving(pages) as server:
        return printed("suspects", server.url, stands_for=server.host)


def captured(pages: Mapping[str, Page], *options: str) -> str:
    """Return what `capture` says of it."""
    with serving(pages) as server:
        return printed("capture", server.url, *options, stands_for=server.host)


def everywhere(answer: Page) -> dict[str, Page]:
    return dict.fromkeys(go_pages(), answer)


def refused() -> str:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but nobody listens
        where = f"127.0.0.1:{nobody.getsockname()[1]}"
        return printed("suspects", f"http://{where}", stands_for=where)


def never(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte at a time, until the client has had enough."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(600):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def cut_text() -> bytes:
    """Return 64 MiB of debug=2, as Go ends it: in the middle of a goroutine."""
    one = GO_CUTS_AT_BYTES // HELD
    text = bytearray()
    for goroutine in range(1, HELD + 1):
        head = b"goroutine %d [chan receive]:\nmain.f(" % goroutine
        tail = b")\n\t/srv/main.go:9 +0x1d\n\n"
        text += head + b"0" * (one - len(head) - len(tail)) + tail
    return bytes(text).ljust(GO_CUTS_AT_BYTES, b"g")


def cut_while_capturing() -> str:
    pages = go_pages() | {f"{ROOT}goroutine 1": page(debug1(THERE)), f"{ROOT}goroutine 2": page(cut_text())}
    return captured(pages, "--force", "--leak", "never")


def cut_in_a_file() -> str:
    issues = gs.read(cut_text()).issues
    return next(reason for reason in issues["reason"] if reason.startswith("cut at"))


def above_the_limit() -> str:
    index = page(INDEX_1_27.replace("288", "30000"), Content_Type="text/html; charset=utf-8")
    return captured(go_pages() | {ROOT: index, f"{ROOT}goroutine 1": page(debug1(30_000))})


def shown(name: str, content: bytes) -> str:
    Path(name).write_bytes(content)
    return printed("show", name)


def empty_folder() -> str:
    Path("empty").mkdir()
    return printed("suspects", "empty")


def restarted() -> str:
    Path("lives").mkdir()
    for when, number in (("20261123T080000Z", 11), ("20261123T085343Z", 0), ("20261123T085643Z", 6)):
        dump = (INCIDENT / "leak" / f"{number:02}.goroutine.debug2.txt").read_bytes()
        (Path("lives") / f"{when}.txt").write_bytes(dump)
    return repr(gs.incident.is_it_leaking(gs.read("lives", instance="push-1")))


def bad_catalogue() -> str:
    Path("team.toml").write_text('[[entry]]\nid = "session-ack-loop"\ntitle = "Ack loop of a session"\n', "utf-8")
    Path("one.txt").write_bytes(debug2(3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOSTACK_NB_CATALOGUE", "team.toml")
        return printed("suspects", "one.txt")


def no_lab() -> str:
    class Ended:
        returncode = 1

        def poll(self) -> int:
            return self.returncode

    with pytest.raises(gs.DeadlineError) as caught:
        lab._wait_until_up(Ended(), 1, "")
    return str(caught.value)


def too_much_for_prometheus() -> str:
    why = b"query processing would load too many samples into memory"
    said = b'{"status": "error", "errorType": "execution", "error": "%s"}' % why
    refusal = page(said, 422, Content_Type="application/json")
    with serving({"/api/v1/query": refusal, "/api/v1/query_range": refusal}) as server:
        with pytest.raises(gs.QueryError) as caught:
            gs.Prometheus(server.url).samples("go_goroutines", "1h")
        return str(caught.value).replace(server.host, WRITTEN)


def no_recording() -> str:
    gs.Recording.open("lost", create=True)
    (Path("lost") / "recording.json").unlink()
    with pytest.raises(gs.RecordingError) as caught:
        gs.Recording.open("lost")
    return str(caught.value)


SITUATIONS: dict[str, Callable[[], str]] = {
    "401": lambda: asked(everywhere(page("no", 401))),
    "403": lambda: asked(everywhere(page("no", 403))),
    "404": lambda: asked({}),
    "login": lambda: asked(everywhere(page(LOGIN, Content_Type="text/html"))),
    "refused": refused,
    "timeout": lambda: captured(everywhere(never), "--deadline", "2s"),
    "cut": cut_while_capturing,
    "cut-file": cut_in_a_file,
    "limit": above_the_limit,
    "text": lambda: shown("words.txt", b"hello\n"),
    "heap": lambda: shown("heap.txt", b"heap profile: 1: 64 [2: 128] @ heap/1048576\n1: 64 [1: 64] @ 0x1 0x2\n"),
    "empty-folder": empty_folder,
    "restart": restarted,
    "catalogue": bad_catalogue,
    "lab": no_lab,
    "prometheus": too_much_for_prometheus,
    "no-recording": no_recording,
}
"""By the name that stands above the block; each runs in an empty folder."""
