from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import gostack_nb as gs
from gostack_nb.reading import scrape_choice
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.blob import Unread
from gostack_nb.sources.evidence import Evidence
from tests.unit.imitations import COUNTS, Imitation, Kept, Reply, decoded, encoded, incident, merged, served, stacks_of
from tests.unit.profiler_imitations import ParcaImitation, PyroscopeImitation

START = datetime(2026, 11, 23, 8, 53, 43, 265_000, tzinfo=UTC)
START_MS = 1_795_424_023_265
INTERVAL_MS = 30_000
RANGE = {"since": "2026-11-23T08:00:00Z", "until": "2026-11-23T12:00:00Z"}
SERVICE = "/querier.v1.QuerierService/"


def scrape(number: int, pod: str = "push-0", late_ms: int = 0, **labels: str) -> Kept:
    at_ns = (START_MS + INTERVAL_MS * number + late_ms) * 1_000_000 + 123_456
    return Kept({"service_name": "push", "pod": pod} | labels, at_ns, incident(number))


@pytest.fixture(params=[(PyroscopeImitation, gs.Pyroscope), (ParcaImitation, gs.Parca)], ids=["Pyroscope", "Parca"])
def serve(request: pytest.FixtureRequest) -> Iterator[object]:
    """Give a function from stored profiles to the imitation and the class that asks it."""
    imitation, profiler = request.param
    with ExitStack() as stack:

        def start(kept: list[Kept]):
            server = stack.enter_context(served(imitation(kept)))
            return server, profiler(server.url)

        yield start


@pytest.fixture
def pyroscope() -> Iterator[object]:
    with ExitStack() as stack:
        yield lambda kept: stack.enter_context(served(PyroscopeImitation(kept)))


def counts(dataset: gs.Dataset) -> list[tuple[str, int]]:
    rows = dataset.snapshots.sort_values(["captured_at", "instance"])
    return list(zip(rows["instance"], rows["goroutine_count"].astype(int), strict=True))


def test_a_merge_would_add_up_and_this_does_not(serve) -> None:
    """Two pods, two scrapes in the window: everything that the selector means is four times too much, or nearly."""
    kept = [scrape(10), scrape(11), scrape(10, "push-1", 4), scrape(11, "push-1", 4)]
    _, profiler = serve(kept)
    assert merged(kept).total() == 2 * (COUNTS[10] + COUNTS[11])
    dataset = profiler.read('{service_name="push"}', **RANGE)
    assert counts(dataset) == [("push-0", 277), ("push-1", 277), ("push-0", 288), ("push-1", 288)]
    assert dataset.issues.empty
    assert dataset.snapshots["service"].unique().tolist() == ["push"]


def test_pods_scraped_in_the_same_millisecond_stay_apart(serve) -> None:
    _, profiler = serve([scrape(3), scrape(5, "push-1", -2 * INTERVAL_MS)])
    assert counts(profiler.read(at=START + timedelta(seconds=95))) == [("push-0", COUNTS[3]), ("push-1", COUNTS[5])]


def test_stacks_and_times_are_those_of_the_scrape(serve) -> None:
    _, profiler = serve([scrape(number) for number in range(12)])
    dataset = profiler.read(at=START + timedelta(seconds=150))
    assert dataset.snapshots["captured_at"].to_list() == [START + timedelta(seconds=150)]
    direct = gs.read(incident(5)).goroutines
    for column in ("stack_id", "user_function", "state"):
        assert dataset.goroutines[column].value_counts().to_dict() == direct[column].value_counts().to_dict()


def test_every_scrape_and_some_of_them(serve) -> None:
    _, profiler = serve([scrape(number) for number in range(12)])
    assert [count for _, count in counts(profiler.read(**RANGE))] == list(COUNTS)
    since = START - timedelta(seconds=10)
    some = profiler.read(since=since, until=START + timedelta(hours=1), every="1m")
    assert [count for _, count in counts(some)] == list(COUNTS[::2])


