"""Population -> what instances with a label have and others have not: the build, version or zone where a group is."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.suspects.limits import MOST
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.growing import watched_processes
from gostack_nb.fleet.population import Population, population
from gostack_nb.fleet.spread import FEW
from gostack_nb.fleet.words import KEY_WORDS, words_of_groups
from gostack_nb.model.calls import checked

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

SEPARATE = 1.5
"""Each instance on the one side has this many times what any other instance has: a smaller contrast that is as clear,
because it does not rest on a mean. Where growth speaks too, the means may do. A judgement."""

_GAINING = ["watched_with", "gaining_with", "watched_elsewhere", "gaining_elsewhere"]


@checked
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
        One row per group and value that occurs in its service, the greatest difference first: `service`, `signature`,
        `state`, `top_function`, `user_function`, `user_location` (category), `value` (str; NA where an instance has no
        such label), `instances` (int64, of the service with that value), `holders` (int64, of them that have the
        group), `total` (int64, goroutines), `mean` (float64, per instance), `mean_elsewhere` (float64, per instance;
        NaN where there are no others), `times` (float64, the one by the other; inf where elsewhere there are none).

    Raises
    ------
    ArgumentError
        If no instance has that label; the message names those that there are.

    Examples
    --------
    >>> table = gs.fleet.contrast(ranking.counts, "build")
    >>> table[["user_function", "value", "instances", "mean", "times"]].head(2).round(1)
                 user_function  value  instances  mean  times
    0  main.(*session).ackLoop  1.8.0          6  29.0    0.4
    1  main.(*session).ackLoop  1.9.0          4  77.5    2.7
    """
    people = population(counts)
    people.need_label(by)
    sides = _greatest_first(_sides(people, by, people.labels[by]))
    words = words_of_groups(people, counts)[list(KEY_WORDS)].iloc[sides["group"]].reset_index(drop=True)
    return pd.concat(
        [words, sides.drop(columns=["group", "label", "others", "least", "most", "most_elsewhere"])], axis=1
    )


def _greatest_first(sides: pd.DataFrame) -> pd.DataFrame:
    """Sort groups by the difference between their means, and values by name; groups with one value come last."""
    mean = sides.groupby("group")["mean"]
    gap = (mean.transform("max") - mean.transform("min")).where(mean.transform("size") > 1, -1)
    order = sides.assign(gap=gap).sort_values(["gap", "group", "value"], ascending=[False, True, True], kind="stable")
    return order.drop(columns="gap").reset_index(drop=True)


def best_contrasts(people: Population, tracks: pd.DataFrame) -> pd.DataFrame:
    """Find the label that sets the instances with each group apart most clearly, by what they have or what they gain.

    Parameters
    ----------
    people : Population
        The fleet.
    tracks : DataFrame
        As `follow` returns it.

    Returns
    -------
    DataFrame
        One row per group, NA where nothing does: `label`, `value` (str), `instances_with` (Int64), `mean_with`,
        `mean_elsewhere`, `times` (Float64), `watched_with` and `gaining_with` (Int64, watched instances with that value
        that hold the group), `watched_elsewhere`, `gaining_elsewhere` (Int64, the other watched instances);
        `more_there`, `only_there`, `gains_there` (bool).
    """
    every = [
        _sides(people, name, _frequent(people.labels[name])).merge(_gaining(people, tracks, name), how="left")
        for name in people.label_names
    ]
    found = pd.concat(every, ignore_index=True).fillna(dict.fromkeys(_GAINING, 0))
    found = found.assign(
        more_there=_has_more(found), gains_there=_gains(found), gap=found["mean"] - found["mean_elsewhere"]
    )
    told = found[found["more_there"] | found["gains_there"]]
    order = [told["group"], ~(told["more_there"] & told["gains_there"]), -told["gap"], told["label"], told["value"]]
    best = told.iloc[np.lexsort([np.asarray(key) for key in reversed(order)])].drop_duplicates("group")
    table = best.set_index("group").reindex(range(len(people.groups)))
    only = table["mean_elsewhere"] <= ONLY_SHARE * table["mean"]
    return pd.DataFrame(
        {
            "label": table["label"].astype("str"),
            "value": table["value"].astype("str"),
            "instances_with": table["instances"].astype("Int64"),
            "mean_with": table["mean"].astype("Float64"),
            "mean_elsewhere": table["mean_elsewhere"].astype("Float64"),
            "times": table["times"].astype("Float64"),
            **{name: table[name].astype("Int64") for name in _GAINING},
            "more_there": table["more_there"].eq(other=True),
            "only_there": table["more_there"].eq(other=True) & only,
            "gains_there": table["gains_there"].eq(other=True),
        }
    )


