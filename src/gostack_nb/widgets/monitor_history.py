"""What a monitor has captured: in a recording, with the names of its evidence by round."""

import threading
from datetime import datetime
from os import PathLike
from pathlib import Path

from gostack_nb.errors import RecordingError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.blob import printable
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.presence import is_there
from gostack_nb.widgets.monitor_marks import Mark, keep_mark, read_marks

MOST_ROUNDS = 48
"""Rounds that are looked at after each round: enough for a chart, and about a second of work."""

LAST_ROUNDS = 12
"""The latest, all of which are looked at; of those before them every second, fourth, eighth ..."""

MOST_ROWS = 400_000
"""Goroutines in all of them together: with many goroutines there are fewer rounds."""

LEAST_ROUNDS = 4


class History:
    """The recording of a monitor; it is made when the first evidence comes.

    Parameters
    ----------
    path : path
        Of the recording. If it exists it is opened at once.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()
        self._lock = threading.Lock()
        self._rounds: dict[datetime | None, list[str]] = {}
        self._marks: list[Mark] = []  # that wait for a recording
        self._recording = Recording.open(self.path, create=True) if is_there(self.path) else None

    @property
    def rounds(self) -> int:
        """How many rounds brought something."""
        return len(self._rounds)

    def keep(self, evidence: Evidence) -> None:
        """Save evidence; when this returns it is on disk."""
        name = self._opened().put(evidence)
        with self._lock:
            self._rounds.setdefault(evidence.captured_at, []).append(name)

    def mark(self, mark: Mark) -> None:
        """Keep a mark, as soon as there is a recording."""
        with self._lock:
            if self._recording is None:
                self._marks.append(mark)
                return
        keep_mark(self.path, mark)

    def marks(self) -> list[Mark]:
        """Return all marks of the recording, also those of others."""
        with self._lock:
            waiting = list(self._marks)
        return sorted([*read_marks(self.path), *waiting])

    def read(self) -> Dataset:
        """Return everything that came through here."""
        return self._read(list(range(self.rounds)))

    def read_some(self, goroutines: int) -> Dataset:
        """Return what is to be looked at while the capture goes on; `goroutines` is how many there are now."""
        most = max(LEAST_ROUNDS, min(MOST_ROUNDS, MOST_ROWS // max(goroutines, 1)))
        return self._read(chosen(self.rounds, most))

    def recording(self) -> Recording:
        """Open the recording anew, for somebody else."""
        if self._recording is None:
            shown = printable(str(self.path))
            msg = f"{shown}: there is no recording yet, since nothing was captured. Hint: start() the monitor"
            raise RecordingError(msg)
        return Recording.open(self.path)

    def _read(self, places: list[int]) -> Dataset:
        with self._lock:
            rounds, recording = list(self._rounds.values()), self._recording
        names = [name for place in places for name in rounds[place]]
        return recording.read_evidence(names) if recording and names else read_blobs([])

    def _opened(self) -> Recording:
        with self._lock:
            if self._recording is None:
                made = Recording.open(self.path, create=True)
                for mark in self._marks:
                    keep_mark(self.path, mark)
                self._recording, self._marks = made, []
            return self._recording


def chosen(rounds: int, most: int) -> list[int]:
    """Choose rounds: the first, the last ones, and some between; which these are changes seldom.

    >>> chosen(5, 20), chosen(20, 8)
    ([0, 1, 2, 3, 4], [0, 4, 8, 12, 16, 18, 19])
    """
    last = min(LAST_ROUNDS, max(2, most // 4))
    step = 1
    while (kept := _every(rounds, step, last)) and len(kept) > most:
        step *= 2
    return kept


def default_folder(instance: str, now: datetime) -> Path:
    """Name the recording of a monitor that was given none, as `gostack-nb capture` does.

    >>> from datetime import UTC
    >>> default_folder("10.0.0.7:6060", datetime(2026, 11, 23, 3, 12, 7, tzinfo=UTC)).name
    'capture-10.0.0.7-6060-20261123T031207Z'
    """
    safe = "".join(sign if sign.isalnum() or sign in "-." else "-" for sign in instance).strip("-.")
    return Path(f"capture-{safe}-{now:%Y%m%dT%H%M%SZ}")


def _every(rounds: int, step: int, last: int) -> list[int]:
    return [place for place in range(rounds) if place % step == 0 or place >= rounds - last]
