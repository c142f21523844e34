from collections.abc import Iterator

import pytest

from gostack_nb.errors import QueryError, UnreachableError
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.json_api import Api
from gostack_nb.sources.process_labels import Process
from gostack_nb.sources.pyroscope import PyroscopeStore
from gostack_nb.sources.scrapes import Scrape
from tests.unit.imitations import COUNTS, Kept, Reply, incident, served
from tests.unit.profiler_imitations import TYPE, PyroscopeImitation

START_MS = 1_795_424_023_265  # 2026-11-23T08:53:43.265Z
LABELS = {"service_name": "push", "pod": "push-0", "level": "high"}
PUSH = Process.of(LABELS)
SELECTOR = PUSH.shown
SERVICE = "/querier.v1.QuerierService/"


def kept(number: int, at_ms: int, **labels: str) -> Kept:
    return Kept(LABELS | labels, at_ms * 1_000_000 + 123_456, incident(number))


@pytest.fixture
def server() -> Iterator[PyroscopeImitation]:
    with served(PyroscopeImitation(kept(number, START_MS + 30_000 * number) for number in range(12))) as imitation:
        yield imitation


def store(server: PyroscopeImitation, access: Access = ANYONE) -> PyroscopeStore:
    return PyroscopeStore(Api.at("Pyroscope", server.url, access))


def exact(at_ms: int, value: int) -> Scrape:
    return Scrape(TYPE, PUSH, at_ms, at_ms, value, "push-0", SELECTOR)


