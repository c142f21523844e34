"""Line numbers from byte offsets."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.columns import Issue


def line_starts(text: bytes) -> NDArray[np.int64]:
    r"""Return the offset at which each line begins.

    >>> line_starts(b"a\nbc\n").tolist()
    [0, 2, 5]
    """
    ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n"))
    return np.concatenate([[0], ends + 1]).astype(np.int64)


def numbered(issues: tuple[Issue, ...], starts: NDArray[np.int64]) -> tuple[Issue, ...]:
    """Give each issue that has an offset the number of its line, from 1."""
    return tuple(
        issue
        if issue.byte_offset is None
        else replace(issue, line_number=int(np.searchsorted(starts, issue.byte_offset, side="right")))
        for issue in issues
    )


def line_numbers(pieces: Iterable[bytes], offsets: Iterable[int]) -> dict[int, int]:
    r"""Find the line of each offset in a text that comes in pieces, from 1.

    >>> line_numbers([b"a\nb", b"c\nd"], [0, 3, 5])
    {0: 1, 3: 2, 5: 3}
    """
    wanted = sorted(set(offsets))
    numbers: dict[int, int] = {}
    start, line = 0, 1
    for piece in pieces:
        first, end = len(numbers), bisect_right(wanted, start + len(piece))
        done = 0
        for place in (offset - start for offset in wanted[first:end]):
            line += piece.count(b"\n", done, place)
            done = place
            numbers[start + place] = line
        line += piece.count(b"\n", done)
        start += len(piece)
        if len(numbers) == len(wanted):
            break
    return numbers
