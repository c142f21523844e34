"""Take off what a log pipeline puts in front of each line, and separate the streams that it mixed."""

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gostack_nb.formats.plain_text import (
    DUMP_WORDS,
    MAX_STREAMS,
    PlainText,
    chunks,
    count_lines,
    drop_lines,
    join_names,
    line_numbers,
    with_text,
)

MAX_PREFIX_BYTES = 200
"""A longer text in front of a header is no prefix."""

MAX_LEARNT_PREFIXES = 64
"""Of prefixes that no table knows, so many different ones are taken off."""

_TIME = (
    rb"[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    rb"(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d|[A-Z]{2,3}T(?= )))?"
)
_ISO_STAMP = rb"\d{4}-\d\d-\d\d" + _TIME
_STAMP = rb"\d{4}[-/]\d\d[-/]\d\d" + _TIME
_MONTH_DAY = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?"
_NO_LEVEL = rb"(?!(?i:trace|debug|info|notice|warn|warning|err|error|fatal|panic|critical)\b)"
_END = rb"(?: |(?=\n|\Z))"  # one space, which an editor may have trimmed from an empty line


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stands in front of a line; group 1, where there is one, names the stream.

    Patterns start with the line end before them: Python then finds the candidates with memchr.
    `mark` matches the lines of the wrapper, `key` matches at every line, `cut` is what is taken off.
    """

    mark: re.Pattern[bytes]
    key: re.Pattern[bytes]
    cut: re.Pattern[bytes]


def prefix(source: bytes, *, cut: bytes | None = None) -> Prefix:
    """Build a prefix from its pattern; `cut` if not all of it is to be taken off."""
    lines = re.compile(b"\n" + source)
    return Prefix(lines, re.compile(b"\n(?:" + source + b")?"), re.compile(b"\n" + cut) if cut else lines)


# kubelet: 2026-11-23T09:10:45.416123789+08:00 stderr F goroutine 1 [running]:   (P: to be continued)
CRI = prefix(
    _STAMP + rb" (stdout|stderr) [FP](?::[^\s]*)?" + _END,
    cut=_STAMP + rb" (?:stdout|stderr) F(?::[^\s]*)?" + _END,
)
_CRI_PARTIAL = re.compile(rb"(?m)^" + _STAMP + rb" (?:stdout|stderr) P(?::[^\s]*)? ([^\n]*)(?:\n|\Z)")
_CRI_IS_PARTIAL = re.compile(rb"\n(" + _STAMP + rb" (?:stdout|stderr) P[ :])?")

# docker compose logs: push-1  | goroutine 1 [running]:      docker service logs: push.1.k2x9k@node-3    | goroutine ..
COMPOSE = prefix(_NO_LEVEL + rb"([A-Za-z0-9][\w.@-]*) *\|" + _END)

# kubectl logs --prefix, kubetail: [pod/push-7d9c5b6f4-x2x9k/push] goroutine 1 [running]:
POD = prefix(rb"\[" + _NO_LEVEL + rb"([A-Za-z][\w./:-]*)\]" + _END)

# gh run view --log: test<TAB>Run go test<TAB>2026-11-23T09:10:45.4161230Z goroutine 1 [running]:
GH_RUN = prefix(rb"([^\t\n]{1,100}\t[^\t\n]{1,100})\t(?:\xef\xbb\xbf)?" + _STAMP + _END)

# syslog RFC 5424: <14>1 2026-11-23T09:10:45.416123Z node-3 push 4242 - - goroutine 1 [running]:
SYSLOG = prefix(
    rb"(?:\d+ )?<\d{1,3}>1 \S+ (\S+ \S+ \S+) \S+ (?:-|(?:\[(?:[^\]\\\n]|\\.)*+\])++)(?: \xef\xbb\xbf)?" + _END
)

# journalctl, syslog RFC 3164, heroku: Nov 23 09:10:45 node-3 push[4242]: goroutine 1 [running]:
# -o short-iso: 2026-11-23T09:10:45+0800 node-3 push[4242]:
# -o short-full: Mon 2026-11-23 09:10:45 UTC node-3 push[4242]:
# -o short-unix: 1795424023.265123 node-3 push[4242]:
# -o short-monotonic: [  123.456789] node-3 push[4242]:
_JOURNAL_TIMES = (rb"(?:[A-Z][a-z]{2} )?" + _ISO_STAMP, _MONTH_DAY, rb"\d{9,11}\.\d{6}", rb"\[ *\d+\.\d{6}\]")
_JOURNAL = (
    rb"(?:<\d{1,3}>)?(?:" + b"|".join(_JOURNAL_TIMES) + rb") "
    rb"(" + _NO_LEVEL + rb"(?:[^\s:\[\]]+ )?[^\s:\[\]]+(?:\[[^\]\s]*\])?):"
)
JOURNAL = prefix(_JOURNAL + _END)
_JOURNAL_MORE = re.compile(rb"\n(" + _JOURNAL + rb" )([^\n]*)((?:\n {16,}+[^\n]*+)++)")

# docker logs -t, kubectl logs --timestamps, GitHub: 2026-11-23T09:10:45.4161230Z goroutine 1 [running]:
# package log: 2026/11/23 09:10:45 main.go:33: goroutine 1 [running]:
# GitLab: 2026-11-23T09:10:45.416123Z 01E goroutine 1 [running]:
STAMP = prefix(
    rb"\[?" + _STAMP + rb"\]?(?:: |\t|" + _END + rb")"
    rb"(?:\d\d[OE](?:\+|" + _END + rb"))?(?:[^\s:]+\.go:\d+:" + _END + rb")?"
)

# logcli query: 2026-11-23T09:10:45Z {pod="push-0"} goroutine 1 [running]:
LABELS = prefix(rb"(\{[\w.]+=\"[^{}\n]*\"\})" + _END)

# klog, glog: I1123 09:10:45.416123    4242 signal.go:33] goroutine 1 [running]:
KLOG = prefix(rb"[IWEF]\d{4,8} \d\d:\d\d:\d\d\.\d{6} +\d+ [^\s\]]+:\d+\]" + _END)


@dataclass(slots=True)
class _Stream:
    texts: list[bytes] = field(default_factory=list)
    indices: list[NDArray[np.int64]] = field(default_factory=list)


def strip_prefix(plain: PlainText, kind: Prefix) -> list[PlainText]:
    """Take the prefix off the lines that have it; the others follow the line before them."""
    if not kind.mark.groups:
        return [_cut_all(plain, kind)]
    streams = _separate(plain.text, kind)
    if len(streams) > MAX_STREAMS:
        return [_cut_all(plain, kind)]
    numbers = line_numbers(plain)
    return [_as_plain_text(plain, numbers, name, found) for name, found in streams.items()]


def _as_plain_text(plain: PlainText, numbers: NDArray[np.int64], name: bytes, found: _Stream) -> PlainText:
    text = b"".join(found.texts)
    origin = numbers[np.concatenate(found.indices)]
    return PlainText(text, join_names(plain.stream, _name(name)), origin[: count_lines(text)])


def strip_cri(plain: PlainText) -> list[PlainText]:
    """Take off kubelet's prefix and join the lines that it split."""
    return [_join_partials(stream) for stream in strip_prefix(plain, CRI)]


