"""Population -> which groups gain goroutines from sweep to sweep, in how many instances, and how fast."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.suspects.limits import INTERVALS
from gostack_nb.fleet.population import Floats, Population

LEAST_DUMPS = 3
"""Of a process since its start, from which on it is watched: two tell a difference, not a course."""

LEAST_GAIN = 10
"""Goroutines; the gain that the floor rule of `growth_windows` asks for, at the least."""

GAIN_SHARE = 0.2
"""Or this share of what there was, whichever is more."""

NO_SLOPE = 1e-6
"""Goroutines an hour: what rounding leaves of none."""

_TRACK = ["group", "process", "slope", "holds", "gains"]

MAY_FALL = 0.1
"""Of the height reached, between one dump and the next: goroutines in transit. A judgement."""


def growing(people: Population, tracks: pd.DataFrame) -> pd.DataFrame:
    """Say in how many instances each group gains, and how fast.

    Parameters
    ----------
    people : Population
        The fleet.
    tracks : DataFrame
        As `follow` returns it.

    Returns
    -------
    DataFrame
        One row per group: `watched` (int64, instances of the service with at least 3 dumps of known time since their
        start), `watched_holders` (int64, of them that have the group in the last one), `gaining` (int64, of them in
        which it gains and does not fall back), `rate_per_hour` (Float64, goroutines, the sum of the least-squares
        slopes of all watched instances; NA if none is watched).
    """
    size = len(people.groups)
    of_service = np.bincount(people.service_of_process[watched_processes(people)], minlength=len(people.services))
    watched = of_service[people.service_of_group]
    slope = np.bincount(tracks["group"], weights=tracks["slope"], minlength=size).astype(np.float64)
    slope[np.abs(slope) < NO_SLOPE] = 0.0
    return pd.DataFrame(
        {
            "watched": watched,
            "watched_holders": np.bincount(tracks["group"][tracks["holds"]], minlength=size),
            "gaining": np.bincount(tracks["group"][tracks["gains"]], minlength=size),
            "rate_per_hour": pd.arrays.FloatingArray(slope, watched == 0),
        }
    )


def watched_processes(people: Population) -> Ints:
    """Return the numbers of the processes that are watched."""
    return _runs(people.dumps, hours_of(people.dumps["captured_at"])).index.to_numpy(dtype=np.int64)


def hours_of(times: pd.Series) -> Floats:
    """Return hours since the first of some times; NaN where a time is not known."""
    return np.asarray((times - times.min()) / pd.Timedelta(hours=1), dtype=np.float64)


def _runs(dumps: pd.DataFrame, hours: Floats) -> pd.DataFrame:
    """Find the processes that are watched: since their last start they have enough dumps of known time.

    Returns one row per process: `first` and `final` (rows of its dumps), `mean` and `square` (of the hours).
    """
    since_start = dumps["run"] == dumps.groupby("process")["run"].transform("max")
    dated = (since_start & ~np.isnan(hours)).to_numpy()
    table = pd.DataFrame({"process": dumps["process"], "row": dumps.index, "hours": hours})[dated]
    runs = table.groupby("process").agg(
        first=("row", "min"), final=("row", "max"), size=("row", "size"), mean=("hours", "mean"), var=("hours", "var")
    )
    return runs[(runs["size"] >= LEAST_DUMPS) & (runs["var"] > 0)].assign(
        square=lambda run: run["var"] * (run["size"] - 1)
    )


def follow(people: Population) -> pd.DataFrame:
    """Follow each group in each watched process; a dump in which it does not occur has none of it.

    Returns
    -------
    DataFrame
        One row per group and process: `group`, `process` (int64), `slope` (float64, goroutines per hour), `holds`
        (bool: in the last dump there are some), `gains` (bool: it never falls by more than a tenth, rises in two
        intervals or more and in the last one, and has risen by enough).
    """
    hours = hours_of(people.dumps["captured_at"])
    process = people.dumps["process"].to_numpy()[people.held["dump"]]
    rows = people.held.assign(process=process).join(_runs(people.dumps, hours), on="process", how="inner")
    rows = rows[(rows["dump"] >= rows["first"]) & (rows["dump"] <= rows["final"])].reset_index(drop=True)
    before = rows.groupby(["group", "process"])[["dump", "count"]].shift()
    is_next = before["dump"] == rows["dump"] - 1
    earlier = before["count"].where(is_next, 0)
    rises = (rows["count"] > earlier) & (rows["dump"] > rows["first"])
    rows = rows.assign(
        pull=rows["count"] * (hours[rows["dump"]] - rows["mean"]) / rows["square"],
        breaks=(is_next & (rows["count"] < (1 - MAY_FALL) * earlier)) | (before["dump"].notna() & ~is_next),
        rises=rises,
        rises_last=rises & (rows["dump"] == rows["final"]),
        at_first=rows["count"].where(rows["dump"] == rows["first"], 0),
        at_final=rows["count"].where(rows["dump"] == rows["final"], 0),
    )
    tracks = rows.groupby(["group", "process"]).agg(
        slope=("pull", "sum"),
        breaks=("breaks", "any"),
        rises=("rises", "sum"),
        rises_last=("rises_last", "any"),
        first=("at_first", "sum"),
        final=("at_final", "sum"),
    )
    enough = tracks["final"] - tracks["first"] >= np.maximum(LEAST_GAIN, GAIN_SHARE * tracks["first"])
    goes_on = (tracks["rises"] >= INTERVALS) & tracks["rises_last"]
    gains = ~tracks["breaks"] & enough & goes_on
    return tracks.assign(holds=tracks["final"] > 0, gains=gains).reset_index()[_TRACK]
