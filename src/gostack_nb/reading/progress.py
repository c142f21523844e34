"""Progress of long work: bytes done, rate, time left. Silent while it is quick, and where nobody looks."""

import sys
import time
from contextlib import suppress
from html import escape
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from IPython.display import DisplayHandle
    from rich.console import Console

QUICK_SECONDS = 1.0
"""Work that is done by then, or will be as soon again, shows nothing."""

REDRAW_SECONDS = 0.25
"""A notebook is sent no more than this."""


class View(Protocol):
    """Where progress is shown; nothing of it stays when it is closed."""

    def update(self, done: float) -> None:
        """Show how many bytes are done."""

    def close(self) -> None:
        """Take it away."""


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
        self._view: View | None = None

    def advance(self, size: float) -> None:
        """Count some bytes; a negative number takes back what is read again."""
        self._done += size
        if self._view is not None:
            self._view.update(self._done)
        elif self._takes_long():
            self.show()

    def show(self) -> None:
        """Show it from now on: for work of which it is known that it takes long."""
        if self._view is None:
            self._view = self._open_view()
        if self._view is not None:
            self._view.update(self._done)

    def _takes_long(self) -> bool:
        passed = time.monotonic() - self._begun
        if passed < QUICK_SECONDS or not self._done:
            return False
        if self._total is None or self._done > self._total:  # packed sources have more bytes than are stored
            return True
        return passed * (self._total - self._done) / self._done > QUICK_SECONDS

    def _open_view(self) -> View | None:
        if self._console is not None:
            return _TerminalView(self._what, self._total, self._console)
        if _in_notebook():
            return _NotebookView(self._what, self._total, self._begun)
        if _is_terminal(sys.stderr):
            from rich.console import Console  # noqa: PLC0415 - takes 50 ms, for work that takes seconds

            return _TerminalView(self._what, self._total, Console(stderr=True))
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind."""
        if self._view is not None:
            self._view.close()


class _TerminalView:
    """A line of rich."""

    def __init__(self, what: str, total: int | None, console: "Console") -> None:
        from rich import progress  # noqa: PLC0415 - see above

        columns = (
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(bar_width=20),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
        )
        self._progress = progress.Progress(*columns, console=console, transient=True)
        self._progress.start()
        self._task = self._progress.add_task(what, total=total)

    def update(self, done: float) -> None:
        self._progress.update(self._task, completed=done)

    def close(self) -> None:
        self._progress.stop()


class _NotebookView:
    """A line of HTML that is replaced; a widget would leave `Output()` in the saved notebook."""

    def __init__(self, what: str, total: int | None, begun: float) -> None:
        self._what, self._total, self._begun = what, total, begun
        self._handle: DisplayHandle | None = None
        self._drawn = 0.0

    def update(self, done: float) -> None:
        now = time.monotonic()
        if now - self._drawn < REDRAW_SECONDS:
            return
        self._drawn = now
        line = describe(done, self._total, now - self._begun)
        share = f' max="{self._total}" value="{done:.0f}"' if self._total else ""
        self._draw(line, f"{escape(self._what)} <progress{share}></progress> {line}")

    def close(self) -> None:
        self._draw("", "")

    def _draw(self, text: str, html: str) -> None:
        from IPython.display import display  # noqa: PLC0415 - a notebook has loaded it

        bundle = {"text/plain": f"{self._what} {text}" if text else "", "text/html": html}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)  # type: ignore[no-untyped-call]


def describe(done: float, total: int | None, seconds: float) -> str:
    """Say how far the work is.

    Examples
    --------
    >>> describe(200e6, 1_000_000_000, 2.0), describe(30e6, None, 1.5)
    ('200 of 1,000 MB, 100 MB/s, 8 s left', '30 MB, 20 MB/s')
    """
    rate = done / seconds if seconds else 0.0
    if total is None or done > total:
        return f"{done / 1e6:,.0f} MB, {rate / 1e6:,.0f} MB/s"
    left = f", {(total - done) / rate:,.0f} s left" if rate else ""
    return f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB, {rate / 1e6:,.0f} MB/s{left}"


def _is_terminal(stream: object) -> bool:
    """Tell whether a person sees what is written; the stream may be closed, or hardly be one."""
    isatty = getattr(stream, "isatty", None)
    with suppress(ValueError):
        return bool(isatty is not None and isatty())
    return False


def _in_notebook() -> bool:
    """Tell a kernel from a terminal; nothing is imported for it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and getattr(shell, "kernel", None) is not None
