"""Dataset and rows -> headed paragraphs: what the catalogue says about a stack, and what it is like here."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from gostack_nb.analysis.catalogue.entries import Catalogue, Entry
from gostack_nb.analysis.catalogue.matching import match_patterns
from gostack_nb.analysis.catalogue.wording import Section, describe_entry, describe_state, describe_unchecked
from gostack_nb.analysis.states import normalized_state
from gostack_nb.model.dataset import Dataset

NOT_KNOWN = "Not in the catalogue of known stacks"

UNKNOWN = (
    "What to do",
    (
        "Nothing is known of this stack beyond its state: read the code at its first line of yours. "
        "If your team knows it, describe it in a file of your own, as docs/how-to/catalogue.md says, and it will be "
        "explained."
    ),
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a stack means: a title, headed paragraphs, the entry of the catalogue (None: not in it)."""

    title: str
    sections: tuple[Section, ...]
    pattern: str | None = None


def meaning_of_rows(dataset: Dataset, rows: pd.Series, catalogue: Catalogue) -> Meaning:
    """Explain one stack of a dataset, in the state that most of its goroutines are in."""
    goroutines = dataset.goroutines.assign(state=normalized_state(dataset)).loc[rows.to_numpy()]
    states = goroutines["state"].dropna()
    state = None if states.empty else str(states.mode().iloc[0])
    typical = goroutines.loc[goroutines["state"].isna() if state is None else goroutines["state"] == state].iloc[0]
    entry, checked = _match(dataset, str(typical["stack_id"]), state, catalogue)
    here = ("Here", _here(goroutines, typical))
    if entry is None:
        return Meaning(NOT_KNOWN, (here, describe_state(state), UNKNOWN))
    unsure = [] if checked else [describe_unchecked(entry)]
    sections = (here, describe_state(state), *unsure, *describe_entry(entry, catalogue))
    return Meaning(entry.title, sections, entry.id)


def _match(dataset: Dataset, stack: str, state: str | None, catalogue: Catalogue) -> tuple[Entry | None, bool]:
    matched = match_patterns(dataset, catalogue)
    same = matched["state"].isna() if state is None else matched["state"] == state
    found = matched.loc[(matched["stack_id"] == stack) & same].iloc[0]
    unchecked = not pd.isna(found["state_checked"]) and not found["state_checked"]
    return catalogue.get(found["pattern"]), not unchecked


def _here(goroutines: pd.DataFrame, typical: pd.Series) -> str:
    return " ".join(_sentences_here(goroutines, typical))


def _sentences_here(goroutines: pd.DataFrame, typical: pd.Series) -> Iterator[str]:
    """Say how many there are, where they stand and who started them."""
    most = int(goroutines["snapshot_id"].value_counts().max())
    dumps = goroutines["snapshot_id"].nunique()
    yield f"{most:,} {_plural('goroutine', most)}" + (f" at most in one of {dumps} dumps" if dumps > 1 else "")
    yield f"in {_place(typical, 'top')}" + ("" if _same_frame(typical) else f", your line: {_place(typical, 'user')}")
    if isinstance(typical["created_by"], str):
        yield f"created by {typical['created_by']}."


def _place(row: pd.Series, which: str) -> str:
    function, file, line = (row[f"{which}_{part}"] for part in ("function", "file", "line"))
    where = [str(part) for part in (file, line) if not pd.isna(part)]
    return f"{function} ({':'.join(where)})" if where else str(function)


def _same_frame(row: pd.Series) -> bool:
    return row["user_function"] == row["top_function"] or not isinstance(row["user_function"], str)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
