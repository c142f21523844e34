"""Stacks as arrays of frame numbers: each way to make them, and what is read back."""

from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from gostack_nb.formats.frames import Frame, Stack
from gostack_nb.formats.stacks import Frames, Runs, Stacks, as_one, bounds_of, pieces_of

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
def test_all_written_out_is_one_behind_the_other(given_stacks: list[Stack]) -> None:
    stacks = Stacks.of(given_stacks)
    for written, with_creators in ((stacks.calls(), False), (stacks.calls_and_creators(), True)):
        frames = [stacks.frames[number] for number in written.calls.tolist()]
        runs = [tuple(frames[start:end]) for start, end in pairwise(written.bounds.tolist())]
        assert runs == [
            (*stack.frames, *([stack.creator] if with_creators and stack.creator else [])) for stack in given_stacks
        ]


@given(LISTS)
def test_a_frame_at_a_place_is_that_of_the_stack(given_stacks: list[Stack]) -> None:
    stacks = Stacks.of(given_stacks)
    last = stacks.frame_at(stacks.size() - 1).tolist()
    assert [stacks.frames[number] if number >= 0 else None for number in last] == [
        stack.frames[-1] if stack.frames else None for stack in given_stacks
    ]


def test_what_is_below_several_leaves_is_kept_once() -> None:
    stacks = Stacks.of([Stack((LEAF, MIDDLE, ROOT)), Stack((ROOT,)), Stack((ROOT, MIDDLE, ROOT), CREATOR)])
    assert stacks.below.tolist() == [0, 1, 0]
    assert stacks.runs.size.tolist() == [2, 0]


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=5), st.data())
def test_some_runs_keep_the_order_named(lists: list[list[int]], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.integers(0, len(lists) - 1)) if lists else st.just([]))
    kept = Runs.of(lists).only(np.array(wanted, dtype=np.int64))
    bounds = pairwise(kept.bounds.tolist())
    assert [kept.calls[start:end].tolist() for start, end in bounds] == [lists[place] for place in wanted]


@given(st.lists(st.sampled_from([*FRAMES, Frame("main.a"), LEAF._replace(inlined=True), ROOT._replace(line=7)])))
def test_distinct_frames_are_those_of_a_set(frames: list[Frame]) -> None:
    distinct, which = Frames.of(frames).distinct()
    assert len(distinct) == len(set(frames))
    assert [distinct[number] for number in which.tolist()] == frames


@given(st.lists(st.tuples(*[st.integers(0, 3) | st.integers(2**31 - 3, 2**31 - 1)] * 4), min_size=1))
def test_equal_rows_have_one_number_even_if_they_are_too_wide_for_it(rows: list[tuple[int, ...]]) -> None:
    one = as_one(np.array(rows, dtype=np.int64).T)
    assert len(set(one.tolist())) == len(set(rows)) == len(set(zip(one.tolist(), rows, strict=True)))


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


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 12))
def test_pieces_are_all_runs_in_order(sizes: list[int], most: int) -> None:
    bounds = bounds_of(np.array(sizes, dtype=np.int64))
    pieces = list(pieces_of(bounds, most))
    assert [run for start, end in pieces for run in range(start, end)] == list(range(len(sizes)))
    assert all(bounds[end - 1] - bounds[start] < most for start, end in pieces if end > start)


@given(LISTS)
def test_distinct_stacks_stand_where_they_are_first_met(given_stacks: list[Stack]) -> None:
    distinct, which = Stacks.of(given_stacks).distinct()
    assert list(distinct) == list(dict.fromkeys(given_stacks))
    assert [distinct[number] for number in which.tolist()] == given_stacks
