"""Dataset and filter -> rows: the goroutines that a filter such as `state:"chan receive" wait>=5` keeps."""

import re
from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gostack_nb.analysis.filters import EVERY_OF, Filter, Relation, Term, parse_filter
from gostack_nb.analysis.keys import Coded, coded, coded_column
from gostack_nb.analysis.snapshots import first, latest
from gostack_nb.analysis.suspects import suspects
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.errors import FilterError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

Mask = NDArray[np.bool_]

_COLUMN = {"state": "state", "stack": "stack_id", "signature": "signature", "line": "user_location"}
_COLUMN |= {"creator": "created_by"}

_MANY = 8
"""So many names of what exists are enough for an error."""


@checked
def select(dataset: Dataset, text: str) -> pd.DataFrame:
    r"""Keep the goroutines that a filter describes.

    Parameters
    ----------
    dataset : Dataset
        Any.
    text : str
        Terms with spaces between them, all of which must hold:

        - `state:"chan receive"` the state, whole, normalized (if none has it, as printed)
        - `function:ackLoop`, or the word alone: a function on the stack whose name has this in it, case ignored;
          `function=main.f` has just this name, `function:/ack|read/` fits the regular expression
        - `package:net/http` a package on the stack, as for functions
        - `wait>=5` waits for at least 5 minutes, as printed
        - `label:role=ack`, `label:role:/a.*/` a pprof label
        - `snapshot:latest` (of each process), `snapshot:first`, or a `snapshot_id`
        - `verdict:strong` belongs to a group that `suspects` says this about
        - `line:push.go:41`, `creator:main.serve` your line and the function that started it, as for functions
        - `stack:ID`, `signature:ID`
        - `no:state`, `no:label:role` where it is not known, or there is none

        Of a field given twice one must hold, but of functions and packages both.

    Returns
    -------
    DataFrame
        Rows of `dataset.goroutines`, with their index; all of them if the text is empty.

    Raises
    ------
    FilterError
        If the text is not such a filter, or names a snapshot that is not there.
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> from gostack_nb import read
    >>> frames = "main.wait()\n\t/a.go:7 +0x1\nmain.serve()\n\t/a.go:3 +0x1\n\n"
    >>> dataset = read(f"goroutine 1 [select]:\n{frames}goroutine 2 [chan receive, 5 minutes]:\n{frames}".encode())
    >>> select(dataset, "serve wait>=5")["goroutine_id"].tolist()
    [2]
    """
    chosen = parse_filter(text)
    return dataset.goroutines[matching(dataset, chosen, verdicts_for(dataset, chosen))]


def verdicts_for(dataset: Dataset, chosen: Filter) -> pd.DataFrame | None:
    """Judge the groups if the filter asks for it: that takes longer than everything else."""
    return suspects(dataset) if any(term.field == "verdict" for term in chosen.terms) else None


def matching(
    dataset: Dataset,
    chosen: Filter,
    judged: pd.DataFrame | None = None,
    *,
    known: dict[Term, Mask] | None = None,
) -> Mask:
    """Tell for each goroutine whether it fits.

    `judged` is the table of `suspects`, for the terms on verdicts; `known` keeps the answers to terms from one call to
    the next on the same dataset, the newest last.
    """
    answers = {} if known is None else known
    fits = np.ones(len(dataset.goroutines), dtype=np.bool_)
    for _, terms in groupby(sorted(chosen.terms, key=_group), key=_group):
        masks = []
        for term in terms:
            answers[term] = answers.pop(term) if term in answers else _mask(dataset, term, judged)
            masks.append(answers[term])
        fits &= np.logical_or.reduce(masks)
    return fits


def _group(term: Term) -> tuple[str, str, str]:
    """Terms of one group are alternatives: those of a field, or each alone where all must hold."""
    return (term.field, term.key, str(term) if term.field in EVERY_OF else "")


def _mask(dataset: Dataset, term: Term, judged: pd.DataFrame | None) -> Mask:
    if term.field in {"function", "package"}:
        return _on_stack(dataset, term)
    if term.field == "wait":
        return _waits(dataset, term)
    if term.field == "snapshot":
        return _in_snapshot(dataset, term)
    if term.field == "verdict":
        return _judged(dataset, term, suspects(dataset) if judged is None else judged)
    if term.field == "label":
        return _named(coded(dataset.goroutines, f"label:{term.key}"), term)
    mask = _named(coded(dataset.goroutines, _COLUMN[term.field]), term)
    if term.field == "state" and not mask.any():
        return _named(coded_column(dataset.goroutines["state"]), term)  # the word as this version of Go prints it
    return mask


