"""Population -> where each group is blocked, in words."""

import pandas as pd

from gostack_nb.analysis.keys import row_of_each
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.population import KEY, Population
from gostack_nb.model.categories import text_column

KEY_WORDS = (*KEY, "top_function", "user_function", "user_location")


def locations(counts: Counts) -> pd.DataFrame:
    """Return one row per stack: the columns of `PLACES` and `user_location` (category, `file:line`)."""
    places = counts.places()
    files, lines = places["user_file"].astype(object), places["user_line"].fillna(0)
    return places.assign(user_location=text_column(map(_location, files, lines)))


def words_of_groups(people: Population, counts: Counts) -> pd.DataFrame:
    """Say where each group is blocked: at the place of its most frequent stack in the last dumps.

    Returns
    -------
    DataFrame
        One row per group: the columns of the key, `stack_id`, `top_function`, `user_function`, `user_location`
        (`file:line`), `created_by` (category).
    """
    chosen = _typical(people).astype(object)
    places = locations(counts).set_index("stack_id").reindex(chosen).reset_index(drop=True)
    names = ("top_function", "user_function", "user_location", "created_by")
    return people.groups.assign(stack_id=text_column(chosen), **{name: _texts(places[name]) for name in names})


def _location(file: object, line: int) -> str | None:
    if not isinstance(file, str):
        return None
    return f"{file}:{line}" if line else file


def _typical(people: Population) -> pd.Series:
    """Return the most frequent stack of each group; of equally frequent ones the first by name."""
    stacks = people.stacks.sort_values(["group", "count", "stack_id"], ascending=[True, True, False], kind="stable")
    rows = row_of_each(stacks["group"].to_numpy(dtype="int64"), len(people.groups))
    return stacks["stack_id"].iloc[rows].reset_index(drop=True)


def _texts(column: pd.Series) -> pd.Categorical:
    return text_column(column.astype(object).where(column.notna(), None))
