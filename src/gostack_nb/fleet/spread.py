"""Population -> how the goroutines of each group are spread over the instances of their service."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Ints
from gostack_nb.fleet.population import Population

FEW = 10
"""An instance with no more than this above the others is not worth a look. A judgement."""

TIMES_MEDIAN = 4.0
"""An outlier has more than this times the median of the service's instances. A judgement."""

DEVIATIONS = 5.0
"""And is this many standard deviations above it, which are told from the median deviation: 1.4826 of it is one
standard deviation of a normal distribution."""

MOST_NAMED = 5
"""Instances named in a row of the result."""


def spread(people: Population) -> pd.DataFrame:
    """Say how many instances hold each group, and how unequally.

    Returns
    -------
    DataFrame
        One row per group: `total` (int64, goroutines in the last dump of each instance), `instances` (int64, of the
        service), `holders` (int64, of them that have at least one), `share` (float64, holders by instances), `rms`
        (float64, square root of the mean square over all instances of the service), `median` (float64, over all
        instances), `maximum` (int64), `instances_worst` (list of str, those with the most, most first), `outliers`
        (int64), `instances_outlying` (list of str, of them the first), `wait_minutes_max` (Float64).
    """
    last, size = people.last, len(people.groups)
    group, count = last["group"].to_numpy(), last["count"].to_numpy(dtype=np.float64)
    instances = people.instances
    median = _medians(group, count, instances)
    deviation = 1.4826 * _medians(group, np.abs(count - median[group]), instances, absent=median)
    limit = np.maximum.reduce([median + FEW, TIMES_MEDIAN * median, median + DEVIATIONS * deviation])
    is_out = (count > limit[group]) & (instances[group] > 2)
    holders = np.bincount(group, minlength=size)
    maximum = np.zeros(size)
    np.maximum.at(maximum, group, count)
    return pd.DataFrame(
        {
            "total": np.bincount(group, weights=count, minlength=size).astype(np.int64),
            "instances": instances,
            "holders": holders,
            "share": holders / np.maximum(instances, 1),
            "rms": np.sqrt(np.bincount(group, weights=count**2, minlength=size) / np.maximum(instances, 1)),
            "median": median,
            "maximum": maximum.astype(np.int64),
            "instances_worst": _named(people, last),
            "outliers": np.bincount(group[is_out], minlength=size),
            "instances_outlying": _named(people, last[is_out]),
            "wait_minutes_max": last.groupby("group")["wait"].max().reindex(range(size)).astype("Float64"),
        }
    )


def _medians(
    group: Ints, values: NDArray[np.float64], instances: Ints, absent: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the median of each group's values; instances that hold nothing count as `absent`, 0 without it."""
    size = len(instances)
    fill = np.zeros(size) if absent is None else absent
    missing = np.maximum(instances - np.bincount(group, minlength=size), 0)
    whose = np.concatenate([group, np.repeat(np.arange(size), np.minimum(missing, instances))])
    value = np.concatenate([values, np.repeat(fill, missing)])
    order = np.lexsort((value, whose))
    start = np.cumsum(instances) - instances
    low, high = start + (instances - 1) // 2, start + instances // 2
    ordered = np.append(value[order], [0.0])  # where there is no instance, the place may be behind the last one
    return np.where(instances > 0, (ordered[low] + ordered[high]) / 2, 0.0)


def _named(people: Population, held: pd.DataFrame) -> pd.Series:
    """Name the instances with the most goroutines of each group."""
    first = held.sort_values(["group", "count", "process"], ascending=[True, False, True]).groupby("group")
    best = first.head(MOST_NAMED)
    names = people.processes["instance"].astype(object)
    listed = best.groupby("group")["process"].agg(lambda numbers: [names[number] for number in numbers])
    empty: list[list[str]] = [[] for _ in range(len(people.groups))]
    for number, chosen in listed.items():
        empty[int(str(number))] = chosen
    return pd.Series(empty, dtype=object)
