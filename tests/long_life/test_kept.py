"""What earlier versions wrote is read today, and says the same; what a later one wrote is refused in one sentence."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from nbclient import NotebookClient

import gostack_nb as gs
from gostack_nb.cli import main
from gostack_nb.recording.layout import TABLES
from gostack_nb.recording.raw_files import with_checksum
from gostack_nb.widgets.monitor_marks import read_marks
from tests.long_life import keeping

SETS = sorted(
    (path for path in (Path(__file__).parent / "kept").iterdir() if path.is_dir()), key=lambda path: int(path.name[1:])
)
"""Version 1, and one for each time that a version rose."""

NEWEST = SETS[-1]

WRITE = f"python -m tests.long_life.keeping tests/long_life/kept/v{int(NEWEST.name[1:]) + 1}"
KEEP = f"a version rose: {WRITE}, and leave the earlier sets as they are"

RAISE_CHARTS = (
    "a column of then is gone, or says something else. Give it back; new columns may stand beside it. If it is meant: "
    f"raise CHARTS_VERSION in plots/export_charts.py, write it into docs/compatibility.md, then {WRITE}"
)

Rows = list[dict[str, Any]]

NEXT = {name: number + 1 for name, number in keeping.VERSIONS.items()}
"""What a later version of this package may write."""

sets = pytest.mark.parametrize("kept", SETS, ids=lambda path: path.name)


@pytest.fixture
def copied(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy a set, so that nothing can write into it, and go there: answers name sources as they were asked."""
    shutil.copytree(kept, tmp_path / "kept")
    monkeypatch.chdir(tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NEWEST / "recording", tmp_path / "recording"))


def embedded(html: str) -> object:
    """Return the calls that a report holds as data, for its flame graph."""
    found = re.search(r'<script type="application/json" id="flame-data">(.*?)</script>', html)
    assert found
    return json.loads(found[1])


def generator(html: str) -> str:
    found = re.search(r'<meta name="generator" content="([^"]+)">', html)
    assert found
    return found[1]


def versions_in(kept: Path) -> dict[str, int]:
    told: dict[str, int] = json.loads((kept / "versions.json").read_text("utf-8"))
    return told


def is_as_then(table: pd.DataFrame, kept: Path) -> bool:
    """Compare the columns that there were then; new ones may have come."""
    now = [json.loads(line) for line in keeping.as_text(table).splitlines()]
    then = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    return only_as_then(now, then) == then


def only_as_then(now: Rows, then: Rows) -> Rows:
    """Leave of today's rows the columns that those of then have too."""
    return [{key: row[key] for key in then[0] if key in row} for row in now]


def test_each_version_has_a_set() -> None:
    assert versions_in(NEWEST) == keeping.VERSIONS, KEEP


@sets
def test_the_recording_is_whole_and_its_tables_are_those_of_then(copied: Path) -> None:
    recording = gs.Recording.open("recording")
    assert recording.verify()["problem"].isna().all()
    assert [(mark.at, mark.text) for mark in read_marks(recording.path)] == [(keeping.MARK.at, keeping.MARK.text)]
    for dataset in (recording.read(), gs.read("recording")):
        for name in ("goroutines", "stacks", "snapshots"):
            table = getattr(dataset, name)
            assert is_as_then(table, copied / f"{name}.json"), name


@sets
@pytest.mark.usefixtures("copied")
def test_tables_that_are_made_again_are_the_same(kept: Path) -> None:
    recording = gs.Recording.open("recording")
    assert recording.rebuild() == keeping.ROUNDS
    assert is_as_then(recording.read().goroutines, kept / "goroutines.json")


@sets
@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("name", keeping.ANSWERS)
def test_the_answers_are_those_of_then(kept: Path, name: str) -> None:
    """Programs read them: rows may gain keys, and lose or change none."""
    now, then = json.loads(keeping.answer(keeping.ANSWERS[name])), json.loads((kept / f"{name}.json").read_text())
    assert _like(now, then) == then


def _like(now: object, then: object) -> object:
    """Leave of today's answer what the answer of then has too."""
    if isinstance(now, dict) and isinstance(then, dict):
        return {key: _like(now[key], then[key]) for key in then if key in now}
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        return [_like(one, other) for one, other in zip(now, then, strict=True)]
    return now


def test_an_answer_that_lost_a_key_is_another() -> None:
    assert _like([{"a": 1, "b": 2}], [{"a": 1}]) == [{"a": 1}]
    assert _like([{"b": 2}], [{"a": 1}]) != [{"a": 1}]
    assert _like([{"a": 2}], [{"a": 1}]) != [{"a": 1}]


