"""The magic in a real IPython shell: what it shows, what it returns, what it refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from gostack_nb.model.dataset import Dataset

DUMP = (
    b"goroutine 1 [running]:\nmain.main()\n\t/srv/app/main.go:9 +0x1d\n\n"
    b"goroutine 7 [chan receive, 3 minutes]:\nmain.(*hub).loop(0x1)\n\t/srv/app/hub.go:41 +0x67\n"
    b"created by main.serve in goroutine 1\n\t/srv/app/main.go:7 +0x2b\n\n"
    b"goroutine 8 [chan receive, 5 minutes]:\nmain.(*hub).loop(0x2)\n\t/srv/app/hub.go:41 +0x67\n"
    b"created by main.serve in goroutine 1\n\t/srv/app/main.go:7 +0x2b\n"
)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A shell without the history and files of the user; IPython itself ends it with the process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))


@pytest.fixture
def shell(started: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """The shell in a folder with dumps, the extension loaded."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my dumps").mkdir()
    (tmp_path / "my dumps" / "1.txt").write_bytes(DUMP)
    (tmp_path / "page.html").write_text("<html>")
    started.user_ns.pop("dataset", None)
    started.run_line_magic("load_ext", "gostack_nb")
    yield started
    started.run_line_magic("unload_ext", "gostack_nb")
    assert "goroutines" not in started.magics_manager.magics["line"]


def run(shell: InteractiveShell, code: str, capsys: pytest.CaptureFixture[str]) -> tuple[bool, str, str]:
    result = shell.run_cell(code)
    shown = capsys.readouterr()
    return bool(result.success), shown.out, shown.err


def test_it_shows_a_summary_and_returns_the_dataset(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    done, shown, errors = run(shell, "dataset = %goroutines 'my dumps'", capsys)
    assert done
    assert errors == ""
    for words in ("3 goroutines in 2 groups", "chan receive", "main.(*hub).loop"):
        assert words in shown
    dataset = shell.user_ns["dataset"]
    assert isinstance(dataset, Dataset)
    assert len(dataset.goroutines) == 3


def test_options(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    _, shown, _ = run(shell, "folder = 'my dumps'\n_ = %goroutines --by state --top 1 '{folder}/1.txt'", capsys)
    assert "mostly main.(*hub).loop" in shown
    assert "in 1 more group" in shown


def test_a_semicolon_leaves_the_result_out(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    done, shown, _ = run(shell, "%goroutines 'my dumps';", capsys)
    assert done
    assert "3 goroutines" in shown
    assert "Dataset" not in shown


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nowhere", "nowhere: "),
        ("page.html", "not a goroutine dump"),
        ("", "the following arguments are required: SOURCE. Hint: %goroutines SOURCE..."),
        ("'my dumps' --by colour", "invalid choice: 'colour'"),
        ("'my dumps' --top 0", "'0' is no number of groups"),
        ("'my dumps' --wrong", "unrecognized arguments: --wrong"),
        ("'my dumps", "No closing quotation"),
    ],
)
def test_errors_are_one_sentence(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    done, shown, errors = run(shell, f"dataset = %goroutines {line}", capsys)
    assert not done
    assert words in errors
    assert len(errors.splitlines()) == 1
    assert "Traceback" not in shown + errors
    assert "dataset" not in shell.user_ns
