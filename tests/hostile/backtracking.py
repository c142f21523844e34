"""Which patterns of `re` can take more than linear time: found in the parsed pattern, nothing is run.

A repeat is *loose* if it has no bound and gives back what it took. Two shapes are looked for:

- nested: a loose repeat in a loose repeat, where what the inner one takes can also go on with the next round of the
  outer one: `(a+)+`, `(\\s*x?)*`; or two branches of a loose repeat that begin alike: `(a|ab)*`. Exponential.
- neighbours: two loose repeats over common characters with nothing between them that the first could not take too:
  `\\s*\\s*x`, `.*}.*\\(`. Quadratic.
"""

import re
import re._constants as sre
import re._parser as parser
from collections.abc import Iterator, Sequence
from typing import Any

Items = Sequence[tuple[Any, Any]]

OTHER = 256
"""Stands for every character beyond Latin-1."""

EVERYTHING = frozenset(range(OTHER + 1))
_NEWLINE = frozenset({10})
_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_NOT_WORD: r"\W",
}
_MANY = 1000
"""A bound of so many is none: the patterns of the project say 999 where they mean few."""


class Pattern:
    """One pattern, parsed."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        in_a_group = "(?i" in str(pattern.pattern)
        self.flags = pattern.flags | (re.IGNORECASE if in_a_group else 0)
        self.items: Items = list(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))

    def traps(self) -> list[str]:
        """Say in a word each what may take more than linear time."""
        return [*self._traps(self.items)]

    def _traps(self, items: Items) -> Iterator[str]:
        yield from self._neighbours(items)
        for op, argument in items:
            if _is_loose(op, argument):
                yield from self._nested(list(argument[2]))
            for part in _parts(op, argument):
                yield from self._traps(part)

    def _nested(self, body: Items) -> Iterator[str]:
        for inside, rest in self._loose_in(body):
            follows = self.first(rest) | (self.first(body) if self.is_nullable(rest) else frozenset())
            if inside & follows:
                yield "nested"
        for branches in _branches(body):
            firsts = [self.first(branch) for branch in branches]
            if sum(map(len, firsts)) > len(frozenset().union(*firsts)) and not _are_exclusive(branches):
                yield "branches"

    def _loose_in(self, items: Items) -> Iterator[tuple[frozenset[int], Items]]:
        """Yield what each loose repeat takes, and what follows it within these items."""
        for index, (op, argument) in enumerate(items):
            rest = list(items[index + 1 :])
            if _is_loose(op, argument):
                yield self.first(list(argument[2])), rest
            if op is sre.ATOMIC_GROUP or op is sre.POSSESSIVE_REPEAT:
                continue
            for part in _parts(op, argument):
                for inside, behind in self._loose_in(part):
                    yield inside, [*behind, *rest]

    def _neighbours(self, items: Items) -> Iterator[str]:
        """Find two repeats, and between them only what both could take: the second scans from each end of the first."""
        flat = [*_flattened(items)]
        for index, item in enumerate(flat):
            if _is_loose(*item):
                taken = self.first(_body(item))
                yield from self._scanned_again(flat[index + 1 :], taken)

    def _scanned_again(self, items: Items, taken: frozenset[int]) -> Iterator[str]:
        between: list[tuple[Any, Any]] = []
        for item in items:
            if item[0] is sre.ASSERT_NOT and item[1][0] < 0:  # the first repeat cannot end behind these
                taken -= self.first(list(item[1][1]))
            if _is_loose(*item):
                common = self.first(_body(item)) & taken
                if common and all(self._may_be(one, common) for one in between):
                    yield "neighbours"
                    return
            if not self._may_be(item, taken):
                return
            between.append(item)

    def _may_be(self, item: tuple[Any, Any], taken: frozenset[int]) -> bool:
        """Whether an item may be left out, or matches characters of the set."""
        return self.is_nullable([item]) or bool(self.first([item]) & taken)

    def first(self, items: Items) -> frozenset[int]:
        """Return the characters with which a match of the items can begin."""
        found: frozenset[int] = frozenset()
        for item in items:
            found |= self._first_of(*item)
            if not self.is_nullable([item]):
                break
        return found

    def is_nullable(self, items: Items) -> bool:
        """Whether the items can match nothing."""
        return all(self._item_is_nullable(*item) for item in items)

    def _item_is_nullable(self, op: Any, argument: Any) -> bool:
        if op in {sre.AT, sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF, sre.GROUPREF_EXISTS}:
            return True
        if op in _REPEATS:
            return bool(argument[0] == 0) or self.is_nullable(list(argument[2]))
        if op is sre.BRANCH:
            return any(self.is_nullable(list(branch)) for branch in argument[1])
        return all(self.is_nullable(part) for part in _parts(op, argument)) if _parts(op, argument) else False

    def _first_of(self, op: Any, argument: Any) -> frozenset[int]:
        if op in {sre.AT, sre.ASSERT, sre.ASSERT_NOT}:
            return frozenset()
        if op is sre.ANY:
            return EVERYTHING if self.flags & re.DOTALL else EVERYTHING - _NEWLINE
        if op is sre.LITERAL:
            return self._literal(argument)
        if op is sre.NOT_LITERAL:
            return EVERYTHING - self._literal(argument)
        if op is sre.IN:
            return self._class(argument)
        parts = _parts(op, argument)
        return frozenset().union(*map(self.first, parts)) if parts else EVERYTHING

    def _literal(self, code: int) -> frozenset[int]:
        codes = {code, ord(chr(code).swapcase()[0])} if self.flags & re.IGNORECASE else {code}
        return frozenset(min(one, OTHER) for one in codes)

    def _class(self, members: Items) -> frozenset[int]:
        found: set[int] = set()
        for op, argument in members:
            if op is sre.RANGE:
                found.update(*(self._literal(code) for code in range(argument[0], min(argument[1], OTHER) + 1)))
            elif op is sre.LITERAL:
                found |= self._literal(argument)
            elif op is sre.CATEGORY:
                found |= _category(argument)
        negated = bool(members) and members[0][0] is sre.NEGATE
        return EVERYTHING - found if negated else frozenset(found)


_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def _is_loose(op: Any, argument: Any) -> bool:
    return op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[1] > _MANY


def _body(item: tuple[Any, Any]) -> Items:
    return list(item[1][2])


def _parts(op: Any, argument: Any) -> list[Items]:
    if op in _REPEATS:
        return [list(argument[2])]
    if op is sre.SUBPATTERN:
        return [list(argument[3])]
    if op is sre.BRANCH:
        return [list(branch) for branch in argument[1]]
    if op in {sre.ASSERT, sre.ASSERT_NOT}:
        return [list(argument[1])]
    return [list(argument)] if op is sre.ATOMIC_GROUP else []


def _branches(items: Items) -> Iterator[list[Items]]:
    """Yield the branches that stand in these items themselves or in their groups."""
    for op, argument in items:
        if op is sre.BRANCH:
            yield [list(branch) for branch in argument[1]]
        if op is sre.SUBPATTERN:
            yield from _branches(list(argument[3]))


def _are_exclusive(branches: list[Items]) -> bool:
    """Whether all branches are texts of one length that differ."""
    texts = [tuple(branch) for branch in branches]
    plain = all(op is sre.LITERAL for branch in branches for op, _ in branch)
    return plain and len({len(text) for text in texts}) == 1 and len(set(texts)) == len(texts)


def _flattened(items: Items) -> Iterator[tuple[Any, Any]]:
    for op, argument in items:
        if op is sre.SUBPATTERN:
            yield from _flattened(list(argument[3]))
        else:
            yield op, argument


def _category(name: Any) -> frozenset[int]:
    matched = re.compile(_CATEGORIES[name].encode())
    found = {code for code in range(OTHER) if matched.match(bytes([code]))}
    return frozenset(found | {OTHER})
