"""Choices -> tables, stacks and a flame graph: the explorer of a dataset in a notebook."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import anywidget
import pandas as pd
import traitlets
from IPython.display import display
from traitlets.utils.bunch import Bunch

from gostack_nb.errors import FilterError, GostackError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.raw_text import read_goroutine_text
from gostack_nb.widgets.boxes import boxes_of, calls_of, name_of_box
from gostack_nb.widgets.details import detail_of, whole_of_cell, whole_of_frame
from gostack_nb.widgets.known import Known
from gostack_nb.widgets.messages import SIDES_BYTES, TEXT_BYTES, cut, fitted, readable
from gostack_nb.widgets.narrowing import narrowed
from gostack_nb.widgets.options import options_of
from gostack_nb.widgets.pages import SIDE_ROWS, Page, columns_of, page_of, side_columns_of
from gostack_nb.widgets.sides import compared
from gostack_nb.widgets.static import static_html
from gostack_nb.widgets.view import View

CONTROLS = ("state", "function", "package", "wait", "label", "snapshot", "verdict")
"""The fields of the filter that have a control of their own."""


LONGEST_PROBLEM = 2000
TEXT_LENGTHS = (30_000, 10_000, 5_000)
"""Characters of a goroutine's text, tried in this order if the whole of it is too much to send."""


