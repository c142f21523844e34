"""The dumps of an investigation: where the notebook finds them, and what a live service answered, kept as evidence."""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gostack_nb.errors import SourceError, UnreachableError
from gostack_nb.recording.raw_files import SIDECAR_VERSION
from gostack_nb.reports.bundled import bundled
from gostack_nb.sources.address import scheme_of
from gostack_nb.sources.blob import Blob, Unread
from gostack_nb.sources.opening import open_sources
from gostack_nb.sources.presence import is_fifo

STANDARD_INPUT = "-"

REFERENCE_SOURCE = "dumps/server"
"""The program of the recorded incident, where `reference` puts it."""

Report = Callable[[str], Any]


def reference(folder: Path) -> tuple[list[str], list[str]]:
    """Copy the recorded incident into the folder, so that the folder holds all of its evidence."""
    shutil.copytree(bundled("push-incident"), folder / "dumps", dirs_exist_ok=True)
    return ["dumps/leak"], ["dumps/fixed"]


def gather(sources: Sequence[str], folder: Path, name: str, *, report: Report) -> list[str]:
    """Return the sources as paths that the notebook in `folder` finds.

    Files and folders stay where they are. What an address or standard input gives is read once and kept in the folder
    `name`, with a sidecar that says when and from where.

    Raises
    ------
    SourceError
        If none of the sources can be had; one that cannot among others is reported.
    """
    paths: list[str] = []
    for source in sources:
        try:
            paths += _kept(source, folder, name)
        except SourceError as error:
            if len(sources) == 1:
                raise
            report(f"  not read: {error}")
    if not paths:
        msg = f"none of {len(sources)} sources can be read. Hint: try each with gostack-nb show"
        raise SourceError(msg)
    return paths


def _kept(source: str, folder: Path, name: str) -> list[str]:
    if source == STANDARD_INPUT:
        blobs = _blobs(_standard_input())
    elif scheme_of(source) is None and not is_fifo(Path(source).expanduser()):
        return [os.path.relpath(Path(source).expanduser(), folder)]
    else:
        blobs = _blobs(source)
    return [_write(blob, folder, name) for blob in blobs]


def _standard_input() -> Any:
    if sys.stdin is None:
        msg = "-: there is no standard input. Hint: pipe a dump into the command, or name a file"
        raise UnreachableError(msg)
    return sys.stdin.buffer


def _blobs(source: Any) -> list[Blob]:
    found = list(open_sources(source))
    unread = [item for item in found if isinstance(item, Unread)]
    if unread:
        msg = f"{unread[0].source}: {unread[0].reason}"
        raise SourceError(msg)
    return [item for item in found if isinstance(item, Blob)]


def _write(blob: Blob, folder: Path, name: str) -> str:
    """Keep the bytes under time, instance and content, so that no answer takes the place of another."""
    kept = folder / name
    kept.mkdir(parents=True, exist_ok=True)
    taken = f"{blob.captured_at:%Y%m%dT%H%M%SZ}" if blob.captured_at else "undated"
    instance = "".join(c if c.isalnum() or c in "-." else "-" for c in blob.instance or "dump")
    data = blob.data
    path = kept / f"{taken}-{instance}-{hashlib.sha256(data).hexdigest()[:8]}.dump"
    path.write_bytes(data)
    told = {
        "captured_at": blob.captured_at.isoformat() if blob.captured_at else None,
        "service": blob.service,
        "instance": blob.instance,
    }
    known = {key: value for key, value in told.items() if value is not None}
    if known:
        sidecar = {"sidecar_version": SIDECAR_VERSION, **known}
        path.with_name(f"{path.name}.json").write_text(json.dumps(sidecar) + "\n", encoding="utf-8")
    return str(path.relative_to(folder))
