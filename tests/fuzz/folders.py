"""Folders on disk of which one file holds whatever is given: recordings, catalogues, places of a fleet."""

import atexit
import re
import shutil
import tempfile
import warnings
from contextlib import suppress
from functools import cache
from pathlib import Path

from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.errors import CatalogueError, FormatError, GostackError
from gostack_nb.fleet.places import places_of
from gostack_nb.recording.recording import Recording
from gostack_nb.reports.sweeping import _read_table
from gostack_nb.sources.blob import Unread
from gostack_nb.sources.content import OnDisk
from gostack_nb.widgets.monitor_marks import FOLDER as MARKS
from gostack_nb.widgets.monitor_marks import marks_table, read_marks

KEPT = Path(__file__).parents[1] / "recordings" / "v1"


@cache
def workshop() -> Path:
    """Make one folder for this process; it goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="gostack-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def on_disk(data: bytes) -> OnDisk:
    """Write a file."""
    path = workshop() / "dump.txt"
    path.write_bytes(data)
    return OnDisk.of(path, "dump.txt")


@cache
def _recording() -> tuple[Path, tuple[Path, ...], dict[Path, bytes]]:
    root = workshop() / "recording"
    shutil.copytree(KEPT, root)
    (root / MARKS).mkdir()
    (root / MARKS / "1.json").write_text('{"recording_version": 1, "at": "2026-03-01T09:00:00Z", "text": "deploy"}')
    files = tuple(sorted(path for path in root.rglob("*") if path.is_file()))
    return root, files, {path: path.read_bytes() for path in files}


def read_recording(data: bytes) -> None:
    """Verify an open recording, and read it anew, in which one file, told by the first byte, holds the other bytes."""
    root, files, kept = _recording()
    opened = Recording.open(root)
    path = files[data[0] % len(files)] if data else files[0]
    path.write_bytes(data[1:])
    try:
        marks_table(read_marks(root))
        opened.verify()
        with suppress(GostackError):
            Recording.open(root).read()
    finally:
        path.write_bytes(kept[path])


def read_catalogue(data: bytes) -> None:
    """Read a catalogue of known stacks."""
    path = workshop() / "known.toml"
    path.write_bytes(data)
    with suppress(CatalogueError), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of re, about a pattern of one's own such as [[a]
        assert load_catalogue(path).entries


def read_table(data: bytes) -> None:
    """Read a table of sources, as `gostack-nb sweep --table` does."""
    path = workshop() / "sources.csv"
    path.write_bytes(data)
    with suppress(FormatError):
        _read_table(path)


@cache
def _fleet() -> Path:
    root = workshop() / "fleet"
    for zone in ("a", "b"):
        (root / zone).mkdir(parents=True)
        (root / zone / f"v1-{zone}.txt").write_text("goroutine 1 [running]:\n")
    return root


def list_places(data: bytes) -> None:
    """List the places that a pattern means, below a small folder."""
    text = re.sub(r"\.{2,}", "", data.decode("utf-8", "surrogateescape").replace("\0", ""))  # nothing outside is walked
    with suppress(GostackError):
        for place in places_of([f"{_fleet()}/{text}"]):
            assert isinstance(place, Unread) or place.source.startswith(str(_fleet())), place
