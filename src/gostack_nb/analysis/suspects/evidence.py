"""Dataset -> everything that is known about each group, side by side: one row per group, one column per fact."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints, coded
from gostack_nb.analysis.suspects.ages import ages
from gostack_nb.analysis.suspects.arrivals import arrivals
from gostack_nb.analysis.suspects.births import births
from gostack_nb.analysis.suspects.channels import channels
from gostack_nb.analysis.suspects.cohorts import cohorts
from gostack_nb.analysis.suspects.courses import courses
from gostack_nb.analysis.suspects.earlier import earlier_runs
from gostack_nb.analysis.suspects.jams import jams
from gostack_nb.analysis.suspects.known import known
from gostack_nb.analysis.suspects.labelled import labelled
from gostack_nb.analysis.suspects.marks import marks
from gostack_nb.analysis.suspects.parents import parents
from gostack_nb.analysis.suspects.population import Population, first_rows, most_frequent, words
from gostack_nb.analysis.suspects.unequal import unequal
from gostack_nb.analysis.suspects.waits import waits
from gostack_nb.analysis.suspects.watched import watched
from gostack_nb.model.dataset import Dataset


def evidence(dataset: Dataset, people: Population, addresses: pd.DataFrame) -> pd.DataFrame:
    """Gather the facts about each group.

    Parameters
    ----------
    dataset : Dataset
        As `gostack_nb.read` returns it.
    people : Population
        Of the same dataset.
    addresses : DataFrame
        As `gostack_nb.read_addresses` returns it; may be empty.

    Returns
    -------
    DataFrame
        One row per group: its names (`stack_id`, `signature`, `state`, `top_function`, `top_location`,
        `user_function`, `user_location`, `created_by`; str), `count` (int64, goroutines in the last snapshots),
        `in_one_process` (int64, the most of them in one process), `share` (float64, of all of them), and the columns
        of every kind of evidence.
    """
    count = people.count(people.now)
    share = count / max(int(count.sum()), 1)
    size = pd.DataFrame({"count": count, "in_one_process": _in_one_process(people), "share": share})
    kinds = [arrivals, watched, waits, ages, births, parents, courses, cohorts, labelled]
    facts = [kind(people) for kind in kinds]
    facts += [unequal(dataset, people), marks(dataset, people), earlier_runs(dataset, people)]
    facts += [jams(dataset, people, addresses), channels(people, addresses)]
    names = _names(people)
    return pd.concat([names, size, *facts, known(people, names["state"], count)], axis=1)


def _in_one_process(people: Population) -> Ints:
    cells = people.cells(people.now)
    most = np.zeros(people.size, dtype=np.int64)
    np.maximum.at(most, cells.group, cells.count)
    return most


def _names(people: Population) -> pd.DataFrame:
    typical = people.frame.iloc[first_rows(people.groups)]
    names = ("stack_id", "signature", "top_function", "top_location", "user_function", "user_location", "created_by")
    table = {name: _texts(typical, name) for name in names}
    return pd.DataFrame({**table, "state": _states(people)})


def _texts(typical: pd.DataFrame, name: str) -> pd.Series:
    column = coded(typical, name)
    return words(column.names, column.codes)


def _states(people: Population) -> pd.Series:
    """Return the most frequent state of each group: in the last snapshots, else in any."""
    names, radix = people.state.names, len(people.state.names)
    now = most_frequent(people.groups, people.state.codes, radix, people.now)
    ever: Ints = most_frequent(people.groups, people.state.codes, radix, np.arange(len(people.group)))
    codes = np.where(now >= 0, now, ever)
    return words(names, codes)
