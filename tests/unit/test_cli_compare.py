"""`gostack-nb compare`: sources, times, chart and exit status."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gostack_nb.cli import main

DATA = Path(__file__).parents[2] / "data" / "push-incident"


LEAK, FIXED = str(DATA / "leak"), str(DATA / "fixed")


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["compare", *arguments], input=stdin)


def test_a_fix_is_verified() -> None:
    result = run(LEAK, FIXED, "--fail-on", "undecided")
    assert result.exit_code == 0, result.output
    assert "The fix: fixed" in result.output
    assert "main.(*session).ackLoop" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


@pytest.mark.parametrize(("limit", "status"), [("still-grows", 1), (None, 0)])
def test_growth_fails(limit: str | None, status: int) -> None:
    chosen = [] if limit is None else ["--fail-on", limit]
    assert run(LEAK, "--from", "08:56", "--json", *chosen).exit_code == status


def test_two_times_of_one_source() -> None:
    result = run(LEAK, "--from", "08:55", "--to", "08:58:10", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert [(row["before"], row["after"], row["arrived"], row["left"]) for row in found["compare"][:1]] == [
        (61, 131, 70, 0)
    ]
    assert found["verdict"] == "still grows"


def test_one_dump_of_each_and_standard_input() -> None:
    first, last = (Path(LEAK) / f"{number}.goroutine.debug2.txt" for number in ("00", "11"))
    result = run(str(first), "-", stdin=last.read_bytes())
    assert result.exit_code == 0
    assert "+125" in result.output
    assert "One dump on a side" in result.output


def test_the_chart_is_written(tmp_path: Path) -> None:
    path = tmp_path / "fix.svg"
    assert run(LEAK, FIXED, "--json", "--chart", str(path)).exit_code == 0
    assert "The fix: fixed" in path.read_text("utf-8")
    assert [made.name for made in tmp_path.iterdir()] == [path.name]


BAD = [
    ([], "Missing argument"),
    ([LEAK, "missing.txt"], "missing.txt"),
    ([LEAK, FIXED, "--from", "08:55"], "for one source"),
    (["-", "-"], "one side only"),
    ([LEAK, "--from", "noon"], "is no time"),
    ([LEAK, "--from", "08:58", "--to", "08:55"], "no dump is left"),
    ([LEAK, FIXED, "--fail-on", "sure"], "sure"),
    ([LEAK, FIXED, "--chart", "fix.gif"], ".png, .svg or .pdf"),
    ([LEAK, FIXED, "--by", "colour"], "colour"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_bad_usage_is_status_2(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_help_says_what_the_status_means() -> None:
    output = run("--help").output
    for words in ("BEFORE [AFTER]", "--from", "--fail-on", "status 1", "undecided"):
        assert words in output
