"""Marks of a monitor: what somebody did and when, kept beside the evidence."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Self

import pandas as pd

from gostack_nb.recording.description import FORMAT_VERSION
from gostack_nb.recording.durable import read_small, write_new
from gostack_nb.recording.layout import time_text
from gostack_nb.sources.blob import printable
from gostack_nb.sources.captured_at import from_iso
from gostack_nb.widgets.monitor_events import times

FOLDER = "marks"
LONGEST = 200
"""Characters of a mark: it stands beside a line of a chart."""

UNNAMED = "mark"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A moment that somebody marked.

    Attributes
    ----------
    at : datetime
        Aware, UTC.
    text : str
        One line of printable characters.
    """

    at: datetime
    text: str

    @classmethod
    def of(cls, text: str, at: datetime) -> Self:
        """Make one of what was typed.

        >>> Mark.of("  deployed  fix ", from_iso("2026-11-23T08:54:00Z")).text
        'deployed fix'
        """
        return cls(at, printable(" ".join(text.split()))[:LONGEST] or UNNAMED)


def keep_mark(root: Path, mark: Mark) -> None:
    """Write a mark into a recording: a small file of its own, so that no two writers need to agree.

    Raises
    ------
    RecordingError
        If it cannot be written.
    """
    # The first entry is how readers of folders know files of a recording that are no dumps.
    told = {"recording_version": FORMAT_VERSION, "at": mark.at.isoformat(), "text": mark.text}
    name = f"{time_text(mark.at)}-{blake2b(mark.text.encode(), digest_size=4).hexdigest()}.json"
    write_new(root / FOLDER / name, (json.dumps(told, indent=1) + "\n").encode())


def read_marks(root: Path) -> list[Mark]:
    """Return the marks in a recording, in order of time; other files in their folder are passed over."""
    return sorted(filter(None, map(_mark_in, (root / FOLDER).glob("*.json"))))


def marks_table(marks: Iterable[Mark]) -> pd.DataFrame:
    """Return marks as a table: `at` (datetime64[ns, UTC]), `text` (str)."""
    rows = sorted(marks)
    text = pd.Series([mark.text for mark in rows], dtype="str")
    return pd.DataFrame({"at": times([mark.at for mark in rows]), "text": text})


def _mark_in(path: Path) -> Mark | None:
    try:
        told = json.loads(read_small(path))
        at = from_iso(str(told["at"]))
        return Mark.of(str(told["text"]), at) if at else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
