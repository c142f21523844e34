"""What a stack means, in words: the catalogue's entry and the stack at hand."""

from dataclasses import dataclass
from html import escape
from os import PathLike

import pandas as pd

from gostack_nb.analysis.catalogue.entries import Catalogue
from gostack_nb.analysis.catalogue.loading import load_catalogue, state_meanings
from gostack_nb.analysis.catalogue.meanings import NOT_KNOWN, UNKNOWN, Meaning, meaning_of_rows
from gostack_nb.analysis.catalogue.wording import (
    Section,
    describe_entry,
    describe_state,
    entries_of_function,
    titles,
)
from gostack_nb.errors import FormatError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read
from gostack_nb.reports.answer import BOX, sections_as_html

_STATE_NOT_TOLD = "This form of dump does not tell it: take debug=2."
_NO_STATE = "???"  # what the runtime prints for a status that it has no word for


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


@checked
def explain(
    what: str | pd.Series,
    source: Dataset | None = None,
    *,
    catalogue: Catalogue | str | PathLike[str] | None = None,
) -> Explanation:
    r"""Say in words what a stack means: what is normal, when to worry, the usual cause and fix, what to look for.

    Parameters
    ----------
    what : str or Series of str
        A `stack_id` or `signature` of `source`; or the text of a stack as printed; or a function's name; or the id of
        an entry of the catalogue; or a state such as `chan receive`. Of a column its first value: `table["stack_id"]`
        means the first row of a table, and that a table has no rows is said.
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
    if isinstance(what, pd.Series):
        return explain(str(what.iloc[0]), source, catalogue=known) if len(what) else _nothing(source)
    text = what.strip()
    if source is not None and (rows := _rows_of(text, source)).any():
        return _as_explanation(meaning_of_rows(source, rows, known))
    if text in known:
        entry = known[text]
        return Explanation(entry.title, tuple(describe_entry(entry, known)), entry.id)
    if text in state_meanings():
        return Explanation(f"The state {text}", (describe_state(text),))
    if "\n" in text:
        return _explain_text(text, known)
    return _explain_function(text, known, source)


def _nothing(source: Dataset | None) -> Explanation:
    """Say that a table has no rows, and why that may be."""
    sections = [("What that means", "The table has no rows: the dumps show nobody like that.")]
    if source is not None and len(source.goroutines) and source.goroutines["state"].isna().all():
        sections.append(("State", f"{_STATE_NOT_TOLD} Who waits, and for what, is not known."))
    return Explanation("Nothing to explain", tuple(sections))


def _rows_of(name: str, dataset: Dataset) -> pd.Series:
    goroutines = dataset.goroutines
    return (goroutines["stack_id"] == name) | (goroutines["signature"] == name)


def _explain_text(text: str, catalogue: Catalogue) -> Explanation:
    """Explain the most frequent stack of a printed dump."""
    dataset = _read_text(text)
    stacks = dataset.goroutines["stack_id"]
    most = stacks.mode().iloc[0]
    found = _as_explanation(meaning_of_rows(dataset, stacks == most, catalogue))
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
    return Explanation(NOT_KNOWN, (("Function", f"No entry of the catalogue names {name}."), UNKNOWN))


def _as_explanation(meaning: Meaning) -> Explanation:
    return Explanation(meaning.title, meaning.sections, meaning.pattern)
