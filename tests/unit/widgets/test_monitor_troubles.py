"""gs.monitor while the service is ill: every way to fail is one sentence, and the round after it goes on."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import gostack_nb as gs
from gostack_nb.widgets.monitor import Monitor
from tests.unit.pprof_service import LOGIN, ROOT, Page, PprofServer, go_pages, page, serving
from tests.unit.widgets.test_monitor import NO_LEAK_INDEX, PATIENCE, kinds, text_of, until


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(go_pages(3, NO_LEAK_INDEX)) as made:
        yield made


@pytest.fixture
def monitor(server: PprofServer, tmp_path: Path) -> Iterator[Monitor]:
    made = gs.monitor(server.url, every=0.1, to=tmp_path / "rec")
    yield made
    made.stop()
    assert made.wait(PATIENCE)


def running(monitor: Monitor) -> Monitor:
    """Start it and wait for a chart."""
    monitor.start()
    until(lambda: bool(monitor.view.picture.value), "a chart")
    return monitor


def problem(monitor: Monitor) -> str:
    return text_of(monitor.view.problem.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page(b"no", 401), "401"),
        (page(b"oh", 500), "500"),
        (page(b"", 503), "503"),
        (page(LOGIN), "HTML page"),
    ],
)
def test_a_service_that_answers_badly_is_said_and_asked_again(
    server: PprofServer, monitor: Monitor, answer: Page, words: str
) -> None:
    running(monitor)
    pages, server.pages = server.pages, dict.fromkeys(server.pages, answer)
    until(lambda: words in problem(monitor), words)
    assert monitor.running
    assert monitor.view.stop.disabled is False
    server.pages = pages
    until(lambda: monitor.view.problem.value == "", "a round that succeeds")
    assert len(kinds(monitor, "error")) == 1


def test_a_service_that_dies_and_comes_back(tmp_path: Path) -> None:
    pages = go_pages(3, NO_LEAK_INDEX)
    with serving(pages) as first:
        monitor = running(gs.monitor(first.url, every=0.1, to=tmp_path / "rec"))
    until(lambda: "refused" in problem(monitor), "nobody there")
    rounds = len(monitor.dataset().snapshots)
    again = _OnTheSamePort(first)
    thread = threading.Thread(target=again.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        until(lambda: len(monitor.dataset().snapshots) > rounds, "more of it")
        until(lambda: monitor.view.problem.value == "", "a round that succeeds")
        monitor.stop()
        assert monitor.wait(PATIENCE)
    finally:
        again.shutdown()
        thread.join()
        again.server_close()


class _OnTheSamePort(PprofServer):
    """A service that was started again."""

    def __init__(self, before: PprofServer) -> None:
        self.pages, self.asked = before.pages, []
        ThreadingHTTPServer.__init__(self, before.server_address, before.RequestHandlerClass)


def test_a_service_that_hangs_is_asked_again_after_the_deadline(server: PprofServer, tmp_path: Path) -> None:
    release = threading.Event()
    monitor = running(gs.monitor(server.url, every=0.1, to=tmp_path / "rec", deadline=0.5))
    pages = server.pages
    server.pages = {**pages, ROOT: lambda _: release.wait(PATIENCE)}
    until(lambda: "0.5 s" in problem(monitor), "the deadline")
    asked = len(server.asked)
    until(lambda: len(server.asked) > asked, "another round")
    server.pages = pages
    release.set()
    until(lambda: monitor.view.problem.value == "", "a round that succeeds")
    monitor.stop()
    assert monitor.wait(PATIENCE)


def test_after_stop_nothing_more_is_asked_than_the_leak_profile(tmp_path: Path) -> None:
    hanging, release = threading.Event(), threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        hanging.set()
        release.wait(PATIENCE)
        go_pages()[f"{ROOT}goroutine 1"](handler)

    with serving({**go_pages(3), f"{ROOT}goroutine 1": hang}) as server:
        monitor = gs.monitor(server.url, every=0.1, to=tmp_path / "rec")
        monitor.start()
        assert hanging.wait(PATIENCE)
        monitor.stop()
        release.set()
        assert monitor.wait(PATIENCE)
    assert server.asked == [ROOT, f"{ROOT}goroutine 1", f"{ROOT}goroutineleak 1"]
    assert set(monitor.dataset().snapshots["form"]) == {"debug=1", "goroutineleak debug=1"}


def test_what_the_thread_did_not_expect_is_said_at_its_end(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        msg = "a mistake"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr("gostack_nb.widgets.monitor_rounds.Visit", broken)
    monitor.start()
    assert monitor.wait(PATIENCE)
    assert "the monitor ended: ZeroDivisionError: a mistake" in problem(monitor)
    assert not monitor.running
    assert (monitor.view.start.disabled, monitor.view.stop.disabled) == (False, True)
