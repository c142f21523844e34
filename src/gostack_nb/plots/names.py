"""Step of drawing: groups -> names that fit on a chart and that the font can draw."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from gostack_nb.analysis.keys import LABEL_PREFIX, By, key_names
from gostack_nb.analysis.snapshots import PROCESS

NAME_WIDTH = 44
"""Characters of a function's name on a chart; the tables have the whole name."""

LINE_WIDTH = 56
"""Characters of all values of a key in one line."""

PROCESS_WIDTH = 24
"""Characters of the name of a process."""

NOT_TOLD = "state not told"
"""What a chart writes for a state that the form of the dump does not print."""

FAMILIES = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "Droid Sans Fallback")
"""Fonts by preference; the first one comes with matplotlib, the others are used where they are installed."""

_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|$~!&"})
_STACKS = frozenset({"signature", "stack_id"})
_SAID_BY_THE_STACK = frozenset({*_STACKS, "user_function", "top_function", "user_location", "created_by", "state"})


@lru_cache(maxsize=1)
def installed_families() -> tuple[str, ...]:
    """Return those of `FAMILIES` that matplotlib can find here."""
    from matplotlib import font_manager  # noqa: PLC0415  importing this module must stay cheap

    known = set(font_manager.get_font_names())
    return tuple(name for name in FAMILIES if name in known)


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    from matplotlib import font_manager  # noqa: PLC0415

    drawn = set()
    for family in installed_families():
        faces = [font_manager.FontProperties(family=family, weight=weight) for weight in ("normal", "bold")]
        maps = [font_manager.get_font(font_manager.findfont(face)).get_charmap() for face in faces]
        drawn |= set(maps[0]) & set(maps[1])
    return frozenset(drawn)


def drawable(text: str) -> str:
    r"""Write control characters, and those that no installed font can draw, as Go escapes them.

    >>> drawable("main.f\x1b\n")
    'main.f\\x1b\\n'
    """
    glyphs = _glyphs()
    return "".join(
        character if character.isprintable() and ord(character) in glyphs else _escaped(character) for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def shortened(text: str, width: int = NAME_WIDTH) -> str:
    """Cut a text in the middle, so that its beginning and its end stay.

    >>> shortened("main.(*connection).acknowledgeEverything", 24)
    'main.(*conn…geEverything'
    """
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def short_function(function: str, width: int = NAME_WIDTH) -> str:
    """Shorten a function's name: the import path from the left, then the rest in the middle.

    >>> short_function("example.com/acme/monorepo/services/internal/push.(*Hub).run", 30)
    '…/internal/push.(*Hub).run'
    """
    name = drawable(function)
    if len(name) <= width:
        return name
    elements = name.split("/")
    kept = next((n for n in range(len(elements) - 1, 0, -1) if len("/".join(elements[-n:])) + 2 <= width), 0)
    return "…/" + "/".join(elements[-kept:]) if kept else shortened(name, width)


def short_location(location: str, width: int = NAME_WIDTH) -> str:
    """Shorten `file:line` to the file's own name.

    >>> short_location("/srv/app/main.go:233")
    'main.go:233'
    """
    return shortened(drawable(PurePosixPath(location).name), width)


def group_names(table: pd.DataFrame, by: By) -> list[str]:
    r"""Name each group of an analysis for a chart.

    Parameters
    ----------
    table : DataFrame
        A result of `group`, `growth`, `count_by_snapshot` or `waiting`.
    by : str or sequence of str
        The key that it was made with. A key with stacks gives two lines, the function and where it is blocked;
        any other key gives its own values.

    Returns
    -------
    list of str
        One name per row; equal names of different stacks carry the beginning of the `stack_id`.
    """
    keys = key_names(by)
    if not _STACKS & set(keys):
        return _joined(table, keys)
    details = [name for name in ("state",) if name in keys] + ["user_location"]
    details += [name for name in keys if name not in _SAID_BY_THE_STACK]
    return _told_apart(_functions(table), _joined(table, details), table["stack_id"].astype("object").tolist())


def _joined(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    words = (_words(table, name) for name in columns)
    return [shortened(", ".join(row), LINE_WIDTH) for row in zip(*words, strict=True)]


def _functions(table: pd.DataFrame) -> list[str]:
    """Name the user's function, or the leaf where every frame is of the standard library."""
    user, top = (table[name].astype("object") for name in ("user_function", "top_function"))
    return [short_function(_text(name, "(no function)")) for name in user.where(user.notna(), top)]


def _told_apart(names: list[str], below: list[str], stack_ids: Sequence[object]) -> list[str]:
    stacks: dict[tuple[str, str], set[object]] = {}
    for name, detail, stack in zip(names, below, stack_ids, strict=True):
        stacks.setdefault((name, detail), set()).add(stack)
    return [
        f"{name}\n{detail}" + (f", stack {str(stack)[:6]}" if len(stacks[name, detail]) > 1 else "")
        for name, detail, stack in zip(names, below, stack_ids, strict=True)
    ]


def _words(table: pd.DataFrame, column: str) -> list[str]:
    values = table[column].astype("object")
    if column.endswith("_location"):
        other = table["top_location"].astype("object") if "top_location" in table else values
        return [short_location(_text(value, "no file")) for value in values.where(values.notna(), other)]
    return [_word(column, value) for value in values]


def _word(column: str, value: object) -> str:
    """Say one value of a key in words: `state` -> `chan receive`, `label:role` -> `role=ack`."""
    known = not pd.isna(value)  # type: ignore[call-overload]
    if column == "state":
        return drawable(str(value)) if known else NOT_TOLD
    if column == "created_by":
        return f"created by {short_function(str(value))}" if known else "no creator"
    if column.endswith("_function"):
        return short_function(_text(value, "(no function)"))
    if column.startswith(LABEL_PREFIX):
        key = drawable(column.removeprefix(LABEL_PREFIX))
        return shortened(f"{key}={drawable(str(value))}") if known else f"no label {key}"
    return shortened(f"{column} {drawable(str(value))}") if known else f"{column} not told"


def _text(value: object, unknown: str) -> str:
    return str(value) if isinstance(value, str) and value else unknown


def process_name(row: "pd.Series[Any]") -> str:
    """Name a process by its instance, else its service."""
    words = [str(row[name]) for name in PROCESS[::-1] if isinstance(row[name], str)]
    return shortened(drawable(words[0]), PROCESS_WIDTH) if words else "(unnamed)"


def markdown_text(text: str) -> str:
    r"""Escape what Markdown would take for markup.

    >>> print(markdown_text("main.(*T).f_1 <b> $x$"))
    main.(\*T).f\_1 \<b\> \$x\$
    """
    return text.translate(_MARKDOWN)


def in_process(name: str, process: str) -> str:
    """Add the name of the process to the last line of a group's name."""
    return name + (", " if "\n" in name else "\n") + process


def one_line(name: str) -> str:
    """Return the function's line of a group's name."""
    return name.split("\n", 1)[0]
