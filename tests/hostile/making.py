"""How the shapes are made: bytes of any size, the same each time."""

from collections.abc import Callable, Iterator
from itertools import count, takewhile

HEAD = b"goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:7 +0x1d\n\n"
COUNTED = b"goroutine profile: total 288\n"

Shape = Callable[[int], bytes]


def repeated(piece: bytes, *, head: bytes = HEAD, end: bytes = b"") -> Shape:
    """Make the shape that says the same again and again."""
    return lambda size: head + piece * (size // len(piece)) + end


def numbered(piece: str, *, head: bytes = HEAD, end: bytes = b"") -> Shape:
    """Make the shape in which each piece has its number, `{0}`."""

    def shape(size: int) -> bytes:
        sizes = count()
        pieces = (piece.format(number).encode() for number in sizes)
        return head + b"".join(up_to(size, pieces)) + end

    return shape


def up_to(size: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    total = 0

    def fits(piece: bytes) -> bool:
        nonlocal total
        total += len(piece)
        return total <= size

    return takewhile(fits, pieces)
