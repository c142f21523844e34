"""The stacks of several dumps as those of one: nothing lost, nothing there that no stack has."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from gostack_nb.formats.frames import Frame, Stack
from gostack_nb.formats.stacks import Stacks
from gostack_nb.model.common_stacks import join_stacks

LEAF, MIDDLE, ROOT, CREATOR = (Frame(f"main.{name}", f"/srv/{name}.go", line) for line, name in enumerate("abcd", 1))
LISTS = st.lists(
    st.builds(
        Stack, st.lists(st.sampled_from([LEAF, MIDDLE, ROOT]), max_size=4).map(tuple), st.sampled_from([None, CREATOR])
    ),
    max_size=6,
)


def used_frames(stacks: list[Stack]) -> set[Frame]:
    return {frame for stack in stacks for frame in (*stack.frames, *([stack.creator] if stack.creator else []))}


@given(st.lists(LISTS, max_size=4))
def test_the_stacks_of_several_texts_stand_behind_each_other(texts: list[list[Stack]]) -> None:
    joined = join_stacks([Stacks.of(stacks) for stacks in texts])
    given_stacks = [stack for stacks in texts for stack in stacks]
    assert list(joined) == given_stacks
    assert len(joined.frames) == len(set(joined.frames)) == len(used_frames(given_stacks))


@given(LISTS, st.data())
def test_the_dumps_of_one_text_have_their_frames_in_common(stacks: list[Stack], data: st.DataObject) -> None:
    whole = Stacks.of(stacks)
    places = st.lists(st.integers(0, len(stacks) - 1), max_size=4) if stacks else st.just([])
    dumps = data.draw(st.lists(places, min_size=1, max_size=3))
    joined = join_stacks([whole.only(np.array(dump, dtype=np.int64)) for dump in dumps])
    chosen = [stacks[place] for dump in dumps for place in dump]
    assert list(joined) == chosen
    assert set(joined.frames) == used_frames(chosen)
    assert set(joined.frames.functions) == {frame.function for frame in used_frames(chosen)}
    assert set(joined.frames.files) == {frame.file for frame in used_frames(chosen)}
