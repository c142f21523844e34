"""From a Dataset back to its sources, for what the tables leave out."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pandas as pd

from gostack_nb.errors import SourceError
from gostack_nb.formats.addresses import Addresses, parse_addresses
from gostack_nb.formats.columns import Form
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.formats.unwrap import unwrap
from gostack_nb.model.addresses import address_table
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.sources.blob import Blob
from gostack_nb.sources.opening import open_sources

MEMBER = "!"
"""Between an archive and what lies in it: `incident.tar.gz!goroutine/0.txt`."""

LOCK_REASONS = ("semacquire", "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock")
"""Wait reasons, as printed, of goroutines that may wait for a lock."""

CRASHES = (Form.SIGNAL, Form.PANIC, Form.FATAL)
"""The forms that print the frames of the runtime, and with them the channels."""


@checked
def read_addresses(dataset: Dataset) -> pd.DataFrame:
    """Read again, from the files of a dataset, the addresses of locks and channels that goroutines wait for.

    Only dumps that can tell some are read: those in which a goroutine waits for a lock, and crashes, which alone print
    channels. The file must still hold the same bytes (by sha256) and this dump alone; a service is never asked again.
    Of a dump that was given twice, the last snapshot gets the addresses.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.

    Returns
    -------
    DataFrame
        One row per goroutine of the dumps that could be read again: `snapshot_id` (category), `goroutine_id` (Int64),
        `operation` (category: `lock`, `receive`, `send`; NA), `address` (Int64; NA where Go does not print it: channels
        are told by crashes alone, a read lock that was inlined by none), `pointers` (object: frozenset of int, what
        else its arguments point to).

    Examples
    --------
    >>> gs.read_addresses(dataset).columns.tolist()
    ['snapshot_id', 'goroutine_id', 'operation', 'address', 'pointers']
    """
    return address_table([(name, found) for name, data in _dumps(dataset) for found in _addresses(data)])


def _dumps(dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of each snapshot that is alone in its source, where they are still the same."""
    snapshots = dataset.snapshots
    chosen = snapshots[snapshots["source"].notna() & _tells_addresses(dataset)]
    wanted = {str(row.sha256): (str(row.snapshot_id), str(row.source)) for row in chosen.itertuples()}
    several = set(snapshots["sha256"][snapshots["sha256"].duplicated()].astype("str"))
    for file in dict.fromkeys(file_of(source) for _, source in wanted.values()):
        for data in blobs_in(file) if file else ():
            sha256 = hashlib.sha256(data).hexdigest()
            if sha256 in wanted and (sha256 not in several or len(parse_dumps(data)) == 1):
                name, _ = wanted.pop(sha256)
                yield name, data


def file_of(source: str) -> str | None:
    """Return the file that a source lies in: itself, or the archive before the last `!` that follows a file's name."""
    name = source
    while not _is_file(name):
        name, found, _ = name.rpartition(MEMBER)
        if not found:
            return None
    return name


def _is_file(name: str) -> bool:
    with suppress(OSError, ValueError):  # a member's name may be longer than any file's
        return Path(name).is_file()
    return False


def _tells_addresses(dataset: Dataset) -> pd.Series:
    """Tell for each snapshot whether its text may hold the address of a lock or channel."""
    goroutines, snapshots = dataset.goroutines, dataset.snapshots
    locked = goroutines["snapshot_id"][goroutines["state"].isin(LOCK_REASONS)].unique()
    return snapshots["snapshot_id"].isin(locked) | snapshots["form"].isin(CRASHES)


def blobs_in(file: str) -> Iterator[bytes]:
    """Yield what lies in a file or archive, decompressed; nothing if it cannot be read."""
    with suppress(SourceError):
        yield from (item.data for item in open_sources(file) if isinstance(item, Blob))


def _addresses(data: bytes) -> list[Addresses]:
    return [found for plain in unwrap(data) for found in parse_addresses(plain.text)]
