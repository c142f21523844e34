"""Where the counting runs: the counts are the same, and what a pool loses is said."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gostack_nb.errors import ArgumentError, FleetError
from gostack_nb.fleet import counting, running
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.running import Tree, batches_of, count_all, lost

TABLES: tuple[Callable[[Counts], pd.DataFrame], ...] = (
    Counts.dumps,
    Counts.cells,
    Counts.places,
    Counts.stacks,
    Counts.problems,
)
POISON = "poison.txt"


def dump(number: int, goroutines: int = 3) -> str:
    return "".join(
        f"goroutine {1 + n} [chan receive]:\nmain.f{(number + n) % 7}()\n\t/srv/main.go:{n + 1} +0x1d\n\n"
        for n in range(goroutines)
    )


@pytest.fixture
def places(tmp_path: Path) -> list[Place]:
    """Make nine dumps, one of them not readable, for batches of two."""
    for number in range(9):
        (tmp_path / f"{number}.txt").write_text(dump(number))
    (tmp_path / "4.txt").write_text("no dump")
    return [Place(str(tmp_path / f"{number}.txt")) for number in range(9)]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_PLACES", 2)


def assert_equal(one: Counts, other: Counts) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(table(one), table(other))


def ignore(_: int) -> None:
    """Show no progress."""


class LosingPool(Executor):
    """Counts the first batch; then it is broken."""

    def __init__(self, error: Exception, *, at_submit: bool) -> None:
        self._error, self._at_submit, self._taken = error, at_submit, 0

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self._taken += 1
        if self._taken == 1:
            future.set_result(call(*arguments))
        elif self._at_submit:
            raise self._error
        else:
            future.set_exception(self._error)
        return future


def test_batches_hold_so_many_places_or_bytes() -> None:
    sizes = [1, running.BATCH_BYTES, 1, 1, 1]
    batches = batches_of([Place(str(number), size_bytes=size) for number, size in enumerate(sizes)])
    assert [[place.address for place in batch] for batch in batches] == [["0"], ["1"], ["2", "3"], ["4"]]
    recordings = batches_of([Place(str(number), is_recording=True) for number in range(3)])
    assert [len(batch) for batch in recordings] == [2, 1]
    assert not list(batches_of([]))


@pytest.mark.parametrize("number", [0, 1, 15, 16, 17, 255, 256, 300])
def test_a_tree_joins_everything_once_and_holds_little(number: int) -> None:
    most = 0

    def join(parts: list[list[int]]) -> list[int]:
        assert 1 < len(parts) <= running.SPLIT
        return [one for part in parts for one in part]

    tree = Tree(join)
    for one in range(number):
        tree.add([one])
        most = max(most, len(tree.held()))
    assert sorted(tree.total() or []) == list(range(number))
    assert most < 3 * running.SPLIT


def test_nothing_to_count_is_counted() -> None:
    with ThreadPoolExecutor(1) as pool:
        for where in (None, pool):
            assert_equal(count_all([], where, ignore), Counts())


def test_a_pool_counts_what_this_process_counts(places: list[Place]) -> None:
    done: list[int] = []
    here = count_all(places, None, done.append)
    assert done == [2, 2, 2, 2, 1]
    assert here.cells()["count"].sum() == 8 * 3
    assert here.problems()["source"].tolist() == [places[4].source]
    assert_equal(here, combine(counting.count_file(place) for place in places))
    with ThreadPoolExecutor(3) as pool:
        done.clear()
        assert_equal(here, count_all(places, pool, done.append))
    assert sorted(done) == [1, 2, 2, 2, 2]


@pytest.mark.parametrize("at_submit", [False, True])
def test_what_a_broken_pool_lost_is_said_and_the_rest_kept(places: list[Place], at_submit: bool) -> None:
    done: list[int] = []
    counts = count_all(places, LosingPool(BrokenExecutor("a process died"), at_submit=at_submit), done.append)
    assert sum(done) == len(places)
    assert set(counts.dumps()["source"]) == {place.source for place in places[:2]}
    problems = counts.problems()
    assert set(problems["source"]) == {place.source for place in places[2:]}
    assert set(problems["reason"].astype(object).str.partition(":")[0]) == {"was not counted"}
    assert "too little memory, or killed" in problems["reason"].iloc[0]


def test_what_a_pool_cannot_run_is_said(places: list[Place]) -> None:
    counts = count_all(places, LosingPool(ModuleNotFoundError("No module named 'x'"), at_submit=False), ignore)
    assert set(counts.problems()["reason"]) == {
        "was not counted: the pool failed (ModuleNotFoundError: No module named 'x')"
    }


def test_a_pool_that_is_closed_is_an_error(places: list[Place]) -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(FleetError, match=r"^the pool takes no work \(.*shutdown\)\. Hint: "):
        count_all(places, pool, ignore)


def test_another_thing_than_a_client_is_an_error(places: list[Place]) -> None:
    with pytest.raises(ArgumentError, match=r"^cannot sweep on str: pass a distributed\.Client or a concurrent"):
        count_all(places, "127.0.0.1:8786", ignore)  # type: ignore[arg-type]


def test_ctrl_c_ends_what_waits_in_a_pool(places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    futures: list[Future[Counts]] = []
    submit = ThreadPoolExecutor.submit

    def remember(*arguments: Any) -> "Future[Any]":
        futures.append(submit(*arguments))
        return futures[-1]

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ThreadPoolExecutor, "submit", remember)
    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        count_all(places * 100, pool, interrupt)
    assert futures[-1].cancelled()


def die_of_poison() -> None:
    """Let a process of a pool end when it is to count the poison, as one that has too little memory does."""
    count = counting.open_sources

    def open_or_die(source: Any) -> Any:
        if str(source).endswith(POISON):
            os._exit(1)
        return count(source)

    counting.open_sources = open_or_die  # type: ignore[assignment]


def test_a_process_that_dies_ends_no_sweep(places: list[Place], tmp_path: Path) -> None:
    (tmp_path / POISON).write_text(dump(0))
    poisoned = [*places, Place(str(tmp_path / POISON))]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=die_of_poison) as pool:
        counts = count_all(poisoned, pool, ignore)
    problems = set(counts.problems()["source"])
    assert poisoned[-1].source in problems
    assert set(counts.dumps()["source"]) | problems == {place.source for place in poisoned}


def test_processes_count_what_this_process_counts(places: list[Place], tmp_path: Path) -> None:
    packed = tmp_path / "packed.txt.gz"
    packed.write_bytes(gzip.compress(dump(1, 50).encode()))
    labelled = [Place(str(packed), service="push", instance="a", labels={"zone": "eu"}), *places]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert_equal(count_all(labelled, None, ignore), count_all(labelled, pool, ignore))


def test_places_that_were_lost_keep_what_is_known_of_them() -> None:
    problem = lost([Place("a.txt", service="push", instance="i-1")], "it rained").problems().iloc[0]
    assert problem.to_dict() == {
        "source": "a.txt",
        "service": "push",
        "instance": "i-1",
        "reason": "was not counted: it rained",
    }


@pytest.mark.parametrize("equal", [0, 1])
def test_equal_dumps_are_one_wherever_they_are_counted(equal: int, tmp_path: Path) -> None:
    """The same bytes of one process at two times are two dumps, and their names depend on no batch."""
    for number in range(2):
        (tmp_path / f"{number}.txt").write_text(dump(0))
        sidecar = '{"captured_at": "2026-11-23T09:00:0%dZ", "service": "push", "instance": "i-1"}'
        (tmp_path / f"{number}.txt.json").write_text(sidecar % (0 if equal else number))
    alone = [combine([counting.count_file(tmp_path / f"{number}.txt")]) for number in range(2)]
    together = counting.count_files([Place(str(tmp_path / f"{number}.txt")) for number in range(2)])
    assert len(together.dumps()) == 2 - equal
    assert together.dumps()["snapshot_id"].tolist() == combine(alone).dumps()["snapshot_id"].tolist()


def test_counts_know_their_size() -> None:
    counts = counting.count_file(dump(0, 2_000).encode())
    tables: Sequence[str] = ("dump_table", "cell_table", "place_table", "stack_table", "problem_table")
    assert sys.getsizeof(counts) > sum(getattr(counts, name).nbytes for name in tables) > 1_000


def test_dask_is_loaded_for_a_client_alone(places: list[Place]) -> None:
    code = f"""
import sys
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.running import count_all
count_all([Place({places[0].address!r})], None, print)
sys.exit(bool({{"dask", "distributed", "fsspec"}} & set(sys.modules)))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
