"""Templates on dumps whose names are markup, formulas and Markdown: all is text, nothing runs, nothing is fetched."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest

from gostack_nb.reports.templates import Template, templates
from gostack_nb.reports.working_copies import Wanted, new_copy
from tests.browser.running import Lab, await_kernel, end_kernel, new_page, open_notebook, run_all

pytestmark = pytest.mark.browser

FOLDER = "a $x_1$ $$ `b` _a_ <img src=x onerror=pwned=1>"
"""Of notebook and dumps, so that it is in every path."""

FUNCTION = "main.(*T).f[<img/src=x/onerror=pwned=1>]"
CREATOR = "main.<script>pwned=1</script>"
FORMULA = "main.$x_1$$y$$.`b`._a_"
LABEL = "<img src=x onerror=pwned=1> $x_1$ $$ `b` _a_"
STACKS = (
    f"{FUNCTION}(...)\n\t/srv/$x_1$/_a_/<img src=x onerror=pwned=1>.go:233 +0x3",
    f"{FORMULA}(0x1)\n\t/srv/$$/`b`/$y$.go:13 +0x3",
)
GOROUTINE = """goroutine {} [chan receive, {} minutes] {{"{}": "{}"}}:
{}
created by {} in goroutine 1
\t/srv/app/<svg onload=pwned=1>.go:168 +0x2b6

"""

READ = {
    "01": (FUNCTION, FORMULA, CREATOR, FOLDER, "<img src=x onerror=pwned=1>.go:233"),
    "02": (FUNCTION, FORMULA, CREATOR, FOLDER, "<img src=x onerror=pwned=1>.go:233"),
    "04": (FUNCTION, FORMULA, CREATOR, FOLDER, "<img src=x onerror=pwned=1>.go:233"),
    "08": (FUNCTION, FOLDER, LABEL),
}
"""What is to be read in the outputs of each template."""

DRAW_ALL = """() => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.notebookConfig = {...notebook.notebookConfig, windowingMode: 'none'};
}"""
"""Else cells that are not in sight are not in the page."""

OUTPUTS = "() => [...document.querySelectorAll('.jp-CodeCell .jp-OutputArea')].map(one => one.innerText).join('\\n')"
FORMULAS = ".jp-OutputArea :is(mjx-container, .MathJax)"
LIVE = ".jp-OutputArea :is(script, [onerror], [onload], img[src=x])"
A_FORMULA = "from IPython.display import Markdown\nMarkdown('$z$')"
"""The last cell: once this is drawn as a formula, so would be all before it."""


def write_dumps(folder: Path) -> None:
    """Write three dumps, five minutes apart, in which both stacks grow, and a file that is named as no dump."""
    folder.mkdir(parents=True)
    for place in range(3):
        goroutines = (
            GOROUTINE.format(8 + one, 5 * place + 1, LABEL, LABEL, STACKS[one % 2], CREATOR)
            for one in range(6 * place + 6)
        )
        (folder / f"{1795424023 + 300 * place}.txt").write_text("".join(goroutines))
    (folder / "no dump.txt").write_text(LABEL)


@pytest.fixture(scope="module")
def folder(lab: Lab) -> Path:
    write_dumps(lab.folder / FOLDER / FOLDER)
    write_dumps(lab.folder / FOLDER / "fixed")
    return lab.folder / FOLDER


def copied(template: Template, folder: Path) -> Path:
    """Make a copy of a template on the dumps, with a formula at its end."""
    after = [str(folder / "fixed")] if "dumps_after_fix" in template.parameters() else []
    path = new_copy(template, folder, Wanted([str(folder / FOLDER)], after), report=str)
    notebook = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
    notebook.cells.append(nbformat.v4.new_code_cell(A_FORMULA))  # type: ignore[no-untyped-call]
    path.write_text(nbformat.writes(notebook), "utf-8")  # type: ignore[no-untyped-call]
    return path


@pytest.mark.parametrize("template", [one for one in templates() if one.number in READ], ids=lambda one: one.number)
def test_markup_and_dollars_stay_text(template: Template, folder: Path, lab: Lab, browser: Any) -> None:
    path = copied(template, folder)
    with new_page(browser) as (page, seen):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        open_notebook(page, lab.address_of(quote(path.relative_to(lab.folder).as_posix())))
        await_kernel(page)
        page.evaluate(DRAW_ALL)
        assert run_all(page) is True
        page.locator(FORMULAS).first.wait_for()
        text = page.evaluate(OUTPUTS)
        page.screenshot(path=str(lab.folder / f"{template.number} markup.png"))
        assert [wanted for wanted in READ[template.number] if wanted not in text] == []
        assert page.locator(FORMULAS).count() == page.locator(".jp-CodeCell").last.locator(FORMULAS).count()
        assert page.locator(LIVE).count() == 0
        assert page.evaluate("() => window.pwned === undefined")
        assert [url for url in asked if url.endswith("/x")] == []
        assert seen.hosts <= {"127.0.0.1", "inline"}
        assert seen.errors + seen.console == []
        end_kernel(page)
