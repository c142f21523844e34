"""Measure `gs.explore` as its user meets it: bytes to the browser and time to the new picture, in a real JupyterLab.

    python -m benchmarks.explorer [--quick]

Needs Chromium and playwright, as the browser tests do. Bytes are what the kernel's websocket brings, headers and all;
times go from the key or click in the page to the frame after the table, graph or stack was drawn.
"""

import argparse
import json
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.explorer_dumps import MAKERS, Maker, dump
from benchmarks.machine import Company, describe_machine
from tests.browser.running import CHROMIUM_OPTIONS, Lab, await_kernel, new_page, open_notebook, run_all, running_lab
from tests.conftest import find_chromium

FULL, QUICK = 100_000, 10_000
QUIET_SECONDS = 0.4
TYPED = ("1", "2", "Backspace", "3", "Backspace", "Backspace", "2", "4", "Backspace", "Backspace")
"""Keys after the word that all names have in them: each changes the table."""

# The first key or click after this is timed, until nothing of the explorer changed any more.
WATCH = """() => {
    const root = document.querySelector(".gs-explorer"), watch = { began: 0, drawn: 0 };
    window.gsWatch?.seen.disconnect();
    watch.seen = new MutationObserver((changes) => {
        const drawn = changes.some((change) => change.type === "childList" && change.target.closest(".gs-body"));
        if (watch.began && drawn) { requestAnimationFrame(() => { watch.drawn = performance.now(); }); }
    });
    watch.seen.observe(root, { childList: true, subtree: true });
    const begin = (event) => { if (!watch.began) { watch.began = event.timeStamp; } };
    for (const kind of ["keydown", "pointerdown", "change"]) {
        root.addEventListener(kind, begin, { once: true, capture: true });
    }
    window.gsWatch = watch;
}"""


@dataclass
class Measured:
    """What one kind of step took, once for each time that it was done."""

    milliseconds: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)


@dataclass
class Session:
    """A page with an explorer, and what its websockets bring."""

    page: Any
    received: list[int]
    steps: dict[str, Measured] = field(default_factory=dict)

    def do(self, name: str, action: Callable[[], object], *, timed: bool = True) -> None:
        """Do one thing in the page, and note what came and how long it took."""
        self.received.clear()
        if timed:
            self.page.evaluate(WATCH)
        action()
        if timed:
            self.page.wait_for_function("() => window.gsWatch.drawn > 0", polling=20, timeout=20_000)
        self._settle()
        step = self.steps.setdefault(name, Measured())
        step.sent.append(sum(self.received))
        if timed:
            step.milliseconds.append(self.page.evaluate("() => window.gsWatch.drawn - window.gsWatch.began"))

    def _settle(self) -> None:
        """Wait until no frame has come for a while."""
        count = -1
        while count != len(self.received):
            count = len(self.received)
            self.page.wait_for_timeout(1000 * QUIET_SECONDS)


