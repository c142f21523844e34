"""Bodies taken apart: what each says, what is not plain, and that it does not count in which pieces they come."""

from itertools import pairwise

import pytest

from gostack_nb.formats import tracebacks
from gostack_nb.formats.chunks import LONGEST_BLOCK, SEPARATOR, may_be_stack
from gostack_nb.formats.debug2 import parse_debug2
from gostack_nb.formats.dumps import split_dumps
from gostack_nb.formats.frames import Frame, Stack
from gostack_nb.formats.numbered_stacks import stacks_of
from gostack_nb.formats.plain_body import PlainBodies, are_numbers
from gostack_nb.formats.records import Records
from gostack_nb.formats.tracebacks import read_tracebacks
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


def stacks_read(bodies: list[tuple[bytes, bytes | None]]) -> list[Stack | None]:
    records = Records()
    reader = PlainBodies(records)
    codes = [code_of(records, reader, *body) for body in bodies]
    stacks = stacks_of(records)
    return [None if code is None else stacks[code] for code in codes]


def code_of(records: Records, reader: PlainBodies, before: bytes, behind: bytes | None) -> int | None:
    try:
        return records.stacks.append(reader.parts(before, behind))
    except KeyError:
        return None


def test_plain_bodies_say_their_stacks() -> None:
    assert stacks_read(list(PLAIN)) == list(PLAIN.values())


@pytest.mark.parametrize("odd", ODD)
def test_one_that_is_not_plain_among_others(odd: tuple[bytes, bytes | None]) -> None:
    first, *others = PLAIN
    assert stacks_read([first, odd, *others, odd]) == [PLAIN[first], None, *map(PLAIN.__getitem__, others), None]


def test_a_scanned_stack_is_the_same_as_one_taken_apart() -> None:
    records = Records()
    codes = [records.stack_code(stack) for stack in [*PLAIN.values(), Stack(())]]
    stacks = stacks_of(records)
    assert [stacks[code] for code in codes] == [*PLAIN.values(), Stack(())]


def test_offsets_do_not_count_and_must_be_offsets() -> None:
    reader = PlainBodies(Records())
    first, second = (reader.parts(b"main.f(\n\t/srv/main.go:7" + offset, None) for offset in (b" +0x1d", b""))
    assert first == second
    assert reader.are_offsets((b"", b"+0x1d", b"+0x2b"))
    assert not reader.are_offsets((b"+0x1d", b"+0x", b"hello"))


@pytest.mark.parametrize(
    ("texts", "longest", "plain"),
    [((b"1", b"007"), 3, True), ((b"1", b""), 3, False), ((b"1", b"1234"), 3, False), ((b"1", b" 2"), 3, False)],
)
def test_numbers_are_digits_and_not_too_many(texts: tuple[bytes, ...], longest: int, plain: bool) -> None:
    assert are_numbers(texts, longest) is plain


def goroutine(number: int) -> bytes:
    """Print one of many distinct stacks; every seventh is not plain."""
    elided = "...5 frames elided...\n" if number % 7 == 0 else ""
    return (
        f"goroutine {number} [select, {number} minutes]:\nmain.f(0x1)\n\t/srv/main.go:{number} +0x1d\n{elided}"
        f"main.g()\n\t/srv/main.go:{number % 5 + 1} +0x1d\n"
        "created by main.main in goroutine 1\n\t/srv/main.go:3 +0x2b\n"
    ).encode()


ODD_LINES = (b":9999999999 +0x1d", b":7 +0xzz", b": +0x1d", b":7 +0x1d extra")
"""In place of a line number and an offset."""


@pytest.mark.parametrize("size", [1, 2, 5, 50])
@pytest.mark.parametrize("odd_line", [b":7 +0x1d", *ODD_LINES])
def test_distinct_stacks_in_many_pieces_are_those_of_one(size: int, odd_line: bytes) -> None:
    """Behind a piece of new stacks the bodies of the next are not looked up as a whole; sixty are new, known, new."""
    goroutines = [goroutine(number) for number in (*range(1, 61), *range(1, 61), *range(61, 121))]
    goroutines[100] = goroutines[100].replace(b":3 +0x2b", odd_line)
    goroutines[110] = goroutines[110].replace(b"[select", b"[chan receive")
    goroutines[115] = goroutines[115].replace(b"main.f(0x1)", b"no call")
    renumbered = [b"goroutine %d" % at + text[text.index(b" [") :] for at, text in enumerate(goroutines, 1)]
    whole = b"\n".join(renumbered)
    cuts = [0, *(whole.index(text) for text in renumbered[size::size]), len(whole)]
    dumps = split_dumps(read_tracebacks(whole[start:end] for start, end in pairwise(cuts)))
    assert whole.count(SEPARATOR) == 179
    assert [rows_of_columns(dump) for dump in dumps] == [rows_of_columns(dump) for dump in parse_debug2(whole)]
    assert len(set(dumps[0].stacks)) > 120


@pytest.mark.parametrize("size", [1, 10, 90])
@pytest.mark.parametrize("lines", [1, 90])
def test_bodies_of_one_length_and_creator_are_told_apart(size: int, lines: int) -> None:
    """Known ones, and new ones that are taken apart."""
    named = [("main." + "abcd"[number % 4], "main." + "xyz"[number % 3], 100 + number % lines) for number in range(90)]
    goroutines = [
        f"goroutine {number} [select]:\n{leaf}(0x1)\n\t/srv/main.go:{line} +0x1d\n{below}()\n\t/srv/main.go:3 +0x1d\n"
        "created by main.main in goroutine 1\n\t/srv/main.go:5 +0x2b\n".encode()
        for number, (leaf, below, line) in enumerate(named, 1)
    ]
    pieces = (b"\n".join(goroutines[start : start + size]) + b"\n" for start in range(0, 90, size))
    (dump,) = split_dumps(read_tracebacks(pieces))
    stacks = [dump.stacks[number].frames for number in dump.stack.tolist()]
    assert [(leaf.function, below.function, leaf.line) for leaf, below in stacks] == named


def deep_goroutine(calls: int) -> bytes:
    return b"goroutine 9 [select]:\n" + b"main.f(0x1)\n\t/srv/main.go:7 +0x1d\n" * calls


def test_a_stack_deeper_than_any_is_not_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time for each byte of it is that of a short one."""
    calls = LONGEST_BLOCK // 20
    monkeypatch.setattr(tracebacks, "scan_region", lambda *_: pytest.fail("read line by line"))
    for end in (b"", b"\n" + goroutine(1)):
        (dump,) = parse_debug2(deep_goroutine(calls) + end)
        assert dump.stacks.size()[0] == calls
        assert not dump.issues


def test_a_goroutine_with_a_log_behind_it_is_no_body() -> None:
    """It would be split into lines as a whole; the scanner passes most of a log over."""
    goroutine = deep_goroutine(1)
    log = b"2026-11-23 INFO served\n"
    assert not may_be_stack(goroutine + log * (LONGEST_BLOCK // len(log)))
    assert may_be_stack(goroutine + (log * 1000 + b"\n") * (LONGEST_BLOCK // (1000 * len(log))))
    assert may_be_stack(goroutine + log * 1000)
