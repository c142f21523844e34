"""One group -> what the explorer says about it: stack, members, growth, meaning."""

from dataclasses import replace
from itertools import groupby
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.meanings import Meaning, meaning_of_rows
from gostack_nb.analysis.keys import DEFAULT_KEY, coded_column, key_names
from gostack_nb.widgets.messages import DETAIL_BYTES, cut, fitted, readable, spread
from gostack_nb.widgets.pages import MEMBER_COLUMNS, Column, Page, columns_of, page_of, short_text, telling
from gostack_nb.widgets.view import View

MEMBER_ROWS = 10
MEMBERS_BYTES = 15_000
MOST_FRAMES = 300
MOST_PROCESSES = 12
MOST_POINTS = 240
"""Of all curves together."""

SIZES = ((MOST_FRAMES, 2000), (MOST_FRAMES, 500), (MOST_FRAMES, 200), (MOST_FRAMES, 80), (100, 30), (100, 12))
"""How many calls of a stack are sent, and how many characters of each text."""

LONGEST_TITLE = 200

TALL = 60
"""Cells with more characters than a column of the table is wide are said again in the open group."""


class Frame(TypedDict):
    """One call; `cut` if its texts are not whole, then `number` asks for them."""

    function: str
    location: str
    number: int
    cut: bool


class Fold(TypedDict):
    """Calls that stand below each other; those of the standard library are shown folded."""

    kind: str
    frames: list[Frame]


class Point(TypedDict):
    """How many goroutines the group had in one snapshot."""

    time: str
    minutes: float | None
    count: int


class Course(TypedDict):
    """The group in one process over time; of many snapshots some points are sent, with the ends and the peak."""

    process: str
    snapshots: int
    points: list[Point]


class Name(TypedDict):
    """A cell of the open row that its column is too narrow for; `column` asks for the rest of it."""

    column: str
    title: str
    text: str
    cut: bool


class Detail(TypedDict):
    """All that is said about a group, as the browser gets it."""

    title: str
    note: str
    names: list[Name]
    folds: list[Fold]
    frames_left_out: int
    members: Page
    courses: list[Course]
    courses_left_out: int
    verdict: str
    reasons: list[str]
    meaning: str
    sections: list[list[str]]


def detail_of(view: View, row: int, page: int) -> Detail:
    """Describe one row of the view's table; `page` is that of its members."""
    members = view.members(row)
    stack = str(members["stack_id"].mode().iloc[0])
    meaning = _meaning(view, members, stack)
    judged = view.judged[view.judged["stack_id"] == stack].head(1)
    frames = frames_of(view.dataset.stacks, stack)
    columns = telling(members, MEMBER_COLUMNS)
    listed = page_of(members, columns, page, rows=MEMBER_ROWS, limit=MEMBERS_BYTES)
    courses = courses_of(view, row)

    def written(size: tuple[int, int]) -> Detail:
        most, longest = size
        return {
            "title": _title(members),
            "note": _note(members),
            "names": _names(view, row, longest),
            "folds": folded_stack(frames.head(most), longest),
            "frames_left_out": max(0, len(frames) - most),
            "members": listed,
            "courses": courses[:MOST_PROCESSES],
            "courses_left_out": max(0, len(courses) - MOST_PROCESSES),
            "verdict": "".join(judged["verdict"].astype("str")),
            "reasons": [cut(readable(reason), 2 * longest) for reasons in judged["reasons"] for reason in reasons],
            "meaning": meaning.title,
            "sections": [[heading, cut(readable(text), 1000)] for heading, text in meaning.sections],
        }

    return fitted(written, DETAIL_BYTES, SIZES)


def whole_of_frame(view: View, row: int, number: int) -> str:
    """Return the whole texts of one call of the stack that a row shows."""
    stack = str(view.members(row)["stack_id"].mode().iloc[0])
    frame = frames_of(view.dataset.stacks, stack).iloc[number]
    return "\n".join(_texts(frame["function"], frame["file"], frame["line"]))


def whole_of_cell(view: View, row: int, column: str) -> str:
    """Return the whole text of a cell of the table."""
    return str(view.table.iloc[row][column])


def _names(view: View, row: int, longest: int) -> list[Name]:
    """Say what the row has in columns that are too narrow for it; the stack says functions and lines."""
    found = view.table.iloc[row]
    columns = [column for column in columns_of(view.table, view.by) if column.kind == "text"]
    texts = [(column, readable(str(found[column.name]))) for column in columns if not pd.isna(found[column.name])]
    return [_name(column, text, longest) for column, text in texts if len(text) > TALL]


def _name(column: Column, text: str, longest: int) -> Name:
    short = cut(text, longest)
    return {"column": column.name, "title": cut(column.title, TALL), "text": short, "cut": short != text}


def _title(members: pd.DataFrame) -> str:
    count = f"{len(members):,} {'goroutine' if len(members) == 1 else 'goroutines'}"
    function = members["user_function"].astype(object).fillna(members["top_function"].astype(object)).mode()
    return (
        f"{count} in {short_text(readable(str(function.iloc[0])), 'function', LONGEST_TITLE)}"
        if len(function)
        else count
    )


