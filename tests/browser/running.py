"""JupyterLab and Chromium for the tests: started here, ended by their process ids."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

START_SECONDS = 900
"""The command runs a notebook and starts a server: 10 s and 3 s, where nothing else works on the machine."""

STOP_SECONDS = 180
STEP_MS = 240_000
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

    def address_of(self, notebook: str) -> str:
        """Give the address of another notebook in the folder, in a workspace of its own."""
        parts = urlsplit(self.address)
        token = parts.query.partition("token=")[2].partition("&")[0]
        return f"http://{parts.netloc}/lab/workspaces/{Path(notebook).stem}/tree/{notebook}?reset&token={token}"


@dataclass
class Seen:
    """What the browser asked for and complained about."""

    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


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
                process.wait(STOP_SECONDS)


def _address(output: IO[str]) -> str:
    """Wait for the line with the address, for some time or to the end of the output; read on after it."""
    found: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in output:
            if match := ADDRESS.search(line):
                found.put(match[0])
        found.put("")

    threading.Thread(target=read, daemon=True).start()
    address = found.get(timeout=START_SECONDS)
    assert address, "the command printed no address"
    return address


@contextmanager
def new_page(browser: Any) -> Iterator[tuple[Any, Seen]]:
    """Open an empty page without cookies or storage, and write down what it asks for and what goes wrong."""
    seen = Seen()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.set_default_timeout(STEP_MS)
        page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).hostname or "inline"))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda said: seen.console.append(said.text) if said.type == "error" else None)
        yield page, seen
    finally:
        context.close()


def open_notebook(page: Any, address: str) -> None:
    """Open a notebook and wait until its cells are drawn."""
    page.goto(address)
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
    page.wait_for_selector("#jupyterlab-splash", state="detached")


def await_kernel(page: Any) -> None:
    """Wait for the kernel's own answer: Lab says idle before the kernel is connected."""
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


def run_all(page: Any) -> bool:
    """Run all cells; false if one of them raised."""
    return bool(page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')"))


def end_kernel(page: Any) -> None:
    """End the kernel of the notebook that is open, as the list of running kernels does it."""
    await_kernel(page)
    page.evaluate(
        """async () => {
            const app = window.jupyterapp;
            await app.serviceManager.sessions.shutdown(app.shell.currentWidget.sessionContext.session.id);
        }"""
    )
