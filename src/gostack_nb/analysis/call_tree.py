"""Dataset -> table: the tree of calls that the stacks make, from the functions that `go` started to where they wait."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.siblings import WRAPPER
from gostack_nb.analysis.snapshots import latest
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of
from gostack_nb.model.needed import need_columns

COLUMNS = ("depth", "function", "package", "is_std", "count", "self_count", "start", "node", "parent")

NEEDED = ("stack_id", "frame_index", "function", "package", "is_std", "is_creator")
"""The columns of `stacks` that a tree is made of."""


@checked
def call_tree(dataset: Dataset) -> pd.DataFrame:
    r"""Merge the stacks of the latest snapshots into one tree, as a flame graph shows it.

    Frames of the package `runtime` and the compiler's wrappers are left out, because only some forms print them
    (debug=0 and SIGQUIT do), unless a stack has no others. The `created by` line is no call and no part of it.

    Parameters
    ----------
    dataset : Dataset
        Of each process the latest primary snapshot is used, added up.

    Returns
    -------
    DataFrame
        One row per node, by `depth`, then from left to right, the biggest branch first: `depth` (int64, 0 for the
        function that `go` started), `function`, `package` (category), `is_std` (boolean), `count` (int64, goroutines
        whose stack goes through this node), `self_count` (int64, those that end here: it is where they wait), `start`
        (int64, goroutines left of it), `node`, `parent` (int64, numbers of the nodes; -1 for none).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> from gostack_nb import read
    >>> stack = "[select]:\nmain.wait()\n\t/a.go:7 +0x1\nmain.serve()\n\t/a.go:3 +0x1\n\n"
    >>> tree = call_tree(read(f"goroutine 1 {stack}goroutine 2 {stack}".encode()))
    >>> tree[["depth", "function", "count", "self_count"]].to_dict("split")["data"]
    [[0, 'main.serve', 2, 0], [1, 'main.wait', 2, 2]]
    """
    moment = latest(dataset)
    tree = _grown(_frames(moment.stacks), _weights(moment)[:, None])
    return _table(tree, tree.counts[:, 0])[list(COLUMNS)]


@checked
def call_tree_change(before: Dataset, after: Dataset) -> pd.DataFrame:
    """Compare the trees of two datasets, node by node.

    Parameters
    ----------
    before, after : Dataset
        Of each the latest snapshots are used, as by `call_tree`. Moved lines are no change.

    Returns
    -------
    DataFrame
        The columns of `call_tree`, where `count`, `self_count` and `start` are those of `after`, with `before` and
        `change` (int64, goroutines). A node that only `before` has counts 0 and stands at the right end of its parent.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> gs.call_tree_change(gs.first(dataset), gs.latest(dataset))[["function", "before", "count", "change"]].head(2)
                           function  before  count  change
    0       main.(*session).ackLoop      29    154     125
    1  main.(*server).deliverWorker      71     71       0
    """
    sides = [latest(before), latest(after)]
    frames = [_frames(side.stacks) for side in sides]
    size = frames[0]["stack"].max() + 1 if len(frames[0]) else 0
    frames[1] = frames[1].assign(stack=frames[1]["stack"] + size)
    first, second = _weights(sides[0])[:size], _weights(sides[1])
    weights = np.zeros((size + len(second), 2), dtype=np.int64)
    weights[: len(first), 0], weights[size:, 1] = first, second
    tree = _grown(pd.concat(frames, ignore_index=True), weights)
    table = _table(tree, tree.counts[:, 1])
    table["before"] = tree.counts[table["node"], 0]
    table["change"] = table["count"] - table["before"]
    return table[[*COLUMNS, "before", "change"]]


@dataclass(frozen=True, slots=True)
class _Tree:
    """Nodes in order of depth: their parent, what they are, and how many goroutines go through them on each side."""

    parent: Ints
    depth: Ints
    function: Ints
    functions: pd.DataFrame
    counts: Ints


def _frames(stacks: pd.DataFrame) -> pd.DataFrame:
    """Return the calls of each stack, outermost first: `stack` (its category code), `level`, and the function."""
    need_columns(stacks, NEEDED, "the table of stacks")
    calls = stacks[~stacks["is_creator"].fillna(value=False).astype(bool)]
    stack = calls["stack_id"].cat.codes
    hidden = (calls["package"] == "runtime") | calls["function"].astype("str").str.contains(WRAPPER, regex=True)
    hidden = hidden.fillna(value=False).astype(bool)
    kept = ~hidden | hidden.groupby(stack).transform("all")
    table = calls[kept].assign(stack=stack[kept].astype("int64"))
    table = table.sort_values(["stack", "frame_index"], ascending=[True, False], kind="stable")
    return table.assign(level=table.groupby("stack").cumcount())[["stack", "level", "function", "package", "is_std"]]


def _weights(dataset: Dataset) -> Ints:
    """Count the goroutines of each stack, by the code of its category in `stacks`."""
    known = dataset.stacks["stack_id"].cat.categories
    rows = goroutines_of(dataset, "stack_id")["stack_id"].astype("category")
    place = known.get_indexer(rows.cat.categories)
    codes = rows.cat.codes.to_numpy()
    return np.bincount(place[codes[codes >= 0]], minlength=len(known))


def _grown(frames: pd.DataFrame, weights: Ints) -> _Tree:
    """Give each distinct way from an entry function its node, level by level."""
    function, functions = _numbered(frames)
    stack, level = frames["stack"].to_numpy(), frames["level"].to_numpy()
    reached = np.full(len(weights), -1, dtype=np.int64)
    parts: list[tuple[Ints, Ints, Ints, Ints]] = []
    size = 0
    for depth in range(int(level.max(initial=-1)) + 1):
        here = np.flatnonzero(level == depth)
        keys = (reached[stack[here]] + 1) * len(functions) + function[here]
        distinct, number = np.unique(keys, return_inverse=True)
        counts = np.stack([_summed(number, side[stack[here]], len(distinct)) for side in weights.T], axis=1)
        parents, what = np.divmod(distinct, len(functions))
        parts.append((parents - 1, np.full(len(distinct), depth), what, counts))
        reached[stack[here]] = size + number
        size += len(distinct)
    nothing = (
        np.empty(0, np.int64),
        np.empty(0, np.int64),
        np.empty(0, np.int64),
        np.empty((0, weights.shape[1]), int),
    )
    parent, depth_of, what, counts = (np.concatenate(column) for column in zip(nothing, *parts, strict=True))
    return _Tree(parent, depth_of, what, functions, counts)


def _numbered(frames: pd.DataFrame) -> tuple[Ints, pd.DataFrame]:
    """Give each function a number by name, and return what is known of each."""
    names = frames["function"].astype("str")
    number, distinct = pd.factorize(names, sort=True)
    facts = frames.assign(function=names).drop_duplicates("function").set_index("function").loc[distinct]
    return number.astype(np.int64), facts.reset_index(names="function")[["function", "package", "is_std"]]


def _summed(number: Ints, weights: Ints, size: int) -> Ints:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, number, weights)
    return total


def _table(tree: _Tree, count: Ints) -> pd.DataFrame:
    """Put the nodes that any goroutine goes through in order, and next to each other."""
    inner = np.zeros(len(count), dtype=np.int64)
    has_parent = tree.parent >= 0
    np.add.at(inner, tree.parent[has_parent], count[has_parent])
    facts = tree.functions.iloc[tree.function].reset_index(drop=True)
    table = facts.assign(depth=tree.depth, count=count, self_count=count - inner, parent=tree.parent)
    table = table.assign(node=np.arange(len(table)), start=_starts(tree, count))
    seen = np.flatnonzero(tree.counts.sum(axis=1))
    ordered = table.iloc[seen].sort_values(["depth", "start", "count"], ascending=[True, True, False], kind="stable")
    return ordered.assign(
        function=ordered["function"].astype("category"), package=ordered["package"].astype("category")
    ).reset_index(drop=True)


def _starts(tree: _Tree, count: Ints) -> Ints:
    """Return how many goroutines stand left of each node: siblings beside each other, the biggest first."""
    start = np.zeros(len(count), dtype=np.int64)
    for depth in range(int(tree.depth.max(initial=-1)) + 1):
        here = np.flatnonzero(tree.depth == depth)
        above = tree.parent[here]
        from_parent = np.where(above >= 0, start[above], 0)
        order = here[np.lexsort((tree.function[here], -count[here], above, from_parent))]
        before = np.cumsum(count[order]) - count[order]
        first = np.flatnonzero(np.diff(tree.parent[order], prepend=-2))
        offset = np.repeat(before[first], np.diff(np.append(first, len(order))))
        parents = tree.parent[order]
        start[order] = np.where(parents >= 0, start[parents], 0) + before - offset
    return start
