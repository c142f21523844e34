"""The program of known patterns, built and run with the Go at hand: what it shows is still recognised."""

import subprocess
from pathlib import Path

import pytest

from gostack_nb.analysis.catalogue.matching import match_patterns
from gostack_nb.reading.datasets import read
from tests.conftest import Builder
from tests.live.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.live

PROGRAM = Path(__file__).parents[1] / "corpus" / "programs" / "patterns"
WAITS = ("1s", "5s", "30s")
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
def dumps(tmp_path_factory: pytest.TempPathFactory, builder: Builder) -> Path:
    """Run the program until all its goroutines have come to where they stay; a busy machine needs longer for that."""
    program = builder.program(PROGRAM)
    folder = tmp_path_factory.mktemp("patterns")
    for wait in WAITS:
        command = [program, "-out", folder, "-wait", wait, *SCENARIOS]
        done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_SECONDS)
        (folder / "sigquit.txt").write_bytes(done.stderr)
        if set(SCENARIOS.values()) <= patterns_in(folder / "debug2.txt"):
            break
    return folder


def patterns_in(dump: Path) -> set[str]:
    return set(match_patterns(read(dump))["pattern"].dropna())


@pytest.mark.parametrize("form", ["debug2.txt", "debug1.txt", "debug0.pb.gz", "sigquit.txt"])
def test_patterns_are_recognised(dumps: Path, form: str) -> None:
    assert set(SCENARIOS.values()) - ({"nil-channel"} if form == "debug1.txt" else set()) <= patterns_in(dumps / form)
