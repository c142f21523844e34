"""gs.monitor without a browser: driven as an object, against a server that answers as net/http/pprof does."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import gostack_nb as gs
from gostack_nb.errors import RecordingError, SourceError
from gostack_nb.recording.recording import Recording
from gostack_nb.widgets.monitor import Monitor
from tests.unit.pprof_service import ROOT, PprofServer, debug2, go_pages, page, serving

PATIENCE = 240.0
HOSTILE = 'push<img src=x onerror=alert(1)> $a$ & "b"'
TAGS = {"b", "br", "code", "div", "li", "ul", "span", "table", "caption", "thead", "tbody", "th", "tr", "td"}
NO_LEAK_INDEX = "<html><tr><td>3</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr></html>"


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(go_pages(3, NO_LEAK_INDEX)) as made:
        del made.pages[f"{ROOT}goroutine 0"]
        yield made


@pytest.fixture
def watch(server: PprofServer, tmp_path: Path) -> Iterator[Callable[..., Monitor]]:
    """Give a function that makes monitors of the server; they are stopped at the end."""
    made: list[Monitor] = []

    def make(**options: Any) -> Monitor:
        made.append(gs.monitor(options.pop("url", server.url), **{"every": 0.1, "to": tmp_path / "rec", **options}))
        return made[-1]

    yield make
    for monitor in made:
        monitor.stop()
        assert monitor.wait(PATIENCE)


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def ran(monitor: Monitor, rounds: int = 1) -> Monitor:
    """Start it, and stop it after some rounds are drawn."""
    monitor.start()
    until(lambda: len(monitor.dataset().snapshots) >= 2 * rounds, f"{rounds} rounds")
    monitor.stop()
    assert monitor.wait(PATIENCE)
    return monitor


def text_of(html: str) -> str:
    """Return what a browser shows as text."""
    parser = HTMLParser()
    found: list[str] = []
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(html)
    return " ".join(found)


def tags_of(html: str) -> set[str]:
    found: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: found.add(tag)  # type: ignore[method-assign]
    parser.feed(html)
    return found


def kinds(monitor: Monitor, kind: str) -> list[str]:
    events = monitor.events
    return events.loc[events["kind"] == kind, "text"].tolist()


def stuck(server: PprofServer) -> None:
    """Let the goroutines wait for a lock for minutes: one dump is enough for an alarm."""
    server.pages[f"{ROOT}goroutine 2"] = page(debug2(30).replace(b"chan receive", b"sync.Mutex.Lock, 3 minutes"))


def test_nothing_is_asked_before_start(server: PprofServer, watch: Callable[..., Monitor], tmp_path: Path) -> None:
    monitor = watch(service="push")
    assert not monitor.running
    assert monitor.wait(0)
    assert server.asked == []
    assert not (tmp_path / "rec").exists()
    assert "not started" in text_of(monitor.view.status.value)
    assert len(monitor.dataset().snapshots) == len(monitor.marks) == len(monitor.alarms) == len(monitor.suspects()) == 0
    with pytest.raises(RecordingError, match=r"nothing was captured. Hint: start\(\)"):
        _ = monitor.recording


def test_rounds_are_saved_and_shown(watch: Callable[..., Monitor], tmp_path: Path) -> None:
    monitor = ran(watch(service="push"), rounds=2)
    dataset = monitor.dataset()
    assert set(dataset.snapshots["service"]) == {"push"}
    assert len(Recording.open(tmp_path / "rec").read().snapshots) == len(dataset.snapshots)
    assert len(monitor.recording.snapshots) == len(dataset.snapshots)
    assert bytes(monitor.view.picture.value).startswith(b"\x89PNG")
    table = text_of(monitor.view.table.value)
    assert "main.(*hub).loop" in table
    assert "hub.go:41" in table
    assert "stopped after" in text_of(monitor.view.status.value)
    assert str(tmp_path / "rec") in text_of(monitor.view.heading.value)


def test_it_is_saved_before_it_is_drawn(
    watch: Callable[..., Monitor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[int] = []

    def look(_dataset: gs.Dataset) -> None:
        there.append(len(Recording.open(tmp_path / "rec").snapshots))
        msg = "a mistake"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr("gostack_nb.widgets.monitor.find", look)
    monitor = ran(watch(), rounds=2)
    assert there[:2] == [2, 4]
    assert "is saved, but cannot be analysed: ZeroDivisionError: a mistake" in text_of(monitor.view.problem.value)


def test_start_and_stop_leave_no_thread(watch: Callable[..., Monitor]) -> None:
    before = set(threading.enumerate())
    monitor = ran(watch())
    ran(monitor, rounds=2)
    assert {thread for thread in threading.enumerate() if "monitor" in thread.name} <= before
    assert monitor.view.stop.disabled
    assert not monitor.view.start.disabled
    monitor.stop()
    assert monitor.wait(0)


def test_it_ends_by_itself(watch: Callable[..., Monitor]) -> None:
    monitor = watch(duration=0.1)
    monitor.start()
    monitor.start()
    assert monitor.wait(PATIENCE)
    assert "ended after" in text_of(monitor.view.status.value)
    with pytest.raises(ValueError, match="a monitor ends by itself"):
        watch(duration=None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"every": "soon"}, "not a span of time"),
        ({"url": ["localhost:1", "localhost:2"]}, "one monitor for each"),
        ({"deadline": -1}, "not a span of time"),
    ],
)
def test_a_wrong_call_is_said_at_once(watch: Callable[..., Monitor], options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        watch(**options)
    with pytest.raises(SourceError):
        watch(url="gopher://localhost")


def test_a_folder_of_something_else_is_no_recording(watch: Callable[..., Monitor], tmp_path: Path) -> None:
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec" / "notes.txt").write_text("mine")
    with pytest.raises(RecordingError, match="holds other files"):
        watch()


def test_an_alarm_is_raised_with_its_reasons(server: PprofServer, watch: Callable[..., Monitor]) -> None:
    stuck(server)
    monitor = watch()
    monitor.start()
    until(lambda: bool(monitor.view.alarm.value), "an alarm")
    row = monitor.alarms.iloc[0]
    assert (row["verdict"], row["function"], row["location"]) == ("strong", "main.(*hub).loop", "hub.go:41")
    assert any("waited for a lock" in reason for reason in row["reasons"])
    assert 'role="alert"' in monitor.view.alarm.value
    assert row["reasons"][0] in text_of(monitor.view.alarm.value)
    before = monitor.view.alarm.value
    rounds = len(monitor.dataset().snapshots)
    until(lambda: len(monitor.dataset().snapshots) > rounds + 4, "two more rounds")
    assert monitor.view.alarm.value == before, "an alarm is said once"
    assert len(kinds(monitor, "alarm")) == 1
    monitor.stop()
    assert monitor.wait(PATIENCE)
    assert monitor.suspects()["verdict"].iloc[0] == "strong"


def test_an_alarm_ends_with_its_reasons(server: PprofServer, watch: Callable[..., Monitor]) -> None:
    stuck(server)
    monitor = watch()
    monitor.start()
    until(lambda: len(monitor.alarms) > 0, "an alarm")
    server.pages[f"{ROOT}goroutine 2"] = page(debug2(2))
    until(lambda: len(monitor.alarms) == 0, "no alarm")
    until(lambda: monitor.view.alarm.value == "", "no box")
    assert any(text.startswith("no alarm any more: main.(*hub).loop") for text in kinds(monitor, "note"))


def test_the_leak_profile_is_taken_at_stop_and_proves(server: PprofServer, watch: Callable[..., Monitor]) -> None:
    server.pages = go_pages(3)
    monitor = ran(watch(every=100))
    assert server.asked_of(f"{ROOT}goroutineleak 1") == 1
    assert monitor.alarms["verdict"].tolist() == ["proven"]
    assert "proven" in text_of(monitor.view.alarm.value)
    assert server.asked_of(ROOT) == 1, "only the profile is asked for at the end"


def test_without_an_answer_the_next_round_is_tried(
    server: PprofServer, watch: Callable[..., Monitor], tmp_path: Path
) -> None:
    pages, server.pages = server.pages, {}
    monitor = watch()
    monitor.start()
    until(lambda: server.asked_of(ROOT) >= 3, "three rounds")
    assert "round" in text_of(monitor.view.problem.value)
    assert "404" in text_of(monitor.view.problem.value)
    assert not (tmp_path / "rec").exists()
    server.pages = pages
    until(lambda: bool(monitor.view.picture.value), "a chart")
    assert monitor.view.problem.value == ""
    assert len(kinds(monitor, "error")) == 1, "a service that is away is one event"


def test_what_cannot_be_saved_is_said_and_the_next_round_is_tried(
    watch: Callable[..., Monitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        msg = "rec/raw: cannot be written (no space left on device). Hint: free some space"
        raise RecordingError(msg)

    with monkeypatch.context() as patched:
        patched.setattr(Recording, "put", full)
        monitor = watch()
        monitor.start()
        until(lambda: "free some space" in text_of(monitor.view.problem.value), "the problem")
    until(lambda: bool(monitor.view.picture.value), "a chart")
    assert monitor.running


def test_stop_ends_a_request_that_gets_no_answer(server: PprofServer, watch: Callable[..., Monitor]) -> None:
    asked, release = threading.Event(), threading.Event()

    def hang(_handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        release.wait(PATIENCE)

    server.pages |= {f"{ROOT}goroutine 2": hang, f"{ROOT}goroutineleak 1": hang, ROOT: go_pages()[ROOT]}
    monitor = watch(every=600, deadline=3.0)
    monitor.start()
    assert asked.wait(PATIENCE)
    monitor.stop()
    assert "stopping" in text_of(monitor.view.status.value)
    assert monitor.wait(PATIENCE), "twice the deadline and the time to look at it"
    release.set()
    assert len(monitor.dataset().snapshots) == 1, "debug=1 came before, and is kept"


def test_the_kernel_can_end_while_a_request_waits(server: PprofServer, tmp_path: Path) -> None:
    release = threading.Event()
    server.pages[ROOT] = lambda _: release.wait(PATIENCE)
    code = f"import gostack_nb as gs, threading; m = gs.monitor({server.url!r}, to='x'); m.start(); print('up')"
    try:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, timeout=PATIENCE, capture_output=True, check=False)
    finally:
        release.set()
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"up", b"")


def test_buttons_do_what_they_say(watch: Callable[..., Monitor]) -> None:
    monitor = watch()
    monitor.view.start.click()
    assert monitor.running
    until(lambda: bool(monitor.view.picture.value), "a chart")
    before = monitor.view.picture.value
    monitor.view.mark_text.value = "  deployed\n fix "
    monitor.view.mark.click()
    assert monitor.view.mark_text.value == ""
    assert monitor.marks["text"].tolist() == ["deployed fix"]
    assert str(monitor.marks["at"].dtype) == "datetime64[ns, UTC]"
    until(lambda: monitor.view.picture.value != before, "another chart")
    monitor.view.stop.click()
    assert monitor.wait(PATIENCE)


def test_a_button_that_fails_says_so(watch: Callable[..., Monitor], monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = ran(watch())

    def fail(*_: object) -> None:
        msg = "marks: cannot be written (read-only file system)"
        raise RecordingError(msg)

    monkeypatch.setattr("gostack_nb.widgets.monitor_history.keep_mark", fail)
    monitor.view.mark.click()
    assert "did not work: marks: cannot be written" in text_of(monitor.view.problem.value)


def test_marks_are_kept_in_the_recording(watch: Callable[..., Monitor], tmp_path: Path) -> None:
    monitor = watch()
    monitor.mark("before the first answer")
    assert monitor.marks["text"].tolist() == ["before the first answer"]
    ran(monitor)
    drawn = monitor.view.picture.value
    monitor.mark(HOSTILE)
    until(lambda: monitor.view.picture.value != drawn, "the mark is drawn though nothing is captured")
    names = sorted((tmp_path / "rec" / "marks").iterdir())
    assert [json.loads(path.read_bytes())["text"] for path in names] == ["before the first answer", HOSTILE]
    again = watch()
    assert again.marks.equals(monitor.marks)
    assert not Recording.open(tmp_path / "rec").verify()["problem"].notna().any()
    told = gs.read(tmp_path / "rec").issues["source"].astype("str")
    assert not told.str.contains("/marks/").any(), "no reader takes a mark for a dump"
    (tmp_path / "rec" / "marks" / "mine.json").write_text("[1")
    assert len(monitor.marks) == 2


def test_all_text_is_escaped(server: PprofServer, watch: Callable[..., Monitor]) -> None:
    function, file = "main.f<script>$x$", "<img src=x onerror=alert(1)>$y$.go"
    body = debug2(3).replace(b"main.(*hub).loop", function.encode()).replace(b"hub.go", file.encode())
    body = body.replace(b"chan receive", b"sync.Mutex.Lock, 3 minutes")
    server.pages |= {f"{ROOT}goroutine 2": page(body), f"{ROOT}goroutine 1": page("<b>$1$</b>")}
    monitor = watch(service=HOSTILE)
    monitor.mark(HOSTILE)
    monitor.start()
    until(lambda: bool(monitor.view.picture.value), "a chart")
    monitor.stop()
    assert monitor.wait(PATIENCE)
    view = monitor.view
    bundle = monitor._repr_mimebundle_()
    for part in (view.heading, view.alarm, view.table, view.events):
        assert tags_of(part.value) <= TAGS
        assert any(text in text_of(part.value) for text in (HOSTILE, function, file))
    assert function in text_of(view.table.value)
    assert file in text_of(view.table.value)
    assert tags_of(bundle["text/html"]) <= TAGS | {"img", "style"}
    assert bundle["text/html"].count("<img ") == 1
    assert 'class="tex2jax_ignore mathjax_ignore"' in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("<Monitor of push")


def test_two_at_once_in_one_recording(watch: Callable[..., Monitor], tmp_path: Path) -> None:
    with serving(go_pages(5, NO_LEAK_INDEX)) as other:
        both = [watch(service="a"), watch(url=other.url, service="b")]
        for monitor in both:
            monitor.start()
        for monitor in both:
            until(lambda monitor=monitor: bool(monitor.view.picture.value), "a chart")  # type: ignore[misc]
            monitor.stop()
        assert all(monitor.wait(PATIENCE) for monitor in both)
    for monitor, service in zip(both, "ab", strict=True):
        assert set(monitor.dataset().snapshots["service"]) == {service}
    assert set(Recording.open(tmp_path / "rec").snapshots["service"]) == {"a", "b"}


def test_no_secret_is_shown(server: PprofServer, watch: Callable[..., Monitor]) -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        page(b"no", 401)(handler)

    server.pages = dict.fromkeys(server.pages, refuse)
    monitor = watch(url=server.url.replace("http://", "http://anna:geheim@"))
    monitor.start()
    until(lambda: len(monitor.events) > 0, "an error")
    monitor.stop()
    assert monitor.wait(PATIENCE)
    shown = [*monitor.events["text"], monitor.view.as_html(), repr(monitor)]
    assert not any("geheim" in text for text in shown)


def test_the_default_folder_is_named_after_service_and_time(
    server: PprofServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monitor = gs.monitor(server.url, every=timedelta(seconds=15))
    assert "capture-127.0.0.1-" in text_of(monitor.view.heading.value)
    assert "every 15 s, 1 h at most" in text_of(monitor.view.heading.value)
    assert list(tmp_path.iterdir()) == []
