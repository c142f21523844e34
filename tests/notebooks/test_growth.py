"""The growth notebook, run from end to end without a browser."""

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gostack_nb.reports.bundled import bundled
from tests.notebooks.growth_notebook import read_notebook, run

LEAK = bundled("push-incident") / "leak"
FIRST = datetime(2026, 11, 23, 8, 53, 43, tzinfo=UTC).timestamp()


def dumps_of(folder: Path, *names: str) -> str:
    """Copy some dumps, as saved 30 s apart."""
    folder.mkdir()
    for place, name in enumerate(names):
        shutil.copy(LEAK / name, folder)
        os.utime(folder / name, (FIRST + 30 * place,) * 2)
    return str(folder)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("growth")
    shown = run(folder, dumps=[str(LEAK)])
    assert {path.name for path in (folder / "charts").iterdir()} >= {"decomposition.png", "decomposition.svg"}
    return shown


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("read", "40 dumps of go1.27.3"),
        ("grows", "Yes: go_goroutines went from 163 to 288 in 5.5 minutes"),
        ("windows", "growing (counts only: could be load)"),
        ("groups", "Figure"),
        ("who", "Proven leak: main.(*session).ackLoop, 29 -> 154 goroutines"),
    ],
)
def test_each_step_answers_its_question(shown: dict[str, str], cell: str, words: str) -> None:
    assert words in shown[cell]


def test_dumps_and_metric_agree(shown: dict[str, str]) -> None:
    lines = shown["gap"].partition("metric_at")[0].splitlines()  # printed in two parts, as it is wide
    rows = [line.split() for line in lines if line.startswith("2026")]
    assert len(rows) == 13
    assert [row[2:5] for row in (rows[0], rows[11])] == [["164", "163.0", "-1.0"], ["288", "288.0", "0.0"]]
    assert {row[4] for row in rows[1:]} == {"0.0"}


def test_dumps_without_ids_and_without_a_metric(tmp_path: Path) -> None:
    names = [f"{number:02}.goroutine.debug1.txt" for number in range(12)]
    shown = run(tmp_path, dumps=[dumps_of(tmp_path / "dumps", *names)])
    assert "goroutines went from 163 to 288 in 5.5 minutes" in shown["grows"]
    assert "Columns: []" in shown["windows"]
    assert shown["gap"].count("<NA>") == 2 * 12
    assert "Undecided: main.(*session).ackLoop" in shown["who"]


def test_one_snapshot(tmp_path: Path) -> None:
    shown = run(tmp_path, dumps=[dumps_of(tmp_path / "dumps", "05.goroutine.debug2.txt")])
    assert "One moment cannot show growth" in shown["grows"]
    assert "218" in shown["gap"]
    assert "Strong suspect: main.(*session).ackLoop" in shown["who"]


def test_it_runs_where_it_lies() -> None:
    [parameters] = [cell for cell in read_notebook().cells if "parameters" in cell.metadata.get("tags", [])]
    assert 'dumps = ["../data/push-incident/leak"]' in parameters.source
    assert "prometheus = None" in parameters.source


def test_cells_define_no_functions_and_name_no_results() -> None:
    cells = read_notebook().cells
    assert not [
        cell.id for cell in cells if cell.cell_type == "code" and re.search(r"\b(def|class|lambda)\b", cell.source)
    ]
    assert not [cell.id for cell in cells for number in ("163", "288", "154", "125") if number in cell.source]
    assert cells[-1].source.startswith("## What next")
