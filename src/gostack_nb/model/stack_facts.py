"""What the distinct stacks say: their ids, where they are blocked, the user's line. Worked out for all at once.

Stacks are numbers of frames, one behind the other in one array: a hundred thousand distinct stacks of a dozen frames
cost a few array operations and two hashes each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.frames import UNKNOWN_INDEX, Frame, Stacks
from gostack_nb.formats.numbering import Numbering
from gostack_nb.model.categories import Names, sorted_names
from gostack_nb.model.frame_facts import HASH_BYTES, Codes, Flags, FrameFacts, Hashes, frame_facts

Ints = NDArray[np.int64]

TOP_FRAMES = 3

_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2 to the 64th by the golden ratio: its powers differ in all bits
_ZERO = np.zeros(1, dtype=np.uint64)
_EMPTY = np.empty(0, dtype=np.int64)
_NONE = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class NumberedStacks:
    """Stacks one behind the other: `frame` holds numbers of frames, leaf first, the first `size[0]` are of stack 0."""

    frames: Sequence[Frame]
    frame: Codes
    owner: Ints  # the stack of each entry of `frame`
    size: Ints
    creator: Codes  # -1: not told

    @classmethod
    def of(cls, parts: Sequence[Stacks]) -> Self:
        """Put the stacks of several dumps behind each other; equal frames have one number."""
        numbers = Numbering[Frame]()
        pieces = [_renumbered(part, numbers) for part in parts]
        size = np.concatenate([_EMPTY, *(size for _, size, _ in pieces)])
        frame = np.concatenate([_NONE, *(frame for frame, _, _ in pieces)])
        creator = np.concatenate([_NONE, *(creator for _, _, creator in pieces)])
        return cls(tuple(numbers), frame, _owners(size), size, creator)

    def only(self, wanted: Flags) -> Self:
        """Keep some of the stacks."""
        size = self.size[wanted]
        return type(self)(self.frames, self.frame[wanted[self.owner]], _owners(size), size, self.creator[wanted])


def _renumbered(part: Stacks, numbers: Numbering[Frame]) -> tuple[Codes, Ints, Codes]:
    """Return the frames of all stacks of one dump as common numbers, how many each stack has, and the creators."""
    size = np.fromiter(map(len, part.calls), np.int64, len(part))
    frame = np.fromiter(chain.from_iterable(part.calls), np.int32, int(size.sum()))
    creator = np.array(part.creators, dtype=np.int32)
    occurs = np.zeros(len(part.frames) + 1, dtype=np.bool_)
    occurs[frame] = occurs[creator] = True
    common = np.full(len(occurs), UNKNOWN_INDEX, dtype=np.int32)
    for place in np.flatnonzero(occurs[:-1]).tolist():
        common[place] = numbers[part.frames[place]]
    return common[frame], size, common[creator]


def _owners(size: Ints) -> Ints:
    return np.repeat(np.arange(len(size)), size)


@dataclass(frozen=True, slots=True)
class StackFacts:
    """Arrays with one entry per distinct stack; frames are numbers of frames, -1 where there is none."""

    stacks: NumberedStacks
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
    numbered = NumberedStacks.of(parts)
    facts = frame_facts(numbered.frames)
    ids, first, which = np.unique(_stack_ids(numbered, facts), return_index=True, return_inverse=True)
    is_first = np.zeros(len(which), dtype=np.bool_)
    is_first[first] = True
    number = (np.cumsum(is_first) - 1)[first]
    return _facts(numbered.only(is_first), facts, sorted_names(_texts(ids), which[is_first])), number[which]


def _facts(stacks: NumberedStacks, frames: FrameFacts, stack_id: Names) -> StackFacts:
    visible = _visible(stacks, frames)
    signatures, signature = np.unique(_signatures(stacks, frames, visible), return_inverse=True)
    top_texts, top_frames = _top_frames(stacks, frames, visible)
    return StackFacts(
        stacks=stacks,
        frames=frames,
        stack_id=stack_id,
        signatures=_texts(signatures),
        signature=signature,
        top=_first_frame(stacks, visible),
        user=_user_frames(stacks, frames, visible),
        versioned=_first_frame(stacks, frames.versioned[stacks.frame]),
        top_frames=top_frames,
        top_texts=top_texts,
    )


def _texts(hashes: Hashes) -> list[str]:
    """Return hashes as texts of 16 digits; they sort as the numbers do."""
    text = hashes.astype(">u8").tobytes().hex()
    return [text[start : start + 2 * HASH_BYTES] for start in range(0, len(text), 2 * HASH_BYTES)]


def _visible(stacks: NumberedStacks, frames: FrameFacts) -> Flags:
    """Mark all but the runtime frames above the code that blocked: only crash dumps and debug=0 print them.

    A goroutine of the runtime itself has no other frames: it keeps all but those of parking.
    """
    owner = stacks.owner
    place = _first_place(stacks, ~frames.internal[stacks.frame])
    visible = np.where(place[owner] >= 0, np.arange(len(owner)) >= place[owner], ~frames.parking[stacks.frame])
    return visible | ~_any(stacks, visible)[owner]


def _user_frames(stacks: NumberedStacks, frames: FrameFacts, visible: Flags) -> Codes:
    """Find the first frame outside of the standard library; what a tool wrote has no line that a person can open."""
    own = visible & frames.own[stacks.frame]
    written = _first_frame(stacks, own & ~frames.generated[stacks.frame])
    return np.where(written >= 0, written, _first_frame(stacks, own))


def _top_frames(stacks: NumberedStacks, frames: FrameFacts, visible: Flags) -> tuple[list[str], Codes]:
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


def _stack_ids(stacks: NumberedStacks, frames: FrameFacts) -> Hashes:
    """Hash functions, files and lines, then the creator's: equal in every dump, process and machine."""
    told = stacks.creator >= 0
    created = ~frames.place_hash[stacks.creator[told]]  # as a creator a frame is another thing than as a call
    hashes = np.insert(frames.place_hash[stacks.frame], np.cumsum(stacks.size)[told], created)
    return _hash_runs(hashes, stacks.size + told)


def _signatures(stacks: NumberedStacks, frames: FrameFacts, visible: Flags) -> Hashes:
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
    powers = np.full(int(size.max(initial=0)), _ODD, dtype=np.uint64)
    powers[:1] = 1
    np.multiply.accumulate(powers, out=powers)
    end = np.cumsum(size)
    place = np.arange(len(hashes)) - np.repeat(end - size, size)
    sums: Hashes = np.concatenate([_ZERO, np.cumsum(hashes * powers[place], dtype=np.uint64)])
    totals: Hashes = sums[end] - sums[end - size]
    return totals


def _first_place(stacks: NumberedStacks, marked: Flags) -> Ints:
    """Return for each stack the place in `frame` of its first marked frame; -1 if there is none."""
    places = np.flatnonzero(marked)
    owners = stacks.owner[places]
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    found = np.full(len(stacks.size), -1, dtype=np.int64)
    found[owners[firsts]] = places[firsts]
    return found


def _first_frame(stacks: NumberedStacks, marked: Flags) -> Codes:
    place = _first_place(stacks, marked)
    return np.where(place >= 0, np.append(stacks.frame, -1)[place], -1).astype(np.int32)


def _count(stacks: NumberedStacks, marked: Flags) -> Ints:
    return np.bincount(stacks.owner[marked], minlength=len(stacks.size))


def _any(stacks: NumberedStacks, marked: Flags) -> Flags:
    return _count(stacks, marked) > 0
