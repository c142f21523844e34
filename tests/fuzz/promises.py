"""What must hold whatever the bytes are: no analysis may meet a table that contradicts itself."""

import json

import pandas as pd

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.frames import MAX_ISSUE_TEXT
from gostack_nb.formats.plain_text import PlainText, count_lines
from gostack_nb.model import schema
from gostack_nb.model.arrow_tables import arrow_table
from gostack_nb.model.dataset import Dataset
from tests.property.side_by_side import rows_of_columns

TABLES = {
    "goroutines": schema.GOROUTINES,
    "stacks": schema.STACKS,
    "snapshots": schema.SNAPSHOTS,
    "issues": schema.ISSUES,
    "metrics": schema.METRICS,
}


def check_dump(dump: Columns, data: bytes) -> None:
    """Check that the columns of a dump fit each other and the bytes that they were read from."""
    size = len(dump.goroutine_id)
    for column in (dump.state, dump.wait_minutes, dump.marks, dump.bubble, dump.labels, dump.stack, dump.creator_id):
        assert len(column) == size
    for codes, values in ((dump.state, dump.states), (dump.labels, dump.label_sets), (dump.stack, dump.stacks)):
        assert not size or (codes.min() >= -1 and codes.max() < len(values))
    if dump.count is None:
        assert len(set(dump.goroutine_id.tolist())) == size
        assert not size or dump.goroutine_id.min() > 0
    else:
        assert len(dump.count) == size
        assert not size or dump.count.min() >= 0
    for labels in dump.label_sets:
        assert all(isinstance(value, str) for value in json.loads(labels).values())
    _check_texts(dump)
    _check_issues(dump, data)


def _check_texts(dump: Columns) -> None:
    texts = [*dump.states, *dump.label_sets, *([dump.stream] if dump.stream else [])]
    for stack in dump.stacks:
        for frame in (*stack.frames, *([stack.creator] if stack.creator else [])):
            texts += [frame.function, frame.file]
            assert 0 <= frame.line < 2**31
    "".join(texts).encode()


def _check_issues(dump: Columns, data: bytes) -> None:
    most_lines = data.count(b"\n") + data.count(b"\r") + 1
    for issue in dump.issues:
        assert issue.reason
        assert len(issue.text) <= MAX_ISSUE_TEXT
        issue.text.encode()
        assert issue.line_number is None or 1 <= issue.line_number <= most_lines
        assert issue.byte_offset is None or 0 <= issue.byte_offset <= len(data)


def check_plain(plain: PlainText, data: bytes) -> None:
    """Check that each line of an unwrapped text knows a line of the input."""
    if plain.origin is not None:
        assert len(plain.origin) == count_lines(plain.text)
        assert not len(plain.origin) or (
            plain.origin.min() >= 1 and plain.origin.max() <= max(1, *map(count_lines, _as_lines(data)))
        )


def _as_lines(data: bytes) -> list[bytes]:
    """Return the input as its lines may be counted: with lone CR as line ends, and as UTF-16."""
    texts = [data, data.replace(b"\r", b"\n")]
    return [*texts, *(data.decode(encoding, "replace").replace("\r", "\n").encode("utf-8", "replace") for encoding in (
        "utf-16-le", "utf-16-be",
    ))]  # fmt: skip


def check_dataset(dataset: Dataset) -> None:
    """Check that the five tables have their columns, agree with each other, and can be kept in a recording."""
    for name, columns in TABLES.items():
        table = getattr(dataset, name)
        assert {column.name: str(table[column.name].dtype) for column in columns} == {
            column.name: column.dtype for column in columns
        }
        arrow_table(table, columns).validate(full=True)
    goroutines, snapshots, issues = dataset.goroutines, dataset.snapshots, dataset.issues
    counted = goroutines["snapshot_id"].value_counts()
    told = snapshots.set_index("snapshot_id")
    assert snapshots["snapshot_id"].is_unique
    assert {str(name): int(count) for name, count in counted.items() if count} == {
        str(name): int(count) for name, count in told["goroutine_count"].items() if count
    }
    assert int(told["issue_count"].sum()) == int(issues["snapshot_id"].notna().sum())
    with_frames = goroutines.loc[goroutines["top_frames"].notna(), "stack_id"]
    assert set(with_frames.dropna()) <= set(dataset.stacks["stack_id"])


def check_same(dataset: Dataset, other: Dataset) -> None:
    """Check that two datasets are equal."""
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(dataset, name), getattr(other, name))


def comparable(dumps: list[Columns]) -> list[object]:
    """Return what two ways to read the same bytes must agree on."""
    return [
        (
            dump.count is None and rows_of_columns(dump),
            dump.issues,
            dump.form,
            dump.truncated,
            dump.total,
        )
        for dump in dumps
    ]
