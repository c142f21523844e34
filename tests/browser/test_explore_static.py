"""In the place of the explorer where nothing answers: a kernel that ended, no kernel, no trust, no scripts."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from tests.browser.exploring import MARKUP, Explorer, harmless, shown, write_notebook
from tests.browser.running import Lab, Seen, await_kernel, end_kernel, new_page, open_notebook

pytestmark = pytest.mark.browser

SENTENCE = "Run the cell in JupyterLab to filter, group and open it."
CONTROLS = ".jp-OutputArea-output :is(input, select, button, [tabindex])"
WIDGET = ".jp-OutputArea-output.jupyter-widgets"
CODE = "import gostack_nb as gs\ngs.explore(gs.read('static.txt'), query='f')"


@pytest.fixture(scope="module")
def executed(lab: Lab, browser: Any) -> Path:
    """Run a notebook with an explorer in JupyterLab, save it, and end its kernel."""
    (lab.folder / "static.txt").write_text(MARKUP)
    with new_page(browser) as (page, seen):
        explorer = shown(page, seen, write_notebook(lab, "static.ipynb", CODE))
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        end_kernel(page)
        nothing_pretends_to_work(explorer)
        page.locator(".jp-OutputArea").first.screenshot(path=str(lab.folder / "explorer ended.png"))
        assert_quiet(seen)
    return lab.folder / "static.ipynb"


def nothing_pretends_to_work(explorer: Explorer) -> None:
    """Wait for the words about the kernel, and find that nothing takes the focus while the table can be read."""
    explorer.root.get_by_role("alert").filter(has_text="The kernel that answers here is gone").wait_for()
    assert explorer.root.locator("[inert] [name=function]").count() == 1
    explorer.control("function").evaluate("node => node.focus()")
    assert explorer.page.evaluate("() => document.activeElement.name") != "function"
    assert explorer.rows.first.is_visible()
    assert explorer.page.locator(".gostack-static").is_hidden(), "one of both is enough"


def assert_table_stands(page: Any) -> None:
    """Look for the sentence and the table, and for nothing that could be clicked or that ran."""
    page.get_by_text(SENTENCE).wait_for()
    assert page.locator("td", has_text="main.(*T).f[<img/src=x").first.is_visible()
    assert page.locator(".gs-explorer").count() == 0
    assert page.locator(CONTROLS).count() == 0
    assert harmless(page)


def assert_quiet(seen: Seen) -> None:
    assert seen.hosts <= {"127.0.0.1", "inline"}
    assert seen.errors == []


def test_a_page_of_nbconvert_shows_the_table_and_no_control(executed: Path, browser: Any) -> None:
    page_text, _ = HTMLExporter().from_notebook_node(nbformat.read(executed, 4))  # type: ignore[no-untyped-call]
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())  # nbconvert's pages name scripts elsewhere
        page.set_content(page_text)
        page.get_by_text(SENTENCE).wait_for()
        assert page.locator("td", has_text="main.(*T).f[<img/src=x").first.is_visible()
        assert page.locator(CONTROLS).count() == 0
        page.screenshot(path=str(executed.with_name("explorer nbconvert.png")))
    finally:
        context.close()


def test_a_viewer_of_plain_outputs_finds_the_table(executed: Path) -> None:
    """GitHub shows of each output the richest form that it knows: HTML without scripts and styles, else text."""
    [cell] = nbformat.read(executed, 4).cells  # type: ignore[no-untyped-call]
    widget, static = cell.outputs
    assert widget["data"]["text/plain"].startswith("Explorer(query='f', group_by='group'): 1 of 1 goroutines")
    assert set(static["data"]) == {"text/html"}
    assert SENTENCE in static["data"]["text/html"]
    for part in ("<script", "<img", "<svg", "<button", "<input", "onclick"):
        assert part not in static["data"]["text/html"]


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "from somebody else"])
def test_a_notebook_opened_again_shows_the_table(executed: Path, lab: Lab, browser: Any, trusted: bool) -> None:
    notebook = nbformat.read(executed, 4)  # type: ignore[no-untyped-call]
    name = executed.name if trusted else "others.ipynb"
    if not trusted:
        notebook.metadata["from"] = "somebody else"  # so that its signature is not known
        executed.with_name(name).write_text(nbformat.writes(notebook), "utf-8")  # type: ignore[no-untyped-call]
    with new_page(browser) as (page, seen):
        open_notebook(page, lab.address_of(name))
        await_kernel(page)
        assert_table_stands(page)
        if trusted:  # else no style sheet counts, and the text of the widget is shown
            page.locator(WIDGET, has_text="model not found").wait_for(state="attached")
            assert page.locator(WIDGET).is_hidden(), "the table is enough"
        assert page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.trusted") is trusted
        page.locator(".jp-OutputArea").first.screenshot(path=str(executed.with_name(f"explorer trusted {trusted}.png")))
        end_kernel(page)
        assert_quiet(seen)
