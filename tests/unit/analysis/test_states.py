import pandas as pd
import pytest

from gostack_nb.analysis.states import BLOCKED_STATES, RECEIVE_STATES, normalized_state
from gostack_nb.errors import MissingColumnError

CASES = [
    # printed, top frames, normalized
    ("semacquire", "sync.runtime_Semacquire < sync.(*WaitGroup).Wait < main.run", "sync.WaitGroup.Wait"),
    ("semacquire", "sync.runtime_SemacquireMutex < sync.(*Mutex).lockSlow < sync.(*Mutex).Lock", "sync.Mutex.Lock"),
    ("semacquire", "sync.runtime_SemacquireMutex < sync.(*RWMutex).RLock < main.get", "sync.RWMutex.RLock"),
    ("semacquire", "sync.runtime_SemacquireMutex < sync.(*RWMutex).Lock < main.set", "sync.RWMutex.Lock"),
    ("semacquire", "internal/poll.runtime_Semacquire < internal/poll.(*fdMutex).rwlock < x.f", "semacquire"),
    ("semacquire", None, "semacquire"),
    ("chan receive (durable)", "main.f", "chan receive"),
    ("select (synctest)", "main.f", "select"),
    ("sleep (durable)", "time.Sleep < main.f", "sleep"),
    ("select (no cases) (durable)", "main.f", "select (no cases)"),
    ("chan receive (nil chan)", "main.f", "chan receive (nil chan)"),
    ("chan send", "sync.(*WaitGroup).Wait < main.f", "chan send"),
    (
        "sync.WaitGroup.Wait (durable)",
        "sync.runtime_SemacquireWaitGroup < sync.(*WaitGroup).Wait",
        "sync.WaitGroup.Wait",
    ),
    (None, "main.f", None),
    (None, "sync.runtime_Semacquire < sync.(*WaitGroup).Wait", None),
]


def test_normalized_state_of_every_case(goroutines):
    table = goroutines({"state": state, "top_frames": frames} for state, frames, _ in CASES)
    found = normalized_state(table).astype(object)
    assert found.where(found.notna(), None).tolist() == [expected for *_, expected in CASES]


def test_normalized_state_keeps_the_index_and_names_only_states_that_occur(goroutines):
    table = goroutines([{"state": "semacquire", "top_frames": "sync.(*Mutex).Lock"}, {"state": "select"}])
    table.index = pd.Index([7, 3])
    found = normalized_state(table)
    assert found.name == "state"
    assert found.index.tolist() == [7, 3]
    assert found.cat.categories.tolist() == ["select", "sync.Mutex.Lock"]


def test_normalized_state_of_an_empty_table(goroutines):
    assert normalized_state(goroutines([])).dtype == "category"


def test_normalized_state_says_which_column_is_missing(goroutines):
    with pytest.raises(MissingColumnError, match="lacks top_frames; it has snapshot_id"):
        normalized_state(goroutines([]).drop(columns="top_frames"))


def test_sets_hold_whole_reasons():
    assert {"chan receive", "chan receive (nil chan)"} == RECEIVE_STATES
    assert {"chan receive (nil chan)", "chan send (nil chan)", "select (no cases)"} < BLOCKED_STATES
    assert "IO wait" not in BLOCKED_STATES
    assert "sleep" not in BLOCKED_STATES
