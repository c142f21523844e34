"""The explorer as its user sees it: JupyterLab, Chromium, keyboard and mouse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.exploring import MARKUP, Explorer, harmless, shown, write_notebook
from tests.browser.running import Lab, new_page, open_notebook

pytestmark = pytest.mark.browser

LEAK = Path(__file__).parents[2] / "data" / "push-incident" / "leak"
MANY = 100_000

SHOW = f"import gostack_nb as gs\ndataset = gs.read({str(LEAK)!r})\nexplorer = gs.explore(dataset)\nexplorer"
SELECTED = "print(len(explorer.selected()), set(explorer.selected()['user_function'].dropna()), explorer.query)"
PASTED = (
    "again = gs.explore(dataset, query=explorer.query)\n"
    "print(again.selected().equals(explorer.selected()), gs.select(dataset, explorer.query).equals(again.selected()))"
)


@pytest.fixture(scope="module")
def incident(lab: Lab, browser: Any) -> Iterator[Explorer]:
    """Open a notebook with the recorded incident once for many tests."""
    address = write_notebook(lab, "explore.ipynb", SHOW, SELECTED, PASTED)
    with new_page(browser) as (page, seen):
        yield shown(page, seen, address)


@pytest.fixture
def explorer(incident: Explorer) -> Iterator[Explorer]:
    """Give a new explorer of the incident."""
    incident.run_cell(0)
    incident.rows.first.wait_for()
    yield incident
    assert incident.seen.errors + incident.seen.console == []
    assert incident.seen.hosts <= {"127.0.0.1", "inline"}


def test_a_filter_shows_its_rows_and_the_next_cell_reads_them(explorer: Explorer) -> None:
    explorer.control("state").select_option("chan receive")
    explorer.said("226 of")
    explorer.control("function").press_sequentially("ackloop")
    explorer.said("154 of 8,915 goroutines")
    explorer.queried('snapshot:latest state:"chan receive" function:ackloop')
    assert explorer.run_cell(1).startswith("154 {'main.(*session).ackLoop'} snapshot:latest")
    assert explorer.run_cell(2).strip() == "True True"


def test_a_wrong_filter_is_said_in_words_and_the_view_stays(explorer: Explorer) -> None:
    count = explorer.rows.count()
    explorer.control("query").fill("colour:red")
    problem = explorer.root.get_by_role("alert")
    problem.filter(has_text="'colour', which is no field; there are state, function").wait_for()
    assert explorer.rows.count() == count
    explorer.control("query").fill("function:/(/")
    problem.filter(has_text="no regular expression").wait_for()
    explorer.control("query").fill("snapshot:latest ackLoop")
    explorer.said("154 of")
    assert not problem.is_visible()


def test_rows_are_grouped_and_sorted(explorer: Explorer) -> None:
    explorer.control("group_by").select_option("creator")
    explorer.said("288 of 8,915 goroutines, in 1 of 40 snapshots; 5 groups")
    explorer.root.get_by_role("button", name="Goroutines").click()
    explorer.root.locator("th[aria-sort=descending]").wait_for()
    explorer.root.get_by_role("button", name="Goroutines").click()
    explorer.root.locator("th[aria-sort=ascending]").wait_for()
    assert explorer.rows.first.locator("td").first.inner_text() == "1"
    explorer.control("group_by").select_option("goroutine")
    explorer.root.locator(".gs-pager", has_text="page 1 of 12").wait_for()
    explorer.root.get_by_label("last page").click()
    explorer.root.locator(".gs-pager", has_text="page 12 of 12").wait_for()


def test_the_keyboard_opens_a_group_reads_a_member_and_comes_back(explorer: Explorer) -> None:
    page = explorer.page
    explorer.rows.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    detail = explorer.root.locator(".gs-detail")
    detail.locator("h4", has_text="154 goroutines in main.(*session).ackLoop").wait_for()
    creator = "created by main.(*server).startSession"
    for text in (creator, "29 → 154 (+125)", "stuck if its senders are gone", "proven"):
        assert text in detail.inner_text()
    assert detail.locator("svg circle").count() == 13
    page.keyboard.press("Tab")  # Keep only these
    page.keyboard.press("Tab")  # Close
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    detail.locator(".gs-text", has_text=f"{creator} in goroutine").wait_for()
    page.keyboard.press("Escape")
    detail.wait_for(state="detached")
    assert page.evaluate("() => document.activeElement.dataset.row") == "0"


def test_a_group_is_kept_alone(explorer: Explorer) -> None:
    explorer.rows.first.click()
    explorer.root.get_by_role("button", name="Keep only these").click()
    explorer.said("154 of 8,915 goroutines, in 1 of 40 snapshots; 1 group")
    assert "signature:" in explorer.control("query").input_value()
    assert explorer.run_cell(1).startswith("154 ")


def test_a_stack_folds_the_standard_library(explorer: Explorer) -> None:
    explorer.control("query").fill("snapshot:latest readLoop")
    explorer.said("29 of")
    explorer.rows.first.click()
    folded = explorer.root.locator(".gs-stack details").first
    folded.wait_for()
    assert "more (standard library)" in folded.inner_text()
    assert not folded.locator(".gs-frame").first.is_visible()
    folded.locator("summary").click()
    assert folded.locator(".gs-frame").first.is_visible()


def test_the_flame_graph_zooms_and_marks(explorer: Explorer) -> None:
    explorer.tab("flame")
    box = explorer.root.locator(".gs-box", has_text="deliverWorker")
    box.wait_for()
    before = box.bounding_box()["width"]
    box.click()
    explorer.said("main.(*server).deliverWorker: 71 of 288 goroutines")
    assert box.bounding_box()["width"] > 3 * before
    explorer.page.keyboard.press("Escape")
    assert abs(box.bounding_box()["width"] - before) < 1
    explorer.root.get_by_placeholder("mark functions").fill("ackloop")
    explorer.said("154 of 288 goroutines")
    assert explorer.root.locator(".gs-found").count() == 1


def test_two_snapshots_stand_side_by_side(explorer: Explorer) -> None:
    explorer.tab("sides")
    row = explorer.root.locator(".gs-table[aria-label='two snapshots'] tbody tr").first
    row.wait_for()
    assert row.locator("td").all_inner_texts()[:5] == ["29", "154", "+125", "125", "0"]


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_it_is_readable_in_both_themes(explorer: Explorer, lab: Lab, theme: str) -> None:
    explorer.rows.first.click()
    explorer.root.locator(".gs-detail h4").wait_for()
    change = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    explorer.page.evaluate(change, theme)
    explorer.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
    explorer.root.screenshot(path=str(lab.folder / f"explorer {theme}.png"))
    contrasts = explorer.page.evaluate(CONTRASTS)
    assert len(contrasts) > 50
    assert not [text for text, ratio in contrasts if ratio < 4.5]


CONTRASTS = """() => {
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => parts(colour).slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }).reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const behind = (node) => {
        for (; node; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor, [, , , alpha = 1] = parts(colour);
            if (alpha > 0.99) { return colour; }
        }
        return "rgb(255, 255, 255)";
    };
    const written = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    const nodes = [...document.querySelectorAll(".gs-explorer *")].filter((node) =>
        node.offsetParent && !node.disabled && written(node));
    return nodes.map((node) => {
        const [one, other] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
        return [node.textContent.slice(0, 40), (one + 0.05) / (other + 0.05)];
    });
}"""


def test_markup_and_dollars_stay_text_and_a_table_stands_where_no_kernel_is(lab: Lab, browser: Any) -> None:
    (lab.folder / "markup.txt").write_text(MARKUP)
    first = "import gostack_nb as gs\ndataset = gs.read('markup.txt')\ndataset"
    address = write_notebook(lab, "markup.ipynb", first, "gs.explore(dataset)", "gs.suspects(dataset)")
    with new_page(browser) as (page, seen):
        explorer = shown(page, seen, address)
        explorer.rows.first.click()
        explorer.root.locator(".gs-members tbody tr").first.click()
        explorer.root.locator(".gs-text", has_text='"$a$ b": "$x$ and $y$"').wait_for()
        assert "main.$x$y$" in explorer.root.inner_text()
        explorer.control("label").fill('"$a$ b"=$x$ and $y$')
        explorer.queried('label:"$a$ b"="$x$ and $y$"')
        explorer.said("1 of 1 goroutines")
        explorer.tab("flame")
        explorer.root.locator(".gs-box", has_text="<img/src=x").wait_for()
        explorer.tab("sides")
        explorer.root.locator(".gs-table[aria-label='two snapshots'] tbody tr").first.wait_for()
        assert page.locator(".gostack-static").is_hidden()
        assert "strong" in explorer.run_cell(2)
        assert "main.(*T).f[<img/src=x/onerror=pwned=1>]" in explorer.run_cell(2)
        assert "main.(*T).f[<img/src=x/onerror=pwned=1>]" in explorer.run_cell(0)
        assert harmless(page)
        assert seen.errors + seen.console == []
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        assert seen.hosts <= {"127.0.0.1", "inline"}
    with new_page(browser) as (page, seen):
        open_notebook(page, address)
        page.locator(".gostack-static td", has_text="main.(*T).f[<img/src=x").first.wait_for()
        assert harmless(page)


def test_a_hundred_thousand_goroutines_are_paged_in_the_kernel(lab: Lab, browser: Any) -> None:
    (lab.folder / "many.txt").write_text(many_goroutines())
    code = "import gostack_nb as gs\nexplorer = gs.explore(gs.read('many.txt'), group_by='goroutine')\nexplorer"
    address = write_notebook(lab, "many.ipynb", code)
    with new_page(browser) as (page, seen):
        received: list[int] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
        explorer = shown(page, seen, address)
        explorer.said(f"{MANY:,} of {MANY:,} goroutines")
        received.clear()
        texts = ("handle4", "handle42", "handle4", "/handle4.$/", "x1", "srv1")
        took = [page.evaluate(KEYSTROKE, text) for text in texts]
        filtered = sum(received) / len(took)
        explorer.control("query").fill("")
        explorer.said(f"{MANY:,} of {MANY:,} goroutines")
        explorer.root.get_by_label("last page").click()
        explorer.root.locator(".gs-pager", has_text="page 4,000 of 4,000").wait_for()
        assert sum(received) < 100_000, "the browser gets a page, not the table"
        assert seen.errors + seen.console == []
    measured = {"milliseconds": [round(one) for one in took], "bytes": round(filtered)}
    (lab.folder / "explorer measured.json").write_text(json.dumps(measured))


KEYSTROKE = """(text) => new Promise((answer) => {
    const said = document.querySelector(".gs-explorer .gs-said");
    const input = document.querySelector(".gs-explorer [name=function]");
    const began = performance.now();
    const seen = new MutationObserver(() => {
        seen.disconnect();
        requestAnimationFrame(() => answer(performance.now() - began));
    });
    seen.observe(said, { childList: true });
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def many_goroutines() -> str:
    states = ("chan receive", "select", "IO wait", "sync.Mutex.Lock", "chan send")
    return "".join(
        f"goroutine {number + 10} [{states[number % 5]}, {number % 90} minutes]:\n"
        f"main.(*Srv{number % 50}).handle{number % 500}(0x1)\n\t/srv/app/h{number % 50}.go:{10 + number % 500} +0x1d\n"
        f"net/http.(*conn).serve(0x1)\n\t/usr/local/go/src/net/http/server.go:2009 +0x5\n"
        f"created by main.start{number % 7} in goroutine 1\n\t/srv/app/main.go:{number % 500} +0x9\n\n"
        for number in range(MANY)
    )
