"""How much memory shapes take: `python -m tests.hostile.memory SIZE [NAME]...` prints the bytes for each of theirs."""

import multiprocessing
import resource
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import gostack_nb as gs
from tests.hostile.making import HEAD
from tests.hostile.shapes import SHAPES


def make(name: str, size: int, path: Path) -> None:
    """Write a shape: some take much memory to make, which a process that reads must not have had."""
    path.write_bytes(SHAPES[name](size))


def peak_per_byte(path: Path) -> float:
    """Read bytes, whatever comes of it; return what the peak of this process grew by for each of them."""
    data = path.read_bytes()
    before = _peak_bytes()
    with suppress(gs.GostackError):
        gs.read(data)
    return (_peak_bytes() - before) / len(data)


def _peak_bytes() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Print a line for each shape, each made and read in processes of their own, the greediest last."""
    size, names = int(sys.argv[1]), sys.argv[2:] or list(SHAPES)
    peaks = []
    gs.read(HEAD)
    with TemporaryDirectory() as folder, multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        path = Path(folder) / "shape"
        for name in names:
            pool.apply(make, (name, size, path))
            peaks.append(pool.apply(peak_per_byte, (path,)))
    for peak, name in sorted(zip(peaks, names, strict=True)):
        print(f"{peak:6.1f} {name}")  # noqa: T201 - it is what this prints


if __name__ == "__main__":
    main()
