"""Processes beside this one, each of which reads parts of a large file as long as there are any."""

import os
import pickle
import subprocess
import sys
from collections.abc import Hashable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Self

from gostack_nb.formats.records import Records
from gostack_nb.reading.part_reader import Division, numbers_from
from gostack_nb.sources.stored_file import StoredFile

# No environment, no site directories, no working directory in the path: only the path of this process.
_CODE = "import sys; sys.path[:] = sys.argv[6:]; from gostack_nb.reading.part_reader import main; main()"


class PartProcesses:
    """Starts processes that read parts of a file; ends them when it is left.

    Parameters
    ----------
    file : StoredFile
        What they read.
    division : Division
        Its parts, at most 256: a number is one byte, no process can take half of it from the pipe.
    count : int
        How many processes to start.
    """

    def __init__(self, file: StoredFile, division: Division, count: int) -> None:
        self.division = division
        self._command = _command(file, division)
        self._count = count if sys.executable and not getattr(sys, "frozen", False) else 0
        self._receiving: list[Thread] = []
        self._received: dict[int, tuple[Hashable, Records]] = {}
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as ending:
            self._queue = _queue(self.division.range_count)
            ending.callback(os.close, self._queue)
            for _ in range(self._count):
                self._start(ending)
            self._ending = ending.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    def numbers(self) -> Iterator[int]:
        """Take the numbers of parts that are left for this process, one after the other."""
        return numbers_from(self._queue)

    def records(self) -> dict[int, tuple[Hashable, Records]]:
        """Wait for the processes; return by number each part that they have read: which process did, its records."""
        for receiving in self._receiving:
            receiving.join()
        return self._received

    def _start(self, ending: ExitStack) -> None:
        """Start a process, where there is an interpreter to start, and room for one more."""
        with suppress(OSError, RuntimeError):
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and code; the path is an argument
                self._command, stdin=self._queue, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            ending.push(process)
            ending.callback(process.kill)
            receiving = Thread(target=self._receive, args=(process.pid, process.stdout), daemon=True)
            receiving.start()
            self._receiving.append(receiving)

    def _receive(self, process: int, printed: IO[bytes]) -> None:
        """Take the records of part after part until the process ends; if it does not end well, those that are whole."""
        with suppress(Exception):
            while True:
                number, records = pickle.load(printed)  # noqa: S301 - written by our own process
                self._received[number] = process, records


def _queue(count: int) -> int:
    """Return the end of a pipe from which the numbers of all parts are read."""
    source, sink = os.pipe()
    os.write(sink, bytes(range(count)))
    os.close(sink)
    return source


def _command(file: StoredFile, division: Division) -> list[str]:
    path = [str(Path(place).absolute()) for place in sys.path]
    return [sys.executable or "", "-I", "-S", "-c", _CODE, *map(str, (*file, *division)), *path]
