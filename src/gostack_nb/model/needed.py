"""Table -> the same table, known to have the columns that a call needs."""

from collections.abc import Iterable
from difflib import get_close_matches

import pandas as pd

from gostack_nb.errors import MissingColumnError
from gostack_nb.model.schema import GOROUTINES, ISSUES, METRICS, SNAPSHOTS, STACKS

TABLES = {"goroutines": GOROUTINES, "stacks": STACKS, "snapshots": SNAPSHOTS, "issues": ISSUES, "metrics": METRICS}
"""The tables of a dataset."""

ALIKE = 0.8
"""Names as close as this are taken for a slip: `stat` and `state` are, `snapshot_id` and `stack_id` are not."""


def need_columns(table: pd.DataFrame, needed: Iterable[str], what: str = "the table") -> None:
    """Raise if a table lacks a column.

    Parameters
    ----------
    table : DataFrame
        Any.
    needed : iterable of str
        Names of columns.
    what : str
        What to call the table in the message.

    Raises
    ------
    MissingColumnError
        The message names the columns that are missing and those that exist.

    Examples
    --------
    >>> need_columns(pd.DataFrame(columns=["state", "stack_id"]), ["stack_id", "stat"], "the selection")
    Traceback (most recent call last):
    gostack_nb.errors.MissingColumnError: the selection lacks stat; it has state, stack_id. Hint: did you mean state?
    """
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise MissingColumnError(missing_words(table, missing, what))


def missing_words(table: pd.DataFrame, missing: list[str], what: str) -> str:
    """Say which columns are missing, which there are, and what was probably meant."""
    names = [str(name) for name in table.columns]
    kind = kind_of(table)
    other = f". Hint: this is the table `{kind}`; pass the dataset, or its table `goroutines`"
    hint = other if kind not in {None, "goroutines"} else meant(missing, names)
    return f"{what} lacks {', '.join(missing)}; it has {', '.join(names) or 'no column'}{hint}"


def meant(wrong: Iterable[str], names: Iterable[str]) -> str:
    """Suggest names that are spelt nearly alike; nothing if there are none.

    Examples
    --------
    >>> meant(["stat"], ["state", "stack_id"]), meant(["colour"], ["state"])
    ('. Hint: did you mean state?', '')
    """
    known = list(names)
    near = [close[0] for name in wrong if (close := get_close_matches(name, known, 1, ALIKE))]
    return f". Hint: did you mean {' and '.join(dict.fromkeys(near))}?" if near else ""


def kind_of(table: pd.DataFrame) -> str | None:
    """Return which table of a dataset this is, by its columns; None if it is another one.

    Examples
    --------
    >>> kind_of(pd.DataFrame(columns=[column.name for column in TABLES["stacks"]]))
    'stacks'
    """
    there = set(table.columns)
    return next((kind for kind, columns in TABLES.items() if there.issuperset(one.name for one in columns)), None)