def _has_more(sides: pd.DataFrame) -> pd.Series:
    """Tell the sides that have far more per instance, or of whose instances each has more than any other one.

    Far more is there without the fullest instance too: one that stands out says nothing about the others of its zone.
    """
    without_fullest = (sides["total"] - sides["most"]) / (sides["instances"] - 1).clip(lower=1)
    many = (sides["times"] >= TIMES) & (sides["holders"] >= MOST_HOLD * sides["instances"])
    many &= without_fullest >= np.maximum(TIMES * sides["mean_elsewhere"].fillna(0), LEAST_MEAN)
    apart = (sides["least"] >= SEPARATE * sides["most_elsewhere"]) & (sides["least"] - sides["most_elsewhere"] >= FEW)
    return _has_both(sides) & (sides["mean"] >= LEAST_MEAN) & (many | apart)


def _gains(sides: pd.DataFrame) -> pd.Series:
    """Tell the sides on which nearly all instances gain, and have more already, while elsewhere nearly none gains.

    What was started anew and is still below the others catches up with them: a deploy, or more instances for the load.
    """
    here = (sides["gaining_with"] >= LEAST_INSTANCES) & (sides["gaining_with"] >= MOST * sides["watched_with"])
    calm = sides["gaining_elsewhere"] <= (1 - MOST) * sides["watched_elsewhere"]
    seen = sides["watched_elsewhere"] >= LEAST_INSTANCES
    return _has_both(sides) & here & calm & seen & (sides["mean"] >= SEPARATE * sides["mean_elsewhere"])


def _has_both(sides: pd.DataFrame) -> pd.Series:
    return (sides["instances"] >= LEAST_INSTANCES) & (sides["others"] >= LEAST_INSTANCES) & sides["value"].notna()


def _gaining(people: Population, tracks: pd.DataFrame, label: str) -> pd.DataFrame:
    """Count the watched holders of each group with each value of a label, those elsewhere, and who of them gains."""
    values = people.labels[label].astype("str")
    held = tracks.assign(value=values.reindex(tracks["process"]).to_numpy())[tracks["holds"].to_numpy()]
    here = held.groupby(["group", "value"], dropna=False)["gains"].agg(watched_with="size", gaining_with="sum")
    table = here.reset_index().astype({"value": "str"})
    watched = pd.DataFrame({"process": watched_processes(people)})
    watched = watched.assign(value=values.reindex(watched["process"]).to_numpy())
    service = people.service_of_process[watched["process"]]
    everywhere = np.bincount(service, minlength=len(people.services))[people.service_of_group[table["group"]]]
    on_side = watched.groupby([service, "value"], dropna=False).size()
    keys = pd.MultiIndex.from_arrays([people.service_of_group[table["group"]], table["value"]])
    return table.assign(
        watched_elsewhere=everywhere - on_side.reindex(keys).fillna(0).to_numpy(dtype=np.int64),
        gaining_elsewhere=table.groupby("group")["gaining_with"].transform("sum") - table["gaining_with"],
    )


def _frequent(told: pd.Series) -> pd.Series:
    """Leave out values that too few instances have: of a pod's name there are as many as instances."""
    return told.where(told.map(told.value_counts()) >= LEAST_INSTANCES)


def _sides(people: Population, label: str, told: pd.Series) -> pd.DataFrame:
    """Compare the instances with each value of one label with the others: one row per group and value."""
    codes, values = pd.factorize(told, sort=True, use_na_sentinel=False)
    service, width = people.service_of_process, max(len(values), 1)
    of_side = np.bincount(service * width + codes, minlength=len(people.services) * width).reshape(-1, width)
    instances = of_side[people.service_of_group]
    last = people.last
    place = last["group"].to_numpy() * width + codes[last["process"].to_numpy()]
    shape = (len(people.groups), width)
    total = np.bincount(place, weights=last["count"], minlength=shape[0] * width).reshape(shape)
    holders = np.bincount(place, minlength=shape[0] * width).reshape(shape)
    least, most, most_elsewhere = _extremes(place, last["count"].to_numpy(), holders, instances)
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
            "least": least[at],
            "most": most[at],
            "most_elsewhere": most_elsewhere[at],
        }
    )


def _extremes(place: Ints, count: Ints, holders: Ints, instances: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the least and the most that an instance on each side has, and the most that one elsewhere has."""
    least = np.full(holders.size, np.iinfo(np.int64).max)
    np.minimum.at(least, place, count)
    most = np.zeros(holders.size, dtype=np.int64)
    np.maximum.at(most, place, count)
    rows = most.reshape(holders.shape)
    first = np.expand_dims(np.argmax(rows, axis=1), 1)
    without = rows.copy()
    np.put_along_axis(without, first, 0, axis=1)
    is_first = np.indices(rows.shape)[-1] == first
    elsewhere = np.where(is_first, without.max(axis=1, keepdims=True), rows.max(axis=1, keepdims=True))
    return np.where(holders < instances, 0, least.reshape(holders.shape)), rows, elsewhere
