"""What a figure depends on beside the code: the processor and the versions; nothing that names the machine."""

import importlib.metadata
import os
import platform
import re
import time
from pathlib import Path

from benchmarks.stopwatch import used_seconds

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PACKAGES = ("numpy", "pandas", "pyarrow")


def describe_machine() -> str:
    """Return one line about the processor, and one about the versions."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    cores = len(os.sched_getaffinity(0))
    machine = f"{_processor()}, {cores} cores, {_memory_gb()} GB, {platform.system()}"
    return f"{machine}\nPython {platform.python_version()}, {versions}"


class Company:
    """Tells how much of the processor other programs used since it was made: then figures are worse than they could be.

    >>> Company().cores() >= 0
    True
    """

    def __init__(self) -> None:
        self._start, self._others = time.perf_counter(), _others_seconds()

    def cores(self) -> float:
        """Return the cores that others kept busy on average."""
        seconds = max(time.perf_counter() - self._start, 1 / _TICKS)
        return max(_others_seconds() - self._others, 0) / seconds


def _others_seconds() -> float:
    """Return the processor time that neither this process nor its ended children used."""
    # proc(5), /proc/stat: user nice system idle iowait irq softirq steal
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(rest)) / _TICKS - used_seconds()


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
