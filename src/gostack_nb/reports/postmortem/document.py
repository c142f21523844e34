"""A postmortem as data: what is said and shown, in order, before anybody decides how it looks."""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gostack_nb.reports.excerpts import Excerpt

REPORT_VERSION = 1
"""Of what a report is made of, in every form of it: as HTML also in its `generator`."""

Section = tuple[str, str]

_WHOLE_FROM = 100  # a fraction of a hundred tells nothing
_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*|")
_NAMES = frozenset({"line", "line_number", "byte_offset", "creator_id", "goroutine_id"})  # numbers that are no amounts


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart: the name of its file, what it says in words, and its PNG."""

    name: str
    caption: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table as texts: a heading, the names of the columns and the cells; `left_out` rows are not shown.

    A row may have a sentence below it, in `below`, which is empty where no row has one.
    """

    heading: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    left_out: int = 0
    below: tuple[str, ...] = ()

    @property
    def numeric(self) -> tuple[bool, ...]:
        """For each column whether it holds numbers alone."""
        columns = zip(*self.cells, strict=True) if self.cells else ((),) * len(self.columns)
        return tuple(all(map(_NUMBER.fullmatch, column)) and any(column) for column in columns)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the report: sentences and points, then headed paragraphs, code, tables and charts."""

    heading: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    tables: tuple[Rows, ...] = ()
    pictures: tuple[Picture, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The report: facts for its head, three sentences, the parts, and the calls of the flame graph (`call_tree`)."""

    title: str
    facts: tuple[tuple[str, str], ...]
    summary: tuple[str, ...]
    parts: tuple[Part, ...]
    calls: pd.DataFrame


def rows_of(heading: str, table: pd.DataFrame, *, most: int) -> Rows:
    """Write a table down as texts, at most `most` rows; unknown is an empty cell.

    >>> rows_of("Counts", pd.DataFrame({"count": [154, None], "state": ["select", "IO wait"]}), most=1)
    Rows(heading='Counts', columns=('count', 'state'), cells=(('154', 'select'),), left_out=1, below=())
    """
    shown = table.head(most)
    says = [_name if name in _NAMES else _cell for name in table]
    rows = shown.itertuples(index=False, name=None)
    cells = tuple(tuple(say(value) for say, value in zip(says, row, strict=True)) for row in rows)
    return Rows(heading, tuple(_heading(table, name) for name in table), cells, len(table) - len(shown))


def _heading(table: pd.DataFrame, name: Hashable) -> str:
    unit = " (UTC)" if isinstance(table[name].dtype, pd.DatetimeTZDtype) else ""
    return f"{str(name).replace('_', ' ')}{unit}"


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(_cell, value))
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float):
        rounded = round(value, 2) + 0.0  # there is no minus nothing
        return f"{rounded:,.0f}" if rounded.is_integer() or abs(rounded) >= _WHOLE_FROM else f"{rounded:,.2f}"
    return f"{value:,}" if isinstance(value, int | np.integer) else str(value)


def _name(value: object) -> str:
    return "" if value is None or value is pd.NA else str(value)
