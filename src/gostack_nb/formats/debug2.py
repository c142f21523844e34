"""Go tracebacks (debug=2, runtime.Stack, panics, signals) to columns."""

from collections.abc import Iterator

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.dumps import split_dumps
from gostack_nb.formats.tracebacks import PIECE_BYTES, read_tracebacks


def parse_debug2(text: bytes) -> list[Columns]:
    """Read every dump in a text of Go tracebacks, in the order of the text.

    Parameters
    ----------
    text : bytes
        Plain text as Go prints it, with LF line ends; lines of other origin may stand between.

    Returns
    -------
    list of Columns
        One per dump: a text may hold several, one after the other. Empty if the text holds neither a goroutine
        nor the first line of a crash.
    """
    return split_dumps(read_tracebacks(_pieces(text)))


def _pieces(text: bytes) -> Iterator[bytes]:
    return (text[start : start + PIECE_BYTES] for start in range(0, len(text), PIECE_BYTES))
