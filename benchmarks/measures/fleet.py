"""A fleet: many files in one process, in a pool and on a cluster; small profiles; the tree and the ranking."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.cached_dumps import counted_files, traceback_files
from benchmarks.figures import Figure, ratios
from benchmarks.pinned import core_count, run_probe
from benchmarks.scale import MB, Scale

RUNNERS = ("this process", "a pool of two", "a cluster of two workers")


def measure(scale: Scale) -> Iterator[Figure]:
    """Sweep the same files in three ways, in turns; then count profiles as a live sweep gets them, and rank."""
    yield from _sweeps(scale)
    yield from _profiles(scale)
    yield from _ranking(scale)


def _sweeps(scale: Scale) -> Iterator[Figure]:
    folder = traceback_files(scale.data, scale.fleet_files, scale.fleet_file_bytes)
    size = sum(path.stat().st_size for path in folder.iterdir())
    cores = min(core_count(), 2)
    runs = [
        [run_probe("sweep_folder", str(folder), name, cores=cores) for name in RUNNERS]
        for _ in range(scale.fleet_rounds)
    ]
    counted = {run["goroutines"] for each in runs for run in each}
    label = f"{scale.fleet_files:,} files, {size / MB:,.0f} MB"
    seconds = [tuple(each[at]["seconds"] for each in runs) for at in range(len(RUNNERS))]
    for at, name in enumerate(RUNNERS):
        yield Figure(f"{name}, {label}", seconds[at], "s", tuple(each[at]["cpu_seconds"] for each in runs))
    yield Figure("pool to one process", ratios(seconds[0], seconds[1]), "x")
    yield Figure("cluster to one process", ratios(seconds[0], seconds[2]), "x")
    yield Figure("different totals beyond the first", (len(counted) - 1,), "totals")


def _profiles(scale: Scale) -> Iterator[Figure]:
    """Count debug=0 and debug=1 of processes with 100,000 goroutines on 300 stacks."""
    for form in ("debug0", "debug1"):
        folder = counted_files(scale.data, form, scale.fleet_profiles, goroutines=scale.fleet_goroutines, stacks=300)
        runs = [run_probe("sweep_folder", str(folder), RUNNERS[0]) for _ in range(scale.fleet_rounds)]
        each = tuple(1000 * run["cpu_seconds"] / scale.fleet_profiles for run in runs)
        yield Figure(
            f"{form}, {scale.fleet_goroutines:,} goroutines on 300 stacks, bytes", (_mean_size(folder),), "bytes"
        )
        yield Figure(f"{form}, to count one", each, "ms")


def _ranking(scale: Scale) -> Iterator[Figure]:
    runs = [run_probe("rank_fleet", scale.fleet_instances, 300) for _ in range(scale.fleet_rounds)]
    label = f"{scale.fleet_instances:,} instances of 300 groups"
    yield Figure(f"combine, {label}", tuple(run["combine"] for run in runs), "s")
    yield Figure(f"rank, {label}", tuple(run["rank"] for run in runs), "s")
    yield Figure(f"counts, {label}", tuple(run["bytes"] / MB for run in runs), "MB")
    yield Figure(f"peak of the process that ranks, {label}", tuple(run["peak_bytes"] / MB for run in runs), "MB")


def _mean_size(folder: Path) -> float:
    sizes = [path.stat().st_size for path in folder.iterdir()]
    return sum(sizes) / len(sizes)
