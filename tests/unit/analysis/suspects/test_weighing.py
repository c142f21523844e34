"""Rules on facts given by hand: every line of a case is what a group shows beyond an ordinary blocked goroutine."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from gostack_nb.analysis.suspects.signs import Signs, read_signs
from gostack_nb.analysis.suspects.weighing import WEIGHTS, score, verdicts, with_lineage

NOTHING = {
    "state": "select",
    "count": 10,
    "user_function": "main.f",
    "arrivals": 0,
    "exits": 0,
    "arrival_intervals": 0,
    "arrival_stretches": 0,
    "intervals": 0,
    "wait_known": 0,
    "wait_min": np.nan,
    "wait_max": np.nan,
    "wait_spread": np.nan,
    "id_spread": np.nan,
    "in_one_go": False,
    "in_one_process": 10,
    "parents_each": 5,
    "parents_gone": 0.0,
    "parent_group": -1,
    "childless": np.nan,
    "first": 10,
    "last": 10,
    "never_fell": False,
    "paired": 0,
    "orphans": 0,
    "paired_awake": 0.0,
    "expected": np.nan,
    "excess": np.nan,
    "marked": 0,
    "in_circle": 0,
    "behind_waiters": 0,
    "one_lock": 0,
    "on_channels": 0,
    "channels": 0,
    "label": None,
    "known_role": None,
    "known_limit": np.nan,
}

LOCK = {"state": "sync.Mutex.Lock"}
SEND = {"state": "chan send"}
RECEIVE = {"state": "chan receive"}
SLOW = {"wait_known": 10, "wait_min": 2.0, "wait_max": 2.0, "wait_spread": 0.0}
LADDER = {"wait_known": 10, "wait_min": 1.0, "wait_max": 5.0, "wait_spread": 4.0}
GONE = {"parents_gone": 1.0}
ALL_ALONG = {"id_spread": 0.7}
STAYS = {"intervals": 5, "arrivals": 30, "arrival_intervals": 5}
MINUTES = {"arrival_stretches": 2}
ONCE = {"intervals": 5, "arrivals": 30, "arrival_intervals": 1}
TURNOVER = {"intervals": 5, "arrivals": 30, "arrival_intervals": 5, "exits": 28}
STILL = {"intervals": 5}


def facts(**given):
    table = pd.DataFrame([{**NOTHING, **given}])
    return table.astype({"user_function": "str", "label": "str", "known_role": "str"})


def verdict(*given):
    return verdicts(read_signs(facts(**{name: value for part in given for name, value in part.items()})))[0]


CASES = {
    "size alone": ([{"count": 100_000}], ""),
    "the runtime marks it": ([{"marked": 1}], "proven"),
    "receivers that arrive for seconds may be a rise in load": ([RECEIVE, STAYS], "undecided"),
    "receivers that arrive for minutes": ([RECEIVE, STAYS, MINUTES], "strong"),
    "receivers that arrive, their parents gone": ([RECEIVE, STAYS, GONE], "strong"),
    "receivers that arrive, and began at different times": ([RECEIVE, STAYS, LADDER], "strong"),
    "receivers that arrive and never woke": ([RECEIVE, STAYS, SLOW], "strong"),
    "senders that arrive for seconds": ([SEND, STAYS], "strong"),
    "locks that arrive and never leave": ([LOCK, STAYS], "strong"),
    "a select that only gains may be sessions": ([STAYS, GONE, ALL_ALONG, LADDER], "undecided"),
    "until it is older than sessions get": ([STAYS, GONE, {"wait_max": 61.0}], "strong"),
    "sleepers that only gain may be sessions": ([{"state": "sleep"}, STAYS, GONE], "undecided"),
    "clients that arrive beside a live connection": ([RECEIVE, STAYS, MINUTES, {"paired_awake": 1.0}], "undecided"),
    "arrivals in one interval are a deploy step": ([RECEIVE, ONCE], "undecided"),
    "two arrivals are an accident": ([RECEIVE, {"intervals": 5, "arrivals": 2, "arrival_intervals": 2}, GONE], "weak"),
    "they come and go": ([RECEIVE, TURNOVER, GONE], ""),
    "a lock for minutes": ([LOCK, SLOW], "strong"),
    "one goroutine at a lock for minutes": ([LOCK, SLOW, {"count": 1, "wait_known": 1}], "strong"),
    "a lock for less": ([LOCK], "weak"),
    "a lock that changes hands": ([LOCK, SLOW, TURNOVER], "weak"),
    "locks in a circle, perhaps of one moment": ([LOCK, {"in_circle": 2}], "weak"),
    "locks in a circle for minutes": ([LOCK, SLOW, {"in_circle": 2}], "strong"),
    "a send for minutes, nobody left to receive": ([SEND, SLOW, GONE], "strong"),
    "the same, for the whole series": ([SEND, SLOW, GONE, STILL], "strong"),
    "producers of a pool under back pressure": ([SEND, SLOW, GONE, {"in_one_go": True, "parents_each": 1}], ""),
    "producers whose parent lives": ([SEND, SLOW], "weak"),
    "receivers left behind at different times": ([RECEIVE, LADDER, GONE], "strong"),
    "receivers left behind all along": ([RECEIVE, ALL_ALONG, GONE], "strong"),
    "one receiver left behind": ([RECEIVE, LADDER, GONE, {"count": 1, "in_one_process": 1}], "weak"),
    "receivers left behind, none since": ([RECEIVE, LADDER, GONE, STILL], "weak"),
    "receivers with a parent": ([RECEIVE, LADDER], "weak"),
    "a select left behind all along": ([GONE, ALL_ALONG], "undecided"),
    "the same in the standard library": ([GONE, ALL_ALONG, {"user_function": None}], ""),
    "twice as many as siblings, all along": ([{"excess": 40.0, "expected": 20.0}, ALL_ALONG], "strong"),
    "twice as many as siblings": ([{"excess": 40.0, "expected": 20.0}], "weak"),
    "two more than siblings are in transit": ([{"excess": 2.0, "expected": 20.0}], ""),
    "more than siblings and lonely": ([{"excess": 9.0, "orphans": 9}], "strong"),
    "nil channels of different times": ([{"state": "chan send (nil chan)"}, LADDER], "strong"),
    "one select {}": ([{"state": "select (no cases)", "count": 1, "in_one_process": 1}, SLOW], "weak"),
    "waiters for children that are gone": ([{"state": "sync.WaitGroup.Wait", "childless": 1.0}, LADDER], "strong"),
    "waiters with children": ([{"state": "sync.WaitGroup.Wait", "childless": 0.0}, LADDER], "weak"),
    "counts that only rise": ([{"state": None, "never_fell": True, "last": 40}], "undecided"),
    "counts that rise by two": ([{"state": None, "never_fell": True, "last": 12}], ""),
    "running goroutines": ([{"state": "running"}, GONE, ALL_ALONG, LADDER], "undecided"),
    "known, as many as expected": ([{"known_role": "healthy", "known_limit": 20.0}], "explained"),
    "known, more than expected": ([{"known_role": "healthy", "known_limit": 5.0}, LADDER], "weak"),
    "known and watched is not explained": ([{"known_role": "watch", "known_limit": 20.0}], ""),
    "never right": ([{"known_role": "wrong"}], "weak"),
    "known does not explain what only gains": (
        [RECEIVE, STAYS, MINUTES, {"known_role": "healthy", "known_limit": 200.0}],
        "strong",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name) -> None:
    given, expected = CASES[name]
    assert verdict(*given) == expected


def test_missing_minutes_are_no_wait() -> None:
    signs = read_signs(facts(**LOCK))
    assert not signs.held[0]
    assert not signs.none_wakes[0]
    assert not signs.apart[0]


def test_every_weight_is_a_sign_with_a_reason() -> None:
    names = [weight.sign for weight in WEIGHTS]
    assert len(names) == len(set(names))
    assert set(names) <= {field.name for field in fields(Signs)}
    assert all(weight.reason for weight in WEIGHTS)


def test_the_score_adds_up() -> None:
    assert score(read_signs(facts(**SEND, **GONE, **ALL_ALONG)))[0] == 3 + 3 + 2


def test_what_a_suspect_started_is_part_of_the_same_jam() -> None:
    both = pd.concat([facts(**LOCK, **SLOW), facts(**SEND, parent_group=0)], ignore_index=True)
    signs = with_lineage(read_signs(both), both)
    assert signs.by_suspect.tolist() == [False, True]
