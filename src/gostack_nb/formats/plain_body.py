"""The common body, in which every call stands above its source line: frames by dictionary instead of line by line."""

import re
from itertools import zip_longest

from gostack_nb.formats.body import to_text
from gostack_nb.formats.frames import UNKNOWN_INDEX, Frame
from gostack_nb.formats.grammar import CALL, CREATOR, LOCATION
from gostack_nb.formats.numbering import Numbering
from gostack_nb.formats.records import Numbers

_Pair = tuple[bytes, bytes]


class PlainBodies:
    """Reads bodies; each pair of a call and its source line, and all that stands below a leaf, is looked at once.

    Parameters
    ----------
    frames : Numbering of Frame
        Where the frames get their numbers.
    """

    def __init__(self, frames: Numbering[Frame]) -> None:
        self._calls = _Calls(frames)
        self._creators = _Creators(frames)
        self._below: dict[bytes, tuple[int, ...]] = {}  # by text, without the creator's line

    def read(self, before: bytes, behind: bytes | None) -> Numbers | None:
        """Read a body; None if it is not plain.

        Parameters
        ----------
        before, behind : bytes
            What stands before ` in goroutine N` and behind; `behind` is None if no goroutine is named.
        """
        creator = UNKNOWN_INDEX
        if behind is not None:
            before, _, named = before.rpartition(b"\n")
            creator = self._creators[named, behind]
            if creator == UNKNOWN_INDEX:
                return None
        call, _, rest = before.partition(b"\n")
        location, _, rest = rest.partition(b"\n")
        calls = (self._calls[call, location], *self._read_below(rest))
        return None if UNKNOWN_INDEX in calls else (calls, creator)

    def _read_below(self, text: bytes) -> tuple[int, ...]:
        """Return the frames below a leaf: many stacks differ in nothing but where they are blocked."""
        calls = self._below.get(text)
        if calls is None:
            line = iter(text.split(b"\n") if text else ())
            calls = self._below[text] = tuple(map(self._calls.__getitem__, zip_longest(line, line, fillvalue=b"")))
        return calls


class _Frames(dict[_Pair, int]):
    """The numbers of the frames that were seen, by the text of both lines: UNKNOWN_INDEX if they are no frame."""

    names: re.Pattern[bytes]  # what the first of the two lines looks like

    def __init__(self, frames: Numbering[Frame]) -> None:
        self._frames = frames
        self._functions: dict[bytes, str] = {}
        self._files: dict[bytes, str] = {}

    def __missing__(self, pair: _Pair) -> int:
        named, location = pair
        function = self._functions.get(named) or self._learn_function(named)
        found = LOCATION.match(location)
        if not function or found is None:
            return UNKNOWN_INDEX
        file = self._files.get(found[1]) or self._files.setdefault(found[1], to_text(found[1]))
        number = self[pair] = self._frames[Frame(function, file, int(found[2]))]
        return number

    def _learn_function(self, line: bytes) -> str | None:
        found = self.names.match(line)
        return self._functions.setdefault(line, to_text(found["function"])) if found else None


class _Calls(_Frames):
    names = CALL


class _Creators(_Frames):
    names = CREATOR
