"""What `gostack-nb show` lists: groups of goroutines, for people and for programs."""

import json

import pandas as pd
from rich.console import Console

from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.snapshots import latest, primary_snapshots
from gostack_nb.analysis.states import normalized_state
from gostack_nb.errors import GostackError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.terminal import summary

KEYS = {
    "signature": ("signature", "state", "created_by"),
    "stack": ("stack_id", "state"),
    "function": ("user_function", "top_function"),
    "line": ("user_location", "top_location"),
    "state": ("state",),
    "creator": ("created_by",),
    "labels": ("labels",),
}
"""What `--by` means."""

MIXED = frozenset({"state", "creator", "labels"})
"""Keys whose groups may hold several stacks: the place that is shown is the most frequent one."""


def chosen_groups(dataset: Dataset, *, by: str, state: str | None, every: bool) -> pd.DataFrame:
    """Group the goroutines of the latest snapshots, or of every one, in one state or in all.

    Raises
    ------
    GostackError
        If no goroutine is in that state; the message names the states that occur.
    """
    looked_at = primary_snapshots(dataset) if every else latest(dataset)
    if not len(looked_at.snapshots):
        looked_at = dataset
    rows = looked_at.goroutines if state is None else _in_state(looked_at.goroutines, state)
    return group(rows, by=KEYS[by])


def _in_state(goroutines: pd.DataFrame, state: str) -> pd.DataFrame:
    states = normalized_state(goroutines)
    rows = goroutines[(states == state).to_numpy(dtype=bool, na_value=False)]
    if not len(rows):
        known = ", ".join(sorted(map(str, states.dropna().unique()))) or "not told by debug=1, take debug=2"
        msg = f"no goroutine is in state {state!r}. Hint: the states are: {known}"
        raise GostackError(msg)
    return rows


def print_summary(dataset: Dataset, groups: pd.DataFrame, *, by: str, top: int) -> None:
    """Print the summary to standard output."""
    lead = "mostly " if by in MIXED else ""
    Console(highlight=False).print(summary(dataset, groups, top=top, lead=lead))


def as_json(dataset: Dataset, groups: pd.DataFrame) -> str:
    """Return snapshots, groups and issues as JSON text, ASCII only; <NA> is null, times are ISO 8601."""
    tables = {"snapshots": dataset.snapshots, "groups": groups, "issues": dataset.issues}
    return json.dumps({name: _records(table) for name, table in tables.items()}, indent=1)


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    text: list[dict[str, object]] = json.loads(table.to_json(orient="records", date_format="iso", date_unit="ms"))
    return text
