"""Which files of a folder or archive are not offered: those that are obviously something else.

Dumps live in .txt, .log, .md, .html, .json and files without a suffix. All of these are offered, and the
step that parses them says which is no dump. Hidden files and folders (and what a Mac adds to a zip) are not.
"""

from collections.abc import Sequence
from pathlib import PurePath

_CODE = frozenset({".go", ".mod", ".sum", ".py", ".pyc", ".ipynb", ".js", ".css", ".so", ".exe", ".jar", ".whl"})
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico"})
_DOCUMENTS = frozenset({".pdf", ".docx", ".xlsx", ".pptx", ".csv", ".parquet", ".db"})
SKIPPED_SUFFIXES = _CODE | _PICTURES | _DOCUMENTS
SKIPPED_FOLDERS = frozenset({"__pycache__", "__MACOSX"})


def is_offered(parts: Sequence[str]) -> bool:
    """Tell whether a file, given by its folders (below what the caller named) and name, may hold a dump.

    Examples
    --------
    >>> is_offered(["goroutine", "0.txt"]), is_offered([".git", "HEAD"]), is_offered(["main.go"])
    (True, False, False)
    """
    if any(is_hidden(part) for part in parts) or not SKIPPED_FOLDERS.isdisjoint(parts):
        return False
    return PurePath(parts[-1]).suffix.lower() not in SKIPPED_SUFFIXES


def is_hidden(part: str) -> bool:
    """Tell whether the name of a file or folder makes it a hidden one."""
    return part.startswith(".") and part not in {".", ".."}
