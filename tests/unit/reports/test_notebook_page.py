"""An executed notebook as a page: what stays, what is taken away, and that nothing in it runs or asks."""

import re
from base64 import b64encode
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from gostack_nb.errors import ExportError, SourceError
from gostack_nb.reports.notebook_page import WIDGET_VIEW, export_notebook
from gostack_nb.reports.postmortem import printing

PNG = b64encode(b"\x89PNG\r\n").decode()
HOSTILE = (
    '<table class="dataframe"><tr><td onclick="alert(1)">154</td></tr></table>'
    "<script>alert(2)</script><img src='http://evil.example/x.png' onerror='alert(3)'>"
    "<p style='color: red; background: u\\72l(http://evil.example/y.png)'>red</p>"
    "<p style='line-height: 1.5; background: var(--box, #fff)'>boxed</p>"
    "<iframe src='http://evil.example/'></iframe><a href='javascript:alert(4)'>here</a>"
)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """Write a notebook with a table, a figure, prints, an error, widgets and hostile outputs."""
    outputs = [
        new_output("execute_result", {"text/plain": "table", "text/html": HOSTILE}),
        new_output("display_data", {"image/png": PNG, "text/plain": "<Axes>"}),
        new_output("stream", name="stdout", text="main.<b>printed</b>\n"),
        new_output("error", ename="ValueError", evalue="<i>bad</i>", traceback=["ValueError: <i>bad</i>"]),
        new_output("display_data", {WIDGET_VIEW: {"model_id": "m"}, "text/html": "<p>what the widget shows</p>"}),
        new_output("display_data", {WIDGET_VIEW: {"model_id": "m"}}),
        new_output("display_data", {"application/javascript": "alert(5)"}),
        new_output("display_data", {"image/svg+xml": "<svg onload='alert(7)'><text>drawn</text></svg>"}),
    ]
    cells = [
        new_markdown_cell("# Story\n\nProse, $x^2$ and <script>alert(6)</script>."),
        new_code_cell("gs.suspects(dataset)", outputs=outputs),
        new_code_cell("never_run()"),
    ]
    notebook = new_notebook(cells=cells, metadata={"widgets": {"application/x": {"state": "secret-state"}}})
    path = tmp_path / "a <b>story.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def page(story: Path, tmp_path: Path) -> str:
    return export_notebook(story, tmp_path / "new" / "story.html").read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        "<h1>Story</h1>",
        "Prose, $x^2$ and ",
        "gs",
        "154</td>",
        "<p>red</p>",
        '<p style="line-height: 1.5; background: var(--box, #fff);">boxed</p>',
        f"data:image/png;base64,{PNG}",
        "what the widget shows",
        "main.&lt;b&gt;printed&lt;/b&gt;",
        "<title>a &lt;b&gt;story</title>",
        '<img alt="" src="data:image/svg+xml;base64,',
    ],
)
def test_prose_code_tables_figures_and_prints_stay(page: str, words: str) -> None:
    assert words in page


@pytest.mark.parametrize(
    "words",
    [
        "<script",
        "<iframe",
        "onclick",
        "onerror",
        "javascript:",
        "widget-view",
        "secret-state",
        "evil.example",
        "<i>bad",
        "alert(5)",
        "unpkg",
        "cdn.",
        "mathjax",
        "require.js",
    ],
)
def test_what_could_run_or_ask_is_gone(page: str, words: str) -> None:
    assert words not in page.lower()


def test_the_policy_forbids_what_is_left(page: str) -> None:
    assert "default-src 'none'; img-src data:;" in page
    assert "script-src" not in page
    assert not re.search("https?:", page)


def test_two_exports_are_the_same(story: Path, tmp_path: Path, page: str) -> None:
    assert export_notebook(story, tmp_path / "again.html").read_text("utf-8") == page


def test_a_notebook_that_was_not_run_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "new.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), path)
    with pytest.raises(SourceError, match=r"has no outputs\. Hint: run it"):
        export_notebook(path, tmp_path / "new.html")


@pytest.mark.parametrize("content", [None, b"", b"{}", b"goroutine 1 [select]:\n", b"\xff\xfe", b'{"nbformat": 99}'])
def test_what_is_no_notebook_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad.ipynb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"bad\.ipynb: .*Hint"):
        export_notebook(path, tmp_path / "bad.html")


def test_other_endings_are_an_error(story: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"exported as \.html or \.pdf. Hint: --output story\.html"):
        export_notebook(story, tmp_path / "story.md")


def test_a_pdf_needs_chromium(story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing.shutil, "which", lambda _: None)
    with pytest.raises(ExportError, match="PDF needs Chromium"):
        export_notebook(story, tmp_path / "story.pdf")


def test_a_folder_that_cannot_be_written_is_an_error(story: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        export_notebook(story, story / "story.html")
