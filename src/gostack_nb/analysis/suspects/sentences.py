"""Facts and signs -> sentences that carry their numbers."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pandas as pd

from gostack_nb.analysis.suspects.signs import Signs

Fact: TypeAlias = dict[str, Any]

NO_CASES = "select (no cases)"


def sentences(facts: Fact, shown: frozenset[str]) -> list[str]:
    """Say each sign that a group shows, the strongest first; then what the catalogue and earlier runs add."""
    passed = {less for more, less in _SAYS_MORE if more in shown}
    said = [say(facts) for sign, say in _SAID if sign in shown and sign not in passed]
    return [*said, *_known(facts, shown), *_earlier(facts)]


def shown_signs(signs: Signs, group: int) -> frozenset[str]:
    """Return the names of the signs that one group shows."""
    return frozenset(name for name in Signs.__slots__ if getattr(signs, name)[group])


def counted(count: float, what: str = "goroutine") -> str:
    """Say a number with its noun: `1 goroutine`, `1,288 goroutines`."""
    return f"{int(count):,} {what}{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """Say a share: `73 %`."""
    return f"{share * 100:.0f} %"


def _marked(facts: Fact) -> str:
    return f"Go's own leak profile marks {facts['marked']:,} of {facts['count']:,}."


def _arrived(facts: Fact) -> str:
    where = f"in {facts['arrival_intervals']} of {counted(facts['intervals'], 'interval')}"
    return f"{counted(facts['arrivals'])} arrived {where} and none left."


def _turnover(facts: Fact) -> str:
    return f"They come and go: {facts['arrivals']:,} arrived and {facts['exits']:,} left."


def _still(facts: Fact) -> str:
    return f"None arrived and none left in {counted(facts['intervals'], 'interval')}."


def _excess(facts: Fact) -> str:
    due = f"{int(facts['expected']):,} are due by the siblings that {facts['created_by']} starts"
    return f"{due}: these are {int(facts['excess']):,} more."


def _orphans(facts: Fact) -> str:
    return f"{facts['orphans']:,} have no sibling beside them by id, {facts['paired']:,} have one."


def _in_step(facts: Fact) -> str:
    return f"{percent(facts['paired_awake'])} have a sibling beside them that is at work, as live connections have."


def _never_wakes(facts: Fact) -> str:
    if facts["state"] == NO_CASES and _is_main(facts):
        return "It never ends, on purpose: a select without cases keeps the program running."
    return f"Nothing can end a {facts['state']}."


def _is_main(facts: Fact) -> bool:
    """Tell whether this is the main goroutine: Go prints for every other one who created it (runtime/traceback.go)."""
    return bool(facts["user_function"] == "main.main" or (facts["has_ids"] and pd.isna(facts["created_by"])))


def _held(facts: Fact) -> str:
    longest = counted(facts["wait_max"], "minute")
    return f"They have waited for a lock for up to {longest}; locks are held for microseconds."


def _lock(facts: Fact) -> str:
    return f"{counted(facts['count'])} wait for a lock."


def _circle(facts: Fact) -> str:
    return f"{facts['in_circle']:,} wait in a circle: who may hold their lock waits for one that they may hold (AB-BA)."


def _jam(facts: Fact) -> str:
    return f"{facts['behind_waiters']:,} wait for a lock that someone may hold who waits for a lock himself."


def _convoy(facts: Fact) -> str:
    return f"{facts['one_lock']:,} of {facts['count']:,} wait for one and the same lock."


def _own_channels(facts: Fact) -> str:
    return f"{facts['on_channels']:,} wait on {counted(facts['channels'], 'channel')}: one each, as per request."


def _one_channel(facts: Fact) -> str:
    return f"All {facts['on_channels']:,} wait on one channel, as the workers of a pool do."


def _label(facts: Fact) -> str:
    return f"{percent(facts['label_share'])} carry the label {facts['label']}, at least twice the share among all."


def _waits_for_nobody(facts: Fact) -> str:
    return f"{percent(facts['childless'])} of those who wait for the group started nobody who is still alive."


def _parents_gone(facts: Fact) -> str:
    if not facts["parents"]:
        return f"{facts['created_by']}, which started them, is on no living stack: it has returned."
    starters = counted(facts["parents"], "goroutine")
    return f"{percent(facts['parents_gone'])} outlived who started them ({starters}, by {facts['created_by']})."


def _sends(facts: Fact) -> str:
    return f"A send has no time limit: {counted(facts['count'])} wait for a receiver."


def _wide(facts: Fact) -> str:
    return f"Their ids span {percent(facts['id_spread'])} of the ids given so far: they were started all along."


def _apart(facts: Fact) -> str:
    low, high = int(facts["spread_from"]), int(facts["spread_to"])
    return f"Their waits, {low} to {high} minutes, began {int(facts['wait_spread'])} minutes apart."


def _none_wakes(facts: Fact) -> str:
    return f"None has woken for {counted(facts['wait_min'], 'minute')} or more."


def _by_suspect(_: Fact) -> str:
    return "Goroutines that are suspects themselves started them."


def _pool(facts: Fact) -> str:
    return f"One goroutine started them in one go ({facts['id_gap']:.1f} ids apart), as it does with a pool."


def _grows(facts: Fact) -> str:
    return f"The count rose from {facts['first']:,} to {facts['last']:,} and never fell."


def _foreign(_: Fact) -> str:
    return "All frames are of the standard library: look for what your code leaves open."


_SAID: tuple[tuple[str, Callable[[Fact], str]], ...] = (
    ("marked", _marked),
    ("stays", _arrived),
    ("came", _arrived),
    ("excess", _excess),
    ("orphans", _orphans),
    ("never_wakes", _never_wakes),
    ("held", _held),
    ("circle", _circle),
    ("jam", _jam),
    ("convoy", _convoy),
    ("lock", _lock),
    ("sends", _sends),
    ("waits_for_nobody", _waits_for_nobody),
    ("parents_gone", _parents_gone),
    ("wide", _wide),
    ("apart", _apart),
    ("none_wakes", _none_wakes),
    ("by_suspect", _by_suspect),
    ("grows", _grows),
    ("own_channels", _own_channels),
    ("label", _label),
    ("foreign", _foreign),
    ("turnover", _turnover),
    ("still", _still),
    ("in_step", _in_step),
    ("pool", _pool),
    ("one_channel", _one_channel),
)


_SAYS_MORE = (("held", "lock"), ("pool", "wide"))
"""The first sign makes a sentence of the second one idle: a pool is started in one go, however wide its ids are."""


def _known(facts: Fact, shown: frozenset[str]) -> Iterator[str]:
    if pd.isna(facts["pattern"]):
        return
    yield f"Known as {facts['pattern']}: {facts['known_title'].rstrip('.')}."
    if "too_many" in shown:
        yield f"{facts['known_limit']:,.0f} are normal at most."
    elif "explained" in shown:
        yield f"Up to {facts['known_limit']:,.0f} are normal."


def _earlier(facts: Fact) -> Iterator[str]:
    if facts["before_restart"] > 0:
        yield f"Before the restart there were {int(facts['before_restart']):,} with the same functions."
