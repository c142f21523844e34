"""A real Go service that leaks on purpose, asked over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gostack_nb import incident, read
from gostack_nb.cli import main
from tests.live.push import CLIENTS, Service, running

pytestmark = pytest.mark.live


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
