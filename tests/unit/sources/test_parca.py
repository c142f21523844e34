import gzip
from collections.abc import Iterator

import pytest

from gostack_nb.errors import QueryError, UnreachableError
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.sources.json_api import Api
from gostack_nb.sources.parca import ParcaStore
from gostack_nb.sources.process_labels import Process
from gostack_nb.sources.scrapes import Scrape
from tests.unit.imitations import COUNTS, Kept, Reply, incident, served
from tests.unit.profiler_imitations import PAGE, TYPE, ParcaImitation

START_MS = 1_795_424_023_265  # 2026-11-23T08:53:43.265Z
LABELS = {"job": "push", "instance": "10.0.0.7:6060"}
PUSH = Process.of(LABELS)


def kept(number: int, at_ms: int, **labels: str) -> Kept:
    return Kept(LABELS | labels, at_ms * 1_000_000 + 123_456, incident(number))


@pytest.fixture
def server() -> Iterator[ParcaImitation]:
    with served(ParcaImitation(kept(number, START_MS + 10_000 * number) for number in range(12))) as imitation:
        yield imitation


def store(server: ParcaImitation) -> ParcaStore:
    return ParcaStore(Api.at("Parca", f"{server.url}/"))


def test_the_series_of_a_process_has_every_scrape(server: ParcaImitation) -> None:
    (series,) = store(server).series("{}", START_MS, START_MS + 600_000)
    assert (series.process, series.profile_type) == (PUSH, TYPE)
    assert series.points == {START_MS + 10_000 * number: count for number, count in enumerate(COUNTS)}
    assert "step" not in server.asked[-1][1]  # with a step one value of each would stand for all


def test_series_split_by_pprof_labels_add_up(server: ParcaImitation) -> None:
    server.kept = [
        Kept(LABELS | {"role": "reader"}, START_MS * 1_000_000, incident(3), 0.5),
        Kept(LABELS | {"role": "writer"}, START_MS * 1_000_000, incident(3), -0.5),
    ]
    (series,) = store(server).series("{}", START_MS - 1000, START_MS + 1000)
    assert series.points == {START_MS: COUNTS[3]}


def test_the_end_is_included_to_its_last_nanosecond(server: ParcaImitation) -> None:
    after = Kept(LABELS, (START_MS + 1) * 1_000_000, incident(2))
    server.kept = [Kept(LABELS, START_MS * 1_000_000 + 999_999, incident(1)), after]
    (series,) = store(server).series("{}", START_MS - 60_000, START_MS)
    assert series.points == {START_MS: COUNTS[1]}


def test_a_long_time_is_asked_for_in_parts(server: ParcaImitation) -> None:
    server.kept = [kept(number, START_MS + number * 6 * 3_600_000) for number in range(3)]
    (series,) = store(server).series("{}", START_MS, START_MS + 14 * 3_600_000)
    assert list(series.points.values()) == list(COUNTS[:3])
    assert [name for name, _ in server.asked].count("query_range") == 3


def test_nothing_found_is_the_page_of_the_user_interface(server: ParcaImitation) -> None:
    assert store(server).series('{job="other"}', START_MS, START_MS + 600_000) == []


def test_the_profile_of_one_scrape(server: ParcaImitation) -> None:
    evidence = store(server).fetch(
        Scrape(TYPE, PUSH, START_MS + 10_000, START_MS + 10_000, COUNTS[1], "10.0.0.7:6060", PUSH.shown)
    )
    (dump,) = parse_dumps(gzip.decompress(evidence.body))
    assert dump.count is not None
    assert dump.count.sum() == COUNTS[1]
    assert (evidence.service, evidence.instance) == ("push", "10.0.0.7:6060")
    assert evidence.captured_at is not None
    assert evidence.captured_at.isoformat() == "2026-11-23T08:53:53.265000+00:00"
    assert server.asked[-1][1]["single.time"] == "2026-11-23T08:53:53.265Z"


def test_a_scrape_that_is_not_there(server: ParcaImitation) -> None:
    with pytest.raises(QueryError, match=r"no profile at .*Hint"):
        store(server).fetch(Scrape(TYPE, PUSH, START_MS + 1, START_MS + 1, 1, "10.0.0.7:6060", PUSH.shown))


def test_the_server_says_what_is_wrong_with_a_selector(server: ParcaImitation) -> None:
    with pytest.raises(QueryError, match=r"failed to parse query.*Hint: try the selector"):
        store(server).series("{job=}", START_MS, START_MS + 1)


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (PAGE, QueryError, "an HTML page"),  # nothing is below /api: another server, or another prefix
        (Reply(404, b"404 page not found\n", "text/plain"), QueryError, "Hint: give the address of Parca itself"),
        (Reply(401, b"", "text/plain"), UnreachableError, "wants credentials"),
        (Reply(500, b'{"code": 13, "message": "frostdb is closed", "details": []}'), QueryError, "frostdb is closed"),
        (Reply(200, b"{}"), QueryError, "not an answer of Parca"),
        (Reply(200, b'{"types": [{"name": "goroutine"}]}'), QueryError, "not an answer of Parca"),
    ],
)
def test_refusals_are_one_sentence(server: ParcaImitation, reply: Reply, error: type[Exception], words: str) -> None:
    server.instead["/api/profiles/types"] = reply
    with pytest.raises(error, match=words) as caught:
        store(server).series("{}", START_MS, START_MS + 1)
    assert "Hint: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", [b"{}", b'{"pprof": 3}', b'{"pprof": "not base64"}', b"nothing"])
def test_an_answer_without_a_profile(server: ParcaImitation, body: bytes) -> None:
    server.instead["/api/profiles/query"] = Reply(200, body)
    with pytest.raises(QueryError, match="not an answer of Parca"):
        store(server).fetch(Scrape(TYPE, PUSH, START_MS, START_MS, 1, "10.0.0.7:6060", PUSH.shown))


@pytest.mark.parametrize(
    "body", [b"{}", b'{"series": [3]}', b'{"series": [{"labelset": {"labels": []}, "samples": 3}]}']
)
def test_a_series_that_is_none(server: ParcaImitation, body: bytes) -> None:
    server.instead["/api/profiles/query_range"] = Reply(200, body)
    with pytest.raises(QueryError, match="not an answer of Parca"):
        store(server).series("{}", START_MS, START_MS + 1)
