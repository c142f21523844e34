"""Every public call that returns a table, called on recorded dumps: the contract is the columns that come back."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

import gostack_nb as gs

DATA = Path(__file__).parents[2] / "data"
FLEET = f"{DATA}/fleet/{{service}}/{{zone}}/{{build}}/{{instance}}/*.pb.gz"


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each call's name and what it returned."""
    leak, fixed = (gs.read(DATA / "push-incident" / side) for side in ("leak", "fixed"))
    last = gs.latest(leak)
    for name in ("ages", "births", "call_tree", "count_by_snapshot", "creators", "decompose", "growth", "lock_waits"):
        yield name, getattr(gs, name)(leak)
    for name in ("redactions", "restarts", "suspects", "total_by_snapshot"):
        yield name, getattr(gs, name)(leak)
    for name in ("blocked_receives", "group", "labels_table", "siblings", "siblings_by_function", "waiting"):
        yield name, getattr(gs, name)(last)
    for name in ("call_tree_change", "compare", "verify_fix"):
        yield name, getattr(gs, name)(leak, fixed)
    yield "growth_windows", gs.growth_windows(leak.metrics)
    yield "read_addresses", gs.read_addresses(last)
    yield from _of_a_recording()
    yield from _of_a_fleet()


def _of_a_recording() -> Iterator[tuple[str, pd.DataFrame]]:
    with TemporaryDirectory() as folder:
        recording = gs.Recording.open(Path(folder) / "recording", create=True)
        recording.add(DATA / "push-incident" / "leak" / "00.goroutine.debug2.txt")
        yield "Recording.groups", recording.groups()
        yield "Recording.snapshots", recording.snapshots
        yield "Recording.verify", recording.verify()


def _of_a_fleet() -> Iterator[tuple[str, pd.DataFrame]]:
    ranking = gs.fleet.sweep(FLEET)
    yield "fleet.sweep", ranking
    for name in ("dumps", "cells", "places", "stacks", "problems"):
        yield f"fleet.Counts.{name}", getattr(ranking.counts, name)()
    yield "fleet.contrast", gs.fleet.contrast(ranking.counts, by="build")
    yield "fleet.by_instance", gs.fleet.by_instance(ranking.counts)
    yield "fleet.growth", gs.fleet.growth(ranking.counts)
    yield "fleet.leakprof", gs.fleet.leakprof(ranking.counts)
