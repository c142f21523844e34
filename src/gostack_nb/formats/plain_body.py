"""The common body, in which every call stands above its source line: taken apart into texts that are known.

Stacks that are new are made of parts that are not: the leaf's function and file, what stands below it, where it was
started. Each is found by its text; only the line numbers of leaf and creator are looked at each time.
"""

from collections.abc import Collection
from itertools import zip_longest
from typing import Any

from gostack_nb.formats.body import to_text
from gostack_nb.formats.frames import UNKNOWN_INDEX
from gostack_nb.formats.grammar import CALL, CREATOR, OFFSET, PLACE
from gostack_nb.formats.records import NO_LINE, Records, StackParts

LONGEST_LINE = 9
"""Digits of a line number."""

LENGTHS = 1 << 12
"""Texts whose lengths differ by this are taken for equally long ones."""


class PlainBodies:
    """Numbers the texts of which bodies are made.

    Parameters
    ----------
    records : Records
        Where the numbers are given.

    Attributes
    ----------
    functions, files : dict of bytes to int
        By the line of the call, and by the source line up to the colon before the number. These dictionaries learn what
        they are asked for; a text that is not plain is a KeyError.
    called, created : dict of bytes to int
        The same for all lines below the leaf; in `created` up to ` in goroutine N`.
    """

    def __init__(self, records: Records) -> None:
        self.functions = _Functions(records)
        self.files = _Files(records)
        frames = _Frames(records, self.functions, self.files)
        self.called = _Called(records, frames)
        self.created = _Created(records, frames)
        self._offsets = {b""}

    def parts(self, before: bytes, behind: bytes | None) -> StackParts:
        """Return the parts of one body, given what stands before ` in goroutine N` and behind it.

        Raises
        ------
        KeyError
            If the body is not plain.
        """
        call, _, rest = before.partition(b"\n")
        location, _, rest = rest.partition(b"\n")
        file, line = _split_location(location)
        function, leaf_file = self.functions[call], self.files[file]
        if behind is None:
            return StackParts(function, leaf_file, line, self.called[rest], UNKNOWN_INDEX, NO_LINE)
        creator_file, creator_line = _split_location(behind)
        return StackParts(function, leaf_file, line, self.created[rest], self.files[creator_file], creator_line)

    def are_offsets(self, texts: Collection[bytes]) -> bool:
        """Whether each text is what Go prints behind a line number, or empty."""
        if self._offsets.issuperset(texts):
            return True
        self._offsets.update(text for text in texts if OFFSET.fullmatch(text))
        return self._offsets.issuperset(texts)


class _Functions(dict[bytes, int]):
    """The functions of calls."""

    def __init__(self, records: Records) -> None:
        self._functions = records.functions

    def __missing__(self, line: bytes) -> int:
        found = CALL.match(line)
        if found is None:
            raise KeyError(line)
        number = self[line] = self._functions[to_text(found["function"])]
        return number


class _Files(dict[bytes, int]):
    """The files of source lines."""

    def __init__(self, records: Records) -> None:
        self._files = records.files

    def __missing__(self, place: bytes) -> int:
        found = PLACE.fullmatch(place)
        if found is None:
            raise KeyError(place)
        number = self[place] = self._files[to_text(found["file"])]
        return number


class _Frames(dict[tuple[bytes, bytes], int]):
    """The frames of calls with their source lines."""

    def __init__(self, records: Records, functions: _Functions, files: _Files) -> None:
        self._frames, self._functions, self._files = records.frames, functions, files

    def __missing__(self, pair: tuple[bytes, bytes]) -> int:
        call, location = pair
        file, line = _split_location(location)
        number = self[pair] = self._frames[self._functions[call], self._files[file], int(line)]
        return number


class _Called(dict[bytes, int]):
    """What stands below a leaf where no goroutine is named as its creator."""

    def __init__(self, records: Records, frames: _Frames) -> None:
        self._records, self._frames = records, frames

    def __missing__(self, text: bytes) -> int:
        number = self[text] = self._records.rests[self._below(text), UNKNOWN_INDEX]
        return number

    def _below(self, text: bytes) -> int:
        line = iter(text.split(b"\n") if text else ())
        return self._records.below[tuple([self._frames[pair] for pair in zip_longest(line, line, fillvalue=b"")])]


class _Created(_Called):
    """What stands below a leaf, the last line `created by` and a function.

    Attributes
    ----------
    likely : list of (bytes or None, int)
        By the length of a text modulo `LENGTHS` the first that was that long: to compare takes less than to hash.
    """

    def __init__(self, records: Records, frames: _Frames) -> None:
        super().__init__(records, frames)
        self.likely: list[tuple[bytes | None, int]] = [(None, UNKNOWN_INDEX)] * LENGTHS

    def __missing__(self, text: bytes) -> int:
        calls, _, named = text.rpartition(b"\n")
        found = CREATOR.match(named)
        if found is None:
            raise KeyError(text)
        number = self[text] = self._records.rests[
            self._below(calls), self._records.functions[to_text(found["function"])]
        ]
        if self.likely[len(text) % LENGTHS][0] is None:
            self.likely[len(text) % LENGTHS] = text, number
        return number


def _split_location(location: bytes) -> tuple[bytes, bytes]:
    """Return a source line up to the colon before the number, and the number."""
    file, _, line = location.rpartition(b":")
    line, _, offset = line.partition(b" ")
    if not line.isdigit() or len(line) > LONGEST_LINE or (offset and not OFFSET.fullmatch(offset)):
        raise KeyError(location)
    return file, line


def are_numbers(texts: Collection[bytes], longest: int) -> bool:
    """Whether each text is a number of at most so many digits."""
    lengths = set(map(len, texts))
    return b"".join(texts).isdigit() and 0 not in lengths and max(lengths) <= longest


def columns_of(rows: list[Any], width: int) -> list[list[Any]]:
    """Return the columns of rows that stand one behind the other in one list."""
    return [rows[place::width] for place in range(width)]
