"""Facts of a group in a fleet -> sentences that carry their numbers."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from gostack_nb.analysis.suspects.sentences import counted

Fact: TypeAlias = Mapping[str, Any]


def sentences(fact: Fact) -> list[str]:
    """Say what speaks for a leak, the strongest first, then what the catalogue knows."""
    return [say(fact) for sign, say in _SAID.items() if fact[sign]]


def _marked(fact: Fact) -> str:
    return f"Go's own leak profile marks {fact['leaked']:,} goroutines with these functions."


def _contrasts(fact: Fact) -> str:
    where = f"{fact['label']} {fact['value']}"
    each = f"{_number(fact['mean_with'])} per instance on {where} ({counted(fact['instances_with'], 'instance')})"
    if fact["only_there"]:
        return f"Only on {where}: {each}, {_number(fact['mean_elsewhere'])} on the other instances."
    return (
        f"{_number(fact['times'])} times as many on {where}: {each}, {_number(fact['mean_elsewhere'])} on the others."
    )


def _grows(fact: Fact) -> str:
    rate = f"{fact['rate_per_hour']:+,.0f} an hour in all"
    if fact["gains_there"]:
        watched = counted(fact["watched_with"], "instance")
        here = f"{fact['gaining_with']:,} of the {watched} watched on {fact['label']} {fact['value']}"
        others = f"{fact['gaining_elsewhere']:,} of the {fact['watched_elsewhere']:,} others"
        return f"It gains and does not fall back in {here}, and in {others}: {rate}."
    watched = counted(fact["watched_holders"], "instance")
    return f"It gains and does not fall back in {fact['gaining']:,} of the {watched} watched: {rate}."


def _has_outliers(fact: Fact) -> str:
    names = ", ".join(fact["instances_outlying"][:3])
    more = ", ..." if fact["outliers"] > len(fact["instances_outlying"][:3]) else ""
    most = f"up to {fact['maximum']:,} where the median instance has {_number(fact['median'])}"
    verb = "stands" if fact["outliers"] == 1 else "stand"
    return f"{counted(fact['outliers'], 'instance')} {verb} out, with {most}: {names}{more}."


def _waits(fact: Fact) -> str:
    longest = f"{fact['wait_minutes_max']:,.0f} minutes"
    return f"They have waited for a lock for up to {longest}; locks are held for microseconds."


def _is_wrong(fact: Fact) -> str:
    return f"{fact['title']}: never right."


def _is_large(fact: Fact) -> str:
    return f"{fact['maximum']:,} in one instance are blocked in a {fact['state']}."


def _is_known(fact: Fact) -> str:
    return f"Known: {fact['title']}; no more than expected." if fact["explained"] else f"Known: {fact['title']}."


_SAID: dict[str, Callable[[Fact], str]] = {
    "marked": _marked,
    "grows": _grows,
    "contrasts": _contrasts,
    "waits": _waits,
    "wrong": _is_wrong,
    "has_outliers": _has_outliers,
    "is_large": _is_large,
    "is_known": _is_known,
}
"""Each sign, in the order in which it is said."""


def _number(value: float) -> str:
    """Say a mean: whole from 10 up, one digit below."""
    if pd.isna(value):
        return "none"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}"
