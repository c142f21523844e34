"""Counts -> who holds how many of what: the numbers that every question about a fleet is answered from."""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.keys import Coded, Groups, Ints, coded_column, number_groups
from gostack_nb.analysis.snapshots import countable
from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.counts import Counts
from gostack_nb.model.needed import meant
from gostack_nb.sources.blob import natural_key

KEY = ("service", "signature", "state")
"""What makes goroutines of a fleet one group: functions, not lines, so that two builds compare."""

RESTART_SHARE = 0.5
"""A process that has less than this share of the goroutines it had before was started anew."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """The dumps of a fleet in order, the groups in them, and how many goroutines of each group each dump has.

    Attributes
    ----------
    dumps : DataFrame
        One row per dump that counts (one form of each moment), in order of process and time: the columns of
        `gostack_nb.fleet.counts.DUMPS`, and `process` (int64, number of the (service, instance)), `is_last` (bool),
        `place` (int64, 0 for the first dump since the process was started).
    groups : DataFrame
        One row per group: the columns of `KEY`.
    held : DataFrame
        One row per dump and group that it has: `dump` (row of `dumps`), `group` (row of `groups`), `count` (int64),
        `wait` (float64, longest wait in minutes, NaN where none is printed).
    stacks : DataFrame
        One row per group and stack, of dumps that do not count too: `group`, `stack_id`, `state`, `count` (int64, in
        the last dumps).
    leaked : array of int64
        Goroutines of each group's functions that the runtime marked leaked.
    """

    dumps: pd.DataFrame
    groups: pd.DataFrame
    held: pd.DataFrame
    stacks: pd.DataFrame
    leaked: Ints

    @cached_property
    def last(self) -> pd.DataFrame:
        """One row per process and group that it holds now: `group`, `process`, `count`, `wait`."""
        now = self.held[self.dumps["is_last"].to_numpy()[self.held["dump"]]]
        process = self.dumps["process"].to_numpy()[now["dump"]]
        return now.assign(process=process).drop(columns="dump").reset_index(drop=True)

    @cached_property
    def processes(self) -> pd.DataFrame:
        """One row per process, by its number: `service`, `instance`, `source`, `captured_at` of its last dump ..."""
        return self.dumps[self.dumps["is_last"]].set_index("process").sort_index()

    @cached_property
    def service_of_group(self) -> Ints:
        """The service of each group as a number among `services`."""
        return self.services.get_indexer(pd.Index(self.groups["service"].astype(object).fillna("")))

    @cached_property
    def services(self) -> pd.Index:
        """The names of services; the empty text stands for those that are not named."""
        every = pd.concat([self.processes["service"].astype(object), self.groups["service"].astype(object)])
        names: pd.Index = pd.Index(sorted(set(every.fillna(""))), dtype=object)
        return names

    @cached_property
    def service_of_process(self) -> Ints:
        """The service of each process as a number among `services`."""
        return self.services.get_indexer(pd.Index(self.processes["service"].astype(object).fillna("")))

    @cached_property
    def instances(self) -> Ints:
        """How many processes the service of each group has."""
        return np.bincount(self.service_of_process, minlength=len(self.services))[self.service_of_group]

    @property
    def label_names(self) -> list[str]:
        """The columns of `labels`."""
        return [str(name) for name in self.labels]

    @cached_property
    def labels(self) -> pd.DataFrame:
        """One column per label of the processes, `go_version` among them; NA where it is not told."""
        return labels_of(self.processes)

    def need_label(self, name: str) -> None:
        """Raise if no process has this label.

        Raises
        ------
        ArgumentError
            The message names the labels that there are.
        """
        if name not in self.label_names:
            msg = f"no instance has a label {name}; there are {', '.join(self.label_names)}"
            raise ArgumentError(msg + meant([name], self.label_names))


def labels_of(dumps: pd.DataFrame) -> pd.DataFrame:
    """Return one column per label of some dumps, and `go_version`; NA where it is not told."""
    told = [json.loads(text) if isinstance(text, str) else {} for text in dumps["labels"].astype(object)]
    frame = pd.DataFrame(told, index=dumps.index, dtype="str")
    return frame if "go_version" in frame else frame.assign(go_version=dumps["go_version"].astype("str"))


def population(counts: Counts) -> Population:
    """Put the dumps in order, take one form of each moment, and number the groups."""
    every, cells = counts.dumps(), counts.cells()
    dumps = _ordered(every)
    signature = _of_stacks(cells, counts.places())
    service = _of_dumps(cells, every)
    groups = number_groups({"service": service, "signature": signature, "state": coded_column(cells["state"])})
    place = pd.Series(np.arange(len(dumps)), index=dumps["snapshot_id"].astype(object))
    row = _codes(cells["snapshot_id"], place)
    numbered = cells.assign(dump=row, group=groups.number)
    return Population(
        dumps=dumps,
        groups=groups.keys,
        held=_held(numbered[row >= 0]),
        stacks=_stacks(numbered, dumps),
        leaked=_leaked(cells, every, number_groups({"service": service, "signature": signature}), groups),
    )


def _ordered(dumps: pd.DataFrame) -> pd.DataFrame:
    """Keep the dumps that count, and number them within each process since its last start."""
    kept = dumps[dumps["snapshot_id"].isin(countable(dumps))]
    process = kept.groupby(["service", "instance"], observed=True, dropna=False, sort=True).ngroup()
    sources = pd.Index(sorted(set(kept["source"].astype(object)), key=natural_key), dtype=object)
    numbered = kept.assign(process=process, file=sources.get_indexer(pd.Index(kept["source"].astype(object))))
    table = numbered.sort_values(["process", "captured_at", "file"], kind="stable", na_position="first")
    runs = table.groupby("process")
    total = table["goroutine_count"].astype("float64")
    restarted = total < RESTART_SHARE * runs["goroutine_count"].shift().astype("float64")
    run = restarted.groupby(table["process"]).cumsum()
    place = table.groupby([table["process"], run]).cumcount()
    is_last = ~table["process"].duplicated(keep="last")
    return table.assign(is_last=is_last, place=place, run=run.astype("int64")).reset_index(drop=True)


def _codes(names: pd.Series, values: pd.Series) -> Ints:
    """Look the values of named dumps or stacks up; -1 where there is none."""
    of_category = values.reindex(names.cat.categories).fillna(-1).to_numpy(dtype=np.int64)
    return np.append(of_category, -1)[names.cat.codes.to_numpy()]


def _of_dumps(cells: pd.DataFrame, dumps: pd.DataFrame) -> Coded:
    service = coded_column(dumps["service"])
    of_dump = pd.Series(service.codes, index=dumps["snapshot_id"].astype(object))
    return Coded(_codes(cells["snapshot_id"], of_dump), service.names)


def _of_stacks(cells: pd.DataFrame, places: pd.DataFrame) -> Coded:
    signature = coded_column(places["signature"])
    of_stack = pd.Series(signature.codes, index=places["stack_id"].astype(object))
    return Coded(_codes(cells["stack_id"], of_stack), signature.names)


def _held(cells: pd.DataFrame) -> pd.DataFrame:
    """Add up the stacks of a group in each dump."""
    numbers = cells[["dump", "group"]].assign(
        count=cells["count"].astype("int64"), wait=cells["wait_minutes_max"].astype("float64")
    )
    return numbers.groupby(["group", "dump"], sort=True).agg({"count": "sum", "wait": "max"}).reset_index()


def _stacks(cells: pd.DataFrame, dumps: pd.DataFrame) -> pd.DataFrame:
    is_last = np.append(dumps["is_last"].to_numpy(dtype=np.bool_), [False])[cells["dump"]]
    numbers = cells.assign(count=np.where(is_last, cells["count"].astype("int64"), 0))
    keys = ["group", "stack_id", "state"]
    return numbers.groupby(keys, observed=True, dropna=False, sort=True)["count"].sum().reset_index()


def _leaked(cells: pd.DataFrame, dumps: pd.DataFrame, functions: Groups, groups: Groups) -> Ints:
    """Count what the runtime marked, at most in one dump of each process.

    The leak profile has no states and no other goroutines: it speaks for all groups with the same functions.
    """
    process = dumps.groupby(["service", "instance"], observed=True, dropna=False).ngroup()
    of_dump = pd.Series(process.to_numpy(), index=dumps["snapshot_id"].astype(object))
    marked = pd.DataFrame(
        {
            "function": functions.number,
            "process": _codes(cells["snapshot_id"], of_dump),
            "dump": cells["snapshot_id"].cat.codes,
            "leaked": cells["leaked"].fillna(0).astype("int64"),
        }
    )
    of_each = marked.groupby(["function", "process", "dump"])["leaked"].sum().groupby(["function", "process"]).max()
    total = of_each.groupby("function").sum().reindex(range(functions.size), fill_value=0).to_numpy(dtype=np.int64)
    function_of_group = np.zeros(groups.size, dtype=np.int64)
    function_of_group[groups.number] = functions.number
    return total[function_of_group]
