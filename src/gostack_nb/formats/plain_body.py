"""The common body, in which every call stands above its source line: taken apart, many bodies at a time.

Stacks that are new are made of parts that are not: the leaf, what stands below it, the creator. Each part gets a number
by its text; what the new texts say is found out for all of them together.
"""

import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice, repeat, zip_longest
from typing import TypeVar

from gostack_nb.formats.body import to_text
from gostack_nb.formats.frames import UNKNOWN_INDEX, Frame
from gostack_nb.formats.grammar import CALL, CREATOR, LOCATION
from gostack_nb.formats.numbering import Numbering
from gostack_nb.formats.records import Parts, Records

_NOT_PLAIN = -2
"""In place of the number of a frame, or of what stands below it: the text is not what it should be."""

NO_CREATOR = 0
"""The number of the creator where none is named."""

_LOCATIONS = re.compile(b"^" + LOCATION.pattern, re.MULTILINE)
_NOBODY = (b"\n", b"")  # a pair of lines that no body has
_make_frame = partial(tuple.__new__, Frame)  # four times as fast as Frame(...)

_NOT_INLINED = False  # tracebacks do not tell by which call

_Pair = tuple[bytes, bytes]
_Text = TypeVar("_Text", bytes, _Pair)


class PlainBodies:
    """Numbers the texts of which bodies are made, and tells their stacks.

    Parameters
    ----------
    records : Records
        Where frames and stacks get their numbers.

    Attributes
    ----------
    calls, creators : Numbering of pairs of bytes
        A call and its source line; what stands before ` in goroutine N` and the line behind it.
    below : Numbering of bytes
        All calls below the leaf.
    """

    def __init__(self, records: Records) -> None:
        self.calls = _Frames(records.frames, CALL)
        self.creators = _Frames(records.frames, CREATOR)
        self.creators[_NOBODY] = NO_CREATOR
        self.creators.frames.append(UNKNOWN_INDEX)
        self.below = _Below(records.below, self.calls)
        self._stacks = records.stacks

    def codes(self, bodies: Iterable[Parts]) -> list[int | None]:
        """Return the codes of stacks, given the numbers of the texts of leaf, calls below and creator.

        None where one of the texts is not plain.
        """
        self.below.learn()
        self.creators.learn()
        leaf_of, below_of, creator_of = self.calls.frames, self.below.numbers, self.creators.frames
        stacks, known = self._stacks, self._stacks.get
        codes: list[int | None] = []
        for leaf, below, creator in bodies:
            stack = leaf_of[leaf], below_of[below], creator_of[creator]
            code = known(stack)
            if code is None and _NOT_PLAIN not in stack:
                code = stacks[stack] = len(stacks)
            codes.append(code)
        return codes

    def parts(self, before: bytes, behind: bytes | None) -> Parts:
        """Return the numbers of the texts of one body, given what stands before ` in goroutine N` and behind it."""
        creator = NO_CREATOR
        if behind is not None:
            before, _, named = before.rpartition(b"\n")
            creator = self.creators[named, behind]
        call, _, rest = before.partition(b"\n")
        location, _, below = rest.partition(b"\n")
        return self.calls[call, location], self.below[below], creator


class _Frames(Numbering[_Pair]):
    """Numbers for pairs of lines; `frames` has the number of each one's frame."""

    def __init__(self, frames: Numbering[Frame], names: re.Pattern[bytes]) -> None:
        self.frames: list[int] = []
        self._frames = frames
        self._functions = _Functions(names)
        self._files = _Files()

    def learn(self) -> None:
        """Look at the pairs that are new."""
        new = _last(self, len(self.frames))
        if new:
            self.frames += self._look_at(new)

    def _look_at(self, pairs: Sequence[_Pair]) -> Sequence[int]:
        frames = self._look_at_all(pairs)
        if frames is None:
            return [_NOT_PLAIN] if len(pairs) == 1 else [frame for pair in pairs for frame in self._look_at([pair])]
        return self._frames.of_all(frames)

    def _look_at_all(self, pairs: Sequence[_Pair]) -> list[Frame] | None:
        """Return the frames; None if one of the pairs is no frame."""
        names, locations = zip(*pairs, strict=True)
        functions = [self._functions[name] for name in names]
        text = b"\n".join(locations)
        found = _LOCATIONS.findall(text)
        if "" in functions or len(found) != len(pairs) or text.count(b"\n") >= len(pairs):
            return None
        files, lines = zip(*found, strict=True)
        paths = map(self._files.__getitem__, files)
        return list(map(_make_frame, zip(functions, paths, map(int, lines), repeat(_NOT_INLINED))))


class _Below(Numbering[bytes]):
    """Numbers for texts of several calls; `numbers` are those that the records give them."""

    def __init__(self, below: Numbering[tuple[int, ...]], calls: _Frames) -> None:
        self.numbers: list[int] = []
        self._below = below
        self._calls = calls

    def learn(self) -> None:
        """Look at the texts that are new, and at all new calls."""
        new = [self._calls_in(text) for text in _last(self, len(self.numbers))]
        self._calls.learn()
        for calls in new:
            frames = tuple([self._calls.frames[call] for call in calls])
            self.numbers.append(_NOT_PLAIN if _NOT_PLAIN in frames else self._below[frames])

    def _calls_in(self, text: bytes) -> list[int]:
        line = iter(text.split(b"\n") if text else ())
        return [self._calls[pair] for pair in zip_longest(line, line, fillvalue=b"")]


class _Functions(dict[bytes, str]):
    """The functions that lines name; empty if a line names none."""

    def __init__(self, names: re.Pattern[bytes]) -> None:
        self._names = names

    def __missing__(self, line: bytes) -> str:
        found = self._names.match(line)
        function = self[line] = to_text(found["function"]) if found else ""
        return function


class _Files(dict[bytes, str]):
    """Paths as text."""

    def __missing__(self, path: bytes) -> str:
        text = self[path] = to_text(path)
        return text


def _last(texts: Numbering[_Text], known: int) -> list[_Text]:
    """Return the texts that came behind those known."""
    return list(islice(reversed(texts), len(texts) - known))[::-1]
