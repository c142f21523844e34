"""No pattern of the package can be made to take more than linear time by what it is matched against."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import gostack_nb
from gostack_nb.formats import log_prefixes
from tests.hostile.backtracking import Pattern

LEARNT = (
    log_prefixes.prefix(log_prefixes._any_name([b"push goroutine ", b"ack: "])),
    log_prefixes.prefix(b"(?:" + log_prefixes._mask(b"  0: ") + b"|" + log_prefixes._mask(b"- ") + b")"),
)


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(gostack_nb.__path__, "gostack_nb."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def patterns_in(value: Any, depth: int = 5) -> Iterator[re.Pattern[Any]]:
    """Find the patterns in a value: in collections and in objects of the package."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth:
        for part in parts_of(value):
            yield from patterns_in(part, depth - 1)


def parts_of(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, tuple | list | set | frozenset):
        return list(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    return []


def found_patterns() -> dict[str, re.Pattern[Any]]:
    """Return the patterns by the module and name under which they were found."""
    found: dict[re.Pattern[Any], str] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in patterns_in(value):
                found.setdefault(pattern, f"{module.__name__}.{name}")
    for learnt in LEARNT:
        for pattern in patterns_in(learnt):
            found.setdefault(pattern, "learnt prefix")
    return {f"{name} {pattern.pattern!r:.80}": pattern for pattern, name in found.items()}


def test_no_pattern_goes_back_again_and_again() -> None:
    patterns = found_patterns()
    assert len(patterns) > 150, "the patterns are no longer found where they are looked for"
    assert {name: traps for name, pattern in patterns.items() if (traps := Pattern(pattern).traps())} == {}


@pytest.mark.parametrize(
    ("pattern", "traps"),
    [
        (r"(?:a+)+$", {"nested"}),
        (r"(?:a*b?)*$", {"nested"}),
        (r"(?:\s*x?)*y", {"nested"}),
        (r"((a)|(ab))*$", {"branches"}),
        (r"(?i:(?:ab|A)*)$", {"branches"}),
        (r"\s*\s*x", {"neighbours"}),
        (r"[^\n]*\}[^\n]*?\(", {"neighbours"}),
        (r"<td>\s*1\s*(?:</td>)?\s*<td>", {"neighbours"}),
        (r"(?:\.\w+)*$", set()),
        (r"(?:a++)+$", set()),
        (r"(?>\s*)\s*x", set()),
        (r"(?:ab|cd)*$", set()),
        (r"\S.*?(?<![ \t])[ \t]*$", set()),
        (r".+:(\d+)$", set()),
    ],
)
def test_the_check_tells_traps_from_others(pattern: str, traps: set[str]) -> None:
    assert set(Pattern(re.compile(pattern)).traps()) == traps
    assert set(Pattern(re.compile(pattern.encode())).traps()) == traps
