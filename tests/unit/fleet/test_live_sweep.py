"""Services of a sweep: what they are asked, how many at once, within which budget, and what fails as a row."""

import gzip
import threading
import time
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gostack_nb.errors import RecordingError
from gostack_nb.fleet import live, service
from gostack_nb.fleet.budget import Budget
from gostack_nb.fleet.counting import count_file, count_opened
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.live import ask_all
from gostack_nb.fleet.places import Place
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.blob import Blob, Unread
from gostack_nb.sources.evidence import Evidence
from tests.unit.pprof_service import LOGIN, ROOT, Page, PprofServer, debug1, debug2, page, serving

DUMPS = Path(__file__).parents[2] / "corpus" / "dumps" / "go1.27.3"
PROFILE = (DUMPS / "generic-methods.debug0.pb.gz").read_bytes()
PATIENCE_SECONDS = 60
Opened = Iterable[tuple[Place, Iterable[Blob | Unread]]]
CALM = Budget(jitter_seconds=0, in_flight=4)


def paths_of(number: int) -> tuple[str, str]:
    return f"/i{number}{ROOT}goroutine 0", f"/i{number}{ROOT}goroutine 1"


def fleet_pages(count: int, answer: Page | None = None) -> dict[str, Page]:
    """Return the pages of services under one address, /i0 to /iN."""
    return {paths_of(number)[0]: answer or page(PROFILE) for number in range(count)}


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(fleet_pages(12)) as made:
        yield made


def places_at(server: PprofServer, count: int) -> list[Place]:
    return [Place(f"{server.url}/i{number}/", service="push", instance=f"push-{number}") for number in range(count)]


def sweep(
    places: Sequence[Place],
    budget: Budget = CALM,
    access: Access = ANYONE,
    keep: Callable[[Evidence], object] | None = None,
    chance: Random | None = None,
) -> Counts:
    done: list[int] = []
    counts = ask_all(places, budget, access, keep, done.append, chance=chance)
    assert sum(done) == len(places)
    return counts


def reasons(counts: Counts) -> dict[str, str]:
    """Return why nothing is known of an instance."""
    rows = counts.problems().astype(object)
    return dict(zip(rows["instance"], rows["reason"], strict=True))


def named(counts: Counts) -> set[str]:
    return set(counts.dumps()["instance"].astype(object))


def text_of(counts: Counts) -> str:
    """Return all that the tables hold, as text."""
    tables = (counts.dumps(), counts.cells(), counts.places(), counts.stacks(), counts.problems())
    return "\n".join(table.to_csv() for table in tables)


def test_one_small_profile_of_each_is_all_that_is_asked(server: PprofServer) -> None:
    begun = datetime.now(UTC)
    counts = sweep([replace(place, labels={"build": "1.4.2"}) for place in places_at(server, 12)])
    dumps = counts.dumps()
    assert sorted(server.asked) == sorted(paths_of(number)[0] for number in range(12))
    assert named(counts) == {f"push-{number}" for number in range(12)}
    assert set(dumps["service"]) == {"push"}
    assert set(dumps["form"]) == {"debug=0"}
    assert set(dumps["labels"]) == {'{"build": "1.4.2"}'}
    assert set(dumps["source"]) == {f"{server.url}/i{number}{ROOT}goroutine?debug=0" for number in range(12)}
    assert begun <= dumps["captured_at"].min() <= dumps["captured_at"].max() <= datetime.now(UTC)
    assert len(counts.problems()) == 0


def test_an_answer_is_of_the_moment_at_which_it_was_asked_for(server: PprofServer) -> None:
    came: list[datetime] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        came.append(datetime.now(UTC))
        page(PROFILE)(handler)

    server.pages[paths_of(0)[0]] = answer
    captured_at = sweep(places_at(server, 1)).dumps()["captured_at"].iloc[0]
    assert captured_at <= came[0]


def test_the_cells_are_those_of_the_file(server: PprofServer) -> None:
    counts = sweep(places_at(server, 1)).cells().drop(columns="snapshot_id")
    expected = count_file(DUMPS / "generic-methods.debug0.pb.gz").cells().drop(columns="snapshot_id")
    assert counts.to_dict("records") == expected.to_dict("records")


