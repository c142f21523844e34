"""Texts and numbers of them to categorical columns: the categories sorted, the codes as small as they go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.formats.numbering import Numbering

Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Names:
    """The categories of a column, and the code of each value that the column may take; the last one is -1, for NA."""

    categories: pd.Index
    codes: Numbers

    def column(self, codes: Numbers) -> pd.Categorical:
        """Make a column of codes that were taken from `codes`."""
        return pd.Categorical.from_codes(codes, categories=self.categories, validate=False)


def sorted_names(texts: Sequence[str], numbers: Numbers | None = None) -> Names:
    """Make categories of the texts that occur, sorted; empty text is NA.

    Parameters
    ----------
    texts : sequence of str
        Distinct.
    numbers : array of int, optional
        The values that the column may take, as places in `texts`; -1 is NA. Without it each text is one.
    """
    values = np.arange(len(texts)) if numbers is None else numbers
    occurs = np.zeros(len(texts) + 1, dtype=np.bool_)
    occurs[values] = True
    ordered = sorted([place for place in np.flatnonzero(occurs[:-1]).tolist() if texts[place]], key=texts.__getitem__)
    code_of = np.full(len(texts) + 1, -1, dtype=smallest_integer(len(ordered)))
    code_of[ordered] = np.arange(len(ordered))
    return Names(pd.Index([texts[place] for place in ordered], dtype="str"), code_of[np.append(values, -1)])


def text_column(values: Iterable[str | None]) -> pd.Categorical:
    """Make a column of texts; None and empty are NA."""
    numbers = Numbering[str]()
    codes = np.array([numbers[value or ""] for value in values], dtype=np.int64)
    names = sorted_names(tuple(numbers))
    return names.column(names.codes[codes])


def smallest_integer(categories: int) -> np.dtype[Any]:
    """Return the integer that pandas keeps the codes of so many categories in."""
    return np.min_scalar_type(-categories - 2)
