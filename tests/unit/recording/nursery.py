"""A process that has imported everything and forks others, which work on a recording until they are done or killed.

Lines in: `run WORK RECORDING SEED` is answered by `pid N`, `reap N` by `dead N`. Lines out of the others: `ack N KEY`
when a piece of evidence was kept, `done N` at their end.
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from gostack_nb import Recording
from gostack_nb.sources.evidence import Evidence

sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.unit.recording.samples import debug2, evidence

KEPT_BY_ONE = 20


def made(seed: int) -> Iterator[Evidence]:
    """Yield evidence of one to five goroutines; that of another seed has other bytes, but some of the same times."""
    for number in range(KEPT_BY_ONE):
        ids = range(1000 * seed + number, 1000 * seed + number + number % 5 + 1)
        yield evidence(debug2(*ids), after=number // 2, instance=f"10.0.0.{seed % 3}:6060")


def keep(recording: Recording, seed: int) -> None:
    for kept in made(seed):
        say(f"ack {os.getpid()} {recording.put(kept)}")


def rebuild(recording: Recording, seed: int) -> None:
    for _ in range(seed):
        recording.rebuild()


def compact(recording: Recording, seed: int) -> None:
    for _ in range(seed):
        recording.compact()


WORKS: dict[str, Callable[[Recording, int], None]] = {"keep": keep, "rebuild": rebuild, "compact": compact}


def say(line: str) -> None:
    """Write a line at once: the next moment may be the last."""
    os.write(1, f"{line}\n".encode())


def run(work: str, path: str, seed: int) -> None:
    try:
        WORKS[work](Recording.open(path, create=True), seed)
        say(f"done {os.getpid()}")
    except BaseException:  # noqa: BLE001 - it is told to the test
        say(f"failed {os.getpid()} {traceback.format_exc()!r}")
    finally:
        os._exit(0)


def main() -> None:
    with TemporaryDirectory() as folder:  # so that everything is imported
        warm = Recording.open(folder, create=True)
        for kept in islice(made(1), 3):
            warm.put(kept)
        warm.compact()
        warm.rebuild()
    say("ready")
    for line in sys.stdin:
        match line.split():
            case ["run", work, path, seed]:
                child = os.fork()
                if child == 0:
                    run(work, path, int(seed))
                say(f"pid {child}")
            case ["reap", child]:
                os.waitpid(int(child), 0)
                say(f"dead {child}")


if __name__ == "__main__":
    main()
