"""When a dump was taken, as its surroundings tell it.

The order is: caller, sidecar, the profile's own time (which only the layer above can read), a time in the
name, the file's time. The name counts only if it holds exactly one time, to the second. Read are

- ISO 8601, basic or extended, with the separators that file systems force on people:
  `2026-11-23T09:10:45Z`, `2026-11-23T09-10-45.265Z`, `20261123T091045+0100`, `20261123-091045`,
  `2026-11-23_09.10.45`, `20261123091045`; without an offset it is UTC;
- Unix seconds or milliseconds: 10 or 13 digits that stand alone;
- in folder names: a folder whose whole name is a time, or a date with a time below it
  (`2026-11-23/09-10-45/goroutine.txt`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

Origin = Literal["caller", "sidecar", "file name", "file time"]
ORIGINS: tuple[Origin, ...] = ("caller", "sidecar", "file name", "file time")

FIRST_YEAR, LAST_YEAR = 2010, 2099
"""Go is from 2009. A time outside is a default (1970, 1980) or another number."""

MAX_OFFSET_HOURS = 14
FOLDERS_LOOKED_AT = 3

_TIME = re.compile(
    r"""(?<!\d)
    (?P<year>20\d\d) (?P<dash>[-_.]?) (?P<month>\d\d) (?P=dash) (?P<day>\d\d)
    (?P<between>[Tt_. -]?)
    (?P<hour>\d\d) (?P<colon>[-:_.]?) (?P<minute>\d\d) (?P=colon) (?P<second>\d\d)
    (?:[.,](?P<fraction>\d{1,9}))?
    (?P<zone>[Zz]|[+-]\d\d:?\d\d|[+]\d\d)?
    (?!\d)""",
    re.VERBOSE,
)
_UNIX = re.compile(r"(?<![0-9A-Za-z])(\d{10}|\d{13})(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time (aware, UTC) and where it comes from."""

    at: datetime
    origin: Origin


def from_unix(seconds: float) -> datetime | None:
    """Read Unix seconds, or None outside the plausible years.

    Examples
    --------
    >>> from_unix(1795424023.265).isoformat()
    '2026-11-23T08:53:43.265000+00:00'
    """
    try:
        return _plausible(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def from_iso(text: str) -> datetime | None:
    """Read an ISO 8601 time; None without a time of day, UTC without an offset.

    Examples
    --------
    >>> from_iso("2026-11-23T09:53:43+01:00").isoformat()
    '2026-11-23T08:53:43+00:00'
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if len(text.strip()) <= len("2026-11-23"):
        return None
    return _plausible(at if at.tzinfo else at.replace(tzinfo=UTC))


def time_in_name(name: str) -> datetime | None:
    """Return the one time that a file name holds, None if it holds none or several.

    Examples
    --------
    >>> time_in_name("goroutine-2026-11-23T09-10-45Z.txt").isoformat()
    '2026-11-23T09:10:45+00:00'
    """
    times = set(_times(name))
    return times.pop() if len(times) == 1 else None


def time_in_path(parts: Sequence[str]) -> datetime | None:
    """Return the time in the last part, else in the nearest folders whose whole name is a time."""
    *folders, name = parts or ("",)
    return time_in_name(name) or time_in_folders(folders[-FOLDERS_LOOKED_AT:])


def time_in_folders(folders: Sequence[str]) -> datetime | None:
    """Return the time that one folder's whole name is, or that two of them make together."""
    for index in range(len(folders) - 1, -1, -1):
        for text in (folders[index], f"{folders[index - 1]}T{folders[index]}" if index else ""):
            match = _TIME.fullmatch(text)
            if at := _written(match) if match else None:
                return at
    return None


def best_stamp(told: Stamp | None, parts: Sequence[str], file_time: datetime | None) -> Stamp | None:
    """Choose among what was told, the name and the file's time, in this order."""
    if told:
        return told
    if at := time_in_path(parts):
        return Stamp(at, "file name")
    return Stamp(file_time, "file time") if file_time else None


def _times(name: str) -> Iterator[datetime]:
    found = [_written(match) for match in _TIME.finditer(name)]
    found += [from_unix(int(digits[:10]) + int(digits[10:] or 0) / 1000) for digits in _UNIX.findall(name)]
    return (at for at in found if at)


def _written(match: re.Match[str]) -> datetime | None:
    micros = int((match["fraction"] or "")[:6].ljust(6, "0"))
    numbers = [int(match[part]) for part in ("year", "month", "day", "hour", "minute", "second")]
    zone = _zone(match)
    if zone is None:
        return None
    try:
        return _plausible(datetime(*numbers, micros, tzinfo=zone))  # type: ignore[misc,arg-type]
    except (ValueError, OverflowError):
        return None


def _zone(match: re.Match[str]) -> timezone | None:
    """Return the offset, UTC without one, None where `-0500` may as well be a serial number."""
    text = match["zone"] or "Z"
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if int(digits[:2]) > MAX_OFFSET_HOURS or digits[2:] not in {"00", "15", "30", "45"}:
        return UTC
    if text[0] == "+":
        return timezone(offset)
    return timezone(-offset) if match["between"] in {"T", "t"} and match["colon"] != "-" else None


def _plausible(at: datetime) -> datetime | None:
    return at.astimezone(UTC) if FIRST_YEAR <= at.year <= LAST_YEAR else None