def strip_journal(plain: PlainText) -> list[PlainText]:
    """Take off journald's prefix; the further lines of a message are indented by the width of the prefix."""
    if b"\n" + b" " * 16 not in plain.text:
        return strip_prefix(plain, JOURNAL)
    whole = _JOURNAL_MORE.sub(_outdent, b"\n" + plain.text)[1:]
    return strip_prefix(PlainText(whole, plain.stream, line_numbers(plain)), JOURNAL)


def _outdent(match: re.Match[bytes]) -> bytes:
    return match[0][: match.start(4) - match.start()] + match[4].replace(b"\n" + b" " * len(match[1]), b"\n")


def _cut_all(plain: PlainText, kind: Prefix) -> PlainText:
    text = b"".join(kind.cut.sub(b"\n", b"\n" + chunk)[1:] for chunk in chunks(plain.text))
    return with_text(plain, text)


def _separate(text: bytes, kind: Prefix) -> dict[bytes, _Stream]:
    """Collect the stripped lines and their indices by stream."""
    streams: dict[bytes, _Stream] = {}
    current, first = b"", 0
    for chunk in chunks(text):
        body = b"\n" + chunk.removesuffix(b"\n")
        keys = kind.key.findall(body)
        names = set(keys) - {b""}
        current = current or next(filter(None, keys), b"")
        stripped = kind.cut.sub(b"\n", body)[1:]
        if names <= {current}:
            indices = np.arange(first, first + len(keys), dtype=np.int64)
            _add(streams, current, stripped, indices)
        else:
            current = _deal(streams, stripped.split(b"\n"), _fill(keys, current), first)
        first += len(keys)
        if len(streams) > MAX_STREAMS:
            break
    if streams and not text.endswith(b"\n"):  # cut off in the middle of a line: let it be seen
        last = streams[current].texts
        last[-1] = last[-1].removesuffix(b"\n")
    return streams


def _add(streams: dict[bytes, _Stream], name: bytes, text: bytes, indices: NDArray[np.int64]) -> None:
    stream = streams.setdefault(name, _Stream())
    stream.texts.append(text + b"\n")
    stream.indices.append(indices)


def _fill(keys: list[bytes], current: bytes) -> list[bytes]:
    """Give each line without a name that of the line before it."""
    return [current := key or current for key in keys]


