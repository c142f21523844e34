import io
import json
import tarfile
from pathlib import Path

import pytest

from benchmarks.accuracy import Case, Outcome, judge, main, misses, open_case, report

HEADER = (
    "goroutine {one} [{state}]:\nmain.{function}()\n\t/srv/main.go:9 +0x1d\n"
    "created by main.start in goroutine {by}\n\t/a.go:1 +0x1\n"
)


def dump(leaked: int) -> str:
    pool = [HEADER.format(one=one, state="select", function="pool", by=1) for one in range(2, 12)]
    leak = [HEADER.format(one=100 + 10 * n, state="chan send", function="leak", by=99 + n) for n in range(leaked)]
    return "\n".join([*pool, *leak])


def make_case(folder: Path, *, healthy: bool = False, leaked: int = 8) -> Path:
    folder.mkdir(parents=True)
    counts = [leaked - 5, leaked - 3, leaked]
    files = {f"t{n}.txt": dump(0 if healthy else count) for n, count in enumerate(counts)}
    files["leak.txt"] = "must never be read"
    with tarfile.open(folder / "dumps.tar.xz", "w:xz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    truth = {
        "kind": "healthy" if healthy else "embedded",
        "healthy": healthy,
        "seconds": [25, 85, 150],
        "leaked": [] if healthy else [{"loc": "/srv/main.go:9"}],
        "leaked_ids_last": [] if healthy else [100 + 10 * n for n in range(leaked)],
    }
    (folder / "truth.json").write_text(json.dumps(truth), "utf-8")
    return folder


def test_a_leak_is_a_hit_of_the_first_row(tmp_path: Path) -> None:
    series, one = judge(open_case(make_case(tmp_path / "c1")))
    assert (series.shown, series.hits, series.verdicts) == ("series", (1,), (("strong", "leaked"),))
    assert (one.shown, one.within(1)) == ("one dump", True)


def test_the_leak_profile_is_not_opened(tmp_path: Path) -> None:
    assert sorted(open_case(make_case(tmp_path / "c1")).dumps) == ["t0.txt", "t1.txt", "t2.txt"]


def test_a_healthy_case_has_no_alarm(tmp_path: Path) -> None:
    series, _ = judge(open_case(make_case(tmp_path / "c1", healthy=True)))
    assert not series.leaks
    assert not series.alarm


def test_what_did_not_leak_when_recorded_is_no_case(tmp_path: Path) -> None:
    case = open_case(make_case(tmp_path / "c1"))
    nothing = {**case.truth, "leaked": [], "leaked_ids_last": []}
    assert list(judge(Case(case.name, case.dumps, nothing))) == []


def test_the_report_counts() -> None:
    outcomes = [
        Outcome("c1", "A", "embedded", "series", True, (1,), (("strong", "leaked"),)),
        Outcome(
            "c2", "B", "embedded", "series", True, (3,), (("weak", "other"), ("weak", "other"), ("weak", "leaked"))
        ),
        Outcome("c3", "A", "pure", "series", True, (), ()),
        Outcome("c4", "A", "hard", "series", False, (), (("strong", "other"),)),
    ]
    text = report(outcomes, 4)
    assert "| embedded | 2 | 50.0 % (1) | 100.0 % (2) | 50.0 % (1) |" in text
    assert "| **all of these** | 2 |" in text
    assert "| half B | 1 | 0.0 % (0) | 100.0 % (1) | 0.0 % (0) |" in text
    assert "| pure, apart | 1 | 0.0 % (0) |" in text
    assert "| hard | 1 | 1 | 0 |" in text
    assert "| weak | 1 | 2 | 0 |" in text
    assert misses(outcomes, "B")["case"].tolist() == ["c2"]


def test_the_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_case(tmp_path / "cases" / "c1")
    make_case(tmp_path / "cases" / "c2", healthy=True)
    assert main([str(tmp_path / "cases"), "--out", str(tmp_path / "accuracy.md"), "--misses", "A"]) == 0
    assert "Judged 2 cases" in capsys.readouterr().out
    assert "Measured on 2 recorded programs" in (tmp_path / "accuracy.md").read_text("utf-8")


def test_no_folder_is_a_sentence_and_a_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GOSTACK_NB_CASES", raising=False)
    assert main(["--out", str(tmp_path / "accuracy.md")]) == 2
    assert capsys.readouterr().err.startswith("No folder of cases is named.")
    assert not (tmp_path / "accuracy.md").exists()


def test_the_environment_may_name_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOSTACK_NB_CASES", str(tmp_path))
    assert main([]) == 0
    assert f"there are no cases in {tmp_path}" in capsys.readouterr().out


def test_the_report_says_that_no_half_is_untouched() -> None:
    assert "Half B is not untouched" in report([], 0)


def test_no_cases_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--out", str(tmp_path / "accuracy.md")]) == 0
    assert "Skipped: there are no cases" in capsys.readouterr().out
    assert not (tmp_path / "accuracy.md").exists()
