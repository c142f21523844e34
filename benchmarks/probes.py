"""What is measured inside of a fresh interpreter, after imports and a small first read: each probe returns plain data.

The library is imported by the probe that needs it, so that a probe of `split` holds no pandas.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.stopwatch import timed

WARM_UP = (
    b"goroutine 1 [chan receive, 3 minutes] {role: ack}:\nmain.f(0x1)\n\t/srv/app/main.go:9 +0x1d\n"
    b"created by main.main in goroutine 7\n\t/srv/app/main.go:3 +0x2b\n\n"
    b"goroutine 7 [running]:\nmain.main()\n\t/srv/app/main.go:5 +0x1d\n"
)
"""Read first, so that what is imported or compiled at the first use is not measured."""

PIECE_BYTES = 100_000_000


def split_lines(path: str) -> dict[str, float]:
    """Split bytes in memory into lines: the yardstick.

    More than `PIECE_BYTES` are split piece by piece, each freed before the next: the lines of a gigabyte take three,
    and what would be measured is how fast the system finds memory. That makes the yardstick faster, never slower.
    """
    data = Path(path).read_bytes()
    pieces = (data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES))
    timings = [timed(partial(piece.split, b"\n"))[1] for piece in pieces]
    return {
        "seconds": sum(timing.seconds for timing in timings),
        "cpu_seconds": sum(timing.cpu_seconds for timing in timings),
        "bytes": len(data),
    }


def read_file(path: str) -> dict[str, float]:
    """Read a file into tables."""
    gs = _warm_library()
    dataset, timing = timed(lambda: gs.read(path))
    return {**timing._asdict(), "bytes": Path(path).stat().st_size, "goroutines": len(dataset.goroutines)}


def memory_of_read(path: str) -> dict[str, float]:
    """Read a file into tables, and tell the memory that it took beyond them."""
    from benchmarks.memory_use import peak_growth  # noqa: PLC0415 - only here

    gs = _warm_library()
    dataset, growth = peak_growth(lambda: gs.read(path))
    names = ("goroutines", "stacks", "snapshots", "issues", "metrics")
    sizes = {name: int(getattr(dataset, name).memory_usage(deep=True).sum()) for name in names}
    return {
        **growth._asdict(),
        "tables": sum(sizes.values()),
        "bytes_per_row": sizes["goroutines"] / len(dataset.goroutines),
    }


def build_tables(goroutines: int) -> dict[str, float]:
    """Build the tables of parsed columns."""
    from benchmarks.made_dumps import make_snapshots  # noqa: PLC0415 - only here
    from gostack_nb.model.tables import build_dataset  # noqa: PLC0415 - only here

    build_dataset(make_snapshots(100, 1))
    made = make_snapshots(goroutines, 1)
    dataset, timing = timed(lambda: build_dataset(made))
    return {**timing._asdict(), "rows": len(dataset.goroutines)}


def analyse(goroutines: int, snapshots: int) -> dict[str, list[float]]:
    """Group, compare and follow the goroutines of a recording."""
    from benchmarks.made_dumps import make_snapshots  # noqa: PLC0415 - only here
    from gostack_nb.model.tables import build_dataset  # noqa: PLC0415 - only here

    gs = _warm_library()
    small, dataset = (build_dataset(make_snapshots(size, snapshots)) for size in (100, goroutines))
    calls: dict[str, Callable[[Any], object]] = {
        "group": gs.group,
        "compare": lambda source: gs.compare(gs.first(source), gs.latest(source)),
        "growth": gs.growth,
    }
    for call in calls.values():
        call(small)
    return {name: list(timed(partial(call, dataset))[1]) for name, call in calls.items()}


def sweep_folder(folder: str, runner: str) -> dict[str, float]:
    """Sweep the files of a folder; what the counting runs on is started and warm before."""
    from benchmarks.runners import opened  # noqa: PLC0415 - only here

    gs = _warm_library()
    with opened(runner) as (client, cpu_of_others):
        used = cpu_of_others()
        ranking, timing = timed(lambda: gs.fleet.sweep(folder, client=client))
        more = cpu_of_others() - used
    return {
        "seconds": timing.seconds,
        "cpu_seconds": timing.cpu_seconds + more,
        "goroutines": int(ranking["total"].sum()),
    }


def rank_fleet(instances: int, groups: int) -> dict[str, float]:
    """Combine and rank the counts of a fleet."""
    import resource  # noqa: PLC0415 - only here

    from benchmarks.made_counts import make_parts  # noqa: PLC0415 - only here

    gs = _warm_library()
    parts = make_parts(instances, groups)
    gs.fleet.rank(gs.fleet.combine(parts[:1]))
    counts, combined = timed(lambda: gs.fleet.combine(parts))
    _, ranked = timed(lambda: gs.fleet.rank(counts))
    return {
        "combine": combined.cpu_seconds,
        "rank": ranked.cpu_seconds,
        "bytes": counts.cell_table.nbytes + counts.dump_table.nbytes,
        "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def loaded_modules(*names: str) -> list[str]:
    """Tell which of these modules `import gostack_nb` loads."""
    import gostack_nb  # noqa: F401, PLC0415 - it is what is measured

    return [name for name in names if name in sys.modules]


def _warm_library() -> Any:
    import gostack_nb  # noqa: PLC0415 - imports are not measured

    gostack_nb.read(WARM_UP)
    return gostack_nb


PROBES: dict[str, Callable[..., object]] = {
    probe.__name__: probe
    for probe in (
        split_lines,
        read_file,
        memory_of_read,
        build_tables,
        analyse,
        sweep_folder,
        rank_fleet,
        loaded_modules,
    )
}
