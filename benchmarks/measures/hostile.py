"""How the time to read grows with the size, for bytes that somebody made to be slow."""

import json
import sys
from collections.abc import Iterator

from benchmarks.figures import Figure, at_most, ratios
from benchmarks.pinned import run_pinned
from benchmarks.scale import MB, Scale
from tests.hostile.shapes import SHAPES

TIMES = 10
GROWTH = at_most(12)
SHOWN = 20
"""The shapes of greatest growth that are listed; the others are counted."""

SMALL_BYTES = 300_000
"""Between it and ten times as much lie the sizes of pieces and chunks, where text begins to be read another way."""

BATCH = 4
"""Shapes of one process at full scale: the slowest take minutes."""

_MODULE = "tests.hostile.growth"


def measure(scale: Scale) -> Iterator[Figure]:
    """Read each shape at two sizes in turns, a few shapes in one process."""
    names, count = list(SHAPES), BATCH if scale.judged else len(SHAPES)
    batches = (names[start : start + count] for start in range(0, len(names), count))
    figures = [figure for batch in batches for figure in _figures(scale, batch)]
    figures.sort(key=lambda figure: -figure.value)
    yield from figures[:SHOWN]
    failing = sum(not GROWTH.is_met(figure.value) for figure in figures)
    yield Figure(f"of {len(figures)} shapes, those that grow faster", (failing,), "shapes", target=at_most(0))


def _figures(scale: Scale, names: list[str]) -> Iterator[Figure]:
    """Divide the processor seconds for ten times the bytes by those for the bytes."""
    size = SMALL_BYTES if scale.judged else scale.small_bytes // 100
    rounds = min(scale.rounds, 3)
    printed = run_pinned([sys.executable, "-m", _MODULE, str(size), str(TIMES), str(rounds), *names], cores=1)
    for line in map(json.loads, printed.splitlines()):
        small, large = zip(*line["seconds"], strict=True)
        label = f"{line['name']}: {TIMES * size / MB:g} MB to {size / MB:g} MB"
        yield Figure(label, ratios(large, small), "x", large, GROWTH)
