"""What the library adds to the start of a program."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure, at_most
from benchmarks.pinned import run_pinned, run_probe
from benchmarks.scale import Scale
from benchmarks.stopwatch import timed

IMPORT_MILLISECONDS, HELP_MILLISECONDS, HEAVY_MODULES = at_most(30), at_most(300), at_most(0)

_IMPORT = (
    (sys.executable, "-c", "import pandas"),
    (sys.executable, "-c", "import pandas, gostack_nb"),
)
_HELP = (
    (sys.executable, "-c", "pass"),
    (str(Path(sys.executable).with_name("gostack-nb")), "--help"),
)


def measure(scale: Scale) -> Iterator[Figure]:
    """Start fresh interpreters with and without the library, in turns."""
    pandas, both = _starts(_IMPORT, scale.starts)
    yield Figure("import pandas", pandas, "ms")
    yield Figure("import gostack_nb beyond import pandas", _differences(both, pandas), "ms", target=IMPORT_MILLISECONDS)
    heavy = run_probe("loaded_modules", "matplotlib", "ipywidgets")
    yield Figure("matplotlib and ipywidgets loaded by it", (len(heavy),), "modules", target=HEAVY_MODULES)
    nothing, shown = _starts(_HELP, scale.starts)
    yield Figure(
        "gostack-nb --help beyond python -c pass", _differences(shown, nothing), "ms", target=HELP_MILLISECONDS
    )


def _starts(commands: Sequence[Sequence[str]], rounds: int) -> list[tuple[float, ...]]:
    """Return the milliseconds of each command, round by round; the first round only warms the page cache."""
    timings = [[_milliseconds(command) for command in commands] for _ in range(rounds + 1)]
    return list(zip(*timings[1:], strict=True))


def _milliseconds(command: Sequence[str]) -> float:
    return timed(lambda: run_pinned(command, cores=1))[1].seconds * 1000


def _differences(longer: Sequence[float], shorter: Sequence[float]) -> tuple[float, ...]:
    return tuple(one - other for one, other in zip(longer, shorter, strict=True))
