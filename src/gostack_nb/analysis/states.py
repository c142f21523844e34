"""Table -> column: what a goroutine waits for, named as the newest Go names it."""

import numpy as np
import pandas as pd

from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of

RECEIVE_STATES = frozenset({"chan receive", "chan receive (nil chan)"})
"""Blocked in a receive from one channel. A `select` with one case is compiled to this too."""

SEND_STATES = frozenset({"chan send", "chan send (nil chan)"})
"""Blocked in a send to one channel."""

SELECT_STATES = frozenset({"select", "select (no cases)"})
"""Blocked in a select statement."""

CHANNEL_STATES = RECEIVE_STATES | SEND_STATES | SELECT_STATES
"""Blocked on channels."""

LOCK_STATES = frozenset({"sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock"})
"""Blocked on a lock. `sync.Once.Do` behind a running Once shows as `sync.Mutex.Lock`."""

BLOCKED_STATES = CHANNEL_STATES | LOCK_STATES | frozenset({"sync.WaitGroup.Wait", "sync.Cond.Wait", "semacquire"})
"""Waiting for another goroutine, not for the network, a timer or the processor."""

BUBBLE_SUFFIXES = (" (durable)", " (synctest)")
"""Marks of testing/synctest: `(synctest)` in Go 1.24, `(durable)` since (runtime/runtime2.go, go1.24, go1.25)."""

SEMACQUIRE = "semacquire"

SEMACQUIRE_CALLERS = {
    "sync.(*WaitGroup).Wait": "sync.WaitGroup.Wait",
    "sync.(*Mutex).lockSlow": "sync.Mutex.Lock",
    "sync.(*Mutex).Lock": "sync.Mutex.Lock",
    "sync.(*RWMutex).Lock": "sync.RWMutex.Lock",
    "sync.(*RWMutex).RLock": "sync.RWMutex.RLock",
}
"""Who calls the semaphore, and the wait reason that newer Go prints instead of `semacquire`.

The lock reasons came in Go 1.20, `sync.WaitGroup.Wait` in 1.24 (runtime/runtime2.go, waitReasonStrings).
"""


@checked
def normalized_state(source: Dataset | pd.DataFrame) -> pd.Series:
    """Name each goroutine's state as the newest Go does, so that an upgrade of Go is not a change.

    `semacquire` becomes the lock, wait group or condition that the stack shows; the marks of testing/synctest
    are dropped. Wait reasons are taken whole: `chan receive (nil chan)` stays another state than `chan receive`.

    Parameters
    ----------
    source : Dataset or DataFrame
        Goroutines with `state` and `top_frames`.

    Returns
    -------
    Series
        Named `state`, category, with the index of the goroutines; NA where the form does not tell the state.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> import pandas as pd
    >>> frames = ["sync.runtime_Semacquire < sync.(*WaitGroup).Wait < main.run", "main.next < main.main"]
    >>> table = pd.DataFrame({"state": ["semacquire", "chan receive (durable)"], "top_frames": frames})
    >>> normalized_state(table.astype("category")).tolist()
    ['sync.WaitGroup.Wait', 'chan receive']
    """
    frame = goroutines_of(source, "state", "top_frames")
    state, frames = frame["state"].astype("category"), frame["top_frames"].astype("category")
    printed = [without_bubble_suffix(name) for name in state.cat.categories]
    implied = [semacquire_reason(text) for text in frames.cat.categories]
    names = pd.Index(sorted({*printed, *implied, SEMACQUIRE}), dtype="str")
    codes = np.take(_lookup(names, [*printed, None]), state.cat.codes.to_numpy())
    rows = np.flatnonzero(codes == names.get_loc(SEMACQUIRE))
    codes[rows] = _lookup(names, [*implied, SEMACQUIRE])[frames.cat.codes.to_numpy()[rows]]
    return pd.Series(_without_unused(codes, names), index=frame.index, name="state")


def without_bubble_suffix(state: str) -> str:
    """Drop the marks of testing/synctest: `sleep (durable)` -> `sleep`."""
    for suffix in BUBBLE_SUFFIXES:
        state = state.removesuffix(suffix)
    return state


def semacquire_reason(top_frames: str) -> str:
    """Name what a `semacquire` waits for: `sync.runtime_Semacquire < sync.(*WaitGroup).Wait` -> the wait group."""
    callers = (SEMACQUIRE_CALLERS.get(name) for name in top_frames.split(" < "))
    return next((reason for reason in callers if reason), SEMACQUIRE)


def _lookup(names: pd.Index, wanted: list[str | None]) -> np.ndarray:
    """Return the code of each wanted name; the last entry answers for the code -1 (NA)."""
    return names.get_indexer(pd.Index(wanted, dtype="str")).astype(np.min_scalar_type(-len(names) - 2))


def _without_unused(codes: np.ndarray, names: pd.Index) -> pd.Categorical:
    """Keep the names that occur; pandas' own remove_unused_categories sorts all rows to find them."""
    used = np.zeros(len(names) + 1, dtype=np.bool_)
    used[codes] = True
    used[-1] = False
    place = np.where(used, np.cumsum(used) - 1, -1).astype(codes.dtype)
    return pd.Categorical.from_codes(np.take(place, codes), categories=names[used[:-1]])
