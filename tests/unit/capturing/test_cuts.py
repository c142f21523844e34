"""Texts that end before their end, and the share of the goroutines that they hold."""

from datetime import UTC, datetime

import pytest

from gostack_nb.capturing.cost import stop_words, stopped_seconds
from gostack_nb.capturing.cuts import GO_CUTS_AT_BYTES, cut_words, total_in
from gostack_nb.sources.http_answer import Answer
from gostack_nb.sources.pprof import COUNTS, LEAKED, STACKS, Part
from tests.unit.pprof_service import debug1, debug2

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BROKEN = "the connection broke after 1,234 bytes: what came before is read"


def answered(body: bytes, cut: str | None = None) -> Answer:
    return Answer("http://h/", 200, "OK", {}, body, cut, NOW, NOW)


def filled_up_to_the_limit() -> bytes:
    line = debug2(1) + b"\n"
    return (line * (GO_CUTS_AT_BYTES // len(line) + 1))[:GO_CUTS_AT_BYTES]


@pytest.mark.parametrize(
    ("part", "body", "cut", "total", "words"),
    [
        (STACKS, debug2(3), None, 3, None),
        (STACKS, debug2(3), None, None, None),
        (STACKS, debug2(3), None, 5, None),  # two of five may have ended in between
        (STACKS, debug2(3), None, 7, "the text is shorter than the count: 3 of 7 goroutines"),
        (STACKS, debug2(3)[:-9], None, 3, "the text ends in the middle of a line: 3 of 3 goroutines"),
        (STACKS, debug2(3)[:-9], BROKEN, 5, "the connection broke after 1,234 bytes: 3 of 5 goroutines"),
        (STACKS, debug2(3)[:-9], BROKEN, None, "the connection broke after 1,234 bytes: 3 goroutines"),
        (COUNTS, debug1(3), None, 3, None),
        (COUNTS, debug1(3), BROKEN, 3, BROKEN),
        (LEAKED, debug1(1, "goroutineleak"), None, 3, None),
    ],
)
def test_cuts(part: Part, body: bytes, cut: str | None, total: int | None, words: str | None) -> None:
    assert cut_words(answered(body, cut), part, total) == words


def test_go_cuts_at_64_mib_without_a_word() -> None:
    body = filled_up_to_the_limit()
    held = body.count(b"goroutine ")
    words = f"Go ends debug=2 at 64 MiB (67,108,864 bytes): {held:,} of 1,065,770 goroutines"
    assert cut_words(answered(body), STACKS, 1_065_770) == words


def test_headers_with_labels_and_marks_count() -> None:
    body = b"goroutine 8 gp=0x1 m=nil [chan receive (leaked)] {role: ack}:\nmain.f()\n\t/a.go:1 +0x1\n"
    assert cut_words(answered(body * 3), STACKS, 12) == "the text is shorter than the count: 3 of 12 goroutines"


@pytest.mark.parametrize(
    ("body", "total"),
    [(debug1(288), 288), (debug1(5, "goroutineleak"), 5), (b"goroutine 1 [running]:\n", None), (b"", None)],
)
def test_the_total_stands_in_the_first_line(body: bytes, total: int | None) -> None:
    assert total_in(body) == total


@pytest.mark.parametrize(
    ("goroutines", "words"),
    [
        (10_000, "about 0.2 s in all, up to 0.09 s at a time"),
        (100_000, "about 3 s in all, up to 1 s at a time"),
        (1_000_000, "about 3 s in all, up to 1 s at a time"),  # the text stops growing at 64 MiB
    ],
)
def test_the_pause_is_estimated_from_what_was_measured(goroutines: int, words: str) -> None:
    assert stop_words(goroutines) == words


def test_few_goroutines_cost_next_to_nothing() -> None:
    assert 0 <= stopped_seconds(0) <= stopped_seconds(10) < 0.001
