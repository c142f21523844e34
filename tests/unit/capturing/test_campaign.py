"""Rounds of several services at once: the grid, failures, interrupts."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from gostack_nb.capturing import campaign as module
from gostack_nb.capturing.campaign import Outcome, capture_all
from gostack_nb.capturing.plan import Plan
from gostack_nb.capturing.schedule import Schedule
from gostack_nb.capturing.told import Note, Notice, Round, Told
from gostack_nb.errors import RecordingError, SourceError, UnreachableError
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.pprof import target_of
from tests.unit.pprof_service import ROOT, PprofServer, debug1, go_pages, page, serving

LEAK = "goroutineleak.debug1.txt"


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(go_pages()) as made:
        yield made


@pytest.fixture
def other() -> Iterator[PprofServer]:
    with serving(go_pages(7)) as made:
        yield made


class Tried:
    """A capture with what it kept and told; `at` is called with each told thing, in the caller's thread."""

    def __init__(self, at: Callable[[Told], object] | None = None) -> None:
        self.kept: list[Evidence] = []
        self.told: list[Told] = []
        self._at = at

    def run(self, urls: Sequence[str], schedule: Schedule, plan: Plan | None = None) -> Outcome:
        targets = [target_of(url) for url in urls]
        return capture_all(targets, plan=plan or Plan(), schedule=schedule, keep=self.kept.append, tell=self.tell)

    def tell(self, told: Told) -> None:
        self.told.append(told)
        if self._at is not None:
            self._at(told)

    @property
    def rounds(self) -> list[Round]:
        return [told for told in self.told if isinstance(told, Round)]

    @property
    def leaks(self) -> int:
        return [evidence.kind for evidence in self.kept].count(LEAK)


def noted(outcome: Outcome) -> list[tuple[Note, int]]:
    """Return the notes, but for those of a machine that is too busy for the grid of a test."""
    return [(note, times) for note, times in outcome.notes.values() if note.about != "rounds left out"]


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def interrupt_in(number: int) -> Callable[[Told], object]:
    def at(told: Told) -> None:
        if isinstance(told, Round) and told.number == number:
            raise KeyboardInterrupt

    return at


def test_rounds_go_by_number_and_the_last_ends_with_the_leak_profile(server: PprofServer) -> None:
    tried = Tried()
    outcome = tried.run([server.url], Schedule.of(0.05, 3, None))
    assert [done.number for done in tried.rounds] == [1, 2, 3]
    assert (outcome.rounds, outcome.interrupted, noted(outcome)) == (3, False, [])
    assert [done.leaked for done in tried.rounds] == [None, None, 1]
    times = [done.captured_at for done in tried.rounds]
    assert times == sorted(set(times))


def test_services_are_captured_at_once(server: PprofServer, other: PprofServer) -> None:
    together = threading.Barrier(2)

    def meet(count: int) -> Callable[[BaseHTTPRequestHandler], None]:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            together.wait(60)  # broken if the services were asked one after the other
            page(debug1(count))(handler)

        return answer

    server.pages[f"{ROOT}goroutine 1"] = meet(3)
    other.pages[f"{ROOT}goroutine 1"] = meet(7)
    tried = Tried()
    outcome = tried.run([server.url, other.url], Schedule.of(0.05, 2, None))
    assert outcome.rounds == 4
    assert {(done.instance, done.goroutines) for done in tried.rounds} == {(server.host, 3), (other.host, 7)}


