"""Numbers, times and Go names in plain English words."""

import re

import pandas as pd

# readLoop, writePump: the usual names of a connection's goroutines.
_ROLES = {"read": "reader", "recv": "receiver", "receive": "receiver", "write": "writer", "send": "sender"}
_LOOP = re.compile(r"^(?P<verb>[a-z]+)(?:Loop|Pump|er)$")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECONDS_PER_MINUTE = 60
_SECONDS_PER_HOUR = 3600
_MOST_SECONDS = 180
_MOST_MINUTES = 180


def role_of(function: str) -> str:
    """Return a noun for what a function does, from its last name.

    >>> role_of("main.(*session).readLoop"), role_of("main.(*session).ackLoop"), role_of("app/hub.(*Hub).run.func2")
    ('reader', 'ack loop', 'run')
    """
    names = [
        name for name in function.rpartition("/")[2].split(".") if not re.fullmatch(r"func\d*|\d+|gowrap\d+", name)
    ]
    name = names[-1] if names else function
    found = _LOOP.match(name)
    if found and found["verb"] in _ROLES:
        return _ROLES[found["verb"]]
    return _HUMP.sub(" ", name).lower().strip("()*") or function


def span(duration: pd.Timedelta) -> str:
    """Return a duration as people say it.

    >>> span(pd.Timedelta(seconds=330)), span(pd.Timedelta(hours=5))
    ('5.5 minutes', '5.0 hours')
    """
    seconds = duration.total_seconds()
    if seconds < _MOST_SECONDS:
        return f"{seconds:.0f} seconds"
    if seconds < _MOST_MINUTES * _SECONDS_PER_MINUTE:
        return f"{seconds / _SECONDS_PER_MINUTE:.1f} minutes"
    return f"{seconds / _SECONDS_PER_HOUR:.1f} hours"


def clock(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Return a stretch of time, with the day where it matters.

    >>> clock(pd.Timestamp("2026-11-23T08:53:43Z"), pd.Timestamp("2026-11-23T08:59:13Z"))
    '2026-11-23 08:53:43 to 08:59:13 UTC'
    """
    if first == last:
        return f"{first:%Y-%m-%d %H:%M:%S} UTC"
    ending = "%H:%M:%S" if first.date() == last.date() else "%Y-%m-%d %H:%M:%S"
    return f"{first:%Y-%m-%d %H:%M:%S} to {last.strftime(ending)} UTC"


def listed(words: list[str]) -> str:
    """Join words as in a sentence.

    >>> listed(["29 readers", "29 writers", "154 ack loops"])
    '29 readers, 29 writers and 154 ack loops'
    """
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
