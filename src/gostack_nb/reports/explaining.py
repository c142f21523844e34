"""What a stack means, in words: the catalogue's entry and the stack at hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from os import PathLike

import pandas as pd

from gostack_nb.analysis.catalogue.entries import Catalogue, Entry
from gostack_nb.analysis.catalogue.loading import load_catalogue, state_meanings
from gostack_nb.analysis.catalogue.matching import match_patterns
from gostack_nb.analysis.catalogue.wording import (
    Section,
    describe_entry,
    describe_state,
    describe_unchecked,
    entries_of_function,
    titles,
)
from gostack_nb.analysis.states import normalized_state
from gostack_nb.errors import FormatError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read
from gostack_nb.reports.answer import BOX, sections_as_html

_NO_STATE = "???"  # what the runtime prints for a status that it has no word for

NOT_KNOWN = "Not in the catalogue of known stacks"

_UNKNOWN = (
    "What to do",
    (
        "Nothing is known of this stack beyond its state: read the code at its first line of yours. "
        "If your team knows it, describe it in a file of your own, as docs/catalogue.md says, and it will be explained."
    ),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a stack, a function or a state means.

    Attributes
    ----------
    title : str
        The pattern in a few words.
    sections : tuple of (str, str)
        Headings and their paragraphs, in the order to read them.
    pattern : str or None
        The id of the entry of the catalogue; None if nothing is known.
    """

    title: str
    sections: tuple[Section, ...]
    pattern: str | None = None

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {heading}: {text}" for heading, text in self.sections)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Show headings and paragraphs in a box. All text is escaped: it may come from a dump."""
        # The classes keep MathJax away: a dollar sign in a name is no formula.
        return (
            f'<div class="tex2jax_ignore mathjax_ignore" style="{BOX}">'
            f"<strong>{escape(self.title)}</strong>{sections_as_html(self.sections)}</div>"
        )


def explain(
    what: str,
    source: Dataset | None = None,
    *,
    catalogue: Catalogue | str | PathLike[str] | None = None,
) -> Explanation:
    r"""Say in words what a stack means: what is normal, when to worry, the usual cause and fix, what to look for.

    Parameters
    ----------
    what : str
        A `stack_id` or `signature` of `source`; or the text of a stack as printed; or a function's name; or the id of
        an entry of the catalogue; or a state such as `chan receive`.
    source : Dataset, optional
        Where the stack occurs.
    catalogue : Catalogue or path, optional
        A catalogue from `load_catalogue`, or one more file of your own. Without it the package's own, with the files
        that the environment variable `GOSTACK_NB_CATALOGUE` names.

    Returns
    -------
    Explanation
        Prints as text, shows as HTML in a notebook. If nothing is known of the stack it says so, and what the state
        means.

    Raises
    ------
    CatalogueError
        If a file of the catalogue is not as it should be.
    FormatError
        If `what` is none of these.

    Examples
    --------
    >>> text = "goroutine 7 [chan send (nil chan), 3 minutes]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n"
    >>> print(explain(text).title)
    Send or receive on a nil channel
    """
    known = catalogue if isinstance(catalogue, Catalogue) else load_catalogue(*([catalogue] if catalogue else []))
    text = what.strip()
    if source is not None and (rows := _rows_of(text, source)).any():
        return _explain_rows(source, rows, known)
    if text in known:
        entry = known[text]
        return Explanation(entry.title, tuple(describe_entry(entry, known)), entry.id)
    if text in state_meanings():
        return Explanation(f"The state {text}", (describe_state(text),))
    if "\n" in text:
        return _explain_text(text, known)
    return _explain_function(text, known, source)


def _rows_of(name: str, dataset: Dataset) -> pd.Series:
    goroutines = dataset.goroutines
    return (goroutines["stack_id"] == name) | (goroutines["signature"] == name)


def _explain_text(text: str, catalogue: Catalogue) -> Explanation:
    """Explain the most frequent stack of a printed dump."""
    dataset = _read_text(text)
    stacks = dataset.goroutines["stack_id"]
    most = stacks.mode().iloc[0]
    found = _explain_rows(dataset, stacks == most, catalogue)
    count = stacks.nunique()
    if count == 1:
        return found
    note = ("Note", f"The text holds {count} different stacks; this is the most frequent one.")
    return Explanation(found.title, (note, *found.sections), found.pattern)


def _read_text(text: str) -> Dataset:
    """Read a dump, or the frames of one stack without the header that tells the state."""
    try:
        return read(text.encode("utf-8", "surrogatepass"))
    except FormatError as error:
        dataset = read(f"goroutine 1 [{_NO_STATE}]:\n{text}\n".encode("utf-8", "surrogatepass"))
        if dataset.stacks.empty:
            msg = "explain: the text holds neither a goroutine nor the frames of a stack"
            raise FormatError(msg + ". Hint: paste it as Go prints it, with the lines of files.") from error
    goroutines = dataset.goroutines
    return dataset.with_goroutines(goroutines.assign(state=goroutines["state"].replace(_NO_STATE, None)))


def _explain_function(name: str, catalogue: Catalogue, source: Dataset | None) -> Explanation:
    entries = entries_of_function(name, catalogue)
    if entries:
        first, *others = entries
        sections = [*describe_entry(first, catalogue), *([("May also be", titles(others))] if others else [])]
        return Explanation(first.title, tuple(sections), first.id)
    if " " in name or not name:
        where = "in this dataset or " if source is not None else ""
        msg = f"explain: {name[:60]!r} is no stack_id {where}of any dump given, no printed stack, function or state"
        raise FormatError(msg + ". Hint: pass the dataset as second argument, or the text of the stack as printed.")
    return Explanation(NOT_KNOWN, (("Function", f"No entry of the catalogue names {name}."), _UNKNOWN))


def _explain_rows(dataset: Dataset, rows: pd.Series, catalogue: Catalogue) -> Explanation:
    """Explain one stack of a dataset, in the state that most of its goroutines are in."""
    goroutines = dataset.goroutines.assign(state=normalized_state(dataset)).loc[rows.to_numpy()]
    states = goroutines["state"].dropna()
    state = None if states.empty else str(states.mode().iloc[0])
    typical = goroutines.loc[goroutines["state"].isna() if state is None else goroutines["state"] == state].iloc[0]
    entry, checked = _match(dataset, str(typical["stack_id"]), state, catalogue)
    here = ("Here", _here(goroutines, typical))
    if entry is None:
        return Explanation(NOT_KNOWN, (here, describe_state(state), _UNKNOWN))
    unsure = [] if checked else [describe_unchecked(entry)]
    sections = (here, describe_state(state), *unsure, *describe_entry(entry, catalogue))
    return Explanation(entry.title, sections, entry.id)


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
