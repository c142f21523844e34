r"""One label set, however Go printed it, as one canonical JSON text.

Three writers, three spellings of `{"bad": b"\xff", "role": b"ack", "none": b""}`:

- a header since go1.27 (runtime/traceback.go, goroutineheader): `{bad: "\xff", none: , role: ack}`,
  quoted only where a character stands outside `A-Z a-z 0-9 . / _`; go1.26: `{"bad": "\ufffd", ...}`;
- debug=1 (runtime/pprof/label.go, labelMap.String): `{"bad":"\xff", "none":"", "role":"ack"}`, Go's %q;
- debug=0: raw bytes in the protobuf's string table.

All become `{"bad":"\\xff","none":"","role":"ack"}`: a byte that is no UTF-8 is the four characters `\xff`.
"""

import json
import re
from collections.abc import Iterable

NO_LABELS = "{}"
"""The canonical text of the empty label set: as good as no labels."""

# strconv/quote.go (%q) and runtime/print.go (printquoted): only these escapes are ever written.
_ESCAPE = rb'\\(?:[abfnrtv"\\]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})'
_QUOTED = rb'"((?:[^"\\]++|' + _ESCAPE + rb')*+)"'
_TOKEN = rb"(?:" + _QUOTED + rb"|([A-Za-z0-9./_]*+))"  # the empty string is not quoted in go1.27

_HEADER_PAIR = re.compile(_TOKEN + rb": ?" + _TOKEN + rb"(, ?|\}\Z)")
_DEBUG1_PAIR = re.compile(_QUOTED + rb"()" + rb": ?" + _QUOTED + rb"()" + rb"(, ?|\}\Z)")
_ESCAPES = re.compile(_ESCAPE)

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode

_ONE_LETTER = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
    b'"': b'"',
    b"\\": b"\\",
}


def canonical_labels(pairs: Iterable[tuple[str, str]]) -> str:
    r"""Return the canonical JSON text of a label set.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Key and value, decoded with `label_text` if they were bytes. Of equal keys the last one counts.

    Returns
    -------
    str
        One JSON object: keys sorted, no spaces, not ASCII-escaped. It can always be encoded as UTF-8.

    Examples
    --------
    >>> canonical_labels([("role", "ack"), ("client", "c-17")])
    '{"client":"c-17","role":"ack"}'
    """
    return _to_json({_encodable(key): _encodable(value) for key, value in pairs})


def label_text(raw: bytes) -> str:
    r"""Decode a label's bytes; a byte that is no UTF-8 becomes the four characters `\xff`.

    Examples
    --------
    >>> print(label_text(b"caf\xc3\xa9 \xff"))
    café \xff
    """
    return raw.decode("utf-8", "backslashreplace")


def parse_header_labels(text: bytes) -> str | None:
    r"""Parse the labels of a goroutine header (go1.26 and go1.27).

    Parameters
    ----------
    text : bytes
        The braces and what is in them: `{client: "c-17", role: ack}` or `{"k": "v"}`.

    Returns
    -------
    str or None
        Canonical JSON; None if the text is not one label set as a whole.

    Examples
    --------
    >>> parse_header_labels(b'{: emptykey, brace: "a}:b], c: d", empty: }')
    '{"":"emptykey","brace":"a}:b], c: d","empty":""}'
    """
    return _parse_pairs(text, _HEADER_PAIR)


def parse_debug1_labels(text: bytes) -> str | None:
    r"""Parse what follows `# labels: ` in debug=1.

    Parameters
    ----------
    text : bytes
        The braces and what is in them: `{"client":"c-17", "role":"ack"}`.

    Returns
    -------
    str or None
        Canonical JSON; None if the text is not one label set as a whole.

    Examples
    --------
    >>> parse_debug1_labels(b'{"role":"ack", "client":"c-17"}')
    '{"client":"c-17","role":"ack"}'
    """
    return _parse_json(text) or _parse_pairs(text, _DEBUG1_PAIR)


def _parse_json(text: bytes) -> str | None:
    """Parse labels without escapes, which are JSON: labels such as request ids make thousands of sets."""
    if b"\\" in text:
        return None
    try:
        labels = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    is_set = isinstance(labels, dict) and all(isinstance(value, str) for value in labels.values())
    return _to_json(labels) if is_set else None


def _parse_pairs(text: bytes, pair: re.Pattern[bytes]) -> str | None:
    if text == b"{}":
        return NO_LABELS
    if not text.startswith(b"{"):
        return None
    pairs: list[tuple[str, str]] = []
    position = 1
    while match := pair.match(text, position):
        quoted_key, bare_key, quoted_value, bare_value, end = match.groups()
        pairs.append((_unescaped(quoted_key, bare_key), _unescaped(quoted_value, bare_value)))
        if end == b"}":
            return canonical_labels(pairs)
        position = match.end()
    return None


def _unescaped(quoted: bytes | None, bare: bytes) -> str:
    if quoted is None:
        return label_text(bare)
    return label_text(_ESCAPES.sub(_escaped_bytes, quoted) if b"\\" in quoted else quoted)


def _escaped_bytes(match: re.Match[bytes]) -> bytes:
    r"""Return the bytes of one escape: `\n` -> b"\n", `\xff` -> b"\xff", `\u00e9` -> b"\xc3\xa9"."""
    kind, digits = match[0][1:2], match[0][2:]
    if kind == b"x":
        return bytes((int(digits, 16),))
    if kind in b"uU":
        return chr(int(digits, 16)).encode("utf-8", "surrogatepass")
    return _ONE_LETTER[kind]


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
