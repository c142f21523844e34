"""Every exception of the package.

    GostackError
    +-- SourceError           the bytes could not be had
    |   +-- UnreachableError  no such file or host, no permission
    |   +-- DeadlineError     the source took too long
    |   +-- TooBigError       more bytes than the limit allows
    |   +-- NotPprofError     a server answered, but not with a profile
    |   +-- QueryError        a server of metrics, profiles or logs refuses what was asked
    +-- FleetError            the pool or cluster that a sweep shall run on cannot be used
    +-- RecordingError        a recording cannot be opened, written or read
    +-- FormatError           the bytes are no goroutine dump (also a ValueError)
    +-- FilterError           the text of a filter on goroutines cannot be read (also a ValueError)
    +-- ArgumentError         a call was given something else than it takes (also a TypeError and a ValueError)
    +-- MissingColumnError    a table lacks a column that the call needs (also a KeyError)
    +-- ExportError           a file could not be written
    +-- CatalogueError        a file of known stacks is not as it should be (also a ValueError)

A message says what, where, what was seen, and what to do. So a notebook shows the line of the cell and the message, and
no page of traceback; `traceback.print_last()` shows all of it.
"""

from collections.abc import Iterator

_LIBRARIES = {"site-packages", "dist-packages"}


class GostackError(Exception):
    """Base of every error that this package raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the lines of the reader's own code, then the message."""
        return [*_own_lines(self), f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


def _own_lines(error: BaseException) -> Iterator[str]:
    # Who shows errors has loaded these; the processes that read parts of a large file would wait for them in vain.
    import traceback  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    package = Path(__file__).parent
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if frame.line and not _LIBRARIES & set(path.parts) and package not in path.parents:
            yield f"line {frame.lineno}: {frame.line}"


class SourceError(GostackError):
    """The bytes of a dump could not be had."""


class UnreachableError(SourceError):
    """The file or host does not exist, refuses, or may not be read."""


class DeadlineError(SourceError):
    """The source did not deliver within the time allowed."""


class TooBigError(SourceError):
    """The source delivers more bytes than the limit allows, compressed or not."""


class NotPprofError(SourceError):
    """A server answered, but not with a Go profile."""


class QueryError(SourceError):
    """A server of metrics, profiles or logs answered, and says that the question is wrong or too much."""


class FleetError(GostackError):
    """The pool or the cluster that a sweep shall run on cannot be reached, or cannot run this package."""


class RecordingError(GostackError):
    """A recording does not exist, is of a newer version, or its folder cannot be written or read."""


class FormatError(GostackError, ValueError):
    """The bytes are not a goroutine dump in any known form."""


class FilterError(GostackError, ValueError):
    """The text of a filter is not as `select` describes it, or asks for what does not exist."""


class ArgumentError(GostackError, TypeError, ValueError):
    """A call was given another kind of thing than it takes, or a name that does not exist."""


class MissingColumnError(GostackError, KeyError):
    """A table lacks a column that the call needs."""

    def __str__(self) -> str:
        """Return the plain message: KeyError would show its repr."""
        return str(self.args[0]) if self.args else ""


class ExportError(GostackError):
    """A chart, table or notebook could not be written."""


class CatalogueError(GostackError, ValueError):
    """A file of known stacks is not as docs/reference/catalogue.md says, or an entry does not exist."""
