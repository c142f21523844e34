"""One round against a server that answers as net/http/pprof does, or fails in some way."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from gostack_nb.capturing.plan import Plan
from gostack_nb.capturing.rounds import Site, Visit
from gostack_nb.capturing.told import Notice, Round, Told
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.pprof import target_of
from tests.unit.pprof_service import (
    INDEX_1_11,
    LOGIN,
    METRICS,
    ROOT,
    UNKNOWN,
    PprofServer,
    debug1,
    debug2,
    go_pages,
    page,
    serving,
)

EVERYTHING = ["goroutine.debug1.txt", "goroutine.pb", "goroutine.debug2.txt", "metrics.txt"]
LEAK = "goroutineleak.debug1.txt"


class Tried:
    """A round, and all that came of it."""

    def __init__(self, server: PprofServer, plan: Plan, path: str = "") -> None:
        self.kept: list[Evidence] = []
        self.told: list[Told] = []
        target = target_of(server.url + path)
        self.site = Site(target, plan, self.kept.append, self.told.append, threading.Event())

    def run(self) -> Round:
        visit = Visit(self.site, 1)
        visit.take()
        return visit.round()

    def run_last(self) -> Round:
        visit = Visit(self.site, 1)
        visit.take()
        visit.close()
        return visit.round()

    @property
    def kinds(self) -> list[str]:
        return [evidence.kind for evidence in self.kept]


def reasons(done: Round) -> str:
    return "\n".join(f"{note.source}: {note.reason}" for note in done.notes)


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(go_pages()) as made:
        yield made


def test_a_round_takes_everything_in_the_order_that_harms_least(server: PprofServer) -> None:
    tried = Tried(server, Plan(service="push"))
    done = tried.run_last()
    assert tried.kinds == [*EVERYTHING, LEAK]
    assert server.asked == [
        ROOT,
        f"{ROOT}goroutine 1",
        f"{ROOT}goroutine 0",
        f"{ROOT}goroutine 2",
        "/metrics",
        f"{ROOT}goroutineleak 1",
    ]
    assert (done.goroutines, done.leaked, done.notes, done.failure) == (3, 1, (), None)
    assert [taken.words for taken in done.taken] == ["debug=1", "debug=0", "debug=2", "metrics", "goroutineleak"]


def test_all_evidence_of_a_round_has_one_time(server: PprofServer) -> None:
    tried = Tried(server, Plan(service="push"))
    done = tried.run()
    assert {evidence.captured_at for evidence in tried.kept} == {done.captured_at}
    for evidence in tried.kept:
        assert evidence.started_at is not None
        assert evidence.finished_at is not None
        assert done.captured_at <= evidence.started_at <= evidence.finished_at
        assert (evidence.service, evidence.instance) == ("push", server.host)
        assert (evidence.status, evidence.captured_at_from, evidence.truncated) == (200, "caller", False)
    assert tried.kept[0].source == f"{server.url}{ROOT}goroutine?debug=1"
    assert tried.kept[0].body == debug1(3)


def test_one_profile_is_all_that_is_asked(server: PprofServer) -> None:
    tried = Tried(server, Plan(leak="each"), f"{ROOT}goroutine?debug=2")
    tried.run_last()
    assert server.asked == [f"{ROOT}goroutine 2"]
    assert tried.kinds == ["goroutine.debug2.txt"]


@pytest.mark.parametrize(
    ("plan", "in_round", "at_end"),
    [(Plan(leak="end"), 0, 1), (Plan(leak="each"), 1, 1), (Plan(leak="never"), 0, 0)],
)
def test_when_the_leak_profile_is_taken(server: PprofServer, plan: Plan, in_round: int, at_end: int) -> None:
    tried = Tried(server, plan)
    tried.run()
    assert tried.kinds.count(LEAK) == in_round
    server.asked.clear()
    tried.run_last()
    assert server.asked_of(f"{ROOT}goroutineleak 1") == at_end
    assert tried.kinds[-1] == (LEAK if at_end else "metrics.txt")


def test_a_service_that_lists_no_leak_profile_is_not_asked_for_it(server: PprofServer) -> None:
    server.pages[ROOT] = page(INDEX_1_11)
    tried = Tried(server, Plan())
    assert tried.run_last().notes == ()
    assert tried.kinds == EVERYTHING


def test_a_leak_profile_that_was_asked_for_and_is_not_there_is_said(server: PprofServer) -> None:
    server.pages[f"{ROOT}goroutineleak 1"] = UNKNOWN
    assert "has no profile of this name (404" in reasons(Tried(server, Plan(leak="each")).run())


def test_above_the_limit_debug2_is_left_out(server: PprofServer) -> None:
    server.pages |= go_pages(20_001)
    tried = Tried(server, Plan())
    done = tried.run()
    assert "goroutine.debug2.txt" not in tried.kinds
    assert server.asked_of(f"{ROOT}goroutine 2") == 0
    assert (
        "debug=2 is not taken: 20,001 goroutines are above the limit of 20,000; it is likely to stop the service for "
        "about 0.4 s in all, up to 0.2 s at a time. Hint: --force (force=True) takes it"
    ) in reasons(done)


@pytest.mark.parametrize("plan", [Plan(force=True), Plan(limit=20_001)])
def test_above_the_limit_it_is_taken_by_force(server: PprofServer, plan: Plan) -> None:
    server.pages |= go_pages(20_001)
    tried = Tried(server, plan)
    assert tried.run().notes == ()
    assert tried.kinds == EVERYTHING
    words = "debug=2 of 20,001 goroutines is likely to stop the service for about 0.4 s in all, up to 0.2 s at a time"
    assert tried.told == [Notice(server.host, words)]


def test_an_index_that_cannot_be_read_is_no_failure(server: PprofServer) -> None:
    server.pages[ROOT] = page("404 page not found\n", 404)
    tried = Tried(server, Plan())
    done = tried.run_last()
    assert tried.kinds == EVERYTHING
    assert reasons(done).startswith(f"{server.url}{ROOT}: nothing is served at this path (404 Not Found)")


def test_the_count_of_the_index_serves_where_debug1_fails(server: PprofServer) -> None:
    server.pages[f"{ROOT}goroutine 1"] = page("no", 403)
    tried = Tried(server, Plan(limit=287))
    done = tried.run()
    assert tried.kinds == ["goroutine.pb", "metrics.txt"]
    assert done.goroutines == 288
    assert "the server forbids it" in reasons(done)
    assert "288 goroutines are above the limit" in reasons(done)


def test_without_any_count_debug2_needs_force(server: PprofServer) -> None:
    del server.pages[ROOT], server.pages[f"{ROOT}goroutine 1"]
    tried = Tried(server, Plan())
    assert "debug=2 is not taken: how many goroutines there are is not known" in reasons(tried.run())
    assert tried.kinds == ["goroutine.pb", "metrics.txt"]
    forced = Tried(server, Plan(force=True))
    forced.run()
    assert forced.kinds == ["goroutine.pb", "goroutine.debug2.txt", "metrics.txt"]


def test_metrics_that_are_not_there_are_said_and_not_asked_for_again(server: PprofServer) -> None:
    del server.pages["/metrics"]
    tried = Tried(server, Plan())
    first = tried.run()
    assert first.failure is None
    assert reasons(first).startswith(f"{server.url}/metrics: nothing is served at this path (404")
    assert tried.run().notes == ()
    assert server.asked_of("/metrics") == 1


def test_a_metrics_page_of_something_else_is_said(server: PprofServer) -> None:
    server.pages["/metrics"] = page(LOGIN)
    tried = Tried(server, Plan())
    assert "an HTML page, perhaps a login, no metrics page with go_goroutines" in reasons(tried.run())
    assert tried.kinds == EVERYTHING[:3]


def test_a_login_page_in_place_of_everything_is_the_failure(server: PprofServer) -> None:
    for key in server.pages:
        server.pages[key] = page(LOGIN, Content_Type="text/html")
    done = Tried(server, Plan()).run_last()
    assert done.taken == ()
    assert "goroutine?debug=1: not debug=1 of a Go program but an HTML page, perhaps a login" in str(done.failure)


def test_a_shut_door_is_knocked_at_once(server: PprofServer) -> None:
    for key in server.pages:
        server.pages[key] = page("who are you?", 401)
    done = Tried(server, Plan()).run_last()
    assert server.asked == [ROOT, f"{ROOT}goroutine 1"]
    assert "the server wants credentials (401" in str(done.failure)
    assert [note.reason for note in done.notes] == [str(done.failure).partition(": ")[2]]


def test_a_service_that_goes_away_is_left_with_what_was_had(server: PprofServer) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    server.pages[f"{ROOT}goroutine 2"] = hang_up
    tried = Tried(server, Plan())
    done = tried.run_last()
    assert tried.kinds == ["goroutine.debug1.txt", "goroutine.pb"]
    assert server.asked_of(f"{ROOT}goroutine 2") == 1, "each attempt stops the service"
    assert server.asked_of("/metrics") == 0
    assert "hangs up without an answer" in reasons(done)
    assert "It was asked for once: each time costs the service a pause. The rest of this round is" in reasons(done)


def test_where_nobody_answers_the_round_is_over(server: PprofServer) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    server.pages[ROOT] = hang_up
    done = Tried(server, Plan()).run_last()
    assert set(server.asked) == {ROOT}
    assert str(done.failure).startswith(f"{server.url}{ROOT}: the server hangs up")
    assert reasons(done) == str(done.failure)


def test_only_headers_that_tell_of_the_dump_are_kept(server: PprofServer) -> None:
    server.pages[f"{ROOT}goroutine 1"] = page(debug1(3), Content_Type="text/plain", X_Echo="Basic bWU6aHVudGVyMg==")
    tried = Tried(server, Plan())
    tried.run()
    assert tried.kept[0].headers["content-type"] == "text/plain"
    assert "bWU6aHVudGVyMg==" not in str(tried.kept[0].headers)


def test_silence_ends_at_the_deadline(server: PprofServer) -> None:
    released = threading.Event()
    tried = Tried(server, Plan())

    def shorten(handler: BaseHTTPRequestHandler) -> None:
        tried.site.plan = Plan(deadline=0.5)  # for what comes after this answer
        page(debug1(3))(handler)

    server.pages |= {f"{ROOT}goroutine 1": shorten, f"{ROOT}goroutine 0": lambda _: released.wait(60) and None}
    done = tried.run()
    released.set()
    assert tried.kinds == ["goroutine.debug1.txt"]
    assert "0.5" in reasons(done)


def test_a_broken_debug2_is_kept_with_its_share(server: PprofServer) -> None:
    def break_off(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "99999")
        handler.end_headers()
        handler.wfile.write(debug2(9))

    server.pages |= go_pages(30)
    server.pages[f"{ROOT}goroutine 2"] = break_off
    tried = Tried(server, Plan())
    done = tried.run()
    evidence = tried.kept[2]
    assert evidence.truncated
    assert evidence.note == f"the connection broke after {len(debug2(9)):,} bytes: 9 of 30 goroutines"
    assert [note.reason for note in done.notes if note.in_evidence] == [evidence.note]
    assert done.taken[2].truncated
    assert server.asked_of(f"{ROOT}goroutine 2") == 1


def test_a_stop_ends_the_round_before_the_next_answer(server: PprofServer) -> None:
    tried = Tried(server, Plan())

    def stop(handler: BaseHTTPRequestHandler) -> None:
        tried.site.stop.set()
        page(debug1(3))(handler)

    server.pages[f"{ROOT}goroutine 1"] = stop
    done = tried.run_last()
    assert tried.kinds == ["goroutine.debug1.txt", LEAK]
    assert done.notes == ()


def test_no_secret_gets_into_evidence_or_notes(server: PprofServer) -> None:
    tried = Tried(server, Plan(limit=1), "/debug/pprof/?token=s3cret-value")
    done = tried.run_last()
    assert len(tried.kept) == 4
    assert "s3cret" not in repr(tried.kept) + repr(done) + repr(tried.site.target)


def test_metrics_are_kept_whole(server: PprofServer) -> None:
    tried = Tried(server, Plan())
    tried.run()
    assert tried.kept[-1].body == METRICS
