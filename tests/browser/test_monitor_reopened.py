"""`gs.monitor` where things go wrong: the service goes, the page is loaded anew, the tab is closed, the kernel ends."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from nbconvert import HTMLExporter

from gostack_nb.reports.notebook_page import export_notebook
from tests.browser.running import STEP_MS, Lab, Seen, await_kernel, new_page, open_notebook, run_all
from tests.browser.test_monitor import HOSTILE, VIEW, in_kernel, run_cell, wait_for, write_notebook
from tests.unit.pprof_service import ROOT, PprofServer, debug2, go_pages, page, serving

pytestmark = pytest.mark.browser

NOTEBOOK = "watched.ipynb"
GONE = ".jp-OutputArea-output.jupyter-widgets"
"""What JupyterLab shows in the place of a widget whose kernel is gone: "model not found"."""

PAGE = ".jp-NotebookPanel:not(.lm-mod-hidden) .gostack-monitor-page"
FUNCTION, FILE = "main.f<script>$x$", "<img src=x onerror=document.title='owned'>$y$.go"
LAB_ITSELF = "Could not restore the debugger state"
"""JupyterLab says so of any notebook that is loaded anew while its kernel answers slowly."""

MAKE = """import gostack_nb as gs
monitor = gs.monitor({url!r}, every=0.5, duration='2h', to='watched', service={service!r}, deadline=8)
monitor"""
OPEN = """async path => {
    const panel = await window.jupyterapp.commands.execute('docmanager:open', {path: path});
    await panel.context.ready;
    await panel.sessionContext.ready;
}"""
CLOSE_TAB = "() => window.jupyterapp.commands.execute('application:close')"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
UNTRUSTED = "() => !window.jupyterapp.shell.currentWidget.content.widgets[0].model.trusted"


@pytest.fixture
def server() -> Iterator[PprofServer]:
    stuck = debug2(30).replace(b"chan receive", b"sync.Mutex.Lock, 3 minutes")
    hostile = stuck.replace(b"main.(*hub).loop", FUNCTION.encode()).replace(b"hub.go", FILE.encode())
    with serving({**go_pages(30), f"{ROOT}goroutine 2": page(hostile)}) as made:
        yield made


def until(page: Any, true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    for _ in range(STEP_MS // 200):
        if true():
            return
        page.wait_for_timeout(200)
    pytest.fail("it never holds")


def pressed_and_typed(page: Any, text: str) -> None:
    """Mark with the button, as proof that it works."""
    view = page.locator(VIEW)
    view.get_by_placeholder("deployed fix").fill(text)
    view.get_by_role("button", name="Mark").click()
    wait_for(page, f"marked: {text}")


def test_it_goes_on_through_whatever_happens(
    page_and_seen: tuple[Any, Seen], lab: Lab, server: PprofServer, browser: Any
) -> None:
    page, seen = page_and_seen
    address = lab.address_of(NOTEBOOK)
    write_notebook(lab.folder / NOTEBOOK, [MAKE.format(url=server.url, service=HOSTILE), "6 * 7"])
    open_notebook(page, address)
    await_kernel(page)
    assert run_all(page)
    view = page.locator(VIEW)
    view.get_by_role("button", name="Start").click()
    view.get_by_role("alert").filter(has_text=FUNCTION).wait_for()
    view.locator("img").wait_for()
    assert page.locator(PAGE).is_hidden(), "one of both is enough"

    run_cell(page, 1)
    page.get_by_text("42", exact=True).wait_for()
    assert in_kernel(page, "print(monitor.running)") == "True", "other cells run meanwhile"
    the_service_goes_and_comes_back(page, server)

    page.evaluate(SAVE)
    page.reload()
    open_notebook(page, address.replace("?reset&", "?"))
    await_kernel(page)
    view.get_by_role("alert").filter(has_text=FUNCTION).wait_for()
    pressed_and_typed(page, "after the reload")

    page.evaluate(CLOSE_TAB)
    page.locator(VIEW).wait_for(state="detached")
    page.evaluate(OPEN, NOTEBOOK)
    view.locator("img").wait_for()
    wait_for(page, "marked: after the reload")
    pressed_and_typed(page, "after the tab")

    assert in_kernel(page, "monitor.stop(); print(monitor.wait())") == "True"
    run_cell(page, 0)
    stop_ends_a_request_that_hangs(page, server)
    assert page.title() != "owned"
    assert page.locator(f"{VIEW} mjx-container").count() == 0
    assert seen.hosts <= {"127.0.0.1", "inline"}
    assert seen.errors == []
    assert [line for line in seen.console if not line.startswith(LAB_ITSELF)] == []
    page.evaluate(SAVE)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    reopened_without_its_kernel(browser, lab, address)
    exported_it_keeps_its_text(lab.folder / NOTEBOOK, lab.folder)


def the_service_goes_and_comes_back(page: Any, server: PprofServer) -> None:
    pages = server.pages

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    for words, answer in (("401", page_of(401)), ("500", page_of(500)), ("Problem:", refuse)):
        server.pages = dict.fromkeys(pages, answer)
        page.locator(VIEW).get_by_role("status").filter(has_text=words).wait_for()
        server.pages = pages
        page.locator(VIEW).get_by_role("status").wait_for(state="detached")


def page_of(status: int) -> Callable[[BaseHTTPRequestHandler], None]:
    return page(b"no", status)


def stop_ends_a_request_that_hangs(browser_page: Any, server: PprofServer) -> None:
    """Start anew, press Stop while debug=2 hangs, and see it end without another question but the leak profile's."""
    hanging, release = Event(), Event()

    def hang(_handler: BaseHTTPRequestHandler) -> None:
        hanging.set()
        release.wait()

    view = browser_page.locator(VIEW)
    wait_for(browser_page, "not started")
    view.get_by_role("button", name="Start").click()
    view.locator("img").wait_for()
    server.pages = {**server.pages, f"{ROOT}goroutine 2": hang}
    until(browser_page, hanging.is_set)
    view.get_by_role("button", name="Stop").click()
    wait_for(browser_page, "stopping: what is under way is finished, 8 s at most")
    wait_for(browser_page, "stopped after")
    release.set()
    assert server.asked[-1] in {f"{ROOT}goroutine 2", f"{ROOT}goroutineleak 1"}
    assert in_kernel(browser_page, "print(monitor.wait(), monitor.running)") == "True False"


