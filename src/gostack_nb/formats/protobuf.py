"""The wire format of protobuf, one message at a time: bytes to numbered fields.

Unknown fields are for the reader to skip; a repeated number may be packed or not.
"""

from collections.abc import Iterator

from gostack_nb.errors import FormatError

Value = int | bytes

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZE = {_FIXED64: 8, _FIXED32: 4}
_MAX_SHIFT = 63  # a varint has at most ten bytes of seven bits
_UINT64 = 2**64 - 1


def fields_of(message: bytes) -> Iterator[tuple[int, Value]]:
    """Yield number and value of every field, in order; strings and sub-messages are bytes."""
    position, end = 0, len(message)
    while position < end:
        tag, position = _read_varint(message, position)
        wire_type = tag & 7
        if wire_type == _VARINT:
            value, position = _read_varint(message, position)
            yield tag >> 3, value
            continue
        if wire_type == _BYTES:
            size, position = _read_varint(message, position)
        elif wire_type in _FIXED_SIZE:
            size = _FIXED_SIZE[wire_type]
        else:
            raise _broken_profile()
        content = message[position : position + size]
        position += size
        if position > end:
            raise _broken_profile()
        yield tag >> 3, content if wire_type == _BYTES else int.from_bytes(content, "little")


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    r"""Return an unsigned varint and the position after it: b"\xac\x02", 0 -> 300, 2."""
    if position < len(message) and message[position] < 0x80:
        return message[position], position + 1
    number = shift = 0
    for byte in message[position : position + 10]:
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & _UINT64, position
        shift += 7
    raise _broken_profile()


def unpacked(packed: bytes) -> list[int]:
    r"""Return the varints of a packed field: b"\x01\xac\x02" -> [1, 300]."""
    if packed.isascii():
        return list(packed)
    numbers: list[int] = []
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            numbers.append(number & _UINT64)
            number = shift = 0
        elif shift < _MAX_SHIFT:
            shift += 7
        else:
            raise _broken_profile()
    if shift:
        raise _broken_profile()
    return numbers


def number_fields(message: bytes) -> dict[int, int]:
    """Return the numeric fields of a message; of repeated ones the last."""
    return {number: value for number, value in fields_of(message) if isinstance(value, int)}


def signed(number: int) -> int:
    """Return the int64 that a varint spells: negative ones have their highest bit set."""
    return number - (1 << 64) if number >> 63 else number


def _broken_profile() -> FormatError:
    return FormatError("not a whole pprof profile (cut off or damaged). Hint: fetch /debug/pprof/goroutine again")
