"""At run time nobody is asked: reading, judging, drawing and reports work where no other machine can be reached."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.long_life.offline import attempts, guarded

LEAK = Path(__file__).parents[2] / "data" / "push-incident" / "leak"

LIBRARY = f"""
import matplotlib
matplotlib.use("Agg")
import gostack_nb as gs
dataset = gs.read({str(LEAK)!r})
suspects = gs.suspects(dataset)
assert gs.explain(suspects["stack_id"][0], dataset).title
assert gs.incident.who(dataset, suspects).sentences
assert gs.plot_growth(dataset).has_data()
shown = gs.explore(dataset)._repr_mimebundle_()
assert "text/html" in (shown[0] if isinstance(shown, tuple) else shown)
print(gs.report(dataset, "postmortem.html").stat().st_size > 100_000, suspects["verdict"][0])
"""

ASKING = {
    "a name": "import socket; socket.getaddrinfo('example.invalid', 80)",
    "an address": "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "a datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'a', ('192.0.2.1', 53))",
}


def run(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run code in a folder, behind the guard; a warning ends it."""
    environment = os.environ | guarded(folder / "guard") | {"PYTHONWARNINGS": "error", "MPLCONFIGDIR": str(folder)}
    command = [sys.executable, "-X", "dev", "-c", code]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
    )


def test_the_library_works_without_a_network_and_without_a_warning(tmp_path: Path) -> None:
    done = run(LIBRARY, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "proven"]
    assert "Warning" not in done.stderr
    assert attempts(tmp_path / "guard") == []


@pytest.mark.parametrize("what", ASKING)
def test_the_guard_notes_and_refuses(what: str, tmp_path: Path) -> None:
    done = run(ASKING[what], tmp_path)
    assert done.returncode == 1
    assert "no network here" in done.stderr
    [note] = attempts(tmp_path / "guard")
    assert "example.invalid" in note or "192.0.2.1" in note


def test_the_guard_lets_this_machine_pass(tmp_path: Path) -> None:
    code = (
        "import socket\nwith socket.create_server(('127.0.0.1', 0)) as server, "
        "socket.create_connection(server.getsockname()): pass"
    )
    assert run(code, tmp_path).returncode == 0
    assert attempts(tmp_path / "guard") == []
