"""Anything that the browser gets -> as much of it as one message may weigh, whatever a dump has in it."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import TypeVar

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls but tab and line feed, marks that turn the direction of writing, and what is no character."""

Sent = TypeVar("Sent")
Size = TypeVar("Size")

LENGTHS = (300, 150, 80, 40, 16, 6)
"""Characters that are kept of a text, tried in this order."""

OPTIONS_BYTES = 20_000
LISTED_BYTES = 20_000
STATIC_BYTES = 12_000
DETAIL_BYTES = 50_000
SIDES_BYTES = 50_000
BOXES_BYTES = 50_000
TEXT_BYTES = 40_000
"""What the parts of a view weigh at most, so that all that one choice changes stays below 100,000 bytes."""


def size_of(sent: object) -> int:
    """Return how many bytes a value is on its way to the browser."""
    return len(json.dumps(sent, ensure_ascii=False).encode("utf-8", "replace"))


def fitted(make: Callable[[Size], Sent], limit: int, sizes: Sequence[Size]) -> Sent:
    """Make it in the first size that the limit allows; in the last if none does.

    >>> fitted(lambda longest: "a long name"[:longest], 8, (11, 6, 3))
    'a long'
    """
    for size in sizes[:-1]:
        made = make(size)
        if size_of(made) <= limit:
            return made
    return make(sizes[-1])


def first_of(items: Iterable[Sent], limit: int) -> list[Sent]:
    """Return as many items as the limit allows, in their order.

    >>> first_of(["select", "sleep", "running"], 20)
    ['select', 'sleep']
    """
    left = limit

    def fits(item: Sent) -> bool:
        nonlocal left
        left -= size_of(item) + 2
        return left >= 0

    return list(takewhile(fits, items))


def spread(items: Sequence[Sent], most: int) -> list[Sent]:
    """Return at most so many of the items, the first and the last among them, the others evenly between.

    >>> spread("abcdefg", 3)
    ['a', 'd', 'g']
    """
    if len(items) <= most:
        return list(items)
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def cut(text: str, longest: int) -> str:
    """Shorten a text to so many characters; the last one says that there is more.

    >>> cut("a long name", 6)
    'a lon…'
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def readable(text: str) -> str:
    r"""Write as escapes what would turn the text around it or hide in it: controls, half a surrogate pair.

    >>> readable("a\u202eb\x1b\ud800")
    'a\\u202eb\\x1b\\ud800'
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