def test_debug_1_is_asked_where_debug_0_is_not_there(server: PprofServer) -> None:
    server.pages = {paths_of(0)[1]: page(debug1(5)), paths_of(1)[0]: page(debug1(6)), paths_of(1)[1]: page(debug1(7))}
    dumps = sweep(places_at(server, 2)).dumps().set_index("instance")
    assert dumps["goroutine_count"].to_dict() == {"push-0": 5, "push-1": 7}
    assert set(dumps["form"]) == {"debug=1"}
    assert sorted(server.asked) == sorted([*paths_of(0), *paths_of(1)])


@pytest.mark.parametrize(
    ("query", "asked"),
    [("debug=0", "0"), ("debug=1", "1"), ("", "0"), ("debug=0&token=abcdef", "0"), ("debug=2&debug=1", "1")],
)
def test_a_small_profile_that_is_named_is_all_that_is_asked(server: PprofServer, query: str, asked: str) -> None:
    """Of two `debug` Go takes the first: only the one that was decided for is sent."""
    server.pages = {f"{ROOT}goroutine 0": page(PROFILE), f"{ROOT}goroutine 1": page(debug1(5))}
    counts = sweep([Place(f"{server.url}{ROOT}goroutine?{query}")])
    assert server.asked == [f"{ROOT}goroutine {asked}"]
    assert named(counts) == {server.host}
    assert counts.dumps()["source"].astype(object).str.count("debug=").tolist() == [1]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{ROOT}goroutine?debug=2", "a sweep takes debug=0 or 1 only, not debug=2. Hint: name the service"),
        (f"{ROOT}goroutine?debug=17", "a sweep takes debug=0 or 1 only, not debug=2"),
        (f"{ROOT}goroutineleak?debug=1", "a sweep takes debug=0 or 1 only, not goroutineleak"),
        (f"{ROOT}heap", "heap holds no goroutines"),
        (f"{ROOT}mine?debug=1", "a sweep takes debug=0 or 1 only, not mine"),
        ("/dumps/1.pb.gz", "names no service: its path ends neither in / nor in /pprof"),
        (f"{ROOT}?seconds=5", "seconds= asks for what changed meanwhile"),
        (f"{ROOT}goroutine?seconds=5", "seconds= asks for what changed meanwhile"),
    ],
)
def test_what_is_no_small_profile_is_refused_unasked(server: PprofServer, path: str, words: str) -> None:
    counts = sweep([Place(f"{server.url}{path}", service="push", instance="push-0")])
    assert server.asked == []
    assert reasons(counts)["push-0"].startswith(words)
    assert counts.problems()["source"].tolist() == [f"{server.url}{path}"]
    assert counts.problems()["service"].tolist() == ["push"]


def test_requests_in_flight_are_bounded_over_all_services() -> None:
    """Three at once are reached, since each waits for two others, and never exceeded."""
    together = threading.Barrier(3)
    lock = threading.Lock()
    inside: list[int] = [0]
    most: list[int] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with lock:
            inside[0] += 1
            most.append(inside[0])
        together.wait(PATIENCE_SECONDS)
        with lock:
            inside[0] -= 1
        page(PROFILE)(handler)

    with serving(fleet_pages(9, answer)) as made:
        counts = sweep(places_at(made, 9), replace(CALM, in_flight=3))
    assert len(named(counts)) == 9
    assert max(most) == 3


class Chance(Random):
    """Draws what a test wants, and remembers between which bounds."""

    def __init__(self, drawn: float) -> None:
        super().__init__(7)
        self._drawn = drawn
        self.bounds: list[tuple[float, float]] = []

    def uniform(self, a: float, b: float) -> float:
        self.bounds.append((a, b))
        return self._drawn


