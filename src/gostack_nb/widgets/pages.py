"""A table -> one page of it as plain text: all that the browser gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

import pandas as pd

PAGE_ROWS = 25
SIDE_ROWS = 100
LONGEST = 300
"""Characters of a cell that are sent: labels and generic names can be kilobytes."""

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


def page_of(table: pd.DataFrame, columns: tuple[Column, ...], page: int, *, rows: int = PAGE_ROWS) -> Page:
    """Write one page of a table as text; `page` counts from 0 and is brought into range."""
    pages = max(1, -(-len(table) // rows))
    page = min(max(page, 0), pages - 1)
    part = table.iloc[page * rows : (page + 1) * rows]
    shown = [column for column in columns if column.name in table]
    cells = [list(_cells(part[column.name], column.kind)) for column in shown]
    return {
        "columns": [{"name": column.name, "title": column.title, "right": column.kind in RIGHT} for column in shown],
        "cells": [list(row) for row in zip(*cells, strict=True)],
        "rows": [int(row) for row in part.index],
        "page": page,
        "pages": pages,
        "total": len(table),
    }


def telling(table: pd.DataFrame, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Leave out columns that the table lacks, that are unknown throughout, or a snapshot that all rows share."""
    there = [column for column in columns if column.name in table and table[column.name].notna().any()]
    return tuple(column for column in there if column.name != "snapshot_id" or _differ(table["snapshot_id"]))


def _differ(values: pd.Series) -> bool:
    return len(values) > 0 and bool((values != values.iloc[0]).any())


def _cells(values: pd.Series, kind: Kind) -> Iterator[Cell]:
    for value in values.astype(object):
        yield "" if pd.isna(value) else _cell(value, kind)


def _cell(value: object, kind: Kind) -> Cell:
    if kind == "number":
        return f"{value:,}"
    if kind == "change":
        return f"{value:+,}"
    if kind == "share":
        return f"{value:.1%}"
    text = str(value)
    short = short_text(text, kind)
    return short if short == text else (short, text[: 4 * LONGEST])


def short_text(text: str, kind: Kind) -> str:
    """Leave out what all names begin with: the folders of a file, the import path of a function.

    >>> short_text("/srv/app/push/main.go:9", "path"), short_text("example.com/srv/push.(*Hub).run[...]", "function")
    ('push/main.go:9', 'push.(*Hub).run[...]')
    """
    if kind == "path":
        text = "/".join(text.rsplit("/", 2)[-2:])
    if kind == "function":
        head, bracket, types = text.partition("[")
        text = head.rpartition("/")[2] + bracket + types
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


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
