"""Dataset -> Dataset: which snapshots to look at when a moment was captured in several forms."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.errors import ArgumentError
from gostack_nb.formats.columns import Form
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of
from gostack_nb.model.needed import meant, need_columns

SAME_MOMENT_MINUTES = 2 / 60
"""Dumps of one process within this time show the same moment: a capture asks for its forms one after another,
and each takes well under a second for up to 100,000 goroutines."""

FORMS_BY_WORTH = (
    Form.DEBUG2,
    Form.SIGNAL,
    Form.FATAL,
    Form.PANIC,
    Form.LEAK2,  # all goroutines, but those marked leaked have lost their wait minutes
    Form.DEBUG0,
    Form.DEBUG1,
)
"""Which form of a moment is used: the one that tells most. A form that is not listed comes last."""

LEAK_ONLY_FORMS = frozenset({Form.LEAK0, Form.LEAK1})
"""They hold the leaked goroutines alone (runtime/pprof/pprof.go, writeGoroutineLeak), so their counts are no totals."""

PROCESS = ["service", "instance"]
"""The columns of `snapshots` that name a process; NA is a name like any other."""

_SHOWN_IDS = 6


@checked
def primary_snapshots(dataset: Dataset) -> Dataset:
    """Keep one snapshot of each moment: the form that tells most.

    A moment is what dumps of one (service, instance) show that were taken within 2 seconds of the first of them.
    The same form again is another moment, however close. The forms that hold leaked goroutines alone are never kept.

    Parameters
    ----------
    dataset : Dataset
        Needs `snapshot_id`, `captured_at`, `service`, `instance` and `form` in `snapshots`.

    Returns
    -------
    Dataset
        The same tables, with the rows of the snapshots kept in `goroutines`, `snapshots` and `issues`.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    See Also
    --------
    set_aside : the snapshots that this leaves out.

    Examples
    --------
    >>> len(dataset.snapshots), len(gs.primary_snapshots(dataset).snapshots)
    (40, 13)
    """
    return _keep(dataset, _best(dataset.snapshots, ["worth"]))


def countable_snapshots(dataset: Dataset) -> Dataset:
    """Keep one snapshot of each moment, as `primary_snapshots`, but a whole dump goes before a truncated one.

    This is for counting: debug=2 is cut at 64 MiB (runtime/pprof/pprof.go, writeGoroutineStacks), where a debug=1
    of the same moment holds every goroutine. A truncated dump is kept if its moment has no other.
    """
    return _keep(dataset, countable(dataset.snapshots))


def countable(snapshots: pd.DataFrame) -> list[str]:
    """Return the ids of the snapshots that `countable_snapshots` keeps."""
    return _best(snapshots, ["truncated", "worth"])


@checked
def set_aside(dataset: Dataset) -> pd.DataFrame:
    """Return the rows of `snapshots` that `primary_snapshots` leaves out.

    Parameters
    ----------
    dataset : Dataset
        As for `primary_snapshots`.

    Returns
    -------
    DataFrame
        The columns of `snapshots` and `used_instead` (category): the snapshot kept for the same moment,
        NA for the forms that hold leaked goroutines alone.

    Examples
    --------
    >>> gs.set_aside(dataset)[["snapshot_id", "form", "used_instead"]].head(2)
                   snapshot_id     form             used_instead
    0  20261123T085343Z-3078e2  debug=1  20261123T085343Z-ec4bd6
    2  20261123T085343Z-b70015  debug=0  20261123T085343Z-ec4bd6
    """
    moments = _moments(dataset.snapshots)
    kept = _best(dataset.snapshots, ["worth"])
    place = moments.set_index(["process", "moment", "number"])["snapshot_id"]
    used = place[place.isin(kept)].to_dict()
    instead = {row.snapshot_id: used[row.process, row.moment, row.number] for row in moments.itertuples()}
    table = dataset.snapshots[~dataset.snapshots["snapshot_id"].isin(kept)]
    ids = table["snapshot_id"].astype(object)
    return table.assign(used_instead=pd.Categorical(ids.map(instead), categories=kept))


@checked
def first(dataset: Dataset) -> Dataset:
    """Keep the first primary snapshot of each (service, instance).

    Parameters
    ----------
    dataset : Dataset
        As for `primary_snapshots`.

    Returns
    -------
    Dataset
        The same tables, with the rows of these snapshots.

    Examples
    --------
    >>> len(gs.first(dataset).goroutines), len(gs.latest(dataset).goroutines)
    (164, 288)
    """
    return _at_end(dataset, 0)


@checked
def latest(dataset: Dataset) -> Dataset:
    """Keep the last primary snapshot of each (service, instance).

    Parameters
    ----------
    dataset : Dataset
        As for `primary_snapshots`.

    Returns
    -------
    Dataset
        The same tables, with the rows of these snapshots.

    Examples
    --------
    >>> gs.latest(dataset).snapshots["form"].tolist()
    ['debug=2']
    """
    return _at_end(dataset, -1)


@checked
def only(dataset: Dataset, *snapshot_ids: str) -> Dataset:
    """Keep the snapshots with these ids.

    Parameters
    ----------
    dataset : Dataset
        Any.
    *snapshot_ids : str
        Values of `snapshot_id`.

    Returns
    -------
    Dataset
        The same tables, with the rows of these snapshots.

    Raises
    ------
    ArgumentError
        If one of them is not in the dataset; the message names some that are.

    Examples
    --------
    >>> name = str(dataset.snapshots["snapshot_id"].iloc[0])
    >>> len(gs.only(dataset, name).goroutines)
    163
    """
    known = dataset.snapshots["snapshot_id"].tolist()
    unknown = [name for name in snapshot_ids if name not in known]
    if unknown:
        shown = [*known[:_SHOWN_IDS], *(["..."] if len(known) > _SHOWN_IDS else [])]
        msg = f"no snapshot {', '.join(unknown)}; there are {', '.join(shown) or 'none'}{meant(unknown, known)}"
        raise ArgumentError(msg)
    return _keep(dataset, snapshot_ids)


def with_waits(dataset: Dataset) -> Dataset:
    """Leave out the primary snapshots whose waits a leak profile erased, unless a process has no others.

    Returns
    -------
    Dataset
        The same object if none is left out.
    """
    goroutines = goroutines_of(dataset, "snapshot_id", "leaked")
    erased = goroutines["snapshot_id"][goroutines["leaked"].fillna(value=False).astype(bool)].unique()
    snapshots = primary_snapshots(dataset).snapshots
    lost = snapshots["snapshot_id"].isin(erased)
    kept = snapshots["snapshot_id"][~lost | lost.groupby(process_numbers(snapshots)).transform("all")]
    return dataset if len(kept) == len(snapshots) else only(dataset, *kept.astype("str"))


def process_numbers(snapshots: pd.DataFrame) -> pd.Series:
    """Give each process, (service, instance), a number."""
    return snapshots.groupby(PROCESS, observed=True, dropna=False, sort=True).ngroup()


def in_order(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Sort snapshots by process and time of capture; equal and unknown times keep their order, unknown last."""
    table = snapshots.assign(process=process_numbers(snapshots))
    return table.sort_values(["process", "captured_at"], kind="stable", na_position="last")


