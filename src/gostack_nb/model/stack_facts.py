"""What the distinct stacks say: their ids, where they are blocked, the user's line. Worked out for all at once.

Stacks are numbers of frames, one behind the other in one array. What depends on functions and files alone is worked out
once for all stacks that differ in nothing but lines: a hundred thousand distinct stacks may be a few hundred kinds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from gostack_nb.formats.stacks import CALLS_AT_ONCE, Runs, Stacks, pieces_of
from gostack_nb.model.categories import Names, smallest_integer
from gostack_nb.model.common_stacks import join_stacks
from gostack_nb.model.frame_facts import HASH_BYTES, Codes, Flags, FrameFacts, Hashes, Ints, frame_facts

TOP_FRAMES = 3

_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2 to the 64th by the golden ratio: its powers differ in all bits
_ZERO = np.zeros(1, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class StackFacts:
    """Arrays with one entry per distinct stack; frames are numbers of frames, -1 where there is none."""

    stacks: Stacks
    frames: FrameFacts
    stack_id: Names  # one per stack; of both tables
    signatures: Sequence[str]
    signature: Ints  # numbers of `signatures`
    top: Codes
    user: Codes
    versioned: Codes  # the first frame whose path names the version of Go
    top_frames: Codes  # numbers of `top_texts`
    top_texts: Sequence[str]


def stack_facts(parts: Sequence[Stacks]) -> tuple[StackFacts, Ints]:
    """Work out the facts of the stacks of several dumps.

    Returns
    -------
    StackFacts
        Of the distinct stacks: those with different ids, in the order given.
    array of int64
        Which of them each stack given is.
    """
    stacks = join_stacks(parts)
    frames = frame_facts(stacks.frames)
    ids, which = np.unique(_stack_ids(stacks, frames), return_inverse=True)
    first = _first_places(which, len(ids))
    is_first = np.zeros(len(which), dtype=np.bool_)
    is_first[first] = True
    number = (np.cumsum(is_first) - 1)[first]
    distinct = stacks if is_first.all() else stacks.only(np.flatnonzero(is_first))
    return _facts(distinct, frames, _sorted_ids(ids, which[is_first])), number[which]


def _first_places(which: Ints, count: int) -> Ints:
    """Return the first place of each number below `count`: faster than `np.unique`, which sorts for it."""
    first = np.empty(count, dtype=np.int64)
    first[which[::-1]] = np.arange(len(which))[::-1]
    return first


def _sorted_ids(ids: Hashes, numbers: Ints) -> Names:
    """Make categories of ids that are sorted already: texts of 16 digits sort as the numbers do."""
    code = smallest_integer(len(ids))
    return Names(_index_of_texts(ids), np.append(numbers, -1).astype(code))


def _index_of_texts(hashes: Hashes) -> "pd.Index[str]":
    """Return hashes as texts of 16 digits, made without an object for each; they sort as the numbers do."""
    digits = hashes.astype(">u8").tobytes().hex().encode()
    borders = np.arange(0, len(digits) + 1, 2 * HASH_BYTES)
    texts = pa.LargeStringArray.from_buffers(len(hashes), pa.py_buffer(borders), pa.py_buffer(digits))
    index: pd.Index[str] = pd.Index(pd.array(texts, dtype="str"))
    return index


def _facts(stacks: Stacks, frames: FrameFacts, stack_id: Names) -> StackFacts:
    kinds_of, kind = np.unique(_hash_stacks(stacks, frames.kind_hash), return_inverse=True)
    kinds = _Kinds.of(stacks.only(_first_places(kind, len(kinds_of))))
    visible = _visible(kinds, frames)
    signatures, signature = np.unique(_signatures(kinds, frames, visible), return_inverse=True)
    top_texts, top_frames = _top_frames(kinds, frames, visible)
    return StackFacts(
        stacks=stacks,
        frames=frames,
        stack_id=stack_id,
        signatures=_texts(signatures),
        signature=signature[kind],
        top=stacks.frame_at(_first_place(kinds, visible)[kind]),
        user=stacks.frame_at(_user_place(kinds, frames, visible)[kind]),
        versioned=stacks.frame_at(_first_place(kinds, frames.versioned[kinds.frame])[kind]),
        top_frames=top_frames[kind],
        top_texts=top_texts,
    )


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Stacks of which no two have the same functions and files throughout: `frame` has all their frames, leaf first."""

    frame: Codes
    owner: Ints  # the stack of each entry of `frame`
    start: Ints  # where each stack begins

    @classmethod
    def of(cls, stacks: Stacks) -> "_Kinds":
        calls = stacks.calls()
        return cls(calls.calls, np.repeat(np.arange(len(stacks)), calls.size), calls.bounds[:-1])


def _texts(hashes: Hashes) -> list[str]:
    """Return hashes as texts of 16 digits; they sort as the numbers do."""
    text = hashes.astype(">u8").tobytes().hex()
    return [text[start : start + 2 * HASH_BYTES] for start in range(0, len(text), 2 * HASH_BYTES)]


