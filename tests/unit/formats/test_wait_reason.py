"""States inferred from runtime functions, against the states that the same process printed."""

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from gostack_nb.formats.profile_proto import parse_profile
from gostack_nb.formats.wait_reason import infer_state, is_nil_channel

TESTS = Path(__file__).parents[2]
INCIDENT = sorted((TESTS.parent / "data" / "push-incident").glob("*/*.goroutine.pb.gz"))
ZOOS = sorted((TESTS / "corpus" / "dumps").glob("*/zoo/waited.debug0.pb.gz"))
HEADER = re.compile(rb"^goroutine \d+ \[([^\],]*)[,\]]", re.MULTILINE)
BUSY = {"running", "runnable", "syscall"}  # states that a goroutine has for a moment; IO wait follows them

LOCK = ("runtime.gopark", "runtime.goparkunlock", "runtime.semacquire1")


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        (("runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.f"), "chan receive"),
        (("runtime.gopark", "runtime.chansend", "runtime.chansend1", "main.f"), "chan send"),
        (("runtime.gopark", "runtime.selectgo", "main.f"), "select"),
        (("runtime.gopark", "runtime.block", "main.f"), "select (no cases)"),
        (("runtime.gopark", "runtime.netpollblock", "internal/poll.runtime_pollWait"), "IO wait"),
        (("runtime.gopark", "time.Sleep", "main.f"), "sleep"),
        (("runtime.gopark", "runtime.goparkunlock", "sync.runtime_notifyListWait"), "sync.Cond.Wait"),
        ((*LOCK, "sync.runtime_SemacquireMutex", "sync.(*Mutex).lockSlow"), "sync.Mutex.Lock"),
        ((*LOCK, "internal/sync.runtime_SemacquireMutex"), "sync.Mutex.Lock"),
        (
            (
                *LOCK,
                "internal/sync.runtime_SemacquireMutex",
                "internal/sync.(*Mutex).lockSlow",
                "internal/sync.(*Mutex).Lock",
                "sync.(*Mutex).Lock",
                "sync.(*RWMutex).Lock",
            ),
            "sync.Mutex.Lock",
        ),
        ((*LOCK, "sync.runtime_SemacquireRWMutexR", "sync.(*RWMutex).RLock"), "sync.RWMutex.RLock"),
        ((*LOCK, "sync.runtime_SemacquireRWMutex", "sync.(*RWMutex).Lock"), "sync.RWMutex.Lock"),
        ((*LOCK, "sync.runtime_SemacquireMutex", "sync.(*RWMutex).RLock"), "sync.RWMutex.RLock"),
        ((*LOCK, "sync.runtime_SemacquireMutex", "sync.(*RWMutex).Lock"), "sync.RWMutex.Lock"),
        ((*LOCK, "sync.runtime_SemacquireWaitGroup", "sync.(*WaitGroup).Wait"), "sync.WaitGroup.Wait"),
        ((*LOCK, "sync.runtime_Semacquire", "sync.(*WaitGroup).Wait"), "sync.WaitGroup.Wait"),
        ((*LOCK, "sync.runtime_Semacquire", "main.f"), "semacquire"),
        ((*LOCK, "internal/poll.runtime_Semacquire"), "semacquire"),
        ((*LOCK, "runtime.semacquire", "runtime.stopTheWorldGC"), "semacquire"),
        (LOCK, "semacquire"),
        (("runtime.coroswitch", "iter.Pull[go.shape.int].func1.1"), "coroutine"),
        (("runtime.gopark", "runtime.runfinq"), "finalizer wait"),
        (("runtime.gopark", "runtime.runFinalizers"), "finalizer wait"),
        (("runtime.gopark", "runtime.goparkunlock", "runtime.(*cleanupQueue).dequeue"), "cleanup wait"),
        (("runtime.gopark", "runtime.gcBgMarkWorker"), "GC worker (idle)"),
        (("runtime.gopark", "runtime.goparkunlock", "runtime.forcegchelper"), "force gc (idle)"),
        (("runtime.gopark", "runtime.goparkunlock", "runtime.bgsweep"), "GC sweep wait"),
        (("runtime.gopark", "runtime.goparkunlock", "runtime.bgscavenge"), "GC scavenge wait"),
        (("runtime.gopark", "runtime.goparkunlock", "runtime.(*scavengerState).park"), "GC scavenge wait"),
        (("runtime.notetsleepg", "os/signal.signal_recv"), "syscall"),
        (("syscall.Syscall", "syscall.read"), "syscall"),
        (("runtime.cgocall", "main._Cfunc_usleep"), "syscall"),
        (("runtime.goroutineProfileWithLabels", "runtime.pprof_goroutineProfileWithLabels"), "running"),
        (("runtime/pprof.runtime_goroutineProfileWithLabels", "runtime/pprof.writeGoroutine"), "running"),
        (("main.spin", "main.main"), None),
        (("runtime.gopark",), None),
        (("runtime.gopark", "runtime.somethingNew"), None),
        ((), None),
    ],
)
def test_infer_state(functions: tuple[str, ...], expected: str | None) -> None:
    assert infer_state(functions) == expected


@pytest.mark.parametrize(
    ("function", "line", "start_line", "expected"),
    [
        ("runtime.chanrecv", 469, 457, True),  # go1.21.13
        ("runtime.chanrecv", 583, 457, False),
        ("runtime.chansend", 181, 176, True),  # go1.27.3
        ("runtime.chansend", 283, 176, False),
        ("runtime.chansend", 283, 0, False),
        ("main.chansend", 181, 176, False),
    ],
)
def test_is_nil_channel(function: str, line: int, start_line: int, *, expected: bool) -> None:
    assert is_nil_channel(function, line, start_line) is expected


def test_nil_channel_names_only_channel_operations() -> None:
    receive = ("runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1")
    assert infer_state(receive, nil_channel=True) == "chan receive (nil chan)"
    assert infer_state(("runtime.gopark", "runtime.selectgo"), nil_channel=True) == "select"


@pytest.mark.parametrize("profile", [*INCIDENT, *ZOOS], ids=lambda path: "/".join(path.parts[-3:]))
def test_states_are_those_that_the_process_printed(profile: Path) -> None:
    """The two dumps are taken one after the other: only goroutines that are not parked may differ."""
    text = profile.with_name(re.sub(r"(debug0\.)?pb\.gz$", "debug2.txt", profile.name)).read_bytes()
    printed = Counter(_modern(match[1].decode()) for match in HEADER.finditer(text))
    inferred = _inferred(profile)
    unparked = {state for state in {*printed, *inferred} if state is None or state in {*BUSY, "IO wait"}}
    assert {s: n for s, n in inferred.items() if s not in unparked} == {
        s: n for s, n in printed.items() if s not in unparked
    }
    assert abs(sum(inferred[s] for s in unparked) - sum(printed[s] for s in unparked)) <= 3
    assert abs(inferred["IO wait"] - printed["IO wait"]) <= 3


def test_the_corpus_is_there() -> None:
    assert len(INCIDENT) == 24
    assert len(ZOOS) == 5


def _modern(state: str) -> str:
    """Before go1.24 the only semaphore of the zoo was a WaitGroup's."""
    return "sync.WaitGroup.Wait" if state == "semacquire" else state


def _inferred(profile: Path) -> Counter[str | None]:
    columns = parse_profile(gzip.decompress(profile.read_bytes()))
    assert columns.count is not None
    states: Counter[str | None] = Counter()
    for state, count in zip(columns.state, columns.count, strict=True):
        states[columns.states[state] if state >= 0 else None] += int(count)
    return states
