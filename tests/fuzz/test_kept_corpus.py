"""The kept corpus without a fuzzer: every input that ever reached new code, and every finding, through its target."""

import random
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz import kept
from tests.fuzz.__main__ import ROOT, Folders
from tests.fuzz.kept import MOST_BYTES, archive_of, keep_inputs, kept_inputs
from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import TARGETS, Target, named
from tests.fuzz.words import dictionary

MOST_BYTES_OF_ALL = 1_500_000

MOST_SEEDS = 60
"""Of one target: the fuzzer runs all of them, and other tests read the real dumps among them."""

NAMES = [target.name for target in TARGETS]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_kept_inputs_keep_the_promise(target: Target) -> None:
    for name, data in kept_inputs(target.name).items():
        _run(target, data, f"{name} of {archive_of(target.name).name}")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_seeds_keep_the_promise(target: Target) -> None:
    for number, data in enumerate(islice(seeds_of(target), MOST_SEEDS)):
        _run(target, data, f"seed {number}")


def _run(target: Target, data: bytes, name: str) -> None:
    try:
        target.run(data)
    except Exception as error:
        error.add_note(f"{target.name}, {name}: {data[:200]!r}")
        raise


def test_every_target_has_an_archive_and_all_are_small() -> None:
    archives = sorted(kept.FOLDER.iterdir())
    assert [path.stem for path in archives] == sorted(NAMES)
    sizes = [path.stat().st_size for path in archives]
    assert max(sizes) <= 2 * MOST_BYTES
    assert sum(sizes) <= MOST_BYTES_OF_ALL


def test_names_of_targets_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(KeyError, match="there are dumps, "):
        named("nothing")


def test_equal_inputs_give_equal_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    assert keep_inputs("one", [b"b", b"", b"a", b"b"]) == 3
    first = archive_of("one").read_bytes()
    assert keep_inputs("one", kept_inputs("one").values()) == 3
    assert archive_of("one").read_bytes() == first
    assert list(kept_inputs("one").values()) == [b"", b"a", b"b"]


def test_an_archive_grows_no_further_than_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    noise = random.Random(0)  # noqa: S311 - what cannot be packed
    assert keep_inputs("one", [noise.randbytes(MOST_BYTES // 4) for _ in range(20)]) == 4
    assert archive_of("one").stat().st_size < 2 * MOST_BYTES


def test_words_are_written_as_libfuzzer_reads_them() -> None:
    lines = dictionary().splitlines()
    assert r'"\xfd7zXZ\x00"' in lines
    assert r'"#\x090x1\x09main.ack+0x1d\x09/srv/main.go:9\x0a"' in lines
    assert all(re.fullmatch(r'"(?:[^"\\]|\\x[0-9a-f]{2})+"', line) for line in lines)


def test_a_finding_is_named_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(_: Target, folders: Folders, __: list[str]) -> int:
        (folders.findings / "crash-1").write_bytes(b"x")
        (folders.log / "fuzz.log").write_text("#7 DONE cov: 3 ft: 55 corp: 1\nstat::number_of_executed_units: 1234\n")
        return 77

    monkeypatch.setattr(fuzz, "_run", crash)
    monkeypatch.setattr(fuzz, "find_spec", bool)
    monkeypatch.setattr("sys.argv", ["fuzz", "labels", "--seconds", "1", "--work", str(tmp_path)])
    monkeypatch.setenv("COLUMNS", "200")
    assert fuzz.main() == 1
    printed = capsys.readouterr().out
    assert f"{tmp_path}/findings/labels/crash-1" in printed.replace("\n", "")
    assert "1,234" in printed
    assert " 55 " in printed


def test_a_target_that_there_is_not_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["fuzz", "nothing"])
    with pytest.raises(SystemExit, match="2"):
        fuzz.main()
    assert "no target 'nothing'; there are dumps, " in capsys.readouterr().err


def test_atheris_runs_a_target(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris exists for Linux on x86-64, up to Python 3.13")
    command = [sys.executable, "-m", "tests.fuzz", "labels", "--seconds", "1", "--work", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert (done.returncode, "none" in done.stdout) == (0, True), done.stdout + done.stderr
    assert any((tmp_path / "corpus" / "labels").iterdir()), "what reaches new code is kept"
