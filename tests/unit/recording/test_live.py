"""gs.capture from a server that answers as net/http/pprof does: in memory, and into recordings."""

import gzip
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import gostack_nb as gs
from gostack_nb.capturing.told import Round, Told
from gostack_nb.errors import NotPprofError, RecordingError, SourceError, UnreachableError
from gostack_nb.model.schema import ISSUES
from gostack_nb.recording.recording import Recording
from tests.unit.pprof_service import ROOT, PprofServer, debug1, debug2, go_pages, page, serving

FORMS = ["debug=1", "debug=2", "goroutineleak debug=1"]
"""What the pages hold that are dumps; the profile without samples of debug=0 is none."""


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(go_pages()) as made:
        del made.pages[f"{ROOT}goroutine 0"]
        yield made


def reasons(dataset: gs.Dataset) -> list[str]:
    return dataset.issues["reason"].astype("str").tolist()


def test_one_round_in_memory(server: PprofServer) -> None:
    dataset = gs.capture(server.url, service="push")
    snapshots = dataset.snapshots
    assert sorted(snapshots["form"]) == FORMS
    assert snapshots["captured_at"].nunique() == 1
    assert set(snapshots["captured_at_from"]) == {"caller"}
    assert set(snapshots["service"]) == {"push"}
    assert set(snapshots["instance"]) == {server.host}
    assert snapshots["goroutine_count"].tolist() == [3, 3, 1]
    assert set(snapshots["go_version"]) == {"go1.27.3"}, "the metrics of the round tell it"
    assert dataset.metrics["value"].tolist() == [3.0]
    assert len(gs.primary_snapshots(dataset).snapshots) == 1, "a round is one moment"


def test_the_same_in_a_recording(server: PprofServer, tmp_path: Path) -> None:
    held = gs.capture(server.url, service="push")
    kept = gs.capture(server.url, service="push", to=tmp_path / "rec")
    for name in ("form", "goroutine_count", "sha256", "instance", "service", "go_version"):
        assert sorted(kept.snapshots[name]) == sorted(held.snapshots[name])
    assert len(kept.goroutines) == len(held.goroutines)
    assert kept.metrics["value"].tolist() == held.metrics["value"].tolist()
    assert reasons(kept) == reasons(held)
    assert len(Recording.open(tmp_path / "rec").read().snapshots) == 3


def test_what_is_missing_is_in_issues_with_their_types(server: PprofServer, tmp_path: Path) -> None:
    del server.pages["/metrics"]
    for to in (None, tmp_path / "rec"):
        issues = gs.capture(server.url, to=to).issues
        assert {name: str(dtype) for name, dtype in issues.dtypes.items()} == {c.name: c.dtype for c in ISSUES}
        found = dict(zip(issues["source"], issues["reason"], strict=True))
        assert set(found) == {f"{server.url}/metrics", f"{server.url}{ROOT}goroutine?debug=0"}
        assert all("nothing is served at this path (404" in reason for reason in found.values())


def test_what_is_missing_in_each_round_is_one_row(server: PprofServer) -> None:
    dataset = gs.capture(server.url, every=0.2, count=3)
    assert len(dataset.snapshots) == 7
    (reason,) = [text for text in reasons(dataset) if "404" in text]
    assert reason.endswith(" (in 3 rounds)")


@pytest.mark.parametrize("in_folder", [False, True])
def test_a_cut_debug2_is_truncated_and_tells_its_share(server: PprofServer, tmp_path: Path, in_folder: bool) -> None:
    server.pages |= {f"{ROOT}goroutine 1": page(debug1(9)), f"{ROOT}goroutine 2": page(debug2(4)[:-9])}
    dataset = gs.capture(server.url, to=tmp_path / "rec" if in_folder else None)
    truncated = dataset.snapshots.set_index("form")["truncated"]
    assert truncated["debug=2"]
    assert not truncated["debug=1"]
    found = [reason for reason in reasons(dataset) if "of 9 goroutines" in reason]
    assert found == ["the text ends in the middle of a line: 4 of 9 goroutines"]


def test_rounds_are_reported_as_they_are_done(server: PprofServer) -> None:
    told: list[Told] = []
    gs.capture(server.url, every="0.2s", duration=timedelta(seconds=0.2), report=told.append)
    rounds = [done for done in told if isinstance(done, Round)]
    assert [done.goroutines for done in rounds] == [3] * len(rounds)
    assert rounds[-1].leaked == 1


def test_an_interrupted_capture_returns_what_it_had(server: PprofServer, tmp_path: Path) -> None:
    def interrupt(told: Told) -> None:
        if isinstance(told, Round):
            raise KeyboardInterrupt

    dataset = gs.capture(server.url, every=600, to=tmp_path / "rec", leak="never", report=interrupt)
    assert len(dataset.snapshots) == 2
    assert len(Recording.open(tmp_path / "rec").read().snapshots) == 2


