"""A Dask scheduler and its workers as processes of a test, all of them on the loopback and ended by their ids."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.live.waiting import PATIENCE_SECONDS, eventually

LOOPBACK = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
"""Both are needed: the server of a dashboard listens everywhere unless it is told, even with `--no-dashboard`."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running scheduler: its address, and the processes by name."""

    address: str
    processes: "dict[str, subprocess.Popen[bytes]]"

    def pids(self) -> list[int]:
        """Return the ids of all processes, those that nannies started among them."""
        ours = [psutil.Process(process.pid) for process in self.processes.values()]
        return [one.pid for process in ours for one in (process, *process.children(recursive=True))]


@contextmanager
def cluster(
    folder: Path,
    *workers: str,
    options: tuple[str, ...] = ("--no-nanny",),
    environment: Mapping[str, str] | None = None,
    of_workers: Mapping[str, str] | None = None,
    scheme: tuple[str, ...] = (),
) -> Iterator[Cluster]:
    """Start a scheduler and workers of one thread each."""
    told = folder / "scheduler.json"
    with ExitStack() as stack:
        run = _Runner(folder, stack, {**os.environ, **(environment or {})})
        run.start("scheduler", "scheduler", *LOOPBACK, "--port", "0", "--scheduler-file", str(told), *scheme)
        eventually(lambda: told.exists() and told.read_text(), lambda text: text and text.rstrip().endswith("}"))
        address = json.loads(told.read_text())["address"]
        run.environment.update(of_workers or {})
        for name in workers:
            spill = folder / f"{name}.spill"
            more = ("--name", name, "--nthreads", "1", "--local-directory", str(spill), *scheme, *options)
            run.start(name, "worker", address, *LOOPBACK, *more)
        yield Cluster(address, run.processes)


class _Runner:
    def __init__(self, folder: Path, stack: ExitStack, environment: dict[str, str]) -> None:
        self._folder, self._stack, self.environment = folder, stack, environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: str, *arguments: str) -> None:
        log = self._stack.enter_context((self._folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{command}", *arguments],
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            start_new_session=True,  # so that what a nanny starts can be ended with it
        )
        self._stack.callback(_end, process)
        self.processes[name] = process


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process, and those that it started: they are the only ones in its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
