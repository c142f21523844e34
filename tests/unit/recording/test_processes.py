"""Processes that are killed at any moment, and many at once: nothing acknowledged is lost, nothing is read twice.

`kill -9` is real, at moments that a seed chooses. It is the death of a process, not a loss of power.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gostack_nb import Dataset, Recording, read
from gostack_nb.recording.layout import evidence_key
from tests.unit.recording.nursery import KEPT_BY_ONE, made
from tests.unit.recording.samples import assert_equal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks and signals are those of POSIX")

RECORDINGS = 4
KILLS = 25
"""In each of the recordings: a look at one costs the more the more is in it."""

KEPT_BEFORE_KILL = (0, 0, 1, 2)
"""How many are acknowledged before a kill, whatever else the machine does; it comes while the next one is kept."""

LINE_SECONDS = 300


@dataclass
class Nursery:
    """The process that forks others, and what these said so far."""

    process: "subprocess.Popen[str]"
    acknowledged: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)

    def start(self, work: str, path: Path, seed: int) -> int:
        return int(self.ask(f"run {work} {path} {seed}", "pid").split()[1])

    def kill(self, child: int) -> None:
        os.kill(child, signal.SIGKILL)
        self.ask(f"reap {child}", f"dead {child}")

    def wait_for(self, *children: int) -> None:
        while not {str(child) for child in children} <= self.done:
            self.hear()
        for child in children:
            self.ask(f"reap {child}", f"dead {child}")

    def ask(self, line: str, answer: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        while not (heard := self.hear()).startswith(answer):
            pass
        return heard

    def hear(self) -> str:
        """Read one line; what is an acknowledgement is noted."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the process ended"
        match line.split():
            case ["ack", _, key]:
                self.acknowledged.add(key)
            case ["done", child]:
                self.done.add(child)
            case ["failed", *_]:
                pytest.fail(line)
        return line


@pytest.fixture(scope="module")
def parent() -> Iterator["subprocess.Popen[str]"]:
    """Start the process that forks; its imports take longer than what it does."""
    script = Path(__file__).with_name("nursery.py")
    with subprocess.Popen(
        [sys.executable, "-u", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        assert process.stdin is not None
        process.stdin.close()
        process.wait(LINE_SECONDS)


@pytest.fixture
def nursery(parent: "subprocess.Popen[str]") -> Nursery:
    return Nursery(parent)


def kept_in(recording: Recording) -> set[str]:
    """Name the evidence whose dumps are read."""
    return {evidence_key(raw) for raw in recording.snapshots["raw"]}


def assert_whole(dataset: Dataset) -> None:
    """Check that every dump is there once, with its goroutines and their stacks."""
    assert dataset.snapshots["sha256"].is_unique
    assert dataset.snapshots["snapshot_id"].is_unique
    counts = dataset.goroutines["snapshot_id"].value_counts()
    expected = dataset.snapshots.set_index("snapshot_id")["goroutine_count"]
    assert counts.to_dict() == expected.to_dict()
    assert set(dataset.goroutines["stack_id"]) == set(dataset.stacks["stack_id"])
    assert dataset.issues.empty


@pytest.mark.parametrize("round_", range(RECORDINGS))
def test_a_writer_killed_a_hundred_times(nursery: Nursery, tmp_path: Path, round_: int) -> None:
    rng = random.Random(20261123 + round_)  # noqa: S311 - moments, no secrets
    path = tmp_path / "incident"
    watcher = Recording.open(path, create=True)
    longest = pace(nursery, "keep", tmp_path / "pace") / KEPT_BY_ONE
    for number in range(KILLS):
        wanted = len(nursery.acknowledged) + rng.choice(KEPT_BEFORE_KILL)
        child = nursery.start("keep", path, number)
        while len(nursery.acknowledged) < wanted:
            nursery.hear()
        time.sleep(rng.uniform(0, longest))  # the moment is what is tested
        nursery.kill(child)
        assert nursery.acknowledged <= kept_in(watcher), f"lost after kill {number}"
    assert len(nursery.acknowledged) >= KILLS // 2, "the kills came too early to say anything"
    opened = Recording.open(path)
    assert_whole(opened.read())
    assert {problem_kind(problem) for problem in opened.verify()["problem"].dropna()} <= UNFINISHED
    assert_equal(opened.read(), read(path))
    watcher.rebuild()
    assert_equal(watcher.read(), read(path))


UNFINISHED = {"has no tables yet", "was never committed", "is unfinished", "the raw file of this sidecar is missing"}
"""What a killed writer may leave."""


def problem_kind(problem: str) -> str:
    return problem.partition(":")[0]


@pytest.mark.parametrize("work", ["compact", "rebuild"])
def test_a_keeper_of_order_killed(nursery: Nursery, tmp_path: Path, work: str) -> None:
    rng = random.Random(work)  # noqa: S311 - moments, no secrets
    path = tmp_path / "incident"
    recording = Recording.open(path, create=True)
    for kept in made(1):
        recording.put(kept)
    expected = read(path)
    tables = shutil.copytree(path / "tables", tmp_path / "tables")
    longest = pace(nursery, work, shutil.copytree(path, tmp_path / "pace"))
    for _ in range(10):
        child = nursery.start(work, path, 1)
        time.sleep(rng.uniform(0, longest))  # the moment is what is tested
        nursery.kill(child)
        assert_equal(Recording.open(path).read(), expected)
        assert_equal(recording.read(), expected)
        shutil.rmtree(path / "tables")
        shutil.copytree(tables, path / "tables")


def pace(nursery: Nursery, work: str, path: Path) -> float:
    """Measure how many seconds the whole work takes now: the moments of the kills are shares of it."""
    begun = time.monotonic()
    nursery.wait_for(nursery.start(work, path, 1))
    nursery.acknowledged.clear()
    return time.monotonic() - begun


def test_many_at_once(nursery: Nursery, tmp_path: Path) -> None:
    """Three write, one merges, one parses again, and this one reads: always what was acknowledged, and once."""
    path = tmp_path / "incident"
    recording = Recording.open(path, create=True)
    writers = [nursery.start("keep", path, seed) for seed in range(3)]
    others = [nursery.start("compact", path, 5), nursery.start("rebuild", path, 1)]
    reads = 0
    while not {str(child) for child in writers + others} <= nursery.done:
        nursery.hear()
        acknowledged = set(nursery.acknowledged)
        if reads % 5 == 0:
            assert_whole(recording.read())
        assert acknowledged <= kept_in(recording)
        reads += 1
    nursery.wait_for(*writers, *others)
    assert len(recording.read().snapshots) == 3 * KEPT_BY_ONE
    assert_equal(recording.read(), read(path))


def test_many_make_the_same_recording(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "new" / "incident"
    writers = [nursery.start("keep", path, 1) for _ in range(4)]
    nursery.wait_for(*writers)
    assert len(nursery.acknowledged) == KEPT_BY_ONE
    assert_equal(Recording.open(path).read(), read(path))


def test_the_check_can_fail(tmp_path: Path) -> None:
    """A recording from which something acknowledged was taken is not whole."""
    recording = Recording.open(tmp_path, create=True)
    keys = {recording.put(kept) for kept in made(1)}
    assert keys <= kept_in(recording)
    for path in [*tmp_path.rglob("20260301T085343Z*.gz"), *tmp_path.rglob("20260301T085343Z*.parquet")]:
        path.unlink()
    assert not keys <= kept_in(recording)
