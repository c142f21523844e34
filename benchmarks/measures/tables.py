"""How fast parsed columns become tables."""

from collections.abc import Iterator

from benchmarks.figures import Figure, at_most
from benchmarks.pinned import run_probe
from benchmarks.scale import Scale

NANOSECONDS_PER_ROW = at_most(100)


def measure(scale: Scale) -> Iterator[Figure]:
    """Build the tables of one dump."""
    runs = [run_probe("build_tables", scale.goroutines) for _ in range(scale.rounds)]
    yield Figure(
        f"tables of {scale.goroutines:,} goroutines",
        tuple(run["seconds"] / run["rows"] * 1e9 for run in runs),
        "ns a row",
        tuple(run["cpu_seconds"] for run in runs),
        NANOSECONDS_PER_ROW,
    )
