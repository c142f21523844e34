"""Dataset -> table: the tree of who started whom, by function."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gostack_nb.analysis.siblings import entry_functions
from gostack_nb.analysis.snapshots import latest
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

ARROW = " > "

KEY = ["parent", "created_by", "entry_function"]


@checked
def creators(dataset: Dataset) -> pd.DataFrame:
    r"""Show who started whom in the latest snapshots: a tree of the functions that `go` started.

    The parent of a goroutine is what its creator goroutine was started with. Where that goroutine is gone, the creator
    function still names who it was; such rows stand under it at the root, because nobody knows who started it.

    Parameters
    ----------
    dataset : Dataset
        Forms without creators (debug=1, debug=0) give no rows.

    Returns
    -------
    DataFrame
        One row per (parent, creator function, function started), in the order of the tree, the biggest branch first:
        `depth` (int64, from 0), `entry_function` (str, what `go` started), `count` (int64, living goroutines),
        `created_by` (str, the function with the `go` statement), `parent` (str, the entry function of the creator
        goroutine, `main.main` for the first; NA if it is gone), `creators` (int64, distinct creator goroutines),
        `creators_alive` (int64, those that live; both are 0 before Go 1.21), `path` (str, from the root).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> from gostack_nb import read
    >>> dump = (
    ...     "goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n\n"
    ...     "goroutine 7 [select]:\nmain.work()\n\t/a.go:5 +0x1\n"
    ...     "created by main.start in goroutine 1\n\t/a.go:3 +0x1\n"
    ... )
    >>> creators(read(dump.encode()))[["depth", "path", "count"]].to_dict("records")
    [{'depth': 0, 'path': 'main.main > main.work', 'count': 1}]
    """
    last = latest(dataset)
    people = _people(last)
    edges = _edges(people[people["created_by"].notna()])
    return _in_tree_order(edges)


def _people(dataset: Dataset) -> pd.DataFrame:
    """Return entry function, creator function, and creator's entry function of each goroutine."""
    frame = goroutines_of(dataset, "snapshot_id", "goroutine_id", "stack_id", "created_by", "creator_id")
    entries = entry_functions(dataset.stacks)
    codes = frame["stack_id"].cat.codes.to_numpy()
    entry = entries.reindex(frame["stack_id"].cat.categories).to_numpy(dtype=object)
    people = pd.DataFrame(
        {
            "snapshot": frame["snapshot_id"].cat.codes.to_numpy(),
            "goroutine_id": frame["goroutine_id"].to_numpy(dtype=np.int64, na_value=-1),
            "creator_id": frame["creator_id"].to_numpy(dtype=np.int64, na_value=-2),
            "created_by": frame["created_by"].astype("str").array,
            "entry_function": np.append(entry, [None])[codes],
        }
    )
    named = people[["snapshot", "goroutine_id", "entry_function"]].drop_duplicates(["snapshot", "goroutine_id"])
    alive = named.rename(columns={"goroutine_id": "creator_id", "entry_function": "parent"})
    return people.merge(alive, on=["snapshot", "creator_id"], how="left")


def _edges(people: pd.DataFrame) -> pd.DataFrame:
    known = people["creator_id"] >= 0
    people = people.assign(
        creator=people["creator_id"].where(known), alive=people["creator_id"].where(known & people["parent"].notna())
    )
    groups = people.groupby(KEY, dropna=False, sort=True)
    table = groups.agg(count=("entry_function", "size"), creators=("creator", "nunique"), alive=("alive", "nunique"))
    return table.reset_index().rename(columns={"alive": "creators_alive"})


def _in_tree_order(edges: pd.DataFrame) -> pd.DataFrame:
    root = edges["parent"].where(edges["parent"].notna(), edges["created_by"])
    children = {
        str(name): rows.sort_values("count", ascending=False, kind="stable") for name, rows in edges.groupby(root)
    }
    started = set(edges["entry_function"].dropna())
    roots = sorted((name for name in children if name not in started), key=lambda name: -children[name]["count"].sum())
    rows = [row for name in roots for row in _walk(name, children, (name,))]
    seen = {index for index, _, _ in rows}
    for name in sorted(children):  # circles: functions that start each other
        rest = [row for row in _walk(name, children, (name,)) if row[0] not in seen]
        rows += rest
        seen |= {index for index, _, _ in rest}
    table = edges.loc[[index for index, _, _ in rows]].reset_index(drop=True)
    table["depth"] = np.array([depth for _, depth, _ in rows], dtype=np.int64)
    table["path"] = pd.array([path for _, _, path in rows], dtype="str")
    columns = ["depth", "entry_function", "count", "created_by", "parent", "creators", "creators_alive", "path"]
    return table[columns].astype({"entry_function": "str", "parent": "str"})


def _walk(name: str, children: Mapping[str, pd.DataFrame], path: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Yield the rows below a function: index, depth and path. A function that starts itself is not followed again."""
    if name not in children:
        return
    for index, entry in children[name]["entry_function"].items():
        below = (*path, str(entry))
        yield int(str(index)), len(path) - 1, ARROW.join(below)
        if entry not in path:
            yield from _walk(str(entry), children, below)
