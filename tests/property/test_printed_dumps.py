"""Whatever Go may print: both parsers agree, no bytes raise, and wherever a dump is cut something says so."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gostack_nb.formats import debug2
from gostack_nb.formats.columns import Columns
from gostack_nb.formats.debug2 import parse_debug2
from gostack_nb.formats.registry import parse_dumps
from tests.corpus.files import DUMPS, content
from tests.property.printed_dumps import dumps, dumps_among_junk
from tests.property.reference_debug2 import first_occurrences, read_dump
from tests.property.side_by_side import Row, rows_of_columns, rows_of_reference

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)


def _rows(dumps: list[Columns]) -> list[Row]:
    return [row for dump in dumps for row in rows_of_columns(dump)]


@calm
@given(dumps())
def test_printed_dump_is_read_as_the_reference_reads_it_without_an_issue(text: str) -> None:
    data = text.encode()
    [dump] = parse_debug2(data)
    assert rows_of_columns(dump) == rows_of_reference(first_occurrences(read_dump(data)))
    assert dump.issues == ()
    assert not dump.truncated


@calm
@given(dumps_among_junk())
def test_lines_of_a_log_between_goroutines_change_nothing(text: str) -> None:
    data = text.encode()
    parsed = parse_debug2(data)
    assert _rows(parsed) == rows_of_reference(first_occurrences(read_dump(data)))
    assert [issue for dump in parsed for issue in dump.issues] == []


@calm
@given(dumps())
def test_windows_line_ends_change_nothing(text: str) -> None:
    assert _rows(parse_dumps(text.replace("\n", "\r\n").encode())) == _rows(parse_dumps(text.encode()))


@calm
@given(dumps(), st.integers(1, 700))
def test_size_of_chunks_changes_nothing(text: str, size: int) -> None:
    data = text.encode()
    [whole] = parse_debug2(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(debug2, "PIECE_BYTES", size)
        [dump] = parse_debug2(data)
    assert rows_of_columns(dump) == rows_of_columns(whole)


@calm
@given(dumps(), st.data())
def test_damaged_dump_never_raises(text: str, data: st.DataObject) -> None:
    damaged = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=6))
    parse_debug2(bytes(damaged))


@calm
@given(st.lists(dumps(), min_size=2, max_size=3))
def test_dumps_behind_each_other_lose_no_goroutine(texts: list[str]) -> None:
    """As `curl >> file` makes them: every id of every text is there at least once."""
    parsed = parse_debug2("\n".join(texts).encode())
    wanted = {row[0] for text in texts for row in rows_of_reference(read_dump(text.encode()))}
    assert {int(number) for dump in parsed for number in dump.goroutine_id} == wanted


@pytest.mark.parametrize("name", ["go1.27.3/crash/signal-stack.txt", "go1.27.3/crash/sigquit.txt"])
def test_cut_at_any_byte_keeps_whole_goroutines_and_says_so(name: str) -> None:
    data = content(DUMPS / name)[:6000]
    whole = {row[0]: row for row in _rows(parse_debug2(content(DUMPS / name)))}
    for size in range(data.index(b":\n") + 30, len(data)):
        cut = parse_debug2(data[:size])
        *before, last = _rows(cut)
        assert all(row == whole[row[0]] for row in before), size
        silent = not any(dump.truncated for dump in cut)
        at_line_end = data[size - 1 : size] == b"\n" or data[size : size + 1] == b"\n"
        outermost = bool(last[6]) and last[6][-1][0] in ("main.main", "runtime.main", "runtime.goexit")
        assert not silent or last == whole[last[0]] or at_line_end or outermost, (size, data[size - 80 : size])
