"""One of each kind of file that the package writes, kept so that later versions show that they still read it.

`python -m tests.long_life.keeping FOLDER` writes a set with the code of today, always about the same goroutines. A set
that is committed is never written again: a schema version that rises gets a folder of its own beside it, `kept/v2`.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from click.testing import CliRunner

import gostack_nb as gs
from gostack_nb.cli import main
from gostack_nb.plots.export_charts import CHARTS_VERSION
from gostack_nb.recording.description import FORMAT_VERSION
from gostack_nb.recording.raw_files import SIDECAR_VERSION
from gostack_nb.recording.stored import SCHEMA_VERSION
from gostack_nb.reports.notebook_page import PAGE_VERSION
from gostack_nb.reports.postmortem.document import REPORT_VERSION
from gostack_nb.reports.templates import NOTEBOOK_VERSION, find_template
from gostack_nb.reports.working_copies import Wanted, new_copy
from gostack_nb.sources.evidence import Evidence
from gostack_nb.widgets.monitor_marks import Mark, keep_mark

VERSIONS = {
    "recording": FORMAT_VERSION,
    "tables of a recording": SCHEMA_VERSION,
    "sidecar": SIDECAR_VERSION,
    "report": REPORT_VERSION,
    "page of a notebook": PAGE_VERSION,
    "notebook": NOTEBOOK_VERSION,
    "charts": CHARTS_VERSION,
}

ANSWERS = {
    "show": ("show", "recording", "--json"),
    "suspects": ("suspects", "recording", "--json"),
    "compare": ("compare", "recording", "--json"),
    "sweep": ("sweep", "recording", "--json"),
}
"""What the command line says of the kept recording, by the name of the file."""

_PICTURE = re.compile(r'src="data:image/png;base64,[^"]+"')

BEGUN = datetime(2026, 3, 1, 8, 53, 43, tzinfo=UTC)
ROUNDS = 5
MARK = Mark(BEGUN + timedelta(minutes=2), "deployed 1.9")
"""Kept beside the dumps, as a monitor does."""

CATALOGUE = """\
[[entry]]
id = "acme-ack-loop"
title = "ack loop of a client"
meaning = "It waits for acknowledgements of one client."
fix = "Close the channel when the client's connection ends."

[[entry.match]]
leaf = 'acme/push\\.\\(\\*session\\)\\.ackLoop'
"""


def dump(minute: int) -> bytes:
    """Print a service whose ack loops stay: two more each minute, a worker that is busy, and one that waits for it."""
    loops = [(20 + number, minute - number // 2) for number in range(2 * minute + 2)]
    leaked = "\n".join(
        f"goroutine {number} [chan receive{f', {waited} minutes' if waited else ''}]:\n"
        f"acme/push.(*session).ackLoop(0xc000{number:04x})\n\t/srv/push/session.go:88 +0x1d\n"
        f"created by acme/push.(*server).serve in goroutine 1\n\t/srv/push/server.go:41 +0x9f\n"
        for number, waited in loops
    )
    healthy = (
        "goroutine 1 [IO wait]:\nmain.main()\n\t/srv/push/main.go:12 +0x1d\n\n"
        "goroutine 9 [select]:\nacme/push.(*server).tick(0xc000100000)\n\t/srv/push/server.go:70 +0x45\n"
        "created by main.main in goroutine 1\n\t/srv/push/main.go:9 +0x5\n"
    )
    return f"{healthy}\n{leaked}".encode()


def write(folder: Path) -> None:
    """Write one of each kind into a new folder."""
    folder.mkdir(parents=True)
    with chdir(folder):
        recording = gs.Recording.open("recording", create=True, title="Kept")
        for minute in range(ROUNDS):
            recording.keep(_evidence(minute))
        keep_mark(recording.path, MARK)
        for name, text in (*_answers(), *_tables(), ("catalogue.toml", CATALOGUE)):
            Path(name).write_text(text, encoding="utf-8")
        Path("report.html").write_text(report_of(recording.read()), encoding="utf-8")
        chart_tables(recording.read(), Path("charts"))
        new_copy(find_template("growth"), Path(), Wanted(["recording"]), report=len)


def _evidence(minute: int) -> Evidence:
    at = BEGUN + timedelta(minutes=minute)
    address = "http://10.0.0.1:6060/debug/pprof/goroutine?debug=2"
    return Evidence(
        dump(minute), "goroutine.debug2.txt", address, at, "caller", service="push", started_at=at, finished_at=at
    )


def _answers() -> Iterator[tuple[str, str]]:
    for name, arguments in ANSWERS.items():
        yield f"{name}.json", answer(arguments)
    yield "versions.json", json.dumps(VERSIONS, indent=1) + "\n"


def answer(arguments: tuple[str, ...]) -> str:
    """Return what the command line prints, from the folder that holds the recording."""
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def report_of(dataset: gs.Dataset) -> str:
    """Return the report as HTML without its pictures, which are nine tenths of it."""
    with TemporaryDirectory() as folder:
        text = gs.report(dataset, Path(folder) / "report.html").read_text("utf-8")
    return _PICTURE.sub('src="data:,"', text)


def chart_tables(dataset: gs.Dataset, folder: Path) -> None:
    """Write the tables of all charts, and the file of captions, without the pictures."""
    gs.export_charts(dataset, folder)
    for path in folder.iterdir():
        if path.suffix not in {".csv", ".md"}:
            path.unlink()


def _tables() -> Iterator[tuple[str, str]]:
    dataset = gs.Recording.open("recording").read()
    for name in ("goroutines", "stacks", "snapshots"):
        yield f"{name}.json", as_text(getattr(dataset, name))


def as_text(table: pd.DataFrame) -> str:
    """Write a table down, one row to a line."""
    return table.to_json(orient="records", lines=True, date_format="iso", date_unit="ns")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
