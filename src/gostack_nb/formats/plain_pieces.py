"""Large texts that are tracebacks and nothing else, piece by piece: never as a whole in memory.

What stands in the text beside goroutines is kept by the records, up to a limit. If it shows that a log is wrapped
around the dump, or that there is another form in the text, the answer is "not mine": it must be read as a whole.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.dumps import split_dumps
from gostack_nb.formats.grammar import COUNTED
from gostack_nb.formats.lines import line_numbers
from gostack_nb.formats.records import MAX_ODD_BYTES, Records
from gostack_nb.formats.unwrap import is_wrapped

_HEAD_BYTES = 64 << 10
_SAMPLE_BYTES = 16 << 10  # enough to see a wrapper, which is looked for with some thirty patterns
_HEADER = re.compile(rb"^goroutine \d+ (?:\[|gp=)", re.MULTILINE)


def begins_plainly(text: bytes) -> bool:
    """Whether a text begins as tracebacks that no log is wrapped around."""
    head = text[: text.rfind(b"\n", 0, _HEAD_BYTES) + 1]
    if _HEADER.search(head) is None or COUNTED.search(head) is not None:
        return False
    return not is_wrapped(head[: head.rfind(b"\n", 0, _SAMPLE_BYTES) + 1] or head)


def plain_dumps(records: Records, reread: Callable[[], Iterable[bytes]]) -> list[Columns] | None:
    """Return the dumps of a text that was read in pieces.

    Parameters
    ----------
    records : Records
        What was read.
    reread : callable
        Yields the text again, from its start: issues say in which line they are.

    Returns
    -------
    list of Columns or None
        None if the text is not plain after all.
    """
    odd = bytes(records.odd)
    if len(odd) > MAX_ODD_BYTES or COUNTED.search(odd) or is_wrapped(odd):
        return None
    dumps = split_dumps(records)
    offsets = [i.byte_offset for dump in dumps for i in dump.issues if i.byte_offset is not None]
    return _numbered(dumps, line_numbers(reread(), offsets)) if offsets else dumps


def _numbered(dumps: list[Columns], numbers: dict[int, int]) -> list[Columns]:
    return [
        replace(
            dump,
            issues=tuple(
                issue if issue.byte_offset is None else replace(issue, line_number=numbers.get(issue.byte_offset))
                for issue in dump.issues
            ),
        )
        for dump in dumps
    ]
