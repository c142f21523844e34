"""Progress of long work: bytes done, rate, time left. Silent while it is quick, and where nobody looks."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import rich.progress
    from rich.console import Console

QUICK_SECONDS = 1.0
"""Work that is done by then, or will be as soon again, shows nothing."""


class Progress:
    """Counts bytes, and shows them in the terminal or under the notebook's cell once the work takes long.

    Parameters
    ----------
    what : str
        What is being done, `Reading goroutine.txt`.
    total : int or None
        How many bytes there are, if that is known.
    console : Console, optional
        Where to show it; without one the terminal behind standard error, or the notebook.
    """

    def __init__(self, what: str, total: int | None = None, *, console: "Console | None" = None) -> None:
        self._what, self._total, self._console = what, total, console
        self._begun = time.monotonic()
        self._done = 0.0
        self._shown: rich.progress.Progress | None = None

    def advance(self, size: float) -> None:
        """Count some bytes."""
        self._done += size
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=self._done)
        elif self._takes_long():
            self.show()

    def show(self) -> None:
        """Show it from now on: for work of which it is known that it takes long."""
        console = self._console or _console()
        if self._shown is None and console is not None:
            self._shown = _bar(console)
            self._shown.start()
            self._shown.add_task(self._what, total=self._total, completed=int(self._done))

    def _takes_long(self) -> bool:
        passed = time.monotonic() - self._begun
        if passed < QUICK_SECONDS or not self._done:
            return False
        return self._total is None or passed * (self._total - self._done) / self._done > QUICK_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind."""
        if self._shown is not None:
            self._shown.stop()


def _console() -> "Console | None":
    """Return where a person looks: a notebook or a terminal; None for a pipe, a file, a service."""
    if "IPython" not in sys.modules and not (sys.stderr and sys.stderr.isatty()):
        return None
    from rich.console import Console  # noqa: PLC0415 - takes 50 ms, for work that takes seconds

    console = Console(stderr=True)
    return console if console.is_terminal or console.is_jupyter else None


def _bar(console: "Console") -> "rich.progress.Progress":
    from rich.progress import (  # noqa: PLC0415 - see above
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True)
