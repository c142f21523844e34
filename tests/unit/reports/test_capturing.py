"""gostack-nb capture: what it prints, where it keeps, and how it ends."""

import json
import os
import signal
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gostack_nb.cli import main
from gostack_nb.errors import RecordingError
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.evidence import Evidence
from tests.unit.pprof_service import ROOT, UNKNOWN, PprofServer, go_pages, page, serving


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(go_pages()) as made:
        yield made


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["capture", *arguments])


def test_a_round_is_a_line_and_the_next_commands_are_named(server: PprofServer, folder: Path) -> None:
    result = run(server.host, "--to", "rec", "--every", "0.2s", "--count", "2")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:2] == [f"Capturing {server.host} every 0.2 s, 2 rounds", "into rec"]
    assert lines[2].split() == ["UTC", "goroutines", "change", "size", "taken"]
    rounds = [line.split()[1:] for line in lines if line.endswith(("metrics", "leaked"))]
    assert [words[0] for words in rounds] == ["3", "3"]
    assert rounds[0][-2:] == ["debug=1,0,2", "metrics"]
    assert rounds[1][1] == "+0"
    assert rounds[1][-4:] == ["debug=1,0,2", "metrics", "1", "leaked"]
    assert lines[-3].startswith("kept 2 rounds of 1 service: 9 files, ")
    assert lines[-2:] == ["  gostack-nb suspects rec", "  gostack-nb incident rec"]
    assert all(len(line) <= 80 for line in lines)
    assert len(Recording.open(folder / "rec").read().snapshots) == 5, "the profile without samples is no dump"


def test_without_a_folder_it_makes_one_and_says_which(server: PprofServer, folder: Path) -> None:
    result = run(server.host)
    (made,) = folder.iterdir()
    assert made.name.startswith(f"capture-{server.host.replace(':', '-')}-20")
    assert f"gostack-nb suspects {made.name}" in result.output


def test_what_is_missing_is_said_once(server: PprofServer) -> None:
    del server.pages["/metrics"]
    server.pages |= {f"{ROOT}goroutine 0": page("no", 403), f"{ROOT}goroutineleak 1": UNKNOWN}
    result = run(server.host, "--every", "0.2", "--count", "2", "--to", "rec")
    assert result.exit_code == 0
    words = " ".join(result.output.split())
    assert words.count("the server forbids it to these credentials (403") == 1
    assert words.count("/metrics: nothing is served at this path (404") == 1
    assert words.count("has no profile of this name") == 1


def test_several_services_have_a_column(server: PprofServer) -> None:
    result = run(server.host, "127.0.0.1:1", "--to", "rec")
    assert result.exit_code == 0
    assert "UTC       service" in result.output
    assert "nothing" in result.output
    assert "the connection is refused" in result.output
    assert "kept 1 round of 1 service" in result.output


def test_the_limit_is_said_and_force_takes_it(server: PprofServer) -> None:
    server.pages |= go_pages(20_001)
    refused, forced = run(server.host, "--to", "rec"), run(server.host, "--to", "rec", "--force")
    assert "debug=1,0 metrics" in refused.output
    assert "20,001 goroutines are above the limit of 20,000" in " ".join(refused.output.split())
    assert "debug=1,0,2 metrics" in forced.output
    assert "is likely to stop the service for about 0.4 s" in " ".join(forced.output.split())


def test_json_is_all_that_goes_to_standard_output(server: PprofServer) -> None:
    result = run(server.host, "--to", "rec", "--json")
    rows = json.loads(result.stdout)
    assert sorted(row["form"] for row in rows) == ["debug=1", "debug=2", "goroutineleak debug=1"]
    assert {row["instance"] for row in rows} == {server.host}
    assert "kept 1 round" in result.stderr


def test_no_service_is_status_2_and_leaves_nothing(folder: Path) -> None:
    result = run("127.0.0.1:1")
    assert result.exit_code == 2
    assert "gostack-nb: http://127.0.0.1:1/debug/pprof/: the connection is refused" in result.output
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument 'URL...'"),
        (["h", "--count", "3"], "several rounds are wanted, but not how far apart"),
        (["h", "--every", "soon"], "every='soon': not a span of time"),
        (["h", "--user", "me:pw"], "a name cannot hold a colon"),
        (["h", "--unix-socket", "/none/s"], "there is no socket at this path"),
    ],
)
def test_bad_usage_is_status_2(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_everything_kept(server: PprofServer, folder: Path, number: signal.Signals) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if server.asked_of("/metrics") == 2:  # before the answer: no third round can begin
            os.kill(os.getpid(), number)
        page(go_metrics)(handler)

    go_metrics = b"go_goroutines 3\n"
    server.pages["/metrics"] = answer
    result = run(server.host, "--every", "0.2", "--count", "30", "--to", "rec")
    assert result.exit_code == 0, result.output
    assert "ending: what is under way is finished" in result.output
    assert "interrupted after" in result.output
    forms = Recording.open(folder / "rec").read().snapshots["form"].astype("str").tolist()
    assert forms.count("debug=2") == 2
    assert forms.count("goroutineleak debug=1") == 1


def test_a_full_disk_is_an_error_that_says_where_the_rest_is(
    server: PprofServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Recording.put

    def fail_later(self: Recording, evidence: Evidence) -> str:
        if server.asked_of("/metrics") > 1:
            msg = f"{self.path}: no space is left on the device"
            raise RecordingError(msg)
        return put(self, evidence)

    monkeypatch.setattr(Recording, "put", fail_later)
    result = run(server.host, "--every", "0.2", "--count", "30", "--to", "rec")
    assert result.exit_code == 2
    assert "what came before is kept in rec" in result.output
    assert "gostack-nb: rec: no space is left on the device" in result.output


def test_the_pause_is_said_once(server: PprofServer) -> None:
    server.pages |= go_pages(10_000)
    result = run(server.host, "--every", "0.2", "--count", "2", "--to", "rec")
    assert " ".join(result.output.split()).count("is likely to stop the service for about 0.2 s") == 1


def test_a_signal_before_anything_came_is_status_130(server: PprofServer, folder: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        page("404 page not found", 404)(handler)

    server.pages = {ROOT: answer}
    result = run(server.host, "--to", "rec", "--every", "60")
    assert result.exit_code == 130
    assert "nothing had come by then" in result.output
    assert list(folder.iterdir()) == []
