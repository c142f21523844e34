"""At which line the suspects are blocked, what that means, and what to look for there."""

from collections.abc import Iterator
from os import PathLike

import pandas as pd

from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.wording import Section, describe_entry
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.excerpts import Excerpt, excerpt
from gostack_nb.reports.incident.suspect import NO_SUSPECT, first_suspect, name_of, place_of, ranked
from gostack_nb.sources.checkout import open_checkout

HEADINGS = ("What it does", "Usual cause", "Fix", "Look for in your code")
"""What of the catalogue's entry helps to mend the code."""

NEXT_STEPS = {
    "chan receive": (
        "The receiver waits for a value or a close that nobody will send. Find who holds the sending side, and check "
        "that every way out of that function closes the channel, or that the receiver also selects on a done channel."
    ),
    "chan send": (
        "The sender waits for a receiver that is gone. Give the channel a buffer for the values that may be left, or "
        "select on a done channel or context beside the send."
    ),
    "select": (
        "None of the cases becomes ready. Check that one of them is the owner's context or done channel, and that the "
        "owner cancels or closes it on every way out."
    ),
    "IO wait": (
        "It waits for the network. Check for a missing deadline, and for response bodies or connections that are not "
        "closed."
    ),
    "sync.Mutex.Lock": "It waits for a lock. Look for a way out without Unlock, or a holder that itself waits.",
    "sync.RWMutex.Lock": "It waits for readers. Look for an RLock without RUnlock, or a reader that itself waits.",
    "sync.RWMutex.RLock": "It waits for a writer. Look for a Lock without Unlock, or a writer that itself waits.",
    "sync.WaitGroup.Wait": "It waits for goroutines that never call Done. Look for a way out without Done.",
    "sync.Cond.Wait": "It waits for a Signal or Broadcast. Check that shutting down broadcasts.",
    "sleep": "It wakes and sleeps for ever. Check the condition that should end the loop.",
}
"""What to look for by the state alone, where the catalogue does not know the stack."""


@checked
def where_in_the_code(
    dataset: Dataset, suspects: pd.DataFrame | None = None, *, source_root: str | PathLike[str] | None = None
) -> Answer:
    """Say at which line the suspects are blocked, who started them, what that means and what to look for.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.
    suspects : DataFrame, optional
        As `gostack_nb.suspects` returns it; without it they are ranked here.
    source_root : path, optional
        A local checkout of the program: adds the lines of code. Only Go files in this folder are read.

    Returns
    -------
    Answer
        Its sections are what the catalogue says (`gostack_nb.explain` says all of it); its excerpts are the lines
        around the blocked line and around the `go` statement; its table has the frames of the suspects' stack, leaf
        first, the creator last.

    Raises
    ------
    UnreachableError
        If there is no folder `source_root`.

    Examples
    --------
    >>> gs.incident.where_in_the_code(dataset).sentences[0]
    'main.(*session).ackLoop at /srv/app/main.go:233 is the line to read.'
    """
    suspect = first_suspect(ranked(dataset, suspects))
    if suspect is None:
        return Answer((NO_SUSPECT,))
    stacks = dataset.stacks
    frames = stacks[stacks["stack_id"] == suspect["stack_id"]].sort_values("frame_index")
    return Answer(
        (f"{name_of(suspect)} at {place_of(suspect)} is the line to read.", *_started_by(frames)),
        frames[["frame_index", "function", "file", "line", "is_std", "is_creator"]],
        sections=_advice(suspect),
        excerpts=() if source_root is None else tuple(_code(frames, source_root)),
    )


def _started_by(frames: pd.DataFrame) -> Iterator[str]:
    for creator in _creator(frames).to_dict("records"):
        place = f" at {creator['file']}:{creator['line']}" if pd.notna(creator["file"]) else ""
        yield f"It was started by {creator['function']}{place}."


def _creator(frames: pd.DataFrame) -> pd.DataFrame:
    return frames[frames["is_creator"].fillna(value=False).astype(bool)]


def _advice(suspect: pd.Series) -> tuple[Section, ...]:
    """Return what the catalogue says about the pattern, else what the state alone suggests."""
    catalogue = load_catalogue()
    entry = None if pd.isna(suspect["pattern"]) else catalogue.get(str(suspect["pattern"]))
    if entry is None:
        step = NEXT_STEPS.get(suspect["state"])
        return (("Look for in your code", step),) if step else ()
    told = [section for section in describe_entry(entry, catalogue) if section[0] in HEADINGS]
    return (("Known as", f"{entry.title} ({entry.id})"), *told)


def _code(frames: pd.DataFrame, source_root: str | PathLike[str]) -> Iterator[Excerpt]:
    """Yield the code of the first frame outside the standard library, and of the `go` statement."""
    checkout = open_checkout(source_root)
    is_creator = frames["is_creator"].fillna(value=False).astype(bool)
    for what, rows in (("Blocked here", frames[~is_creator]), ("Started here", frames[is_creator])):
        own = rows[~rows["is_std"].fillna(value=False).astype(bool) & rows["file"].notna() & rows["line"].notna()]
        if len(own):
            frame = own.iloc[0]
            yield excerpt(checkout, what, str(frame["function"]), str(frame["file"]), int(frame["line"]))
        elif len(rows):
            yield Excerpt(what, note=f"{rows.iloc[0]['function']} is not in your code, or its line is not told.")
