"""Stacks as arrays of frame numbers: each way to make them, and what is read back."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from gostack_nb.formats.frames import UNKNOWN_INDEX, Frame, Stack
from gostack_nb.formats.stacks import Stacks

LEAF, MIDDLE, ROOT, CREATOR = (Frame(f"main.{name}", "/srv/main.go", line) for line, name in enumerate("abcd", 1))
FRAMES = (LEAF, MIDDLE, ROOT, CREATOR)
LISTS = st.lists(
    st.builds(Stack, st.lists(st.sampled_from(FRAMES), max_size=4).map(tuple), st.sampled_from([None, CREATOR])),
    max_size=8,
)


@given(LISTS)
def test_what_goes_in_comes_out(given_stacks: list[Stack]) -> None:
    stacks = Stacks.of(given_stacks)
    assert len(stacks) == len(given_stacks)
    assert list(stacks) == given_stacks


@given(LISTS)
def test_stacks_are_put_together_from_a_leaf_and_what_is_below(given_stacks: list[Stack]) -> None:
    below = [(), *({tuple(map(FRAMES.index, stack.frames[1:])): None for stack in given_stacks})]
    parts = [
        (
            FRAMES.index(stack.frames[0]) if stack.frames else UNKNOWN_INDEX,
            below.index(tuple(map(FRAMES.index, stack.frames[1:]))),
            UNKNOWN_INDEX if stack.creator is None else FRAMES.index(stack.creator),
        )
        for stack in given_stacks
    ]
    assert list(Stacks.of_parts(FRAMES, below, parts)) == given_stacks


@given(LISTS)
def test_some_of_them_keep_the_order_named(given_stacks: list[Stack]) -> None:
    wanted = [place for place in range(len(given_stacks)) if place % 2] + [0] * bool(given_stacks)
    kept = Stacks.of(given_stacks).only(np.array(wanted, dtype=np.int64))
    assert list(kept) == [given_stacks[place] for place in wanted]


def test_places_are_counted_as_in_a_list() -> None:
    stacks = Stacks.of([Stack((LEAF, ROOT)), Stack(()), Stack((ROOT,), CREATOR)])
    assert stacks[-1] == Stack((ROOT,), CREATOR)
    assert stacks[1:] == [Stack(()), Stack((ROOT,), CREATOR)]
    with pytest.raises(IndexError):
        stacks[3]


def test_roots_are_the_outermost_frames() -> None:
    stacks = Stacks.of([Stack((LEAF, ROOT), CREATOR), Stack(()), Stack((LEAF, MIDDLE)), Stack((ROOT,))])
    assert stacks.roots() == {ROOT, MIDDLE}
    assert Stacks.of([]).roots() == set()
