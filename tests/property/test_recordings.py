"""A recording gives what `gs.read` makes of its raw files, whatever was kept and whatever was done to it."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from gostack_nb import Recording, read
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.sources.evidence import Evidence
from tests.unit.recording.samples import (
    BEGUN,
    DEBUG1,
    HTML,
    METRICS,
    TWO_DUMPS,
    assert_equal,
    assert_frames_equal,
    debug2,
    packed,
)

BODIES = (
    (debug2(7), "goroutine.debug2.txt"),
    (debug2(*range(3, 40), minutes=11), "goroutine.debug2.txt"),
    (debug2(7) + b"goroutine 8 [sele", "goroutine.debug2.txt"),
    (DEBUG1, "goroutine.debug1.txt"),
    (packed(DEBUG1), "goroutine.pb"),
    (packed(DEBUG1)[:-9], "goroutine.pb"),
    (TWO_DUMPS, "dump"),
    (METRICS, "metrics.txt"),
    (HTML, "goroutine.debug2.txt"),
    (b"", "goroutine.pb"),
    (b'goroutine 8 [chan receive (leaked)] {note: "a b", role: ack}:\nmain.f()\n\t/srv/main.go:9\n', "dump"),
)
NAMES = (None, "push", "10.0.0.1:6060", "../x", "世界")


@st.composite
def pieces(draw: st.DrawFn) -> Evidence:
    body, kind = draw(st.sampled_from(BODIES))
    after = draw(st.sampled_from((None, 0.0, 0.25, 1.0, 86_400.0)))
    is_cut = draw(st.booleans())
    return Evidence(
        body,
        kind,
        draw(st.sampled_from(("http://10.0.0.7:6060/debug/pprof/goroutine?debug=2", "dumps/a.txt"))),
        None if after is None else BEGUN + timedelta(seconds=after),
        None if after is None else "caller",
        service=draw(st.sampled_from(NAMES)),
        instance=draw(st.sampled_from(NAMES)),
        truncated=is_cut,
        note="the connection broke" if is_cut else draw(st.sampled_from((None, "odd"))),
    )


def raw_alone(path: Path) -> Dataset:
    """Read the raw files as `gs.read` does, also where none is a dump."""
    held = Recording.open(path).read()
    return read(path) if len(held.snapshots) else replace(held, issues=held.issues)


@settings(max_examples=12, deadline=None)
@given(
    kept=st.lists(pieces(), min_size=1, max_size=6),
    compacted=st.integers(0, 6),
    lost=st.sets(st.sampled_from(("goroutines", "stacks", "snapshots", "issues", "metrics"))),
)
def test_tables_equal_what_is_read_of_the_raw_files(kept: list[Evidence], compacted: int, lost: set[str]) -> None:
    with TemporaryDirectory() as folder:
        recording = Recording.open(f"{folder}/incident", create=True)
        names: list[str] = []
        for number, piece in enumerate(kept):
            if number == compacted:
                recording.compact()
            names = recording.keep(piece)
            assert set(names) <= set(recording.snapshots["snapshot_id"])
            assert recording.keep(piece) == recording._names_of([recording.put(piece)])
        expected = raw_alone(recording.path)
        assert_equal(recording.read(), expected)
        assert recording.verify()["problem"].isna().all()
        for table in lost:
            shutil.rmtree(recording.path / "tables" / "v1" / table, ignore_errors=True)
        assert_equal(Recording.open(recording.path).read(), expected)
        recording.rebuild()
        recording.compact()
        assert_equal(recording.read(), expected)


@settings(max_examples=15, deadline=None)
@given(piece=pieces())
def test_one_piece_gives_what_was_in_it(piece: Evidence) -> None:
    """The names of sources apart: a recording names its raw file."""
    with TemporaryDirectory() as folder:
        recording = Recording.open(f"{folder}/incident", create=True)
        recording.keep(piece)
        found, given_ = recording.read(), read_blobs(piece.blobs())
        for table in ("goroutines", "stacks"):
            assert_frames_equal(getattr(found, table), getattr(given_, table))
        assert len(found.snapshots) == len(given_.snapshots)


@settings(max_examples=15, deadline=None)
@given(kept=st.lists(pieces(), min_size=1, max_size=6), service=st.sampled_from(NAMES), hours=st.integers(-1, 25))
def test_filters_take_rows_away_and_change_none(kept: list[Evidence], service: str | None, hours: int) -> None:
    with TemporaryDirectory() as folder:
        recording = Recording.open(f"{folder}/incident", create=True)
        for piece in kept:
            recording.put(piece)
        everything = recording.read()
        until = BEGUN + timedelta(hours=hours)
        found = recording.read(service=service, until=until)
        rows = everything.snapshots
        wanted = rows[(rows["captured_at"] <= until) & (rows["service"].eq(service) if service else True)]
        assert_frames_equal(found.snapshots, wanted)
        chosen = everything.goroutines["snapshot_id"].isin(wanted["snapshot_id"])
        assert_frames_equal(found.goroutines, everything.goroutines[chosen])
        assert set(found.stacks["stack_id"]) == set(found.goroutines["stack_id"])
