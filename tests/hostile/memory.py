"""How much memory shapes take: `python -m tests.hostile.memory SIZE [NAME]...` prints the bytes for each of theirs."""

import multiprocessing
import resource
import sys
from contextlib import suppress

import gostack_nb as gs
from tests.hostile.making import HEAD
from tests.hostile.shapes import SHAPES


def peak_per_byte(name: str, size: int) -> float:
    """Read a shape, whatever comes of it; return what the peak of this process grew by for each byte."""
    data = SHAPES[name](size)
    before = _peak_bytes()
    with suppress(gs.GostackError):
        gs.read(data)
    return (_peak_bytes() - before) / len(data)


def _peak_bytes() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Print a line for each shape, each read in a process of its own, the greediest last."""
    size, names = int(sys.argv[1]), sys.argv[2:] or list(SHAPES)
    gs.read(HEAD)
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        peaks = pool.starmap(peak_per_byte, [(name, size) for name in names], chunksize=1)
    for peak, name in sorted(zip(peaks, names, strict=True)):
        print(f"{peak:6.1f} {name}")  # noqa: T201 - it is what this prints


if __name__ == "__main__":
    main()
