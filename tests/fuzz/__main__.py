"""Fuzz with atheris: `python -m tests.fuzz [TARGET ...] [--seconds N] [--keep]`, or `make fuzz`."""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.fuzz.kept import keep_inputs, kept_inputs
from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import TARGETS, Target, named
from tests.fuzz.words import dictionary

ROOT = Path(__file__).parents[2]
WORK = Path(__file__).parent / "made"

TIMEOUT_SECONDS = 10
"""For one input: what takes longer is a finding."""

MEMORY_MB = 2048
"""Of the process: more is a finding."""

_FOUND = ("crash-*", "timeout-*", "oom-*", "slow-unit-*")
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_FEATURES = re.compile(r" ft: (\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one target went."""

    target: Target
    runs: int
    features: int
    seconds: float
    findings: tuple[Path, ...]
    failed: bool


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the inputs of one target are while it runs."""

    seeds: Path
    corpus: Path
    findings: Path
    log: Path

    @classmethod
    def of(cls, work: Path, target: Target) -> "Folders":
        made = cls(*(work / name / target.name for name in ("seeds", "corpus", "findings", "logs")))
        for folder in (made.seeds, made.corpus, made.findings, made.log):
            folder.mkdir(parents=True, exist_ok=True)
        return made


def main() -> int:
    """Run the targets one after the other; return 1 if something was found."""
    asked = _arguments()
    if find_spec("atheris") is None:
        Console(stderr=True).print("atheris is not installed: it exists for Linux on x86-64, up to Python 3.13")
        return 2
    unit = asked.seconds * len(asked.targets) / sum(target.weight for target in asked.targets)
    outcomes = []
    for target in asked.targets:
        outcomes.append(_fuzz(target, round(unit * target.weight), asked.work))
        _say(outcomes[-1:])
        if asked.keep:
            _keep(target, asked.work)
    _say(outcomes)
    return int(any(outcome.findings or outcome.failed for outcome in outcomes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=...", description="Fuzz the parsers.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(target.name for target in TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target on average: some have more, some less")
    parser.add_argument("--keep", action="store_true", help="write what reaches new code into the kept corpus")
    parser.add_argument("--work", type=Path, default=WORK, help="where inputs, findings and logs go")
    asked = parser.parse_args()
    try:
        asked.targets = [named(name) for name in asked.targets] or list(TARGETS)
    except KeyError as error:
        parser.error(str(error.args[0]))
    return asked


def _fuzz(target: Target, seconds: int, work: Path) -> Outcome:
    folders = Folders.of(work, target)
    _write(folders.seeds, [*seeds_of(target), *kept_inputs(target.name).values()])
    words = work / "words.txt"
    words.write_text(dictionary())
    started, before = time.monotonic(), set(_findings(folders))
    done = _run(
        target,
        folders,
        [
            str(folders.corpus),
            str(folders.seeds),
            f"-max_total_time={seconds}",
            f"-timeout={TIMEOUT_SECONDS}",
            f"-rss_limit_mb={MEMORY_MB}",
            f"-max_len={target.max_bytes}",
            f"-artifact_prefix={folders.findings}/",
            f"-dict={words}",
            "-len_control=20",
            "-print_final_stats=1",
        ],
    )
    text = (folders.log / "fuzz.log").read_text("utf-8", "replace")
    return Outcome(
        target,
        int((_RUNS.findall(text) or ["0"])[-1]),
        int((_FEATURES.findall(text) or ["0"])[-1]),
        time.monotonic() - started,
        tuple(sorted(set(_findings(folders)) - before)),
        failed=done != 0,
    )


def _run(target: Target, folders: Folders, options: list[str]) -> int:
    command = [sys.executable, "-m", "tests.fuzz.one_target", target.name, *options]
    with (folders.log / "fuzz.log").open("wb") as log:
        return subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False).returncode


def _findings(folders: Folders) -> list[Path]:
    return [path for pattern in _FOUND for path in folders.findings.glob(pattern)]


def _write(folder: Path, inputs: Iterable[bytes]) -> None:
    for data in inputs:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def _keep(target: Target, work: Path) -> None:
    """Keep the smallest inputs that reach what the seeds do not."""
    folders = Folders.of(work, target)
    merged = work / "merged" / target.name
    shutil.rmtree(merged, ignore_errors=True)
    merged.mkdir(parents=True)
    first = list(seeds_of(target))
    _write(merged, first)
    _write(folders.corpus, kept_inputs(target.name).values())
    _run(target, folders, ["-merge=1", f"-max_len={target.max_bytes}", str(merged), str(folders.corpus)])
    found = {path.read_bytes() for path in merged.iterdir()} - set(first)
    count = keep_inputs(target.name, found)
    Console().print(f"{target.name}: {count} inputs kept")


def _say(outcomes: list[Outcome]) -> None:
    table = Table("target", *(title for title in ("runs", "features", "seconds", "findings")), box=None)
    for outcome in outcomes:
        found = ", ".join(map(str, outcome.findings)) or ("failed, see the log" if outcome.failed else "none")
        table.add_row(
            outcome.target.name, f"{outcome.runs:,}", f"{outcome.features:,}", f"{outcome.seconds:.0f}", found
        )
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
