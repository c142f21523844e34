"""Objects in buckets, and files of any fsspec file system: which of them may be dumps, and what is in them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from gostack_nb.errors import UnreachableError
from gostack_nb.fleet.addresses import shown_address
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.stores import Store
from gostack_nb.recording.description import FILE as DESCRIPTION_FILE
from gostack_nb.recording.layout import RAW, SIDECAR
from gostack_nb.sources.archives import unpack
from gostack_nb.sources.blob import DEFAULT_LIMITS, Blob, Unread, natural_key
from gostack_nb.sources.packed import Packed
from gostack_nb.sources.sidecar import MAX_SIDECAR_BYTES, SERIES_NAME, Sidecars
from gostack_nb.sources.skipped import is_offered

_WILDCARD = re.compile(r"[*?\[]")


def list_objects(text: str, storage_options: Mapping[str, object]) -> Iterator[Place | Unread]:
    """Yield the objects that an address leads to, in natural order.

    Everything below the part before the first wildcard is listed, once; nothing is opened. Sidecars are known by
    their names alone: `x.json` beside `x` or `x.gz`. Of a recording the raw files are read.

    Parameters
    ----------
    text : str
        `s3://bucket/dumps`, `s3://bucket/dumps/*/1.pb.gz`, `s3://bucket/dumps/1.pb.gz`; any scheme of fsspec.
    storage_options : mapping
        For the file system: keys, endpoint ...

    Yields
    ------
    Place or Unread
        An object that may hold dumps.

    Raises
    ------
    UnreachableError
        If a package is missing, the store refuses, or nothing is there. No key or secret is in its text.
    """
    if "://" in text.partition("::")[2]:
        msg = f"{shown_address(text)}: chained addresses are not read. Hint: name the archive itself, it is unpacked"
        raise UnreachableError(msg)
    named = Store.of(text, storage_options)
    root = _before_wildcards(text)
    top = named if root == text else Store.of(root, storage_options)
    top.ask(top.system.invalidate_cache)
    infos = top.ask(top.system.find, top.path, detail=True)
    if list(infos) == [named.path]:
        yield _place(
            text.rstrip("/"), _sidecars_of(named), infos[named.path] or named.ask(named.system.info, named.path), named
        )
        return
    listing = _Listing(top, root, infos)
    chosen = sorted(listing.below(named.path) or listing.matching(text), key=_natural)
    if not chosen:
        hint = "Hint: check the spelling; hidden files, pictures, code and tables are passed over"
        msg = f"{named.source}: nothing there that may be a dump ({len(infos):,} objects seen). {hint}"
        raise UnreachableError(msg)
    for found in chosen:
        yield listing.place(found)


def open_object(place: Place) -> Iterator[Blob | Unread]:
    """Yield the dumps in one object, as `open_sources` does for a file.

    Raises
    ------
    UnreachableError
        If the object, or a sidecar that was there when it was listed, cannot be read.
    """
    address = str(place.address)
    folder, _, name = address.rpartition("/")
    store = Store.of(address, place.options)

    def read(other: str) -> bytes | None:
        return _small(Store.of(f"{folder}/{other}", place.options)) if other in place.beside else None

    packed = Packed(
        source=place.source,
        parts=tuple(part for part in address.partition("://")[2].split("/") if part),
        open=lambda: cast("BinaryIO", store.open()),
        told=Sidecars(read=read, has=place.beside.__contains__).tell(name),
        file_time=store.modified_at(),
    )
    yield from unpack(packed, DEFAULT_LIMITS)


@dataclass(frozen=True)
class _Found:
    """One object of a listing: its name below the root, and as the store has it."""

    below: str
    path: str
    beside: tuple[str, ...]

    @property
    def parts(self) -> list[str]:
        return self.below.split("/")


class _Listing:
    """What is below a root."""

    def __init__(self, top: Store, root: str, infos: Mapping[str, Mapping[str, Any]]) -> None:
        self._top, self._infos = top, infos
        self._root = root if root.endswith("/") else f"{root}/"
        base = f"{top.path.rstrip('/')}/"
        names = {path.removeprefix(base): path for path, info in infos.items() if _is_file(top, path, info)}
        self._found = [_Found(name, names[name], beside) for name, beside in _dumps(names)]

    def below(self, path: str) -> list[_Found]:
        """Return the object of that very name, or what is in the folder of that name, whatever is in the name."""
        return [one for one in self._found if one.path == path or one.path.startswith(f"{path.rstrip('/')}/")]

    def matching(self, text: str) -> list[_Found]:
        """Return what a pattern matches, and what is in the folders that it matches."""
        from fsspec.utils import glob_translate  # noqa: PLC0415 - comes with an extra

        try:
            pattern = re.compile(glob_translate(text.removeprefix(self._root).strip("/")))
        except (ValueError, re.error) as error:
            msg = f"{shown_address(text)}: not a pattern ({error}). Hint: write dumps/**/*.txt"
            raise UnreachableError(msg) from error
        return [one for one in self._found if any(map(pattern.match, _with_folders(one.parts)))]

    def place(self, found: _Found) -> Place:
        """Describe an object."""
        return _place(self._root + found.below, found.beside, self._infos[found.path], self._top)


def _dumps(names: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names that may be dumps, each with the names in its folder that tell about it."""
    folders: dict[str, set[str]] = defaultdict(set)
    for path in names:
        folder = _folder(path)
        folders[folder].add(path[len(folder) :])
    recordings = {folder for folder, held in folders.items() if DESCRIPTION_FILE in held}
    for folder, held in folders.items():
        beside = {name: tuple(other for other in _asked_for(name) if other in held) for name in held}
        sidecars = {SERIES_NAME, DESCRIPTION_FILE}.union(*beside.values())
        for name in held - sidecars:
            path = folder + name
            if is_offered([part for part in path.split("/") if part]) and _is_evidence(path, recordings):
                yield path, beside[name]


