"""How much faster big files are read where two cores may be used: the library sees them by itself."""

from collections.abc import Iterator

from benchmarks.cached_dumps import traceback_file
from benchmarks.figures import Figure, at_least, ratios
from benchmarks.pinned import core_count, run_probe
from benchmarks.scale import MB, Scale

GAIN = at_least(1.7)


def measure(scale: Scale) -> Iterator[Figure]:
    """Read on one core and on two, in turns; nothing on a machine with one core."""
    if core_count() < 2:
        return
    for size in (scale.shared_bytes, scale.large_bytes):
        path = str(traceback_file(scale.data, size))
        runs = [[run_probe("read_file", path, cores=cores) for cores in (1, 2)] for _ in range(scale.rounds)]
        one, two = (tuple(run[at]["bytes"] / run[at]["seconds"] / MB for run in runs) for at in (0, 1))
        cpu = [tuple(run[at]["cpu_seconds"] for run in runs) for at in (0, 1)]
        label = f"{size / MB:g} MB"
        yield Figure(f"one core, {label}", one, "MB/s", cpu[0])
        yield Figure(f"two cores, {label}", two, "MB/s", cpu[1])
        yield Figure(f"two cores to one, {label}", ratios(two, one), "x", target=GAIN)
