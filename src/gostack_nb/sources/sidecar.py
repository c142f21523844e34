"""Sidecars: small JSON files that tell when and where the dumps beside them were taken.

Two kinds are read, in folders and in archives alike:

- `<file>.json` beside `<file>` (or beside `<file>.gz`): an object with any of `captured_at` or `time`
  (ISO 8601 or Unix seconds; null in a sidecar of a recording: not known), `captured_at_from`, `service`, `instance`,
  `source` (the address it came from: gives the instance), `truncated`, `note` (what is missing from the bytes);
- `series.json` in the same folder, for a series:
  `{"snapshots": [{"n": 0, "time": "2026-11-23T08:53:43Z", "unix": 1795424023.265}, ...]}`.
  A file whose name begins with the number n (`00.goroutine.debug2.txt`) belongs to entry n; an entry may
  name its files instead (`file`, `files`). `unix` is preferred: it has the fraction. Entries, and the
  object itself, may carry `service` and `instance`. A file without an entry gets no time from here.

The files of a recording that are about others (`recording.json`, a sidecar whose dump is not there yet) are known by
their first entries.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.address import host_and_port, scheme_of
from gostack_nb.sources.blob import encodable
from gostack_nb.sources.captured_at import ORIGINS, Origin, Stamp, from_iso, from_unix

SERIES_NAME = "series.json"

MAX_SIDECAR_BYTES = 16 << 20
"""A hundred thousand entries; what is longer is a log in JSON."""

LONGEST_TEXT = 1_000
"""Characters of a name or note: one `series.json` tells the same to each of thousands of files."""

MILLISECONDS_FROM = 1e11
"""A Unix time above this (year 5138) is in milliseconds."""

_PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
_OWN_KEYS = frozenset({"captured_at", "time", "service", "instance", "source"})
_RECORDING_KEYS = frozenset({"sidecar_version", "recording_version"})
_NUMBER = re.compile(r"\d+")

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Told:
    """What the surroundings of a dump tell about it.

    Attributes
    ----------
    stamp : Stamp or None
        When it was taken.
    service, instance : str or None
        Which process.
    cut : str or None
        Why the bytes are known to be incomplete.
    note : str or None
        What is odd about them.
    undated : bool
        It is known that nobody knows the time: those of the file and its name are of the copy.
    """

    stamp: Stamp | None = None
    service: str | None = None
    instance: str | None = None
    cut: str | None = None
    note: str | None = None
    undated: bool = False


NOTHING_TOLD = Told()


@dataclass(frozen=True)
class Sidecars:
    """The sidecars of one folder, on disk or in an archive.

    Attributes
    ----------
    read : callable
        Returns the bytes of a file of this folder, None if it is absent or longer than a sidecar.
    has : callable
        Tells whether the folder holds a file of that name.
    """

    read: Callable[[str], bytes | None]
    has: Callable[[str], bool]

    def tell(self, name: str) -> Told:
        """Return what is known about the dump of that name."""
        own = self._own(name) or {}
        series = self._series or {}
        entry = self._entry(name)
        note = _first_text("note", own)
        return Told(
            stamp=_own_stamp(own) or _stamp(_time_of(entry)),
            service=_first_text("service", own, entry, series),
            instance=_first_text("instance", own, entry, series) or _instance_of(own),
            cut=(note or "the answer is incomplete") if own.get("truncated") is True else None,
            note=note,
            undated="sidecar_version" in own and own.get("captured_at", "") is None,
        )

    def is_sidecar(self, name: str) -> bool:
        """Tell whether the file of that name is itself a sidecar that can be read."""
        if name == SERIES_NAME:
            return self._series is not None
        if self._is_of_recording(name):
            return True
        stem = name.removesuffix(".json")
        beside = any(self.has(stem + suffix) for suffix in ("", *_PACKED_SUFFIXES))
        return stem != name and beside and self._facts(name) is not None

    def _is_of_recording(self, name: str) -> bool:
        if not name.endswith(".json"):
            return False
        facts = _parse_object(self.read(name))
        return facts is not None and next(iter(facts), None) in _RECORDING_KEYS

    @cached_property
    def _series(self) -> Facts | None:
        series = _parse_object(self.read(SERIES_NAME))
        return series if series and isinstance(series.get("snapshots"), list) else None

    @cached_property
    def _entries(self) -> dict[str | int, Facts]:
        return {key: entry for entry in _dicts((self._series or {}).get("snapshots")) for key in _keys_of(entry)}

    def _entry(self, name: str) -> Facts:
        number = _NUMBER.match(name)
        by_number = self._entries.get(int(number[0]), {}) if number and len(number[0]) <= len("1000000") else {}
        return self._entries.get(name, by_number)

    def _own(self, name: str) -> Facts | None:
        facts = self._facts(f"{name}.json")
        for suffix in _PACKED_SUFFIXES:
            if facts is None and name.endswith(suffix):
                facts = self._facts(f"{name.removesuffix(suffix)}.json")
        return facts

    def _facts(self, name: str) -> Facts | None:
        facts = _parse_object(self.read(name))
        return facts if facts and not _OWN_KEYS.isdisjoint(facts) else None


def _parse_object(data: bytes | None) -> Facts | None:
    try:
        value = json.loads(data) if data else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _dicts(value: object) -> Iterator[Facts]:
    return (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else iter(())


def _keys_of(entry: Facts) -> Iterator[str | int]:
    files = entry.get("files")
    names = [*(files if isinstance(files, list) else []), entry.get("file")]
    yield from (name for name in names if isinstance(name, str))
    number = entry.get("n")
    if isinstance(number, int):
        yield number


def _own_stamp(own: Facts) -> Stamp | None:
    """Return the time that a file's own sidecar tells, and where that one had it from."""
    origin: Origin = next((origin for origin in ORIGINS if origin == own.get("captured_at_from")), "sidecar")
    return _stamp(_time_of(own), origin)


def _stamp(at: datetime | None, origin: Origin = "sidecar") -> Stamp | None:
    return Stamp(at, origin) if at else None


def _time_of(facts: Facts) -> datetime | None:
    return next(filter(None, (_read_time(facts.get(key)) for key in ("unix", "captured_at", "time"))), None)


def _read_time(value: object) -> datetime | None:
    if isinstance(value, str):
        return from_iso(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value < MILLISECONDS_FROM * 1000:
        return from_unix(value / 1000 if value > MILLISECONDS_FROM else value)
    return None


def _first_text(key: str, *layers: Facts) -> str | None:
    values = (layer.get(key) for layer in layers)
    return next((encodable(value[:LONGEST_TEXT]) for value in values if isinstance(value, str) and value), None)


def _instance_of(facts: Facts) -> str | None:
    address = _first_text("source", facts) or ""
    try:
        return host_and_port(address) if scheme_of(address) else None
    except UnreachableError:
        return None
