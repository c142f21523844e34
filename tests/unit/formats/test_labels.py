"""The same label set gives the same text, whoever printed it."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gostack_nb.formats.labels import (
    canonical_labels,
    label_text,
    parse_debug1_labels,
    parse_header_labels,
)

LABELS = st.dictionaries(st.text(), st.text(), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"{role: ack}", {"role": "ack"}),
        (b'{client: "c-17", role: ack}', {"client": "c-17", "role": "ack"}),
        (b'{"client": "c-17", "role": "ack"}', {"client": "c-17", "role": "ack"}),
        (b'{bad: "x", empty: }', {"bad": "x", "empty": ""}),
        (b"{: emptykey, long: xxx}", {"": "emptykey", "long": "xxx"}),
        (b"{: }", {"": ""}),
        (b"{}", {}),
        (b'{brace: "a}:b], c: d"}', {"brace": "a}:b], c: d"}),
        (b'{"sp ace": "he said \\"hi\\""}', {"sp ace": 'he said "hi"'}),
        (b'{back: "C:\\\\dir", nl: "line1\\nline2\\r\\t"}', {"back": "C:\\dir", "nl": "line1\nline2\r\t"}),
        (b'{emoji: "\\U0001f600", uni: "\\u65e5\\u2603"}', {"emoji": "😀", "uni": "日☃"}),
        (b'{bad: "\\xff\\xfe\\x01\\u007f"}', {"bad": "\\xff\\xfe\x01\x7f"}),
        (b'{path: /api/v1.2_x, q: "a, b: c"}', {"path": "/api/v1.2_x", "q": "a, b: c"}),
    ],
)
def test_header_labels(text: bytes, expected: dict[str, str]) -> None:
    assert parse_header_labels(text) == canonical_labels(expected.items())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"role: ack",
        b"{role: ack",
        b"{role: ack} ",
        b"{role: ack}:",
        b"{role}",
        b"{role: ack, }",
        b"{role: ack,, a: b}",
        b"{role: two words}",
        b"{c-17: x}",
        b'{role: "ack}',
        b'{role: "a\\q"}',
        b'{role: "\\x1"}',
        b'{role: "\\U00110000"}',
        b'{role: "a"b}',
    ],
)
def test_header_labels_refused(text: bytes) -> None:
    assert parse_header_labels(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"client":"c-17", "role":"ack"}', {"client": "c-17", "role": "ack"}),
        (b'{"":"emptykey"}', {"": "emptykey"}),
        (b'{"bad":"\\xff\\xfe\\x01\\x7f", "empty":""}', {"bad": "\\xff\\xfe\x01\x7f", "empty": ""}),
        (b'{"all":"\\a\\b\\f\\n\\r\\t\\v\\\\\\""}', {"all": '\a\b\f\n\r\t\v\\"'}),
        ('{"uni":"日本語 ☃"}'.encode(), {"uni": "日本語 ☃"}),
        (b'{"brace":"a}:b], c: d", "x":"\\u00ad"}', {"brace": "a}:b], c: d", "x": "\u00ad"}),
    ],
)
def test_debug1_labels(text: bytes, expected: dict[str, str]) -> None:
    assert parse_debug1_labels(text) == canonical_labels(expected.items())


@pytest.mark.parametrize("text", [b"{role:ack}", b'{"role":ack}', b'{"role":"ack"', b'{"role":"\\101"}', b"x"])
def test_debug1_labels_refused(text: bytes) -> None:
    assert parse_debug1_labels(text) is None


def test_bytes_that_are_no_utf8_are_the_same_text_from_every_form() -> None:
    raw = canonical_labels([("bad", label_text(b"\xff\xfe\x01\x7f")), ("empty", "")])
    header = parse_header_labels(b'{bad: "\\xff\\xfe\\x01\\u007f", empty: }')
    assert raw == header == parse_debug1_labels(b'{"bad":"\\xff\\xfe\\x01\\x7f", "empty":""}')
    assert raw == '{"bad":"\\\\xff\\\\xfe\\u0001\x7f","empty":""}'


def test_canonical_text_is_sorted_compact_and_encodable() -> None:
    assert canonical_labels([("b", "ü"), ("a", "\udcff"), ("b", "é")]) == '{"a":"\\\\udcff","b":"é"}'


@given(LABELS)
def test_canonical_text_holds_the_labels(labels: dict[str, str]) -> None:
    assert json.loads(canonical_labels(labels.items())) == labels


@given(LABELS)
def test_quoted_text_is_read_back(labels: dict[str, str]) -> None:
    expected = canonical_labels(labels.items())
    assert parse_header_labels(_go_quoted(labels, ": ")) == expected
    assert parse_debug1_labels(_go_quoted(labels, ":")) == expected


@given(st.binary())
def test_any_bytes_never_raise(noise: bytes) -> None:
    for text in (noise, b"{" + noise + b"}", b'{a: "' + noise + b'"}', b'{"a":"' + noise + b'"}'):
        for labels in (parse_header_labels(text), parse_debug1_labels(text)):
            assert labels is None or json.loads(labels) is not None


@pytest.mark.parametrize("piece", [b"a: b, ", b'"a":"b", ', b"\\", b'"', b" ", b"\\xff", b":", b"{", b"a"])
def test_long_text_takes_linear_time(piece: bytes) -> None:
    start = time.thread_time()  # of this thread alone: the machine may be busy
    for opening in (b"{", b'{a: "', b'{"a":"'):
        parse_header_labels(opening + piece * 100_000)
        parse_debug1_labels(opening + piece * 100_000)
    assert time.thread_time() - start < 30  # a quadratic one takes minutes


def _go_quoted(labels: dict[str, str], colon: str) -> bytes:
    """Print as runtime/print.go does, printquoted: every character above `~` is escaped."""
    pairs = [f"{_quote(key)}{colon}{_quote(value)}" for key, value in labels.items()]
    return ("{" + ", ".join(pairs) + "}").encode()


def _quote(text: str) -> str:
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(character: str) -> str:
    code = ord(character)
    if character in '\\"':
        return "\\" + character
    if 0x20 <= code <= 0x7E:
        return character
    if code < 0x20:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@pytest.mark.parametrize(
    "text", [b'{"a":1}', b'{"a":["b"]}', b'["a"]', b'{"a":' + b"[" * 100_000, b'{"a":"\xff"', b'{"a":null}']
)
def test_json_that_is_no_label_set(text: bytes) -> None:
    assert parse_debug1_labels(text) is None


def test_of_equal_keys_the_last_one_counts() -> None:
    assert parse_debug1_labels(b'{"a":"b", "a":"c"}') == '{"a":"c"}'
