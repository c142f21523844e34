"""How much memory a call needed at most, from /proc: in this process and in those it starts."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")

_SELF = Path("/proc/self")
_RESET_PEAK = "5"  # proc(5), clear_refs: VmHWM becomes the present size
_POLL_SECONDS = 0.005
_PRIVATE = re.compile(r"^Private_(?:Clean|Dirty): +(\d+) kB", re.MULTILINE)
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class Growth(NamedTuple):
    """Bytes beyond the state before the call."""

    own: int
    children: int


def peak_growth(call: Callable[[], Result]) -> tuple[Result, Growth]:
    """Call, and tell by how much the memory grew at most.

    Of processes that the call starts, the pages that only they have are counted: a forked one shares the others. One
    that has not yet begun its own program still runs in the memory of this one (vfork), which is not counted twice.
    """
    (_SELF / "clear_refs").write_text(_RESET_PEAK)
    before = _peak()
    with _ChildrenWatch() as watch:
        result = call()
    return result, Growth(_peak() - before, watch.peak)


class _ChildrenWatch:
    """Looks at the children again and again from a thread, and keeps the greatest sum of their private pages."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_ChildrenWatch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_POLL_SECONDS):
            self.peak = max(self.peak, sum(map(_private_bytes, _children())))


def _children() -> list[str]:
    lists = [path.read_text() for path in _SELF.glob("task/*/children")]
    return " ".join(lists).split()


def _private_bytes(process: str) -> int:
    try:
        has_begun = Path("/proc", process, "cmdline").read_bytes() != (_SELF / "cmdline").read_bytes()
        rollup = Path("/proc", process, "smaps_rollup").read_text() if has_begun else ""
    except OSError:  # it ended in the meantime
        return 0
    return sum(map(int, _PRIVATE.findall(rollup))) * 1024


def _peak() -> int:
    found = _PEAK.search((_SELF / "status").read_text())
    return int(found[1]) * 1024 if found else 0
