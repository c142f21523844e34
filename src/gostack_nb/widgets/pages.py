"""A table -> one page of it as plain text: all that the browser gets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.widgets.messages import LENGTHS, LISTED_BYTES, cut, fitted, readable

PAGE_ROWS = 25
SIDE_ROWS = 100
TOLD = 80
"""Cells of at least so many characters say beside what is shown four times as much of the whole text."""
LONGEST_TITLE = 60

Kind = Literal["number", "change", "share", "function", "path", "text"]
RIGHT = {"number", "change", "share"}
Cell = str | tuple[str, str]
"""What is shown, and the whole text where that is more."""


class ColumnSent(TypedDict):
    """A column as the browser gets it."""

    name: str
    title: str
    right: bool


class Page(TypedDict):
    """A page as the browser gets it; `rows` are the numbers of the rows in the table before it was sorted."""

    columns: list[ColumnSent]
    cells: list[list[Cell]]
    rows: list[int]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Column:
    """How a column of a table is shown."""

    name: str
    title: str
    kind: Kind = "text"


GROUP_COLUMNS = (
    Column("count", "Goroutines", "number"),
    Column("share", "Share", "share"),
    Column("verdict", "Verdict"),
    Column("state", "State"),
    Column("user_function", "Your function", "function"),
    Column("user_location", "Your line", "path"),
    Column("top_function", "Waits in", "function"),
    Column("created_by", "Created by", "function"),
    Column("wait_max", "Longest wait, min", "number"),
    Column("snapshot_id", "Snapshot"),
)

GOROUTINE_COLUMNS = (
    Column("goroutine_id", "Id"),
    Column("verdict", "Verdict"),
    Column("state", "State"),
    Column("wait_minutes", "Wait, min", "number"),
    Column("user_function", "Your function", "function"),
    Column("user_location", "Your line", "path"),
    Column("top_function", "Waits in", "function"),
    Column("created_by", "Created by", "function"),
    Column("labels", "Labels"),
    Column("snapshot_id", "Snapshot"),
)

MEMBER_COLUMNS = (
    Column("goroutine_id", "Id"),
    Column("wait_minutes", "Wait, min", "number"),
    Column("snapshot_id", "Snapshot"),
    Column("labels", "Labels"),
)

SIDE_COLUMNS = (
    Column("before", "Before", "number"),
    Column("after", "After", "number"),
    Column("change", "Change", "change"),
    Column("arrived", "Arrived", "number"),
    Column("left", "Left", "number"),
    Column("state", "State"),
    Column("user_function", "Your function", "function"),
    Column("user_location", "Your line", "path"),
    Column("top_function", "Waits in", "function"),
    Column("created_by", "Created by", "function"),
)


def page_of(
    table: pd.DataFrame,
    columns: tuple[Column, ...],
    page: int,
    *,
    order: Ints | None = None,
    rows: int = PAGE_ROWS,
    limit: int = LISTED_BYTES,
    lengths: Sequence[int] = LENGTHS,
) -> Page:
    """Write one page of a table as text, in this order of its rows; `page` counts from 0 and is brought into range.

    Labels and generic names can be kilobytes: they are shortened until the page weighs no more than `limit` bytes.
    """
    pages = max(1, -(-len(table) // rows))
    page = min(max(page, 0), pages - 1)
    here = slice(page * rows, (page + 1) * rows)
    places = range(len(table))[here] if order is None else order[here]
    part = table.iloc[list(places)]
    shown = [column for column in columns if column.name in table]

    def written(longest: int) -> Page:
        cells = [list(_cells(part[column.name], column.kind, longest)) for column in shown]
        return {
            "columns": [_column(column) for column in shown],
            "cells": [list(row) for row in zip(*cells, strict=True)],
            "rows": [int(place) for place in places],
            "page": page,
            "pages": pages,
            "total": len(table),
        }

    return fitted(written, limit, lengths)


def _column(column: Column) -> ColumnSent:
    title = cut(readable(column.title), LONGEST_TITLE)
    return {"name": column.name, "title": title, "right": column.kind in RIGHT}


def telling(table: pd.DataFrame, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Leave out columns that the table lacks, that are unknown throughout, or a snapshot that all rows share."""
    there = [column for column in columns if column.name in table and table[column.name].notna().any()]
    return tuple(column for column in there if column.name != "snapshot_id" or _differ(table["snapshot_id"]))


def _differ(values: pd.Series) -> bool:
    return len(values) > 0 and bool((values != values.iloc[0]).any())


def _cells(values: pd.Series, kind: Kind, longest: int) -> Iterator[Cell]:
    for value in values.astype(object):
        yield "" if pd.isna(value) else _cell(value, kind, longest)


def _cell(value: object, kind: Kind, longest: int) -> Cell:
    if kind == "number":
        return f"{value:,}"
    if kind == "change":
        return f"{value:+,}"
    if kind == "share":
        return f"{value:.1%}"
    text = str(value)
    text = readable(text[: 4 * longest + 1] if kind == "text" else text)
    short = short_text(text, kind, longest)
    return short if short == text or longest < TOLD else (short, cut(text, 4 * longest))


def short_text(text: str, kind: Kind, longest: int) -> str:
    """Leave out what all names begin with, the folders of a file or the import path of a function; then cut.

    >>> short_text("/srv/app/push/main.go:9", "path", 80)
    'push/main.go:9'
    >>> short_text("example.com/push.Map[example.com/push.Key,string].Get", "function", 20)
    'push.Map[…].Get'
    """
    if kind == "path":
        text = "/".join(text.rsplit("/", 2)[-2:])
    if kind == "function":
        head, bracket, types = text.partition("[")
        head = head.rpartition("/")[2]
        text = head + bracket + types
        if len(text) > longest and bracket:
            text = f"{head}[…]{types.rpartition(']')[2]}"
    return cut(text, longest)


def columns_of(table: pd.DataFrame, by: tuple[str, ...]) -> tuple[Column, ...]:
    """Choose what is shown of a table of groups, or of goroutines where nothing makes groups."""
    return telling(table, _keyed(GROUP_COLUMNS, by) if by else GOROUTINE_COLUMNS)


def side_columns_of(table: pd.DataFrame, by: tuple[str, ...]) -> tuple[Column, ...]:
    """Choose what is shown of a comparison."""
    return telling(table, _keyed(SIDE_COLUMNS, by))


def _keyed(columns: tuple[Column, ...], by: tuple[str, ...]) -> tuple[Column, ...]:
    """Show the parts of the key that have no column yet in front: labels, ids of stacks."""
    known = {column.name for column in columns}
    extra = (name for name in by if name not in known and (name != "signature" or len(by) == 1))
    return (*(Column(name, name.removeprefix("label:").replace("_", " ")) for name in extra), *columns)
