"""`gostack-nb report`: what is written, what is only previewed, and what is refused."""

import re
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook, new_output

from gostack_nb.cli import main

DUMP = b"""goroutine 1 [select]:
main.f(0x1)
\t/home/ada/src/push/main.go:7 +0x1d

goroutine 2 [IO wait, 3 minutes]:
main.g(0x1)
\t/home/ada/src/push/main.go:9 +0x1d
"""


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["report", *arguments], input=stdin, terminal_width=80)


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a dump in the working directory; charts are words here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gostack_nb.reports.postmortem.composing.drawn", lambda _, read: (read, b"\x89PNG"))
    Path("goroutine.txt").write_bytes(DUMP)
    return "goroutine.txt"


def test_a_report_is_written_and_its_name_is_printed(dump: str) -> None:
    result = run(dump, "--title", "Slow <push>", "--author", "A", "--note", "N1", "--note", "N2", "--action", "Do")
    assert result.exit_code == 0, result.output
    assert result.stdout == "postmortem.html\n"
    text = Path("postmortem.html").read_text("utf-8")
    for words in ("<h1>Slow &lt;push&gt;</h1>", "<dd>A</dd>", "<strong>N1</strong> N2", "<li>Do</li>"):
        assert words in text
    assert not re.search(r"\bada\b", text)


def test_dumps_after_the_fix_and_the_ending(dump: str) -> None:
    result = run(dump, "--after", dump, "-o", "new/wiki.md")
    assert result.exit_code == 0, result.output
    assert "## What the fix changed" in Path("new/wiki.md").read_text("utf-8")
    assert list(Path("new/wiki-charts").glob("*.png"))


def test_standard_input_is_a_source(dump: str) -> None:
    del dump
    result = run("-", "-o", "piped.html", stdin=DUMP)
    assert result.exit_code == 0, result.output
    assert "2 goroutines" in Path("piped.html").read_text("utf-8")


def test_keep_shows_what_is_hidden_else(dump: str) -> None:
    assert run(dump, "--keep", "users", "--keep", "build_paths").exit_code == 0
    assert "Kept as they are, as its authors chose: users and build paths." in Path("postmortem.html").read_text()


def test_preview_lists_values_and_writes_nothing(dump: str) -> None:
    result = run(dump, "--preview", "--after", dump)
    assert result.exit_code == 0, result.output
    assert "2 values would be hidden" in result.output
    assert "/home/ada/src/push" in result.output
    assert "build-1" in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert not Path("postmortem.html").exists()
    assert "1 value would be hidden" in run(dump, "--preview", "--keep", "build_paths").output
    assert "Nothing would be hidden" in run(dump, "--preview", "--keep", "build_paths", "--keep", "users").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.txt"], "absent.txt"),
        (["goroutine.txt", "-o", "report.docx"], "a report ends in .html, .md, .pdf"),
        (["goroutine.txt", "-o", "goroutine.txt/report.html"], "cannot be written"),
        (["goroutine.txt", "--keep", "names"], "'names' is not one of"),
        (["goroutine.txt", "--source-root", "absent"], "does not exist"),
        (["-", "--after", "-"], "standard input can be one side only"),
        ([], "Missing argument"),
        (["a.ipynb", "goroutine.txt"], "a notebook is exported alone"),
        (["a.ipynb", "--after", "goroutine.txt"], "only --output goes with it"),
        (["a.ipynb", "--keep", "users"], "only --output goes with it"),
        (["a.ipynb", "--preview"], "only --output goes with it"),
        (["a.ipynb", "--title", "T"], "only --output goes with it"),
        (["a.ipynb"], "a.ipynb: no such file"),
        (["empty.ipynb"], "empty.ipynb: cannot be read as a notebook"),
    ],
)
def test_bad_usage_and_bad_input_end_with_status_2(dump: str, arguments: list[str], words: str) -> None:
    del dump
    Path("empty.ipynb").touch()
    result = run(*arguments, stdin=DUMP)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert not Path("postmortem.html").exists()


def test_a_notebook_becomes_a_page(dump: str) -> None:
    del dump
    cell = new_code_cell("1 + 1", outputs=[new_output("execute_result", {"text/plain": "2"})])
    nbformat.write(new_notebook(cells=[cell]), "story.IPYNB")
    result = run("story.IPYNB", "-o", "story.html")
    assert (result.exit_code, result.stdout) == (0, "story.html\n")
    assert "default-src 'none'" in Path("story.html").read_text("utf-8")


def test_help_fits_80_columns() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    for word in ("--preview", "--keep", "--source-root", "nothing in it is hidden"):
        assert word in " ".join(result.output.split())
