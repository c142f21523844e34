"""The state of a goroutine, inferred from the runtime functions at the leaf of its stack (debug=0).

A waiting goroutine's leaf is runtime.gopark (runtime/proc.go), which passes the wait reason on as a constant:
the function that called it tells the reason, with three exceptions, which need more than that function:
a semaphore (the lock above it tells), a nil channel (`NIL_CHANNEL_LINES`), and a synctest bubble, whose
` (durable)` names can't be told. Names are those that go1.27 prints, so that versions compare.

A goroutine that is runnable, preempted, or running without taking the profile looks like one that is
just in its leaf function: its state can't be known.
"""

from collections.abc import Sequence

_PARKING = frozenset({"runtime.gopark", "runtime.goparkunlock"})  # runtime/proc.go

NIL_CHANNEL_LINES = 40
"""A nil channel parks in the first lines of runtime.chanrecv and runtime.chansend, the others far below.

runtime/chan.go: 12 and 5 lines below `func` for a nil channel, 126 to 143 and 99 to 107 for any other
(go1.21 to go1.27).
"""

_CHANNEL_OPERATIONS = {
    "runtime.chanrecv": "chan receive",  # runtime/chan.go
    "runtime.chansend": "chan send",  # runtime/chan.go
}

_PARKED_BY = _CHANNEL_OPERATIONS | {
    "runtime.selectgo": "select",  # runtime/select.go
    "runtime.block": "select (no cases)",  # runtime/select.go
    "runtime.netpollblock": "IO wait",  # runtime/netpoll.go
    "time.Sleep": "sleep",  # runtime/time.go, timeSleep
    "sync.runtime_notifyListWait": "sync.Cond.Wait",  # runtime/sema.go, notifyListWait
    "internal/synctest.Run": "synctest.Run",  # runtime/synctest.go
    "internal/synctest.Wait": "synctest.Wait",  # runtime/synctest.go
    "runtime.ReadTrace": "trace reader (blocked)",  # runtime/trace.go
    "runtime.runfinq": "finalizer wait",  # runtime/mfinal.go up to go1.24
    "runtime.runFinalizers": "finalizer wait",  # runtime/mfinal.go since go1.25
    "runtime.(*cleanupQueue).dequeue": "cleanup wait",  # runtime/mcleanup.go
    "runtime.bgsweep": "GC sweep wait",  # runtime/mgcsweep.go
    "runtime.bgscavenge": "GC scavenge wait",  # runtime/mgcscavenge.go up to go1.18
    "runtime.(*scavengerState).park": "GC scavenge wait",  # runtime/mgcscavenge.go since go1.19
    "runtime.(*scavengerState).sleep": "sleep",  # runtime/mgcscavenge.go
    "runtime.gcBgMarkWorker": "GC worker (idle)",  # runtime/mgc.go
    "runtime.gcParkAssist": "GC assist wait",  # runtime/mgcmark.go
    "runtime.gcParkStrongFromWeak": "GC weak to strong wait",  # runtime/mheap.go
    "runtime.gcWaitOnMark": "wait for GC cycle",  # runtime/mgc.go
    "runtime.forcegchelper": "force gc (idle)",  # runtime/proc.go
    "runtime.updateMaxProcsGoroutine": "GOMAXPROCS updater (idle)",  # runtime/proc.go
    "runtime.main": "panicwait",  # runtime/proc.go
}

# runtime/sema.go, by the linkname of its callers; sync moved its mutex to internal/sync in go1.24
_SEMAPHORE = {
    "sync.runtime_Semacquire": "semacquire",
    "sync.runtime_SemacquireMutex": "sync.Mutex.Lock",
    "internal/sync.runtime_SemacquireMutex": "sync.Mutex.Lock",
    "sync.runtime_SemacquireRWMutexR": "sync.RWMutex.RLock",
    "sync.runtime_SemacquireRWMutex": "sync.RWMutex.Lock",
    "sync.runtime_SemacquireWaitGroup": "sync.WaitGroup.Wait",  # since go1.24
}

# Older versions take the same semaphore for several locks; here the lock's own method is the next function.
_OLD_SEMAPHORE = {
    ("sync.runtime_Semacquire", "sync.(*WaitGroup).Wait"): "sync.WaitGroup.Wait",  # up to go1.23
    ("sync.runtime_SemacquireMutex", "sync.(*RWMutex).RLock"): "sync.RWMutex.RLock",  # up to go1.19
    ("sync.runtime_SemacquireMutex", "sync.(*RWMutex).Lock"): "sync.RWMutex.Lock",  # up to go1.19
}

_NOT_PARKED = {
    "runtime.coroswitch": "coroutine",  # runtime/coro.go
    "runtime.cgocall": "syscall",  # runtime/cgocall.go: entersyscall
    "runtime.notetsleepg": "syscall",  # runtime/lock_futex.go: entersyscallblock
    "syscall.Syscall": "syscall",  # syscall/syscall_linux.go: runtime_entersyscall
    "syscall.Syscall6": "syscall",
}

# runtime/mprof.go: the goroutine that takes the profile is the only one known to run
_TAKING_THE_PROFILE = (
    "runtime.goroutineProfile",
    "runtime.goroutineLeakProfile",
    "runtime.pprof_goroutine",
    "runtime/pprof.runtime_goroutine",
)


def infer_state(functions: Sequence[str], *, nil_channel: bool = False) -> str | None:
    """Infer the wait reason, as go1.27 prints it, from a stack with its runtime functions.

    Parameters
    ----------
    functions : sequence of str
        Leaf first, as in debug=0.
    nil_channel : bool, default False
        Whether `is_nil_channel` holds for the frame of its channel operation.

    Returns
    -------
    str or None
        None where it can't be known: runnable, running without taking the profile, or an unknown wait.

    Examples
    --------
    >>> infer_state(["runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.ackLoop"])
    'chan receive'
    >>> infer_state(["main.spin"]) is None
    True
    """
    if not functions:
        return None
    if functions[0] not in _PARKING:
        return _infer_not_parked(functions[0])
    parked = next((i for i, name in enumerate(functions) if name not in _PARKING), None)
    if parked is None:
        return None
    by = functions[parked]
    if by == "runtime.semacquire1":
        return _infer_semaphore(functions[parked + 1 :])
    if nil_channel and by in _CHANNEL_OPERATIONS:
        return f"{_CHANNEL_OPERATIONS[by]} (nil chan)"
    return _PARKED_BY.get(by)


def is_nil_channel(function: str, line: int, start_line: int) -> bool:
    """Tell whether a frame is a channel operation that parks because the channel is nil.

    Parameters
    ----------
    function : str
        The frame's function.
    line : int
        Where it stands.
    start_line : int
        Where the function begins; 0 if not told (before go1.20).

    Returns
    -------
    bool
        False also where it can't be told.

    Examples
    --------
    >>> is_nil_channel("runtime.chanrecv", 536, 524), is_nil_channel("runtime.chanrecv", 667, 524)
    (True, False)
    """
    return function in _CHANNEL_OPERATIONS and 0 < start_line <= line < start_line + NIL_CHANNEL_LINES


def _infer_not_parked(leaf: str) -> str | None:
    if leaf.startswith(_TAKING_THE_PROFILE):
        return "running"
    return _NOT_PARKED.get(leaf)


def _infer_semaphore(callers: Sequence[str]) -> str:
    """Name the lock from the functions above runtime.semacquire1; any other semaphore is `semacquire`."""
    semaphore, lock = (*callers[:2], "", "")[:2]
    return _OLD_SEMAPHORE.get((semaphore, lock)) or _SEMAPHORE.get(semaphore, "semacquire")
