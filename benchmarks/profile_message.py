"""Groups as debug=0 writes them: google/pprof proto/profile.proto in the order of runtime/pprof/proto.go."""

import gzip
from collections.abc import Iterable, Sequence

from benchmarks.counted_groups import Group, Location

TIME_NANOS = 1_795_424_293_310_057_250

_VARINT, _BYTES = 0, 2
_GO_LEVEL = 1  # runtime/pprof/proto.go compresses with gzip.BestSpeed


def gzip_profile(groups: Sequence[Group]) -> bytes:
    """Return a profile as Go sends it: gzip, without a time of its own, so that equal groups give equal bytes."""
    return gzip.compress(print_profile(groups), _GO_LEVEL, mtime=0)


def print_profile(groups: Sequence[Group]) -> bytes:
    """Return one message Profile.

    >>> print_profile([])[:4].hex()
    '5a040801'
    """
    return _Writer().message(groups)


class _Writer:
    """Numbers strings, functions and locations as they come; each is written before the first sample that needs it."""

    def __init__(self) -> None:
        self._strings: dict[str, int] = {"": 0}
        self._functions: dict[tuple[str, str], int] = {}
        self._locations: dict[int, int] = {}
        self._parts: list[bytes] = []

    def message(self, groups: Sequence[Group]) -> bytes:
        kind = _field(1, self._string("goroutine")) + _field(2, self._string("count"))
        self._parts += [_field(11, kind), _field(12, 1), _field(1, kind)]
        for group in groups:
            self._add_sample(group)
        self._parts.append(_field(9, TIME_NANOS))
        self._parts += [_field(6, text.encode()) for text in self._strings]
        return b"".join(self._parts)

    def _add_sample(self, group: Group) -> None:
        places = b"".join(_varint(self._location(at)) for at in group.locations)
        labels = (_field(1, self._string(key)) + _field(2, self._string(value)) for key, value in group.labels)
        sample = _field(2, _varint(group.count)) + _field(1, places) + _fields(3, labels)
        self._parts.append(_field(2, sample))

    def _location(self, at: Location) -> int:
        if at.address not in self._locations:
            self._locations[at.address] = len(self._locations) + 1
            lines = [
                _field(1, self._function(line.function, line.file, line.line)) + _field(2, line.line)
                for line in at.lines
            ]
            head = _field(1, self._locations[at.address]) + _field(2, 1) + _field(3, at.address)
            self._parts.append(_field(4, head + _fields(4, lines)))
        return self._locations[at.address]

    def _function(self, name: str, file: str, line: int) -> int:
        key = name, file
        if key not in self._functions:
            self._functions[key] = len(self._functions) + 1
            index = self._string(name)
            fields = ((1, self._functions[key]), (2, index), (3, index), (4, self._string(file)), (5, line * 3 // 4))
            self._parts.append(_field(5, b"".join(_field(number, value) for number, value in fields)))
        return self._functions[key]

    def _string(self, text: str) -> int:
        return self._strings.setdefault(text, len(self._strings))


def _fields(number: int, contents: Iterable[bytes]) -> bytes:
    return b"".join(_field(number, content) for content in contents)


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3 | _VARINT) + _varint(value)
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    r"""Write an unsigned number, seven bits a byte, lowest first.

    >>> _varint(300)
    b'\xac\x02'
    """
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