class InOrder(Chance):
    """Shuffles nothing."""

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Leave it as it is."""


def test_each_service_is_asked_after_a_part_of_the_jitter(server: PprofServer) -> None:
    chance = Chance(0.0)
    sweep(places_at(server, 5), replace(CALM, jitter_seconds=2.5), chance=chance)
    assert chance.bounds == [(0, 2.5)] * 5


def test_who_waits_until_the_end_is_not_asked(server: PprofServer) -> None:
    counts = sweep(places_at(server, 5), replace(CALM, seconds=0.05), chance=Chance(PATIENCE_SECONDS * 1_000))
    assert server.asked == []
    assert set(reasons(counts).values()) == {"not asked: the budget of 0.05 s is used up"}


def test_the_order_is_shuffled() -> None:
    refused = {path: page("who?", 401) for number in range(40) for path in paths_of(number)}
    with serving(refused) as made:
        for _ in range(2):
            sweep(places_at(made, 40), replace(CALM, in_flight=1))
        given = [paths_of(number)[0] for number in range(40)]
        first, second = made.asked[:40], made.asked[40:]
    assert sorted(first) == sorted(second) == sorted(given)
    assert given != first != second, "by chance once in 40 factorial"


def test_bytes_that_are_used_up_are_rows(server: PprofServer) -> None:
    size = len(PROFILE)
    budget = replace(CALM, in_flight=1, total_bytes=3 * size + size // 2, answer_bytes=2 * size)
    counts = sweep(places_at(server, 8), budget)
    assert len(server.asked) == 4
    assert len(named(counts)) == 3
    told = sorted(reasons(counts).values())
    words = f"the budget of {budget.total_bytes:,} bytes is used up"
    assert told == [f"cut off: {words}", *[f"not asked: {words}"] * 4]
    assert named(counts) | set(reasons(counts)) == {f"push-{number}" for number in range(8)}


def test_many_threads_never_take_more_bytes_than_there_are() -> None:
    size = len(PROFILE)
    with serving(fleet_pages(24)) as made:
        budget = replace(CALM, in_flight=8, total_bytes=5 * size, answer_bytes=2 * size)
        counts = sweep(places_at(made, 24), budget)
    assert len(named(counts)) == 5
    assert len(reasons(counts)) == 19


def test_time_that_is_used_up_is_rows(server: PprofServer) -> None:
    let_go = threading.Event()

    def hang(_: BaseHTTPRequestHandler) -> None:
        let_go.wait(PATIENCE_SECONDS)

    server.pages = fleet_pages(6, hang)
    counts = sweep(places_at(server, 6), replace(CALM, in_flight=2, seconds=1))
    let_go.set()
    told = set(reasons(counts).values())
    assert len(reasons(counts)) == 6
    assert len(server.asked) <= 2
    assert told <= {"cut off: the budget of 1 s is used up", "not asked: the budget of 1 s is used up"}
    assert "not asked: the budget of 1 s is used up" in told


def test_one_that_drips_ends_by_its_own_deadline(server: PprofServer) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:  # until the client hangs up
            handler.wfile.write(b"\x1f")
            time.sleep(0.02)  # the load under test

    server.pages[paths_of(0)[0]] = drip
    counts = sweep(places_at(server, 3), replace(CALM, deadline=0.5))
    assert "push-0" not in named(counts)
    assert reasons(counts)["push-0"].startswith("not complete after 0.5 s")


def bomb() -> bytes:
    return gzip.compress(b"\x0a" + bytes(1 << 22))


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:  # until the client hangs up
        handler.wfile.write(b"\x1f\x8b" + bytes(1 << 14))


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page("who?", 401), "the server wants credentials (401 Unauthorized)"),
        (page("no", 403), "the server forbids it to these credentials (403"),
        (page("404 page not found\n", 404), "nothing is served at this path (404"),
        (page("Unknown profile\n", 404, X_Go_Pprof="1"), "pprof answers here, but has no profile of this name"),
        (page("busy", 503, Retry_After="3600"), "the server answers 503"),
        (page(LOGIN), "not a profile but an HTML page"),
        (page("[]"), "not debug=0 of a Go program but something that starts with '[]'"),
        (page(""), "not debug=0 of a Go program but an empty answer"),
        (page(debug2(3)), "not debug=0 of a Go program but something that starts with 'goroutine 1 [chan receive]"),
        (endless, "the answer has more than 1,048,576 bytes"),
        (page(bomb()), "cannot be unpacked: more than 1,048,576 bytes"),
        (page(bomb(), Content_Encoding="gzip"), "the answer has more than 1,048,576 bytes"),
        (hang_up, "the server hangs up without an answer"),
    ],
)
def test_what_fails_is_a_row_and_the_others_come(server: PprofServer, answer: Page, words: str) -> None:
    kept: list[Evidence] = []
    server.pages[paths_of(0)[0]] = answer
    counts = sweep(places_at(server, 3), replace(CALM, answer_bytes=1 << 20), keep=kept.append)
    assert named(counts) == {"push-1", "push-2"} == {evidence.instance for evidence in kept}
    (row,) = counts.problems().astype(object).to_dict("records")
    assert (row["source"], row["service"], row["instance"]) == (f"{server.url}/i0/", "push", "push-0")
    assert words in row["reason"]
    assert server.asked_of(paths_of(0)[0]) == 1, "nobody is asked twice for the same"


def test_an_address_that_is_none_and_a_port_that_nobody_has(server: PprofServer) -> None:
    places = [Place("http://127.0.0.1:1/"), Place("http://me:s3cret/pw@host/"), Place("https://127.0.0.1:1/")]
    counts = sweep([*places, *places_at(server, 1)])
    rows = counts.problems().astype(object)
    told = dict(zip(rows["source"], rows["reason"], strict=True))
    assert "the connection is refused" in told["http://127.0.0.1:1/"]
    assert any("not an address of the form" in reason for reason in told.values())
    assert set(rows["instance"].dropna()) == {"127.0.0.1:1/"}
    assert named(counts) == {"push-0"}
    assert "s3cret" not in text_of(counts)


def test_tls_against_a_plain_port_is_a_row(server: PprofServer) -> None:
    counts = sweep([Place(server.url.replace("http://", "https://"))])
    assert "TLS" in reasons(counts)[server.host]


def test_secrets_are_sent_and_in_no_row(server: PprofServer) -> None:
    sent: list[str | None] = []

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        sent.append(handler.headers["Authorization"])
        page('{"message": "the token t0ken-of-mine is not known"}', 401)(handler)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        sent.append(handler.headers["Authorization"])
        page(PROFILE, X_Said="t0ken-of-mine")(handler)

    server.pages |= {paths_of(0)[0]: refuse, paths_of(1)[0]: answer}
    kept: list[Evidence] = []
    counts = sweep(places_at(server, 2), access=Access.of({"bearer": "t0ken-of-mine"}), keep=kept.append)
    assert sent == ["Bearer t0ken-of-mine"] * 2
    assert "t0ken" not in text_of(counts) + repr(kept) + repr(kept[0].headers)
    assert "the token *** is not known" in reasons(counts)["push-0"]


def test_secrets_of_an_address_are_in_no_row(server: PprofServer) -> None:
    server.pages[paths_of(1)[0]] = page("who?", 401)
    with_password = server.url.replace("http://", "http://me:s3cret-password@")
    places = [
        Place(f"{with_password}/i0/?token=t0ken-of-mine"),
        Place(f"{with_password}/i1/?token=t0ken-of-mine"),
        Place(f"{with_password}{ROOT}goroutine?debug=2&token=t0ken-of-mine"),
    ]
    counts = sweep(places)
    assert len(counts.dumps()) == 1
    assert len(counts.problems()) == 2
    for secret in ("s3cret", "t0ken", "me:"):
        assert secret not in text_of(counts)
    assert "s3cret" not in repr(service.service_of(places[0], ANYONE).__class__)


def test_one_address_is_asked_once(server: PprofServer) -> None:
    (place,) = places_at(server, 1)
    other = replace(place, service="push-metrics", address=f"{server.url}/i0{ROOT}")
    counts = sweep([place, place, other])
    assert server.asked == [paths_of(0)[0]]
    assert reasons(counts) == {"push-0": "is asked once, as push/push-0: the address is the same"}
    assert counts.problems()["service"].tolist() == ["push-metrics"]


def test_services_behind_one_port_are_told_apart(server: PprofServer) -> None:
    counts = sweep([Place(f"{server.url}/i0/"), Place(f"{server.url}/i1/"), Place(f"{server.url}/i2/", service="pull")])
    assert named(counts) == {f"{server.host}/i0/", f"{server.host}/i1/", server.host}


def test_what_is_kept_reads_back_to_the_same_counts(server: PprofServer, tmp_path: Path) -> None:
    server.pages[paths_of(1)[0]] = page(debug1(5))
    server.pages[paths_of(1)[1]] = page(debug1(5))
    recording = Recording.open(tmp_path / "rec", create=True)
    counts = sweep(places_at(server, 6), keep=recording.put)
    again = count_file(tmp_path / "rec")
    assert len(counts.cells()) > 6
    assert again.cells().to_dict("records") == counts.cells().to_dict("records")
    columns = ["snapshot_id", "service", "instance", "captured_at", "goroutine_count", "source"]
    assert again.dumps()[columns].to_dict("records") == counts.dumps()[columns].to_dict("records")


def test_answers_are_kept_before_they_are_counted(server: PprofServer, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []

    def count(opened: Opened) -> Counts:
        happened.append("counted")
        return count_opened(opened)

    monkeypatch.setattr(live, "count_opened", count)
    sweep(places_at(server, 1), keep=lambda evidence: happened.append(f"kept {evidence.kind}"))
    assert happened == ["kept goroutine.pb", "counted"]


def test_a_recording_that_cannot_be_written_ends_the_sweep(server: PprofServer) -> None:
    def full(_: Evidence) -> None:
        msg = "no space is left"
        raise RecordingError(msg)

    with pytest.raises(RecordingError, match="no space is left"):
        sweep(places_at(server, 12), keep=full)


def test_a_defect_is_a_row_without_its_words(server: PprofServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(address: str, **_: object) -> None:
        msg = f"cannot {address}"
        raise RuntimeError(msg)

    monkeypatch.setattr(service, "ask", broken)
    counts = sweep([Place(f"{server.url}/i0/?token=t0ken-of-mine")])
    assert reasons(counts) == {server.host: "could not be asked, a defect of gostack_nb (RuntimeError)"}


def test_no_services_at_all() -> None:
    counts = sweep([])
    assert len(counts.dumps()) == len(counts.problems()) == 0


def test_few_bodies_are_held(server: PprofServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody counts, each request at once is answered twice and no more."""
    may_count = threading.Event()
    never = threading.Event()
    asked: list[int] = []
    counted: list[str | None] = []

    def wait_and_count(opened: Opened) -> Counts:
        assert may_count.wait(PATIENCE_SECONDS)
        pairs = list(opened)
        counted.extend(place.instance for place, _ in pairs)
        return count_opened(pairs)

    def let_count_when_full() -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while len(server.asked) < 4 and time.monotonic() < end:
            time.sleep(0.01)
        never.wait(0.3)  # more would come now
        asked.append(len(server.asked))
        may_count.set()

    monkeypatch.setattr(live, "count_opened", wait_and_count)
    watching = threading.Thread(target=let_count_when_full)
    watching.start()
    counts = sweep(places_at(server, 12), replace(CALM, in_flight=2))
    watching.join()
    assert asked == [4]
    assert len(counted) == len(named(counts)) == 12, "each is counted once, and let go"