def test_an_interrupt_before_anything_came_is_passed_on(server: PprofServer, tmp_path: Path) -> None:
    def interrupt(_: Told) -> None:
        raise KeyboardInterrupt

    released = threading.Event()
    server.pages = dict.fromkeys(server.pages, lambda _: released.wait(30) and None)
    with pytest.raises(KeyboardInterrupt):
        gs.capture(["127.0.0.1:1", server.url], every=60, deadline=1, to=tmp_path / "rec", report=interrupt)
    released.set()
    assert not (tmp_path / "rec").exists()


def test_services_fail_alone(server: PprofServer, tmp_path: Path) -> None:
    dataset = gs.capture([server.url, "127.0.0.1:1"], to=tmp_path / "rec")
    assert set(dataset.snapshots["instance"]) == {server.host}
    rows = dataset.issues[dataset.issues["source"].astype("str").str.contains("127.0.0.1:1/", regex=False)]
    assert rows["reason"].tolist() == ["the connection is refused. Hint: is the service up and listening on this port?"]


def test_nothing_at_all_is_an_error_and_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="the connection is refused"):
        gs.capture("127.0.0.1:1", every="15s", to=tmp_path / "rec")
    with pytest.raises(SourceError, match="none of 2 services can be captured"):
        gs.capture(["127.0.0.1:1", "127.0.0.1:2"], to=tmp_path / "rec")
    assert not (tmp_path / "rec").exists()


def test_the_same_service_twice_is_one(server: PprofServer) -> None:
    gs.capture([server.url, server.host, f"{server.url}/debug/pprof/"])
    assert server.asked_of(ROOT) == 1


def test_services_behind_one_port_are_told_apart(server: PprofServer) -> None:
    server.pages |= {f"/{name}{path}": page_ for name in "ab" for path, page_ in go_pages().items()}
    dataset = gs.capture([f"{server.url}/a/", f"{server.url}/b/"], leak="never")
    named = sorted(dataset.snapshots["instance"].unique())
    assert named == [f"{server.host}/a/debug/pprof/", f"{server.host}/b/debug/pprof/"]


def test_one_profile(server: PprofServer) -> None:
    dataset = gs.capture(f"{server.url}{ROOT}goroutine?debug=1")
    assert dataset.snapshots["form"].tolist() == ["debug=1"]
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ([], {}, "no service to capture from"),
        ("h", {"count": 2}, "not how far apart"),
        ("h", {"every": "soon"}, "every='soon': not a span of time"),
        ("h", {"deadline": -1}, "deadline=-1: not a span of time"),
    ],
)
def test_bad_calls(url: str, options: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=r"service|round|span|far") as caught:
        gs.capture(url, **options)  # type: ignore[arg-type]
    assert words in str(caught.value)


def test_a_profile_without_goroutines_is_refused() -> None:
    with pytest.raises(NotPprofError, match="heap holds no goroutines"):
        gs.capture("h/debug/pprof/heap")


def test_a_folder_that_is_no_recording_is_refused_before_anything_is_asked(server: PprofServer, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RecordingError):
        gs.capture(server.url, to=tmp_path)
    assert server.asked == []


def test_two_captures_into_one_recording(server: PprofServer, tmp_path: Path) -> None:
    meet = threading.Barrier(2)
    found: dict[str, gs.Dataset] = {}

    def together(handler: BaseHTTPRequestHandler) -> None:
        if server.asked_of(ROOT) <= 2:
            meet.wait(60)
        page("404 page not found", 404)(handler)

    server.pages[ROOT] = together

    def run(service: str) -> None:
        found[service] = gs.capture(server.url, service=service, every=0.2, count=3, to=tmp_path / "rec")

    threads = [threading.Thread(target=run, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in ("a", "b"):
        assert set(found[name].snapshots["service"]) == {name}
        assert len(found[name].snapshots) == 6
        assert len(found[name].goroutines) == 18
        assert len(found[name].metrics) == 3
    assert len(Recording.open(tmp_path / "rec").read().snapshots) == 12


def test_no_secret_is_stored_or_returned(server: PprofServer, tmp_path: Path) -> None:
    secrets = ("s3cret-password", "s3cret-query", "s3cret-header")
    url = f"http://{server.host}/debug/pprof/?token=s3cret-query"
    headers = {"X-Scope-OrgID": "s3cret-header"}
    dataset = gs.capture(url, auth=("me", "s3cret-password"), headers=headers, to=tmp_path / "rec")
    tables = [dataset.snapshots, dataset.issues, dataset.metrics, dataset.goroutines, dataset.stacks]
    files = [path.read_bytes() for path in (tmp_path / "rec").rglob("*") if path.is_file()]
    files += [gzip.decompress(data) for data in files if data.startswith(b"\x1f\x8b")]
    seen = "".join(table.to_csv() for table in tables) + b"".join(files).decode("utf-8", "replace")
    assert len(dataset.snapshots) == 3
    assert not [secret for secret in secrets if secret in seen]
