"""A text that comes in pieces, cut anew between its goroutines."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gostack_nb.formats.scanner import Region, has_long_stretch

MARK = b"goroutine "
SEPARATOR = b"\n\ngoroutine "

LONGEST_BLOCK = 1 << 20
"""Go prints 100 frames at most; what is longer mostly has a log behind it, of which the scanner reads little."""


class Chunk(NamedTuple):
    """Whole blocks of the text, and where they begin; only the last chunk may end anywhere."""

    text: bytes
    offset: int
    is_last: bool


def chunks_of(pieces: Iterable[bytes]) -> Iterator[Chunk]:
    r"""Cut a text anew: behind blank lines before a header.

    >>> list(chunks_of([b"goroutine 1 [running]:\n\ngorou", b"tine 2 [running]:\n"]))[-1]
    Chunk(text=b'goroutine 2 [running]:\n', offset=24, is_last=True)
    """
    held: list[bytes] = []  # text without a place to cut at; never much, but in a log with other text
    rest, offset = b"", 0
    for piece in pieces:
        text, cut = piece, piece.rfind(SEPARATOR)
        if cut < 0:
            text, rest = rest + piece, b""
            cut = text.rfind(SEPARATOR)
        if cut < 0:
            keep = max(0, len(text) - len(SEPARATOR) + 1)
            held.append(text[:keep])
            rest = text[keep:]
            continue
        chunk = b"".join((*held, rest, memoryview(text)[:cut]))
        yield Chunk(chunk, offset, is_last=False)
        held.clear()
        rest, offset = text[cut + 2 :], offset + len(chunk) + 2
    yield Chunk(b"".join((*held, rest)), offset, is_last=True)


class RawBlocks:
    """The blocks of a chunk as printed, with their arguments; made only if one of them is odd."""

    __slots__ = ("_blocks", "_chunk", "_offsets")

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._blocks: list[bytes] = []
        self._offsets: list[int] = []

    def region(self, index: int) -> Region:
        """Return the block with its header's first word, and where it begins in the text."""
        if not self._blocks:
            self._split()
        block, offset = self._blocks[index], self._offsets[index]
        if index:
            block, offset = MARK + block, offset - len(MARK)
        return Region(block, offset, is_last=self._chunk.is_last and index == len(self._blocks) - 1)

    def _split(self) -> None:
        self._blocks = self._chunk.text.split(SEPARATOR)
        offset = self._chunk.offset
        for block in self._blocks:
            self._offsets.append(offset)
            offset += len(block) + len(SEPARATOR)


def may_be_stack(block: bytes) -> bool:
    """Whether a block is as long as Go prints one, or would be read to its last line in any case."""
    return len(block) <= LONGEST_BLOCK or not has_long_stretch(block)
