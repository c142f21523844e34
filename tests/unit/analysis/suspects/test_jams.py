import pandas as pd

from gostack_nb.analysis.suspects.jams import jams
from gostack_nb.analysis.suspects.population import population
from gostack_nb.formats.addresses import Addresses
from gostack_nb.model.addresses import address_table
from tests.unit.analysis.suspects.conftest import born, by_function

A, B = 0xC000010000, 0xC000020000
NOTHING = {"locks": 0, "one_lock": 0, "behind_waiters": 0, "in_circle": 0}


def waiting(one, lock, *pointers):
    return ("s0", Addresses(one, "lock", lock, frozenset({lock, *pointers})))


def jammed(dataset, rows, addresses):
    data = dataset(rows)
    people = population(data)
    return by_function(jams(data, people, address_table(addresses)), people)


def test_a_convoy_at_one_lock_and_another_lock(dataset) -> None:
    rows = born("main.f", [1, 2, 3], state="sync.Mutex.Lock") + born("main.g", [4], state="sync.Mutex.Lock")
    table = jammed(dataset, rows, [waiting(1, A), waiting(2, A), waiting(3, B), waiting(4, B)])
    assert table["main.f"] == {**NOTHING, "locks": 2, "one_lock": 2}
    assert table["main.g"] == {**NOTHING, "locks": 1, "one_lock": 1}


def test_a_circle(dataset) -> None:
    rows = born("main.f", [1], state="sync.Mutex.Lock") + born("main.g", [2], state="sync.Mutex.Lock")
    table = jammed(dataset, rows, [waiting(1, A, B), waiting(2, B, A)])
    assert table["main.f"] == {"locks": 1, "one_lock": 1, "behind_waiters": 1, "in_circle": 1}
    assert table["main.g"]["in_circle"] == 1


def test_goroutines_in_another_state_do_not_count(dataset) -> None:
    assert jammed(dataset, born("main.f", [1]), [waiting(1, A)])["main.f"] == NOTHING


def test_without_addresses_nothing_is_known(dataset) -> None:
    table = jammed(dataset, born("main.f", [1], state="sync.Mutex.Lock"), [])
    assert table["main.f"] == NOTHING
    assert isinstance(address_table([]), pd.DataFrame)
