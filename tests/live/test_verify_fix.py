"""A real service before and after its fix: leaking, fixed, and fixed without load."""

import os
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

import gostack_nb as gs
from gostack_nb.cli import main
from tests.live.push import CLIENTS, running
from tests.live.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.live

ROUNDS = 6
BEGIN, SECONDS = 1_795_420_800, 30


def record(program: Path, folder: Path, *options: str, clients: int = CLIENTS) -> Path:
    """Let clients leave and come between dumps of a running server, and keep the dumps, dated half a minute apart.

    The load is so many clients per dump; by the clock it would depend on what else the machine does.
    """
    folder.mkdir()
    with running(program, *options) as service:
        for number in range(ROUNDS):
            if number:
                service.churn(clients)
            dump = requests.get(f"{service.admin}/debug/pprof/goroutine?debug=2", timeout=PATIENCE_SECONDS)
            path = folder / f"{number}.txt"
            path.write_bytes(dump.content)
            os.utime(path, (BEGIN + number * SECONDS, BEGIN + number * SECONDS))
    return folder


@pytest.fixture(scope="module")
def leaking(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(program, tmp_path_factory.mktemp("recorded") / "leaking")


def test_the_fix_of_a_real_service_is_verified(program: Path, leaking: Path, tmp_path: Path) -> None:
    fixed = record(program, tmp_path / "fixed", "-fix")
    found = gs.verify_fix(gs.read(leaking), gs.read(fixed))
    assert set(found["verdict"]) == {"fixed"}
    ack = found[found["user_function"] == "main.(*session).ackLoop"].iloc[0]
    born = CLIENTS * (ROUNDS - 1)
    assert (ack["before_arrivals"], ack["before_exits"]) == (born, 0)
    assert (ack["after_arrivals"], ack["after_exits"]) == (born, born)
    result = CliRunner().invoke(main, ["compare", str(leaking), str(fixed), "--fail-on", "undecided"])
    assert result.exit_code == 0, result.output


def test_what_still_leaks_fails(program: Path, leaking: Path, tmp_path: Path) -> None:
    again = record(program, tmp_path / "again")
    result = CliRunner().invoke(main, ["compare", str(leaking), str(again), "--fail-on", "still-grows"])
    assert result.exit_code == 1, result.output
    assert "The fix: still grows" in result.output


def test_a_service_without_clients_proves_nothing(program: Path, leaking: Path, tmp_path: Path) -> None:
    idle = record(program, tmp_path / "idle", "-fix", clients=0)
    whole = gs.verify_fix(gs.read(leaking), gs.read(idle)).iloc[0]
    assert whole["verdict"] == "undecided"
    assert "Repeat under the same load" in whole["sentence"]
