"""How long shapes take to read: `python -m tests.hostile.growth SIZE TIMES ROUNDS [NAME]...` prints JSON lines."""

import json
import sys
from contextlib import suppress
from time import process_time

import gostack_nb as gs
from tests.hostile.making import HEAD
from tests.hostile.shapes import SHAPES


def seconds_to_read(data: bytes) -> float:
    """Read, whatever comes of it, and return the processor seconds that it took."""
    start = process_time()
    with suppress(gs.GostackError):
        gs.read(data)
    return process_time() - start


def main() -> None:
    """Print a line for each shape: its seconds at the size and at that many times the size, round by round."""
    size, times, rounds = map(int, sys.argv[1:4])
    gs.read(HEAD)
    for name in sys.argv[4:] or SHAPES:
        small, large = SHAPES[name](size), SHAPES[name](size * times)
        timings = [(seconds_to_read(small), seconds_to_read(large)) for _ in range(rounds)]
        print(json.dumps({"name": name, "seconds": timings}), flush=True)  # noqa: T201 - it is what this prints


if __name__ == "__main__":
    main()