def _visible(stacks: _Kinds, frames: FrameFacts) -> Flags:
    """Mark all but the runtime frames above the code that blocked: only crash dumps and debug=0 print them.

    A goroutine of the runtime itself has no other frames: it keeps all but those of parking.
    """
    owner = stacks.owner
    place = _first_place(stacks, ~frames.internal[stacks.frame])[owner]
    within = np.arange(len(owner)) - stacks.start[owner]
    visible = np.where(place >= 0, within >= place, ~frames.parking[stacks.frame])
    return visible | ~_any(stacks, visible)[owner]


def _user_place(stacks: _Kinds, frames: FrameFacts, visible: Flags) -> Ints:
    """Find the first frame outside of the standard library; what a tool wrote has no line that a person can open."""
    own = visible & frames.own[stacks.frame]
    written = _first_place(stacks, own & ~frames.generated[stacks.frame])
    return np.where(written >= 0, written, _first_place(stacks, own))


def _top_frames(stacks: _Kinds, frames: FrameFacts, visible: Flags) -> tuple[list[str], Codes]:
    """Join the names of the first three visible frames; equal ones have one number."""
    shown, size = stacks.frame[visible], _count(stacks, visible)
    start = np.cumsum(size) - size
    functions = np.append(frames.function[shown], -1)
    tops = [np.where(nth < size, functions[np.minimum(start + nth, len(shown))], -1) for nth in range(TOP_FRAMES)]
    base = len(frames.functions) + 1
    keys, codes = np.unique(_as_one(tops, base), return_inverse=True)
    names = frames.functions
    texts = [" < ".join([names[code] for code in _apart(key, base) if code >= 0]) for key in keys.tolist()]
    return texts, codes.astype(np.int32)


def _as_one(numbers: Sequence[Ints], base: int) -> Ints:
    """Write several numbers from -1 on as the digits of one."""
    one = np.zeros(len(numbers[0]), dtype=np.int64)
    for number in numbers:
        one = one * base + number + 1
    return one


def _apart(one: int, base: int) -> Iterator[int]:
    """Return the digits again."""
    for power in reversed(range(TOP_FRAMES)):
        yield one // base**power % base - 1


def _stack_ids(stacks: Stacks, frames: FrameFacts) -> Hashes:
    """Hash functions, files and lines, then the creator's: equal in every dump, process and machine."""
    told = stacks.creators >= 0
    size = stacks.size()[told]
    created = ~frames.place_hash[stacks.creators[told]]  # as a creator a frame is another thing than as a call
    ids = _hash_stacks(stacks, frames.place_hash)
    ids[told] += created * _powers(int(size.max(initial=0)) + 1)[size]
    return ids


def _hash_stacks(stacks: Stacks, hashes: Hashes) -> Hashes:
    """Put the hashes of each stack's frames together; what stands below several leaves is worked out once for them."""
    below = _hash_long_runs(stacks.runs, hashes) * _ODD
    return np.append(hashes, _ZERO)[stacks.leaves] + below[stacks.below]


def _hash_long_runs(runs: Runs, hashes: Hashes) -> Hashes:
    """Put the hashes of each run's frames together, some runs at a time."""
    bounds = [runs.bounds[start : end + 1] for start, end in pieces_of(runs.bounds, CALLS_AT_ONCE)]
    return np.concatenate([_ZERO[:0], *(_hash_runs(hashes[runs.calls[b[0] : b[-1]]], np.diff(b)) for b in bounds)])


def _signatures(stacks: _Kinds, frames: FrameFacts, visible: Flags) -> Hashes:
    """Hash the functions that every form prints."""
    owner, frame = stacks.owner, stacks.frame
    shown = ~frames.internal[frame] | frames.panic[frame]
    own = shown & ~frames.wrapper[frame]
    named = np.where(_any(stacks, own)[owner], own, np.where(_any(stacks, shown)[owner], shown, visible))
    return _hash_runs(frames.name_hash[frame[named]], _count(stacks, named))


def _hash_runs(hashes: Hashes, size: Ints) -> Hashes:
    """Put the hashes of each stack, `size` of them one behind the other, together: a polynomial modulo 2 to the 64th.

    The hashes are its coefficients, so that the order counts; they are random, so that two stacks meet by chance only.
    """
    powers = _powers(int(size.max(initial=0)))
    end = np.cumsum(size)
    place = np.arange(len(hashes)) - np.repeat(end - size, size)
    sums: Hashes = np.concatenate([_ZERO, np.cumsum(hashes * powers[place], dtype=np.uint64)])
    totals: Hashes = sums[end] - sums[end - size]
    return totals


def _powers(count: int) -> Hashes:
    """Return the first powers of the odd number, from 1 on."""
    powers = np.full(count, _ODD, dtype=np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


def _first_place(stacks: _Kinds, marked: Flags) -> Ints:
    """Return for each stack the place of its first marked frame, 0 for the leaf; -1 if there is none."""
    places = np.flatnonzero(marked)
    owners = stacks.owner[places]
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    found = np.full(len(stacks.start), -1, dtype=np.int64)
    found[owners[firsts]] = places[firsts] - stacks.start[owners[firsts]]
    return found


def _count(stacks: _Kinds, marked: Flags) -> Ints:
    return np.bincount(stacks.owner[marked], minlength=len(stacks.start))


def _any(stacks: _Kinds, marked: Flags) -> Flags:
    return _count(stacks, marked) > 0
