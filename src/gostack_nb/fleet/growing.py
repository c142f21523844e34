"""Population -> which groups gain goroutines from sweep to sweep, in how many instances, and how fast."""

import numpy as np
import pandas as pd

from gostack_nb.fleet.population import Floats, Population

LEAST_DUMPS = 3
"""Of a process since its start, from which on it is watched: two tell a difference, not a course."""

LEAST_GAIN = 10
"""Goroutines; the gain that the floor rule of `growth_windows` asks for, at the least."""

GAIN_SHARE = 0.2
"""Or this share of what there was, whichever is more."""

NO_SLOPE = 1e-6
"""Goroutines an hour: what rounding leaves of none."""

MAY_FALL = 0.1
"""Of the height reached, between one dump and the next: goroutines in transit. A judgement."""


def growing(people: Population) -> pd.DataFrame:
    """Follow each group in each process since its last start.

    Returns
    -------
    DataFrame
        One row per group: `watched` (int64, instances of the service with at least 3 dumps of known time since their
        start), `watched_holders` (int64, of them that have the group in the last one), `gaining` (int64, of them in
        which it gains and never falls), `rate_per_hour` (Float64, goroutines, the sum of the least-squares slopes of
        all watched instances; NA if none is watched).
    """
    hours = hours_of(people.dumps["captured_at"])
    runs = _runs(people.dumps, hours)
    tracks = _tracks(people, runs, hours)
    size = len(people.groups)
    of_service = np.bincount(people.service_of_process[runs.index], minlength=len(people.services))
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


def _tracks(people: Population, runs: pd.DataFrame, hours: Floats) -> pd.DataFrame:
    """Follow each group in each watched process; a dump in which it does not occur has none of it.

    Returns one row per group and process: `group`, `slope` (goroutines per hour), `holds` and `gains` (bool).
    """
    process = people.dumps["process"].to_numpy()[people.held["dump"]]
    rows = people.held.assign(process=process).join(runs, on="process", how="inner")
    rows = rows[(rows["dump"] >= rows["first"]) & (rows["dump"] <= rows["final"])]
    before = rows.groupby(["group", "process"])[["dump", "count"]].shift()
    followed = before["dump"] == rows["dump"] - 1
    fell = followed & (rows["count"] < (1 - MAY_FALL) * before["count"])
    vanished = before["dump"].notna() & ~followed
    rows = rows.assign(
        pull=rows["count"] * (hours[rows["dump"]] - rows["mean"]) / rows["square"],
        breaks=fell | vanished,
        at_first=rows["count"].where(rows["dump"] == rows["first"], 0),
        at_final=rows["count"].where(rows["dump"] == rows["final"], 0),
    )
    tracks = rows.groupby(["group", "process"]).agg(
        slope=("pull", "sum"), breaks=("breaks", "any"), first=("at_first", "sum"), final=("at_final", "sum")
    )
    gain = np.maximum(LEAST_GAIN, GAIN_SHARE * tracks["first"])
    gains = ~tracks["breaks"] & (tracks["final"] - tracks["first"] >= gain)
    return tracks.assign(holds=tracks["final"] > 0, gains=gains).reset_index()
