import pytest

from gostack_nb.formats.addresses import parse_addresses

MUTEX = b"""\
goroutine 7 [sync.Mutex.Lock, 3 minutes]:
internal/sync.runtime_SemacquireMutex(0x45c55f?, 0x10?, 0x485580?)
\truntime/sema.go:95 +0x25
internal/sync.(*Mutex).lockSlow(0x3a455e596060)
\tinternal/sync/mutex.go:149 +0x15a
sync.(*Mutex).Lock(...)
\tsync/mutex.go:46
main.(*cache).get(0x3a455e4adcb0, {0x3a455e4adc80?, 0x3})
\t/srv/main.go:88 +0xb2
"""
OLD_MUTEX = b"goroutine 7 [semacquire]:\nsync.(*Mutex).lockSlow(0xc0000a6458)\n\tsync/mutex.go:171 +0x165\n"
WRITER = b"goroutine 7 [sync.RWMutex.Lock]:\nsync.(*RWMutex).Lock(0xc0000a6458)\n\tsync/rwmutex.go:152 +0x71\n"
READER = (
    b"goroutine 7 [sync.RWMutex.RLock]:\nsync.(*RWMutex).RLock(...)\n\tsync/rwmutex.go:74\nmain.f()\n\t/a.go:1 +0x1\n"
)
CRASH = (
    b"goroutine 6 gp=0xc000007a40 m=nil [chan receive]:\n"
    b"runtime.gopark(0x1, 0x2)\n\truntime/proc.go:1 +0x1 fp=0xc00001 sp=0xc00002 pc=0xc00003\n"
    b"runtime.chanrecv(0x17f6674fc070, 0x0, 0x1)\n\truntime/chan.go:1 +0x1\n"
)


@pytest.mark.parametrize(
    ("text", "operation", "address"),
    [
        (MUTEX, "lock", 0x3A455E596060),
        (OLD_MUTEX, "lock", 0xC0000A6458),
        (WRITER, "lock", 0xC0000A6458),
        (READER, None, None),
        (CRASH, "receive", 0x17F6674FC070),
        (CRASH.replace(b"chanrecv", b"chansend"), "send", 0x17F6674FC070),
        (b"goroutine 7 [select]:\nmain.f(0xc000123450)\n\t/a.go:1 +0x1\n", None, None),
    ],
    ids=["mutex", "mutex up to go1.23", "writer", "an inlined reader has none", "receive", "send", "select"],
)
def test_what_is_waited_for(text, operation, address) -> None:
    [found] = parse_addresses(text)
    assert (found.operation, found.address) == (operation, address)


def test_pointers_are_arguments_that_are_not_stale() -> None:
    [found] = parse_addresses(MUTEX)
    assert found.pointers == {0x3A455E596060, 0x3A455E4ADCB0}


def test_stack_addresses_of_a_crash_are_no_arguments() -> None:
    [found] = parse_addresses(CRASH)
    assert found.pointers == {0x17F6674FC070}


def test_goroutines_in_the_order_of_the_text() -> None:
    text = MUTEX + b"\n" + MUTEX.replace(b"goroutine 7", b"goroutine 9") + b"\nnot a goroutine\n"
    assert [found.goroutine_id for found in parse_addresses(text)] == [7, 9]


@pytest.mark.parametrize("text", [b"", b"no dump\n", b"goroutine 7\n", b"goroutine x [select]:\n"])
def test_anything_else_gives_nothing(text) -> None:
    assert parse_addresses(text) == []
