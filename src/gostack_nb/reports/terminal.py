"""Tables to the terminal: what `gostack-nb show` prints."""

import unicodedata
from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words

Row: TypeAlias = dict[Hashable, Any]

NOT_TOLD = "-"
"""Printed for <NA>."""

MOST_SNAPSHOTS = 12
MOST_ISSUES = 8

_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def summary(dataset: Dataset, groups: pd.DataFrame, *, top: int, lead: str = "") -> RenderableType:
    """Return what a terminal shows of a dataset: its snapshots, its groups, what could not be read.

    Parameters
    ----------
    dataset : Dataset
        What was read.
    groups : DataFrame
        As `gostack_nb.group` returns it, of the snapshots to show.
    top : int
        How many groups of each snapshot are printed.
    lead : str
        Stands before the place of a group; `mostly ` if its goroutines may be at several.
    """
    parts: list[RenderableType] = [_snapshots(dataset.snapshots)]
    by_snapshot = groups.groupby("snapshot_id", observed=True, sort=False)
    parts += [_groups(str(name), rows, top, lead) for name, rows in by_snapshot]
    if not len(groups):
        parts.append(Text("no goroutines to show"))
    if len(dataset.issues):
        parts.append(_issues(dataset.issues))
    return Group(*parts)


def shown(value: Any, style: str = "") -> Text:
    r"""Return a value as plain text: no markup, nothing that steers the terminal, `-` for <NA>.

    >>> shown("main.f\x1b[31m[bold]").plain
    'main.f\\x1b[31m[bold]'
    """
    if pd.isna(value):
        return Text(NOT_TOLD, style="dim")
    return Text("".join(map(_harmless, str(value))), style=style)


def _harmless(character: str) -> str:
    if unicodedata.category(character) in _STEERING:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def table_of(title: str, *columns: str, numbers: Sequence[str] = ()) -> Table:
    """Make an empty table; columns of numbers stand on the right and are never wrapped."""
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for name in columns:
        is_number = name in numbers
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table


def _snapshots(snapshots: pd.DataFrame) -> Table:
    folder, names = _common_folder(snapshots["source"].astype(str).tolist())
    title = count_words(len(snapshots), "snapshot") + (f" of {shown(folder)}" if folder else "")
    if len(snapshots) > MOST_SNAPSHOTS:
        title += f", the last {MOST_SNAPSHOTS}:"
    table = table_of(title, "captured, UTC", "form", "goroutines", "source", numbers=["goroutines"])
    listed = zip(snapshots.to_dict("records"), names, strict=True)
    for row, name in list(listed)[-MOST_SNAPSHOTS:]:
        taken = row["captured_at"]
        time = taken if pd.isna(taken) else taken.strftime("%Y-%m-%d %H:%M:%S")
        form = f"{row['form']} (cut)" if row["truncated"] else row["form"]
        table.add_row(shown(time), shown(form), f"{row['goroutine_count']:,}", shown(name))
    return table


def _common_folder(sources: Sequence[str]) -> tuple[str, list[str]]:
    """Split off the folder that all sources share, so that names fit into the line."""
    folders = {source.rpartition("/")[0] for source in sources}
    folder = folders.pop() if len(folders) == 1 and len(sources) > 1 else ""
    return folder, [source.removeprefix(f"{folder}/") if folder else source for source in sources]


def _groups(snapshot_id: str, groups: pd.DataFrame, top: int, lead: str) -> Table:
    count = int(groups["count"].sum())
    title = f"\n{count_words(count, 'goroutine')} in {count_words(len(groups), 'group')}, snapshot {snapshot_id}"
    columns = ("count", "state", "minutes", "where it is, and who started it")
    table = table_of(title, *columns, numbers=["count", "minutes"])
    for row in groups.head(top).to_dict("records"):
        table.add_row(f"{row['count']:,}", _state(row), _minutes(row), _place(row, lead))
    rest = groups.iloc[top:]
    if len(rest):
        table.add_row(
            f"{int(rest['count'].sum()):,}", "", "", Text(f"in {count_words(len(rest), 'more group')}", "dim")
        )
    return table


def _state(row: Row) -> Text:
    """Return the state, and how many of the group the runtime marked as leaked."""
    leaked = row["leaked"]
    if pd.isna(leaked) or not leaked:
        return shown(row["state"])
    return Text("\n").join([shown(row["state"]), Text(f"{leaked} leaked", "bold red")])


def _minutes(row: Row) -> Text:
    """Return `3-41`, the range of the printed waits."""
    low, high = row["wait_min"], row["wait_max"]
    if pd.isna(low):
        return shown(pd.NA)
    return Text(str(low) if low == high else f"{low}-{high}")


def _place(row: Row, lead: str) -> Text:
    """Return the user's function, its file and line, and the creator, each on its line."""
    function: Any = row["top_function"] if pd.isna(row["user_function"]) else row["user_function"]
    location: Any = row["top_location"] if pd.isna(row["user_location"]) else row["user_location"]
    lines = [Text(lead).append_text(shown(function, "bold")), shown(location)]
    if "labels" in row and not pd.isna(row["labels"]):
        lines.insert(0, shown(row["labels"]))
    if not pd.isna(row["created_by"]):
        lines.append(Text("by ").append_text(shown(row["created_by"])))
    return Text("\n").join(lines)


def _issues(issues: pd.DataFrame) -> Table:
    table = table_of(
        f"\n{count_words(len(issues), 'thing')} could not be read", "line", "what, and where", numbers=["line"]
    )
    for row in issues.head(MOST_ISSUES).to_dict("records"):
        table.add_row(shown(row["line_number"]), Text("\n").join([shown(row["reason"]), shown(row["source"], "dim")]))
    if len(issues) > MOST_ISSUES:
        table.add_row("", Text(f"and {len(issues) - MOST_ISSUES:,} more", "dim"))
    return table