def test_a_round_that_takes_longer_leaves_out_the_next_and_says_so(server: PprofServer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if server.asked_of(ROOT) == 1:
            time.sleep(0.5)  # the load under test
        page(debug1(3))(handler)

    server.pages[f"{ROOT}goroutine 1"] = answer
    tried = Tried(interrupt_in(2))
    tried.run([server.url], Schedule.of(0.2, None, 600))
    first, second, *_ = tried.rounds
    assert "left out: this one took longer than 0.2 s" in first.notes[0].reason
    assert second.captured_at >= first.captured_at + timedelta(seconds=0.5)
    assert tried.leaks == 1


def test_a_failed_round_is_noted_and_the_next_is_tried(server: PprofServer) -> None:
    index = server.pages[ROOT]

    def restart(handler: BaseHTTPRequestHandler) -> None:
        """Answer in the first round, and again after the three attempts of the second."""
        times = server.asked_of(ROOT)
        if times > 4:
            server.pages = go_pages(5)
        (index if times in {1, 5} else hang_up)(handler)

    server.pages[ROOT] = restart
    tried = Tried()
    outcome = tried.run([server.url], Schedule.of(0.05, 3, None))
    first, second, third = tried.rounds
    assert first.failure is None
    assert second.taken == ()
    assert "hangs up without an answer" in second.notes[0].reason
    assert third.goroutines == 5
    assert outcome.rounds == 2


def test_the_same_note_is_counted(server: PprofServer) -> None:
    server.pages |= go_pages(20_001)
    outcome = Tried().run([server.url], Schedule.of(0.05, 3, None))
    ((note, times),) = noted(outcome)
    assert note.reason.startswith("debug=2 is not taken: 20,001 goroutines")
    assert times == 3


def test_a_first_round_that_brings_nothing_is_the_error() -> None:
    tried = Tried()
    with pytest.raises(UnreachableError, match=r"^http://127.0.0.1:1/debug/pprof/: the connection is"):
        tried.run(["127.0.0.1:1"], Schedule.of(0.05, 3, None))
    assert tried.told == [], "no other round was taken"


def test_each_service_fails_alone(server: PprofServer) -> None:
    tried = Tried()
    outcome = tried.run(["127.0.0.1:1", server.url], Schedule.of(0.05, 2, None))
    assert outcome.rounds == 2
    ((note, times),) = noted(outcome)
    assert (note.source, times) == ("http://127.0.0.1:1/debug/pprof/", 2)
    assert {evidence.instance for evidence in tried.kept} == {server.host}


def test_if_all_fail_each_is_named() -> None:
    with pytest.raises(SourceError) as caught:
        Tried().run(["127.0.0.1:1", "127.0.0.1:2"], Schedule.of(1, 2, None))
    words = str(caught.value)
    assert words.startswith("none of 2 services can be captured: ")
    assert "127.0.0.1:1/" in words
    assert "127.0.0.1:2/" in words


def test_an_interrupt_keeps_what_was_had_and_ends_with_the_leak_profile(server: PprofServer) -> None:
    tried = Tried(interrupt_in(1))
    outcome = tried.run([server.url], Schedule.of(600, None, None))
    assert outcome.interrupted
    assert (outcome.rounds, tried.leaks) == (2, 1)
    assert isinstance(tried.told[1], Notice)
    assert [taken.words for taken in tried.rounds[-1].taken] == ["goroutineleak"]
    assert tried.rounds[-1].captured_at > tried.rounds[0].captured_at


def test_a_second_interrupt_leaves_at_once(server: PprofServer) -> None:
    released = threading.Event()

    def at(told: Told) -> None:
        if isinstance(told, Notice) or told.number == 1:
            raise KeyboardInterrupt

    server.pages[f"{ROOT}goroutineleak 1"] = lambda _: released.wait(60) and None
    tried = Tried(at)
    outcome = tried.run([server.url], Schedule.of(60, None, None))
    released.set()
    assert outcome.interrupted
    assert outcome.rounds == 1
    assert [evidence.kind for evidence in tried.kept][-1] == "metrics.txt"


def test_after_an_interrupt_silence_is_left_behind(server: PprofServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.3)
    returned, in_time = threading.Event(), []

    def silent(handler: BaseHTTPRequestHandler) -> None:
        in_time.append(returned.wait(60))
        page(debug1(1, "goroutineleak"))(handler)

    server.pages[f"{ROOT}goroutineleak 1"] = silent
    tried = Tried(interrupt_in(1))
    outcome = tried.run([server.url], Schedule.of(60, None, None))
    kept = len(tried.kept)
    returned.set()
    for thread in threading.enumerate():
        if thread.name == f"capture {server.host}":
            thread.join(30)
    assert in_time == [True]
    assert outcome.rounds == 1
    assert len(tried.kept) == kept, "nothing is kept after the return"


def test_an_interrupt_before_anything_came_is_one(server: PprofServer) -> None:
    released = threading.Event()
    main = threading.main_thread().ident
    assert main is not None

    def silent(_: BaseHTTPRequestHandler) -> None:
        released.wait(30)

    server.pages = dict.fromkeys(server.pages, silent)
    tried = Tried()
    tried.tell = _raise_interrupt  # type: ignore[method-assign]
    broken = "127.0.0.1:1"
    with pytest.raises(KeyboardInterrupt):
        tried.run([broken, server.url], Schedule.of(60, None, None), Plan(deadline=1.0))
    released.set()
    assert tried.kept == []


def _raise_interrupt(_: Told) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_ends_the_capture(server: PprofServer, other: PprofServer) -> None:
    def keep(_: Evidence) -> None:
        msg = "capture: no space is left"
        raise RecordingError(msg)

    targets = [target_of(server.url), target_of(other.url)]
    with pytest.raises(RecordingError, match="no space"):
        capture_all(targets, plan=Plan(), schedule=Schedule.of(60, None, None), keep=keep, tell=lambda _: None)
