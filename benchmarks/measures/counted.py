"""How fast the counted forms become tables with one row per goroutine."""

from collections.abc import Iterator

from benchmarks.cached_dumps import counted_file
from benchmarks.figures import Figure, at_most
from benchmarks.generate import CountedForm
from benchmarks.pinned import run_probe
from benchmarks.scale import Scale

MILLISECONDS = at_most(100)

_FORMS: tuple[tuple[CountedForm, str], ...] = (("debug1", "debug=1"), ("debug0", "debug=0"))


def measure(scale: Scale) -> Iterator[Figure]:
    """Read one profile in both forms, in turns."""
    paths = {name: str(counted_file(scale.data, form, scale.goroutines)) for form, name in _FORMS}
    runs = [{name: run_probe("read_file", path) for name, path in paths.items()} for _ in range(scale.rounds)]
    for name in paths:
        yield Figure(
            f"{name}, {scale.goroutines:,} goroutines",
            tuple(run[name]["seconds"] * 1000 for run in runs),
            "ms",
            tuple(run[name]["cpu_seconds"] for run in runs),
            MILLISECONDS,
        )
