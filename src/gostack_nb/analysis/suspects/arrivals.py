"""Population -> who arrives and who leaves each group, by goroutine id.

Go never uses an id twice and only counts up (runtime/proc.go, newproc1), so that two dumps tell survivors from
newcomers. Dumps that are cut or without ids are not compared: a goroutine that the cut hides has not left.
"""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.movements import count_movements
from gostack_nb.analysis.suspects.population import Population


def arrivals(people: Population) -> pd.DataFrame:
    """Count arrivals and exits of each group.

    Returns
    -------
    DataFrame
        One row per group: `arrivals`, `exits`, `moved_in`, `moved_out`, `survivors` (int64, goroutines summed over the
        intervals; survivors were in the same group before), `arrival_intervals` (int64, the most of any process), and
        `intervals` (int64, comparable intervals of the processes that have such a group; 0 where ids tell nothing).
    """
    linked, process, step = people.linked, people.process, people.step
    moves = count_movements(people.ids, people.place, people.group, size=people.size, linked=linked, step=step)
    return pd.DataFrame(
        {
            "arrivals": moves.arrivals.sum(axis=1),
            "exits": moves.exits.sum(axis=1),
            "moved_in": moves.moved_in.sum(axis=1),
            "moved_out": moves.moved_out.sum(axis=1),
            "survivors": moves.stayed.sum(axis=1),
            "arrival_intervals": (moves.arrivals > 0).sum(axis=1),
            "intervals": _intervals(people, np.bincount(process, weights=linked).astype(np.int64)),
        }
    )


def _intervals(people: Population, of_process: Ints) -> Ints:
    """Return for each group the most comparable intervals of a process that it occurs in."""
    result = np.zeros(people.size, dtype=np.int64)
    np.maximum.at(result, people.group, of_process[people.process[people.place]])
    return result
