"""Population -> in how many long enough stretches of the series goroutines of each group arrived."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.suspects.limits import STRETCH_MINUTES
from gostack_nb.analysis.suspects.population import Floats, Population


def watched(people: Population) -> pd.DataFrame:
    """Cut the series of each process into stretches of a least length, and count those with arrivals.

    Dumps that are close together make one stretch, however many they are. Dumps that are cut, without ids or without a
    time are left out.

    Returns
    -------
    DataFrame
        One row per group: `arrival_stretches` (int64, the most of any process).
    """
    stretch = _stretches(people)
    process, place = people.process, people.place
    rows = np.flatnonzero((people.ids >= 0) & (stretch[place] >= 0))
    lives = pd.DataFrame({"process": process[place[rows]], "id": people.ids[rows], "at": stretch[place[rows]]})
    first = lives.groupby(["process", "id"])["at"].transform("min").to_numpy(dtype=np.int64)
    cells = people.cells(rows)
    seen = pd.DataFrame({"cell": cells.number, "at": first})[first > 0].drop_duplicates()
    most = np.zeros(people.size, dtype=np.int64)
    np.maximum.at(most, cells.group, np.bincount(seen["cell"], minlength=cells.size))
    return pd.DataFrame({"arrival_stretches": most})


def _stretches(people: Population) -> Ints:
    """Return the number of the stretch that each snapshot ends or lies in, from 1; 0 for the first of its process.

    A stretch that is not over yet is counted to the one before: who arrived in it is too young to tell. -1 is unknown.
    """
    minute = people.snapshots["minute"].to_numpy(dtype=np.float64)
    told = people.snapshots["usable"].to_numpy(dtype=np.bool_) & np.isfinite(minute)
    result = np.full(len(minute), -1, dtype=np.int64)
    for process in np.unique(people.process[told]):
        places = np.flatnonzero(told & (people.process == process))
        result[places] = _numbers(minute[places])
    return result


def _numbers(minutes: Floats) -> list[int]:
    """Give numbers to the stretches of ascending times.

    >>> _numbers(np.array([0.0, 1.0, 2.0, 3.0, 4.5, 5.0]))
    [0, 1, 1, 2, 2, 2]
    """
    numbers, start, number = [0], minutes[0], 1
    ends = [0]
    for minute in minutes[1:]:
        numbers.append(number)
        if minute - start >= STRETCH_MINUTES:
            ends.append(number)
            start, number = minute, number + 1
    return [min(one, ends[-1]) for one in numbers]
