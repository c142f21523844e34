"""How much memory reading takes beyond the finished tables, and what a row of them takes."""

from collections.abc import Iterator

from benchmarks.cached_dumps import traceback_file
from benchmarks.figures import Figure, Target, at_most
from benchmarks.pinned import core_count, run_probe
from benchmarks.scale import MB, Scale

BEYOND = (at_most(60), at_most(150))
BYTES_PER_ROW = at_most(60)


def measure(scale: Scale) -> Iterator[Figure]:
    """Read two sizes, on one core and on two."""
    for size, target in zip(scale.memory_bytes, BEYOND, strict=True):
        for cores in range(1, min(core_count(), 2) + 1):
            yield from _figures(scale, size, cores, target)


def _figures(scale: Scale, size: int, cores: int, target: Target) -> Iterator[Figure]:
    path = str(traceback_file(scale.data, size))
    runs = [run_probe("memory_of_read", path, cores=cores) for _ in range(min(scale.rounds, 3))]
    label = f"{size / MB:g} MB, {'one core' if cores == 1 else 'two cores'}"
    beyond = tuple((run["own"] + run["children"] - run["tables"]) / MB for run in runs)
    yield Figure(f"peak beyond the tables, {label}", beyond, "MB", target=target)
    if cores > 1:
        yield Figure(f"of that in other processes, {label}", tuple(run["children"] / MB for run in runs), "MB")
        return
    yield Figure(f"finished tables, {label}", tuple(run["tables"] / MB for run in runs), "MB")
    row = tuple(run["bytes_per_row"] for run in runs)
    yield Figure(f"a row of goroutines, {label}", row, "bytes", target=BYTES_PER_ROW)
