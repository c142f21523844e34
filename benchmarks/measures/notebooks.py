"""How long each notebook takes from top to bottom, on the recorded dumps that it brings along."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, at_most
from benchmarks.pinned import core_count, run_pinned
from benchmarks.scale import Scale
from benchmarks.stopwatch import timed
from gostack_nb.reports.templates import templates

SECONDS = at_most(20)


def measure(scale: Scale) -> Iterator[Figure]:
    """Run a working copy of each template in a fresh kernel; the start of Jupyter counts."""
    for template in templates():
        with TemporaryDirectory() as folder:
            run_pinned(
                [str(Path(sys.executable).with_name("gostack-nb")), "new", template.number, folder], core_count()
            )
            seconds = tuple(_seconds(Path(folder, template.file)) for _ in range(scale.rounds))
        yield Figure(f"notebook {template.number}, {template.title}", seconds, "s", target=SECONDS)


def _seconds(notebook: Path) -> float:
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output", "ran", str(notebook)]
    return timed(lambda: run_pinned(command, core_count()))[1].seconds
