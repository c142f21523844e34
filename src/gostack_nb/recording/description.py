"""`recording.json`: makes a folder a recording, and says which version wrote it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from gostack_nb.errors import RecordingError
from gostack_nb.recording.durable import NewFile, cannot_read, make_folder, read_small, write_durably, write_new
from gostack_nb.recording.layout import RAW, SIDECAR, TABLES, written_by
from gostack_nb.recording.raw_files import CHECKSUM, with_checksum
from gostack_nb.sources.blob import printable

FORMAT_VERSION = 1
FILE = "recording.json"

_OWNER_ONLY = 0o700
_ENTRIES = ("recording_version", "written_by", CHECKSUM)
_FOLDERS = frozenset({RAW, TABLES.partition("/")[0]})


def read_title(root: Path) -> str | None:
    """Return the title in `recording.json`; where that is damaged, the evidence beside it tells that it is a recording.

    Raises
    ------
    RecordingError
        If the folder is no recording, or one of a newer version.
    """
    shown = printable(str(root))
    try:
        told = _told(read_small(root / FILE))
    except FileNotFoundError as error:
        msg = f"{shown}: {_absence(root)}"
        raise RecordingError(msg) from error
    except NotADirectoryError as error:
        msg = f"{shown}: is a file, not the folder of a recording. Hint: gs.read reads a file"
        raise RecordingError(msg) from error
    except OSError as error:
        raise cannot_read(root, error) from error
    _check(root, told)
    title = told.get("title")
    return title if isinstance(title, str) else None


def _check(root: Path, told: Mapping[str, object]) -> None:
    """Refuse what cannot be read as a recording of this version."""
    shown = printable(str(root))
    version = told.get("recording_version")
    if _is_of_others(told):
        msg = f"{shown}: is no recording: its {FILE} is that of another program. Hint: gs.read reads a folder of dumps"
        raise RecordingError(msg)
    if not isinstance(version, int):
        if not _holds_evidence(root):
            hint = f"Hint: remove {FILE} and open it with create=True; only the title is in that file"
            msg = f"{shown}: its {FILE} is damaged. {hint}"
            raise RecordingError(msg)
    elif version > FORMAT_VERSION and not _is_flipped(told):
        hint = "Hint: install a newer gostack-nb; gs.read reads the dumps in its folder raw/ all the same"
        msg = f"{shown}: is a recording of version {version}, newer than {FORMAT_VERSION}, which is known here. {hint}"
        raise RecordingError(msg)


def _told(data: bytes) -> dict[str, object]:
    """Return the entries of the file; none if it is damaged."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _is_of_others(told: Mapping[str, object]) -> bool:
    """Whether another program wrote a file of that name."""
    return bool(told) and told.keys().isdisjoint(_ENTRIES)


def _holds_evidence(root: Path) -> bool:
    """Whether something beside the file is only in recordings: tables, or a raw file with its sidecar."""
    return (root / TABLES).is_dir() or any((root / RAW).rglob(f"*.gz{SIDECAR}"))


def _is_flipped(told: Mapping[str, object]) -> bool:
    """Whether the version is damaged: the checksum is that of the one which is known here."""
    known = json.loads(with_checksum({**told, "recording_version": FORMAT_VERSION}))
    return bool(known[CHECKSUM] == told.get(CHECKSUM))


def _absence(root: Path) -> str:
    if root.is_dir():
        return f"is no recording: it has no {FILE}. Hint: gs.read reads a folder of dumps"
    return f"no such recording (seen from {Path.cwd()}). Hint: Recording.open(path, create=True) makes one"


def write_description(root: Path, title: str | None) -> None:
    """Make a folder a recording; one of several processes that do so at once gives the title.

    Raises
    ------
    RecordingError
        If the folder holds something else, or cannot be written.
    """
    make_folder(root, mode=_OWNER_ONLY)
    try:
        strange = sorted(path.name for path in root.iterdir() if path.name not in _FOLDERS and path.name[0] != ".")
    except OSError as error:
        raise cannot_read(root, error) from error
    if FILE in strange:
        return
    if strange:
        shown = f"{printable(str(root))}: is no recording and holds other files ({printable(strange[0])})"
        msg = f"{shown}. Hint: name a new folder, and add these with Recording.add"
        raise RecordingError(msg)
    write_new(root / FILE, _written(title))


def mend_description(root: Path, title: str | None) -> None:
    """Write the file anew if it is damaged.

    Raises
    ------
    RecordingError
        If the operating system refuses.
    """
    if description_problem(root) is not None:
        write_durably([NewFile(root / FILE, _written(title))])


def description_problem(root: Path) -> str | None:
    """Compare the file with its own checksum; None if nothing is wrong."""
    try:
        data = read_small(root / FILE)
        return None if data == with_checksum(json.loads(data)) else "the file was changed: its checksum does not fit"
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        return f"cannot be read ({error})"


def described(root: Path, title: str | None, rows: pd.DataFrame) -> str:
    """Say in one line what a recording holds."""
    dumps = rows[rows["snapshot_id"].notna()]
    services = [str(name) for name in dumps["service"].dropna().unique()]
    times = dumps["captured_at"].dropna()
    span = f", {times.min():%Y-%m-%d %H:%M:%S} to {times.max():%Y-%m-%d %H:%M:%S} UTC" if len(times) else ""
    named = f" of {', '.join(sorted(services)[:3])}{' ...' if len(services) > 3 else ''}" if services else ""
    titled = f" {title!r}" if title else ""
    return f"<Recording{titled} {printable(str(root))}: {len(dumps)} snapshots{named}{span}>"


def _written(title: str | None) -> bytes:
    return with_checksum({"recording_version": FORMAT_VERSION, "title": title, "written_by": written_by()})
