"""Processes of this machine to count in: Ctrl-C reaches them through the process that started them alone."""

import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from threading import current_thread, main_thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def pool_of(number: int) -> Iterator[Executor]:
    """Open a pool of so many processes; at the end what waits in it is cancelled, and what runs is waited for."""
    pool = _Pool(number, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        with _interrupt_waits():  # a second Ctrl-C: processes that are not told to end would wait for ever
            pool.shutdown(cancel_futures=True)


class _Pool(ProcessPoolExecutor):
    """A terminal sends Ctrl-C to every process: one that is still importing would print its traceback."""

    def submit(self, call: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> Future[T]:
        with _interrupt_waits(), _interrupt_blocked():  # this is what starts processes, in some milliseconds
            return super().submit(call, *arguments, **named)


@contextmanager
def _interrupt_waits() -> Iterator[None]:
    """Raise an interrupt at the end, not in the middle: a process that is half started is ended by nobody."""
    if current_thread() is not main_thread() or signal.getsignal(signal.SIGINT) is None:  # the others get none
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _interrupt_blocked() -> Iterator[None]:
    """Block the signal in this thread: processes that it starts inherit that, but not the handler of a signal."""
    if sys.platform == "win32":  # has no such masks
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