def interrupted_at(number: int) -> Callable[[int], object]:
    """Interrupt as Ctrl-C does, when so many are done."""
    done: list[int] = []

    def advance(count: int) -> None:
        done.extend([0] * count)
        if len(done) == number:
            raise KeyboardInterrupt

    return advance


def test_an_interrupt_returns_what_came(server: PprofServer) -> None:
    let_go = threading.Event()

    def hang(_: BaseHTTPRequestHandler) -> None:
        let_go.wait(PATIENCE_SECONDS)

    for number in range(4, 12):
        server.pages[paths_of(number)[0]] = hang
    kept: list[Evidence] = []
    places = places_at(server, 12)
    counts = ask_all(places, CALM, ANYONE, kept.append, interrupted_at(4), chance=InOrder(0.0))
    let_go.set()
    assert named(counts) == {evidence.instance for evidence in kept} == {f"push-{number}" for number in range(4)}
    assert reasons(counts) == {f"push-{number}": "not asked: interrupted" for number in range(4, 12)}


def test_an_answer_that_comes_after_an_interrupt_is_not_kept(server: PprofServer) -> None:
    let_go = threading.Event()

    def come_late(handler: BaseHTTPRequestHandler) -> None:
        let_go.wait(PATIENCE_SECONDS)
        page(PROFILE)(handler)

    server.pages[paths_of(1)[0]] = come_late
    kept: list[Evidence] = []
    ask_all(places_at(server, 2), CALM, ANYONE, kept.append, interrupted_at(1))
    let_go.set()
    for thread in threading.enumerate():
        if thread.name == live.THREAD:
            thread.join(PATIENCE_SECONDS)
    assert [evidence.instance for evidence in kept] == ["push-0"]


def test_what_is_being_kept_when_an_interrupt_comes_counts(server: PprofServer) -> None:
    inside, may_end = threading.Event(), threading.Event()

    def keep(evidence: Evidence) -> None:
        if evidence.instance == "push-1":
            inside.set()
            may_end.wait(PATIENCE_SECONDS)
        else:
            inside.wait(PATIENCE_SECONDS)

    interrupt = interrupted_at(1)

    def advance(done: int) -> None:
        if done and not may_end.is_set():
            threading.Timer(0.2, may_end.set).start()
        interrupt(done)

    counts = ask_all(places_at(server, 2), CALM, ANYONE, keep, advance)
    assert named(counts) == {"push-0", "push-1"}
    assert len(counts.problems()) == 0


def test_an_interrupt_before_anything_came_is_one(server: PprofServer) -> None:
    server.pages = fleet_pages(3, page("who?", 401))
    with pytest.raises(KeyboardInterrupt):
        ask_all(places_at(server, 3), CALM, ANYONE, None, interrupted_at(1))
