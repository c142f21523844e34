"""What the user names to the places that are read: each a file, a recording, an object or a service of its own."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import translate
from os import PathLike
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from gostack_nb.errors import MissingColumnError, SourceError
from gostack_nb.fleet.addresses import WEB, is_object_address, shown_address
from gostack_nb.recording.description import FILE as DESCRIPTION_FILE
from gostack_nb.sources.address import scheme_of
from gostack_nb.sources.blob import Unread, encodable, make_unread
from gostack_nb.sources.files import expanded, list_files
from gostack_nb.sources.opening import Source, name_of_source
from gostack_nb.sources.presence import is_file, is_folder, is_there
from gostack_nb.sources.sidecar import SERIES_NAME

_ADDRESS_COLUMNS = ("source", "pprof_url")
_OF_TARGETS = frozenset(
    {"scrape_url", "health", "last_error", "last_scrape", "works", "reason", "goroutines", *_ADDRESS_COLUMNS}
)
"""Columns of `Prometheus.targets` and `try_pprof` that are no labels."""

_FIELD = re.compile(r"\{([A-Za-z_]\w*)\}")
_TOKEN = re.compile(r"\*\*/|\[!?[^\]/]+\]|.", re.DOTALL)
_WILDCARDS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}

Sources: TypeAlias = str | PathLike[str] | pd.DataFrame | Iterable[str | PathLike[str] | pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Place:
    """One source of a fleet, small enough to be sent to a worker.

    Attributes
    ----------
    address : str, or whatever `gs.read` takes
        Path, address of an object or of a service.
    service, instance : str or None
        Which process, where the caller knows it.
    labels : mapping of str to str
        What is known of the instance: build, zone ...
    series : str or None
        The folder of a series of dumps of one process, whose files do not say which.
    is_recording : bool
        It is a folder that `gs.Recording` wrote.
    beside : tuple of str
        Of an object: the names in its folder that tell about it.
    options : mapping
        Of an object: what fsspec needs to open it. Not shown.
    size_bytes : int
        As stored, 0 if that is not known.

    Examples
    --------
    >>> Place("http://me:secret@10.0.0.7:6060", service="push", labels={"build": "1.9.0"})
    Place('http://10.0.0.7:6060', service='push', instance=None)
    """

    address: Source
    service: str | None = None
    instance: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    series: str | None = None
    is_recording: bool = False
    beside: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict, repr=False)
    size_bytes: int = 0

    def __repr__(self) -> str:
        """Show no credentials: a worker's log shows what its tasks were given."""
        return f"Place({self.source!r}, service={self.service!r}, instance={self.instance!r})"

    @property
    def source(self) -> str:
        """As shown to people, without credentials."""
        return shown_address(self.address) if isinstance(self.address, str) else name_of_source(self.address)

    @property
    def is_service(self) -> bool:
        """Whether a running service is asked."""
        return isinstance(self.address, str) and scheme_of(self.address) in WEB

    @property
    def is_object(self) -> bool:
        """Whether fsspec opens it."""
        return isinstance(self.address, str) and is_object_address(self.address)


def places_of(sources: Sources, storage_options: Mapping[str, object] | None = None) -> Iterator[Place | Unread]:
    """Yield each file, recording, object and service that is meant, in order.

    Parameters
    ----------
    sources : str, path, DataFrame, or iterable of them
        As `sweep` takes them.
    storage_options : mapping, optional
        For fsspec.

    Raises
    ------
    MissingColumnError
        If a table has neither `source` nor `pprof_url`.
    TypeError
        If a source is none of these types.
    """
    several = [sources] if isinstance(sources, str | PathLike | pd.DataFrame) else list(sources)
    for source in several:
        if isinstance(source, pd.DataFrame):
            yield from _in_table(source, storage_options)
        elif isinstance(source, str | PathLike):
            yield from _named(os.fspath(source), storage_options)
        else:
            msg = f"cannot sweep {type(source).__name__}: pass paths, patterns, addresses, or a table of them"
            raise TypeError(msg)


