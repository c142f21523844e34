"""Times and durations as people give them: to whole milliseconds, as Prometheus counts."""

import re
from datetime import UTC, datetime, timedelta

from gostack_nb.errors import QueryError

Time = datetime | timedelta | str
"""A datetime (naive is UTC), ISO text, or how long before now: a timedelta, or text such as "2h"."""

Duration = timedelta | float | str
"""A timedelta, seconds, or text such as "1h30m"."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LONGEST_MS = 100 * 366 * 86_400_000
"""More than any server remembers; times so long ago cannot all be written as dates."""

_MILLISECOND = timedelta(milliseconds=1)
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_ONE = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms?|[shdw]))+")


def milliseconds_at(time: Time, now: datetime) -> int:
    """Return the milliseconds since 1970 at a time.

    Raises
    ------
    QueryError
        If it cannot be understood.

    Examples
    --------
    >>> now = datetime(1970, 1, 2, tzinfo=UTC)
    >>> milliseconds_at("-2h", now) == milliseconds_at("1970-01-01 22:00", now) == 22 * 3_600_000
    True
    """
    if isinstance(time, timedelta):
        return (now - abs(time) - EPOCH) // _MILLISECOND
    if isinstance(time, str) and _DURATION.fullmatch(time.strip().lstrip("-")):
        return (now - EPOCH) // _MILLISECOND - _milliseconds_in(time)
    moment = _moment(time)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // _MILLISECOND


def milliseconds_of(duration: Duration) -> int:
    """Return a duration in milliseconds.

    Raises
    ------
    QueryError
        If it cannot be understood, or is shorter than a millisecond.

    Examples
    --------
    >>> milliseconds_of("1h30m"), milliseconds_of(15), milliseconds_of(timedelta(minutes=1))
    (5400000, 15000, 60000)
    """
    if isinstance(duration, str) and not _DURATION.fullmatch(duration.strip()):
        milliseconds = 0
    elif isinstance(duration, str):
        milliseconds = _milliseconds_in(duration)
    elif isinstance(duration, timedelta):
        milliseconds = duration // _MILLISECOND
    else:
        milliseconds = round(1000 * duration)
    if milliseconds < 1:
        msg = f'{duration!r} is no step of time. Hint: seconds, a timedelta, or text such as "15s" or "1h30m"'
        raise QueryError(msg)
    return milliseconds


def _milliseconds_in(text: str) -> int:
    total = sum(float(number) * _UNITS[unit] for number, unit in _ONE.findall(text))
    if total > LONGEST_MS:
        msg = f"{text[:40]!r} is longer than 100 years. Hint: a time such as '2h' or '30d'"
        raise QueryError(msg)
    return round(total)


def _moment(time: datetime | str) -> datetime:
    try:
        moment = datetime.fromisoformat(time.strip()) if isinstance(time, str) else time
        if moment == moment:  # NaT is a datetime, and not itself
            return moment
    except ValueError:
        pass
    msg = f'{time!r} is no time. Hint: a datetime, text such as "2026-11-23 10:00" (UTC), or "2h" for two hours ago'
    raise QueryError(msg)
