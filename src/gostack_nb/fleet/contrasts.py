"""Population -> what instances with a label have and others have not: the build, version or zone where a group is."""

import numpy as np
import pandas as pd

from gostack_nb.errors import MissingColumnError
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.population import Population, population
from gostack_nb.fleet.words import KEY_WORDS, words_of_groups

LEAST_INSTANCES = 2
"""On each side: one instance with a value, or without it, tells about itself."""

LEAST_MEAN = 5.0
"""Goroutines for each instance of the one side: fewer are what a build starts for itself. A judgement."""

TIMES = 4.0
"""As many times more for each instance is a contrast. A judgement."""

ONLY_SHARE = 0.02
"""`only on` allows for this share on the other side: a process that was deployed half-way. A judgement."""

MOST_HOLD = 0.5
"""At least this share of the instances on the one side holds the group; fewer are outliers and no contrast."""

_SIDES = ["label", "value"]


def contrast(counts: Counts, by: str) -> pd.DataFrame:
    """Compare, for each group, the instances with each value of a label with the other instances of their service.

    Parameters
    ----------
    counts : Counts
        As `sweep` leaves them in `.counts`.
    by : str
        A label: build, version, zone ...; or `go_version`.

    Returns
    -------
    DataFrame
        One row per group and value that occurs in its service, in the order of `rank`'s keys: `service`, `signature`,
        `state`, `user_function`, `user_location` (category), `value` (str; NA where an instance has no such label),
        `instances` (int64, of the service with that value), `holders` (int64, of them that have the group), `total`
        (int64, goroutines), `mean` (float64, per instance), `mean_elsewhere` (float64, per instance; NaN where there
        are no others), `times` (float64, the one by the other; inf where elsewhere there are none).

    Raises
    ------
    MissingColumnError
        If no instance has that label; the message names those that there are.

    Examples
    --------
    >>> import pandas as pd
    >>> from gostack_nb.fleet import combine, contrast, count_file
    >>> contrast(combine([]), "go_version").columns.tolist()[5:8]
    ['value', 'instances', 'holders']
    """
    people = population(counts)
    if by not in people.label_names:
        msg = f"no instance has a label {by}; there are {', '.join(people.label_names)}"
        raise MissingColumnError(msg)
    sides = _sides(people, by)
    words = words_of_groups(people, counts)[list(KEY_WORDS)].iloc[sides["group"]].reset_index(drop=True)
    return pd.concat([words, sides.drop(columns=["group", "label"])], axis=1)


def best_contrasts(people: Population) -> pd.DataFrame:
    """Find the label that sets the instances with each group apart most clearly.

    Returns
    -------
    DataFrame
        One row per group, NA where nothing does: `label`, `value` (str), `instances_with` (Int64), `mean_with`,
        `mean_elsewhere`, `times` (Float64), `only_there` (boolean).
    """
    found = pd.concat([_sides(people, name) for name in people.label_names], ignore_index=True)
    told = found[_is_contrast(found)].sort_values(
        ["group", "times", "mean", *_SIDES], ascending=[True, False, False, True, True]
    )
    best = told.drop_duplicates("group").set_index("group").reindex(range(len(people.groups)))
    return pd.DataFrame(
        {
            "label": best["label"].astype("str"),
            "value": best["value"].astype("str"),
            "instances_with": best["instances"].astype("Int64"),
            "mean_with": best["mean"].astype("Float64"),
            "mean_elsewhere": best["mean_elsewhere"].astype("Float64"),
            "times": best["times"].astype("Float64"),
            "only_there": (best["mean_elsewhere"] <= ONLY_SHARE * best["mean"])
            .where(best["mean"].notna())
            .astype("boolean"),
        }
    )


def _is_contrast(sides: pd.DataFrame) -> pd.Series:
    enough = (sides["instances"] >= LEAST_INSTANCES) & (sides["others"] >= LEAST_INSTANCES) & sides["value"].notna()
    much = (sides["mean"] >= LEAST_MEAN) & (sides["times"] >= TIMES)
    return enough & much & (sides["holders"] >= MOST_HOLD * sides["instances"])


def _sides(people: Population, label: str) -> pd.DataFrame:
    """Compare the instances with each value of one label with the others: one row per group and value."""
    codes, values = pd.factorize(people.labels[label], sort=True, use_na_sentinel=False)
    service, width = people.service_of_process, max(len(values), 1)
    of_side = np.bincount(service * width + codes, minlength=len(people.services) * width).reshape(-1, width)
    instances = of_side[people.service_of_group]
    last = people.last
    place = last["group"].to_numpy() * width + codes[last["process"].to_numpy()]
    shape = (len(people.groups), width)
    total = np.bincount(place, weights=last["count"], minlength=shape[0] * width).reshape(shape)
    holders = np.bincount(place, minlength=shape[0] * width).reshape(shape)
    others = instances.sum(axis=1, keepdims=True) - instances
    elsewhere = total.sum(axis=1, keepdims=True) - total
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, mean_elsewhere = total / instances, elsewhere / others
        times = mean / mean_elsewhere
    group, value = np.nonzero(instances)
    at = (group, value)
    return pd.DataFrame(
        {
            "group": group,
            "label": pd.Series(label, index=range(len(group)), dtype="str"),
            "value": pd.array(pd.Index(values)[value], dtype="str"),
            "instances": instances[at],
            "others": others[at],
            "holders": holders[at],
            "total": total[at].astype(np.int64),
            "mean": mean[at],
            "mean_elsewhere": mean_elsewhere[at],
            "times": times[at],
        }
    )
