"""The same dump read by this library and by gostackparse, on one core; file to tables here, bytes to structs there."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cached_dumps import traceback_file
from benchmarks.figures import Figure, ratios
from benchmarks.peers.go_programs import build_program
from benchmarks.pinned import run_pinned, run_probe
from benchmarks.scale import MB, Scale


def measure(scale: Scale, gostackparse: Path) -> Iterator[Figure]:
    """Read in turns a dump without labels: gostackparse loses goroutines that have some."""
    path = str(traceback_file(scale.data, scale.middle_bytes, labelled=0))
    with tempfile.TemporaryDirectory() as folder:
        program = str(build_program("gostackparse", gostackparse.resolve(), Path(folder)))
        pairs = [(_parse(program, path), run_probe("read_file", path)) for _ in range(scale.rounds)]
    theirs, ours = (tuple(pair[at]["bytes"] / pair[at]["seconds"] / MB for pair in pairs) for at in (0, 1))
    lost = tuple(our["goroutines"] - their["goroutines"] for their, our in pairs)
    label = f"{scale.middle_bytes / MB:g} MB without labels"
    yield Figure(f"gostackparse, bytes to structs, {label}", theirs, "MB/s")
    yield Figure(f"read, file to tables, {label}", ours, "MB/s")
    yield Figure(f"read to gostackparse, {label}", ratios(ours, theirs), "x")
    yield Figure(f"goroutines that only read finds, {label}", lost, "goroutines")


def _parse(program: str, path: str) -> dict[str, float]:
    """Time the second parse of a process: of the first one Go's heap still has to grow."""
    last = run_pinned([program, path, "2"], cores=1).splitlines()[-1]
    found: dict[str, float] = json.loads(last)
    return found
