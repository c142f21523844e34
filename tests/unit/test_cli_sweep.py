"""`gostack-nb sweep`: text, JSON, tables, exit status."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gostack_nb.cli import main

DATA = Path(__file__).parents[2] / "data" / "fleet"
FLEET = f"{DATA}/{{service}}/{{zone}}/{{build}}/{{instance}}/*.pb.gz"
PUSH = f"{DATA}/push/{{zone}}/{{build}}/{{instance}}/*.pb.gz"


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
