"""`gostack-nb sweep`: text, JSON, tables, exit status."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from gostack_nb.cli import main

DATA = Path(__file__).parents[2] / "data" / "fleet"
FLEET = f"{DATA}/{{service}}/{{zone}}/{{build}}/{{instance}}/*.pb.gz"
PUSH = f"{DATA}/push/{{zone}}/{{build}}/{{instance}}/*.pb.gz"

PATIENCE_SECONDS = 300


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sweep", *arguments])


def test_text_fits_a_terminal() -> None:
    result = run(FLEET, "--top", "2", "--by", "build")
    assert result.exit_code == 0, result.output
    assert "84 dumps of 14 instances of 2 services" in result.output
    assert "strong  484 goroutines in 10 of 10 instances of push" in result.output
    assert "per instance, by build" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_json_is_the_whole_ranking() -> None:
    result = run(FLEET, "--json")
    rows = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (rows[0]["verdict"], rows[0]["user_function"], rows[0]["total"]) == (
        "strong",
        "main.(*session).ackLoop",
        484,
    )
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))


def test_processes_of_this_machine_count_the_same() -> None:
    assert run(PUSH, "--json", "--processes", "2").stdout == run(PUSH, "--json").stdout


@pytest.mark.parametrize(("limit", "lines"), [("70", 1), ("10000", 0)])
def test_leakprof(limit: str, lines: int) -> None:
    rows = json.loads(run(PUSH, "--leakprof", limit, "--json").stdout)
    assert len(rows) == lines
    text = run(PUSH, "--leakprof", limit).output
    assert f"{lines} line{'' if lines == 1 else 's'} with {int(limit):,} or more blocked" in " ".join(text.split())


@pytest.mark.parametrize(("verdict", "status"), [("proven", 0), ("strong", 1), ("weak", 1)])
def test_fail_on(verdict: str, status: int) -> None:
    assert run(PUSH, "--fail-on", verdict).exit_code == status


def test_a_table(tmp_path: Path) -> None:
    path = min(DATA.rglob("*.pb.gz"))
    table = tmp_path / "fleet.csv"
    table.write_text(f"source,service,instance,build\n{path},s,one,1.0\n{path},s,two,1.1\n,s,three,\n")
    result = run("--table", str(table), "--json")
    assert result.exit_code == 0, result.output
    assert {row["service"] for row in json.loads(result.stdout)} == {"s"}
    assert {row["instances"] for row in json.loads(result.stdout)} == {2}
    assert "has no address" in " ".join(run("--table", str(table)).output.split())


BAD = [
    ((), "Missing argument 'SOURCE...', --prometheus or --table."),
    (("nothing-here.txt",), "nothing-here.txt"),
    ((PUSH, "--by", "colour"), "no instance has a label colour; there are build, zone, go_version"),
    ((PUSH, "--processes", "0"), "--processes"),
    ((PUSH, "--processes", "2", "--scheduler", "tcp://127.0.0.1:1"), "Hint: leave one out"),
    ((PUSH, "--jitter", "soon"), "jitter"),
    ((PUSH, "--table", "nothing.csv"), "nothing.csv"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=lambda one: str(one)[-30:])
def test_what_is_wrong_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output


def asked(workers: list[psutil.Process], service: socket.socket) -> bool:
    """Tell whether the counting is done: after it the services are asked."""
    try:
        service.accept()[0].detach()  # stays open, without an answer
    except BlockingIOError:
        return False
    return len(workers) == 2


def loads(name: str) -> Callable[[list[psutil.Process], socket.socket], bool]:
    """Tell whether the first process is at importing a library."""
    return lambda workers, _: bool(workers) and any(name in one.path for one in workers[0].memory_maps())


MOMENTS = {
    "the first process begins": lambda workers, _: bool(workers),
    "a process imports": loads("pandas"),
    "the processes are idle": asked,
}


def wait_for(moment: str, command: psutil.Process, service: socket.socket) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not MOMENTS[moment](workers_of(command), service):
        assert command.status() != psutil.STATUS_ZOMBIE, "the command ended"
        assert time.monotonic() < end, moment
        time.sleep(0.002)


def workers_of(command: psutil.Process) -> list[psutil.Process]:
    return [one for one in command.children() if "multiprocessing.spawn" in " ".join(one.cmdline())]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the libraries that a process has loaded from /proc: Linux")
@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_in_a_terminal_is_one_sentence_and_leaves_no_process(moment: str) -> None:
    """A terminal sends it to all processes at once. A service that never answers lets no sweep be done before."""
    with socket.create_server(("127.0.0.1", 0)) as service:
        service.setblocking(False)
        arguments = ["sweep", PUSH, f"http://127.0.0.1:{service.getsockname()[1]}", "--processes", "2", "--jitter", "0"]
        # In the background of a shell that is no terminal SIGINT is ignored from birth, and stays so in children.
        code = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); main({arguments!r})"
        command = [sys.executable, "-c", f"from gostack_nb.cli import main; {code}"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as made:
            try:
                wait_for(moment, psutil.Process(made.pid), service)
                os.killpg(made.pid, signal.SIGINT)
                said = made.communicate(timeout=PATIENCE_SECONDS)  # until nobody is left who could write there
            except BaseException:
                os.killpg(made.pid, signal.SIGKILL)
                raise
    assert (made.returncode, *said) == (130, "", "gostack-nb: interrupted\n")
