"""Go tracebacks -> the addresses in their arguments: which lock or channel each goroutine waits for.

The tables leave arguments out, because they would make every stack distinct. Here they are read again, on demand.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Operation: TypeAlias = Literal["lock", "receive", "send"]

_GOROUTINE = re.compile(rb"^goroutine (?P<id>\d{1,18}) (?:gp=[^\[\n]*)?\[(?P<status>[^\n]*?)\]", re.MULTILINE)

# internal/sync/mutex.go (sync/mutex.go up to go1.23): the receiver of lockSlow is the lock; it is alive while it waits,
# so that Go prints it without `?`. The arguments of runtime_SemacquireMutex are dead registers.
#   internal/sync.(*Mutex).lockSlow(0x3a455e596060)
#   sync.(*RWMutex).Lock(0xc0000a6458)
_LOCK = re.compile(
    rb"^(?:internal/)?sync\.\(\*(?:Mutex\)\.lockSlow|RWMutex\)\.R?Lock)\((0x[0-9a-f]+)[,)]", re.MULTILINE
)
# runtime/chan.go, shown by crashes only; the channel is the first argument.
#   `runtime.chanrecv(0x17f6674fc070, 0x0, 0x1)`
_RECEIVE = re.compile(rb"^runtime\.chanrecv\((0x[0-9a-f]+)[,)]", re.MULTILINE)
_SEND = re.compile(rb"^runtime\.chansend\((0x[0-9a-f]+)[,)]", re.MULTILINE)

_OPERATIONS: tuple[tuple[Operation, re.Pattern[bytes]], ...] = (("lock", _LOCK), ("receive", _RECEIVE), ("send", _SEND))

# A word long enough for an address, in an argument list: not `+0x1d`, not `fp=0x..`, and not marked `?` as stale.
_POINTER = re.compile(rb"(?<=[({ ])0x([0-9a-f]{6,16})(?=[,)}])")


@dataclass(frozen=True, slots=True)
class Addresses:
    """What one goroutine's arguments tell: `address` of the lock or channel it waits for, None if not printed."""

    goroutine_id: int
    operation: Operation | None
    address: int | None
    pointers: frozenset[int]


def parse_addresses(text: bytes) -> list[Addresses]:
    r"""Read the addresses of every goroutine in a text of Go tracebacks.

    Parameters
    ----------
    text : bytes
        Plain text as Go prints it. Anything else gives no rows.

    Returns
    -------
    list of Addresses
        One per goroutine, in the order of the text.

    Examples
    --------
    >>> dump = b"goroutine 7 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc0000a6458)\nmain.f(0xc000123450, 0x2?)\n"
    >>> [found] = parse_addresses(dump)
    >>> found.operation, hex(found.address), [hex(pointer) for pointer in sorted(found.pointers)]
    ('lock', '0xc0000a6458', ['0xc0000a6458', '0xc000123450'])
    """
    headers = list(_GOROUTINE.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)] * bool(headers)
    return [_read(int(header["id"]), text[header.end() : end]) for header, end in zip(headers, ends, strict=True)]


def _read(goroutine_id: int, body: bytes) -> Addresses:
    pointers = frozenset(int(word, 16) for word in _POINTER.findall(body))
    for operation, pattern in _OPERATIONS:
        found = pattern.search(body)
        if found:
            return Addresses(goroutine_id, operation, int(found[1], 16), pointers)
    return Addresses(goroutine_id, None, None, pointers)
