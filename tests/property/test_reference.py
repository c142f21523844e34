"""The product and the reference parser agree on every real traceback, goroutine by goroutine."""

from pathlib import Path

import pytest

from gostack_nb.formats import debug2
from gostack_nb.formats.registry import parse_dumps
from tests.corpus.files import DUMPS, INCIDENT, content, dumps_in, folders, is_plain_traceback
from tests.property.reference_debug2 import first_occurrences, read_dump
from tests.property.side_by_side import rows_of_columns, rows_of_reference

# What the reference parser cannot know: a message that forges a goroutine, half a line at the end.
BEYOND_THE_REFERENCE = ("panic-multiline.txt", "stack-truncated.txt", "stack-truncated-64k.txt", "TestWait.output.txt")
TRACEBACKS = sorted(
    path
    for folder in folders().values()
    for path in dumps_in(folder)
    if is_plain_traceback(path) and path.name not in BEYOND_THE_REFERENCE
)


def _name(path: Path) -> str:
    return str(path.relative_to(DUMPS if DUMPS in path.parents else INCIDENT))


@pytest.mark.parametrize("path", TRACEBACKS, ids=_name)
def test_real_dump_is_read_as_the_reference_reads_it(path: Path) -> None:
    data = content(path)
    [dump] = parse_dumps(data)
    assert rows_of_columns(dump) == rows_of_reference(first_occurrences(read_dump(data)))


SMALL = (
    "go1.27.3/crash/signal-stack.txt",
    "go1.27.3/crash/sigquit.crash.txt",
    "go1.26.6/synctest/bubble-states.debug2.txt",
    "cgo/cgo-traceback-symbolized-go1.27.3.txt",
)


@pytest.mark.parametrize("name", SMALL)
def test_chunk_borders_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A border at every byte of the dump's beginning, and every small size of chunks."""
    data = content(DUMPS / name)
    [whole] = parse_dumps(data)
    for size in [*range(1, 200), *range(200, len(data) + 20, 37)]:
        monkeypatch.setattr(debug2, "PIECE_BYTES", size)
        [dump] = debug2.parse_debug2(data)
        assert rows_of_columns(dump) == rows_of_columns(whole), size
        assert dump.issues == whole.issues, size
        assert dump.form == whole.form, size
