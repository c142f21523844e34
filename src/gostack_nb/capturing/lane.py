"""The way from one service to where its evidence is kept: writing does not hold up what is asked next.

A round is to show one moment, and a recording takes its time: it makes tables and waits for the disk.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from gostack_nb.sources.evidence import Evidence


class ClosedError(Exception):
    """The capture is over: an answer that came late is let go."""


class Lane:
    """Keeps evidence in the order in which it comes, in a thread of its own.

    Parameters
    ----------
    keep : callable
        Called with each evidence.

    Attributes
    ----------
    kept : int
        How much was kept by now.
    """

    def __init__(self, keep: Callable[[Evidence], object]) -> None:
        self._keep = keep
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keep")
        self._lock = threading.Lock()
        self._is_open = True
        self._pending: list[Future[None]] = []
        self.kept = 0

    def keep(self, evidence: Evidence) -> None:
        """Hand in evidence.

        Raises
        ------
        ClosedError
            If the capture is over.
        """
        with self._lock:
            if not self._is_open:
                raise ClosedError
            self._pending.append(self._writer.submit(self._write, evidence))

    def settle(self) -> None:
        """Wait until everything is kept that was handed in; raises what `keep` raised."""
        with self._lock:
            pending, self._pending = self._pending, []
        for kept in pending:
            kept.result()

    def close(self) -> None:
        """Let nothing more in, and wait for the rest."""
        with self._lock:
            self._is_open = False
        self._writer.shutdown(wait=True)

    def _write(self, evidence: Evidence) -> None:
        self._keep(evidence)
        self.kept += 1
