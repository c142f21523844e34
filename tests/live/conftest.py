"""Go programs, built once for all live tests."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gostack_nb.reports.bundled import bundled

Build = Callable[[Path], Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory, go: str) -> Build:
    """Give a function that builds the program in a folder and returns the path of the binary."""
    made = tmp_path_factory.mktemp("go")
    environment = {
        **os.environ,
        "GOCACHE": str(made / "cache"),
        "GOPATH": str(made / "path"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
        "GOTELEMETRY": "off",
        "CGO_ENABLED": "0",
    }

    def build(source: Path) -> Path:
        binary = made / f"{source.name}.bin"
        command = [go, "build", "-o", str(binary), "."]
        subprocess.run(command, cwd=source, env=environment, check=True, timeout=300)
        return binary

    return build


@pytest.fixture(scope="session")
def program(build: Build) -> Path:
    """Build the server of the reference incident."""
    return build(bundled("push-incident") / "server")
