"""Dataset -> Dataset: what tells about people and machines becomes a placeholder, the same one everywhere."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from gostack_nb.analysis.redaction_finders import (
    Found,
    build_roots,
    hosts_in_imports,
    hosts_in_instances,
    hosts_in_text,
    users_in_paths,
)
from gostack_nb.errors import ArgumentError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.needed import meant

Kind = Literal["users", "hosts", "build_paths", "labels", "arguments", "lines"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What is hidden: user names in home folders; names and addresses of machines, in private import paths too; the folders
that a program was built in; the values of labels; hexadecimal arguments and addresses; lines as printed that could not
be read, which may be any line of a log."""

HIDDEN_LINE = "(hidden)"
HIDDEN_NUMBER = "0x…"

_NUMBER = re.compile(r"0x[0-9a-fA-F]+")

Text = Callable[[str], str]

FILES, FUNCTIONS, SERVICES, INSTANCES, SOURCES = "files", "functions", "services", "instances", "sources"

COLUMNS = {
    "goroutines": {
        "top_file": FILES,
        "user_file": FILES,
        "top_function": FUNCTIONS,
        "user_function": FUNCTIONS,
        "created_by": FUNCTIONS,
        "top_frames": FUNCTIONS,
    },
    "stacks": {"file": FILES, "function": FUNCTIONS, "package": FUNCTIONS},
    "snapshots": {"service": SERVICES, "instance": INSTANCES, "source": SOURCES},
    "issues": {"source": SOURCES, "reason": SOURCES},
    "metrics": {"service": SERVICES, "instance": INSTANCES},
}
"""The columns that may tell something, and what stands in them."""


@checked
def redact(dataset: Dataset, *, keep: Collection[Kind] = ()) -> Dataset:
    r"""Replace what tells about people and machines by placeholders.

    A value has the same placeholder in every table. Ids of goroutines, snapshots and stacks, states, times, functions
    and the end of each path stay, so that every analysis and chart says the same. Names that are no host, no user and
    no build folder stay: the names of services, packages and functions.

    Parameters
    ----------
    dataset : Dataset
        Any.
    keep : collection of str
        Kinds that stay as they are, of `KINDS`: users, hosts, build_paths, labels, arguments, lines.

    Returns
    -------
    Dataset
        The same rows and columns.

    Raises
    ------
    ArgumentError
        If `keep` names no kind.

    See Also
    --------
    redactions : what would be hidden.
    redact_together : several datasets, with the same placeholders.

    Examples
    --------
    >>> from gostack_nb import read
    >>> dump = "goroutine 1 [select]:\nmain.f()\n\t/home/ada/src/push/main.go:7 +0x1\n"
    >>> redact(read(dump.encode())).goroutines["user_file"].tolist()
    ['build-1/main.go']
    """
    (redacted,) = redact_together(dataset, keep=keep)
    return redacted


@checked
def redact_together(*datasets: Dataset, keep: Collection[Kind] = ()) -> tuple[Dataset, ...]:
    """Redact several datasets with the same placeholders: `host-1` of one is `host-1` of the others.

    Parameters
    ----------
    *datasets : Dataset
        Such as the dumps before and after a fix.
    keep : collection of str
        As for `redact`.

    Returns
    -------
    tuple of Dataset
        In the same order.

    Raises
    ------
    ArgumentError
        If `keep` names no kind.

    Examples
    --------
    >>> before, after = gs.redact_together(dataset, fixed)
    >>> after.goroutines["user_file"].dropna().unique().tolist()
    ['build-1/main.go']
    """
    plan = _Plan.of(datasets, _hidden(keep))
    return tuple(_redacted(dataset, plan) for dataset in datasets)


def _redacted(dataset: Dataset, plan: "_Plan") -> Dataset:
    tables = {name: _table(getattr(dataset, name), columns, plan) for name, columns in COLUMNS.items()}
    goroutines = tables["goroutines"]
    if "labels" in plan.hidden:
        goroutines = goroutines.assign(labels=_recoded(goroutines["labels"], plan.labels))
    issues = tables["issues"]
    issues = issues.assign(text=issues["text"].map(plan.line, na_action="ignore").astype("str"))
    return replace(dataset, **{**tables, "goroutines": goroutines, "issues": issues})


@checked
def redactions(*datasets: Dataset, keep: Collection[Kind] = ()) -> pd.DataFrame:
    """List what `redact` would hide, of several datasets `redact_together`, for a look before a report is given away.

    Parameters
    ----------
    *datasets : Dataset
        Any.
    keep : collection of str
        As for `redact`.

    Returns
    -------
    DataFrame
        One row per value, by kind and placeholder: `kind`, `placeholder`, `value` (str). Keep this table to yourself.

    Raises
    ------
    ArgumentError
        If `keep` names no kind.

    Examples
    --------
    >>> gs.redactions(dataset)
              kind placeholder          value
    0  build_paths      GOROOT  /usr/local/go
    1  build_paths     build-1       /srv/app
    """
    hidden = _hidden(keep)
    plan = _Plan.of(datasets, hidden)
    rows = [
        (kind, placeholder, value) for kind, names in plan.placeholders.items() for value, placeholder in names.items()
    ]
    if "lines" in hidden:
        rows += [("lines", HIDDEN_LINE, text) for text in dict.fromkeys(_lines(datasets))]
    return pd.DataFrame(rows, columns=["kind", "placeholder", "value"], dtype="str")