def _folder(path: str) -> str:
    """Return what stands before a name; keys may hold empty names of folders."""
    return path[: path.rfind("/") + 1]


def _asked_for(name: str) -> list[str]:
    """Return the names of the files that may tell about a dump."""
    asked: list[str] = []
    Sidecars(read=asked.append, has=lambda _: False).tell(name)
    return list(dict.fromkeys(asked))


def _is_evidence(path: str, recordings: set[str]) -> bool:
    """Tell whether a file in a recording is raw evidence; elsewhere every file is."""
    recording = next((folder for folder in recordings if path.startswith(folder)), None)
    below = path.removeprefix(recording or "")
    return recording is None or (below.startswith(f"{RAW}/") and not below.endswith(SIDECAR))


def _with_folders(parts: list[str]) -> Iterator[str]:
    """Yield each folder on the way, the first one being the root, and the whole."""
    return ("/".join(parts[:end]) for end in range(len(parts) + 1))


def _is_file(store: Store, path: str, info: Mapping[str, Any]) -> bool:
    """Tell files from what else a store lists; links are followed, as in folders on disk."""
    return info.get("type", "file") == "file" or bool(info.get("islink") and store.ask(store.system.isfile, path))


def _before_wildcards(text: str) -> str:
    """Return the folders before the first part that holds a wildcard; all of an address without one."""
    scheme, mark, path = text.partition("://")
    parts = path.split("/")
    fixed = next((index for index, part in enumerate(parts) if _WILDCARD.search(part)), len(parts))
    return f"{scheme}{mark}{'/'.join(parts[:fixed])}"


def _sidecars_of(store: Store) -> tuple[str, ...]:
    """Look for the files that tell about one object; its folder was not listed, it may be large."""
    folder, _, name = store.path.rpartition("/")
    return tuple(other for other in _asked_for(name) if store.ask(store.system.exists, f"{folder}/{other}"))


def _place(address: str, beside: tuple[str, ...], info: Mapping[str, Any], store: Store) -> Place:
    folder = address.rpartition("/")[0]
    return Place(
        address,
        series=shown_address(folder) if SERIES_NAME in beside else None,
        beside=beside,
        options=store.options,
        size_bytes=int(info.get("size") or 0),
    )


def _small(store: Store) -> bytes | None:
    """Read a sidecar; what is longer is none."""
    with store.open() as file:
        data = file.read(MAX_SIDECAR_BYTES + 1)
    return data if len(data) <= MAX_SIDECAR_BYTES else None


def _natural(found: _Found) -> tuple[object, ...]:
    return tuple(natural_key(part) for part in found.parts)
