"""One part of a large file of tracebacks, read here or in a process of its own.

The process imports only what it needs, so that it starts in a few milliseconds, and never `__main__`: a script that
calls `read` need not protect its top level, as it must for `multiprocessing`.
"""

import gc
import pickle
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from gostack_nb.formats.records import Records
from gostack_nb.formats.tracebacks import PIECE_BYTES, read_tracebacks
from gostack_nb.sources.content import OnDisk

# No environment, no site directories, no working directory in the path: only the path of this process.
_CODE = "import sys; sys.path[:] = sys.argv[7:]; from gostack_nb.reading.part_reader import main; main()"


class Part(NamedTuple):
    """A range of a file; it begins at a header and ends before a blank line and a header, or with the file."""

    start: int
    end: int
    is_last: bool


def read_part(pieces: Iterable[bytes], part: Part) -> Records:
    """Read the pieces of one part."""
    return read_tracebacks(pieces, offset=part.start, ends_text=part.is_last)


class PartReader:
    """Reads one part in another process while this one does something else."""

    def __init__(self, content: OnDisk, part: Part) -> None:
        self._content, self._part = content, part
        self._process = _start([str(content.path), *map(str, part), *map(str, content.identity)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.__exit__(kind, error, trace)

    def records(self) -> Records:
        """Wait for the process; if it came to nothing, read the part here."""
        if self._process is not None:
            printed, _ = self._process.communicate()
            if self._process.returncode == 0:
                records: Records = pickle.loads(printed)  # noqa: S301 - written by our own process
                return records
        return read_part(self._content.pieces(self._part.start, self._part.end, PIECE_BYTES), self._part)


def _start(arguments: list[str]) -> "subprocess.Popen[bytes] | None":
    """Start a process; None where there is no interpreter to start, or no room for one more."""
    if not sys.executable or getattr(sys, "frozen", False):
        return None
    path = [str(Path(place).absolute()) for place in sys.path]
    command = [sys.executable, "-I", "-S", "-c", _CODE, *arguments, *path]
    with suppress(OSError):
        return subprocess.Popen(  # noqa: S603 - our own interpreter and code; the path is an argument
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    return None


def main() -> None:
    """Read the part that the arguments name and write its records to standard output."""
    gc.disable()
    path, start, end, is_last, device, number = sys.argv[1:7]
    part = Part(int(start), int(end), is_last == "True")
    content = OnDisk(Path(path), path, part.end, (int(device), int(number)))
    records = read_part(content.pieces(part.start, part.end, PIECE_BYTES), part)
    sys.stdout.buffer.write(pickle.dumps(records, protocol=pickle.HIGHEST_PROTOCOL))
