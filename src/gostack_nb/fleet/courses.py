"""Counts -> tables for charts: what each instance holds, and how much there was at each time, also by build."""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Ints
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.population import Population, labels_of, population
from gostack_nb.fleet.words import KEY_WORDS, words_of_groups
from gostack_nb.model.calls import checked

MOST_TIMES = 120
"""Of a course: more cannot be told apart in a chart."""

ALL = "all"


@checked
def by_instance(counts: Counts) -> pd.DataFrame:
    """Count the goroutines of each group in the last dump of each instance.

    Parameters
    ----------
    counts : Counts
        As `sweep` leaves them in `.counts`.

    Returns
    -------
    DataFrame
        One row per group and instance that has it, the largest total first: `service`, `signature`, `state`,
        `top_function`, `user_function`, `user_location`, `instance` (category), `captured_at` (UTC, of that
        dump), `count` (int64).

    Examples
    --------
    >>> gs.fleet.by_instance(ranking.counts)[["user_function", "instance", "count"]].head(2)
                 user_function instance  count
    0  main.(*session).ackLoop   push-8     80
    1  main.(*session).ackLoop   push-6     77
    """
    people = population(counts)
    last = people.last
    total = last.groupby("group")["count"].transform("sum")
    rows = last.iloc[np.lexsort((last["process"], -last["count"], last["group"], -total))].reset_index(drop=True)
    words = words_of_groups(people, counts)[list(KEY_WORDS)].iloc[rows["group"]].reset_index(drop=True)
    held_by = people.processes.loc[rows["process"], ["instance", "captured_at"]].reset_index(drop=True)
    return pd.concat([words, held_by, rows[["count"]]], axis=1)


@checked
def growth(counts: Counts, *, by: str | None = None) -> pd.DataFrame:
    """Follow each group over the sweeps: at each time, what the instances held in their last dump by then.

    Parameters
    ----------
    counts : Counts
        Of several sweeps.
    by : str, optional
        A label, build or zone: each of its values has its own course. An instance counts for what it had then: one
        that is deployed anew under its name leaves the course of the old build.

    Returns
    -------
    DataFrame
        One row per group, value and time, in order: `service`, `signature`, `state`, `top_function`, `user_function`,
        `user_location` (category), `value` (str; of the label, NA where an instance has none; `all` without `by`),
        `captured_at` (UTC), `total` (int64, goroutines), `instances` (int64, of the service with that value that were
        seen by then), `mean` (float64, per instance). Dumps of unknown time are left out. Times that are close
        together, by a 120th of the whole, are one sweep: the last one is there.

    Raises
    ------
    ArgumentError
        If no instance has that label; the message names those that there are.

    Examples
    --------
    >>> course = gs.fleet.growth(ranking.counts, by="build").query("user_function == 'main.(*session).ackLoop'")
    >>> course.query("service == 'push'").groupby("value")["mean"].agg(["first", "last"]).to_dict("index")
    {'1.8.0': {'first': 29.0, 'last': 29.0}, '1.9.0': {'first': 37.5, 'last': 77.5}}
    """
    people = population(counts)
    if by is not None:
        people.need_label(by)
    times = _times(people.dumps)
    courses = _courses(people, _sides(people, by), times)
    words = words_of_groups(people, counts)[list(KEY_WORDS)].iloc[courses["group"]].reset_index(drop=True)
    return pd.concat([words, courses.drop(columns="group")], axis=1)


def _times(dumps: pd.DataFrame) -> pd.DatetimeIndex:
    """Choose the times of the courses: the last one of each sweep, which takes a moment itself."""
    every = pd.DatetimeIndex(dumps["captured_at"].dropna().unique()).as_unit("ns").sort_values()
    if every.empty:
        return every
    seconds = np.asarray((every - every.min()) / pd.Timedelta(seconds=1), dtype=np.float64)
    return every[_ends_of_sweeps(seconds.tolist(), seconds[-1] / MOST_TIMES)]


def _ends_of_sweeps(seconds: list[float], near: float) -> list[int]:
    """Return the places of the last times that are near each other; times without a gap are cut after twice that."""
    ends: list[int] = []
    begun = seconds[0]
    for place, (before, second) in enumerate(pairwise(seconds)):
        if second - before > near or second - begun > 2 * near:
            ends.append(place)
            begun = second
    return [*ends, len(seconds) - 1]


def _sides(people: Population, by: str | None) -> pd.Series:
    """Return the value of each dump: a process that keeps its name may have another build later."""
    if by is None:
        return pd.Series(ALL, index=people.dumps.index, dtype="str")
    return labels_of(people.dumps)[by].astype("str")


def _courses(people: Population, sides: pd.Series, times: pd.DatetimeIndex) -> pd.DataFrame:
    """Add up, at each time, what each process held in its last dump by then."""
    codes, values = pd.factorize(sides, sort=True, use_na_sentinel=False)
    width = max(len(values), 1)
    at = times.searchsorted(pd.DatetimeIndex(people.dumps["captured_at"]).as_unit("ns"))
    steps = _steps(people, codes, at)
    pairs, number = np.unique(steps["group"] * width + steps["side"], return_inverse=True)
    total = np.zeros((len(pairs), len(times)), dtype=np.int64)
    np.add.at(total, (number, steps["at"]), steps["change"])
    group, side = pairs // width, pairs % width
    service = people.service_of_process[people.dumps["process"]]
    seen = _seen(people, service * width + codes, at, (len(people.services) * width, len(times)))
    long = pd.DataFrame(
        {
            "group": np.repeat(group, len(times)),
            "value": pd.array(pd.Index(values)[np.repeat(side, len(times))], dtype="str"),
            "captured_at": pd.DatetimeIndex(np.tile(times, len(group)), tz="UTC").as_unit("ns"),
            "total": total.cumsum(axis=1).ravel(),
            "instances": seen[people.service_of_group[group] * width + side].ravel(),
        }
    )
    told = long[long["instances"] > 0].reset_index(drop=True)
    return told.assign(mean=told["total"] / told["instances"])


def _steps(people: Population, side: Ints, at: Ints) -> pd.DataFrame:
    """List what each dump of known time adds to a course, and what the next dump of the same process takes away."""
    dated = people.dumps["captured_at"].notna().to_numpy()
    held = people.held[dated[people.held["dump"]]]
    ended = held[_has_next(people.dumps)[held["dump"]]]
    begun, over = held["dump"].to_numpy(), ended["dump"].to_numpy()
    return pd.DataFrame(
        {
            "group": np.concatenate([held["group"], ended["group"]]),
            "side": side[np.concatenate([begun, over])],
            "at": at[np.concatenate([begun, over + 1])],
            "change": np.concatenate([held["count"], -ended["count"]]),
        }
    )


def _has_next(dumps: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell the dumps after which there is another one of the same process."""
    process = dumps["process"].to_numpy()
    return np.append(process[1:] == process[:-1], [False])[: len(process)]


def _seen(people: Population, side: Ints, at: Ints, shape: tuple[int, int]) -> Ints:
    """Count the processes on each side by the last dump of each time."""
    dated = people.dumps["captured_at"].notna().to_numpy()
    ended = dated & _has_next(people.dumps)
    seen = np.zeros(shape, dtype=np.int64)
    np.add.at(seen, (side[dated], at[dated]), 1)
    np.add.at(seen, (side[ended], at[np.flatnonzero(ended) + 1]), -1)
    return seen.cumsum(axis=1)
