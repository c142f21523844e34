"""The explorer with nothing but a keyboard, in JupyterLab and Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.exploring import Explorer, focused, press, shown, write_notebook
from tests.browser.running import Lab, new_page

pytestmark = pytest.mark.browser

LEAK = Path(__file__).parents[2] / "data" / "push-incident" / "leak"
SHOW = f"import gostack_nb as gs\nexplorer = gs.explore(gs.read({str(LEAK)!r}))\nexplorer"

CONTROLS = ["function", "package", "wait", "label", "snapshot", "verdict", "group_by", "query"]
VIEWS = ["table", "flame", "sides"]


@pytest.fixture(scope="module")
def incident(lab: Lab, browser: Any) -> Iterator[Explorer]:
    address = write_notebook(lab, "explore-by-keyboard.ipynb", SHOW)
    with new_page(browser) as (page, seen):
        yield shown(page, seen, address)


@pytest.fixture
def explorer(incident: Explorer) -> Iterator[Explorer]:
    """Give a new explorer, whose first control has the focus."""
    incident.run_cell(0)
    incident.rows.first.wait_for()
    incident.page.keyboard.press("Tab")
    incident.control("state").focus()
    yield incident
    cells = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    assert incident.page.evaluate(cells) == 1, "a key reached the notebook"
    assert incident.seen.errors + incident.seen.console == []


def row_of(explorer: Explorer) -> str:
    return str(explorer.page.evaluate("() => document.activeElement.dataset.row"))


def test_tab_goes_from_the_first_control_to_the_rows(explorer: Explorer) -> None:
    page = explorer.page
    assert focused(page) == "state"
    assert press(page, *["Tab"] * 11) == [*CONTROLS, *VIEWS]
    heads = explorer.root.locator("th button").count()
    assert press(page, *["Tab"] * heads)[0] == "sort:count"
    press(page, "Tab")
    assert row_of(explorer) == "0"
    press(page, "Shift+Tab")
    page.keyboard.press("Enter")  # sorts by the last column
    explorer.root.locator("th[aria-sort=descending], th[aria-sort=ascending]").wait_for()
    assert focused(page).startswith("sort:")


def test_choices_are_made_and_typed_by_keyboard(explorer: Explorer) -> None:
    page = explorer.page
    page.keyboard.type("chan")
    explorer.said("226 of")
    press(page, "Tab")
    page.keyboard.type("ackloop")
    page.keyboard.press("Tab")  # at once: what was typed still counts
    explorer.said("154 of 8,915 goroutines")
    explorer.queried('snapshot:latest state:"chan receive" function:ackloop')
    press(page, *["Tab"] * 6)
    assert focused(page) == "query"
    page.keyboard.press("Control+A")
    page.keyboard.type("readLoop snapshot:latest")
    explorer.said("29 of 8,915 goroutines, in 1 of 40 snapshots")


def test_keys_that_mean_something_to_jupyterlab_do_nothing_there(explorer: Explorer) -> None:
    for place in (explorer.control("verdict"), explorer.root.locator("button[data-tab=table]"), explorer.rows.first):
        place.focus()
        for key in ("a", "b", "x", "c", "v", "h", "y", "m"):
            explorer.page.keyboard.press(key)
    assert explorer.page.locator(".jp-Dialog").count() == 0


def test_arrow_keys_walk_the_rows_and_pages_keep_the_focus(explorer: Explorer) -> None:
    page = explorer.page
    explorer.control("group_by").select_option("goroutine")
    pager = explorer.root.locator(".gs-pager").first
    pager.filter(has_text="page 1 of 12").wait_for()
    explorer.rows.first.focus()
    press(page, "ArrowDown", "ArrowDown")
    assert row_of(explorer) == explorer.rows.nth(2).get_attribute("data-row")
    press(page, "Shift+Tab", "Tab")
    assert row_of(explorer) == explorer.rows.nth(2).get_attribute("data-row"), "Tab comes back to the same row"
    press(page, "End")
    assert row_of(explorer) == explorer.rows.nth(24).get_attribute("data-row")
    press(page, "Home", "PageDown")
    pager.filter(has_text="page 2 of 12").wait_for()
    assert row_of(explorer) == explorer.rows.first.get_attribute("data-row")
    press(page, "PageUp")
    pager.filter(has_text="page 1 of 12").wait_for()
    assert press(page, "Tab") == ["next page"]
    page.keyboard.press("Enter")
    pager.filter(has_text="page 2 of 12").wait_for()
    assert focused(page) == "next page"
    assert press(page, "Tab") == ["last page"]
    page.keyboard.press("Enter")
    pager.filter(has_text="page 12 of 12").wait_for()
    assert focused(page) == "first page", "a button that is off holds no focus"


def test_a_group_is_opened_read_and_kept_by_keyboard(explorer: Explorer) -> None:
    page = explorer.page
    explorer.control("query").fill("snapshot:latest readLoop")
    explorer.said("29 of")
    explorer.rows.first.focus()
    page.keyboard.press("Enter")
    detail = explorer.root.locator(".gs-detail")
    detail.locator("h4", has_text="29 goroutines in main.(*session).readLoop").wait_for()
    assert (
        explorer.root.get_by_role("grid", name="goroutines", exact=True).locator("tr[aria-selected=true]").count() == 1
    )
    assert press(page, "Tab", "Tab") == ["Keep only these", "Close"]
    press(page, "Tab")  # the folded calls
    page.keyboard.press("Enter")
    detail.locator(".gs-std .gs-frame").first.wait_for()
    press(page, "Tab", "ArrowDown")
    page.keyboard.press("Enter")
    detail.locator(".gs-text", has_text="created by main.(*server).startSession in goroutine").wait_for()
    assert press(page, "Tab") == ["next page"]
    page.keyboard.press("Enter")
    detail.locator(".gs-pager", has_text="page 2 of 3").wait_for()
    assert focused(page) == "next page"
    assert detail.locator(".gs-std .gs-frame").first.is_visible(), "what was unfolded stays so"
    page.keyboard.press("Escape")
    detail.wait_for(state="detached")
    assert row_of(explorer) == "0"
    page.keyboard.press("Enter")
    detail.wait_for()
    press(page, "Tab")
    page.keyboard.press("Enter")
    detail.wait_for(state="detached")
    assert "signature:" in explorer.control("query").input_value()
    assert row_of(explorer) == "0", "the focus is not lost with the group that closes"


def test_the_flame_graph_is_walked_by_keyboard(explorer: Explorer) -> None:
    page = explorer.page
    explorer.root.locator("button[data-tab=flame]").focus()
    page.keyboard.press("Enter")
    box = explorer.root.get_by_role("treeitem", name="main.(*server).deliverWorker")
    box.wait_for()
    narrow = box.bounding_box()["width"]
    assert press(page, "Tab", "Tab") == ["sides", "mark"]
    page.keyboard.type("deliver")
    explorer.said("marked: 71 of 288 goroutines")
    assert press(page, "Enter")[0].startswith("main.(*server).deliverWorker: 71 goroutines")
    page.keyboard.press("Enter")
    explorer.said("main.(*server).deliverWorker: 71 of 288 goroutines")
    assert box.bounding_box()["width"] > 3 * narrow
    page.keyboard.press("Backspace")
    assert abs(box.bounding_box()["width"] - narrow) < 1
    first, second = press(page, "Home", "ArrowRight")
    assert first.startswith("main.(*session).ackLoop")
    assert second.startswith("main.(*server).deliverWorker")
    below, deeper, up, back = press(page, "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft")
    assert below == up
    assert deeper.startswith("bufio.")
    assert back == second
    page.keyboard.press("Enter")
    assert box.bounding_box()["width"] > 3 * narrow
    names = press(page, "Shift+Tab", "Shift+Tab")
    assert names == ["all", "out"]
    page.keyboard.press("Enter")
    assert abs(box.bounding_box()["width"] - narrow) < 1
    assert focused(page).startswith("main.(*server).deliverWorker"), "the button is off now"
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert abs(box.bounding_box()["width"] - narrow) < 1


def test_two_snapshots_are_reached_by_keyboard(explorer: Explorer) -> None:
    page = explorer.page
    explorer.root.locator("button[data-tab=sides]").focus()
    page.keyboard.press("Enter")
    explorer.root.locator(".gs-table[aria-label='two snapshots'] tbody tr").first.wait_for()
    assert press(page, "Tab", "Tab", "Tab") == ["before", "after", "two snapshots, side by side"]
