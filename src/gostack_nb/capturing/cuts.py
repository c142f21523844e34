"""Which part of the goroutines an answer holds: Go cuts debug=2 without a word, lines break."""

import re

from gostack_nb.sources.http_answer import Answer
from gostack_nb.sources.pprof import Part

GO_CUTS_AT_BYTES = 1 << 26
"""debug=2 ends at 64 MiB, with status 200 and no mark (runtime/pprof/pprof.go, writeGoroutineStacks)."""

FEW = 0.5
"""A text with less than this share of the goroutines counted a moment before has lost some on its way."""

_TOTAL = re.compile(rb"goroutine(?:leak)? profile: total (\d{1,18})\n")
_HEADER = re.compile(rb"^goroutine \d+ [^\n]*\[", re.MULTILINE)


def total_in(body: bytes) -> int | None:
    r"""Return the count that the first line of debug=1 tells.

    >>> total_in(b"goroutine profile: total 288\n154 @ 0x1\n")
    288
    """
    found = _TOTAL.match(body)
    return int(found[1]) if found else None


def cut_words(answer: Answer, part: Part, total: int | None) -> str | None:
    """Say why an answer is incomplete and how many goroutines it holds; None if it is complete.

    Parameters
    ----------
    answer : Answer
        What came.
    part : Part
        What it was asked for.
    total : int or None
        Goroutines that debug=1 or the index counted a moment before.
    """
    if not part.stops_the_service:
        return answer.cut
    held = len(_HEADER.findall(answer.body))
    reason = _reason(answer, held, total)
    return f"{reason}: {_coverage(held, total)}" if reason else None


def _reason(answer: Answer, held: int, total: int | None) -> str | None:
    if answer.cut:
        return answer.cut.partition(":")[0]
    if len(answer.body) == GO_CUTS_AT_BYTES:
        return f"Go ends debug=2 at 64 MiB ({GO_CUTS_AT_BYTES:,} bytes)"
    if not answer.body.endswith(b"\n"):
        return "the text ends in the middle of a line"
    if total is not None and held < FEW * total:
        return "the text is shorter than the count"
    return None


def _coverage(held: int, total: int | None) -> str:
    return f"{held:,} goroutines" if total is None else f"{held:,} of {total:,} goroutines"
