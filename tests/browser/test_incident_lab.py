"""The guided incident as its reader sees it: `gostack-nb incident`, JupyterLab, Chromium."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pytest
import requests

pytestmark = pytest.mark.browser

START_SECONDS = 180
STEP_MS = 120_000
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab/tree/\S+")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Lab:
    """A running `gostack-nb incident`: its process, the address that it printed, its folder."""

    process: subprocess.Popen[str]
    address: str
    folder: Path


@dataclass
class Seen:
    """What the browser asked for and complained about."""

    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """Start the command in an environment of its own and end it by its process id."""
    private = {f"JUPYTER_{name}_DIR": str(folder / "jupyter" / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    private |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "jupyter" / "settings")}
    private |= {"JUPYTERLAB_WORKSPACES_DIR": str(folder / "jupyter" / "workspaces")}
    private |= {"IPYTHONDIR": str(folder / "ipython"), "MPLCONFIGDIR": str(folder / "mpl")}
    (folder / "jupyter" / "config").mkdir(parents=True)
    exposed = {"LabApp": {"expose_app_in_browser": True}}  # lets the test run Lab's own commands
    (folder / "jupyter" / "config" / "jupyter_lab_config.json").write_text(json.dumps(exposed))
    command = [str(Path(sys.executable).with_name("gostack-nb")), "incident", "--out", str(folder / "made")]
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    with subprocess.Popen(command, env={**environment, **private}, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Lab(process, _address(process.stdout), folder / "made")
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(60)


def _address(output: IO[str]) -> str:
    """Read lines until the address comes; a watchdog bounds the wait."""
    found: list[str] = []

    def read() -> None:
        for line in output:
            if match := ADDRESS.search(line):
                found.append(match[0])
                return

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(START_SECONDS)
    assert found, "the command printed no address"
    return found[0]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def opened(lab: Lab, chromium: str) -> Iterator[tuple[Any, Seen]]:
    """Open the notebook and wait until its kernel answers."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an optional part of the set-up

    seen = Seen()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(STEP_MS)
        page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).hostname or "inline"))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.goto(lab.address)
        page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        yield page, seen
        browser.close()


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
    # Lab says idle before the kernel is connected: wait for the kernel's own answer.
    page.evaluate(
        """async () => {
            const app = window.jupyterapp;
            await app.restored;
            const panel = app.shell.currentWidget;
            await panel.context.ready;
            await panel.sessionContext.ready;
            await panel.sessionContext.session.kernel.info;
        }"""
    )
    assert page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')") is True
    for text in ("these are 125 more", "for m := range c.pending", "flat at 163"):
        _shown(page, text)
    assert page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert seen.errors == []


def test_without_the_token_nobody_gets_in(lab: Lab) -> None:
    parts = urlsplit(lab.address)
    answer = requests.get(f"http://{parts.netloc}/api/contents", timeout=30)
    assert answer.status_code == 403


def test_ctrl_c_ends_server_and_command(tmp_path: Path) -> None:
    with running_lab(tmp_path) as running:
        address = urlsplit(running.address)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://{address.netloc}/api/status", timeout=5)
