"""Facts -> which later dump would decide what this one leaves open."""

import math
from typing import Any

from gostack_nb.analysis.suspects.limits import AT_LEAST_AFTER_MINUTES, STRETCH_MINUTES, TIME_LIMITS_MINUTES


def deciding_dump(facts: dict[str, Any], shown: frozenset[str]) -> str:
    """Say when to take the dump that decides, and what it will show."""
    if not facts["has_ids"]:
        return (
            f"Counts cannot tell who stays: take two debug=2 dumps, {AT_LEAST_AFTER_MINUTES} minutes or more apart, "
            "and see whether those that arrive ever leave."
        )
    if {"stays", "receives"} <= shown and "old" not in shown:
        return (
            f"A rise in load looks the same: take two more, after {STRETCH_MINUTES} and {2 * STRETCH_MINUTES} minutes, "
            "and see whether they still arrive and none has left."
        )
    limit, minutes = next_limit(facts["oldest_minutes"])
    later = f"take another after {minutes} minutes"
    if "came" in shown:
        return f"A deploy step or a pool made bigger looks the same: {later}, and see whether more arrive."
    return (
        f"Goroutines with a long time limit look the same: {later}. The oldest will be {limit} minutes old by then: "
        "if none of them has left, they leak."
    )


def next_limit(oldest_minutes: float) -> tuple[int, int]:
    """Return the next usual time limit, and the minutes until the oldest goroutine has passed it.

    >>> next_limit(5.3), next_limit(float("nan")), next_limit(90.0)
    ((15, 10), (15, 15), (180, 90))
    """
    age = 0.0 if math.isnan(oldest_minutes) else oldest_minutes
    limit = next((one for one in TIME_LIMITS_MINUTES if one >= age + AT_LEAST_AFTER_MINUTES), math.ceil(2 * age))
    return limit, math.ceil(limit - age)
