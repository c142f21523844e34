"""Stacks -> known patterns: which entry of the catalogue each stack and state fits best."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gostack_nb.analysis.catalogue.entries import Catalogue, Entry, Rule
from gostack_nb.analysis.catalogue.frames import Flags, Ints, StackFrames, make_frames
from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.waking import find_waking
from gostack_nb.analysis.states import normalized_state
from gostack_nb.model.dataset import Dataset, goroutines_of
from gostack_nb.model.needed import need_columns

NO_FRAME = -1

_OF_GOROUTINES = ("snapshot_id", "goroutine_id", "wait_minutes", "leaked", "stack_id")


@dataclass(frozen=True, slots=True)
class Found:
    """Stacks that fit a rule, and the first frame that decided."""

    stack: Ints
    frame: Ints  # number among all frames; NO_FRAME where only state and shape decided


@dataclass(frozen=True, slots=True)
class Seen:
    """The pairs of stack and state to name; `stack` is -1 where the table of stacks lacks it."""

    stack: Ints
    state: Ints  # -1 is unknown
    states: list[str]
    wakes: Flags

    def fits(self, rule: Rule) -> tuple[Flags, Flags]:
        """Tell the pairs whose state fits, and those whose state was compared."""
        known = self.state >= 0
        if not rule.states:
            return np.ones(len(known), dtype=np.bool_), np.ones(len(known), dtype=np.bool_)
        wanted = np.array([*(name in rule.states for name in self.states), False], dtype=np.bool_)
        return wanted[self.state] | (~known if rule.may_lack_state else False), known


def match_patterns(dataset: Dataset, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Name the pattern of every stack and state in a dataset.

    Parameters
    ----------
    dataset : Dataset
        Any forms.
    catalogue : Catalogue, optional
        Without it `load_catalogue()`.

    Returns
    -------
    DataFrame
        As `match_stacks`; one row per (stack, normalized state) that occurs.
    """
    return match_stacks(dataset.stacks, seen_states(dataset.goroutines), catalogue)


def seen_states(goroutines: pd.DataFrame) -> pd.DataFrame:
    """List the distinct pairs of stack and normalized state.

    Parameters
    ----------
    goroutines : DataFrame
        With `snapshot_id`, `goroutine_id`, `state`, `wait_minutes`, `leaked`, `stack_id`, `top_frames`.

    Returns
    -------
    DataFrame
        One row per pair: `stack_id`, `state` (category, NA where the form does not tell), `wakes` (boolean: most of its
        goroutines that are known to be old have not waited long, see `find_waking`).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    """
    frame = goroutines_of(goroutines, *_OF_GOROUTINES, "state", "top_frames")
    named = frame[list(_OF_GOROUTINES)].assign(state=normalized_state(frame))
    pairs = named[["stack_id", "state"]].drop_duplicates(ignore_index=True)
    return pairs.assign(wakes=find_waking(named, pairs))