def _note(members: pd.DataFrame) -> str:
    stacks = members["stack_id"].nunique()
    return "" if stacks <= 1 else f"The most frequent of {stacks:,} different stacks:"


def _meaning(view: View, members: pd.DataFrame, stack: str) -> Meaning:
    """Explain the most frequent stack; the tables are cut down to it, because matching looks at all stacks."""
    same = _compact(members[members["stack_id"] == stack])
    stacks = _compact(frames_of(view.dataset.stacks, stack))
    part = replace(view.dataset, goroutines=same, stacks=stacks)
    return meaning_of_rows(part, pd.Series(data=True, index=same.index), load_catalogue())


def _compact(frame: pd.DataFrame) -> pd.DataFrame:
    """Forget the names of all other stacks: what looks at each name then looks at these alone."""
    columns = frame.select_dtypes("category")
    return frame.assign(**{str(name): column.cat.remove_unused_categories() for name, column in columns.items()})


def frames_of(stacks: pd.DataFrame, stack: str) -> pd.DataFrame:
    """Return the frames of a stack, leaf first, the creator last."""
    return stacks[stacks["stack_id"] == stack].sort_values("frame_index")


def folded_stack(frames: pd.DataFrame, longest: int) -> list[Fold]:
    """Put neighbours of the standard library together."""
    kinds = ["creator" if row.is_creator else "std" if row.is_std else "yours" for row in frames.itertuples()]
    rows = zip(frames["function"], frames["file"], frames["line"], strict=True)
    written = [_frame(number, _texts(*row), longest) for number, row in enumerate(rows)]
    runs = groupby(zip(kinds, written, strict=True), key=lambda row: row[0])
    return [{"kind": kind, "frames": [frame for _, frame in run]} for kind, run in runs]


def _frame(number: int, texts: tuple[str, str], longest: int) -> Frame:
    function, location = texts
    short = function if len(function) <= longest else short_text(function, "function", longest)
    end = location if len(location) <= longest else f"…{location[1 - longest :]}"  # the end of a path tells more
    return {"function": short, "location": end, "number": number, "cut": (short, end) != texts}


def _texts(function: Any, file: Any, line: Any) -> tuple[str, str]:
    where = [str(part) for part in (file, line) if not pd.isna(part)]
    return readable(str(function)), readable(":".join(where))


def courses_of(view: View, row: int) -> list[Course]:
    """Count the group in every snapshot of the dataset, whatever the filter is; of single goroutines their group."""
    names = [name for name in key_names(view.by or DEFAULT_KEY) if name != "snapshot_id"]
    parts = view.counts.groupby(["service", "instance"], dropna=False, observed=True, sort=False)
    found = [(process, _rows_of(rows, view.table.iloc[row], names)) for process, rows in parts]
    courses = [(cut(readable(_process(*process)), TALL), _points(rows)) for process, rows in found if len(rows)]
    courses.sort(key=lambda course: -max(point["count"] for point in course[1]))
    most = max(2, MOST_POINTS // max(1, min(len(courses), MOST_PROCESSES)))
    return [{"process": name, "snapshots": len(all_), "points": _drawn(all_, most)} for name, all_ in courses]


def _drawn(points: list[Point], most: int) -> list[Point]:
    """Thin points out, but never the highest."""
    peak = max(range(len(points)), key=lambda place: points[place]["count"])
    kept = {*spread(range(len(points)), most), peak}
    return [points[place] for place in sorted(kept)]


def _rows_of(counts: pd.DataFrame, wanted: pd.Series, names: list[str]) -> pd.DataFrame:
    """Return the counts of a group; where forms that tell less made a part of its key NA, of that."""
    exact = np.ones(len(counts), dtype=np.bool_)
    loose = np.ones(len(counts), dtype=np.bool_)
    for name in names:
        told = coded_column(counts[name])
        untold = told.codes < 0
        known = not pd.isna(wanted[name]) and wanted[name] in told.names
        same = told.codes == told.names.get_loc(wanted[name]) if known else untold & pd.isna(wanted[name])
        exact &= same
        loose &= same | untold
    return counts[exact if exact.any() else loose]


def _process(service: Any, instance: Any) -> str:
    return " ".join(str(name) for name in (service, instance) if not pd.isna(name))


def _points(rows: pd.DataFrame) -> list[Point]:
    """Add up what the key cannot tell apart, such as states where one form has none."""
    names = rows["snapshot_id"].astype("str")
    counts = {str(name): int(count) for name, count in rows["count"].groupby(names).sum().items()}
    first = rows["captured_at"].min()
    times = dict(zip(names, rows["captured_at"], strict=True))
    return [
        {
            "time": "" if pd.isna(time) else f"{time:%Y-%m-%d %H:%M:%S}",
            "minutes": None if pd.isna(time) else (time - first).total_seconds() / 60,
            "count": counts[name],
        }
        for name, time in times.items()
    ]
