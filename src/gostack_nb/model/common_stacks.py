"""The stacks of several dumps as those of one: equal frames have one number, and none is there that no stack has."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress, pairwise

import numpy as np

from gostack_nb.formats.frames import UNKNOWN_INDEX
from gostack_nb.formats.numbering import Numbering
from gostack_nb.formats.stacks import Codes, Flags, Frames, Runs, Stacks, bounds_of

_NO_SIZES = np.empty(0, dtype=np.int64)
_NONE = np.empty(0, dtype=np.int32)
_NOWHERE = np.empty(0, dtype=np.bool_)


def join_stacks(parts: Sequence[Stacks]) -> Stacks:
    """Put the stacks of several dumps behind each other; equal ones are not yet found out."""
    return _without_unused(parts[0] if len(parts) == 1 else _united(parts))


def _united(parts: Sequence[Stacks]) -> Stacks:
    """Put stacks behind each other; the dumps of one text have their frames and runs in common."""
    texts = {id(part.runs): part for part in parts}
    frames, numbers = _united_frames([text.frames for text in texts.values()])
    renumbered = dict(zip(texts, numbers, strict=True))
    before = bounds_of(np.array([len(text.runs.bounds) - 1 for text in texts.values()], dtype=np.int64))
    first_run = dict(zip(texts, before.tolist(), strict=False))
    calls = [renumbered[name][text.runs.calls] for name, text in texts.items()]
    size = np.concatenate([_NO_SIZES, *(text.runs.size for text in texts.values())])
    return Stacks(
        frames,
        leaves=np.concatenate([_NONE, *(renumbered[id(part.runs)][part.leaves] for part in parts)]),
        below=np.concatenate([_NONE, *(part.below + first_run[id(part.runs)] for part in parts)]),
        creators=np.concatenate([_NONE, *(renumbered[id(part.runs)][part.creators] for part in parts)]),
        runs=Runs(np.concatenate([_NONE, *calls]), bounds_of(size)),
    )


def _united_frames(parts: Sequence[Frames]) -> tuple[Frames, list[Codes]]:
    """Return the distinct frames of several texts, and for each text their numbers, the last one for no frame."""
    functions, files = Numbering[str](), Numbering[str]()
    function = [_at(functions.of_all(part.functions), part.function) for part in parts]
    file = [_at(files.of_all(part.files), part.file) for part in parts]
    line = np.concatenate([_NONE, *(part.line for part in parts)])
    inlined = np.concatenate([_NOWHERE, *(part.inlined for part in parts)])
    every = Frames(
        tuple(functions),
        tuple(files),
        np.concatenate([_NONE, *function]),
        np.concatenate([_NONE, *file]),
        line,
        inlined,
    )
    frames, which = every.distinct()
    borders = pairwise(bounds_of(np.array([len(part) for part in parts], dtype=np.int64)).tolist())
    return frames, [np.append(which[start:end], np.int32(UNKNOWN_INDEX)) for start, end in borders]


def _at(numbers: Sequence[int], places: Codes) -> Codes:
    return np.array(numbers, dtype=np.int32)[places]


def _without_unused(stacks: Stacks) -> Stacks:
    """Leave out runs, frames and names that no stack has: a text of several dumps shares them."""
    runs, below = _renumbered(len(stacks.runs.bounds) - 1, stacks.below)
    kept = stacks.runs.only(np.flatnonzero(runs))
    frames, frame = _renumbered(len(stacks.frames), stacks.leaves, kept.calls, stacks.creators)
    return Stacks(
        _with_used_names(stacks.frames.only(np.flatnonzero(frames))),
        leaves=frame[stacks.leaves],
        below=below[stacks.below],
        creators=frame[stacks.creators],
        runs=Runs(frame[kept.calls], kept.bounds),
    )


def _with_used_names(frames: Frames) -> Frames:
    functions, function = _renumbered(len(frames.functions), frames.function)
    files, file = _renumbered(len(frames.files), frames.file)
    return replace(
        frames,
        functions=tuple(compress(frames.functions, functions.tolist())),
        files=tuple(compress(frames.files, files.tolist())),
        function=function[frames.function],
        file=file[frames.file],
    )


def _renumbered(count: int, *codes: Codes) -> tuple[Flags, Codes]:
    """Mark the numbers that occur, and return for each of them its place among those; -1 stays."""
    occurs = np.zeros(count + 1, dtype=np.bool_)
    for column in codes:
        occurs[column] = True
    occurs[-1] = False
    numbers = np.cumsum(occurs, dtype=np.int32) - 1
    numbers[-1] = UNKNOWN_INDEX
    return occurs[:-1], numbers
