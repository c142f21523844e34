"""Goroutine headers: every form from Go 1.11 to 1.27."""

import pytest

from gostack_nb.formats.frames import UNKNOWN_NUMBER, Mark
from gostack_nb.formats.header import Attributes, Word, parse_attributes, parse_header, parse_word

NONE = UNKNOWN_NUMBER


@pytest.mark.parametrize(
    ("bracket", "state", "minutes", "marks", "bubble"),
    [
        (b"running", "running", NONE, Mark(0), NONE),
        (b"chan receive, 2 minutes", "chan receive", 2, Mark(0), NONE),
        (b"chan receive (nil chan), 1 minutes", "chan receive (nil chan)", 1, Mark(0), NONE),
        (b"select (no cases)", "select (no cases)", NONE, Mark(0), NONE),
        (b"chan receive (leaked)", "chan receive", NONE, Mark.LEAKED, NONE),
        (b"chan receive (nil chan) (leaked)", "chan receive (nil chan)", NONE, Mark.LEAKED, NONE),
        (b"sleep (durable), synctest bubble 4", "sleep", NONE, Mark.DURABLE, 4),
        (b"chan receive (synctest), synctest group 19", "chan receive", NONE, Mark.DURABLE, 19),
        (b"syscall, 12 minutes, locked to thread", "syscall", 12, Mark.LOCKED, NONE),
        (b"runnable (scan)", "runnable", NONE, Mark(0), NONE),
        (b"select (durable) (leaked), locked to thread, synctest bubble 1", "select", NONE, Mark(7), 1),
        (b"GC worker (idle)", "GC worker (idle)", NONE, Mark(0), NONE),
        (b"chan send, 1 parsecs", "chan send", NONE, Mark(0), NONE),
    ],
)
def test_bracket(bracket: bytes, state: str, minutes: int, marks: Mark, bubble: int) -> None:
    word, _, attributes = bracket.partition(b", ")
    first, others = parse_word(word), parse_attributes(attributes)
    assert first == Word(state, marks & ~Mark.LOCKED)
    assert others == Attributes(minutes, marks & Mark.LOCKED, bubble)


@pytest.mark.parametrize(
    ("line", "goroutine_id", "labels"),
    [
        (b"goroutine 1 [running]:", 1, None),
        (b"goroutine 8 gp=0xc000007a40 m=nil [select]:", 8, None),
        (b"goroutine 1 gp=0xf7fe4d3c1e0 m=0 mp=0x5a9b80 [running]:", 1, None),
        (b'goroutine 9 [select] {client: "c-17", role: ack}:', 9, '{"client":"c-17","role":"ack"}'),
        (b'goroutine 9 [select] {brace: "a}:b], c: d"}:', 9, '{"brace":"a}:b], c: d"}'),
        (b'goroutine 9 [select] {bad: "x", empty: }:', 9, '{"bad":"x","empty":""}'),
        (b'goroutine 9 [select labels:{"k": "v]"}]:', 9, '{"k":"v]"}'),
        (b'goroutine 9 gp=0x1 m=nil [select, 3 minutes labels:{"a": "b", "c": "d"}]:', 9, '{"a":"b","c":"d"}'),
        (b"goroutine 7 [select]:  ", 7, None),
    ],
)
def test_header(line: bytes, goroutine_id: int, labels: str | None) -> None:
    header = parse_header(line)
    assert header is not None
    assert (header.goroutine_id, header.labels, header.labels_broken) == (goroutine_id, labels, False)


@pytest.mark.parametrize(
    "line",
    [
        b"goroutine profile: total 288",
        b"goroutine 7 finished",
        b"goroutine 7 [sel",
        b"goroutine x [select]:",
        b"goroutine 1234567890123456789 [select]:",
        b"goroutine running on other thread; stack unavailable",
        b"",
    ],
)
def test_no_header(line: bytes) -> None:
    assert parse_header(line) is None


def test_broken_labels_do_not_lose_the_goroutine() -> None:
    header = parse_header(b'goroutine 7 [select] {a: "b}:')
    assert header is not None
    assert (header.word.state, header.labels, header.labels_broken) == ("select", None, True)