def reopened_without_its_kernel(browser: Any, lab: Lab, address: str) -> None:
    """Open the file where another kernel runs, once as its author and once as somebody who does not trust it."""
    told = json.loads((lab.folder / NOTEBOOK).read_text())
    assert "stopped after" in json.dumps(told)
    told["metadata"]["from"] = "somebody else"  # so that its signature is not known
    (lab.folder / f"strange-{NOTEBOOK}").write_text(json.dumps(told))
    for name in (NOTEBOOK, f"strange-{NOTEBOOK}"):
        with new_page(browser) as (page, seen):
            open_notebook(page, address.replace(NOTEBOOK, name).replace("watched?", f"{Path(name).stem}?"))
            await_kernel(page)
            last = page.locator(PAGE) if name == NOTEBOOK else page.locator(".jp-OutputArea .jp-RenderedHTMLCommon")
            last.get_by_text("stopped after").wait_for()
            assert FUNCTION in last.first.inner_text()
            assert HOSTILE in last.first.inner_text()
            last.locator("img").first.wait_for()
            assert page.evaluate(UNTRUSTED) is (name != NOTEBOOK)
            if name == NOTEBOOK:
                page.locator(GONE).wait_for(state="attached")
                assert page.locator(GONE).is_hidden(), "the page is enough"
            page.screenshot(path=str(lab.folder / f"{Path(name).stem}-without-kernel.png"))
            assert page.title() != "owned"
            assert page.locator(".jp-OutputArea mjx-container").count() == 0
            assert seen.hosts <= {"127.0.0.1", "inline"}
            assert seen.errors == []


def exported_it_keeps_its_text(notebook: Path, folder: Path) -> None:
    exported: str = HTMLExporter().from_filename(str(notebook))[0]  # type: ignore[no-untyped-call]
    for html in (exported, export_notebook(notebook, folder / "watched.html").read_text()):
        assert "stopped after" in html
        assert "data:image/png;base64," in html
        assert "main.f&lt;script&gt;$x$" in html
        assert "<img src=x" not in html
