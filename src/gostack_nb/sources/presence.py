"""Whether something is there: a name that the operating system refuses to look up is that of nothing."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether anything has that name.

    >>> is_there(Path("a" * 1000)), is_there(Path())
    (False, True)
    """
    return _answer(path.exists)


def is_folder(path: Path) -> bool:
    """Whether a folder has that name."""
    return _answer(path.is_dir)


def is_file(path: Path) -> bool:
    """Whether a file has that name."""
    return _answer(path.is_file)


def is_fifo(path: Path) -> bool:
    """Whether a named pipe has that name."""
    return _answer(path.is_fifo)


def _answer(question: Callable[[], bool]) -> bool:
    with suppress(OSError):  # no permission to look, too long
        return question()
    return False
