"""A Prometheus as a process of a test, and two days of history for it."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.waiting import PATIENCE_SECONDS, eventually

SCRAPE_SECONDS = 15
HISTORY_SAMPLES = 2 * 86_400 // SCRAPE_SECONDS
HISTORY_BLOCK_SECONDS = 7_200


@dataclass(frozen=True)
class History:
    """What was written: the second of the first sample, and the values of each instance every 15 s."""

    begin: int
    values: dict[str, list[int]]

    @property
    def end(self) -> int:
        return self.begin + (HISTORY_SAMPLES - 1) * SCRAPE_SECONDS


def write_history(folder: Path, promtool: str) -> History:
    """Back-fill two days that are over: steady, leaking 60 per hour since the second day, and a sawtooth."""
    blocks = int(time.time()) // HISTORY_BLOCK_SECONDS - 2  # the last two are Prometheus' own
    begin = blocks * HISTORY_BLOCK_SECONDS - HISTORY_SAMPLES * SCRAPE_SECONDS + 7
    seconds = range(0, HISTORY_SAMPLES * SCRAPE_SECONDS, SCRAPE_SECONDS)
    values = {
        "steady": [200 + at // SCRAPE_SECONDS * 7 % 11 for at in seconds],
        "leak": [100 + max(0, at - 86_400) // 60 for at in seconds],
        "saw": [50 + at % 36_000 // 45 for at in seconds],
    }
    lines = ["# TYPE go_goroutines gauge"]
    for instance, counts in values.items():
        series = f'go_goroutines{{job="history",instance="{instance}"}}'
        lines += [f"{series} {count} {begin + at}" for at, count in zip(seconds, counts, strict=True)]
    text = folder / "history.txt"
    text.write_text("\n".join([*lines, "# EOF", ""]))
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(folder / "data")]
    subprocess.run(command, check=True, timeout=PATIENCE_SECONDS, capture_output=True)
    return History(begin, values)


@contextmanager
def running_prometheus(binary: str, folder: Path, *options: str, port: int = 0) -> Iterator[str]:
    """Start Prometheus with the `prometheus.yml` of a folder; yield host:port, end it by its process id."""
    command = [
        binary,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        *options,
    ]
    log = folder / "prometheus.log"  # no pipe: one that nobody empties holds up who writes
    with log.open("wb") as written, subprocess.Popen(command, stderr=written) as process:
        try:
            eventually(log.read_text, lambda text: "Server is ready" in text or process.poll() is not None)
            found = re.search(r'"Listening on" address=(\S+)', log.read_text())
            assert found is not None, log.read_text()
            assert process.poll() is None, log.read_text()
            yield found[1]
        finally:
            process.kill()


def lasting_port() -> int:
    """Find a free port that the system gives to nobody by itself: it is still free when a server comes back to it."""
    for port in range(21_000 + os.getpid() % 9_000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("no port is free between 21000 and 32000")


def scrape(folder: Path, *addresses: str, name: str = "targets") -> None:
    """Name the targets of a job that looks them up in `NAME.json`."""
    text = json.dumps([{"targets": list(addresses)}])
    made = folder / f"{name}.json.new"
    made.write_text(text)
    made.rename(folder / f"{name}.json")
