"""A filter and a grouping -> the table that the explorer shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from gostack_nb.analysis.filters import Filter, parse_filter
from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.keys import DEFAULT_KEY, Ints, coded, coded_column, key_names, name_ranks
from gostack_nb.analysis.selecting import Mask
from gostack_nb.analysis.snapshots import only
from gostack_nb.model.dataset import Dataset
from gostack_nb.widgets.known import Known

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

_RANKED = ("verdict", "snapshot_id")
"""Columns whose words have an order of their own."""


@dataclass(frozen=True)
class View:
    """What is shown: a part of the goroutines, in groups.

    Attributes
    ----------
    known : Known
        All of the dataset, and what is known about it.
    filter : Filter
        Which goroutines.
    by : tuple of str
        The key of the groups; empty for single goroutines.
    """

    known: Known
    filter: Filter
    by: tuple[str, ...]

    @classmethod
    def of(cls, known: Known, query: str, group_by: str) -> Self:
        """Read the filter and the word for the grouping."""
        return cls(known, parse_filter(query), GROUPINGS.get(group_by, (group_by,)))

    @property
    def dataset(self) -> Dataset:
        """All of it."""
        return self.known.dataset

    @property
    def judged(self) -> pd.DataFrame:
        """As `suspects` returns it."""
        return self.known.judged

    @cached_property
    def mask(self) -> Mask:
        """Which goroutines fit the filter."""
        return self.known.mask(self.filter)

    @cached_property
    def goroutines(self) -> pd.DataFrame:
        """The goroutines that fit the filter, in all their columns."""
        return self.dataset.goroutines[self.mask]

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
        if not self.by:
            return self.known.rows[self.mask]
        table = group(self.normal, by=self.by)
        return table.assign(verdict=self.known.verdicts(table["stack_id"]))

    @property
    def counts(self) -> pd.DataFrame:
        """Every group in every snapshot, whatever the filter is: as `count_by_snapshot` returns it."""
        return self.known.counts(self.by or DEFAULT_KEY)

    @property
    def said(self) -> str:
        """How much of the whole is shown, in words."""
        shown, snapshots = int(self.mask.sum()), len(self.dataset.snapshots)
        words = f"{shown:,} of {len(self.dataset.goroutines):,} goroutines"
        if snapshots > 1:
            words += f", in {self.table['snapshot_id'].nunique()} of {snapshots} snapshots"
        if self.by:
            words += f"; {len(self.table):,} {'group' if len(self.table) == 1 else 'groups'}"
        return words

    def order(self, column: str, *, descending: bool) -> Ints:
        """Return the rows of the table in the order of a column, unknown values last; in their own if there is none."""
        if column not in self.table:
            return np.arange(len(self.table))
        values = self.table[column].reset_index(drop=True)
        if values.dtype == "category" and column not in _RANKED:
            coded_values = coded_column(values)
            ranks = pd.Series(name_ranks(coded_values)[coded_values.codes])
            values = ranks.mask(coded_values.codes < 0)
        return values.sort_values(ascending=not descending, kind="stable", na_position="last").index.to_numpy()

    def members(self, row: int) -> pd.DataFrame:
        """Return the goroutines of one row of `table`."""
        if not self.by:
            return self.goroutines.iloc[[row]]
        return self.goroutines[_equal(self.normal, self.table.iloc[row], ("snapshot_id", *key_names(self.by)))]

    @cached_property
    def normal(self) -> pd.DataFrame:
        """As `goroutines`, with the states in today's words."""
        return self.known.normal[self.mask]


def _equal(frame: pd.DataFrame, row: pd.Series, names: Sequence[str]) -> Mask:
    """Tell which rows have the same key."""
    same = np.ones(len(frame), dtype=np.bool_)
    for name in dict.fromkeys(names):
        column = coded(frame, name)
        wanted = -1 if pd.isna(row[name]) else column.names.get_loc(row[name])
        same &= column.codes == wanted
    return same
