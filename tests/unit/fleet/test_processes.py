"""A pool whose processes Ctrl-C does not reach: the caller gets it, once they are started."""

import signal
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from gostack_nb.fleet.processes import pool_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no masks of signals")


def blocked() -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def blocked_in(pool: Executor) -> bool:
    return pool.submit(blocked).result()


def test_processes_have_it_blocked_and_the_caller_has_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pool_of(1) as pool:
        assert blocked_in(pool)
        assert not blocked()
        assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_may_start_them() -> None:
    with pool_of(1) as pool, ThreadPoolExecutor(1) as thread:
        assert thread.submit(blocked_in, pool).result()
        assert not thread.submit(blocked).result()


@pytest.mark.parametrize("name", ["submit", "shutdown"])
def test_an_interrupt_while_they_start_or_end_comes_right_after(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    whole = getattr(ProcessPoolExecutor, name)

    def interrupted(*arguments: Any, **named: Any) -> Any:
        thread.submit(signal.raise_signal, signal.SIGINT).result()
        done.append(name)
        return whole(*arguments, **named)

    monkeypatch.setattr(ProcessPoolExecutor, name, interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with ThreadPoolExecutor(1) as thread:
            assert not thread.submit(blocked).result()
            with pytest.raises(KeyboardInterrupt), pool_of(1) as pool:
                pool.submit(blocked)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == [name]
    assert not blocked()


def test_what_waits_is_cancelled_at_the_end() -> None:
    with pool_of(1) as pool:
        futures = [pool.submit(time.sleep, 0.1) for _ in range(1_000)]
    assert futures[0].done()
    assert not futures[0].cancelled()
    assert futures[-1].cancelled()
