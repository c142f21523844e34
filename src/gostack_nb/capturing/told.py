"""What a capture tells while it runs."""

from dataclasses import dataclass, field
from datetime import datetime

from gostack_nb.errors import SourceError


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is missing, or that the operator should know.

    Attributes
    ----------
    source : str
        Address without credentials.
    reason : str
        One sentence.
    about : str
        Notes about the same are the same, though their numbers differ.
    in_evidence : bool
        The evidence that was kept says it too.
    """

    source: str
    reason: str
    about: str
    in_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for now: no row of a table."""

    instance: str
    text: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One answer that was kept."""

    words: str
    size_bytes: int
    seconds: float
    truncated: bool


@dataclass(frozen=True, slots=True)
class Round:
    """What one round took from one service.

    Attributes
    ----------
    instance : str
        Which process.
    number : int
        From 1.
    captured_at : datetime
        When it began, aware, UTC; all its evidence has this time.
    goroutines : int or None
        Their count as debug=1 or the index told it.
    leaked : int or None
        Those that the leak profile found, if it was taken.
    taken : tuple of Taken
        In the order in which it was asked.
    notes : tuple of Note
        What is missing.
    failure : SourceError or None
        Why nothing was taken.
    """

    instance: str
    number: int
    captured_at: datetime
    goroutines: int | None
    leaked: int | None
    taken: tuple[Taken, ...]
    notes: tuple[Note, ...]
    failure: SourceError | None = field(default=None, compare=False)


Told = Round | Notice