@pytest.mark.parametrize("starts_early", [True, False], ids=["v2 storage", "v1 storage"])
def test_the_series_of_a_process(server: PyroscopeImitation, starts_early: bool) -> None:
    server.starts_early = starts_early
    (series,) = store(server).series("{}", START_MS, START_MS + 600_000)
    assert (series.process, series.profile_type) == (PUSH, TYPE)
    seconds = [START_MS // 1000 * 1000 + 1000 + 30_000 * number for number in range(12)]
    assert series.points == dict(zip(seconds, COUNTS, strict=True))


def test_days_are_asked_for_in_parts(server: PyroscopeImitation) -> None:
    (series,) = store(server).series("{}", START_MS - 2 * 86_400_000, START_MS + 86_400_000)
    assert list(series.points.values()) == list(COUNTS)
    assert len(server.asked) > 3


def test_what_lies_on_a_cut_between_parts_is_counted_once(server: PyroscopeImitation) -> None:
    second = START_MS // 1000 * 1000 + 1000
    server.kept = [kept(0, second - 400), Kept(LABELS, second * 1_000_000, incident(1))]
    for server.starts_early in (True, False):
        (series,) = store(server).series("{}", second - 6 * 3_600_000, second + 3_600_000)
        assert series.points == {second: COUNTS[0] + COUNTS[1]}


def test_profiles_split_by_pprof_labels_add_up(server: PyroscopeImitation) -> None:
    server.kept = [
        Kept(LABELS | {"role": "reader"}, START_MS * 1_000_000, incident(3), 0.5),
        Kept(LABELS | {"role": "writer"}, START_MS * 1_000_000, incident(3), -0.5),
    ]
    (series,) = store(server).series("{}", START_MS - 1000, START_MS + 1000)
    assert list(series.points.values()) == [COUNTS[3]]
    (scrape,) = store(server).divided(exact(START_MS, COUNTS[3]))
    assert total(store(server).fetch(scrape).body) == COUNTS[3]


def test_a_second_is_divided_into_its_scrapes(server: PyroscopeImitation) -> None:
    server.kept = [kept(1, START_MS), kept(2, START_MS + 300)]
    coarse = Scrape(TYPE, PUSH, START_MS - 264, START_MS + 735, COUNTS[1] + COUNTS[2], "push-0", SELECTOR)
    found = store(server).divided(coarse)
    assert [(one.start_ms, one.end_ms, one.goroutines) for one in found] == [
        (START_MS, START_MS, COUNTS[1]),
        (START_MS + 300, START_MS + 300, COUNTS[2]),
    ]
    assert [total(store(server).fetch(one).body) for one in found] == [COUNTS[1], COUNTS[2]]


def test_a_server_that_refuses_fine_steps_is_said(server: PyroscopeImitation) -> None:
    server.instead[SERVICE + "SelectSeries"] = Reply(
        400, b'{"code": "invalid_argument", "message": "step is too small"}'
    )
    (scrape,) = store(server).divided(exact(START_MS, 1))
    assert "to the second only" in (scrape.note or "")
    assert "step is too small" in (scrape.note or "")


@pytest.mark.parametrize("knows_pprof", [True, False], ids=["2026", "before"])
def test_the_profile_of_one_scrape(server: PyroscopeImitation, knows_pprof: bool) -> None:
    server.knows_pprof = knows_pprof
    evidence = store(server).fetch(exact(START_MS + 30_000, COUNTS[1]))
    assert total(evidence.body) == COUNTS[1]
    assert (evidence.kind, evidence.service, evidence.instance) == ("goroutine.pb", "push", "push-0")
    assert evidence.source == f'{server.url} goroutine{{pod="push-0",service_name="push"}} 2026-11-23T08:54:13.265Z'
    assert [question["end"] - question["start"] for _, question in server.asked] == [1] * (1 if knows_pprof else 2)
    assert evidence.finished_at is not None
    assert evidence.started_at is not None
    assert evidence.started_at <= evidence.finished_at


def test_a_scrape_that_is_not_there(server: PyroscopeImitation) -> None:
    with pytest.raises(QueryError, match=r"no profile at 2026-11-23T08:53:44\.265.*Hint"):
        store(server).fetch(exact(START_MS + 1000, 1))


def test_goroutines_of_the_sdk_are_found(server: PyroscopeImitation) -> None:
    server.profile_type = "goroutines:goroutine:count:goroutine:count"
    (series,) = store(server).series("{}", START_MS, START_MS + 60_000)
    assert series.profile_type == "goroutines:goroutine:count:goroutine:count"


def test_a_named_type_is_taken_alone(server: PyroscopeImitation) -> None:
    assert (
        PyroscopeStore(Api.at("Pyroscope", server.url), "x:y:count:y:count").series("{}", START_MS, START_MS + 1) == []
    )


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (
            Reply(401, b'{"code": "unauthenticated", "message": "no org id"}'),
            UnreachableError,
            "unauthenticated, no org id",
        ),
        (Reply(401, b"no org id\n", "text/plain"), UnreachableError, "X-Scope-OrgID"),
        (Reply(403, b"", "text/plain"), UnreachableError, "forbids it"),
        (Reply(404, b"", "text/plain"), QueryError, "Pyroscope does not answer at this address"),
        (Reply(404, b"404 page not found", "text/plain"), QueryError, "Hint: give the address of Pyroscope itself"),
        (Reply(429, b"", "text/plain"), UnreachableError, "too many requests"),
        (
            Reply(500, b'{"code": "internal", "message": "head block is gone"}'),
            QueryError,
            "internal, head block is gone",
        ),
        (
            Reply(400, b'{"code": "invalid_argument", "message": "the query time range exceeds the limit"}'),
            QueryError,
            "Hint: ask for a shorter time",
        ),
        (Reply(200, b"<html>login</html>", "text/html"), QueryError, "an HTML page, perhaps a login"),
        (Reply(200, b"[]"), QueryError, "not an answer of Pyroscope"),
        (Reply(200, b'{"profileTypes": [3]}'), QueryError, "not an answer of Pyroscope"),
    ],
)
def test_refusals_are_one_sentence(
    server: PyroscopeImitation, reply: Reply, error: type[Exception], words: str
) -> None:
    server.instead[SERVICE + "ProfileTypes"] = reply
    with pytest.raises(error, match=words) as caught:
        store(server).series("{}", START_MS, START_MS + 1)
    assert "Hint: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", [b"\xff\xff", b"<html>", b"\x0a\xff\x01", b"\x08" + b"\xff" * 30])
def test_a_profile_that_is_no_protobuf(server: PyroscopeImitation, body: bytes) -> None:
    server.instead[SERVICE + "SelectMergeStacktraces"] = Reply(200, body, "application/proto")
    with pytest.raises(QueryError, match="not an answer of Pyroscope"):
        store(server).fetch(exact(START_MS, 1))


def test_a_secret_that_the_server_repeats_is_not_shown(server: PyroscopeImitation) -> None:
    access = Access(bearer="s3cret-token", headers={"X-Scope-OrgID": "tenant-of-push"})
    said = b'{"code": "unauthenticated", "message": "unknown s3cret-token of tenant-of-push"}'
    server.instead[SERVICE + "ProfileTypes"] = Reply(401, said)
    with pytest.raises(UnreachableError) as caught:
        store(server, access).series("{}", START_MS, START_MS + 1)
    assert "s3cret" not in str(caught.value)
    assert "tenant-of-push" not in str(caught.value)
    assert server.headers[-1]["authorization"] == "Bearer s3cret-token"
    assert server.headers[-1]["x-scope-orgid"] == "tenant-of-push"


def total(body: bytes) -> int:
    (dump,) = parse_dumps(body)
    assert dump.count is not None
    return int(dump.count.sum())
