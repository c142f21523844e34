"""Which rounds a monitor looks at, by hand and for every number of them."""

import pytest

from gostack_nb.widgets.monitor_history import LAST_ROUNDS, LEAST_ROUNDS, MOST_ROUNDS, chosen


@pytest.mark.parametrize("rounds", [0, 1, 2, 5, 47, 48, 49, 100, 241, 5_000])
@pytest.mark.parametrize("most", [LEAST_ROUNDS, 9, MOST_ROUNDS])
def test_the_first_and_the_last_are_looked_at_and_no_more_than_allowed(rounds: int, most: int) -> None:
    kept = chosen(rounds, most)
    assert kept == sorted(set(kept))
    assert len(kept) <= most
    assert len(kept) == rounds or len(kept) > most // 4
    assert kept[:1] == [0][:rounds]
    assert kept[-1:] == list(range(rounds))[-1:]


def test_an_old_round_stays_until_there_are_twice_as_many() -> None:
    lost = 0
    for rounds in range(241):
        old = {place for place in chosen(rounds, MOST_ROUNDS) if place < rounds - LAST_ROUNDS}
        lost += not old <= set(chosen(rounds + 1, MOST_ROUNDS))
    assert lost == 3, "1, 2, 4, 8"


def test_by_hand() -> None:
    assert chosen(241, 48)[:4] == [0, 8, 16, 24]
    assert chosen(241, 48)[-13:] == [224, *range(229, 241)]
