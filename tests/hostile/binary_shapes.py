"""Profiles and archives made to be slow to read."""

import gzip
import io
import tarfile
import zipfile
from itertools import count

from tests.hostile.making import HEAD, Shape, up_to


def varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(written) + bytes([number])


def message(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def integer(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


_KIND = integer(1, 1) + integer(2, 2)
PROFILE_KIND = message(11, _KIND) + message(1, _KIND)
_STRINGS = b"".join(message(6, text) for text in (b"", b"goroutine", b"count", b"main.main", b"/srv/main.go"))
_ONE = message(2, integer(2, 1) + integer(1, 1))


def profile(*fields: bytes) -> bytes:
    return PROFILE_KIND + b"".join(fields) + _STRINGS


def profile_of(field: bytes) -> Shape:
    return lambda size: profile(field * (size // len(field)))


def packed_locations(size: int) -> bytes:
    return profile(message(2, integer(2, 1) + message(1, b"\x01" * size)))


def long_varints(size: int) -> bytes:
    return profile(message(2, integer(2, 1) + message(1, (b"\xff" * 9 + b"\x01") * (size // 10))))


def distinct_missing_locations(size: int) -> bytes:
    pieces = (message(2, integer(2, 1) + integer(1, number)) for number in count(1 << 20))
    return profile(*up_to(size, pieces))


def deep_messages(size: int) -> bytes:
    content = b""
    while len(content) < size and len(content) < 1 << 22:
        content = message(4, content * 2 or b"\x08\x01")
    return profile(content)


def lines_of_one_location(size: int) -> bytes:
    line = message(4, integer(1, 1) + integer(2, 7))
    return profile(message(4, integer(1, 1) + line * (size // len(line))), _ONE)


def samples_of_one_deep_location(size: int) -> bytes:
    """Return one location of many lines, and many samples that name it: their product would be huge."""
    line = message(4, integer(1, 1) + integer(2, 7))
    deep = message(4, integer(1, 1) + line * (size // 2 // len(line)))
    pieces = (message(2, integer(2, 1) + message(1, b"\x01" * (1 + number % 50))) for number in count())
    return profile(deep, *up_to(size // 2, pieces))


def labels_of_one_sample(size: int) -> bytes:
    label = message(3, integer(1, 3) + integer(2, 4))
    return profile(message(2, integer(2, 1) + integer(1, 1) + label * (size // len(label))))


# -- archives ---------------------------------------------------------------------------------------------------------


def tiny_members_of_a_zip(size: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for number in range(size // 140):
            archive.writestr(f"{number:06}.txt", HEAD if number < 2 else b"x")
    return held.getvalue()


def tiny_members_of_a_tar(size: int) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for number in range(size // 1024):
            info = tarfile.TarInfo(f"{number:06}.txt")
            info.size = len(HEAD) if number < 2 else 1
            archive.addfile(info, io.BytesIO(HEAD if number < 2 else b"x"))
    return held.getvalue()


def long_names_in_a_zip(size: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for number in range(max(size // 120_000, 1)):
            archive.writestr("1a/" * 20_000 + f"{number}.txt", HEAD)
    return held.getvalue()


def gzip_members(size: int) -> bytes:
    member = gzip.compress(HEAD, mtime=0)
    return member * (size // len(member))


def folders_in_a_zip(size: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for number in range(size // 160):
            archive.writestr(f"{number}/a.txt", HEAD if number < 2 else b"x")
    return held.getvalue()


PROFILES: dict[str, Shape] = {
    "protobuf, tiny fields": profile_of(integer(9, 1)),
    "protobuf, unknown fields": profile_of(message(99, b"x")),
    "protobuf, empty messages": profile_of(message(2, b"")),
    "protobuf, deep messages": deep_messages,
    "protobuf, varints of ten bytes": long_varints,
    "protobuf, one packed field": packed_locations,
    "protobuf, empty strings": profile_of(message(6, b"")),
    "protobuf, missing locations": distinct_missing_locations,
    "protobuf, samples": profile_of(_ONE),
    "protobuf, value types": profile_of(message(1, integer(1, 0))),
    "protobuf, functions": profile_of(message(5, integer(1, 1) + integer(2, 3))),
    "protobuf, lines of one location": lines_of_one_location,
    "protobuf, samples of one deep location": samples_of_one_deep_location,
    "protobuf, labels of one sample": labels_of_one_sample,
    "protobuf, huge counts": profile_of(message(2, integer(2, 2**63))),
}

ARCHIVES: dict[str, Shape] = {
    "zip, tiny files": tiny_members_of_a_zip,
    "zip, folders": folders_in_a_zip,
    "zip, names of 60 kB": long_names_in_a_zip,
    "tar, tiny files": tiny_members_of_a_tar,
    "gzip, tiny members": gzip_members,
}