def match_stacks(stacks: pd.DataFrame, seen: pd.DataFrame, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Name the pattern of each stack and state.

    Of several entries that fit, the one with the highest `precedence` is taken: the runtime's own words that are never
    right, then what a library's stack says, the standard library's, the language's. Among equals: a state that was
    compared goes before an unknown one, the frame nearer to the leaf before a farther one, more conditions before
    fewer, a later file before an earlier one, then the order in the file.

    Parameters
    ----------
    stacks : DataFrame
        The `stacks` of a dataset.
    seen : DataFrame
        `stack_id`, `state` (normalized; NA where unknown), optionally `wakes` (boolean); as from `seen_states`.
    catalogue : Catalogue, optional
        Without it `load_catalogue()`.

    Returns
    -------
    DataFrame
        One row per row of `seen`, with its index: `stack_id`, `state`, `pattern` (category, id of the entry or NA),
        `state_checked` (boolean; False where the entry names states and this one is unknown: a weaker match),
        `frame_index` (Int32, the frame that decided; NA where state and shape alone did).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    CatalogueError
        If the catalogue cannot be read.
    """
    entries = (load_catalogue() if catalogue is None else catalogue).entries
    frames = make_frames(stacks)
    return _result(seen, _best(entries, frames, _seen(seen, frames)), entries, frames)


def _seen(table: pd.DataFrame, frames: StackFrames) -> Seen:
    need_columns(table, ("stack_id", "state"), "the table of states")
    state = table["state"].astype("category")
    wakes = table["wakes"] if "wakes" in table else pd.Series(pd.NA, index=table.index, dtype="boolean")
    return Seen(
        stack=frames.ids.get_indexer(pd.Index(table["stack_id"].astype("object"))).astype(np.int64),
        state=state.cat.codes.to_numpy().astype(np.int64),
        states=list(state.cat.categories),
        wakes=wakes.astype("boolean").to_numpy(dtype=np.bool_, na_value=False),
    )


@dataclass(frozen=True, slots=True)
class Best:
    """The rule chosen for each pair; -1 is none."""

    entry: Ints
    checked: Flags
    frame: Ints


def _best(entries: tuple[Entry, ...], frames: StackFrames, seen: Seen) -> Best:
    """Collect every (pair, rule) that fits and take the first by the order that `match_stacks` documents."""
    candidates = pd.DataFrame(
        np.concatenate([np.empty((7, 0), dtype=np.int64), *_candidates(entries, frames, seen)], axis=1).T,
        columns=["pair", "precedence", "unchecked", "depth", "looseness", "entry", "frame"],
    )
    keys = ["looseness", "depth", "unchecked", "precedence", "pair"]
    order = np.lexsort([candidates[key].to_numpy() for key in keys])
    first = candidates.iloc[order].drop_duplicates("pair")
    pair = first["pair"].to_numpy()
    best = Best(*(np.full(len(seen.stack), -1) for _ in range(3)))
    best.entry[pair], best.frame[pair] = first["entry"], first["frame"]
    best.checked[pair] = first["unchecked"] == 0
    return best


def _candidates(entries: tuple[Entry, ...], frames: StackFrames, seen: Seen) -> Iterator[Ints]:
    """Yield seven rows per rule: pair, and what orders the candidates, smaller before greater."""
    files = {name: number for number, name in enumerate(dict.fromkeys(entry.origin for entry in entries))}
    for number, entry in enumerate(entries):
        for rule in entry.matches:
            found = find_stacks(rule, frames)
            frame_of = np.full(frames.count + 1, -2)
            frame_of[found.stack] = found.frame
            state_fits, compared = seen.fits(rule)
            pair = np.flatnonzero((frame_of[seen.stack] > -2) & state_fits & (seen.wakes | (not rule.wakes)))
            frame = frame_of[seen.stack[pair]]
            depth = np.where(frame == NO_FRAME, 0, frame - frames.first[seen.stack[pair]])
            looseness = (-_conditions(rule) * len(files) - files[entry.origin]) * len(entries) + number
            columns = (pair, -entry.precedence, ~compared[pair], depth, looseness, number, frame)
            yield np.stack([np.broadcast_to(np.asarray(column, dtype=np.int64), pair.shape) for column in columns])


def _conditions(rule: Rule) -> int:
    """Count what a rule asks for: of two that fit, the one that asks for more knows more."""
    single = (rule.leaf, rule.root, rule.created_by, rule.states, rule.most_frames, rule.wakes)
    return len(rule.consecutive) + len(rule.anywhere) + len(rule.without) + sum(map(bool, single))


def find_stacks(rule: Rule, frames: StackFrames) -> Found:
    """Return the stacks that fit a rule, whatever their state."""
    fits = np.ones(frames.count, dtype=np.bool_)
    nearest = np.full(frames.count, NO_FRAME)
    for rows in _frame_conditions(rule, frames):
        here = np.zeros(frames.count, dtype=np.bool_)
        here[frames.stack[rows]] = True
        fits &= here
        first = np.full(frames.count, len(frames.stack))
        np.minimum.at(first, frames.stack[rows], rows)
        nearest = np.where(nearest == NO_FRAME, first, np.minimum(nearest, first))
    for pattern in rule.without:
        fits[frames.stack[frames.functions.rows(pattern)]] = False
    fits &= _creator_fits(rule.created_by, frames)
    if rule.most_frames is not None:
        fits &= np.diff(frames.first) <= rule.most_frames
    stack = np.flatnonzero(fits)
    return Found(stack, nearest[stack])


def _frame_conditions(rule: Rule, frames: StackFrames) -> Iterator[Ints]:
    """Yield for each condition the frames that meet it."""
    if rule.leaf:
        rows = frames.functions.rows(rule.leaf)
        yield rows[rows == frames.first[frames.stack[rows]]]
    if rule.consecutive:
        yield _consecutive(rule.consecutive, frames)
    for pattern in rule.anywhere:
        yield frames.functions.rows(pattern)
    if rule.root:
        rows = frames.functions.rows(rule.root)
        yield rows[rows == frames.first[frames.stack[rows] + 1] - 1]


def _consecutive(patterns: tuple[re.Pattern[str], ...], frames: StackFrames) -> Ints:
    """Return the frames at which the patterns fit one after the other, in one stack."""
    rows = frames.functions.rows(patterns[0])
    for step, pattern in enumerate(patterns[1:], start=1):
        callers = frames.functions.rows(pattern) - step
        rows = rows[np.isin(rows, callers)]
        rows = rows[rows + step < frames.first[frames.stack[rows] + 1]]
    return rows


def _creator_fits(pattern: re.Pattern[str] | None, frames: StackFrames) -> Flags:
    """Tell the stacks whose creator fits, or is not told."""
    if pattern is None:
        return np.ones(frames.count, dtype=np.bool_)
    fits = ~frames.creator_known
    fits[frames.creators.rows(pattern)] = True
    return fits


def _result(seen: pd.DataFrame, best: Best, entries: tuple[Entry, ...], frames: StackFrames) -> pd.DataFrame:
    ids = pd.Index([entry.id for entry in entries], dtype="str")
    index = np.append(frames.frame_index, 0)[best.frame].astype(np.int32)
    return pd.DataFrame(
        {
            "stack_id": seen["stack_id"],
            "state": seen["state"],
            "pattern": pd.Categorical.from_codes(best.entry, categories=ids).remove_unused_categories(),
            "state_checked": pd.arrays.BooleanArray(best.checked.astype(np.bool_), best.entry < 0),
            "frame_index": pd.arrays.IntegerArray(index, best.frame < 0),
        },
        index=seen.index,
    )
