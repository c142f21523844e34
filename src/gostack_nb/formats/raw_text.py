"""Go tracebacks -> the lines of one goroutine, as printed."""

import re

LONGEST_BYTES = 256 << 10
"""A goroutine prints at most 100 frames, of some 200 bytes each; what is longer is no goroutine alone."""


def goroutine_blocks(text: bytes, goroutine_id: int) -> list[bytes]:
    r"""Find the blocks of a goroutine in a text of Go tracebacks, one for each time it is printed.

    >>> goroutine_blocks(b"goroutine 1 [running]:\nmain.f()\n\ngoroutine 17 [select]:\nmain.g()\n\n", 17)
    [b'goroutine 17 [select]:\nmain.g()']
    """
    header = re.compile(rb"^goroutine %d (?:gp=[^\[\n]*)?\[" % goroutine_id, re.MULTILINE)
    return [text[found.start() : _end(text, found.end())] for found in header.finditer(text)]


def _end(text: bytes, start: int) -> int:
    """Find the end of a block: before an empty line, or where the next goroutine begins."""
    stops = (text.find(mark, start) for mark in (b"\n\n", b"\ngoroutine "))
    end = min((stop for stop in stops if stop >= 0), default=len(text))
    return min(end, start + LONGEST_BYTES)
