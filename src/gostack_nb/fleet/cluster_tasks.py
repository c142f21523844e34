"""The counting on a Dask cluster: versions first, then one task per batch; only the root of the tree comes back."""

import time
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeAlias

from distributed import Client, Future
from distributed.scheduler import KilledWorker

from gostack_nb.errors import ArgumentError, FleetError
from gostack_nb.fleet.counting import count_files
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.running import Advance, Batch, Tree, lost
from gostack_nb.fleet.versions import check_versions

Task: TypeAlias = "Future[Counts]"

POLL_SECONDS = 5.0
"""Between looks whether the cluster is still there, while nothing is heard of it."""

PATIENCE_SECONDS = 120.0
"""Without a worker: one that died may be started again, or come with an autoscaler."""

SENT_BATCHES = 500
"""Sent to the scheduler at once: more makes messages that it warns of."""

COMBINE_RETRIES = 2


def count_on_cluster(batches: Sequence[Batch], client: Client, advance: Advance) -> Counts:
    """Count batches of places on the workers, and combine the counts there.

    A worker that is lost costs time only. A batch that fails is tried again place by place; what fails again is a
    problem.

    Raises
    ------
    FleetError
        If the cluster has other versions or no workers, or the scheduler is lost.
    """
    if client.asynchronous:
        msg = "the client is asynchronous. Hint: make one with Client(address), without asynchronous=True"
        raise ArgumentError(msg)
    if client.status != "running":
        msg = f"the client is {client.status}. Hint: make a new one with Client(address)"
        raise FleetError(msg)
    check_versions(client, PATIENCE_SECONDS)
    return _Job(client, advance).run(batches)


class _Job:
    """The futures of one sweep, and what became of them."""

    def __init__(self, client: Client, advance: Advance) -> None:
        self._client, self._advance = client, advance
        self._heard: SimpleQueue[Task] = SimpleQueue()
        self._waiting: dict[object, tuple[Task, Batch]] = {}
        self._tree: Tree[Task] = Tree(self._combined)
        self._lost: list[Counts] = []
        self._alone_since: float | None = None

    def run(self, batches: Sequence[Batch]) -> Counts:
        try:
            self._send(batches)
            while self._waiting:
                self._take(self._next())
            return combine([self._root(), *self._lost])
        except BaseException:  # Ctrl-C is one
            self._cancel()
            raise

    def _send(self, batches: Sequence[Batch]) -> None:
        futures = self._client.map(count_files, batches, pure=False, batch_size=SENT_BATCHES)
        self._waiting.update((future.key, (future, batch)) for future, batch in zip(futures, batches, strict=True))
        for future in futures:
            future.add_done_callback(self._heard.put)

    def _take(self, future: Task) -> None:
        _, batch = self._waiting.pop(future.key)
        if future.status == "cancelled":
            raise FleetError(self._ended())
        if future.status != "error":  # finished; or lost again with its worker: then the scheduler has it counted anew
            self._tree.add(future)
        elif len(batch) > 1:
            self._send([[place] for place in batch])
            return
        else:
            self._lost.append(lost(batch, _why(future)))
        self._advance(len(batch))

    def _combined(self, parts: list[Task]) -> Task:
        return self._client.submit(combine, parts, pure=False, retries=COMBINE_RETRIES)

    def _root(self) -> Counts:
        root = self._tree.total()
        if root is None:
            return Counts()
        self._waiting[root.key] = (root, [])
        root.add_done_callback(self._heard.put)
        while self._next() is not root:
            pass
        if root.status == "cancelled":
            raise FleetError(self._ended())
        try:
            return root.result()
        except Exception as error:
            msg = f"the counts could not be combined on the workers ({_why(root)}). Hint: give each more memory"
            raise FleetError(msg) from error

    def _next(self) -> Task:
        while True:
            with suppress(Empty):
                return self._heard.get(timeout=POLL_SECONDS)
            self._look()

    def _ended(self) -> str:
        """Say why tasks ended that nobody here cancelled."""
        if self._client.status != "running":
            return _gone()
        return "the tasks were cancelled, by somebody who restarted the cluster or its client. Hint: sweep again"

    def _look(self) -> None:
        """Raise if nothing can come any more."""
        if self._client.status != "running":
            raise FleetError(_gone())
        try:
            workers = self._client.nthreads()
        except Exception as error:
            raise FleetError(_gone()) from error
        now = time.monotonic()
        self._alone_since = None if workers else (self._alone_since or now)
        if self._alone_since is not None and now - self._alone_since > PATIENCE_SECONDS:
            msg = f"the cluster has had no worker for {PATIENCE_SECONDS:.0f} s. Hint: start workers, and sweep again"
            raise FleetError(msg)

    def _cancel(self) -> None:
        """Let the cluster forget what is not done: after Ctrl-C it shall not go on."""
        futures = [*(future for future, _ in self._waiting.values()), *self._tree.held()]
        with suppress(Exception):  # the cluster may be gone, and another error is on its way
            self._client.cancel(futures)


def _why(future: Task) -> str:
    error = future.exception()
    if isinstance(error, KilledWorker):
        died = f"{error.allowed_failures + 1} workers ended while it was theirs"
        return f"{died}: too little memory, or a file that breaks the reader. Hint: more memory per worker"
    return f"the cluster failed ({type(error).__name__}: {error})"


def _gone() -> str:
    return "the scheduler is lost. Hint: look at its log, start it again, and sweep again with a new client"