def test_a_process_is_not_mixed_with_one_that_has_more_labels(serve) -> None:
    _, profiler = serve([scrape(2), scrape(4, container="side", late_ms=-2 * INTERVAL_MS)])
    found = profiler.read(**RANGE)
    assert sorted(counts(found)) == [("push-0", COUNTS[2]), ("push-0/side", COUNTS[4])]
    assert found.issues.empty
    assert profiler.series(**RANGE)["instance"].to_list() == ["push-0/side", "push-0"]


def test_two_scrapes_within_a_second_are_read_one_by_one(serve) -> None:
    _, profiler = serve([scrape(6), scrape(7, late_ms=200 - INTERVAL_MS)])
    found = profiler.read(**RANGE)
    assert [count for _, count in counts(found)] == [COUNTS[6], COUNTS[7]]
    said = found.issues["reason"].str.contains("2 scrapes lie within one second")
    assert said.sum() == (2 if isinstance(profiler, gs.Pyroscope) else 0)  # Parca names each by its millisecond


def test_processes_that_no_label_tells_apart_are_said(serve) -> None:
    anonymous = {"service_name": "push"}
    _, profiler = serve([Kept(anonymous, START_MS * 10**6, incident(0))])
    found = profiler.read(**RANGE)
    assert found.snapshots["instance"].isna().all()
    assert found.issues["reason"].str.contains("no label says which process this is").sum() == 1


def test_the_table_of_processes(serve) -> None:
    _, profiler = serve([*(scrape(number) for number in range(5)), scrape(1, "push-1")])
    first, second = profiler.series(**RANGE).to_dict("records")
    assert (first["service"], first["instance"], first["labels"]) == (
        "push",
        "push-0",
        '{pod="push-0",service_name="push"}',
    )
    assert (first["scrapes"], first["interval_seconds"], first["last_goroutines"]) == (5, 30.0, COUNTS[4])
    assert abs(first["last_at"] - (START + timedelta(seconds=120))) < timedelta(seconds=1)
    assert second["interval_seconds"] is None or str(second["interval_seconds"]) == "<NA>"
    assert {str(kind) for kind in profiler.series('{pod="none"}', **RANGE).dtypes} == {
        "category", "datetime64[ns, UTC]", "int64", "Float64",
    }  # fmt: skip


def test_the_table_of_scrapes(serve) -> None:
    _, profiler = serve([scrape(1), scrape(0), scrape(0, "push-1")])
    table = profiler.scrapes(**RANGE)
    assert table["goroutines"].to_list() == [COUNTS[0], COUNTS[0], COUNTS[1]]
    assert table["instance"].to_list() == ["push-0", "push-1", "push-0"]
    assert str(table["captured_at"].dtype) == "datetime64[ns, UTC]"
    assert profiler.scrapes('{pod="none"}', **RANGE).empty


def test_a_process_that_is_gone_is_said_and_not_read(serve) -> None:
    _, profiler = serve([*(scrape(number) for number in range(8)), scrape(0, "push-1"), scrape(1, "push-1")])
    found = profiler.read(at=START + timedelta(seconds=215))
    assert counts(found) == [("push-0", COUNTS[7])]
    (issue,) = found.issues.to_dict("records")
    assert issue["reason"].startswith("not read: its last scrape, 2026-11-23 08:54:1")
    assert "push-1" in issue["source"]
    assert "scrapes came every 30 s" in issue["reason"]


def test_an_interval_that_is_not_known_is_assumed_and_said(serve) -> None:
    _, profiler = serve([scrape(0)])
    found = profiler.read(at=START + timedelta(seconds=40))
    assert found.issues["reason"].to_list() == ["only one scrape is known, so that 15 s are assumed between two"]
    with pytest.raises(gs.QueryError, match=r"not read: its last scrape.* 15 s are assumed.*Hint"):
        profiler.read(at=START + timedelta(seconds=70))


def test_nothing_was_scraped(serve) -> None:
    _, profiler = serve([scrape(0)])
    with pytest.raises(gs.QueryError, match=r"no goroutine profile of \{pod=\"none\"\} was taken between .*Hint"):
        profiler.read('{pod="none"}', **RANGE)


