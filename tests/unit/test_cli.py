"""The command line: what it prints, what it refuses, and how it ends."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gostack_nb.cli import main

DUMP = (
    b"goroutine 1 [running]:\nmain.main()\n\t/srv/app/main.go:9 +0x1d\n\n"
    b"goroutine 7 [chan receive, 3 minutes]:\nmain.(*hub).loop(0x1)\n\t/srv/app/hub.go:41 +0x67\n"
    b"created by main.serve in goroutine 1\n\t/srv/app/main.go:7 +0x2b\n\n"
    b"goroutine 8 [chan receive, 5 minutes]:\nmain.(*hub).loop(0x2)\n\t/srv/app/hub.go:41 +0x67\n"
    b"created by main.serve in goroutine 1\n\t/srv/app/main.go:7 +0x2b\n"
)
HEAP = b"heap profile: 1: 64 [2: 128] @ heap/1048576\n1: 64 [1: 64] @ 0x1 0x2\n"


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "goroutine.txt"
    path.write_bytes(DUMP)
    return path


def test_show_prints_groups_with_state_wait_place_and_creator(dump: Path) -> None:
    result = run("show", str(dump))
    assert result.exit_code == 0
    words = ["3 goroutines in 2 groups", "chan receive", "3-5", "main.(*hub).loop", "/srv/app/hub.go:41", "main.serve"]
    for text in words:
        assert text in result.output


def test_show_reads_standard_input() -> None:
    result = run("show", "-", stdin=DUMP)
    assert result.exit_code == 0
    assert "3 goroutines" in result.output


def test_show_as_json_is_for_programs(dump: Path) -> None:
    found = json.loads(run("show", str(dump), "--json").output)
    assert [group["count"] for group in found["groups"]] == [2, 1]
    assert found["groups"][0]["wait_max"] == 5
    assert found["groups"][1]["wait_max"] is None
    assert found["snapshots"][0]["form"] == "debug=2"
    assert found["issues"] == []


@pytest.mark.parametrize(
    ("by", "groups"),
    [("signature", 2), ("stack", 2), ("function", 2), ("line", 2), ("state", 2), ("creator", 2), ("labels", 1)],
)
def test_show_by(dump: Path, by: str, groups: int) -> None:
    assert len(json.loads(run("show", str(dump), "--by", by, "--json").output)["groups"]) == groups


def test_show_top_adds_up_the_rest(dump: Path) -> None:
    assert "in 1 more group" in run("show", str(dump), "--top", "1").output


def test_show_state_is_compared_whole(dump: Path) -> None:
    assert "2 goroutines in 1 group" in run("show", str(dump), "--state", "chan receive").output
    refused = run("show", str(dump), "--state", "chan")
    assert refused.exit_code == 2
    assert "the states are: chan receive, running" in refused.output


def test_show_fits_into_eighty_columns(dump: Path) -> None:
    lines = run("show", str(dump)).output.splitlines()
    assert max(map(len, lines)) <= 80


def test_what_steers_a_terminal_is_shown_escaped() -> None:
    hostile = b"goroutine 7 [select]:\nmain.\x1b[2J[red]f()\n\t/srv/\x1b]0;x\x07.go:9 +0x1d\n"
    output = run("show", "-", stdin=hostile).output
    assert "\x1b[2J" not in output
    assert "\x07" not in output


BAD = {
    "empty.txt": (b"", "it is empty"),
    "login.html": (b"<!DOCTYPE html><html><body><form>Log in</form></body></html>", "HTML"),
    "heap.txt": (HEAP, "heap profile"),
    "truncated.gz": (gzip.compress(DUMP)[:12], "cut"),
    "notes.txt": (b"nothing of interest\n", "it begins with"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_status_2(tmp_path: Path, name: str) -> None:
    content, words = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    result = run("show", str(path))
    assert result.exit_code == 2
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert str(path) in result.output
    assert words in result.output
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("source", "words"),
    [("missing.txt", "missing.txt"), ("empty", "empty"), ("*.dump", "*.dump"), ("http://127.0.0.1:1/", "127.0.0.1:1")],
)
def test_a_source_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    result = run("show", source)
    assert result.exit_code == 2
    assert words in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_file_without_permission_is_named(monkeypatch: pytest.MonkeyPatch, dump: Path) -> None:
    """Root may read everything, so the refusal is made up here."""

    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        del self, args, kwargs
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    result = run("show", str(dump))
    assert result.exit_code == 2
    assert "ermission" in result.output


def test_one_bad_file_among_many_is_named_and_the_others_are_read(tmp_path: Path, dump: Path) -> None:
    (tmp_path / "bad.html").write_bytes(BAD["login.html"][0])
    result = run("show", str(tmp_path))
    assert result.exit_code == 0
    assert "3 goroutines" in result.output
    assert "HTML" in result.output
    assert "bad.html" in result.output.replace("\n", "").replace(" ", "")
    named_apart = run("show", str(dump), str(tmp_path / "missing.txt"))
    assert named_apart.exit_code == 0
    assert "missing.txt" in named_apart.output.replace("\n", "").replace(" ", "")


def test_help_names_the_commands() -> None:
    output = run("--help").output
    assert "\n  gostack-nb show goroutine.txt          a summary in the terminal\n" in output
    assert max(map(len, output.splitlines())) <= 80
    assert {"incident", "new", "lab"} <= set(output.split("Commands:")[1].split())


@pytest.mark.parametrize(
    "command",
    [
        ["show"],
        ["sweep"],
        ["incident", "--no-lab"],
        ["incident", "--no-lab", "--out"],
        ["new", "04", "--source"],
        ["lab"],
        ["report"],
        ["capture", "127.0.0.1:1", "--to"],
    ],
    ids=" ".join,
)
def test_a_name_longer_than_any_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*command, "a" * 300)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("gostack-nb: ")


@pytest.mark.parametrize("command", ["show", "suspects", "report"])
def test_ctrl_c_while_files_are_read_is_no_finding(monkeypatch: pytest.MonkeyPatch, dump: Path, command: str) -> None:
    """Status 1 would say that something was found."""

    def interrupt(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gostack_nb.reading.datasets.read", interrupt)
    result = run(command, str(dump))
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "gostack-nb: interrupted\n")


def test_incident_refuses_bad_input_before_it_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "login.html").write_bytes(BAD["login.html"][0])
    result = run("incident", "login.html", "--no-lab", "--out", "made")
    assert result.exit_code == 2
    assert "HTML" in result.output
    assert not (tmp_path / "made").exists()


def test_incident_does_not_write_into_a_folder_of_others(tmp_path: Path, dump: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "thesis.txt").write_text("mine")
    result = run("incident", str(dump), "--no-lab", "--out", str(tmp_path / "made"))
    assert result.exit_code == 2
    assert "holds other files" in result.output
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["thesis.txt"]


def test_after_alone_is_not_enough(dump: Path) -> None:
    result = run("incident", "--after", str(dump), "--no-lab")
    assert result.exit_code == 2
    assert "before the fix" in result.output


LOCKED = b"goroutine 7 [sync.Mutex.Lock, 3 minutes]:\nmain.(*store).put(0x1)\n\t/srv/app/store.go:41 +0x67\n"


def test_suspects_prints_verdicts_with_reasons() -> None:
    result = run("suspects", "-", stdin=LOCKED)
    assert result.exit_code == 0
    for words in ("1 suspect in 1 dump", "strong", "/srv/app/store.go:41", "waited for a lock"):
        assert words in result.output


def test_suspects_as_json() -> None:
    [row] = json.loads(run("suspects", "-", "--json", stdin=LOCKED).output)
    assert (row["verdict"], row["user_location"]) == ("strong", "/srv/app/store.go:41")


@pytest.mark.parametrize(("limit", "status"), [(None, 0), ("proven", 0), ("strong", 1), ("weak", 1), ("undecided", 1)])
def test_suspects_fails_on_a_finding(limit: str | None, status: int) -> None:
    chosen = [] if limit is None else ["--fail-on", limit]
    assert run("suspects", "-", "--json", *chosen, stdin=LOCKED).exit_code == status


def test_suspects_without_a_finding(dump: Path) -> None:
    assert run("suspects", str(dump), "--fail-on", "strong").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["suspects"], ["suspects", "missing.txt"], ["suspects", "-", "--fail-on", "sure"]]
)
def test_suspects_refuses_bad_input(arguments: list[str]) -> None:
    assert run(*arguments, stdin=LOCKED).exit_code == 2


def test_incident_takes_a_checkout_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def investigate(sources: object, **more: object) -> None:
        del sources
        asked.update(more)

    monkeypatch.setattr("gostack_nb.reports.investigation.investigate", investigate)
    assert run("incident", "--no-lab", "--source-root", str(tmp_path)).exit_code == 0
    assert asked["source_root"] == tmp_path
    refused = run("incident", "--no-lab", "--source-root", str(tmp_path / "gone"))
    assert refused.exit_code == 2
    assert "does not exist" in refused.output
