"""Places to Counts, in this process, in a pool or on a cluster: batches are counted, then combined in a tree."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, as_completed
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from gostack_nb.errors import ArgumentError, FleetError
from gostack_nb.fleet.counting import count_files, failed
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.places import Place

if TYPE_CHECKING:
    from distributed import Client

BATCH_PLACES = 50
"""Of one task: some seconds of work, so that what a task costs by itself (some milliseconds) is nothing."""

BATCH_BYTES = 64 << 20
"""As stored, of one task: a batch that is lost costs little, and progress is seen."""

RECORDING_BYTES = 8 << 20
"""What a recording counts as: its size is not known before it is opened, and its tables alone are read."""

SPLIT = 16
"""Counts that are combined at once."""

Batch: TypeAlias = list[Place]
Advance: TypeAlias = Callable[[int], object]
T = TypeVar("T")


def count_all(places: Sequence[Place], client: "Client | Executor | None", advance: Advance) -> Counts:
    """Count the goroutines of each stack in many files; the counts are the same wherever it runs.

    Parameters
    ----------
    places : sequence of Place
        Files, recordings and objects.
    client : distributed.Client, concurrent.futures.Executor or None
        Where: on a cluster, in a pool; None is this process. It is left open.
    advance : callable
        Is called with the number of places that were done, again and again.

    Returns
    -------
    Counts
        What could not be counted is a row of its problems.

    Raises
    ------
    FleetError
        If the pool or the cluster cannot be used, or is lost.
    ArgumentError
        If `client` is something else.
    """
    batches = list(batches_of(places))
    if client is None:
        return _count_here(batches, advance)
    if isinstance(client, Executor):
        return _count_in_pool(batches, client, advance)
    distributed = sys.modules.get("distributed")
    if distributed is None or not isinstance(client, distributed.Client):
        msg = f"cannot sweep on {type(client).__name__}: pass a distributed.Client or a concurrent.futures.Executor"
        raise ArgumentError(msg)
    from gostack_nb.fleet.cluster_tasks import count_on_cluster  # noqa: PLC0415 - Dask comes with an extra

    return count_on_cluster(batches, client, advance)


def batches_of(places: Sequence[Place]) -> Iterator[Batch]:
    """Yield the places in tasks, in order: so many, or so many bytes."""
    batch: Batch = []
    size = 0
    for place in places:
        weight = RECORDING_BYTES if place.is_recording else place.size_bytes
        if batch and (len(batch) == BATCH_PLACES or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(place)
        size += weight
    if batch:
        yield batch


class Tree(Generic[T]):
    """Parts that are joined as they come, so that few of them are held: those of a level once they are enough.

    Parameters
    ----------
    join : callable
        Makes one part of several; their order must not matter.
    """

    def __init__(self, join: Callable[[list[T]], T]) -> None:
        self._join = join
        self._levels: list[list[T]] = []

    def add(self, part: T, level: int = 0) -> None:
        """Take one more part."""
        if level == len(self._levels):
            self._levels.append([])
        self._levels[level].append(part)
        if len(self._levels[level]) == SPLIT:
            joined = self._join(self._levels[level])
            self._levels[level] = []
            self.add(joined, level + 1)

    def held(self) -> list[T]:
        """Return the parts that are not joined yet."""
        return [part for level in self._levels for part in level]

    def total(self) -> T | None:
        """Join what is left; None if there was nothing."""
        parts = self.held()
        while len(parts) > 1:
            parts = [self._join(parts[start : start + SPLIT]) for start in range(0, len(parts), SPLIT)]
        return parts[0] if parts else None


def lost(batch: Batch, reason: str) -> Counts:
    """Say of each place of a batch why it was not counted."""
    return combine(failed(place, f"was not counted: {reason}") for place in batch)


def _count_here(batches: Sequence[Batch], advance: Advance) -> Counts:
    tree = Tree(combine)
    for batch in batches:
        tree.add(count_files(batch))
        advance(len(batch))
    return tree.total() or Counts()


def _count_in_pool(batches: Sequence[Batch], pool: Executor, advance: Advance) -> Counts:
    tree = Tree(combine)
    waiting: dict[Future[Counts], Batch] = {}
    try:
        for batch in batches:
            waiting[_submitted(pool, batch, is_first=not waiting)] = batch
        for future in as_completed(list(waiting)):
            batch = waiting.pop(future)
            tree.add(_result(future, batch))
            advance(len(batch))
    finally:
        for future in waiting:
            future.cancel()
    return tree.total() or Counts()


def _submitted(pool: Executor, batch: Batch, *, is_first: bool) -> Future[Counts]:
    try:
        return pool.submit(count_files, batch)
    except RuntimeError as error:  # broken (BrokenExecutor is one) or shut down
        if is_first:
            msg = f"the pool takes no work ({error}). Hint: pass a new one, and keep it open until the sweep is done"
            raise FleetError(msg) from error
        future: Future[Counts] = Future()
        future.set_exception(error)
        return future


def _result(future: Future[Counts], batch: Batch) -> Counts:
    try:
        return future.result()
    except BrokenExecutor:
        why = "one of the pool's processes ended while this was under way or waiting: too little memory, or killed"
        hint = "Hint: fewer processes; in a script the pool belongs below if __name__ == '__main__'"
        return lost(batch, f"{why}. {hint}")
    except CancelledError:
        return lost(batch, "the pool was shut down")
    except Exception as error:  # noqa: BLE001 - what a pool may raise; count_files itself raises for no source
        return lost(batch, f"the pool failed ({type(error).__name__}: {error})")
