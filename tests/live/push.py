"""The push server of the reference incident, and its load, as processes of a test."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENTS = 7
LINE_SECONDS = 30


@dataclass(frozen=True)
class Service:
    """A running push server: the address of its admin port, and the load that connects and disconnects clients."""

    admin: str
    load: "subprocess.Popen[str]"

    def churn(self, clients: int) -> None:
        """Let this many clients leave and as many come; returns when they are connected."""
        assert self.load.stdin is not None
        assert self.load.stdout is not None
        self.load.stdin.write(f"churn {clients}\n")
        self.load.stdin.flush()
        assert self.load.stdout.readline().startswith("ok")
        time.sleep(0.5)  # the server notices the end of a connection a moment later


@contextmanager
def running(program: Path, *options: str) -> Iterator[Service]:
    """Start server and load on free ports of the loopback, and end both by their process ids."""
    command = [str(program), "serve", "-listen", "127.0.0.1:0", "-http", "127.0.0.1:0", "-workers", "5", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            found = re.search(r"clients on (\S+), admin on (\S+),", server.stderr.readline())
            assert found is not None
            with subprocess.Popen(
                [str(program), "load", "-addr", found[1], "-clients", str(CLIENTS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as load:
                try:
                    assert load.stdout is not None
                    assert load.stdout.readline().startswith("ok")
                    yield Service(f"http://{found[2]}", load)
                finally:
                    load.kill()
        finally:
            server.kill()
