"""Every exception of the package.

    GostackError
    +-- SourceError           the bytes could not be had
    |   +-- UnreachableError  no such file or host, no permission
    |   +-- DeadlineError     the source took too long
    |   +-- TooBigError       more bytes than the limit allows
    |   +-- NotPprofError     a server answered, but not with a profile
    |   +-- QueryError        a server of metrics, profiles or logs refuses what was asked
    +-- RecordingError        a recording cannot be opened, written or read
    +-- FormatError           the bytes are no goroutine dump (also a ValueError)
    +-- FilterError           the text of a filter on goroutines cannot be read (also a ValueError)
    +-- MissingColumnError    a table lacks a column that the call needs (also a KeyError)
    +-- ExportError           a file could not be written
    +-- CatalogueError        a file of known stacks is not as it should be (also a ValueError)

A message says what, where, what was seen, and what to do.
"""


class GostackError(Exception):
    """Base of every error that this package raises on purpose."""


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


class RecordingError(GostackError):
    """A recording does not exist, is of a newer version, or its folder cannot be written or read."""


class FormatError(GostackError, ValueError):
    """The bytes are not a goroutine dump in any known form."""


class FilterError(GostackError, ValueError):
    """The text of a filter is not as `select` describes it, or asks for what does not exist."""


class MissingColumnError(GostackError, KeyError):
    """A table lacks a column that the call needs."""

    def __str__(self) -> str:
        """Return the plain message: KeyError would show its repr."""
        return str(self.args[0]) if self.args else ""


class ExportError(GostackError):
    """A chart, table or notebook could not be written."""


class CatalogueError(GostackError, ValueError):
    """A file of the catalogue of known stacks is not as docs/catalogue.md says, or an entry does not exist."""