def notebook_of(lab: Lab, name: str, maker: Maker, goroutines: int) -> str:
    """Write two dumps and a notebook that explores them; return its address."""
    folder = lab.folder / name
    folder.mkdir()
    text = dump(maker, goroutines)
    (folder / "20261123T090000Z.txt").write_text(text)
    (folder / "20261123T093000Z.txt").write_text(dump(maker, goroutines + goroutines // 10))
    cells = [f"import gostack_nb as gs\ndataset = gs.read({name!r})", "explorer = gs.explore(dataset)\nexplorer"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    written: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"c{place}", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
        for place, cell in enumerate(cells)
    ]
    notebook = {"cells": written, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (lab.folder / f"{name}.ipynb").write_text(json.dumps(notebook), "utf-8")
    return lab.address_of(f"{name}.ipynb")


def session_of(page: Any, address: str) -> Session:
    """Open a notebook, run its cells, and start to count."""
    received: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    open_notebook(page, address)
    await_kernel(page)
    assert run_all(page), "a cell of the measured notebook failed"  # noqa: S101 - a script, not the library
    page.locator(".gs-explorer tbody tr").first.wait_for()
    return Session(page, received)


def first_sight(session: Session) -> None:
    """Run the cell again that makes the explorer and shows it."""
    run = "async () => { const app = window.jupyterapp; app.shell.currentWidget.content.activeCellIndex = 1;"
    run += " await app.commands.execute('notebook:run-cell'); }"
    for _ in range(3):
        session.do("first sight", lambda: session.page.evaluate(run), timed=False)


def walk(session: Session, word: str) -> None:
    """Do with the explorer what its users do."""
    page = session.page
    root = page.locator(".gs-explorer").first
    first_sight(session)
    root.locator("[name=function]").fill(word)
    page.wait_for_timeout(1500)
    for key in TYPED:
        session.do("key in the function's control", partial(page.keyboard.press, key))
    root.locator("[name=query]").fill("snapshot:latest")
    page.wait_for_timeout(1500)
    session.do("flame graph", lambda: root.locator("[data-tab=flame]").click())
    root.locator("[name=function]").fill(word)
    page.wait_for_timeout(1500)
    for key in TYPED[:6]:
        session.do("key while the flame graph is shown", partial(page.keyboard.press, key))
    session.do("two snapshots", lambda: root.locator("[data-tab=sides]").click())
    session.do("table again", lambda: root.locator("[data-tab=table]").click(), timed=False)
    root.locator("[name=query]").fill("snapshot:latest")
    page.wait_for_timeout(1000)
    for way in ("stack", "signature", "line", "creator", "goroutine", "group"):
        session.do(f"group by {way}", partial(root.locator("[name=group_by]").select_option, way))
    for _ in range(3):
        session.do("next page", root.get_by_label("next page").first.click)
    rows = root.locator(".gs-body > div").first.locator(".gs-scroll").first.locator("tbody tr")
    for place in (0, 3, 7):
        session.do("click on a group", rows.nth(place).click)
        if root.locator(".gs-members tbody tr").count():
            session.do("click on a goroutine", root.locator(".gs-members tbody tr").first.click, timed=False)


def measure(browser: Any, lab: Lab, goroutines: int) -> Iterator[tuple[str, Session]]:
    """Measure every data set in a page of its own."""
    for name, maker in MAKERS.items():
        address = notebook_of(lab, re.sub(r"\W+", "-", name), maker, goroutines)
        with new_page(browser) as (page, _):
            session = session_of(page, address)
            walk(session, "serveName" if name.startswith("long") else "handle")
            yield name, session


def table_of(name: str, session: Session, others: float) -> Table:
    """Write down one data set."""
    table = Table(title=f"{name} (other programs used {others:.1f} cores meanwhile)", title_justify="left")
    for column in ("step", "times", "median ms", "worst ms", "median kB", "worst kB"):
        table.add_column(column, justify="left" if column == "step" else "right")
    for step, measured in session.steps.items():
        took, sent = measured.milliseconds, [one / 1000 for one in measured.sent]
        times = (f"{statistics.median(took):.0f}", f"{max(took):.0f}") if took else ("", "")
        table.add_row(step, str(len(sent)), *times, f"{statistics.median(sent):.1f}", f"{max(sent):.1f}")
    return table


def main() -> None:
    """Start JupyterLab and Chromium, measure, print."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an optional part of the set-up

    parser = argparse.ArgumentParser(description="Measure gs.explore in JupyterLab.")
    parser.add_argument("--quick", action="store_true", help="small dumps: whether it works, not how fast it is")
    goroutines = QUICK if parser.parse_args().quick else FULL
    console = Console(width=120)
    console.print(describe_machine(), f"{goroutines:,} goroutines and a tenth more in a second snapshot", sep="\n")
    with TemporaryDirectory() as folder, running_lab(Path(folder)) as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        company = Company()
        for name, session in measure(browser, lab, goroutines):
            console.print(table_of(name, session, company.cores()))
            company = Company()
        browser.close()


if __name__ == "__main__":
    main()
