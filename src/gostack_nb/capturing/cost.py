"""How long debug=2 is likely to stop a service, from what was measured."""

from collections.abc import Sequence

import numpy as np

MEASURED_GOROUTINES = (1_000, 10_000, 100_000)
"""Parked goroutines with stacks of 10 frames, go1.27 on 2 cores, the upper ends of what was seen."""

STOPPED_SECONDS = (0.009, 0.19, 3.3)
"""How long debug=2 took. The world is stopped nearly as long: for each buffer anew, 1, 2 ... 64 MiB
(runtime/pprof/pprof.go, writeGoroutineStacks)."""

LONGEST_SECONDS = (0.008, 0.094, 1.36)
"""The longest stop that another goroutine saw."""

WORTH_SAYING_SECONDS = 0.05


def stop_words(goroutines: int) -> str:
    """Say how long debug=2 of so many goroutines is likely to stop the service; a rough estimate.

    Examples
    --------
    >>> stop_words(25_000)
    'about 0.6 s in all, up to 0.3 s at a time'
    >>> stop_words(1_000)
    'about 0.009 s in all, up to 0.008 s at a time'
    """
    stopped, longest = stopped_seconds(goroutines), _between(goroutines, LONGEST_SECONDS)
    return f"about {stopped:.1g} s in all, up to {longest:.1g} s at a time"


def stopped_seconds(goroutines: int) -> float:
    """Estimate how long debug=2 of so many goroutines stops a service, in all."""
    return _between(goroutines, STOPPED_SECONDS)


def _between(goroutines: int, seconds: Sequence[float]) -> float:
    """Interpolate on logarithms; beyond what was measured, in proportion, and no longer than the text can grow."""
    known = np.log(MEASURED_GOROUTINES)
    at = float(np.exp(np.interp(np.log(max(goroutines, 1)), known, np.log(seconds))))
    return at * min(1.0, goroutines / MEASURED_GOROUTINES[0])
