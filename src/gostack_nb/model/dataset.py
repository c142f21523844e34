"""A Dataset: the tables of one investigation, held together."""

from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from gostack_nb.errors import ArgumentError
from gostack_nb.model.describing import Description, describe
from gostack_nb.model.needed import need_columns


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """The tables that `read` returns; their columns are listed in `gostack_nb.model.schema`.

    Attributes
    ----------
    goroutines : DataFrame
        One row per goroutine and snapshot.
    stacks : DataFrame
        One row per frame of every distinct stack.
    snapshots : DataFrame
        One row per dump, in order of capture.
    issues : DataFrame
        One row per thing that could not be read.
    metrics : DataFrame
        Samples of `go_goroutines` and friends that were found beside the dumps.

    Examples
    --------
    >>> len(dataset.goroutines), len(dataset.snapshots), len(dataset.issues)
    (8915, 40, 0)
    >>> dataset.goroutines["state"].value_counts().head(2).to_dict()
    {'chan receive': 4481, 'IO wait': 808}
    >>> long = dataset.with_goroutines(dataset.goroutines.query("wait_minutes >= 5"))
    >>> len(long.goroutines)
    32
    """

    goroutines: pd.DataFrame
    stacks: pd.DataFrame
    snapshots: pd.DataFrame
    issues: pd.DataFrame
    metrics: pd.DataFrame

    def with_goroutines(self, goroutines: pd.DataFrame) -> Self:
        """Return the same dataset with other rows in `goroutines`, for example filtered ones."""
        if not isinstance(goroutines, pd.DataFrame):
            msg = f"with_goroutines takes a table (DataFrame) of goroutines, not a {type(goroutines).__name__}"
            raise ArgumentError(msg)
        return replace(self, goroutines=goroutines)

    def _described(self) -> Description:
        return describe(self.goroutines, self.snapshots, self.issues, self.metrics)

    def __repr__(self) -> str:
        return str(self._described())

    def _repr_html_(self) -> str:
        return self._described().as_html()


def goroutines_of(source: Dataset | pd.DataFrame, *needed: str) -> pd.DataFrame:
    """Return the goroutines table of a dataset, or the table itself, after checking its columns.

    Raises
    ------
    MissingColumnError
        If one of the columns in `needed` is absent; the message names those that exist.
    """
    frame = source.goroutines if isinstance(source, Dataset) else source
    need_columns(frame, needed)
    return frame
