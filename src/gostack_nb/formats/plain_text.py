"""Text on its way out of a log: the bytes, the log stream, and where each line stood in the input."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 1 << 20
"""Large texts are rewritten in chunks of whole lines of this size, to bound the memory for lists of lines."""

MAX_STREAMS = 1000
"""With more streams than this the names are taken for something else and the lines stay together."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """Text as Go printed it, or one step nearer to it.

    Attributes
    ----------
    text : bytes
        LF line ends, UTF-8 (invalid bytes kept), TABs as printed where they could be restored.
    stream : str or None
        The pod, container, process or compose service of the lines; None if the input does not tell.
    origin : array of int64 or None
        Line number in the input, from 1, of each line of `text`; None: `text` is the input itself.
    """

    text: bytes
    stream: str | None = None
    origin: NDArray[np.int64] | None = None


class Piece(NamedTuple):
    """A piece of a stream: its text with the line end (a partial line has none), and its line, from 0."""

    stream: str | None
    text: bytes
    line: int


@dataclass(slots=True)
class _Gathered:
    texts: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def count_lines(text: bytes) -> int:
    r"""Count the lines; a last line without line end counts.

    >>> count_lines(b"a\nb\n"), count_lines(b"a\nb"), count_lines(b"")
    (2, 2, 0)
    """
    return text.count(b"\n") + (bool(text) and not text.endswith(b"\n"))


def line_numbers(plain: PlainText) -> NDArray[np.int64]:
    """Give the line number in the input of each line."""
    if plain.origin is not None:
        return plain.origin
    return np.arange(1, count_lines(plain.text) + 1, dtype=np.int64)


def with_text(plain: PlainText, text: bytes) -> PlainText:
    """Replace the text, line by line the same lines."""
    return PlainText(text, plain.stream, line_numbers(plain)[: count_lines(text)])


def join_names(outer: str | None, inner: str | None) -> str | None:
    r"""Name a stream within a stream, by characters that tables hold: see `to_bytes`; other bytes become escapes.

    >>> join_names("push-1", "stderr"), join_names(None, "stderr"), join_names("push-1", "\udcff\ud800")
    ('push-1/stderr', 'stderr', 'push-1/??')
    """
    name = "/".join(name for name in (outer, inner) if name)
    return to_bytes(name).decode("utf-8", "backslashreplace") or None


def to_str(text: bytes) -> str:
    """Decode; bytes that are no UTF-8 survive the way back through `to_bytes`."""
    return text.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    r"""Encode; half a surrogate pair, from an escape such as `\ud800`, becomes a question mark."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def chunks(text: bytes) -> Iterator[bytes]:
    """Cut into chunks of whole lines."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + CHUNK_BYTES) + 1 or len(text)
        yield text[start:end]
        start = end


def map_lines(plain: PlainText, rewrite: Callable[[bytes], bytes]) -> PlainText:
    """Rewrite each line; a line may become several."""
    lines = [rewrite(line) for line in plain.text.removesuffix(b"\n").split(b"\n")]
    counts = [line.count(b"\n") + 1 for line in lines]
    numbers = line_numbers(plain)
    text = b"\n".join(lines) + b"\n" * plain.text.endswith(b"\n")
    return PlainText(text, plain.stream, np.repeat(numbers, counts[: len(numbers)])[: count_lines(text)])


def drop_lines(plain: PlainText, *, drop: NDArray[np.bool_], text: bytes) -> PlainText:
    """Replace the text by one in which the lines marked in `drop` no longer start a line."""
    return PlainText(text, plain.stream, line_numbers(plain)[~drop][: count_lines(text)])


def gather(plain: PlainText, pieces: Iterable[Piece]) -> list[PlainText]:
    """Collect the pieces of each stream, in the order in which the streams first appear."""
    streams: dict[str | None, _Gathered] = {}
    for stream, text, line in pieces:
        if not text:
            continue
        name = stream if stream in streams or len(streams) < MAX_STREAMS else None
        gathered = streams.setdefault(name, _Gathered())
        gathered.texts.append(text)
        gathered.lines.append(line)
    numbers = line_numbers(plain)
    return [
        PlainText(b"".join(got.texts), join_names(plain.stream, name), numbers[_line_starts(got)])
        for name, got in streams.items()
    ]


def _line_starts(gathered: _Gathered) -> NDArray[np.int64]:
    r"""Give for each line of the joined text the line of the piece in which it starts.

    >>> _line_starts(_Gathered([b"ab", b"c\n", b"d\ne\n"], [0, 1, 2]))
    array([0, 2, 2])
    """
    ended = np.array([True, *(text.endswith(b"\n") for text in gathered.texts)])
    inside = np.array([text.count(b"\n") for text in gathered.texts]) - ended[1:]
    return np.repeat(np.array(gathered.lines, dtype=np.int64), inside + ended[:-1])


class Evidence(NamedTuple):
    """How much of a text looks exactly as Go prints it: lines that start a record, lines inside one."""

    heads: int
    frames: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.heads + self.frames


# runtime/traceback.go goroutineheader, printcreatedby, traceback2; runtime/pprof/pprof.go printCountProfile.
# Each branch is exact up to the line's end (a prefix, a trailing space, spaces for a TAB are no evidence) and
# deterministic up to its last `[^\n]*`, so that a line costs time proportional to its length.
GO_LINE = re.compile(
    rb"\n(?:(?P<head>goroutine \d+ (?:\[|gp=)[^\n]*:|goroutine(?:leak)? profile: total \d+"
    rb"|\d+ @(?: 0x[0-9a-f]++)++)"
    rb"|created by [^\s.]+\.\S+(?: in goroutine \d+)?"
    rb"|\t[^\s:#][^\n]*:\d+(?: \+0x[0-9a-f]+)?(?: fp=[^\n]*\S| pc=0x[0-9a-f]+)?"
    rb"|#\t0x[0-9a-f]+\t[^\n]*\S"
    rb"|[^\W\d][^\s(:=\"]*\([^\n]*\))(?=\n)"
)

# The words from which a dump is known wherever they stand, also escaped in a string or behind a prefix.
DUMP_WORDS = re.compile(rb"goroutine \d+ (?:\[|gp=0x)|goroutine(?:leak)? profile: total \d")


def weigh(text: bytes) -> Evidence:
    r"""Count the lines that look exactly as Go prints them.

    >>> weigh(b"goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:7 +0x1d\n> main.main()\n")
    Evidence(heads=1, frames=2)
    """
    kinds = [match.lastgroup for match in GO_LINE.finditer(b"\n" + text + b"\n")]
    heads = kinds.count("head")
    return Evidence(heads, len(kinds) - heads)


def looks_like_dump(text: bytes) -> bool:
    """Tell whether any line looks exactly as Go prints it."""
    return GO_LINE.search(b"\n" + text + b"\n") is not None
