"""The few protobuf fields that a question to a profiler and its answer consist of: no profile is looked into here."""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZE = {_FIXED64: 8, _FIXED32: 4}
_MAX_VARINT_BYTES = 10
_LOW_BITS, _MORE = 0x7F, 0x80


def text_field(number: int, text: str) -> bytes:
    r"""Encode a string.

    >>> text_field(2, "{}")
    b'\x12\x02{}'
    """
    data = text.encode()
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def int_field(number: int, value: int) -> bytes:
    r"""Encode a whole number that is not negative, or an enum.

    >>> int_field(3, 300)
    b'\x18\xac\x02'
    """
    return _varint(number << 3 | _VARINT) + _varint(value)


def embedded(message: bytes, number: int) -> bytes | None:
    r"""Return the message in a field; None if it is not there. Of several the parts are one message, as protobuf says.

    >>> embedded(b"\x18\x01\x2a\x03abc", 5)
    b'abc'

    Raises
    ------
    ValueError
        If the bytes are no protobuf message.
    """
    found = [data for field, data in _byte_fields(message) if field == number]
    return b"".join(found) if found else None


def _byte_fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        wire = key & 7
        if wire == _VARINT:
            _, position = _read_varint(message, position)
            continue
        size, position = _read_varint(message, position) if wire == _BYTES else (_FIXED_SIZE.get(wire, -1), position)
        if size < 0 or position + size > len(message):
            msg = f"no protobuf: field {key >> 3} of wire type {wire} at {position}"
            raise ValueError(msg)
        if wire == _BYTES:
            yield key >> 3, message[position : position + size]
        position += size


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(message[position : position + _MAX_VARINT_BYTES]):
        value |= (byte & _LOW_BITS) << (7 * index)
        if byte < _MORE:
            return value, position + index + 1
    msg = f"no protobuf: a number at {position} has no end"
    raise ValueError(msg)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > _LOW_BITS:
        out.append(value & _LOW_BITS | _MORE)
        value >>= 7
    return bytes([*out, value])
