"""Wall and processor time of one call, in this process and those it starts."""

import resource
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")


class Timing(NamedTuple):
    """How long a call took, and what its processes used: with two of them more than the clock shows."""

    seconds: float
    cpu_seconds: float


def timed(call: Callable[[], Result]) -> tuple[Result, Timing]:
    """Call, and tell how long it took."""
    used, start = used_seconds(), time.perf_counter()
    result = call()
    seconds = time.perf_counter() - start
    return result, Timing(seconds, used_seconds() - used)


def used_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, whose))