def minutes_since_first(times: pd.Series) -> NDArray[np.float64]:
    """Return minutes since the earliest of some times; NaN where the time is not known."""
    return np.asarray((times - times.min()) / pd.Timedelta(minutes=1), dtype=np.float64)


def _at_end(dataset: Dataset, place: int) -> Dataset:
    kept = primary_snapshots(dataset)
    runs = in_order(kept.snapshots).groupby("process")["snapshot_id"]
    return _keep(kept, [ids.iloc[place] for _, ids in runs])


def _keep(dataset: Dataset, snapshot_ids: Sequence[str]) -> Dataset:
    snapshots, rows = dataset.snapshots, dataset.goroutines["snapshot_id"]
    if set(snapshots["snapshot_id"]) <= set(snapshot_ids):
        return dataset
    issues = dataset.issues
    return replace(
        dataset,
        snapshots=snapshots[snapshots["snapshot_id"].isin(snapshot_ids)],
        goroutines=dataset.goroutines[rows.isin(snapshot_ids)],
        issues=issues[issues["snapshot_id"].isin(snapshot_ids) | issues["snapshot_id"].isna()],
    )


def _best(snapshots: pd.DataFrame, order: list[str]) -> list[str]:
    moments = _moments(snapshots).sort_values(order, kind="stable")
    best = moments.drop_duplicates(["process", "moment", "number"])
    return best.sort_values("place")["snapshot_id"].tolist()


def _moments(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Give each snapshot the number of its moment within its process, and its form's place in `FORMS_BY_WORTH`."""
    _check(snapshots)
    table = in_order(snapshots.assign(place=np.arange(len(snapshots))))
    table = table[~table["form"].isin(LEAK_ONLY_FORMS)]
    form = table["form"].astype(object)
    worth = {str(form): place for place, form in enumerate(FORMS_BY_WORTH)}
    table = table.assign(
        snapshot_id=table["snapshot_id"].astype(object),
        moment=_moment_numbers(table["process"].tolist(), minutes_since_first(table["captured_at"]).tolist()),
        worth=form.map(worth).fillna(len(worth)).astype("int64"),
        truncated=table["truncated"].fillna(value=False).astype(bool),
    )
    number = table.groupby(["process", "moment", form.rename("name")], dropna=False).cumcount()
    return table.assign(number=number)


def _moment_numbers(processes: list[int], minutes: list[float]) -> list[int]:
    """Count up when the process changes or the time is more than `SAME_MOMENT_MINUTES` after the moment's first."""
    numbers: list[int] = []
    start = (-1, np.nan)
    for process, minute in zip(processes, minutes, strict=True):
        same = process == start[0] and minute - start[1] <= SAME_MOMENT_MINUTES
        if not same:
            start = (process, minute)
        numbers.append((numbers[-1] if numbers else 0) + (not same))
    return numbers


def _check(snapshots: pd.DataFrame) -> None:
    needed = ("snapshot_id", "captured_at", "form", "truncated", *PROCESS)
    need_columns(snapshots, needed, "the table of snapshots")
