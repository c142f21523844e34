"""The guided incident, run from end to end without a browser."""

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from gostack_nb.reports.bundled import bundled
from gostack_nb.reports.investigation import NOTEBOOK, Investigation, investigate

BEGINNINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF-"}
CHARTS = {"growth", "groups", "waiting", "siblings", "before-and-after"}


def unheard(line: str) -> None:
    del line


def texts(path: Path) -> str:
    """Return all plain text that the executed cells show."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    return "\n".join(output["data"]["text/plain"] for output in outputs if "data" in output)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Investigation:
    folder = tmp_path_factory.mktemp("incident") / "reference"
    return investigate([], out=folder, report=unheard)


def test_the_reference_incident_tells_its_numbers(made: Investigation) -> None:
    text = texts(made.notebook)
    for words in (
        "go_goroutines went from 163 to 288",
        "Proven leak: main.(*session).ackLoop, 29 -> 154 goroutines, blocked in chan receive",
        "125 goroutines arrived",
        "29 readers, 29 writers and 154 ack loops",
        "29 are due by the siblings that main.(*server).startSession starts: these are 125 more",
        "Usual cause",
        ">   233      for m := range c.pending {",
        ">   168      go c.ackLoop()",
        "29 clients (push_clients)",
        "main.(*session).ackLoop at /srv/app/main.go:233",
        "marks 125 goroutines as leaked, all of them in main.(*session).ackLoop",
        "The curve is flat at 163 after the fix",
    ):
        assert words in text


def test_it_is_not_fooled_by_the_healthy_workers(made: Investigation) -> None:
    assert "Not this: 71 main.(*server).deliverWorker are in chan receive too" in texts(made.notebook)


def test_the_numbers_are_computed_and_not_typed_in() -> None:
    source = (bundled("notebooks") / NOTEBOOK).read_text()
    for number in ("163", "288", "154", "125", "71", "233"):
        assert not re.search(rf"(?<!\d){number}(?!\d)", source)


def test_charts_are_written_as_pictures(made: Investigation) -> None:
    names = {(path.stem, path.suffix) for path in made.charts}
    assert names == {(chart, suffix) for chart in CHARTS for suffix in BEGINNINGS}
    for path in made.charts:
        assert path.read_bytes().startswith(BEGINNINGS[path.suffix])


def test_the_last_cell_writes_the_postmortem(made: Investigation) -> None:
    text = made.postmortem.read_text("utf-8")
    assert "The curve is flat at 163 after the fix" in text
    assert "for m := range c.pending {" in text
    assert str(made.folder) not in text


def test_the_folder_holds_its_evidence(made: Investigation) -> None:
    assert (made.folder / "dumps" / "leak" / "00.goroutine.debug2.txt").is_file()


def test_one_dump_without_states_gets_the_same_story(tmp_path: Path) -> None:
    source = bundled("push-incident") / "leak" / "11.goroutine.debug1.txt"
    checkout = bundled("push-incident") / "server"
    made = investigate([str(source)], out=tmp_path / "made", source_root=checkout, report=unheard)
    text = texts(made.notebook)
    for words in (
        "One moment cannot show growth",
        "take debug=2",
        "No dumps from after the fix yet",
    ):
        assert words in text
    assert f"source_root = {os.path.relpath(checkout, made.folder)!r}" in made.notebook.read_text()
    again = investigate([str(source)], out=tmp_path / "made", report=unheard)
    assert again.charts == made.charts
    assert again.postmortem == made.postmortem
    assert again.postmortem.exists()
