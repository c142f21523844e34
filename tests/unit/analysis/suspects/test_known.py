import numpy as np
import pandas as pd
import pytest

from gostack_nb.analysis.catalogue.entries import Entry
from gostack_nb.analysis.suspects.known import _limit, known
from gostack_nb.analysis.suspects.population import population
from tests.unit.analysis.suspects.conftest import born

OWNERS = pd.Series({"pool": 4, "conn": 8})


def entry(**given):
    return Entry(id="x", title="X", meaning="A thing.", **given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"owner": "process", "normal_per_owner": 1.0}, 1),
        ({"owner": "pool", "owner_patterns": ("pool",), "normal_per_owner": 2.0, "suspicious_above": 99}, 8),
        ({"owner": "pool", "owner_patterns": ("nobody",), "normal_per_owner": 2.0}, 0),
        ({"owner": "conn", "normal_per_owner": 1.0, "suspicious_above": 200}, 200),
        ({"suspicious_above": 7}, 7),
    ],
    ids=["once per process", "two per pool", "no owner lives", "owners are not counted", "a judgement"],
)
def test_how_many_are_normal(given, expected) -> None:
    assert _limit(entry(**given), OWNERS) == expected


@pytest.mark.parametrize("given", [None, {}, {"role": "wrong", "suspicious_above": 5}, {"kind": "language"}])
def test_where_no_number_is_normal(given) -> None:
    assert np.isnan(_limit(None if given is None else entry(**given), OWNERS))


def test_a_listener_is_known_and_a_function_of_ones_own_is_not(dataset) -> None:
    rows = born("net.(*TCPListener).Accept", [1], state="IO wait") + born("main.mine", [2], state="running")
    people = population(dataset(rows))
    state = pd.Series(["running", "IO wait"], dtype="str")  # groups are in order of their stack
    table = known(people, state, np.array([1, 1]))
    assert table["pattern"].isna().tolist() == [True, False]
    assert table["known_role"].isna().tolist() == [True, False]
