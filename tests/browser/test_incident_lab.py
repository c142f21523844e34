"""The guided incident as its reader sees it: `gostack-nb incident`, JupyterLab, Chromium."""

import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.browser.running import (
    STEP_MS,
    STOP_SECONDS,
    Lab,
    Seen,
    await_kernel,
    new_page,
    open_notebook,
    run_all,
    running_lab,
)

pytestmark = pytest.mark.browser

PICTURE = "guided-incident.png"
"""The file in `docs/_static`."""


@pytest.fixture
def opened(lab: Lab, page_and_seen: tuple[Any, Seen]) -> tuple[Any, Seen]:
    """Open the notebook of the incident."""
    open_notebook(page_and_seen[0], lab.address)
    return page_and_seen


def _shown(page: Any, text: str) -> None:
    """Scroll until the output with this text is there: Lab draws only the cells in view."""
    cells = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer")
    deadline = time.monotonic() + STEP_MS / 1000
    position = 0
    while not page.locator(".jp-OutputArea", has_text=text).count():
        assert time.monotonic() < deadline, f"{text!r} does not appear"
        position = (position + 600) % 9000
        cells.evaluate("(panel, top) => panel.scrollTo(0, top)", position)
        page.wait_for_timeout(150)


def test_the_story_is_there_when_the_notebook_opens(opened: tuple[Any, Seen], lab: Lab) -> None:
    page, seen = opened
    for text in ("go_goroutines went from 163 to 288", "29 readers, 29 writers and 154 ack loops", "flat at 163"):
        _shown(page, text)
    assert page.locator(".jp-Notification, .Toastify__toast").count() == 0
    page.screenshot(path=str(lab.folder / "opened.png"))
    assert seen.hosts <= {"127.0.0.1", "inline"}
    assert seen.errors == []


def test_every_cell_runs_again_in_the_browser(opened: tuple[Any, Seen]) -> None:
    page, seen = opened
    await_kernel(page)
    assert run_all(page)
    for text in ("these are 125 more", "for m := range c.pending", "flat at 163"):
        _shown(page, text)
    assert page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert seen.errors == []


def test_the_picture_of_the_readme_shows_question_answer_and_curve(lab: Lab, browser: Any) -> None:
    """Whoever changes what it shows runs `make picture`, and looks at it."""
    with new_page(browser) as (page, seen):
        page.set_viewport_size({"width": 1180, "height": 925})
        open_notebook(page, lab.address)
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        _shown(page, "go_goroutines went from 163 to 288")
        page.locator("h2", has_text="Is it leaking").evaluate("heading => heading.scrollIntoView()")
        page.locator(".jp-OutputArea img").first.wait_for()
        page.locator(".jp-Notebook .jp-WindowedPanel-outer").screenshot(path=str(lab.folder / PICTURE))
        assert seen.errors == []


def test_without_the_token_nobody_gets_in(lab: Lab) -> None:
    parts = urlsplit(lab.address)
    answer = requests.get(f"http://{parts.netloc}/api/contents", timeout=STOP_SECONDS)
    assert answer.status_code == 403


def test_ctrl_c_ends_server_and_command(tmp_path: Path) -> None:
    with running_lab(tmp_path) as running:
        address = urlsplit(running.address)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(STOP_SECONDS) == 0
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://{address.netloc}/api/status", timeout=5)
