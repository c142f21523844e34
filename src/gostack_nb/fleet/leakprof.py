"""Counts -> table: LeakProf's rule, many goroutines blocked on a channel at one line of one process.

The rule is that of LeakProf, as its authors describe it (G. Saioc, D. Shirchenko, M. Chabbi: "Unveiling and
Vanquishing Goroutine Leaks in Enterprise Microservices", CGO 2024): channel operations at one location above a
threshold in a profile, ranked by the root mean square over the instances. It needs one profile and knows no growth.
"""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import ranked
from gostack_nb.analysis.states import CHANNEL_STATES
from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.population import Population, population
from gostack_nb.fleet.words import locations
from gostack_nb.model.calls import checked
from gostack_nb.model.categories import text_column

LIMIT = 10_000
"""Goroutines at one location of one process: the threshold that LeakProf uses."""

CHANNEL_OPERATIONS = CHANNEL_STATES


@checked
def leakprof(counts: Counts, *, limit: int = LIMIT) -> pd.DataFrame:
    """Find lines at which a process has more goroutines blocked on channels than a limit.

    Parameters
    ----------
    counts : Counts
        As `sweep` leaves them in `.counts`. Dumps without states (debug=1) say nothing here.
    limit : int
        Goroutines at one line of one process; LeakProf's is 10,000.

    Returns
    -------
    DataFrame
        One row per service, line and operation with at least one process at the limit or above, the greatest root mean
        square first: `rank` (int64), `service`, `user_location` (`file:line`), `user_function`, `state` (category),
        `total` (int64, goroutines in the last dump of each instance), `instances` (int64, of the service), `holders`
        (int64), `above` (int64, instances at the limit or above), `rms` (float64, over the service's instances),
        `maximum` (int64), `instance_worst` (category).

    Raises
    ------
    ArgumentError
        If the limit is not positive.

    Examples
    --------
    >>> gs.fleet.leakprof(ranking.counts, limit=50)[["service", "user_location", "above", "maximum"]]
      service                 user_location  above  maximum
    0    feed  example.com/push/main.go:283      4       64
    1    push  example.com/push/main.go:233      4       80
    """
    if limit < 1:
        msg = f"limit={limit}: not a number of goroutines. Hint: LeakProf's limit is {LIMIT:,}"
        raise ArgumentError(msg)
    people = population(counts)
    return _ranked(people, _at_lines(people, counts), limit)


def _at_lines(people: Population, counts: Counts) -> pd.DataFrame:
    """Count what is blocked on a channel: one row per process, line and operation."""
    cells = counts.cells().merge(locations(counts), on="stack_id", how="left")
    last = people.dumps.loc[people.dumps["is_last"], ["snapshot_id", "process", "service"]]
    blocked = cells[cells["state"].astype(object).isin(CHANNEL_OPERATIONS)]
    joined = blocked.astype({"snapshot_id": object}).merge(last.astype({"snapshot_id": object}), on="snapshot_id")
    keys = ["service", "user_location", "user_function", "state", "process"]
    texts = joined.astype(dict.fromkeys(keys[:-1], object)).fillna({"service": ""})
    return texts.groupby(keys, dropna=False, sort=True)["count"].sum().astype("int64").reset_index()


def _ranked(people: Population, lines: pd.DataFrame, limit: int) -> pd.DataFrame:
    keys = ["service", "user_location", "user_function", "state"]
    worst = lines.sort_values(["count", "process"], ascending=[False, True], kind="stable").drop_duplicates(keys)
    grouped = lines.assign(square=lines["count"].astype("float64") ** 2, above=lines["count"] >= limit).groupby(
        keys, dropna=False
    )
    table = grouped.agg(
        total=("count", "sum"), holders=("count", "size"), above=("above", "sum"), square=("square", "sum")
    )
    table = table.reset_index().merge(worst.rename(columns={"count": "maximum"}), on=keys, how="left")
    size = pd.Series(np.bincount(people.service_of_process, minlength=len(people.services)), index=people.services)
    instances = size.reindex(table["service"]).to_numpy(dtype=np.int64) if len(table) else np.empty(0, dtype=np.int64)
    table = table.assign(instances=instances, rms=np.sqrt(table["square"] / np.maximum(instances, 1)))
    table = table[table["above"] > 0]
    table = ranked(table, -table["rms"], *(table[name].fillna("").to_numpy(dtype=str) for name in keys))
    names = people.processes["instance"].astype(object)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(table) + 1),
            **{name: text_column(table[name].astype(object).fillna("")) for name in keys},
            **{name: table[name] for name in ("total", "instances", "holders", "above", "rms", "maximum")},
            "instance_worst": text_column(names[number] for number in table["process"]),
        }
    )
