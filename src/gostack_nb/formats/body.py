"""What stands below a goroutine header: frames, creator, ancestors.

The lines may have their arguments or not: both `main.f(0x1, 0x2)` and `main.f(` name the call of main.f.
"""

from typing import NamedTuple

from gostack_nb.formats.frames import UNKNOWN_NUMBER, Frame, Stack
from gostack_nb.formats.grammar import (
    ANCESTOR,
    BARE_LOCATION,
    C_ADDRESS,
    C_LOCATION,
    C_UNNAMED,
    CALL,
    CREATED_BY,
    ELIDED,
    LOCATION,
    UNAVAILABLE,
)

ELIDED_FRAMES = Frame("...frames elided...")
"""Stands where Go left out the middle of a deep stack; one text for every depth, so that recursion stays one stack."""


class Body:
    """A goroutine's stack as far as it was read, and the lines that did not belong to it."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.creator: Frame | None = None
        self.creator_id = UNKNOWN_NUMBER
        self.junk_inside: list[int] = []  # indices of lines with more of the stack behind them
        self.junk_behind: list[int] = []  # indices of lines with nothing of the stack behind them
        self.without_location: list[int] = []  # indices of calls whose source line is missing
        self.stray: int | None = None  # index of a stack that begins after a blank line, without a header of its own
        self.cut = False  # the last call or location is unfinished

    @property
    def clean(self) -> bool:
        """Whether every line was understood."""
        return not (self.junk_inside or self.junk_behind or self.without_location or self.cut) and self.stray is None

    def stack(self) -> Stack:
        """Return what was read as a value."""
        return Stack(tuple(self.frames), self.creator)


class _Pending(NamedTuple):
    """A line that waits for its source line: a call, or what may be the name of a C function."""

    place: int
    line: bytes
    called: bytes | None  # looked for once: the line may be long, and many others follow it


class _Reader:
    """Reads the lines of one goroutine; a call waits in `pending` until its source line comes."""

    __slots__ = ("_blank", "_in_ancestors", "_junk", "_pending", "body")

    def __init__(self) -> None:
        self.body = Body()
        self._pending: _Pending | None = None
        self._junk: list[int] = []
        self._in_ancestors = False
        self._blank = False

    def read(self, lines: list[bytes]) -> Body:
        for index, line in enumerate(lines):
            if not line or line.isspace():
                self._blank = True
            elif self._take_location(line) or self._take_line(index, line):
                self.body.junk_inside += self._junk
                self._junk.clear()
            elif self.body.stray is not None:
                break
            else:
                self._junk.append(index)
        self._finish(lines)
        return self.body

    def _take_location(self, line: bytes) -> bool:
        """Give the waiting call its file and line, if this is one."""
        if self._pending is None:
            return False
        found = LOCATION.match(line) or BARE_LOCATION.match(line)
        name = self._pending.called
        if found is None or name is None:
            found = C_LOCATION.match(line)
            if found is None and not C_ADDRESS.match(line):
                return False
            name = self._pending.line.strip()
        self._add(name, to_text(found["file"]) if found else "", int(found["line"]) if found else 0)
        self._forget_pending_junk()
        self._pending = None
        return True

    def _forget_pending_junk(self) -> None:
        """Take back that a C function, alone on its line until its location came, was junk."""
        if self._pending and self._junk and self._junk[-1] == self._pending.place:
            self._junk.pop()

    def _add(self, name: bytes, file: str, line: int) -> None:
        created = CREATED_BY.match(name) if name.startswith(b"created by ") else None
        frame = Frame(to_text(created["function"] if created else name), file, line)
        if self._in_ancestors:
            return
        if created:
            self.body.creator = frame
        else:
            self.body.frames.append(frame)

    def _take_line(self, index: int, line: bytes) -> bool:
        """Take a line that is no location: a call, the creator, an ancestor, a note of the runtime."""
        called = _called(line)
        if called is not None:
            return self._take_call(_Pending(index, line, called))
        if C_UNNAMED.match(line):
            self._add(b"non-Go function", "", 0)
        elif ELIDED.match(line):
            if not self._in_ancestors:
                self.body.frames.append(ELIDED_FRAMES)
        elif found := ANCESTOR.match(line):
            self._enter_ancestors(int(found["id"]))
        elif not UNAVAILABLE.match(line):
            self._remember_c_name(index, line)
            return False
        return True

    def _take_call(self, call: _Pending) -> bool:
        if self._blank and self._pending is None and (self.body.frames or self.body.creator):
            if self.body.stray is None:
                self.body.stray = call.place
            return False
        self._drop_pending()
        self._pending = call
        if (created := CREATED_BY.match(call.line)) and created["id"] and not self._in_ancestors:
            self.body.creator_id = int(created["id"])
        return True

    def _enter_ancestors(self, parent: int) -> None:
        """Take the first ancestor as the parent: before go1.21 nothing else names it."""
        if not self._in_ancestors and self.body.creator_id == UNKNOWN_NUMBER:
            self.body.creator_id = parent
        self._in_ancestors = True

    def _remember_c_name(self, index: int, line: bytes) -> None:
        if self._pending is None or self._pending.called is None:
            self._pending = _Pending(index, line, None)

    def _drop_pending(self) -> None:
        """Keep a call whose source line never came."""
        if self._pending is None or self._pending.called is None:
            return
        self.body.without_location.append(self._pending.place)
        self._add(self._pending.called, "", 0)

    def _finish(self, lines: list[bytes]) -> None:
        if self._pending is not None and self._pending.called is not None:
            after = [index for index in range(self._pending.place + 1, len(lines)) if lines[index].strip()]
            self.body.cut = len(after) <= 1
            self._drop_pending()
        self.body.junk_behind += self._junk


def read_body(lines: list[bytes]) -> Body:
    r"""Read the lines below one header.

    >>> body = read_body([b"main.f(0x1)", b"\t/srv/main.go:7 +0x1d", b"created by main.main in goroutine 1",
    ...                   b"\t/srv/main.go:3 +0x2b"])
    >>> body.stack().frames[0]
    Frame(function='main.f', file='/srv/main.go', line=7, inlined=False)
    >>> body.creator_id, body.clean
    (1, True)
    """
    return _Reader().read(lines)


def is_location(line: bytes) -> bool:
    """Whether the line is an indented source line, as it stands below a call."""
    return line[:1] in (b"\t", b" ") and BARE_LOCATION.match(line.strip()) is not None


def is_call(line: bytes) -> bool:
    """Whether the line names a call, `main.f(0x1)` or `created by main.f`."""
    return _called(line) is not None


def _called(line: bytes) -> bytes | None:
    """Return the function that `main.f(0x1)` or `created by main.f` names, with the words `created by`."""
    if line.startswith(b"created by "):
        return line
    found = CALL.match(line.rstrip())
    return found["function"] if found else None


def to_text(name: bytes) -> str:
    """Decode a name or path; bytes that are no UTF-8 stay as four characters."""
    return name.decode("utf-8", "backslashreplace")
