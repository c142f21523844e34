"""Every template as its reader sees it: listed on the index, opened and run in JupyterLab."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from gostack_nb.reports.templates import Template, templates
from gostack_nb.reports.working_copies import INDEX, LAB_FOLDER, lab_copies
from tests.browser.running import ADDRESS, STOP_SECONDS, Lab, Seen, await_kernel, new_page, run_all

pytestmark = pytest.mark.browser

CURRENT = ".jp-NotebookPanel:not(.lm-mod-hidden)"

OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code')
    .flatMap(cell => cell.model.outputs.toJSON())"""

OPEN = """async path => {
    const panel = await window.jupyterapp.commands.execute('docmanager:open', {path: path});
    await panel.context.ready;
}"""

CLOSE = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await window.jupyterapp.commands.execute('docmanager:save');
    await panel.sessionContext.shutdown();
    panel.close();
}"""


@dataclass
class Opened:
    """The index in Lab, and what the browser has complained about since."""

    page: Any
    seen: Seen
    console: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def opened(lab: Lab, browser: Any) -> Iterator[Opened]:
    """Open the index, once for all templates."""
    lab_copies(lab.folder, report=str)
    with new_page(browser) as (page, seen):
        opened = Opened(page, seen)
        page.on("console", lambda line: opened.console.append(line.text) if line.type == "error" else None)
        page.goto(lab.address_of(f"{LAB_FOLDER}/{INDEX}"))
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        page.evaluate("async () => { await window.jupyterapp.restored; }")  # until then commands are missing
        yield opened


def test_the_index_is_a_page_whose_links_open_the_notebooks(opened: Opened, lab: Lab) -> None:
    links = opened.page.locator(".jp-MarkdownViewer table a")
    links.first.wait_for()
    assert links.all_inner_texts() == [f"{one.number} {one.title}" for one in templates()]
    opened.page.screenshot(path=str(lab.folder / "index.png"))
    links.nth(2).click()
    opened.page.wait_for_selector(f"{CURRENT} .jp-Cell")
    assert opened.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path").endswith("03-growth.ipynb")


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.number)
def test_every_cell_of_the_template_runs(opened: Opened, lab: Lab, template: Template) -> None:
    page = opened.page
    page.evaluate(OPEN, f"{LAB_FOLDER}/{template.file}")
    page.wait_for_selector(f"{CURRENT} .jp-Cell")
    await_kernel(page)
    assert run_all(page) is True
    outputs = page.evaluate(OUTPUTS)
    assert len(outputs) >= 5
    assert {one["output_type"] for one in outputs} <= {"execute_result", "display_data"}
    assert "application/vnd.jupyter.widget-view+json" not in json.dumps(outputs)
    page.screenshot(path=str(lab.folder / f"{template.number}.png"))
    page.evaluate(CLOSE)
    assert opened.seen.hosts <= {"127.0.0.1", "inline"}
    assert opened.seen.errors == []
    assert opened.console == []


def test_the_lab_command_serves_a_folder_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("gostack-nb")), "lab", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = next(match[0] for line in process.stdout if (match := ADDRESS.search(line)))
            parts = urlsplit(address)
            assert parts.path == f"/lab/tree/{LAB_FOLDER}/{INDEX}"
            asked = f"http://{parts.netloc}/api/contents/{LAB_FOLDER}/{INDEX}?content=0"
            assert requests.get(asked, timeout=STOP_SECONDS).status_code == 403
            assert requests.get(f"{asked}&{parts.query}", timeout=STOP_SECONDS).json()["name"] == INDEX
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(STOP_SECONDS) == 0
