"""Counts of a fleet that nobody recorded, to measure what combining and ranking cost."""

import numpy as np
import pyarrow as pa

from gostack_nb.fleet.counts import CELLS, DUMPS, PLACES, Counts
from gostack_nb.model.arrow_tables import arrow_schema
from gostack_nb.model.schema import STACKS, Column

STATES = ("chan receive", "select", "IO wait", "sleep")
FRAMES = 6
INSTANCES_OF_SERVICE = 500
PER_PART = 50
"""Instances of one part: what a task returns."""

_CAPTURED_NS = 1_795_424_023_000_000_000


def make_parts(instances: int, groups: int, seed: int = 27) -> list[Counts]:
    """Make the counts of a fleet in parts; each instance has each group of its service, with noise."""
    rng = np.random.default_rng(seed)
    stacks = [f"{number:016x}" for number in range(groups)]
    places, frames = _places(stacks), _frames(stacks)
    starts = range(0, instances, PER_PART)
    return [_part(range(start, min(start + PER_PART, instances)), stacks, places, frames, rng) for start in starts]


def _part(numbers: range, stacks: list[str], places: pa.Table, frames: pa.Table, rng: np.random.Generator) -> Counts:
    ids = [f"{number:016x}" for number in numbers]
    size = len(numbers) * len(stacks)
    place = np.tile(np.arange(len(stacks), dtype=np.int32), len(numbers))
    cells = {
        "snapshot_id": _texts(np.repeat(np.arange(len(ids), dtype=np.int32), len(stacks)), ids),
        "stack_id": _texts(place, stacks),
        "state": _texts(place % len(STATES), list(STATES)),
        "count": pa.array(rng.poisson(300, size).astype(np.int32)),
        "leaked": pa.nulls(size, pa.int32()),
        "wait_minutes_max": pa.nulls(size, pa.int32()),
    }
    return Counts(_dumps(numbers, ids), pa.table(cells, schema=arrow_schema(CELLS)), places, frames)


def _dumps(numbers: range, ids: list[str]) -> pa.Table:
    rows = [
        {
            "snapshot_id": name,
            "service": f"service-{number // INSTANCES_OF_SERVICE}",
            "instance": f"10.0.{number // 250}.{number % 250}:6060",
            "source": f"http://10.0.{number // 250}.{number % 250}:6060/debug/pprof/goroutine?debug=0",
            "form": "debug=0",
            "goroutine_count": 100_000,
            "truncated": False,
            "size_bytes": 66_000,
            "labels": f'{{"build": "1.{number % 3}", "zone": "{"abc"[number % 2]}"}}',
        }
        for number, name in zip(numbers, ids, strict=True)
    ]
    times = pa.array([_CAPTURED_NS] * len(rows), pa.timestamp("ns", "UTC"))
    table = _table(rows, DUMPS)
    return table.set_column(table.schema.get_field_index("captured_at"), "captured_at", times)


def _places(stacks: list[str]) -> pa.Table:
    rows = [
        {"stack_id": name, "signature": name, "user_function": f"main.f{number}", "user_file": "/srv/main.go"}
        for number, name in enumerate(stacks)
    ]
    return _table([{**row, "top_function": row["user_function"], "user_line": 7} for row in rows], PLACES)


def _frames(stacks: list[str]) -> pa.Table:
    rows = [
        {"stack_id": name, "frame_index": depth, "function": f"main.f{number}_{depth}", "package": "main"}
        for number, name in enumerate(stacks)
        for depth in range(FRAMES)
    ]
    return _table([{**row, "is_std": False, "is_creator": False} for row in rows], STACKS)


def _table(rows: list[dict[str, object]], columns: tuple[Column, ...]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(columns))


def _texts(codes: "np.ndarray[tuple[int], np.dtype[np.int32]]", texts: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(texts))
