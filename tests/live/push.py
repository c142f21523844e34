"""The push server of the reference incident, and its load, as processes of a test."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from gostack_nb.reports.bundled import bundled
from tests.conftest import Builder
from tests.live.waiting import PATIENCE_SECONDS, eventually

CLIENTS = 7
LOOPS = ("readLoop", "writeLoop", "ackLoop")
"""The goroutines of a client."""

BROADCASTS = "broadcastTick = 5 * time.Second"


@dataclass
class Service:
    """A running push server: the address of its admin port, and the load that connects and disconnects clients."""

    admin: str
    load: "subprocess.Popen[str]"
    leaks: bool
    came: int = CLIENTS

    def churn(self, clients: int) -> None:
        """Let this many clients leave and as many come; returns when the server has noticed both."""
        assert self.load.stdin is not None
        self.load.stdin.write(f"churn {clients}\n")
        self.load.stdin.flush()
        self.came += clients
        self.settle()

    def settle(self) -> None:
        """Wait until the clients are connected, and served by the goroutines that they are to have.

        The kernel takes a connection before the server does, and the goroutines of a client that left end one by one.
        """
        assert self.load.stdout is not None
        assert self.load.stdout.readline().startswith("ok")
        wanted = dict.fromkeys(LOOPS, CLIENTS) | {"ackLoop": self.came if self.leaks else CLIENTS}
        eventually(self.loops, wanted.__eq__, every=0.01)

    def loops(self) -> dict[str, int]:
        """Count the goroutines of each loop."""
        dump = requests.get(f"{self.admin}/debug/pprof/goroutine?debug=2", timeout=PATIENCE_SECONDS).text
        return {name: dump.count(f"\nmain.(*session).{name}(") for name in LOOPS}


def build_quiet(builder: Builder, folder: Path) -> Path:
    """Build the server of the reference incident, but for its broadcasts: then no goroutine is where others are not.

    While a message waits for its acknowledgement, the goroutine that waits for it has left `ackLoop`.
    """
    shutil.copytree(bundled("push-incident") / "server", folder)
    source = (folder / "main.go").read_text()
    assert BROADCASTS in source
    (folder / "main.go").write_text(source.replace(BROADCASTS, "broadcastTick = 24 * time.Hour"))
    return builder.program(folder)


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
                    service = Service(f"http://{found[2]}", load, leaks="-fix" not in options)
                    service.settle()
                    yield service
                finally:
                    load.kill()
        finally:
            server.kill()
