"""`gs.monitor` as its user sees it: JupyterLab, Chromium, and a Go service that leaks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.running import Lab, Seen, await_kernel, open_notebook, run_all
from tests.live.push import CLIENTS, Service, running

pytestmark = [pytest.mark.browser, pytest.mark.live]

NOTEBOOK = "monitor.ipynb"
HOSTILE = "push<img src=x onerror=document.title='owned'> $a$ {b} & \"c\""
CELLS = (
    "import gostack_nb as gs\nmonitor = gs.monitor({url!r}, every=1.5, duration='2h', to='live', service={service!r})",
    "monitor",
)
FORMS = 3
"""Of dumps in each round."""

MOST_ACK_LOOPS = (
    "loops = monitor.dataset().goroutines.query(\"user_function == 'main.(*session).ackLoop'\")\n"
    "print(loops['snapshot_id'].value_counts().max())"
)
VIEW = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea .gostack-monitor"


@pytest.fixture
def service(program: Path) -> Iterator[Service]:
    with running(program) as started:
        yield started


def write_notebook(path: Path, cells: list[str]) -> None:
    """Write code cells without output."""
    made = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
        for n, cell in enumerate(cells)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


def in_kernel(page: Any, code: str) -> str:
    """Run code in the notebook's kernel beside its cells, and return what it prints."""
    return str(
        page.evaluate(
            """async code => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({code, store_history: false});
                let text = '';
                future.onIOPub = message => {
                    text += message.content.text || message.content.evalue || '';
                };
                await future.done;
                return text.trim();
            }""",
            code,
        )
    )


def run_cell(page: Any, number: int) -> None:
    page.evaluate(
        """async number => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = number;
            await window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        number,
    )


def wait_for(page: Any, text: str) -> None:
    page.locator(VIEW).get_by_text(text).first.wait_for()


def screenshots(page: Any, folder: Path, name: str) -> None:
    """Take a picture in each theme; whoever changes how it looks looks at them."""
    page.set_viewport_size({"width": 1280, "height": 1250})
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        page.locator(VIEW).scroll_into_view_if_needed()
        page.screenshot(path=str(folder / f"{name}-{theme.split()[1].lower()}.png"))


def test_a_leak_is_watched_from_start_to_stop(page_and_seen: tuple[Any, Seen], lab: Lab, service: Service) -> None:
    page, seen = page_and_seen
    page.on("console", lambda line: seen.errors.append(line.text) if line.type == "error" else None)
    write_notebook(lab.folder / NOTEBOOK, [cell.format(url=service.admin, service=HOSTILE) for cell in CELLS])
    open_notebook(page, lab.address_of(NOTEBOOK))
    await_kernel(page)
    assert run_all(page)
    view = page.locator(VIEW)

    wait_for(page, "not started")
    wait_for(page, HOSTILE)
    view.get_by_role("button", name="Start").click()
    view.locator("img").wait_for()
    wait_for(page, "(*session)")
    assert in_kernel(page, "print(monitor.running, len(monitor.dataset().goroutines) > 0)") == "True True"

    for _ in range(2):
        service.churn(CLIENTS)
        snapshots = int(in_kernel(page, "print(len(monitor.dataset().snapshots))"))
        while int(in_kernel(page, "print(len(monitor.dataset().snapshots))")) < snapshots + 2 * FORMS:
            page.wait_for_timeout(500)
    view.get_by_role("alert").filter(has_text="strong").filter(has_text="ack").wait_for()
    assert in_kernel(page, MOST_ACK_LOOPS) == str(3 * CLIENTS)

    picture = view.locator("img").get_attribute("src")
    view.get_by_placeholder("deployed fix").fill("deployed <b>fix</b> $1$")
    view.get_by_role("button", name="Mark").click()
    wait_for(page, "marked: deployed <b>fix</b> $1$")
    page.wait_for_function("([view, old]) => document.querySelector(`${view} img`).src !== old", arg=[VIEW, picture])
    assert in_kernel(page, "print(monitor.marks['text'].tolist())") == "['deployed <b>fix</b> $1$']"
    screenshots(page, lab.folder, "monitor")

    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    open_notebook(page, lab.address_of(NOTEBOOK).replace("?reset&", "?"))
    await_kernel(page)
    wait_for(page, "marked: deployed <b>fix</b> $1$")
    view.get_by_role("alert").filter(has_text="strong").wait_for()
    assert in_kernel(page, "print(monitor.running)") == "True"

    run_cell(page, 1)
    wait_for(page, "marked: deployed <b>fix</b> $1$")
    view.get_by_role("button", name="Stop").click()
    wait_for(page, "stopped after")
    wait_for(page, "proven")
    threads = "import threading; print([t.name for t in threading.enumerate() if t.name.startswith('monitor ')])"
    assert in_kernel(page, f"monitor.wait(); {threads}") == "[]"
    assert in_kernel(page, "print(set(monitor.suspects().head(1)['verdict']))") == "{'proven'}"
    screenshots(page, lab.folder, "monitor-stopped")
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    saved = (lab.folder / NOTEBOOK).read_text()
    assert "stopped after" in saved, "the file has the last state for where no kernel is"
    assert "data:image/png;base64," in saved

    assert view.locator("img:not([src^='blob:'])").count() == 0, "only the chart is a picture"
    assert page.locator(f"{VIEW} mjx-container").count() == 0
    assert page.title() != "owned"
    assert seen.hosts <= {"127.0.0.1", "inline"}
    assert seen.errors == []