def _in_table(table: pd.DataFrame, storage_options: Mapping[str, object] | None) -> Iterator[Place | Unread]:
    """Yield the places of a table; what its row tells goes before what the source tells of itself."""
    column = next((name for name in _ADDRESS_COLUMNS if name in table), None)
    if column is None:
        msg = f"the table of sources has neither source nor pprof_url; it has {', '.join(map(str, table.columns))}"
        raise MissingColumnError(msg)
    for row in table.to_dict("records"):
        told = {str(name): str(value) for name, value in row.items() if name not in _OF_TARGETS and _is_told(value)}
        if _is_told(row[column]):
            for place in _named(str(row[column]), storage_options):
                yield _labelled(place, told) if isinstance(place, Place) else place
        else:
            shown = ", ".join(f"{name}={value}" for name, value in told.items())
            yield Unread(shown or "a row", "has no address")


def _is_told(value: object) -> bool:
    return isinstance(value, str | int | float) and not pd.isna(value) and value != ""


def _labelled(place: Place, told: Mapping[str, str]) -> Place:
    labels = {name: text for name, text in told.items() if name not in {"service", "instance", "job"}}
    return replace(
        place,
        service=told.get("service") or told.get("job") or place.service,
        instance=told.get("instance") or place.instance,
        labels={**place.labels, **labels},
    )


def _named(text: str, storage_options: Mapping[str, object] | None) -> Iterator[Place | Unread]:
    """Yield what one text means; what is wrong with it is a row."""
    pattern = None if is_there(Path(text)) else _pattern(text if scheme_of(text) else expanded(text).as_posix())
    plain = _FIELD.sub("*", text) if pattern else text
    try:
        for place in _listed(plain, storage_options or {}):
            found = pattern.search(_comparable(place)) if pattern and isinstance(place, Place) else None
            yield _labelled(place, found.groupdict()) if found and isinstance(place, Place) else place
    except SourceError as error:
        yield make_unread(shown_address(text), error)


def _pattern(text: str) -> re.Pattern[str] | None:
    """Turn `dumps/{zone}/{build}-*.pb.gz` into a pattern that names what stands there; None if nothing is named."""
    if not _FIELD.search(text):
        return None
    pieces = _FIELD.split(text)
    names: set[str] = set()
    made = ""
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            made += _TOKEN.sub(_translated, piece)
        elif piece in names:
            made += f"(?P={piece})"
        else:
            names.add(piece)
            made += f"(?P<{piece}>[^/]+?)"
    return re.compile(made + "(?:/.*)?$")  # all that is in a folder has its labels


def _translated(token: re.Match[str]) -> str:
    """Write what a pattern of names says as a regular expression that does not leave the folder."""
    wildcard = token[0]
    if wildcard in _WILDCARDS:
        return _WILDCARDS[wildcard]
    return translate(wildcard)[len("(?s:") : -len(r")\Z")] if len(wildcard) > 1 else re.escape(wildcard)


def _comparable(place: Place) -> str:
    return str(place.address).replace("\\", "/")


def _listed(text: str, storage_options: Mapping[str, object]) -> Iterator[Place | Unread]:
    scheme = scheme_of(text)
    if scheme in WEB:
        yield Place(text)
    elif scheme:
        from gostack_nb.fleet.objects import list_objects  # noqa: PLC0415 - fsspec comes with an extra

        yield from list_objects(text, storage_options)
    else:
        for found in list_files(text, is_recording):
            yield found if isinstance(found, Unread) else _file(found)


def _file(path: Path) -> Place:
    series = str(path.parent) if is_file(path.parent / SERIES_NAME) else None
    if is_folder(path):
        return Place(str(path), is_recording=True)
    return Place(str(path), series=encodable(series) if series else None, size_bytes=_size(path))


def _size(path: Path) -> int:
    """Return 0 for a link to nothing, or a file that is gone since it was listed: who opens it says so."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def is_recording(folder: Path) -> bool:
    """Tell whether `gs.Recording` wrote a folder."""
    return is_file(folder / DESCRIPTION_FILE)


def place_of(source: Source) -> Place:
    """Return the place of one source that `gs.read` takes."""
    if isinstance(source, str | PathLike):
        path = Path(os.fspath(source))
        return _file(path) if is_file(path) or is_recording(path) else Place(str(source))
    return Place(source)
