"""Choices -> tables, stacks and a flame graph: the explorer of a dataset in a notebook."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.resources import files
from typing import Any

import anywidget
import pandas as pd
import traitlets

from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.filters import Filter, Relation, Term, parse_filter
from gostack_nb.analysis.keys import DEFAULT_KEY, key_names
from gostack_nb.analysis.snapshots import only
from gostack_nb.analysis.suspects import suspects
from gostack_nb.errors import FilterError, GostackError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.raw_text import read_goroutine_text
from gostack_nb.widgets.boxes import boxes_of
from gostack_nb.widgets.details import detail_of
from gostack_nb.widgets.options import options_of
from gostack_nb.widgets.pages import GOROUTINE_COLUMNS, GROUP_COLUMNS, SIDE_COLUMNS, Column, page_of
from gostack_nb.widgets.static import static_html
from gostack_nb.widgets.view import View

CONTROLS = ("state", "function", "package", "wait", "label", "snapshot", "verdict")
"""The fields of the filter that have a control of their own."""

FIELD_OF = {"stack_id": "stack", "user_location": "line", "created_by": "creator", "snapshot_id": "snapshot"}
"""The field of the filter for a column of the key, where their names differ."""


def _front(*names: str) -> str:
    return "\n".join((files("gostack_nb.widgets") / name).read_text("utf-8") for name in names)


class Explorer(anywidget.AnyWidget):
    """What `explore` returns: choices about a dataset, and the tables behind them.

    Attributes
    ----------
    query : str
        The filter as text; see `select`.
    state, function, package, wait, label, snapshot, verdict : str
        Parts of it, as their controls show them: empty for all, `/.../` for a pattern.
    group_by : str
        `group` (functions, state and creator), `stack`, `signature`, `line`, `creator`, `state`, `label:KEY`, another
        column of `goroutines`, or `goroutine` for no groups.
    sort, descending : str, bool
        The column of the table that it is sorted by, and how; empty for the order of `group`.
    page : int
        Of the table, from 0.
    opened : int or None
        The row of `table()` whose details are open.
    shown : str
        `table`, `flame` or `sides`.
    before, after : str
        The snapshots that `sides` compares.
    problem : str
        What is wrong with the last choice, in words; empty if nothing is.
    """

    _esm = _front("elements.js", "table.js", "flame.js", "detail.js", "explorer.js")
    _css = _front("explorer.css")

    query = traitlets.Unicode("").tag(sync=True)
    state = traitlets.Unicode("").tag(sync=True)
    function = traitlets.Unicode("").tag(sync=True)
    package = traitlets.Unicode("").tag(sync=True)
    wait = traitlets.Unicode("").tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    snapshot = traitlets.Unicode("").tag(sync=True)
    verdict = traitlets.Unicode("").tag(sync=True)
    group_by = traitlets.Unicode("group").tag(sync=True)
    sort = traitlets.Unicode("").tag(sync=True)
    descending = traitlets.Bool(default_value=True).tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    opened = traitlets.Int(None, allow_none=True).tag(sync=True)
    members_page = traitlets.Int(0).tag(sync=True)
    member = traitlets.Int(None, allow_none=True).tag(sync=True)
    shown = traitlets.Enum(("table", "flame", "sides"), "table").tag(sync=True)
    before = traitlets.Unicode("").tag(sync=True)
    after = traitlets.Unicode("").tag(sync=True)

    problem = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
    listed = traitlets.Dict().tag(sync=True)
    detail = traitlets.Dict(None, allow_none=True).tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    boxes = traitlets.Dict(None, allow_none=True).tag(sync=True)
    sides = traitlets.Dict(None, allow_none=True).tag(sync=True)

    def __init__(self, dataset: Dataset, *, query: str, group_by: str) -> None:
        self._dataset = dataset
        self._judged = suspects(dataset)
        self._view = View.of(dataset, self._judged, query, group_by)
        self._linking = False
        chosen = {name: self._view.filter.control(name) for name in CONTROLS}
        offered = options_of(dataset, self._judged)
        ends = [option["value"] for option in offered["side"]] or [""]
        super().__init__(
            query=query, group_by=group_by, options=offered, before=ends[0], after=ends[-1], **chosen
        )
        self._draw()
        self.observe(self._on_query, "query")
        self.observe(self._on_control, CONTROLS)
        self.observe(self._on_grouping, "group_by")
        self.observe(self._on_opened, "opened")
        self.observe(self._on_choice, ("sort", "descending", "page", "members_page", "shown", "before", "after"))
        self.observe(self._on_member, "member")
        self.on_msg(self._on_message)
