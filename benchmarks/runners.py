"""What a sweep is counted on: this process, a pool, or a cluster on the loopback, each with two workers."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeAlias

import psutil

from benchmarks.probes import WARM_UP
from gostack_nb.fleet.counting import count_file

if TYPE_CHECKING:
    from distributed import Client

WORKERS = 2

Opened: TypeAlias = "tuple[Client | Executor | None, Callable[[], float]]"


@contextmanager
def opened(runner: str) -> "Iterator[Opened]":
    """Start what is named, and let each worker count once; also tells the CPU seconds that its processes used."""
    if runner == "this process":
        yield None, lambda: 0.0
    elif runner == "a pool of two":
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
            list(pool.map(count_file, [WARM_UP] * WORKERS * 4))
            yield pool, _used_by_children
    else:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - only here

        with (
            LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as local,
            Client(local) as client,
        ):
            client.run(count_file, WARM_UP)
            yield client, _used_by_children


def _used_by_children() -> float:
    """Add up the processor time of the processes that run below this one."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return float(sum(one.user + one.system for one in times))
