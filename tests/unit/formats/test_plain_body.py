"""Bodies taken apart: many at a time give what each alone gives, and one that is not plain spoils no other."""

from itertools import pairwise

import pytest

from gostack_nb.formats.debug2 import parse_debug2
from gostack_nb.formats.dumps import split_dumps
from gostack_nb.formats.frames import Frame, Stack
from gostack_nb.formats.plain_body import PlainBodies
from gostack_nb.formats.records import Records
from gostack_nb.formats.stacks import Stacks
from gostack_nb.formats.tracebacks import SEPARATOR, read_tracebacks
from tests.property.side_by_side import rows_of_columns

LEAF, BELOW = b"main.f(\n\t/srv/main.go:7 +0x1d", b"main.g(...)\n\t/srv/main.go:9"
CREATED, PLACE = b"created by main.main", b"\t/srv/main.go:3 +0x2b"
PLAIN = {
    (LEAF, None): Stack((Frame("main.f", "/srv/main.go", 7),)),
    (LEAF + b"\n" + BELOW, None): Stack((Frame("main.f", "/srv/main.go", 7), Frame("main.g", "/srv/main.go", 9))),
    (LEAF + b"\n" + CREATED, PLACE): Stack(
        (Frame("main.f", "/srv/main.go", 7),), Frame("main.main", "/srv/main.go", 3)
    ),
    (BELOW + b"\n" + LEAF + b"\n" + CREATED, PLACE): Stack(
        (Frame("main.g", "/srv/main.go", 9), Frame("main.f", "/srv/main.go", 7)), Frame("main.main", "/srv/main.go", 3)
    ),
}
ODD = [
    (b"", None),
    (b"main.f(", None),
    (b"main.f(\n\t/srv/main.go", None),
    (b"hello\n\t/srv/main.go:7", None),
    (LEAF + b"\n...12 frames elided...\n" + BELOW, None),
    (LEAF + b"\nmain.g(", None),
    (LEAF + b"\n" + CREATED, b"no place"),
    (LEAF + b"\n" + CREATED, PLACE + b"\n[originating from goroutine 1]:\n" + BELOW),
    (LEAF + b"\nmain.main(", PLACE),
    (CREATED, PLACE),
    (b"\n", b""),
]


def stacks_of(bodies: list[tuple[bytes, bytes | None]]) -> list[Stack | None]:
    records = Records()
    reader = PlainBodies(records)
    codes = reader.codes([reader.parts(before, behind) for before, behind in bodies])
    stacks = Stacks.of_parts(tuple(records.frames), records.below, records.stacks)
    return [None if code is None else stacks[code] for code in codes]


def test_plain_bodies_all_at_once() -> None:
    assert stacks_of(list(PLAIN)) == list(PLAIN.values())


@pytest.mark.parametrize("odd", ODD)
def test_one_that_is_not_plain_among_others(odd: tuple[bytes, bytes | None]) -> None:
    first, *others = PLAIN
    assert stacks_of([first, odd, *others, odd]) == [PLAIN[first], None, *map(PLAIN.__getitem__, others), None]


def test_equal_stacks_have_one_code_even_if_their_texts_differ() -> None:
    reader = PlainBodies(Records())
    first, second = (reader.parts(b"main.f(\n\t/srv/main.go:7" + offset, None) for offset in (b" +0x1d", b" +0x2b"))
    assert first != second
    assert reader.codes([first, second, first]) == [0, 0, 0]


def goroutine(number: int) -> bytes:
    """Print one of many distinct stacks; every seventh is not plain."""
    elided = "...5 frames elided...\n" if number % 7 == 0 else ""
    return (
        f"goroutine {number} [select, {number} minutes]:\nmain.f(0x1)\n\t/srv/main.go:{number} +0x1d\n{elided}"
        f"main.g()\n\t/srv/main.go:{number % 5 + 1} +0x1d\n"
        "created by main.main in goroutine 1\n\t/srv/main.go:3 +0x2b\n"
    ).encode()


@pytest.mark.parametrize("size", [1, 2, 5, 50])
def test_distinct_stacks_in_many_pieces_are_those_of_one(size: int) -> None:
    """Behind a piece of new stacks the next one's bodies are not looked up as a whole; sixty are new, known, new."""
    goroutines = [goroutine(number) for number in (*range(1, 61), *range(1, 61), *range(61, 121))]
    renumbered = [b"goroutine %d" % at + text[text.index(b" [") :] for at, text in enumerate(goroutines, 1)]
    whole = b"\n".join(renumbered)
    cuts = [0, *(whole.index(text) for text in renumbered[size::size]), len(whole)]
    dumps = split_dumps(read_tracebacks(whole[start:end] for start, end in pairwise(cuts)))
    assert whole.count(SEPARATOR) == 179
    assert [rows_of_columns(dump) for dump in dumps] == [rows_of_columns(dump) for dump in parse_debug2(whole)]
    assert [len(dump.stacks) for dump in dumps] == [120]
