"""Records of neighbouring parts of one text, put together as if they had been read in one go."""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from gostack_nb.formats.frames import UNKNOWN_INDEX
from gostack_nb.formats.records import Records


def join_records(parts: Sequence[Records]) -> Records:
    """Append the records of each part to those of the first one, which is changed."""
    whole = parts[0]
    for part in parts[1:]:
        _append(whole, part)
    return whole


def _append(whole: Records, part: Records) -> None:
    before = len(whole.rows)
    stacks = _append_stacks(whole, part)
    whole.rows.goroutine_id_text += part.rows.goroutine_id_text
    whole.rows.word += _renumbered(part.rows.word, [whole.words[word] for word in part.words])
    whole.rows.attributes += _renumbered(part.rows.attributes, [whole.attributes[each] for each in part.attributes])
    whole.rows.labels += _renumbered(part.rows.labels, [whole.label_sets[labels] for labels in part.label_sets])
    whole.rows.stack += _renumbered(part.rows.stack, stacks)
    whole.rows.creator_id_text += part.rows.creator_id_text
    whole.happenings += [each._replace(before=each.before + before) for each in part.happenings]
    whole.findings += [each._replace(before=each.before + before) for each in part.findings]
    whole.keep_odd(bytes(part.odd))
    whole.size, whole.ends_with_line = part.size, part.ends_with_line
    whole.cut = whole.cut or part.cut
    whole.level2 = whole.level2 or part.level2


def _append_stacks(whole: Records, part: Records) -> range:
    """Append the stacks; return their numbers."""
    functions = [whole.functions[function] for function in part.functions] + [UNKNOWN_INDEX]
    files = [whole.files[file] for file in part.files] + [UNKNOWN_INDEX]
    frames = [whole.frames[functions[function], files[file], line] for function, file, line in part.frames]
    below = [whole.below[tuple([frames[call] for call in calls])] for calls in part.below]
    rests = [whole.rests[below[calls], functions[creator]] for calls, creator in part.rests]
    stacks, columns, before = whole.stacks, part.stacks, len(whole.stacks)
    stacks.function += _renumbered(columns.function, functions[:-1])
    stacks.file += _renumbered(columns.file, files[:-1])
    stacks.line_text += columns.line_text
    stacks.rest += _renumbered(columns.rest, rests)
    stacks.creator_file += _renumbered(columns.creator_file, files[:-1])
    stacks.creator_line_text += columns.creator_line_text
    return range(before, len(stacks))


def _renumbered(column: "array[int]", numbers: Iterable[int]) -> "array[int]":
    """Replace each code; UNKNOWN_INDEX, the last of the numbers, stays."""
    given = np.array([*numbers, UNKNOWN_INDEX], dtype=np.int32)
    return array(column.typecode, given[np.frombuffer(column, dtype=np.int32)].tobytes())
