"""A local checkout of the program's source: which file a dump means, and its text. Nothing outside the checkout."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.presence import is_folder

MOST_BYTES = 1_000_000
"""A bigger file is generated; nobody reads around a line of it."""

MOST_FILES = 200_000
"""Go files that are looked at; the largest public repositories hold some 20,000."""

MOST_FOLDERS = 100_000
"""Folders that are entered: whoever names a whole disk waits seconds, not hours."""

GO = ".go"
"""Only Go files are read: a dump may come from anybody, and name any file."""

_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_VERSION = re.compile(r"@v\d[^/]*")
_CAPITAL = re.compile(r"!([a-z])")

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A file of the checkout that a path in a dump may mean.

    Attributes
    ----------
    path : PurePosixPath
        Where it lies, relative to the root.
    parts : int
        How many last parts of both paths agree; 1 if only the name of the file does.
    """

    path: PurePosixPath
    parts: int


@dataclass(frozen=True)
class Checkout:
    """A folder with Go files.

    Attributes
    ----------
    root : Path
        As it was named.
    """

    root: Path

    @cached_property
    def files(self) -> tuple[PurePosixPath, ...]:
        """All Go files, relative to the root, in order; hidden folders and links to folders are not entered.

        Returns
        -------
        tuple of PurePosixPath
            At most `MOST_FILES`.
        """
        return tuple(sorted(islice(_walk(self._top, GO), MOST_FILES)))

    @cached_property
    def modules(self) -> dict[PurePosixPath, str]:
        """The folders that hold a go.mod, and the names of their modules.

        Returns
        -------
        dict of PurePosixPath to str
            Folders relative to the root.
        """
        mods = (path for path in _walk(self._top, "go.mod") if path.name == "go.mod")
        texts = {path.parent: self.text(path) or "" for path in islice(mods, MOST_FILES)}
        return {folder: found[1] for folder, text in texts.items() if (found := _MODULE.search(text))}

    @cached_property
    def _top(self) -> Path:
        return self.root.expanduser().resolve()

    def fits(self, printed: str) -> list[Fit]:
        """Return the files with the name that a dump prints, those first whose last folders agree, too.

        Parameters
        ----------
        printed : str
            The path of a frame, as the dump prints it.

        Returns
        -------
        list of Fit
            Most parts that agree first, then the least deep; empty if no file has that name.
        """
        wanted = _parts(printed)
        named = [path for path in self.files if path.name == wanted[-1]]
        found = [Fit(path, max(_agreeing(wanted, name) for name in self._names(path))) for path in named]
        return sorted(found, key=lambda fit: (-fit.parts, len(fit.path.parts), fit.path))

    def text(self, path: PurePosixPath) -> str | None:
        """Return the text of a file.

        Parameters
        ----------
        path : PurePosixPath
            Relative to the root.

        Returns
        -------
        str or None
            Line ends as they are in the file; what is no UTF-8 is replaced. None if the file is too big, leads out
            of the checkout or cannot be read.
        """
        try:
            file = (self._top / path).resolve(strict=True)
            if not (file.is_file() and file.is_relative_to(self._top)):
                return None
            with file.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
        except (OSError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
            return None
        return None if len(data) > MOST_BYTES else data.decode("utf-8", "replace")

    def _names(self, path: PurePosixPath) -> Iterator[Parts]:
        """Yield what Go may call a file: by its place on the disk, and with -trimpath by its module."""
        yield (*self._top.parts, *path.parts)
        for folder in path.parents:
            if folder in self.modules:
                yield (*self.modules[folder].split("/"), *path.relative_to(folder).parts)
                return


def open_checkout(root: str | os.PathLike[str]) -> Checkout:
    """Open a folder with the program's source.

    Parameters
    ----------
    root : path
        The folder; `~` is the home of the user.

    Returns
    -------
    Checkout
        Nothing is read yet.

    Raises
    ------
    UnreachableError
        If there is no such folder.
    """
    folder = Path(root)
    if not is_folder(folder.expanduser()):
        msg = f"{root}: no folder with source code. Hint: name the checkout that the program was built from"
        raise UnreachableError(msg)
    return Checkout(folder)


def _walk(top: Path, ending: str) -> Iterator[PurePosixPath]:
    for folder, names, files in islice(os.walk(top, followlinks=False), MOST_FOLDERS):
        names[:] = sorted(name for name in names if not name.startswith("."))
        here = PurePosixPath(Path(folder).relative_to(top).as_posix())
        yield from (here / name for name in sorted(files) if name.endswith(ending))


def _parts(printed: str) -> Parts:
    r"""Return the parts of a path as a checkout has them: no version, no capitals in the module cache's spelling.

    >>> _parts("/go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.3/decode.go")[-3:]
    ('BurntSushi', 'toml', 'decode.go')
    """
    plain = _VERSION.sub("", printed.replace("\\", "/"))
    return tuple(part for part in _CAPITAL.sub(lambda found: found[1].upper(), plain).split("/") if part) or ("",)


def _agreeing(one: Parts, other: Parts) -> int:
    """Count the last parts that are the same."""
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count