def _named(column: Coded, term: Term) -> Mask:
    """Look at each distinct name once, then spread the answer over the rows."""
    return np.append(fitting(column.names, term), term.relation is Relation.UNKNOWN)[column.codes]


def fitting(names: Sequence[str] | pd.Index, term: Term) -> Mask:
    """Tell for each name whether the term fits it."""
    test = _test(term)
    texts = names.tolist() if isinstance(names, pd.Index) else names  # one by one, pandas' own text is slow to read
    return np.fromiter((test(str(name)) for name in texts), dtype=np.bool_, count=len(names))


def _test(term: Term) -> Callable[[str], bool]:
    if term.relation is Relation.MATCHES:
        pattern = re.compile(term.value)
        return lambda name: pattern.search(name) is not None
    if term.relation is Relation.HAS:
        wanted = term.value.casefold()
        return lambda name: wanted in name.casefold()
    if term.relation is Relation.IS:
        return lambda name: name == term.value
    return lambda _: False


def _on_stack(dataset: Dataset, term: Term) -> Mask:
    """Find the stacks with such a call; the line `created by` is no call."""
    if term.relation is Relation.UNKNOWN:
        return goroutines_of(dataset, "stack_id")["stack_id"].isna().to_numpy()
    frames = dataset.stacks
    column = coded_column(frames[term.field])
    hit = _named(column, term) & ~frames["is_creator"].fillna(value=False).to_numpy(dtype=np.bool_)
    stacks = frames["stack_id"].astype("category")
    found = np.zeros(len(stacks.cat.categories) + 1, dtype=np.bool_)
    found[stacks.cat.codes.to_numpy()[hit]] = True
    found[-1] = False
    rows = coded(dataset.goroutines, "stack_id")
    place = stacks.cat.categories.get_indexer(rows.names)
    return np.append(found[place], False)[rows.codes]


def _waits(dataset: Dataset, term: Term) -> Mask:
    wait = goroutines_of(dataset, "wait_minutes")["wait_minutes"]
    if term.relation is Relation.UNKNOWN:
        return wait.isna().to_numpy()
    return wait.to_numpy(dtype=np.int64, na_value=-1) >= int(term.value)


def _in_snapshot(dataset: Dataset, term: Term) -> Mask:
    rows = coded_column(goroutines_of(dataset, "snapshot_id")["snapshot_id"])
    known = dataset.snapshots["snapshot_id"].astype(object)
    ends = {"latest": latest, "first": first}
    if term.relation is not Relation.IS:
        return _named(rows, term)
    if term.value not in ends and term.value not in set(known):
        names = ", ".join(map(str, known[:_MANY])) + (" ..." if len(known) > _MANY else "")
        msg = f"the filter asks for snapshot {term.value!r}, which is not there; there are latest, first, {names}"
        raise FilterError(msg)
    nobody = dataset.with_goroutines(dataset.goroutines.iloc[:0])  # the snapshots alone are asked for
    wanted = {term.value} if term.value in set(known) else set(ends[term.value](nobody).snapshots["snapshot_id"])
    return np.append(rows.names.isin(wanted), False)[rows.codes]


def _judged(dataset: Dataset, term: Term, judged: pd.DataFrame) -> Mask:
    if term.relation is Relation.IS and term.value not in VERDICTS:
        msg = f"the filter asks for the verdict {term.value!r}; there are {', '.join(VERDICTS)}"
        raise FilterError(msg)
    verdict = verdict_of_stacks(judged)
    rows = coded(dataset.goroutines, "stack_id")
    codes, names = pd.factorize(pd.Series([verdict.get(str(name)) for name in [*rows.names, ""]], dtype="str"))
    return _named(Coded(codes.astype(np.int64)[rows.codes], pd.Index(names)), term)


def verdict_of_stacks(judged: pd.DataFrame) -> dict[str, str]:
    """Return the verdict on each stack that has one, from the table of `suspects`: the highest in rank."""
    first_of = judged.drop_duplicates("stack_id")
    return dict(zip(first_of["stack_id"].astype("str"), first_of["verdict"].astype("str"), strict=True))
