"""Records of the parts of one text, put together as if they had been read in one go."""

from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.frames import UNKNOWN_INDEX
from gostack_nb.formats.records import Records, StackColumns

Codes = NDArray[np.int32]


def join_records(parts: Sequence[tuple[Hashable, Records]]) -> Records:
    """Put the records of parts together.

    Parameters
    ----------
    parts : sequence of (hashable, Records)
        In the order of the text, each with the name of its reader. The parts of one reader have common numbers, and
        the dictionaries of each hold what was new to it.
    """
    whole, readers = Records(), defaultdict[Hashable, _Reader](_Reader)
    stack_count = 0
    for reader, part in parts:
        readers[reader].learn(whole, part, stack_count)
        stack_count += len(part.stacks.rest)
    numbers = {name: reader.numbers() for name, reader in readers.items()}
    for reader, part in parts:
        _append(whole, part, numbers[reader])
    return whole


class _Numbers(NamedTuple):
    """For each number of one reader, at its place, the number in the whole; for UNKNOWN_INDEX itself, at the end."""

    words: Codes
    attributes: Codes
    label_sets: Codes
    functions: Codes
    files: Codes
    rests: Codes
    stacks: Codes


class _Reader:
    """Learns what the numbers of one reader are in the whole."""

    def __init__(self) -> None:
        self._words, self._attributes, self._label_sets = [UNKNOWN_INDEX], [UNKNOWN_INDEX], [UNKNOWN_INDEX]
        self._functions, self._files, self._frames = [UNKNOWN_INDEX], [UNKNOWN_INDEX], [UNKNOWN_INDEX]
        self._below, self._rests, self._stacks = [UNKNOWN_INDEX], [UNKNOWN_INDEX], [UNKNOWN_INDEX]

    def learn(self, whole: Records, part: Records, stack_count: int) -> None:
        """Find out the numbers of what is new in a part, in its order; so many stacks are in the parts before it."""
        _extend(self._words, whole.words.of_all(part.words))
        _extend(self._attributes, whole.attributes.of_all(part.attributes))
        _extend(self._label_sets, whole.label_sets.of_all(part.label_sets))
        _extend(self._functions, whole.functions.of_all(part.functions))
        _extend(self._files, whole.files.of_all(part.files))
        functions, files = self._functions, self._files
        places = ((functions[function], files[file], line) for function, file, line in part.frames)
        _extend(self._frames, whole.frames.of_all(places))
        frames, below = self._frames, self._below
        _extend(below, whole.below.of_all(tuple([frames[call] for call in calls]) for calls in part.below))
        _extend(self._rests, whole.rests.of_all((below[calls], functions[creator]) for calls, creator in part.rests))
        _extend(self._stacks, range(stack_count, stack_count + len(part.stacks.rest)))

    def numbers(self) -> _Numbers:
        """Return what was learned."""
        learned = (self._words, self._attributes, self._label_sets, self._functions, self._files, self._rests)
        return _Numbers(*[np.array(numbers, dtype=np.int32) for numbers in (*learned, self._stacks)])


def _extend(numbers: list[int], more: Iterable[int]) -> None:
    numbers[-1:] = [*more, UNKNOWN_INDEX]


def _append(whole: Records, part: Records, numbers: _Numbers) -> None:
    before = len(whole.rows)
    _append_stacks(whole.stacks, part.stacks, numbers)
    whole.rows.goroutine_id_text += part.rows.goroutine_id_text
    whole.rows.word += _renumbered(part.rows.word, numbers.words)
    whole.rows.attributes += _renumbered(part.rows.attributes, numbers.attributes)
    whole.rows.labels += _renumbered(part.rows.labels, numbers.label_sets)
    whole.rows.stack += _renumbered(part.rows.stack, numbers.stacks)
    whole.rows.creator_id_text += part.rows.creator_id_text
    whole.happenings += [each._replace(before=each.before + before) for each in part.happenings]
    whole.findings += [each._replace(before=each.before + before) for each in part.findings]
    whole.keep_odd(bytes(part.odd))
    whole.size, whole.ends_with_line = part.size, part.ends_with_line
    whole.cut = whole.cut or part.cut
    whole.level2 = whole.level2 or part.level2


def _append_stacks(whole: StackColumns, part: StackColumns, numbers: _Numbers) -> None:
    whole.function += _renumbered(part.function, numbers.functions)
    whole.file += _renumbered(part.file, numbers.files)
    whole.line_text += part.line_text
    whole.rest += _renumbered(part.rest, numbers.rests)
    whole.creator_file += _renumbered(part.creator_file, numbers.files)
    whole.creator_line_text += part.creator_line_text


def _renumbered(column: "array[int]", numbers: Codes) -> "array[int]":
    return array(column.typecode, numbers[np.frombuffer(column, dtype=np.int32)].tobytes())
