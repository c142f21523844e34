"""Whether something is there: a name that the operating system refuses to look up is that of nothing."""

from contextlib import suppress
from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether anything has that name.

    >>> is_there(Path("a" * 1000)), is_there(Path())
    (False, True)
    """
    with suppress(OSError):  # no permission to look, too long
        return path.exists()
    return False


def is_folder(path: Path) -> bool:
    """Whether a folder has that name."""
    with suppress(OSError):
        return path.is_dir()
    return False


def is_file(path: Path) -> bool:
    """Whether a file has that name."""
    with suppress(OSError):
        return path.is_file()
    return False


def is_fifo(path: Path) -> bool:
    """Whether a named pipe has that name."""
    with suppress(OSError):
        return path.is_fifo()
    return False
