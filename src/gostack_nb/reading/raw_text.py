"""From a goroutine back to its source: the lines as Go printed them."""

import hashlib

import pandas as pd

from gostack_nb.errors import FormatError, UnreachableError
from gostack_nb.formats.raw_text import goroutine_blocks
from gostack_nb.formats.unwrap import unwrap
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.rereading import blobs_in, file_of

BETWEEN = "\n\n--- printed again ---\n\n"


def read_goroutine_text(dataset: Dataset, snapshot_id: str, goroutine_id: int | None) -> str:
    """Read the text of one goroutine again, from the file that its snapshot came from.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.
    snapshot_id : str
        Of the goroutine.
    goroutine_id : int or None
        Go's id; None where the form does not tell it.

    Returns
    -------
    str
        The header and the frames with their arguments. If a file of several dumps prints the id more often than
        its snapshots explain, every time.

    Raises
    ------
    FormatError
        If the dump prints no single goroutines: debug=1 and protobuf count equal ones.
    UnreachableError
        If the file is not there any more, is another one now, or there was none: a service is never asked again.
    """
    snapshot = dataset.snapshots.loc[dataset.snapshots["snapshot_id"] == snapshot_id].iloc[0]
    if goroutine_id is None:
        msg = f"{snapshot['form']} counts equal goroutines and prints none of them alone. Hint: debug=2 does"
        raise FormatError(msg)
    data = _bytes_of(snapshot)
    blocks = [block for plain in unwrap(data) for block in goroutine_blocks(plain.text, goroutine_id)]
    if not blocks:
        msg = f"{snapshot['source']}: goroutine {goroutine_id} is not found in the text of the file"
        raise UnreachableError(msg)
    texts = [block.decode("utf-8", "backslashreplace") for block in blocks]
    place = _place(dataset, snapshot, goroutine_id)
    return texts[place.index(snapshot_id)] if len(place) == len(texts) else BETWEEN.join(texts)


def _bytes_of(snapshot: pd.Series) -> bytes:
    source = snapshot["source"]
    file = None if pd.isna(source) else file_of(str(source))
    if file is None:
        where = "bytes in memory" if pd.isna(source) else str(source)
        msg = f"{where}: no file here to read again. Hint: save the dump to a file and read that"
        raise UnreachableError(msg)
    for data in blobs_in(file):
        if hashlib.sha256(data).hexdigest() == snapshot["sha256"]:
            return data
    msg = f"{source}: the file is not what it was when it was read. Hint: read it again"
    raise UnreachableError(msg)


def _place(dataset: Dataset, snapshot: pd.Series, goroutine_id: int) -> list[str]:
    """Return the snapshots of the same bytes that hold this id, in the order of the file."""
    snapshots, goroutines = dataset.snapshots, dataset.goroutines
    same = snapshots.loc[snapshots["sha256"] == snapshot["sha256"], "snapshot_id"].astype("str")
    holds = goroutines.loc[(goroutines["goroutine_id"] == goroutine_id).fillna(value=False), "snapshot_id"]
    return [name for name in same if name in set(holds.astype("str"))]
