"""The kept corpus: the inputs that reach each part of the code, one archive per target, and where they come from."""

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "kept"

MOST_BYTES = 80_000
"""Of one archive: all of them together stay small enough to be read in each run of the tests."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def archive_of(target: str) -> Path:
    """Return where the kept inputs of a target are."""
    return FOLDER / f"{target}.zip"


def kept_inputs(target: str) -> dict[str, bytes]:
    """Return the kept inputs of a target by name; none if it has no archive yet."""
    path = archive_of(target)
    if not path.exists():
        return {}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def keep_inputs(target: str, inputs: Iterable[bytes]) -> int:
    """Write the archive of a target anew, the shortest inputs first, as many as it may hold; return how many.

    Equal inputs give equal archives, so that a run that finds nothing new changes nothing.
    """
    FOLDER.mkdir(exist_ok=True)
    count = size = 0
    with zipfile.ZipFile(archive_of(target), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for data in sorted(set(inputs), key=lambda data: (len(data), data)):
            name = hashlib.sha256(data).hexdigest()[:16]
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED, 9)
            size = archive.fp.tell() if archive.fp else 0
            count += 1
            if size > MOST_BYTES:
                break
    return count
