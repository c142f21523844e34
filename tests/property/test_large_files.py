"""A file that is read in pieces and parts gives what the whole text gives, or says that it must be read as a whole."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gostack_nb import read
from gostack_nb.errors import UnreachableError
from gostack_nb.formats import debug2
from gostack_nb.formats.chunks import SEPARATOR
from gostack_nb.formats.columns import Columns
from gostack_nb.formats.dumps import split_dumps
from gostack_nb.formats.joining import join_records
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.formats.tracebacks import read_tracebacks
from gostack_nb.reading import large_files, part_processes, part_reader
from gostack_nb.reading.large_files import Found, parse_large
from gostack_nb.reading.part_processes import PartProcesses
from gostack_nb.reading.part_reader import Division, Part, PartReader, Pieces, numbers_from
from gostack_nb.sources.archives import LARGE_BYTES
from gostack_nb.sources.content import OnDisk
from tests.corpus.files import DUMPS, INCIDENT, content, dumps_in, folders
from tests.property.side_by_side import rows_of_columns

TEXTS = sorted(
    path for folder in folders().values() for path in dumps_in(folder) if path.suffix in {".txt", ".log", ".md"}
)
SMALL = (
    "go1.27.3/crash/signal-stack.txt",
    "go1.27.3/crash/stack-truncated.txt",
    "go1.21.13/crash/sigquit.crash.txt",
    "go1.26.6/synctest/bubble-states.debug2.txt",
    "cgo/cgo-traceback-symbolized-go1.27.3.txt",
)
DUMP = content(INCIDENT / "leak" / "11.goroutine.debug2.txt")


def _comparable(dumps: list[Columns]) -> list[object]:
    return [
        (dump.count is None and rows_of_columns(dump), dump.issues, dump.form, dump.truncated, dump.total)
        for dump in dumps
    ]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (large_files, part_reader, debug2):
        monkeypatch.setattr(module, "PIECE_BYTES", 1_000)


def _on_disk(folder: Path, data: bytes) -> OnDisk:
    path = folder / "dump.txt"
    path.write_bytes(data)
    return OnDisk.of(path, "dump.txt")


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_file_is_read_in_pieces_as_it_is_as_a_whole(path: Path, tmp_path: Path) -> None:
    data = content(path)
    parsed = parse_large(_on_disk(tmp_path, data), lambda _: None)
    if parsed is not None:
        assert _comparable(parsed.dumps) == _comparable(parse_dumps(data))
        assert parsed.sha256 == hashlib.sha256(data).hexdigest()


def test_plain_dumps_need_not_be_read_as_a_whole(tmp_path: Path) -> None:
    plain = [path for path in TEXTS if "debug2" in path.name and "wrapped" not in path.parts]
    read = [path for path in plain if parse_large(_on_disk(tmp_path, content(path)), lambda _: None) is not None]
    assert len(plain) > 30
    assert read == plain


@pytest.mark.parametrize(
    "other",
    [
        b"push-1  | goroutine 7 [select]:\npush-1  | main.f()\npush-1  | \t/srv/main.go:9 +0x1d\n",
        b"goroutine profile: total 1\n1 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/srv/main.go:9\n",
        b"goroutine 7 [select]:\r\nmain.f()\r\n\t/srv/main.go:9 +0x1d\r\n",
        b"goroutine 7 [select]:\nmain.f()\n?\n\t/srv/main.go:9 +0x1d\ngoroutine profile: total 1\n1 @ 0x1 0x2\n",
        b"a log\n" * 100_000,
    ],
    ids=["a log behind", "another form behind", "other line ends behind", "another form behind junk", "too much log"],
)
def test_what_is_not_plain_must_be_read_as_a_whole(other: bytes, tmp_path: Path) -> None:
    assert parse_large(_on_disk(tmp_path, DUMP + b"\n" + other), lambda _: None) is None


@pytest.mark.parametrize("name", SMALL)
def test_two_pieces_with_a_border_at_every_byte(name: str) -> None:
    data = content(DUMPS / name)
    whole = _comparable(split_dumps(read_tracebacks([data])))
    for border in range(len(data) + 1):
        assert _comparable(split_dumps(read_tracebacks([data[:border], data[border:]]))) == whole, border


def _parts_at(data: bytes) -> Iterator[int]:
    place = data.find(SEPARATOR)
    while place >= 0:
        yield place
        place = data.find(SEPARATOR, place + 1)


@pytest.mark.parametrize("name", [*SMALL, "go1.27.3/crash/sigquit.crash.txt"])
def test_two_parts_with_a_border_before_every_header(name: str) -> None:
    data = content(DUMPS / name)
    whole = _comparable(split_dumps(read_tracebacks([data])))
    for border in _parts_at(data):
        first = read_tracebacks([data[:border]], ends_text=False)
        second = read_tracebacks([data[border + 2 :]], offset=border + 2)
        assert _comparable(split_dumps(join_records([("a", first), ("b", second)]))) == whole, border


@pytest.mark.parametrize("turns", ["ab", "aab", "abb", "abc", "abac"])
@pytest.mark.parametrize("name", [*SMALL, "go1.27.3/crash/sigquit.crash.txt"])
def test_a_part_for_every_header_by_readers_in_turns(name: str, turns: str) -> None:
    data = content(DUMPS / name)
    division = Division(len(data), 250)
    pieces = _on_memory(data)
    readers = {reader: PartReader(division) for reader in turns}
    parts = [
        (reader, readers[reader].read(part, pieces(part.start, part.end, 100)))
        for (_, part), reader in zip(division.parts(range(division.range_count), pieces), cycle(turns), strict=False)
    ]
    [whole, *more], [joined, *others] = split_dumps(read_tracebacks([data])), split_dumps(join_records(parts))
    assert _comparable([joined, *others]) == _comparable([whole, *more])
    assert (joined.states, joined.label_sets) == (whole.states, whole.label_sets)
    assert list(dict.fromkeys(joined.stacks)) == list(dict.fromkeys(whole.stacks))


@pytest.mark.parametrize("count", [1, 2, 7, 100, 10_000])
def test_the_parts_of_a_text_begin_at_headers_and_leave_out_blank_lines_alone(count: int) -> None:
    data = content(DUMPS / SMALL[0]) + b"a log\n" * 100
    division = Division(len(data), count)
    found = [part for _, part in division.parts(range(division.range_count), _on_memory(data))]
    assert b"\n\n".join(data[part.start : part.end] for part in found) == data
    assert all(data.startswith(b"goroutine ", part.start) for part in found[1:])
    assert len(found) == (1 + data.count(SEPARATOR) if count > 1_000 else len(found))


def _on_memory(data: bytes) -> Pieces:
    def pieces(start: int, end: int, piece_bytes: int) -> Iterator[bytes]:
        for place in range(start, end, piece_bytes):
            yield data[place : min(place + piece_bytes, end)]

    return pieces


@pytest.fixture
def three_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "PROCESS_BYTES", 1)
    monkeypatch.setattr(large_files, "PARTS", 16)
    monkeypatch.setattr(large_files, "_processors", lambda: 3)


@pytest.fixture(params=[0, 1, 7], ids=lambda taken: f"{taken} parts read here")
def most_parts_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sure that the other parts are read by the other processes."""
    monkeypatch.setattr(PartProcesses, "numbers", lambda self: islice(numbers_from(self._queue), request.param))
    monkeypatch.setattr(large_files, "_late", _none_is_late)


