"""One group -> what the explorer says about it: stack, members, growth, meaning."""

from dataclasses import replace
from itertools import groupby
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.meanings import Meaning, meaning_of_rows
from gostack_nb.analysis.keys import DEFAULT_KEY, key_names
from gostack_nb.widgets.pages import MEMBER_COLUMNS, Page, page_of, telling
from gostack_nb.widgets.view import View

MEMBER_ROWS = 10
MOST_FRAMES = 300


class Frame(TypedDict):
    """One call."""

    function: str
    location: str


class Fold(TypedDict):
    """Calls that stand below each other; those of the standard library are shown folded."""

    kind: str
    frames: list[Frame]


class Point(TypedDict):
    """How many goroutines the group had in one snapshot."""

    time: str
    minutes: float | None
    snapshot: str
    count: int


class Course(TypedDict):
    """The group in one process over time."""

    process: str
    points: list[Point]


class Detail(TypedDict):
    """All that is said about a group, as the browser gets it."""

    title: str
    note: str
    folds: list[Fold]
    members: Page
    courses: list[Course]
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
    return {
        "title": _title(members),
        "note": _note(members),
        "folds": folded_stack(view.dataset.stacks, stack),
        "members": page_of(members.reset_index(drop=True), telling(members, MEMBER_COLUMNS), page, rows=MEMBER_ROWS),
        "courses": courses_of(view, row),
        "verdict": "".join(judged["verdict"].astype("str")),
        "reasons": [reason for reasons in judged["reasons"] for reason in reasons],
        "meaning": meaning.title,
        "sections": [list(section) for section in meaning.sections],
    }


def _title(members: pd.DataFrame) -> str:
    count = f"{len(members):,} {'goroutine' if len(members) == 1 else 'goroutines'}"
    function = members["user_function"].astype(object).fillna(members["top_function"].astype(object)).mode()
    return f"{count} in {function.iloc[0]}" if len(function) else count


def _note(members: pd.DataFrame) -> str:
    stacks = members["stack_id"].nunique()
    return "" if stacks <= 1 else f"The most frequent of {stacks:,} different stacks:"


def _meaning(view: View, members: pd.DataFrame, stack: str) -> Meaning:
    """Explain the most frequent stack; the tables are cut down to it, because matching looks at all stacks."""
    same = members[members["stack_id"] == stack]
    stacks = view.dataset.stacks[view.dataset.stacks["stack_id"] == stack]
    part = replace(view.dataset, goroutines=same, stacks=stacks)
    return meaning_of_rows(part, pd.Series(data=True, index=same.index), load_catalogue())


def folded_stack(stacks: pd.DataFrame, stack: str) -> list[Fold]:
    """Return the frames of a stack, leaf first: neighbours of the standard library together, the creator last."""
    frames = stacks[stacks["stack_id"] == stack].sort_values("frame_index").head(MOST_FRAMES)
    kinds = ["creator" if row.is_creator else "std" if row.is_std else "yours" for row in frames.itertuples()]
    rows = zip(kinds, map(_frame, frames["function"], frames["file"], frames["line"]), strict=True)
    return [
        {"kind": kind, "frames": [frame for _, frame in run]} for kind, run in groupby(rows, key=lambda row: row[0])
    ]


def _frame(function: Any, file: Any, line: Any) -> Frame:
    where = [str(part) for part in (file, line) if not pd.isna(part)]
    return {"function": str(function), "location": ":".join(where)}


def courses_of(view: View, row: int) -> list[Course]:
    """Count the group in every snapshot of the dataset, whatever the filter is; of single goroutines their group."""
    names = [name for name in key_names(view.by or DEFAULT_KEY) if name != "snapshot_id"]
    parts = view.counts.groupby(["service", "instance"], dropna=False, observed=True, sort=False)
    found = ((process, _rows_of(rows, view.table.iloc[row], names)) for process, rows in parts)
    return [{"process": _process(*process), "points": _points(rows)} for process, rows in found if len(rows)]


def _rows_of(counts: pd.DataFrame, wanted: pd.Series, names: list[str]) -> pd.DataFrame:
    """Return the counts of a group; where forms that tell less made a part of its key NA, of that."""
    exact = np.ones(len(counts), dtype=np.bool_)
    loose = np.ones(len(counts), dtype=np.bool_)
    for name in names:
        told = counts[name].astype(object)
        untold = told.isna().to_numpy()
        same = untold if pd.isna(wanted[name]) else (told == wanted[name]).to_numpy()
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
            "snapshot": name,
            "count": counts[name],
        }
        for name, time in times.items()
    ]
