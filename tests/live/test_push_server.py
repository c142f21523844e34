"""A real Go service that leaks on purpose, asked over HTTP."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from gostack_nb import incident, read
from gostack_nb.cli import main
from gostack_nb.reports.bundled import bundled

pytestmark = pytest.mark.live

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


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, go: str) -> Path:
    """Build the server of the reference incident."""
    folder = tmp_path_factory.mktemp("push")
    environment = {
        **os.environ,
        "GOCACHE": str(folder / "cache"),
        "GOPATH": str(folder / "path"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
        "GOTELEMETRY": "off",
        "CGO_ENABLED": "0",
    }
    server = bundled("push-incident") / "server"
    subprocess.run(
        [go, "build", "-o", str(folder / "server"), "."], cwd=server, env=environment, check=True, timeout=300
    )
    return folder / "server"


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


@pytest.fixture(scope="module")
def leaking(program: Path) -> Iterator[Service]:
    with running(program) as service:
        service.churn(CLIENTS)
        service.churn(CLIENTS)
        yield service


@pytest.mark.parametrize("debug", [0, 1, 2])
def test_every_form_is_read_over_http(leaking: Service, debug: int) -> None:
    goroutines = read(f"{leaking.admin}/debug/pprof/goroutine?debug={debug}").goroutines
    ack_loops = goroutines["user_function"].astype("str").str.startswith("main.(*session).a")
    assert ack_loops.sum() == 3 * CLIENTS


def test_the_address_of_the_service_is_enough(leaking: Service) -> None:
    dataset = read(leaking.admin)
    assert dataset.snapshots["form"].to_list() == ["debug=2"]
    assert dataset.snapshots["instance"].to_list() == [leaking.admin.removeprefix("http://")]
    assert f"these are {2 * CLIENTS} more" in str(incident.who(dataset))


def test_the_leak_profile_marks_them(leaking: Service) -> None:
    dataset = read(f"{leaking.admin}/debug/pprof/goroutineleak?debug=1")
    assert dataset.goroutines["leaked"].all()
    assert len(dataset.goroutines) == 2 * CLIENTS


def test_the_fixed_service_is_not_blamed(program: Path) -> None:
    with running(program, "-fix") as service:
        service.churn(CLIENTS)
        service.churn(CLIENTS)
        text = str(incident.missing_siblings(read(service.admin)))
    assert f"{CLIENTS} ack loops, {CLIENTS} readers and {CLIENTS} writers alive, in equal numbers" in text


def test_the_command_keeps_what_the_service_answered(leaking: Service, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["incident", leaking.admin, "--no-lab", "--out", str(tmp_path / "made")])
    assert result.exit_code == 0, result.output
    kept, sidecar = sorted((tmp_path / "made" / "dumps").iterdir())
    assert b"goroutine " in kept.read_bytes()
    assert sidecar.name == f"{kept.name}.json"
    assert read(kept).snapshots["instance"].to_list() == [leaking.admin.removeprefix("http://")]


def test_an_unknown_profile_is_named(leaking: Service) -> None:
    result = CliRunner().invoke(main, ["show", f"{leaking.admin}/debug/pprof/goroutines"])
    assert result.exit_code == 2
    assert "404" in result.output
