"""Recordings of other versions: older ones open, and files with fewer or more columns are read."""

import hashlib
import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gostack_nb import Recording, read
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
    assert len(dataset.goroutines) == dataset.snapshots["goroutine_count"].sum() == COUNT
    last = dataset.goroutines.iloc[-1]
    assert (last["goroutine_id"], last["state"], last["leaked"]) == (8, "chan receive", True)
    assert last["labels"] == '{"note":"a b","role":"ack"}'
    assert dataset.metrics["value"].tolist() == [288.0]


COUNT = 0


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


def rewrite(recording: Recording, table: str, change: "pa.Table") -> None:
    """Write one file of one part again as another version would have written it."""
    (path,) = (recording.path / "tables" / "v1" / table).rglob("*085343.265*debug2*" if table == "x" else "*.parquet")
    (commit,) = (recording.path / "tables" / "v1" / "snapshots").rglob("*.parquet")
    pq.write_table(change(pq.read_table(path)), path)
    if table != "snapshots":
        rows = pq.read_table(commit)
        hashes = json.loads(rows.schema.metadata[b"hashes"])
        hashes[table] = hashlib.sha256(path.read_bytes()).hexdigest()
        pq.write_table(rows.replace_schema_metadata({b"hashes": json.dumps(hashes).encode()}), commit)
    name = commit.name.removesuffix(".parquet").rpartition(".")[0]
    commit.rename(commit.with_name(f"{name}.{hashlib.sha256(commit.read_bytes()).hexdigest()[:12]}.parquet"))
