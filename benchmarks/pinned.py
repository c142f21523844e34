"""Fresh processes on chosen cores: nothing that one measurement leaves behind reaches the next one."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.scale import DATA

ROOT = Path(__file__).parents[1]

_PIN = """
import os, sys
os.sched_setaffinity(0, set(map(int, sys.argv[1].split(","))))
os.execv(sys.argv[2], sys.argv[2:])
"""
_LONGEST_SECONDS = 1800
_SHOWN_OF_AN_ERROR = 2000


class ProbeError(Exception):
    """A measurement ended with an error; the message is what it printed."""


def run_pinned(command: Sequence[str], cores: int) -> str:
    """Run a program on that many cores, and return what it prints."""
    chosen = ",".join(map(str, _last_cores(cores)))
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-c", _PIN, chosen, *command],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_SECONDS,
    )
    if done.returncode:
        msg = f"{' '.join(command[1:4])}: {done.stderr.strip()[-_SHOWN_OF_AN_ERROR:]}"
        raise ProbeError(msg)
    return done.stdout


def run_probe(name: str, *arguments: object, cores: int = 1) -> Any:
    """Run a function of `benchmarks.probes` in a fresh interpreter, and return its result."""
    return json.loads(run_pinned([sys.executable, "-m", "benchmarks.child", name, json.dumps(arguments)], cores))


def core_count() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0))


def _environment() -> dict[str, str]:
    """Let Python keep its bytecode, as every installation does: else each start would compile pandas again."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(DATA / "bytecode")}


def _last_cores(count: int) -> list[int]:
    """Take the last cores: the first one serves most interrupts."""
    return sorted(os.sched_getaffinity(0))[-count:]