def _hidden(keep: Collection[Kind]) -> set[Kind]:
    kept = {keep} if isinstance(keep, str) else set(keep)
    if unknown := sorted(kept - set(KINDS)):
        msg = f"keep: no kind {', '.join(map(repr, unknown))}; there are {', '.join(KINDS)}{meant(unknown, KINDS)}"
        raise ArgumentError(msg)
    return set(KINDS) - kept


@dataclass(frozen=True, slots=True)
class _Plan:
    """The placeholder of every value, and what is done to the texts of each kind of column."""

    hidden: set[Kind]
    placeholders: dict[Kind, dict[str, str]]
    found: Found

    @classmethod
    def of(cls, datasets: Sequence[Dataset], hidden: set[Kind]) -> "_Plan":
        """Look through all tables first, so that every table is changed alike."""
        imports = _imports(datasets)
        finders: dict[Kind, Callable[[], dict[str, str]]] = {
            "build_paths": lambda: build_roots([dataset.stacks for dataset in datasets]),
            "users": lambda: _numbered("user", users_in_paths(_texts(datasets, FILES) + _free_texts(datasets))),
            "hosts": lambda: _numbered("host", imports | _hosts(datasets)),
            "labels": lambda: _label_values(datasets),
        }
        placeholders = {kind: find() for kind, find in finders.items() if kind in hidden}
        roots, users, hosts = (placeholders.get(kind, {}) for kind in ("build_paths", "users", "hosts"))
        return cls(hidden, placeholders, Found(roots, users, hosts, imports))

    def change(self, what: str) -> Text:
        """Return what is done to the texts of a column."""
        changes: dict[str, Text] = {
            FILES: self.found.in_file,
            FUNCTIONS: self.found.in_function,
            SERVICES: self.found.in_service,
            INSTANCES: self.found.in_instance,
            SOURCES: self.found.in_source,
        }
        return changes[what]

    def labels(self, text: str) -> str:
        """Hide the values of one set of labels; their keys stay."""
        names = self.placeholders["labels"]
        return _canonical({key: names[_label(key, value)] for key, value in json.loads(text).items()})

    def line(self, text: str) -> str:
        """Hide a printed line, or what is in it."""
        if not text:
            return text
        if "lines" in self.hidden:
            return HIDDEN_LINE
        return self.found.in_source(_without_numbers(text) if "arguments" in self.hidden else text)


def _hosts(datasets: Sequence[Dataset]) -> set[str]:
    """Return the machines; what a service is called as well is none."""
    machines = hosts_in_instances(_texts(datasets, INSTANCES)) | hosts_in_text(_free_texts(datasets))
    return machines - set(_texts(datasets, SERVICES))


def _imports(datasets: Sequence[Dataset]) -> set[str]:
    packages = [text for dataset in datasets for text in _values(dataset.stacks["package"])]
    return hosts_in_imports(packages, _texts(datasets, FUNCTIONS), _texts(datasets, FILES))


def _texts(datasets: Sequence[Dataset], what: str) -> list[str]:
    """Return the distinct texts of all columns of a kind."""
    found = (
        _values(getattr(dataset, table)[name])
        for dataset in datasets
        for table, columns in COLUMNS.items()
        for name, of in columns.items()
        if of == what
    )
    return list(dict.fromkeys(text for texts in found for text in texts))


def _free_texts(datasets: Sequence[Dataset]) -> list[str]:
    return _texts(datasets, SOURCES) + _lines(datasets)


def _lines(datasets: Sequence[Dataset]) -> list[str]:
    return [text for dataset in datasets for text in _values(dataset.issues["text"]) if text]


def _values(column: pd.Series) -> list[str]:
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column.dropna().unique()
    return [value for value in values.tolist() if isinstance(value, str)]


def _numbered(stem: str, values: Iterable[str]) -> dict[str, str]:
    return {value: f"{stem}-{number}" for number, value in enumerate(sorted(values), start=1)}


def _label_values(datasets: Sequence[Dataset]) -> dict[str, str]:
    """Give the values of each key numbers from 1."""
    values: dict[str, set[str]] = {}
    for text in dict.fromkeys(text for dataset in datasets for text in _values(dataset.goroutines["labels"])):
        for key, value in json.loads(text).items():
            values.setdefault(key, set()).add(value)
    return {
        _label(key, value): f"value-{number}"
        for key in sorted(values)
        for number, value in enumerate(sorted(values[key]), start=1)
    }


def _label(key: str, value: str) -> str:
    return f"{key}={value}"


def _canonical(labels: dict[str, str]) -> str:
    return json.dumps(labels, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _table(table: pd.DataFrame, columns: dict[str, str], plan: _Plan) -> pd.DataFrame:
    return table.assign(**{name: _recoded(table[name], plan.change(what)) for name, what in columns.items()})


def _recoded(column: pd.Series, change: Text) -> Any:
    """Change the texts of a category; texts that become equal become one."""
    names = [change(str(name)) for name in column.cat.categories]
    distinct = pd.Index(sorted(set(names)), dtype="str")
    place = np.append(distinct.get_indexer(pd.Index(names, dtype="str")), -1)
    return pd.Categorical.from_codes(place[column.cat.codes.to_numpy()], categories=distinct)


def _without_numbers(text: str) -> str:
    """Hide arguments and addresses.

    >>> _without_numbers("main.f(0xc000012345, 0x1)")
    'main.f(0x…, 0x…)'
    """
    return _NUMBER.sub(HIDDEN_NUMBER, text)
