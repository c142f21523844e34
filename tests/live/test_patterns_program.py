"""The program of known patterns, built and run with the Go at hand: what it shows is still recognised."""

import os
import subprocess
from pathlib import Path

import pytest

from gostack_nb.analysis.catalogue.matching import match_patterns
from gostack_nb.reading.datasets import read

pytestmark = pytest.mark.live

PROGRAM = Path(__file__).parents[1] / "corpus" / "programs" / "patterns"
SCENARIOS = {
    "http-body-open": "http-client-body-open",
    "sql-rows": "sql-rows-open",
    "sql-tx": "sql-tx-open",
    "http2": "http2-client-stream",
    "missing-unlock": "mutex-wait",
    "wait-group": "waitgroup-wait",
    "nil-send": "nil-channel",
    "custom-context": "context-custom-parent",
    "exec": "exec-child",
}


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory, go: str) -> Path:
    folder = tmp_path_factory.mktemp("patterns")
    environment = os.environ | {
        "GOCACHE": str(folder / "cache"),
        "GOPATH": str(folder / "path"),
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
        "CGO_ENABLED": "0",
    }
    binary = str(folder / "patterns")
    subprocess.run([go, "build", "-o", binary, "."], cwd=PROGRAM, env=environment, check=True, timeout=300)
    done = subprocess.run([binary, "-out", folder, *SCENARIOS], capture_output=True, check=False, timeout=60)
    (folder / "sigquit.txt").write_bytes(done.stderr)
    return folder


@pytest.mark.parametrize("form", ["debug2.txt", "debug1.txt", "debug0.pb.gz", "sigquit.txt"])
def test_patterns_are_recognised(dumps: Path, form: str) -> None:
    found = set(match_patterns(read(dumps / form))["pattern"].dropna())
    assert set(SCENARIOS.values()) - ({"nil-channel"} if form == "debug1.txt" else set()) <= found
