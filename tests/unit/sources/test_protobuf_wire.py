from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gostack_nb.sources.protobuf_wire import embedded, int_field, text_field
from tests.unit.imitations import bytes_field, decoded


@given(st.text(), st.integers(0, 2**63 - 1))
def test_what_is_written_is_read_by_another_decoder(text: str, number: int) -> None:
    assert decoded(text_field(2, text) + int_field(16, number)) == {2: text.encode(), 16: number}


@given(st.binary())
def test_any_bytes_give_a_message_or_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        embedded(data, 5)


@given(st.binary())
def test_a_message_inside_of_others(data: bytes) -> None:
    message = (
        int_field(1, 300) + b"\x19" + b"8 bytes." + b"\x25" + b"four" + bytes_field(5, data) + text_field(6, "end")
    )
    assert embedded(message, 5) == data
    assert embedded(message, 4) is None


@pytest.mark.parametrize("message", [b"\x2a\x05abc", b"\x2a", b"\x08" + b"\x80" * 11, b"\x2b", b"\x29abc"])
def test_a_broken_message(message: bytes) -> None:
    with pytest.raises(ValueError, match="no protobuf"):
        embedded(message, 5)
