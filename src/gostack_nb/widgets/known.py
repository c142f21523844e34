"""A dataset -> what the explorer works out once, whatever the filter is."""

from functools import cached_property

import numpy as np
import pandas as pd

from gostack_nb.analysis.filters import Filter, Term
from gostack_nb.analysis.growth import count_by_snapshot
from gostack_nb.analysis.keys import Coded, categorical, coded
from gostack_nb.analysis.selecting import Mask, matching, verdict_of_stacks
from gostack_nb.analysis.states import normalized_state
from gostack_nb.analysis.suspects import suspects
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.model.dataset import Dataset

MOST_MASKS = 8
"""Answers to terms of filters that are kept: who types in one control has the others set."""


class Known:
    """A dataset, what `suspects` says of it, and what every view of it needs.

    Parameters
    ----------
    dataset : Dataset
        Any. It is never changed.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.judged = suspects(dataset)
        self._masks: dict[Term, Mask] = {}
        self._counts: dict[tuple[str, ...], pd.DataFrame] = {}

    def mask(self, chosen: Filter) -> Mask:
        """Tell which goroutines fit a filter."""
        mask = matching(self.dataset, chosen, self.judged, known=self._masks)
        for term in list(self._masks)[:-MOST_MASKS]:
            del self._masks[term]
        return mask

    @cached_property
    def normal(self) -> pd.DataFrame:
        """The goroutines with their states in today's words: to group them then costs no look at their frames."""
        goroutines = self.dataset.goroutines
        nothing = pd.Categorical.from_codes(np.full(len(goroutines), -1), categories=pd.Index([], dtype="str"))
        return goroutines.assign(state=normalized_state(goroutines), top_frames=nothing)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The goroutines as rows of a table: with their lines and the verdict."""
        columns = {name: coded(self.normal, name) for name in ("user_location", "top_location")}
        located = {name: categorical(column, column.codes) for name, column in columns.items()}
        whole = self.dataset.goroutines.assign(state=self.normal["state"], **located)
        return whole.assign(verdict=self.verdicts(whole["stack_id"]))

    def verdicts(self, stacks: pd.Series) -> pd.Categorical:
        """Say of each row's stack what `suspects` says."""
        column = stacks.astype("category")
        names, codes = self._verdict_codes
        here = codes if column.cat.categories.is_(names) else self._codes_of(column.cat.categories)
        return categorical(Coded(here, pd.Index(VERDICTS)), here[column.cat.codes.to_numpy()])

    @cached_property
    def _verdict_codes(self) -> tuple[pd.Index, np.ndarray]:
        names = self.dataset.goroutines["stack_id"].astype("category").cat.categories
        return names, self._codes_of(names)

    def _codes_of(self, stacks: pd.Index) -> np.ndarray:
        """Return the number of the verdict on each stack; the last entry answers for NA."""
        verdict = verdict_of_stacks(self.judged)
        words = [*map(verdict.get, stacks.tolist()), None]
        return np.array([VERDICTS.index(word) if word else -1 for word in words], dtype=np.int64)

    def counts(self, by: tuple[str, ...]) -> pd.DataFrame:
        """Every group in every snapshot: as `count_by_snapshot` returns it."""
        if by not in self._counts:
            self._counts[by] = count_by_snapshot(self.dataset, by=by)
        return self._counts[by]
