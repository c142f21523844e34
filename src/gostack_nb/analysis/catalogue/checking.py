"""TOML tables -> entries: every key checked, each error one sentence that says file, entry, key and what to do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args

from gostack_nb.analysis.catalogue.entries import PRECEDENCE, Entry, Example, Kind, Role, Rule, Sight
from gostack_nb.errors import CatalogueError

Table: TypeAlias = Mapping[str, Any]

REQUIRED = ("title", "meaning", "match")
"""What a new entry must say; one that changes an entry of an earlier file says only what it changes."""

LONGEST_PATTERN = 500
"""Characters of a regular expression."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PINNED_CLOSURE = re.compile(r"\.(?:func|gowrap|deferwrap)(?:\d|\\d|\[0-9\])")
_REPEATED_REPEAT = re.compile(r"[*+}][^()\[\]]*\)[*+{]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands, for the errors: the number of a match counts from 1."""

    file: str
    entry: str = ""
    rule: int = 0

    def error(self, problem: str, hint: str = "") -> CatalogueError:
        """Return the error to raise: file, entry, what was seen, what to do."""
        where = [self.file, f"entry {self.entry!r}" if self.entry else "", f"match {self.rule}" if self.rule else ""]
        return CatalogueError(": ".join([*filter(None, where), problem]) + (f". Hint: {hint}." if hint else "."))


def _text(value: object, _: Place) -> str | None:
    return " ".join(value.split()) if isinstance(value, str) else None


def _texts(value: object, _: Place) -> tuple[str, ...] | None:
    texts = [value] if isinstance(value, str) else value
    return tuple(texts) if isinstance(texts, list) and all(isinstance(text, str) for text in texts) else None


def _count(value: object, _: Place) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _number(value: object, _: Place) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _flag(value: object, _: Place) -> bool | None:
    return value if isinstance(value, bool) else None


def _states(value: object, place: Place) -> frozenset[str] | None:
    states = _texts(value, place)
    return None if states is None else frozenset(states)


def _pattern(value: object, place: Place) -> re.Pattern[str] | None:
    if not isinstance(value, str):
        return None
    if len(value) > LONGEST_PATTERN:
        msg = f"a pattern of {len(value)} characters, the limit is {LONGEST_PATTERN}"
        raise place.error(msg, "write several matches")
    if _PINNED_CLOSURE.search(value):
        msg = f"the pattern {value!r} holds the number of a closure"
        raise place.error(msg, "numbers change with every build and are dropped before matching: write .func")
    if _REPEATED_REPEAT.search(value):
        msg = f"the pattern {value!r} repeats a group that repeats inside, which can take for ever"
        raise place.error(msg, "repeat one of the two only")
    try:
        return re.compile(value)
    except re.error as error:
        msg = f"the pattern {value!r} is no regular expression ({error})"
        raise place.error(msg, r"use single quotes in TOML, and \( \) \* \. for these characters in names") from error


def _patterns(value: object, place: Place) -> tuple[re.Pattern[str], ...] | None:
    texts = _texts(value, place)
    if texts is None:
        return None
    return tuple(pattern for text in texts if (pattern := _pattern(text, place)))


def _one_of(words: tuple[str, ...]) -> Callable[[object, Place], str | None]:
    return lambda value, _: value if isinstance(value, str) and value in words else None


Reader: TypeAlias = tuple[Callable[[object, Place], Any], str]

_TEXT: Reader = (_text, "a text")
_TEXTS: Reader = (_texts, "a text or a list of texts")
_COUNT: Reader = (_count, "a whole number from 0 up")
_PATTERN: Reader = (_pattern, "a regular expression")
_PATTERNS: Reader = (_patterns, "a regular expression or a list of them")
_STATES: Reader = (_states, "a state or a list of states, such as 'chan receive'")
_FLAG: Reader = (_flag, "true or false")


def _word(words: tuple[str, ...]) -> Reader:
    return _one_of(words), "one of " + ", ".join(words)


ENTRY_KEYS: dict[str, Reader] = {
    **dict.fromkeys(("number", "title", "meaning", "normal", "suspicious", "cause", "fix", "look_for"), _TEXT),
    **dict.fromkeys(("source", "source_note", "owner", "told_by"), _TEXT),
    **dict.fromkeys(("owner_patterns", "see_also"), _TEXTS),
    **dict.fromkeys(("suspicious_above", "suspicious_minutes", "precedence"), _COUNT),
    "normal_per_owner": (_number, "a number from 0 up"),
    "kind": _word(get_args(Kind)),
    "role": _word(get_args(Role)),
    "leak_profile_sees": _word(get_args(Sight)),
}
"""The keys of an entry; beside these `id`, `match`, `example`, `states` and `created_by`."""

RULE_KEYS: dict[str, Reader] = {
    **dict.fromkeys(("leaf", "root", "created_by"), _PATTERN),
    **dict.fromkeys(("consecutive", "anywhere", "without"), _PATTERNS),
    "states": _STATES,
    "most_frames": _COUNT,
    "wakes": _FLAG,
    "needs_state": _FLAG,
}

EXAMPLE_KEYS: dict[str, Reader] = {"frames": _TEXTS, "state": _TEXT, "created_by": _TEXT, "wakes": _FLAG}

_SHARED = ("states", "created_by")
"""Keys of a match that may stand beside the matches: they hold for all that do not say otherwise."""


def read_entry(table: Table, file: str, earlier: Mapping[str, Table]) -> tuple[str, Table]:
    """Return id and checked table of an entry, put over the earlier one of that id.

    Raises
    ------
    CatalogueError
        If a key is unknown, missing or of the wrong kind.
    """
    name = _id_of(table, file)
    place = Place(file, name)
    _check_keys(table, {"id", "match", "example", *_SHARED, *ENTRY_KEYS}, place)
    merged = {**earlier.get(name, {}), **table, "origin": file}
    if missing := [key for key in REQUIRED if key not in merged]:
        msg = f"lacks {', '.join(missing)}"
        hint = "docs/reference/catalogue.md lists the keys; a changed entry must have the id of a known one"
        raise place.error(msg, hint)
    make_entry(merged)
    return name, merged


def make_entry(table: Table) -> Entry:
    """Make the entry of a table that holds all its keys."""
    place = Place(table["origin"], table["id"])
    values = {key: _read(table, key, reader, place) for key, reader in ENTRY_KEYS.items() if key in table}
    shared = {key: table[key] for key in _SHARED if key in table}
    entry = Entry(
        id=table["id"],
        origin=table["origin"],
        matches=tuple(_rules(table, shared, place)),
        examples=tuple(_examples(table, place)),
        **values,
    )
    return entry if entry.precedence else replace(entry, precedence=PRECEDENCE[entry.kind])


def _rules(table: Table, shared: Table, place: Place) -> list[Rule]:
    return [
        _rule({**shared, **rule}, Place(place.file, place.entry, number))
        for number, rule in enumerate(_tables(table, "match", place), start=1)
    ]


def _rule(table: Table, place: Place) -> Rule:
    _check_keys(table, set(RULE_KEYS), place)
    rule = Rule(**{key: _read(table, key, RULE_KEYS[key], place) for key in table})
    if not rule.names_frames and not rule.states:
        msg = "fits every goroutine"
        raise place.error(msg, "name a frame (leaf, root, consecutive, anywhere) or states")
    return rule


def _examples(table: Table, place: Place) -> list[Example]:
    examples = []
    for example in _tables(table, "example", place):
        _check_keys(example, set(EXAMPLE_KEYS), place)
        if "frames" not in example:
            msg = "an example lacks frames"
            raise place.error(msg, "list the functions of its stack, the one that blocks first")
        examples.append(Example(**{key: _read(example, key, EXAMPLE_KEYS[key], place) for key in example}))
    return examples


def _tables(table: Table, key: str, place: Place) -> list[Table]:
    tables = table.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        msg = f"{key} is {_shown(tables)}, not a list of tables"
        raise place.error(msg, f"write [[entry.{key}]] above the keys of each")
    return tables


def _id_of(table: Table, file: str) -> str:
    name = table.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        msg = f"an entry has the id {_shown(name)}" if "id" in table else "an entry lacks its id"
        raise Place(file).error(msg, "an id is lower-case words joined by -, such as http-client-body-open")
    return name


def _check_keys(table: Table, known: set[str], place: Place) -> None:
    unknown = next((key for key in table if key not in known), None)
    if unknown is not None:
        near = get_close_matches(unknown, known, n=1)
        msg = f"unknown key {unknown!r}"
        raise place.error(msg, f"did you mean {near[0]}?" if near else "known are " + ", ".join(sorted(known)))


def _read(table: Table, key: str, reader: Reader, place: Place) -> Any:
    read, wanted = reader
    value = read(table[key], place)
    if value is None:
        msg = f"{key} is {_shown(table[key])}, not {wanted}"
        raise place.error(msg)
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