@sets
def test_a_report_is_readable_alone_and_holds_what_today_s_would(kept: Path) -> None:
    then = (kept / "report.html").read_text("utf-8")
    now = keeping.report_of(gs.Recording.open(kept / "recording").read())
    assert not re.findall(r'(?:src|href)="(?!data:|#)', then), "a file that asks nobody"
    assert "default-src 'none'" in then
    assert f"gostack-nb {version('gostack-nb')}, report version {keeping.VERSIONS['report']}" in now
    if generator(then) == generator(now):
        assert embedded(now) == embedded(then), KEEP
        assert re.findall(r"<h2>(.*?)</h2>", now) == re.findall(r"<h2>(.*?)</h2>", then)


@sets
@pytest.mark.usefixtures("copied")
def test_tables_of_charts_keep_their_columns(kept: Path, tmp_path: Path) -> None:
    """As long as their version is the same: columns may come, none may go or say something else."""
    number = versions_in(kept)["charts"]
    assert f"charts version {number}." in (kept / "charts" / "captions.md").read_text("utf-8")
    then = {path.name: rows_in(path) for path in sorted((kept / "charts").glob("*.csv"))}
    assert then
    if number == keeping.VERSIONS["charts"]:
        keeping.chart_tables(gs.Recording.open("recording").read(), tmp_path / "charts")
        for name, rows in then.items():
            assert only_as_then(rows_in(tmp_path / "charts" / name), rows) == rows, f"{name}: {RAISE_CHARTS}"


def rows_in(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_that_lost_a_column_or_a_row_is_another() -> None:
    assert only_as_then([{"a": 1, "b": 2}], [{"a": 1}]) == [{"a": 1}]
    assert only_as_then([{"b": 2}], [{"a": 1}]) != [{"a": 1}]
    assert only_as_then([{"a": 1}], [{"a": 1}, {"a": 2}]) != [{"a": 1}, {"a": 2}]


@sets
def test_a_notebook_of_then_runs_today(copied: Path) -> None:
    notebook = nbformat.read(copied / "03-growth.ipynb", as_version=4)
    assert notebook.metadata["gostack_nb"]["notebook_version"] <= keeping.VERSIONS["notebook"]
    NotebookClient(notebook, timeout=600, startup_timeout=600, resources={"metadata": {"path": str(copied)}}).execute()


@sets
def test_a_catalogue_of_then_is_read(copied: Path) -> None:
    dataset = gs.read("recording")
    stack = gs.suspects(dataset)["stack_id"].iloc[0]
    assert gs.explain(stack, dataset, catalogue=copied / "catalogue.toml").pattern == "acme-ack-loop"


# Written by a later version


NEWER = f"is a recording of version {NEXT['recording']}, newer than {keeping.VERSIONS['recording']}"


def change(path: Path, **values: object) -> None:
    told = json.loads(path.read_text("utf-8")) | values
    path.write_bytes(with_checksum(told))


@pytest.mark.parametrize("use", [gs.Recording.open, gs.fleet.sweep])
def test_a_newer_recording_is_refused_in_one_sentence(recording: Path, use: Callable[[Path], object]) -> None:
    change(recording / "recording.json", recording_version=NEXT["recording"])
    with pytest.raises((gs.RecordingError, gs.SourceError)) as caught:
        use(recording)
    expected = f"{recording}: {NEWER}, which is known here. Hint: install a newer"
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)


def test_the_command_line_says_that_sentence(recording: Path) -> None:
    change(recording / "recording.json", recording_version=NEXT["recording"])
    done = CliRunner().invoke(main, ["sweep", str(recording)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.lstrip().startswith(f"gostack-nb: {recording}: {NEWER}")


def test_dumps_of_a_newer_recording_are_read_all_the_same(recording: Path) -> None:
    before = gs.read(recording)
    change(recording / "recording.json", recording_version=NEXT["recording"])
    assert keeping.as_text(gs.read(recording).goroutines) == keeping.as_text(before.goroutines)


def test_a_newer_sidecar_tells_what_is_known_of_it(recording: Path) -> None:
    """Entries are only ever added: one that is not known is passed over."""
    before = gs.Recording.open(recording).read()
    sidecars = list(recording.glob("raw/**/*.json"))
    assert len(sidecars) == keeping.ROUNDS
    for path in sidecars:
        change(path, sidecar_version=NEXT["sidecar"], pod="push-7f9c")
    opened = gs.Recording.open(recording)
    opened.rebuild()
    assert opened.verify()["problem"].isna().all()
    for dataset in (opened.read(), gs.read(recording)):
        assert keeping.as_text(dataset.snapshots.drop(columns="source")) == keeping.as_text(
            before.snapshots.drop(columns="source")
        )


def test_tables_of_an_unknown_layout_are_made_of_the_raw_files(recording: Path) -> None:
    before = gs.Recording.open(recording).read()
    (recording / TABLES).rename(recording / "tables" / f"v{NEXT['tables of a recording']}")
    assert keeping.as_text(gs.Recording.open(recording).read().goroutines) == keeping.as_text(before.goroutines)
