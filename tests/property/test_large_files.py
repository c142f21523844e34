"""A file that is read in pieces and parts gives what the whole text gives, or says that it must be read as a whole."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gostack_nb.errors import UnreachableError
from gostack_nb.formats.columns import Columns
from gostack_nb.formats.dumps import split_dumps
from gostack_nb.formats.joining import join_records
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.formats.tracebacks import SEPARATOR, read_tracebacks
from gostack_nb.reading import large_files
from gostack_nb.reading.large_files import parse_large
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
    return [(rows_of_columns(dump), dump.issues, dump.form, dump.truncated, dump.go_version) for dump in dumps]


def _on_disk(folder: Path, data: bytes) -> OnDisk:
    path = folder / "dump.txt"
    path.write_bytes(data)
    return OnDisk(path, "dump.txt", len(data))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_file_is_read_in_pieces_as_it_is_as_a_whole(path: Path, tmp_path: Path) -> None:
    data = content(path)
    parsed = parse_large(_on_disk(tmp_path, data), lambda _: None)
    if parsed is not None:
        assert _comparable(parsed.dumps) == _comparable(parse_dumps(data))


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
    ],
    ids=["a log behind", "another form behind", "other line ends behind"],
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
        assert _comparable(split_dumps(join_records([first, second]))) == whole, border


@pytest.fixture
def three_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "PART_BYTES", 1)
    monkeypatch.setattr(large_files, "_START_BYTES", 0)
    monkeypatch.setattr(large_files, "_processors", lambda: 3)


@pytest.mark.usefixtures("three_processes")
@pytest.mark.parametrize("name", ["leak/11.goroutine.debug2.txt", "leak/12.goroutineleak.debug2.txt"])
def test_three_processes_read_what_one_reads(name: str, tmp_path: Path) -> None:
    data = content(INCIDENT / name)
    parsed = parse_large(_on_disk(tmp_path, data), lambda _: None)
    assert parsed is not None
    assert _comparable(parsed.dumps) == _comparable(parse_dumps(data))


@pytest.mark.usefixtures("three_processes")
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
def test_a_process_that_comes_to_nothing_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    parsed = parse_large(_on_disk(tmp_path, DUMP), lambda _: None)
    assert parsed is not None
    assert _comparable(parsed.dumps) == _comparable(parse_dumps(DUMP))


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
    longer = OnDisk(found.path, found.source, found.size_bytes + 1)
    with pytest.raises(UnreachableError, match=r"^dump\.txt: became shorter while it was read\. Hint: "):
        parse_large(longer, lambda _: None)
