"""Parsed dumps to tables: hand-made columns of one and of several dumps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gostack_nb.formats.columns import Columns, Form
from gostack_nb.formats.frames import Frame, Mark, Stack
from gostack_nb.formats.stacks import Stacks
from gostack_nb.model.categories import smallest_integer, sorted_names, text_column
from gostack_nb.model.tables import Snapshot, build_dataset

LOOP = Stack((Frame("main.loop", "/srv/main.go", 9),), Frame("main.main", "/srv/main.go", 3))
READ = Stack((Frame("internal/poll.(*FD).Read", "/usr/local/go/src/internal/poll/fd.go", 7), LOOP.frames[0]))
EVERY_MARK = Mark.LEAKED | Mark.DURABLE | Mark.LOCKED


def columns(ids: list[int], *, stack: list[int], stacks: tuple[Stack, ...], **others: Any) -> Columns:
    size = len(ids)
    unknown: Mapping[str, Any] = {
        "form": Form.DEBUG2,
        "state": np.full(size, -1, np.int32),
        "wait_minutes": np.full(size, -1, np.int64),
        "marks": np.zeros(size, np.uint8),
        "bubble": np.full(size, -1, np.int64),
        "labels": np.full(size, -1, np.int32),
        "creator_id": np.full(size, -1, np.int64),
        "states": (),
        "label_sets": (),
        "marks_told": EVERY_MARK,
    }
    arrays = {name: np.array(value) if isinstance(value, list) else value for name, value in others.items()}
    return Columns(
        goroutine_id=np.array(ids, np.int64),
        stack=np.array(stack, np.int32),
        stacks=Stacks.of(stacks),
        **{**unknown, **arrays},
    )


def goroutines(*dumps: Columns) -> pd.DataFrame:
    return build_dataset([Snapshot(dump, f"{n}.txt", f"{n:064x}", 1) for n, dump in enumerate(dumps)]).goroutines


def test_the_stacks_of_two_dumps_are_numbered_together() -> None:
    first = columns([1, 2, 3], stack=[0, 1, 0], stacks=(LOOP, READ))
    second = columns([4, 5], stack=[1, 0], stacks=(READ, LOOP))
    table = goroutines(first, second)
    assert table["top_function"].tolist() == [
        "main.loop",
        "internal/poll.(*FD).Read",
        "main.loop",
        "main.loop",
        "internal/poll.(*FD).Read",
    ]
    assert table["user_line"].tolist() == [9] * 5
    assert table["top_line"].tolist() == [9, 7, 9, 9, 7]
    assert table["created_by"].isna().tolist() == [False, True, False, False, True]
    assert table["snapshot_id"].cat.codes.tolist() == [0, 0, 0, 1, 1]
    assert table["stack_id"].nunique() == 2


def test_states_and_labels_of_two_dumps_are_numbered_together() -> None:
    first = columns([1, 2], stack=[0, 0], stacks=(LOOP,), state=[1, 0], states=("select", "IO wait"))
    second = columns(
        [3, 4], stack=[0, 0], stacks=(LOOP,), state=[0, -1], states=("sleep",), labels=[-1, 0], label_sets=("{}",)
    )
    table = goroutines(first, second)
    assert table["state"].tolist()[:3] == ["IO wait", "select", "sleep"]
    assert table["state"].isna().tolist() == [False, False, False, True]
    assert list(table["state"].cat.categories) == ["IO wait", "select", "sleep"]
    assert table["labels"].notna().tolist() == [False, False, False, True]


def test_a_counted_dump_beside_a_text() -> None:
    counted = columns(
        [-1, -1],
        stack=[1, 0],
        stacks=(LOOP, READ),
        form=Form.LEAK1,
        count=[2, 3],
        marks=[1, 1],
        marks_told=Mark.LEAKED,
    )
    text = columns([7], stack=[0], stacks=(LOOP,), marks=[4], wait_minutes=[5], creator_id=[1])
    table = goroutines(text, counted)
    assert table["goroutine_id"].tolist() == [7, *[pd.NA] * 5]
    assert table["wait_minutes"].tolist() == [5, *[pd.NA] * 5]
    assert table["leaked"].tolist() == [False, *[True] * 5]
    assert table["locked"].tolist() == [True, *[pd.NA] * 5]
    assert table["top_line"].tolist() == [9, 7, 7, 9, 9, 9]


def test_a_bubble_is_a_category_of_whole_numbers() -> None:
    first = columns([1, 2, 3], stack=[0, 0, 0], stacks=(LOOP,), bubble=[12, -1, 3])
    second = columns([4], stack=[0], stacks=(LOOP,), bubble=[12])
    bubble = goroutines(first, second)["bubble"]
    assert bubble.dtype == "category"
    assert bubble.cat.categories.tolist() == [3, 12]
    assert bubble.dropna().tolist() == [12, 3, 12]
    assert (bubble == 12).tolist() == [True, False, False, True]
    assert (bubble == 4).tolist() == [False] * 4
    assert bubble.astype("Int64").tolist() == [12, pd.NA, 3, 12]
    assert bubble.groupby(bubble, observed=True).size().to_dict() == {3: 1, 12: 2}


def test_a_row_without_bubble_costs_one_byte() -> None:
    table = goroutines(columns([1, 2], stack=[0, 0], stacks=(LOOP,)))
    assert table["bubble"].isna().all()
    assert table["bubble"].cat.codes.dtype == "int8"


def test_a_row_costs_at_most_sixty_bytes() -> None:
    """One byte for each of the twelve categories, nine for an Int64, five for an Int32, two for a boolean."""
    table = goroutines(columns(list(range(1, 100_001)), stack=[0, 1] * 50_000, stacks=(LOOP, READ)))
    assert 55 <= table.memory_usage(deep=True).sum() / len(table) < 55.1


def test_no_dump_is_an_empty_table_with_every_column() -> None:
    dataset = build_dataset([])
    assert [len(dataset.goroutines), len(dataset.stacks)] == [0, 0]
    assert dataset.goroutines.dtypes["top_line"] == "Int32"


def test_a_dump_without_goroutines_is_a_snapshot() -> None:
    dataset = build_dataset([Snapshot(columns([], stack=[], stacks=()), "x", "0" * 64, 1)])
    assert dataset.snapshots["goroutine_count"].tolist() == [0]


def test_the_creator_is_the_last_row_of_its_stack() -> None:
    stacks = build_dataset([Snapshot(columns([1], stack=[0], stacks=(READ, LOOP)), "x", "0" * 64, 1)]).stacks
    assert stacks["frame_index"].tolist() == [0, 1, 0, 1]
    assert stacks["function"].tolist() == ["internal/poll.(*FD).Read", "main.loop", "main.loop", "main.main"]
    assert stacks["is_creator"].tolist() == [False, False, False, True]
    assert stacks["is_std"].tolist() == [True, False, False, False]
    assert stacks["package"].tolist() == ["internal/poll", "main", "main", "main"]
    assert stacks["line"].tolist() == [7, 9, 9, 3]


def test_a_frame_that_is_called_and_creates_is_the_creator_once() -> None:
    frame = LOOP.frames[0]
    stacks = build_dataset([Snapshot(columns([1], stack=[0], stacks=(Stack((frame,), frame),)), "x", "0" * 64, 1)])
    assert stacks.stacks["is_creator"].tolist() == [False, True]


@pytest.mark.parametrize(("categories", "dtype"), [(0, "int8"), (126, "int8"), (127, "int16"), (32_766, "int16")])
def test_the_codes_are_those_that_pandas_keeps(categories: int, dtype: str) -> None:
    column = pd.Categorical.from_codes([], categories=pd.RangeIndex(categories))
    assert smallest_integer(categories) == dtype == column.codes.dtype


def test_only_texts_that_occur_are_categories() -> None:
    names = sorted_names(("b", "c", "", "a"), np.array([3, 0, -1, 2, 3]))
    assert names.categories.tolist() == ["a", "b"]
    assert names.codes.tolist() == [0, 1, -1, -1, 0, -1]


def test_none_and_empty_are_na() -> None:
    assert text_column(["b", None, "", "a", "b"]).codes.tolist() == [1, -1, -1, 0, 1]
