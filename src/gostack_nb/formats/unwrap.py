"""Turn text as it looks after a log pipeline or copy-paste into text as Go printed it, stream by stream.

A wrapper is a layer, and layers nest: compose around logrus, CRI around JSON. The layers stand in one table
and are tried in order on a sample; the first whose result is better evidence of a dump is taken off
everywhere, and so on. Lines that do not carry the wrapper stay as they are.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from gostack_nb.formats import log_json, log_prefixes, log_text
from gostack_nb.formats.plain_text import DUMP_WORDS, Evidence, PlainText, count_lines, looks_like_dump, weigh

__all__ = ["PlainText", "is_wrapped", "unwrap"]

MAX_LAYERS = 16
"""Wrappers inside wrappers: what lies deeper stays as it is."""

SAMPLE_BYTES = 64 << 10
"""How much is looked at in each of the places where a sample is taken."""

CONTEXT_BYTES = 4 << 10
"""How much of it stands before the first dump."""


class Trial(NamedTuple):
    """What a layer does to the sample: evidence before and after, and the share of lines with its mark."""

    before: Evidence
    after: Evidence
    share: float


@dataclass(frozen=True, slots=True)
class Layer:
    """One wrapper: bytes that show it may be there, how it comes off, when that is right.

    `strip` gives one text per stream, or nothing if the wrapper is not there after all.
    `needs_all`: half a text cannot be told from broken text; it is tried on everything, where no dump is visible.
    """

    name: str
    mark: re.Pattern[bytes]
    strip: Callable[[PlainText], list[PlainText]]
    accepts: Callable[[Trial], bool]
    needs_all: bool = False


def _always(_: Trial) -> bool:
    """Accept: the mark itself is what Go never prints."""
    return True


def _keeps(trial: Trial) -> bool:
    """Accept what harms no line of a dump."""
    return trial.after.total >= max(trial.before.total, 1)


def _reveals(trial: Trial) -> bool:
    """Accept a header gained, or a large gain; where another layer hides the dump, the mark on most lines.

    Not a line or two inside of goroutines: `2026/11/23 09:10:45 retry(3)` between the lines of a dump is no frame.
    """
    return (
        trial.after.heads > trial.before.heads
        or trial.after.total > 1.25 * trial.before.total
        or (trial.before.total == 0 and trial.share >= 0.5)
    )


def _reveals_most(trial: Trial) -> bool:
    """Accept a large gain inside of goroutines: a few quoted lines in a dump are part of the dump."""
    frames = trial.after.frames - trial.before.frames
    heads = trial.after.heads - trial.before.heads
    return frames >= max(1, heads) and trial.after.total > 1.25 * trial.before.total


def _regroups(trial: Trial) -> bool:
    """Accept where empty lines stood inside of goroutines: no line of them may be lost."""
    return trial.after == trial.before


def _prefixed(name: str, kind: log_prefixes.Prefix) -> Layer:
    return Layer(name, kind.mark, partial(log_prefixes.strip_prefix, kind=kind), _reveals)


_STRANGE = (b"\r", b"\x1b", b"\n\xef\xbb\xbf")
_ANY = re.compile(rb"(?=.)", re.DOTALL)

# Order: first what hides characters, then what hides lines, then what changes lines.
LAYERS = (
    Layer("UTF-16", re.compile(rb"\n(?:\xff\xfe|\xfe\xff)|\0"), log_text.decode_utf16, _always, needs_all=True),
    Layer("byte order mark", re.compile(rb"\n\xef\xbb\xbf"), log_text.drop_bom, _always),
    Layer("CR", re.compile(rb"\r"), log_text.unify_line_ends, _always),
    Layer("colours", re.compile(rb"\x1b"), log_text.drop_escape_sequences, _always),
    Layer("colours as text", re.compile(rb"\^\[\[|#033\["), log_text.drop_escape_sequences, _reveals),
    Layer("CRI", log_prefixes.CRI.mark, log_prefixes.strip_cri, _reveals),
    _prefixed("compose", log_prefixes.COMPOSE),
    _prefixed("pod", log_prefixes.POD),
    _prefixed("gh run", log_prefixes.GH_RUN),
    _prefixed("syslog", log_prefixes.SYSLOG),
    Layer("journal", log_prefixes.JOURNAL.mark, log_prefixes.strip_journal, _reveals),
    _prefixed("timestamp", log_prefixes.STAMP),
    _prefixed("labels", log_prefixes.LABELS),
    _prefixed("klog", log_prefixes.KLOG),
    Layer("JSON lines", re.compile(rb"\n[ \t,\[]*\{"), log_json.strip_json_lines, _reveals),
    Layer("JSON", re.compile(rb"\n[ \t,\[]*\{\s*\""), log_json.strip_json_documents, _reveals, needs_all=True),
    Layer("HTML", re.compile(rb"(?i)<pre[ >]"), log_text.strip_html, _keeps),
    Layer("HTTP head", re.compile(rb"\nHTTP/\d"), log_text.drop_http_head, _keeps),
    Layer("escapes", re.compile(rb'\\n|="'), log_text.expand_escapes, _reveals_most),
    Layer("octal escapes", re.compile(rb"#01[12]"), log_text.expand_octal, _reveals),
    Layer("learnt prefix", _ANY, log_prefixes.strip_learnt, _reveals_most),
    Layer("glued header", re.compile(rb"[^\w\n]goroutine \d+ \["), log_text.split_glued_heads, _reveals),
    Layer("trailing space", re.compile(rb"[):\da-f][ \t]+\n"), log_text.drop_trailing_space, _reveals_most),
    Layer(
        "doubled lines",
        log_text.FRAME_APART,
        log_text.drop_doubled_lines,
        _regroups,
    ),
    Layer(
        "spaces for TAB", re.compile(rb"\n(?:# +0x|(?: |\xc2\xa0)++\S[^\n]*:\d)"), log_text.restore_tabs, _reveals_most
    ),
)


def unwrap(data: bytes) -> list[PlainText]:
    r"""Take the wrappers off, and give the lines of each log stream that holds a dump.

    Parameters
    ----------
    data : bytes
        A text file, decompressed.

    Returns
    -------
    list of PlainText
        One per stream with lines of a dump, in the order of their first lines; all streams if none has any.
        Text that needs nothing is the same bytes object with `origin` None.

    Examples
    --------
    >>> [plain] = unwrap(b"push-1  | goroutine 1 [running]:\npush-1  | main.main()\n")
    >>> plain.text, plain.stream, plain.origin
    (b'goroutine 1 [running]:\nmain.main()\n', 'push-1', array([1, 2]))
    """
    plains = _peel(PlainText(data), MAX_LAYERS)
    if len(plains) == 1:
        return plains
    return [plain for plain in plains if looks_like_dump(plain.text)] or plains


def is_wrapped(sample: bytes) -> bool:
    """Whether a layer comes off these lines."""
    return _outermost(sample) is not None


def _peel(plain: PlainText, depth: int) -> list[PlainText]:
    """Take off one layer after the other; every stream has its own."""
    layer = _outermost(plain.text) if depth else None
    if layer is None:
        return [plain]
    return [inner for outer in layer.strip(plain) or [plain] for inner in _peel(outer, depth - 1)]


class _Looked(NamedTuple):
    """What is looked at of a text: a sample, the same with a line end before it, what is seen of a dump in it."""

    text: bytes
    sample: bytes
    lines: bytes  # made once for all layers: of a text in one line it is a copy of everything
    evidence: Evidence


def _outermost(text: bytes) -> Layer | None:
    sample = _sample(text)
    looked = _Looked(text, sample, b"\n" + sample, weigh(sample))
    return next((layer for layer in LAYERS if _comes_off(layer, looked)), None)


def _comes_off(layer: Layer, looked: _Looked) -> bool:
    """Tell whether the layer is there and taking it off shows more of a dump."""
    if not layer.mark.search(looked.lines) or (layer.needs_all and looked.evidence.total):
        return False
    tried = looked.text if layer.needs_all else looked.sample
    stripped = [plain.text for plain in layer.strip(PlainText(tried))]
    if not stripped or stripped == [tried]:
        return False
    after = weigh(b"".join(_sample(part) for part in stripped))
    marked = len(layer.mark.findall(looked.lines))
    return layer.accepts(Trial(looked.evidence, after, marked / max(1, count_lines(looked.sample))))


def _sample(text: bytes) -> bytes:
    """Take whole lines from both ends, around the first dump and the last, and where Go never prints a byte."""
    if len(text) <= 3 * SAMPLE_BYTES:
        return text
    first = DUMP_WORDS.search(text)
    places = [0, first.start() if first else 0, text.rfind(b"goroutine "), len(text)]
    strange = [_find(text, sign) for sign in _STRANGE]
    windows = sorted({_window(text, max(0, place - CONTEXT_BYTES)) for place in places + strange})
    return b"".join(text[slice(*window)] for window in windows)


def _find(text: bytes, sign: bytes) -> int:
    """Find a sign; one byte is looked for forty times as fast as several, and most texts lack it."""
    return text.find(sign) if sign[-1:] in text else -1


def _window(text: bytes, place: int) -> tuple[int, int]:
    start = text.rfind(b"\n", 0, place) + 1
    return start, text.find(b"\n", min(start + SAMPLE_BYTES, len(text))) + 1 or len(text)