def test_too_many_scrapes(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape_choice, "MAX_SCRAPES", 5)
    _, profiler = serve([scrape(number) for number in range(6)])
    with pytest.raises(gs.QueryError, match=r"6 scrapes are more than the 5 of one call\. Hint"):
        profiler.read(**RANGE)


@pytest.mark.parametrize(
    "options", [{"at": "1h", "since": "2h"}, {"until": "1h"}, {"every": "1m"}, {"at": "1h", "every": "1m"}]
)
def test_options_that_contradict_each_other(serve, options: dict[str, str]) -> None:
    _, profiler = serve([])
    with pytest.raises(gs.QueryError, match=r"Hint: give one"):
        profiler.read(**options)


def test_times_the_wrong_way_round(serve) -> None:
    _, profiler = serve([])
    with pytest.raises(gs.QueryError, match=r"since \(2026-11-23 .*\) is after until"):
        profiler.series(since="2026-11-23", until="2026-11-22")


def test_one_scrape_that_fails_is_an_issue_and_all_of_them_an_error(pyroscope) -> None:
    server = pyroscope([scrape(0), scrape(1)])
    refused = Reply(500, b'{"code": "internal", "message": "no such block"}')
    answer = server.reply

    def reply(path: str, query: dict[str, list[str]], body: bytes) -> Reply:
        return (
            refused
            if path.endswith("SelectMergeStacktraces") and incident_time(body) == START_MS
            else answer(path, query, body)
        )

    server.reply = reply
    found = gs.Pyroscope(server.url).read(**RANGE)
    assert counts(found) == [("push-0", COUNTS[1])]
    assert found.issues["reason"].str.contains("no such block").sum() == 1
    server.instead[SERVICE + "SelectMergeStacktraces"] = refused
    with pytest.raises(gs.QueryError, match="no such block"):
        gs.Pyroscope(server.url).read(**RANGE)


def test_a_server_that_is_gone_is_not_asked_for_every_scrape(pyroscope) -> None:
    server = pyroscope([scrape(number) for number in range(12)])
    answer, asked = server.reply, []

    def reply(path: str, query: dict[str, list[str]], body: bytes) -> Reply:
        if not path.endswith("SelectMergeStacktraces"):
            return answer(path, query, body)
        asked.append(incident_time(body))
        return answer(path, query, body) if len(asked) == 1 else Reply(500, b"gone", "text/plain")

    server.reply = reply
    found = gs.Pyroscope(server.url).read(**RANGE)
    assert (len(asked), len(found.snapshots), len(found.issues)) == (6, 1, 6)
    assert found.issues["reason"].str.contains("5 scrapes failed one after the other").sum() == 1
    with pytest.raises(gs.QueryError, match="gone"):
        gs.Pyroscope(server.url).read(**RANGE)
    assert len(asked) == 11


def incident_time(question: bytes) -> int:
    return int(decoded(question)[3])


def test_a_profile_that_is_not_the_series_is_said(pyroscope) -> None:
    """A server that cuts its flame graphs sends fewer goroutines than it counts."""
    server = pyroscope([scrape(0)])
    answer = server.reply

    def reply(path: str, query: dict[str, list[str]], body: bytes) -> Reply:
        if not path.endswith("SelectMergeStacktraces"):
            return answer(path, query, body)
        server.kept = [Kept(server.kept[0].labels, server.kept[0].at_ns, incident(0), 0.5)]
        return answer(path, query, body)

    server.reply = reply
    found = gs.Pyroscope(server.url).read(**RANGE)
    held = int(found.snapshots["goroutine_count"].iloc[0])
    assert 0 < held < COUNTS[0]
    (reason,) = found.issues["reason"]
    assert (
        reason == f"the profile holds {held} goroutines, the server's series says {COUNTS[0]}: some are missing in it"
    )


def test_the_evidence_is_for_a_recording(serve) -> None:
    _, profiler = serve([scrape(0), scrape(1), scrape(0, "push-1")])
    found = list(profiler.evidence(at=START + timedelta(seconds=31)))
    notes = [one for one in found if isinstance(one, Unread)]
    kept = [one for one in found if isinstance(one, Evidence)]
    assert [one.instance for one in kept] == ["push-1", "push-0"]
    assert len(notes) == 1
    assert all(one.kind == "goroutine.pb" and one.captured_at_from == "caller" for one in kept)


