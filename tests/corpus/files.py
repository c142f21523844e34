"""Where the corpus lies, and the bytes of its dumps.

`dumps/` holds real dumps of Go 1.21 to 1.27 (see its README.md); the reference incident is the recording in
`data/push-incident`, which the package ships.
"""

import gzip
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DUMPS = Path(__file__).parent / "dumps"
INCIDENT = ROOT / "data" / "push-incident"

_NO_DUMP = re.compile(r"(?:\.(?:metrics|numgoroutine|error)\.txt|\.json|README\.md|\.go|\.mod|server\.log)$")


def folders() -> dict[str, Path]:
    """Return the folders with dumps by name, `go1.27.3-zoo`: one golden file each."""
    found = {
        "-".join(path.relative_to(DUMPS).parts): path
        for path in sorted(DUMPS.rglob("*"))
        if path.is_dir() and dumps_in(path)
    }
    for path in sorted(INCIDENT.glob("*")):
        if path.is_dir() and dumps_in(path):
            found[f"push-incident-{path.name}"] = path
    return found


def dumps_in(folder: Path) -> list[Path]:
    """Return the files of one folder that hold dumps, or look as if they did."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not is_no_dump(path))


def is_no_dump(path: Path) -> bool:
    """Whether a file lies beside the dumps and is none: metrics, notes, sources."""
    return _NO_DUMP.search(path.name) is not None


def content(path: Path) -> bytes:
    """Return the bytes of a file, decompressed: `sources` does that before a parser sees them."""
    data = path.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def is_plain_traceback(path: Path) -> bool:
    """Whether Go's text stands in the file as Go printed it: debug=2, a crash, a signal."""
    return (
        path.suffix == ".txt"
        and "debug1" not in path.name
        and ("wrapped" not in path.parts or ".ORIGINAL." in path.name)
    )