def _deal(streams: dict[bytes, _Stream], lines: list[bytes], keys: list[bytes], first: int) -> bytes:
    """Hand out the lines of one chunk, and give the stream of the last: the next chunk may go on with it."""
    places: dict[bytes, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    for key, found in places.items():
        _add(
            streams,
            key,
            b"\n".join([lines[place] for place in found]),
            np.array(found, dtype=np.int64) + first,
        )
    return keys[-1]


def _join_partials(plain: PlainText) -> PlainText:
    """Join `TIME stderr P text` with the line after it."""
    if not _CRI_PARTIAL.search(plain.text):
        return plain
    lines = _CRI_IS_PARTIAL.findall(b"\n" + plain.text.removesuffix(b"\n"))
    drop = np.array([False, *map(bool, lines[:-1])])
    return drop_lines(plain, drop=drop, text=_CRI_PARTIAL.sub(rb"\1", plain.text))


def _name(name: bytes) -> str | None:
    text = name.decode("utf-8", "replace").strip(" \t:|>")
    return (text if "[" in text else text.removesuffix("]")) or None


_NAME = re.compile(_NO_LEVEL + rb"[A-Za-z][\w./-]*(?: [A-Za-z][\w./-]*)?[ \t:|>\]]+")
_CREATED = re.compile(rb"created by [^\s.]+\.\S")
_BULLET = re.compile(rb"[ \t]*(?:[-*+]|0[.)]) +")
_DIGITS = re.compile(rb"\d+")
_PLAIN_PANIC = re.compile(rb"^panic: ", re.MULTILINE)


def strip_learnt(plain: PlainText) -> list[PlainText]:
    """Take off a prefix that stands in front of the headers themselves, whatever it is.

    Names separate streams (a sidecar's `push-server goroutine 1 [running]:`). Of anything else only digits
    may vary from line to line: `> `, four spaces, `- `, `  12<TAB>` (cat -n), `12:` and `13-` (grep -n -A),
    `[09:10:45.416] `.
    """
    found = _learn(DUMP_WORDS, plain.text) or _learn(_CREATED, plain.text)
    names = Counter({text: count for text, count in found.items() if _NAME.fullmatch(text)})
    if 2 * names.total() > found.total():
        return strip_prefix(plain, prefix(_any_name(_most_common(names))))
    masks = dict.fromkeys(_mask(shape) for shape in _most_common(_shapes(found - names)))
    return [_cut_all(plain, prefix(b"(?:" + b"|".join(masks) + b")"))] if masks else []


def _any_name(names: list[bytes]) -> bytes:
    """Match any of the prefixes, the name as group 1; an empty line may have lost the space at its end."""
    bodies = dict.fromkeys(re.escape(name.rstrip(b" \t")) for name in names)
    tails = dict.fromkeys(re.escape(name[len(name.rstrip(b" \t")) :]) for name in names)
    return b"(" + b"|".join(bodies) + b")(?:" + b"|".join(tails) + rb"|(?=\n|\Z))"


def _learn(words: re.Pattern[bytes], text: bytes) -> Counter[bytes]:
    """Count the texts in front of these words.

    Not one that only adds white space to another, or to nothing: since go1.23 Go indents what is part of a panic's
    message, headers too.
    """
    found: Counter[bytes] = Counter()
    plain = _PLAIN_PANIC.search(text) is not None
    for match in words.finditer(text):
        end = match.start()
        start = text.rfind(b"\n", max(0, end - MAX_PREFIX_BYTES), end) + 1
        if start < end and (start or end <= MAX_PREFIX_BYTES):
            found[text[start:end]] += 1
        plain = plain or start == end
    shapes = _shapes(found + Counter({b"": int(plain)}))
    return Counter({text: count for text, count in found.items() if not _adds_space(_shape(text), shapes)})


def _adds_space(shape: bytes, shapes: Counter[bytes]) -> bool:
    return any(shape[:end] in shapes for end in range(len(shape.rstrip()), len(shape)))


def _shape(text: bytes) -> bytes:
    """Make texts that differ in digits only equal."""
    return _DIGITS.sub(b"0", text)


def _shapes(found: Counter[bytes]) -> Counter[bytes]:
    shapes: Counter[bytes] = Counter()
    for text, count in found.items():
        shapes[_shape(text)] += count
    return shapes


def _most_common(found: Counter[bytes]) -> list[bytes]:
    """Give the most frequent texts, of several prefixes of one text the longest first."""
    return sorted((text for text, _ in found.most_common(MAX_LEARNT_PREFIXES)), key=len, reverse=True)


def _literal(text: bytes) -> bytes:
    """Match a prefix; an empty line may have lost the space at its end."""
    body = text.rstrip(b" \t")
    tail = text[len(body) :]
    return re.escape(body) + (b"(?:" + re.escape(tail) + rb"|(?=\n|\Z))" if body and tail else re.escape(tail))


def _mask(shape: bytes) -> bytes:
    """Match a prefix whatever its digits; numbers may be right-aligned, a bullet is on one line only."""
    if _BULLET.fullmatch(shape):
        return b"(?:" + re.escape(shape).replace(b"0", rb"\d+") + b"|" + b" " * len(shape) + b")"
    pattern = _literal(shape).replace(b"0", rb"\d+")
    numbered = re.sub(rb"^(?:\\ )+(?=\\d)", rb" *", pattern)
    return re.sub(rb"^((?: \*)?\\d\+):", rb"\1[:-]", numbered)
