"""Dataset -> Dataset: what tells about people and machines becomes a placeholder, the same one everywhere."""

import json
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from gostack_nb.analysis.redaction_finders import (
    Found,
    build_roots,
    hosts_in_names,
    hosts_in_packages,
    hosts_in_text,
    users_in_paths,
)
from gostack_nb.model.dataset import Dataset

Kind = Literal["users", "hosts", "build_paths", "labels", "arguments", "lines"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What is hidden: user names in home folders; names and addresses of machines, in private import paths too; the folders
that a program was built in; the values of labels; hexadecimal arguments and addresses; lines as printed that could not
be read, which may be any line of a log."""

HIDDEN_LINE = "(hidden)"
HIDDEN_NUMBER = "0x…"

_NUMBER = re.compile(r"0x[0-9a-fA-F]+")

Text = Callable[[str], str]

PATHS, FUNCTIONS, NAMES = "paths", "functions", "names"

COLUMNS = {
    "goroutines": {
        "top_file": PATHS,
        "user_file": PATHS,
        "top_function": FUNCTIONS,
        "user_function": FUNCTIONS,
        "created_by": FUNCTIONS,
        "top_frames": FUNCTIONS,
    },
    "stacks": {"file": PATHS, "function": FUNCTIONS, "package": FUNCTIONS},
    "snapshots": {"service": NAMES, "instance": NAMES, "source": PATHS},
    "issues": {"source": PATHS, "reason": PATHS},
    "metrics": {"service": NAMES, "instance": NAMES},
}
"""The columns that may tell something, and what stands in them."""


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
    ValueError
        If `keep` names no kind.

    See Also
    --------
    redactions : what would be hidden.

    Examples
    --------
    >>> from gostack_nb import read
    >>> dump = "goroutine 1 [select]:\nmain.f()\n\t/home/ada/src/push/main.go:7 +0x1\n"
    >>> redact(read(dump.encode())).goroutines["user_file"].tolist()
    ['build-1/main.go']
    """
    hidden = _hidden(keep)
    plan = _Plan.of(dataset, hidden)
    tables = {name: _table(getattr(dataset, name), columns, plan) for name, columns in COLUMNS.items()}
    goroutines = tables["goroutines"]
    if "labels" in hidden:
        goroutines = goroutines.assign(labels=_recoded(goroutines["labels"], plan.labels))
    issues = tables["issues"]
    issues = issues.assign(text=issues["text"].map(plan.line, na_action="ignore").astype("str"))
    return replace(dataset, **{**tables, "goroutines": goroutines, "issues": issues})


def redactions(dataset: Dataset, *, keep: Collection[Kind] = ()) -> pd.DataFrame:
    """List what `redact` would hide, for a look before a report is given away.

    Parameters
    ----------
    dataset : Dataset
        Any.
    keep : collection of str
        As for `redact`.

    Returns
    -------
    DataFrame
        One row per value, by kind and placeholder: `kind`, `placeholder`, `value` (str). Keep this table to yourself.

    Raises
    ------
    ValueError
        If `keep` names no kind.
    """
    hidden = _hidden(keep)
    plan = _Plan.of(dataset, hidden)
    rows = [
        (kind, placeholder, value) for kind, names in plan.placeholders.items() for value, placeholder in names.items()
    ]
    if "lines" in hidden:
        rows += [("lines", HIDDEN_LINE, str(text)) for text in dataset.issues["text"].dropna().unique() if text]
    return pd.DataFrame(rows, columns=["kind", "placeholder", "value"], dtype="str")


def _hidden(keep: Collection[Kind]) -> set[Kind]:
    kept = {keep} if isinstance(keep, str) else set(keep)
    if unknown := sorted(kept - set(KINDS)):
        msg = f"keep: no kind {', '.join(map(repr, unknown))}; there are {', '.join(KINDS)}"
        raise ValueError(msg)
    return set(KINDS) - kept


@dataclass(frozen=True, slots=True)
class _Plan:
    """The placeholder of every value, and what is done to the texts of each kind of column."""

    hidden: set[Kind]
    placeholders: dict[Kind, dict[str, str]]

    @classmethod
    def of(cls, dataset: Dataset, hidden: set[Kind]) -> "_Plan":
        """Look through all tables first, so that every table is changed alike."""
        finders: dict[Kind, Callable[[Dataset], dict[str, str]]] = {
            "build_paths": lambda of: build_roots(of.stacks),
            "users": lambda of: _numbered("user", users_in_paths(_texts(of, PATHS))),
            "hosts": lambda of: _numbered("host", _hosts(of)),
            "labels": _label_values,
        }
        return cls(hidden, {kind: find(dataset) for kind, find in finders.items() if kind in hidden})

    def change(self, what: str) -> Text:
        """Return what is done to the texts of a column."""
        roots, users, hosts = (self.placeholders.get(kind, {}) for kind in ("build_paths", "users", "hosts"))
        found = Found(roots=roots, users=users, hosts=hosts)
        return {PATHS: found.in_path, FUNCTIONS: found.in_function, NAMES: found.in_name}[what]

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
        return self.change(PATHS)(_without_numbers(text) if "arguments" in self.hidden else text)


def _hosts(dataset: Dataset) -> set[str]:
    names = hosts_in_names(_texts(dataset, NAMES, column="instance"))
    return names | hosts_in_text(_texts(dataset, PATHS)) | hosts_in_packages(_values(dataset.stacks["package"]))


def _texts(dataset: Dataset, what: str, *, column: str | None = None) -> list[str]:
    found = [
        _values(getattr(dataset, table)[name])
        for table, columns in COLUMNS.items()
        for name, of in columns.items()
        if of == what and column in {None, name}
    ]
    lines = [] if column else [_values(dataset.issues["text"])]
    return [text for texts in (*found, *lines) for text in texts]


def _values(column: pd.Series) -> list[str]:
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column.dropna().unique()
    return [value for value in values.tolist() if isinstance(value, str)]


def _numbered(stem: str, values: Iterable[str]) -> dict[str, str]:
    return {value: f"{stem}-{number}" for number, value in enumerate(sorted(values), start=1)}


def _label_values(dataset: Dataset) -> dict[str, str]:
    """Give the values of each key numbers from 1."""
    values: dict[str, set[str]] = {}
    for text in _values(dataset.goroutines["labels"]):
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
