"""What an entry of the catalogue holds; docs/reference/catalogue.md describes the same for those who write one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gostack_nb.errors import CatalogueError

Kind: TypeAlias = Literal["library", "stdlib", "runtime", "language"]
Role: TypeAlias = Literal["healthy", "watch", "wrong"]
Sight: TypeAlias = Literal["yes", "no", "unknown"]

PRECEDENCE: dict[Kind, int] = {"library": 40, "stdlib": 30, "runtime": 30, "language": 10}
"""Of several entries that fit a stack the highest is chosen; an entry may state another number.

A library's own goroutine says more than the part of the standard library that it uses, and that says more than the
operation of the language that blocks.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to recognise an entry: all conditions must hold.

    Patterns match a whole function name, after `comparable_function`. Frames are those that every form prints:
    without the runtime's own on top, without the compiler's wrappers.

    Attributes
    ----------
    leaf, root : pattern, optional
        The first and the last frame.
    consecutive : tuple of patterns
        Frames next to each other, the callee first, anywhere in the stack.
    anywhere : tuple of patterns
        Each fits some frame.
    without : tuple of patterns
        No frame fits any of these.
    created_by : pattern, optional
        Who started the goroutine; holds where the form does not tell.
    states : frozenset of str
        Normalized states, whole words; empty for any.
    most_frames : int, optional
        The stack has no more frames than this.
    wakes : bool
        Only goroutines that are known to wake again and again.
    needs_state : bool
        No goroutine whose state is not known: for frames that fit too much by themselves.
    """

    leaf: re.Pattern[str] | None = None
    root: re.Pattern[str] | None = None
    consecutive: tuple[re.Pattern[str], ...] = ()
    anywhere: tuple[re.Pattern[str], ...] = ()
    without: tuple[re.Pattern[str], ...] = ()
    created_by: re.Pattern[str] | None = None
    states: frozenset[str] = frozenset()
    most_frames: int | None = None
    wakes: bool = False
    needs_state: bool = False

    @property
    def names_frames(self) -> bool:
        """Whether a frame must fit."""
        return bool(self.leaf or self.root or self.consecutive or self.anywhere)

    @property
    def may_lack_state(self) -> bool:
        """Whether a goroutine may fit whose state the form does not tell."""
        return self.names_frames and not self.needs_state


@dataclass(frozen=True, slots=True)
class Example:
    """A stack that the entry must recognise: tests hold every entry against its own."""

    frames: tuple[str, ...]
    state: str = ""
    created_by: str = ""
    wakes: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A known pattern of goroutines; every text is plain words.

    Attributes
    ----------
    id : str
        Stable, readable name: `http-client-body-open`.
    number : str
        Its number in the list of patterns, `L01`; empty if it has none.
    kind : {"library", "stdlib", "runtime", "language"}
        What the stack belongs to.
    role : {"healthy", "watch", "wrong"}
        Expected up to its normal number; either way; never right.
    owner, normal_per_owner, owner_patterns
        Of what each thing has how many; the entries whose number of goroutines is the number of such things.
    suspicious_above, suspicious_minutes : int, optional
        More goroutines, or a longer wait, deserve a look. Judgements, made to be changed.
    leak_profile_sees : {"yes", "no", "unknown"}
        Whether `goroutineleak` marks such a leak.
    told_by : str
        What tells this pattern where one stack cannot.
    see_also : tuple of str
        Entries to look at beside this one: one stack cannot tell them apart, or they tell the cause.
    origin : str
        The file that defines it.
    """

    id: str
    title: str
    meaning: str
    kind: Kind = "library"
    role: Role = "watch"
    number: str = ""
    normal: str = ""
    suspicious: str = ""
    cause: str = ""
    fix: str = ""
    look_for: str = ""
    source: str = ""
    source_note: str = ""
    owner: str = ""
    owner_patterns: tuple[str, ...] = ()
    normal_per_owner: float | None = None
    suspicious_above: int | None = None
    suspicious_minutes: int | None = None
    leak_profile_sees: Sight = "unknown"
    told_by: str = ""
    see_also: tuple[str, ...] = ()
    precedence: int = 0
    matches: tuple[Rule, ...] = ()
    examples: tuple[Example, ...] = ()
    origin: str = ""

    @property
    def healthy(self) -> bool:
        """Whether such goroutines are expected, up to their normal number."""
        return self.role == "healthy"

    @property
    def always_wrong(self) -> bool:
        """Whether one such goroutine is one too many."""
        return self.role == "wrong"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, in the order of their files; the later of two equal ids replaced the earlier."""

    entries: tuple[Entry, ...]
    _by_id: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {entry.id: entry for entry in self.entries})

    def __getitem__(self, name: str) -> Entry:
        if name not in self._by_id:
            msg = f"no entry {name!r} in the catalogue; it has {', '.join(sorted(self._by_id))}"
            raise CatalogueError(msg)
        return self._by_id[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_id

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, name: object) -> Entry | None:
        """Return an entry, or None where there is none of that name."""
        return self._by_id.get(name) if isinstance(name, str) else None
