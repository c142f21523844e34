"""A filter and a grouping -> the table that the explorer shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from gostack_nb.analysis.filters import Filter, parse_filter
from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.growth import count_by_snapshot
from gostack_nb.analysis.keys import DEFAULT_KEY, Coded, categorical, coded, key_names
from gostack_nb.analysis.selecting import Mask, matching, verdict_of_stacks
from gostack_nb.analysis.snapshots import only
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.model.dataset import Dataset

GROUPINGS: dict[str, tuple[str, ...]] = {
    "group": DEFAULT_KEY,
    "stack": ("stack_id",),
    "signature": ("signature",),
    "line": ("user_location",),
    "creator": ("created_by",),
    "state": ("state",),
    "goroutine": (),
}
"""Short words for what makes the rows; other columns of `group` and `label:KEY` go as well."""


@dataclass(frozen=True)
class View:
    """What is shown: a part of the goroutines, in groups.

    Attributes
    ----------
    dataset : Dataset
        All of it.
    judged : DataFrame
        As `suspects` returns it.
    filter : Filter
        Which goroutines.
    by : tuple of str
        The key of the groups; empty for single goroutines.
    """

    dataset: Dataset
    judged: pd.DataFrame
    filter: Filter
    by: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset, judged: pd.DataFrame, query: str, group_by: str) -> Self:
        """Read the filter and the word for the grouping."""
        return cls(dataset, judged, parse_filter(query), GROUPINGS.get(group_by, (group_by,)))

    @cached_property
    def goroutines(self) -> pd.DataFrame:
        """The goroutines that fit the filter, in all their columns."""
        return self.dataset.goroutines[matching(self.dataset, self.filter, self.judged)]

    @cached_property
    def part(self) -> Dataset:
        """The dataset with these goroutines, and the snapshots that they are in."""
        rows = self.goroutines["snapshot_id"]
        names = rows.cat.categories[np.bincount(rows.cat.codes, minlength=len(rows.cat.categories)) > 0]
        part = only(self.dataset, *names) if len(names) else self.dataset
        return part.with_goroutines(self.goroutines)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per group, or per goroutine: the columns of `group`, or of `goroutines`, and `verdict`."""
        table = group(self.goroutines, by=self.by) if self.by else _with_locations(self.goroutines)
        return table.assign(verdict=_verdicts(table["stack_id"], self.judged))

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Every group in every snapshot, whatever the filter is: as `count_by_snapshot` returns it."""
        return count_by_snapshot(self.dataset, by=self.by or DEFAULT_KEY)

    @property
    def said(self) -> str:
        """How much of the whole is shown, in words."""
        shown, snapshots = len(self.goroutines), len(self.dataset.snapshots)
        words = f"{shown:,} of {len(self.dataset.goroutines):,} goroutines"
        if snapshots > 1:
            words += f", in {self.goroutines['snapshot_id'].nunique()} of {snapshots} snapshots"
        if self.by:
            words += f"; {len(self.table):,} {'group' if len(self.table) == 1 else 'groups'}"
        return words

    def sorted_table(self, column: str, *, descending: bool) -> pd.DataFrame:
        """Return the table sorted by a column, unknown values last; the index still counts rows of `table`."""
        table = self.table.reset_index(drop=True)
        if column not in table:
            return table
        return table.sort_values(column, ascending=not descending, kind="stable", na_position="last")

    def members(self, row: int) -> pd.DataFrame:
        """Return the goroutines of one row of `table`."""
        if not self.by:
            return self.goroutines.iloc[[row]]
        return self.goroutines[_equal(self.goroutines, self.table.iloc[row], ("snapshot_id", *key_names(self.by)))]


def _equal(frame: pd.DataFrame, row: pd.Series, names: Sequence[str]) -> Mask:
    """Tell which rows have the same key."""
    same = np.ones(len(frame), dtype=np.bool_)
    for name in dict.fromkeys(names):
        column = coded(frame, name)
        wanted = -1 if pd.isna(row[name]) else column.names.get_loc(row[name])
        same &= column.codes == wanted
    return same


def _with_locations(goroutines: pd.DataFrame) -> pd.DataFrame:
    columns = {name: coded(goroutines, name) for name in ("state", "user_location", "top_location")}
    return goroutines.assign(**{name: categorical(column, column.codes) for name, column in columns.items()})


def _verdicts(stacks: pd.Series, judged: pd.DataFrame) -> pd.Categorical:
    """Say of each row's stack what `suspects` says."""
    verdict = verdict_of_stacks(judged)
    column = stacks.astype("category")
    known = [verdict.get(str(name)) for name in column.cat.categories]
    codes = np.array([VERDICTS.index(word) if word else -1 for word in [*known, None]])
    return categorical(Coded(codes, pd.Index(VERDICTS)), codes[column.cat.codes.to_numpy()])
