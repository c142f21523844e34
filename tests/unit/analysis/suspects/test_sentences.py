"""Each sentence carries the numbers of its sign; all signs are said."""

from dataclasses import fields

import pytest

from gostack_nb.analysis.suspects.sentences import _SAID, counted, percent, sentences
from gostack_nb.analysis.suspects.signs import Signs

FACTS = {
    "count": 154,
    "state": "chan receive (nil chan)",
    "created_by": "main.start",
    "user_function": "main.leak",
    "has_ids": True,
    "marked": 125,
    "arrivals": 125,
    "arrival_intervals": 11,
    "intervals": 11,
    "exits": 3,
    "excess": 125.0,
    "expected": 29.0,
    "orphans": 120,
    "paired": 29,
    "paired_awake": 0.97,
    "wait_min": 1.0,
    "wait_max": 5.0,
    "wait_spread": 4.0,
    "spread_from": 1,
    "spread_to": 5,
    "id_spread": 0.684,
    "id_gap": 1.25,
    "parents": 7,
    "parents_gone": 1.0,
    "childless": 1.0,
    "first": 29,
    "last": 154,
    "in_circle": 2,
    "behind_waiters": 4,
    "one_lock": 12,
    "on_channels": 154,
    "channels": 154,
    "label": "handler=/upload",
    "label_share": 0.99,
    "pattern": None,
    "known_title": None,
    "known_limit": float("nan"),
    "before_restart": float("nan"),
}

SAID = {
    "marked": "Go's own leak profile marks 125 of 154.",
    "stays": "125 goroutines arrived in 11 of 11 intervals and none left.",
    "turnover": "They come and go: 125 arrived and 3 left.",
    "excess": "29 are due by the siblings that main.start starts: these are 125 more.",
    "orphans": "120 have no sibling beside them by id, 29 have one.",
    "held": "They have waited for a lock for up to 5 minutes; locks are held for microseconds.",
    "parents_gone": "100 % outlived who started them (7 goroutines, by main.start).",
    "wide": "Their ids span 68 % of the ids given so far: they were started all along.",
    "apart": "Their waits, 1 to 5 minutes, began 4 minutes apart.",
    "none_wakes": "None has woken for 1 minute or more.",
    "grows": "The count rose from 29 to 154 and never fell.",
    "convoy": "12 of 154 wait for one and the same lock.",
    "label": "99 % carry the label handler=/upload, at least twice the share among all.",
    "never_wakes": "Nothing can end a chan receive (nil chan).",
}


@pytest.mark.parametrize("sign", SAID)
def test_sentences(sign) -> None:
    assert sentences(FACTS, frozenset({sign})) == [SAID[sign]]


@pytest.mark.parametrize("sign", [sign for sign, _ in _SAID])
def test_every_sentence_ends_and_stands_alone(sign) -> None:
    [said] = sentences(FACTS, frozenset({sign}))
    assert said[0].isupper() or said[0].isdigit()
    assert said.endswith((".", "suspects themselves."))
    assert "nan" not in said


def test_what_is_not_said_is_no_evidence_by_itself() -> None:
    silent = {field.name for field in fields(Signs)} - {sign for sign, _ in _SAID}
    helpers = {"few_came", "receives", "plain", "at_work", "old", "alone", "wrong", "too_many", "explained"}
    assert silent == helpers


BLOCKED = {**FACTS, "state": "select (no cases)"}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({**BLOCKED, "user_function": "main.main", "created_by": None}, "It never ends, on purpose"),
        ({**BLOCKED, "user_function": "main.serve", "created_by": None}, "It never ends, on purpose"),
        ({**BLOCKED, "user_function": None, "created_by": None}, "It never ends, on purpose"),
        ({**BLOCKED, "user_function": "main.main", "has_ids": False}, "It never ends, on purpose"),
        (BLOCKED, "Nothing can end a select (no cases)."),
        ({**BLOCKED, "created_by": None, "has_ids": False}, "Nothing can end"),
        ({**FACTS, "user_function": "main.main", "created_by": None}, "Nothing can end a chan receive (nil chan)."),
    ],
)
def test_main_may_wait_for_ever(facts, said) -> None:
    [sentence] = sentences(facts, frozenset({"never_wakes"}))
    assert sentence.startswith(said)


def test_a_lock_that_is_held_is_said_once() -> None:
    assert len(sentences(FACTS, frozenset({"lock", "held"}))) == 1


def test_a_creator_that_is_known_by_function_only() -> None:
    said = sentences({**FACTS, "parents": 0}, frozenset({"parents_gone"}))
    assert said == ["main.start, which started them, is on no living stack: it has returned."]


def test_what_the_catalogue_adds() -> None:
    facts = {**FACTS, "pattern": "net-accept", "known_title": "Listener.", "known_limit": 20.0}
    assert sentences(facts, frozenset({"explained"})) == ["Known as net-accept: Listener.", "Up to 20 are normal."]
    assert sentences(facts, frozenset({"too_many"}))[-1] == "20 are normal at most."


def test_what_the_run_before_adds() -> None:
    assert sentences({**FACTS, "before_restart": 44.0}, frozenset()) == [
        "Before the restart there were 44 with the same functions."
    ]


def test_words_for_numbers() -> None:
    assert (counted(1), counted(1288), counted(2, "dump"), percent(0.684)) == (
        "1 goroutine",
        "1,288 goroutines",
        "2 dumps",
        "68 %",
    )