def _none_is_late(_content: OnDisk, _division: Division, parts: dict[int, Part]) -> Iterator[Found]:
    assert not parts
    return iter(())


@pytest.mark.usefixtures("three_processes", "most_parts_elsewhere")
@pytest.mark.parametrize("name", ["leak/11.goroutine.debug2.txt", "leak/12.goroutineleak.debug2.txt"])
def test_three_processes_read_what_one_reads(name: str, tmp_path: Path) -> None:
    data = content(INCIDENT / name)
    parsed = parse_large(_on_disk(tmp_path, data), lambda _: None)
    assert parsed is not None
    assert _comparable(parsed.dumps) == _comparable(parse_dumps(data))
    assert parsed.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.usefixtures("three_processes", "most_parts_elsewhere")
def test_issues_of_every_part_have_their_line(tmp_path: Path) -> None:
    blocks = DUMP.split(b"\n\n")
    for place in (10, len(blocks) // 2, len(blocks) - 10):
        blocks[place] = blocks[place].replace(b"\n\t", b"\n?\n\t", 1)
    data = b"\n\n".join(blocks)
    parsed = parse_large(_on_disk(tmp_path, data), lambda _: None)
    assert parsed is not None
    assert len(parsed.dumps[0].issues) == 3
    assert _comparable(parsed.dumps) == _comparable(parse_dumps(data))


@pytest.mark.usefixtures("three_processes")
@pytest.mark.parametrize("executable", ["/bin/sh", "/no/such/python", "", None])
def test_a_process_that_comes_to_nothing_loses_nothing(
    executable: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    _read_and_compare(tmp_path)


@pytest.mark.usefixtures("three_processes")
@pytest.mark.parametrize(
    "dying",
    ["os._exit(1)", "os.kill(os.getpid(), 9)", "sys.stdout.buffer.write(b'x' * 1000)", "print(end='\\x80\\x05')"],
)
def test_a_process_that_dies_with_parts_in_its_hands_loses_nothing(
    dying: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"import os, sys; sys.stdin.buffer.raw.read(3); {dying}; sys.stdout.flush(); os._exit(1)"
    monkeypatch.setattr(part_processes, "_CODE", code)
    monkeypatch.setattr(PartProcesses, "numbers", _what_the_dead_have_left)
    _read_and_compare(tmp_path)


def _what_the_dead_have_left(processes: PartProcesses) -> Iterator[int]:
    processes.records()
    taken = list(numbers_from(processes._queue))
    assert len(taken) == 16 - 2 * 3
    return iter(taken)


def _read_and_compare(folder: Path) -> None:
    parsed = parse_large(_on_disk(folder, DUMP), lambda _: None)
    assert parsed is not None
    assert _comparable(parsed.dumps) == _comparable(parse_dumps(DUMP))


@pytest.mark.usefixtures("three_processes")
def test_no_process_is_left_when_reading_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Started(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    def interrupt(_: PartProcesses) -> Iterator[int]:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.setattr(PartProcesses, "numbers", interrupt)
    with pytest.raises(KeyboardInterrupt):
        parse_large(_on_disk(tmp_path, DUMP), lambda _: None)
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)


def test_every_byte_is_counted_once(tmp_path: Path) -> None:
    counted: list[float] = []
    parse_large(_on_disk(tmp_path, DUMP), counted.append)
    assert sum(counted) == len(DUMP)


@pytest.mark.usefixtures("three_processes")
def test_what_others_read_is_counted_too(tmp_path: Path) -> None:
    counted: list[float] = []
    parse_large(_on_disk(tmp_path, DUMP), counted.append)
    assert sum(counted) == pytest.approx(len(DUMP))


def test_a_file_that_became_shorter(tmp_path: Path) -> None:
    found = _on_disk(tmp_path, DUMP)
    found.path.write_bytes(DUMP[:-1])
    with pytest.raises(UnreachableError, match=r"^dump\.txt: was replaced or cut while it was read\. Hint: "):
        parse_large(found, lambda _: None)


def test_a_file_whose_name_another_one_took(tmp_path: Path) -> None:
    found = _on_disk(tmp_path, DUMP)
    found.path.rename(tmp_path / "dump.txt.1")
    found.path.write_bytes(DUMP + DUMP)
    with pytest.raises(UnreachableError, match=r"^dump\.txt: was replaced"):
        parse_large(found, lambda _: None)


def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path) -> None:
    found = _on_disk(tmp_path, DUMP)
    with found.path.open("ab") as file:
        file.write(b"\ngoroutine 999999 [select]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
    parsed = parse_large(found, lambda _: None)
    assert parsed is not None
    assert _comparable(parsed.dumps) == _comparable(parse_dumps(DUMP))


def test_a_text_without_a_dump_must_be_read_as_a_whole(tmp_path: Path) -> None:
    counted: list[float] = []
    assert parse_large(_on_disk(tmp_path, b"goroutine 7 [running\n" + b"a log\n" * 100), counted.append) is None
    assert sum(counted) == 0


def test_a_large_file_is_read_where_it_lies(tmp_path: Path) -> None:
    """The way of `read`: a file of more than 4 MiB against the same bytes in memory."""
    blocks = DUMP.rstrip(b"\n").split(b"\n\n")
    copies = LARGE_BYTES // len(DUMP) + 1
    numbers = range(10, 10 + copies)
    renamed = (block.replace(b"goroutine ", b"goroutine %d" % copy, 1) for copy in numbers for block in blocks)
    data = b"\n\n".join(renamed) + b"\n"
    path = tmp_path / "large dump.txt"
    path.write_bytes(data)
    on_disk, in_memory = read(path), read(data)
    assert len(data) > LARGE_BYTES
    assert len(on_disk.goroutines) == copies * len(blocks)
    kept = [name for name in on_disk.goroutines.columns if name != "snapshot_id"]
    pd.testing.assert_frame_equal(on_disk.goroutines[kept], in_memory.goroutines[kept])
    assert on_disk.snapshots["sha256"].tolist() == in_memory.snapshots["sha256"].tolist()
