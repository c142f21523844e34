"""One side of a fix -> the course of each of its groups."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.fix_courses import Course, Siblings, Side, added
from gostack_nb.analysis.growth import LEAST_TIMES, TOLD_BY_SOME_FORMS, growth
from gostack_nb.analysis.keys import By, coded, columns_for, key_names, number_groups
from gostack_nb.analysis.restarts import rows_by_snapshot
from gostack_nb.analysis.suspects.limits import FEW, INTERVALS
from gostack_nb.analysis.trend import LEAST_SNAPSHOTS
from gostack_nb.model.dataset import goroutines_of

Key: TypeAlias = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Stayers:
    """Who was born in the first half of the time and is there at the end, by group; None where ids cannot tell."""

    counts: dict[Key, int] | None
    hours: float  # how long the first half is


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one side as `growth` follows them, under their keys."""

    table: pd.DataFrame  # indexed by number, one row per process and group
    rows: dict[Key, list[int]]
    growing: frozenset[Key]
    stayers: Stayers
    nobody: Course  # of a group that is not there
    functions: frozenset[str]  # on any stack, as a frame or as the creator

    @classmethod
    def of(cls, side: Side, by: By) -> Self:
        """Follow every group of one side."""
        table = growth(side.dataset, by=by)
        rows: dict[Key, list[int]] = {}
        for number, key in enumerate(_keys(table, by)):
            rows.setdefault(key, []).append(number)
        grows = _grows(table)
        return cls(
            table=table,
            rows=rows,
            growing=frozenset(key for key, numbers in rows.items() if grows[numbers].any()),
            stayers=_stayers(side, by),
            nobody=_nobody(side),
            functions=_functions(side),
        )

    def course(self, key: Key) -> Course:
        """Return the course of one group, added up over the processes."""
        rows, nobody = self.table.iloc[self.rows.get(key, [])], self.nobody
        numbers = rows[["rate_per_hour", "rate_low", "rate_high"]].astype(object)
        of_each = numbers.where(numbers.notna(), None).itertuples(index=False, name=None)
        rate, low, high = added([(nobody.rate, nobody.low, nobody.high), *of_each])
        stayed = self.stayers.counts
        return Course(
            processes=nobody.processes,
            snapshots=nobody.snapshots,
            fewest=nobody.fewest,
            hours=nobody.hours,
            first=int(rows["first"].sum()),
            last=int(rows["last"].sum()),
            rate=rate,
            low=low,
            high=high,
            grows=key in self.growing,
            arrivals=_sum(rows["arrivals"]),
            exits=_sum(rows["exits"]),
            stayed=None if stayed is None else stayed.get(key, 0),
            settling_hours=self.stayers.hours,
        )

    def siblings(self, creator: object, others: frozenset[Key]) -> Siblings | None:
        """Count who else a creator starts, without some groups; None where it is not known, or not there at all."""
        left_out = [number for key in others for number in self.rows.get(key, [])]
        table, course = self.table.drop(index=left_out), self.nobody
        born = _sum(table["arrivals"][(table["created_by"] == creator).fillna(value=False).astype(bool)])
        if born is None or creator not in self.functions or course.hours <= 0:
            return None
        return Siblings(str(creator), born, born / course.hours / course.processes, born / course.snapshots)

    def words(self, key: Key, name: str) -> object:
        """Return what one column says of a group."""
        return self.table[name].iloc[self.rows[key][0]]


def comparable_key(sides: tuple[Side, Side], by: By) -> tuple[str, ...]:
    """Leave out of a key what a dump of either side cannot tell, so that a change of form is no change of the program.

    debug=1 has neither states nor creators (runtime/pprof/pprof.go).
    """
    untold = {name for side in sides for name in _untold(side, by)}
    return tuple(name for name in key_names(by) if name not in untold) or ("signature",)


def _untold(side: Side, by: By) -> Iterator[str]:
    frame = goroutines_of(side.dataset, *columns_for(by))
    snapshot = frame["snapshot_id"].cat.codes.to_numpy()
    for name in key_names(by):
        told = snapshot[coded(frame, name).codes >= 0]
        if name in TOLD_BY_SOME_FORMS and len(np.unique(told)) < len(np.unique(snapshot)):
            yield name


def _keys(table: pd.DataFrame, by: By) -> Iterator[Key]:
    names = list(key_names(by))
    plain = table[names].astype(object)
    return plain.where(plain.notna(), None).itertuples(index=False, name=None)


def _grows(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows of `growth` grow: by the slope of the counts, or because who arrives never leaves."""
    rises = table["change"] >= FEW
    by_count = (table["rate_low"] > 0) & (table["snapshots"] >= LEAST_SNAPSHOTS)
    by_id = (table["arrivals"] >= FEW) & (table["exits"] == 0) & (table["arrival_intervals"] >= INTERVALS)
    grows = rises & (by_count.fillna(value=False) | by_id.fillna(value=False))
    return grows.to_numpy(dtype=np.bool_, na_value=False)


def _nobody(side: Side) -> Course:
    of = side.snapshots.groupby("process")["hours"].agg(["size", "max", "nunique"])
    if not len(of):
        return Course(0, 0, 0, 0.0, 0, 0, None, None, None)
    fewest, hours = int(of["size"].min()), float(of["max"].mean())
    rate = 0.0 if of["nunique"].min() >= LEAST_TIMES else None
    return Course(len(of), int(of["size"].sum()), fewest, hours, 0, 0, rate, rate, rate)


def _functions(side: Side) -> frozenset[str]:
    """Return what is on the stacks of this side: that a creator is among them shows that it was not renamed."""
    stacks = side.dataset.stacks
    there = stacks["stack_id"].astype("str").isin(side.dataset.goroutines["stack_id"].astype("str").unique())
    return frozenset(stacks["function"][there].astype("str"))


def _sum(column: pd.Series) -> int | None:
    return None if column.isna().any() else int(column.sum())


def _stayers(side: Side, by: By) -> Stayers:
    """Find who was born in the first half; three dumps with ids are the least that can tell."""
    frame = goroutines_of(side.dataset, *columns_for(by), "goroutine_id")
    found, hours = [], []
    for _, snapshots in side.snapshots.groupby("process"):
        shots = rows_by_snapshot(frame, snapshots["snapshot_id"])
        half = _first_half(snapshots["hours"])
        if half < 1 or any(shot["goroutine_id"].isna().all() for shot in shots):
            return Stayers(None, 0.0)
        born = pd.concat([shot["goroutine_id"] for shot in shots[1 : half + 1]])
        last = shots[-1]["goroutine_id"]
        found.append(shots[-1][last.isin(born) & ~last.isin(shots[0]["goroutine_id"])])
        hours.append(float(snapshots["hours"].iloc[half]))
    if not found:
        return Stayers(None, 0.0)
    return Stayers(_counts(pd.concat(found), by), float(np.mean(hours)))


def _first_half(hours: pd.Series) -> int:
    """Return the place of the last dump in the first half of the time; 0 if that is the first one."""
    return int((hours <= hours.iloc[-1] / 2).sum()) - 1


def _counts(frame: pd.DataFrame, by: By) -> dict[Key, int]:
    if not len(frame):
        return {}
    groups = number_groups({name: coded(frame, name) for name in key_names(by)})
    return dict(zip(_keys(groups.keys, by), groups.count().tolist(), strict=True))
