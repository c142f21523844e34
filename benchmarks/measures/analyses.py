"""How long the analyses take on a whole recording: the first call in a fresh process."""

from collections.abc import Iterator

from benchmarks.figures import Figure, at_most
from benchmarks.pinned import run_probe
from benchmarks.scale import Scale

SECONDS = at_most(0.5)


def measure(scale: Scale) -> Iterator[Figure]:
    """Group, compare the first with the last, and follow the growth."""
    runs = [run_probe("analyse", scale.goroutines, scale.snapshots) for _ in range(min(scale.rounds, 3))]
    for name in runs[0]:
        seconds, cpu = zip(*(run[name] for run in runs), strict=True)
        what = f"{name}, {scale.snapshots} x {scale.goroutines:,} goroutines"
        yield Figure(what, seconds, "s", cpu, SECONDS)