def _beginning(text: str, longest: int) -> str:
    rest = len(text) - longest
    return text if rest <= 0 else f"{text[:longest]}\n... {rest:,} more characters, not sent to the browser"


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
    wait = traitlets.CUnicode("").tag(sync=True)
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
    detail = traitlets.Dict().tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    boxes = traitlets.Dict().tag(sync=True)
    sides = traitlets.Dict().tag(sync=True)

    def __init__(self, dataset: Dataset, *, query: str, group_by: str) -> None:
        self._dataset = dataset
        self._known = Known(dataset)
        self._linking = False
        self._view = self._made(query, group_by)
        self._asked = (query, group_by)
        chosen = {name: self._view.filter.control(name) for name in CONTROLS}
        offered = options_of(dataset, self._known.judged)
        ends = offered["side"] or [""]
        super().__init__(query=query, group_by=group_by, options=offered, before=ends[0], after=ends[-1], **chosen)
        self._draw()
        self.observe(self._on_query, ["query", "group_by"])
        self.observe(self._on_control, list(CONTROLS))
        self.observe(self._on_opened, "opened")
        self.observe(self._on_choice, ["sort", "descending", "page", "members_page", "shown", "before", "after"])
        self.observe(self._on_member, "member")
        self.on_msg(self._on_message)

    def selected(self) -> pd.DataFrame:
        """Return the goroutines behind the view: those that fit the filter, in all columns, as `select` does.

        Raises
        ------
        FilterError
            If the text of the filter is wrong; the widget says why, too.
        """
        return self._made(self.query, self.group_by).goroutines

    def table(self) -> pd.DataFrame:
        """Return the groups that the view lists, all pages: the columns of `group`, and `verdict`.

        Raises
        ------
        FilterError
            If the text of the filter is wrong.
        MissingColumnError
            If there is no such column to group by.
        """
        return self._made(self.query, self.group_by).table

    def members(self) -> pd.DataFrame:
        """Return the goroutines of the group that is open; no rows if none is."""
        return self._view.goroutines.iloc[:0] if self.opened is None else self._view.members(self.opened)

    def narrow(self) -> None:
        """Add to the filter what makes the open group one, so that `selected` returns its goroutines."""
        if self.opened is not None:
            self.query = str(narrowed(self._view, self.opened))

    def _made(self, query: str, group_by: str) -> View:
        """Return the view for these choices: the one that is there if it is theirs."""
        view = View.of(self._known, query, group_by)
        same = getattr(self, "_view", None)
        if same is not None and (same.filter, same.by) == (view.filter, view.by):
            return self._view
        _ = view.table  # wrong choices show here, while the view before is still there
        return view

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say on the widget what goes wrong: nobody sees an exception of a callback."""
        with self.hold_sync():
            if self._asked == (self.query, self.group_by):  # else what is wrong with the filter stays said
                self.problem = ""
            try:
                yield
            except GostackError as error:
                self.problem = cut(readable(str(error)), LONGEST_PROBLEM)
            except Exception as error:  # noqa: BLE001 - the boundary to the browser: else it would be lost
                self.problem = f"{type(error).__name__}: {error}. This is a defect of gostack_nb."

    def _on_query(self, _: object) -> None:
        with self._telling():
            self._view = self._made(self.query, self.group_by)
            self._asked, self.problem = (self.query, self.group_by), ""
            with self._alone():
                self.page, self.opened = 0, None
                for name in CONTROLS:
                    setattr(self, name, self._view.filter.control(name))
            self._draw()

    def _on_control(self, change: Bunch) -> None:
        if not self._linking:
            with self._telling():
                self.query = str(self._view.filter.with_control(change["name"], change["new"]))

    def _on_opened(self, _: object) -> None:
        if not self._linking:
            with self._alone():
                self.members_page = 0
            self._on_choice(None)

    def _on_choice(self, _: object) -> None:
        if not self._linking:
            with self._telling():
                self._draw()

    def _on_member(self, _: object) -> None:
        with self._telling():
            self.text = "" if self.member is None else self._text_of(self.member)

    def _on_message(self, _: object, content: object, __: object) -> None:
        with self._telling():
            if content == "narrow":
                self.narrow()
            elif isinstance(content, dict):
                self._answer(content)

    def _answer(self, asked: dict[str, Any]) -> None:
        """Send the whole of a text that was shortened."""
        what, which = asked.get("what"), asked.get("which")
        text = self._whole(what, which)
        shown = fitted(lambda longest: _beginning(text, longest), TEXT_BYTES, (len(text), *TEXT_LENGTHS))
        self.send({"what": what, "which": which, "text": shown})

    def _whole(self, what: object, which: Any) -> str:
        if what == "box":
            return readable(name_of_box(self._calls, which))
        if self.opened is None:
            return ""
        if what == "frame":
            return whole_of_frame(self._view, self.opened, which)
        return readable(whole_of_cell(self._view, self.opened, which))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Set several choices as one: their observers wait for the drawing that follows."""
        before, self._linking = self._linking, True
        try:
            yield
        finally:
            self._linking = before

    def _draw(self) -> None:
        """Send what the browser shows now, and no more."""
        view = self._view
        with self._alone(), self.hold_sync():
            order = view.order(self.sort, descending=self.descending)
            page = page_of(view.table, columns_of(view.table, view.by), self.page, order=order)
            self.listed = {**page, "sort": self.sort, "descending": self.descending}
            self.page = self.listed["page"]
            self.said = view.said
            self.member, self.text = None, ""
            self.detail = {} if self.opened is None else self._detail(self.opened)
            self.boxes = self._boxes() if self.shown == "flame" else {}
            self.sides = dict(self._sides()) if self.shown == "sides" else {}

    def _detail(self, row: int) -> dict[str, Any]:
        rows = len(self._view.table)
        if not 0 <= row < rows:
            msg = f"there is no row {row} to open; the table has {rows:,}"
            raise FilterError(msg)
        return dict(detail_of(self._view, row, self.members_page))

    def _sides(self) -> Page:
        table = compared(self._view, self.before, self.after)
        return page_of(table, side_columns_of(table, self._view.by), 0, rows=SIDE_ROWS, limit=SIDES_BYTES)

    def _boxes(self) -> dict[str, Any]:
        self._calls = calls_of(self._view.part)
        return dict(boxes_of(self._calls, len(self._view.goroutines)))

    def _text_of(self, member: int) -> str:
        row = self.members().iloc[member]
        number = None if pd.isna(row["goroutine_id"]) else int(row["goroutine_id"])
        text = readable(read_goroutine_text(self._dataset, str(row["snapshot_id"]), number))
        return fitted(lambda longest: _beginning(text, longest), TEXT_BYTES, (len(text), *TEXT_LENGTHS))

    def _repr_mimebundle_(self, **kwargs: dict[Any, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the widget, and in its place where no kernel is: the first groups as a table."""
        data, metadata = self._shown(kwargs)
        return {**data, "text/html": static_html(self._view)}, metadata

    def _ipython_display_(self, **kwargs: dict[Any, Any]) -> None:
        """Put the static table beside the widget: JupyterLab shows no other form of an output whose kernel is gone.

        The widget's style sheet hides it as long as the widget is there.
        """
        data, metadata = self._shown(kwargs)
        display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
        display({"text/html": static_html(self._view)}, raw=True)  # type: ignore[no-untyped-call]

    def _shown(self, kwargs: dict[str, dict[Any, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = super()._repr_mimebundle_(**kwargs)
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        return f"Explorer(query={self.query!r}, group_by={self.group_by!r}): {self.said}"


def explore(dataset: Dataset, *, query: str | None = None, group_by: str = "group") -> Explorer:
    r"""Look at the goroutines of a dataset in a notebook: filter, group, open, see them as a flame graph, compare.

    Parameters
    ----------
    dataset : Dataset
        Any. It is never changed.
    query : str, optional
        A filter, as `select` describes it and `Explorer.query` returns it. Without it the latest snapshot of every
        process.
    group_by : str
        As `Explorer.group_by`.

    Returns
    -------
    Explorer
        Shows itself at the end of a cell. `explorer.selected()` returns the goroutines behind the view,
        `explorer.table()` the groups, `explorer.query` the filter as text.

    Raises
    ------
    FilterError
        If the filter cannot be read.
    MissingColumnError
        If there is no such column to group by.
    TypeError
        If it is given a table instead of a dataset.

    Examples
    --------
    >>> from gostack_nb import read
    >>> dataset = read(b"goroutine 7 [chan receive, 3 minutes]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
    >>> explorer = explore(dataset, query="wait>=3")
    >>> explorer.selected()["goroutine_id"].tolist()
    [7]
    """
    if not isinstance(dataset, Dataset):
        msg = f"explore takes a Dataset, not a {type(dataset).__name__}. Hint: dataset.with_goroutines(rows) makes one"
        raise TypeError(msg)
    several = len(dataset.snapshots) > 1
    text = query if query is not None else "snapshot:latest" if several else ""
    return Explorer(dataset, query=text, group_by=group_by)
