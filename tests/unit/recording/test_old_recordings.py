"""Recordings of other versions: older ones open, and files with fewer or more columns are read."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gostack_nb import Dataset, Recording, read
from tests.unit.recording.samples import assert_equal, assert_frames_equal, debug2, evidence

OLD = Path(__file__).parents[2] / "recordings" / "v1"


@pytest.fixture
def old(tmp_path: Path) -> Recording:
    shutil.copytree(OLD, tmp_path / "v1")
    return Recording.open(tmp_path / "v1")


def test_the_first_layout_opens(old: Recording) -> None:
    assert old.title == "Two captures of one service"
    assert old.verify()["problem"].isna().all()
    dataset = old.read()
    assert dataset.snapshots["form"].tolist() == ["debug=2", "debug=0", "debug=2"]
    assert dataset.snapshots["go_version"].tolist() == ["go1.27.3"] * 3
    assert dataset.snapshots["captured_at"].iloc[0] == pd.Timestamp("2026-11-22 08:53:43.265", tz="UTC")
    assert len(dataset.goroutines) == dataset.snapshots["goroutine_count"].sum() == 13
    last = dataset.goroutines.iloc[-1]
    assert (last["goroutine_id"], last["state"], last["leaked"]) == (8, "chan receive", True)
    assert last["labels"] == '{"note":"a b","role":"ack"}'
    assert dataset.metrics["value"].tolist() == [288.0]


def test_its_tables_are_those_of_today(old: Recording) -> None:
    """Or `rebuild` makes them so: then this says that the parser reads another thing out of the same bytes."""
    assert_equal(old.read(), read(old.path))


def test_it_is_written_further(old: Recording) -> None:
    names = old.keep(evidence(debug2(7)))
    assert set(names) < set(old.read().snapshots["snapshot_id"])
    before = old.read()
    assert old.rebuild() == 5
    assert old.compact() > 0
    assert_equal(old.read(), before)


def rewrite(recording: Recording, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Write a file of the only part again, as another version would have written it."""
    (path,) = (recording.path / "tables" / "v1" / table).rglob("*.parquet")
    (commit,) = (recording.path / "tables" / "v1" / "snapshots").rglob("*.parquet")
    metadata = pq.read_schema(path).metadata
    pq.write_table(change(pq.read_table(path)).replace_schema_metadata(metadata), path)
    if table != "snapshots":
        rows = pq.read_table(commit)
        hashes = json.loads(rows.schema.metadata[b"hashes"])
        hashes[table] = hashlib.sha256(path.read_bytes()).hexdigest()
        told = {**rows.schema.metadata, b"hashes": json.dumps(hashes).encode()}
        pq.write_table(rows.replace_schema_metadata(told), commit)
    name = commit.name.removesuffix(".parquet").rpartition(".")[0]
    digest = hashlib.sha256(commit.read_bytes()).hexdigest()[:12]
    commit.rename(commit.with_name(f"{name}.{digest}.parquet"))


def text_of_another_kind(table: pa.Table) -> pa.Table:
    """Write texts plainly, and whole numbers short: other tools do, and so may a later version."""
    places = [place for place, field in enumerate(table.schema) if pa.types.is_dictionary(field.type)]
    for place in places:
        table = table.set_column(place, table.schema[place].name, table.column(place).cast(pa.utf8()))
    return table


CHANGES: list[tuple[str, Callable[[pa.Table], pa.Table], str | None]] = [
    ("goroutines", lambda table: table.drop_columns(["bubble"]), None),
    ("goroutines", lambda table: table.drop_columns(["wait_minutes"]), "wait_minutes"),
    ("goroutines", lambda table: table.drop_columns(["labels"]), None),
    ("goroutines", lambda table: table.append_column("priority", pa.array([1.5] * len(table))), None),
    ("goroutines", text_of_another_kind, None),
    ("stacks", lambda table: table.drop_columns(["inlined"]), "inlined"),
    ("snapshots", lambda table: table.drop_columns(["kind"]), None),
    ("snapshots", lambda table: table.append_column("pod", pa.array(["a"] * len(table))), None),
    ("snapshots", text_of_another_kind, None),
]


@pytest.mark.parametrize(("table", "change", "lost"), CHANGES)
def test_columns_come_and_go(
    tmp_path: Path, table: str, change: Callable[[pa.Table], pa.Table], lost: str | None
) -> None:
    recording = Recording.open(tmp_path / "incident", create=True)
    recording.keep(evidence(debug2(1, 2)))
    before = recording.read()
    rewrite(recording, table, change)
    opened = Recording.open(recording.path)
    assert opened.verify()["problem"].isna().all()
    found = opened.read()
    for name in Dataset.__slots__:
        expected = getattr(before, name)
        if lost and name == table:
            expected = expected.assign(**{lost: pd.array([None] * len(expected), dtype=expected[lost].dtype)})
        assert_frames_equal(getattr(found, name), expected)
