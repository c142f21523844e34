import gzip
from pathlib import Path

import pytest

from gostack_nb import FormatError, UnreachableError, read
from gostack_nb.reading.raw_text import BETWEEN, read_goroutine_text

ONE = "goroutine 7 [select, {minutes} minutes]:\nmain.f(0x{minutes})\n\t/srv/main.go:9 +0x1d\n\n"
OTHER = "goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:3 +0x1d\n\n"


def block(minutes: int) -> str:
    return ONE.format(minutes=minutes)


def test_the_text_is_as_printed(tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_text(OTHER + block(3))
    dataset = read(path)
    snapshot = dataset.snapshots["snapshot_id"].iloc[0]
    assert read_goroutine_text(dataset, snapshot, 7) == block(3).strip()


def test_a_compressed_file_and_a_log(tmp_path: Path) -> None:
    path = tmp_path / "dump.log.gz"
    lines = (OTHER + block(3)).splitlines()
    path.write_bytes(gzip.compress("".join(f"2026-11-23T09:00:00Z stderr F {line}\n" for line in lines).encode()))
    dataset = read(path)
    assert read_goroutine_text(dataset, dataset.snapshots["snapshot_id"].iloc[0], 7) == block(3).strip()


def test_each_dump_of_a_file_has_its_own_text(tmp_path: Path) -> None:
    path = tmp_path / "two.txt"
    path.write_text(OTHER + block(3) + OTHER + block(5))
    dataset = read(path)
    texts = [read_goroutine_text(dataset, name, 7) for name in dataset.snapshots["snapshot_id"]]
    assert texts == [block(3).strip(), block(5).strip()]


def test_an_id_that_is_printed_again_is_shown_each_time(tmp_path: Path) -> None:
    path = tmp_path / "again.txt"
    path.write_text(OTHER + block(3) + OTHER + block(5))
    dataset = read(path)
    first = dataset.snapshots["snapshot_id"].iloc[0]
    part = dataset.with_goroutines(dataset.goroutines[dataset.goroutines["snapshot_id"] == first])
    assert read_goroutine_text(part, first, 7) == block(3).strip() + BETWEEN + block(5).strip()


def test_a_file_that_is_gone_or_another_one_is_said(tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_text(OTHER + block(3))
    dataset = read(path)
    snapshot = dataset.snapshots["snapshot_id"].iloc[0]
    path.write_text(OTHER + block(4))
    with pytest.raises(UnreachableError, match="not what it was when it was read"):
        read_goroutine_text(dataset, snapshot, 7)
    path.unlink()
    with pytest.raises(UnreachableError, match="no file here to read again"):
        read_goroutine_text(dataset, snapshot, 7)


def test_bytes_and_counted_forms_have_no_text() -> None:
    dataset = read((OTHER + block(3)).encode())
    snapshot = dataset.snapshots["snapshot_id"].iloc[0]
    with pytest.raises(UnreachableError, match="no file here"):
        read_goroutine_text(dataset, snapshot, 7)
    with pytest.raises(FormatError, match="prints none of them alone"):
        read_goroutine_text(dataset, snapshot, None)
