"""A pipe that has a name: one of the shell, `<(curl ...)`, or a FIFO. It is not waited for without end."""

import io
import os
import select
from pathlib import Path

from gostack_nb.errors import DeadlineError
from gostack_nb.sources.blob import Limits
from gostack_nb.sources.compressed import drain
from gostack_nb.sources.content import cannot_read
from gostack_nb.sources.packed import Packed

SILENCE_SECONDS = 60.0
"""Until somebody writes, and until the next byte: as long as a service is waited for."""


def read_pipe(path: Path, source: str, limits: Limits) -> Packed:
    """Read a pipe to its end.

    Raises
    ------
    DeadlineError
        If nobody writes.
    TooBigError
        If more than the limit for one file comes.
    UnreachableError
        If the operating system refuses.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # else this would wait for a writer
        with os.fdopen(number, "rb", buffering=0) as pipe:
            data, _ = drain(lambda size: _next(pipe.fileno(), size, source), limit=limits.file_bytes, source=source)
    except OSError as error:
        raise cannot_read(source, error) from error
    return Packed(source=source, parts=(), open=lambda: io.BytesIO(data))


def _next(number: int, size: int, source: str) -> bytes:
    poll = select.poll()
    poll.register(number, select.POLLIN)
    if not poll.poll(SILENCE_SECONDS * 1000):
        hint = "Hint: start what writes into it first"
        msg = f"{source}: is a pipe into which nobody wrote for {SILENCE_SECONDS:g} s. {hint}"
        raise DeadlineError(msg)
    return os.read(number, size)