def test_a_recording_keeps_scrapes(serve, tmp_path: Path) -> None:
    _, profiler = serve([scrape(0), scrape(1, "push-1")])
    recording = Recording.open(tmp_path / "kept", create=True)
    for one in profiler.evidence(**RANGE):
        assert isinstance(one, Evidence)
        recording.keep(one)
    kept, direct = recording.read(), profiler.read(**RANGE)
    assert counts(kept) == counts(direct) == [("push-0", COUNTS[0]), ("push-1", COUNTS[1])]
    assert kept.snapshots["captured_at"].to_list() == direct.snapshots["captured_at"].to_list()


def test_no_secret_is_shown(serve) -> None:
    server, profiler = serve([scrape(0)])
    address = server.url.replace("://", "://me:s3cret@")
    secretive = type(profiler)(address + "/?token=t0ken")
    found = secretive.read(at=START + timedelta(seconds=20))
    assert server.headers[-1]["authorization"].startswith("Basic ")
    told = repr(secretive) + found.snapshots.to_csv() + found.issues.to_csv()
    assert "s3cret" not in told
    assert "t0ken" not in told


@pytest.mark.parametrize(
    ("profiler", "copied"),
    [
        (gs.Pyroscope, "http://host:4040/pyroscope/querier.v1.QuerierService/SelectSeries"),
        (gs.Pyroscope, "http://host:4040/pyroscope/explore?x=1"),
        (gs.Parca, "http://host:4040/pyroscope/api/profiles/query"),
        (gs.Parca, "http://me:secret@host:4040/pyroscope/targets"),
        (gs.Loki, "http://host:4040/pyroscope/loki/api/v1/query_range?query=x"),
        (gs.Loki, "http://host:4040/pyroscope/"),
    ],
)
def test_the_address_of_a_page_is_enough(profiler: type, copied: str) -> None:
    assert repr(profiler(copied)) == f"{profiler.__name__}('http://host:4040/pyroscope')"


@pytest.mark.parametrize("profiler", [gs.Pyroscope, gs.Parca, gs.Loki])
def test_an_address_that_is_none(profiler: type) -> None:
    with pytest.raises(gs.UnreachableError, match="a path, no address"):
        profiler("/srv/pyroscope")


@pytest.mark.parametrize("server", [gs.Prometheus, gs.Pyroscope, gs.Parca, gs.Loki])
def test_an_address_without_its_scheme(server: type) -> None:
    assert repr(server("127.0.0.1:4040")) == f"{server.__name__}('http://127.0.0.1:4040')"


# Files that people save from a profiler's page, or that other profilers export: the same bytes.


def test_a_saved_profile_without_gzip(tmp_path: Path) -> None:
    path = tmp_path / "goroutine.pprof"
    path.write_bytes(encoded(stacks_of(incident(11))))
    assert gs.read(path).snapshots["goroutine_count"].to_list() == [288]


def test_a_saved_profile_with_other_sample_types(tmp_path: Path) -> None:
    path = tmp_path / "merged.pb"
    path.write_bytes(encoded(stacks_of(incident(11)), types=("contentions", "delay", "goroutine")))
    assert gs.read(path).snapshots["goroutine_count"].to_list() == [288]


def test_a_saved_profile_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "cpu.pb"
    path.write_bytes(encoded(stacks_of(incident(0)), types=("samples", "cpu")))
    with pytest.raises(
        gs.FormatError, match=r"not a goroutine profile \(it holds samples, cpu: a CPU profile\)\. Hint"
    ):
        gs.read(path)


def test_the_imitation_of_a_merge_is_one() -> None:
    """What the tests above rest on: the imitated server adds up, stack by stack."""
    one, two = stacks_of(incident(10)), stacks_of(incident(11))
    both = merged([scrape(10), scrape(11)])
    assert isinstance(PyroscopeImitation([]), Imitation)
    assert all(both[stack] == one[stack] + two[stack] for stack in {*one, *two})
