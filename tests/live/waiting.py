"""Waiting for what a process of a test comes to by itself."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 300
"""As long as nothing else works on the machine all of it takes seconds."""

T = TypeVar("T")


def eventually(ask: Callable[[], T], wanted: Callable[[T], object], *, every: float = 0.1) -> T:
    """Ask again until the answer is as wanted."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not wanted(found := ask()):
        assert time.monotonic() < end, found
        time.sleep(every)
    return found
