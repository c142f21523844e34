"""What a monitor looks for after each round: the groups that grow, and which of them are suspects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gostack_nb.analysis.growth import growth
from gostack_nb.analysis.snapshots import latest
from gostack_nb.analysis.suspects import suspects
from gostack_nb.analysis.suspects.weighing import ALARMS
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.names import short_function, short_location
from gostack_nb.reading.rereading import read_addresses

TOP_GROUPS = 8
NAME_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where goroutines are, in words."""

    function: str
    location: str
    state: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A row of the table.

    Attributes
    ----------
    place : Place
        Where they are.
    first, last, change : int
        Goroutines in the first and in the last round.
    rate_per_hour : float or None
        None with fewer than three rounds.
    verdict : str
        Of `suspects`; empty if there is none.
    """

    place: Place
    first: int
    last: int
    change: int
    rate_per_hour: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A suspect that is strong or proven."""

    key: tuple[str, str]
    verdict: str
    place: Place
    count: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is seen in what was captured by now."""

    groups: tuple[GroupRow, ...]
    alarms: tuple[Alarm, ...]


def judged(dataset: Dataset) -> pd.DataFrame:
    """Return the suspects, with what the files tell of locks."""
    return suspects(dataset, addresses=read_addresses(latest(dataset)))


def find(dataset: Dataset) -> Findings:
    """Look for what grows, and for suspects."""
    found = judged(dataset)
    return Findings(tuple(_groups(growth(dataset), found)), tuple(_alarms(found)))


def _groups(table: pd.DataFrame, found: pd.DataFrame) -> Iterator[GroupRow]:
    """Yield the groups that grew most, then the biggest."""
    first_of = found.drop_duplicates("signature")  # the most suspicious of the stacks with these functions
    verdict = dict(zip(first_of["signature"].astype("str"), first_of["verdict"].astype("str"), strict=True))
    top = table.sort_values(["change", "last"], ascending=False, kind="stable").head(TOP_GROUPS)
    for row in top[top["last"] > 0].to_dict("records"):
        rate = row["rate_per_hour"]
        yield GroupRow(
            place=_place(row),
            first=int(row["first"]),
            last=int(row["last"]),
            change=int(row["change"]),
            rate_per_hour=None if pd.isna(rate) else float(rate),
            verdict=verdict.get(str(row["signature"]), ""),
        )


def _alarms(found: pd.DataFrame) -> Iterator[Alarm]:
    for row in found[found["verdict"].isin(ALARMS)].to_dict("records"):
        place = _place(row)
        key = (str(row["stack_id"]), place.state)
        yield Alarm(key, str(row["verdict"]), place, int(row["count"]), tuple(row["reasons"]))


def _place(row: Mapping[Any, Any]) -> Place:
    function, location = (_first_text(row, f"user_{name}", f"top_{name}") for name in ("function", "location"))
    return Place(
        short_function(function or "(no function)", NAME_WIDTH),
        short_location(location, NAME_WIDTH) if location else "",
        _first_text(row, "state"),
    )


def _first_text(row: Mapping[Any, Any], *names: str) -> str:
    return next((row[name] for name in names if isinstance(row[name], str)), "")
