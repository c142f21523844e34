"""A recording that was damaged: `verify` names the file wherever a byte was flipped, and the rest is read.

A part of all places is tried here, each time the same; all of them by `python -m tests.hostile.damage`.
"""

import os
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from gostack_nb import Recording
from tests.hostile.damage import FLIP, SNAPSHOTS, files_of, flipped, make_recording, outcome_of, truncated


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_recording(tmp_path / "incident").path


def places(path: Path, most: int) -> range:
    """Return places spread over a file, both ends among them where there are few bytes."""
    size = path.stat().st_size
    return range(0, size, max(size // most, 1))


@pytest.mark.parametrize("kind", ["recording.json", "raw/**/*.json", "raw/**/*.gz", "tables/**/*.parquet"])
def test_a_flipped_byte_is_found_and_the_rest_is_read(root: Path, kind: str) -> None:
    files = sorted(root.glob(kind))
    assert files
    for path in files:
        name = str(path.relative_to(root))
        for offset, outcome in flipped(path, iter(places(path, max(24 // len(files), 1))), FLIP):
            assert outcome.refused is None, (name, offset)
            assert name in outcome.named, (name, offset)
            assert outcome.snapshots == SNAPSHOTS, (name, offset)


@pytest.mark.parametrize("kind", ["recording.json", "raw/**/*.json", "raw/**/*.gz", "tables/**/*.parquet"])
def test_a_file_cut_at_any_length(root: Path, kind: str) -> None:
    files = sorted(root.glob(kind))
    for path in files:
        name = str(path.relative_to(root))
        for length, outcome in truncated(path, iter(places(path, max(16 // len(files), 1)))):
            assert outcome.refused is None, (name, length)
            assert name in outcome.named, (name, length)
            assert outcome.snapshots == SNAPSHOTS, (name, length)


def test_a_description_that_is_lost_hides_no_dump(root: Path) -> None:
    (root / "recording.json").write_bytes(b"\0" * 100)
    outcome = outcome_of(root)
    assert outcome.snapshots == SNAPSHOTS
    assert outcome.named == {"recording.json"}


def remove(path: Path, _other: Path) -> None:
    path.unlink()


def swap(path: Path, other: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(data)


def link_to_a_secret(path: Path, _other: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def be_a_fifo(path: Path, _other: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def be_a_folder(path: Path, _other: Path) -> None:
    path.unlink()
    path.mkdir()


def be_a_device(path: Path, _other: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def be_a_link_to_itself(path: Path, _other: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def is_gone(root: Path, path: Path) -> bool:
    """Whether it was a commit file: without it nobody knows that there was a part, and the raw file is parsed."""
    is_none = path.is_dir() or not os.path.lexists(path)
    return "tables/v1/snapshots" in str(path) and is_none and outcome_of(root).snapshots == SNAPSHOTS


@pytest.mark.parametrize(
    "damage", [remove, swap, link_to_a_secret, be_a_fifo, be_a_folder, be_a_device, be_a_link_to_itself]
)
@pytest.mark.parametrize("kind", ["*.gz", "*.gz.json", "*.parquet"])
def test_files_in_the_place_of_others(root: Path, kind: str, damage: Callable[[Path, Path], None]) -> None:
    """Whatever stands where a file was: nothing is waited for, nothing of this machine is shown, the rest is read."""
    whole = root.with_name("whole")
    shutil.copytree(root, whole)
    files = {path.parts[len(root.parts) :][:3]: path for path in sorted(root.rglob(kind))}  # one of each table
    for path, other in pairwise([*files.values(), min(files.values())]):
        damage(path, other)
        outcome = outcome_of(root)
        assert outcome.refused is None, path
        assert outcome.snapshots >= SNAPSHOTS - 1, path
        name = str(path.relative_to(root))
        assert {name, name.removesuffix(".json")} & outcome.named or is_gone(root, path), path
        dataset = Recording.open(root).read()
        shown = "".join(str(frame.to_dict()) for frame in (dataset.issues, dataset.stacks, dataset.snapshots))
        assert "root:x:0" not in shown
        shutil.rmtree(root)
        shutil.copytree(whole, root)


def test_files_that_nobody_wrote(root: Path) -> None:
    """They are read as evidence put there by hand, or passed over; none hinders the rest."""
    folder = next(root.glob("raw/*/*"))
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 50)
    (folder / "zeros.gz").write_bytes(bytes(5000))
    (folder / ("x" * 200)).write_bytes(b"")
    (folder / "a\nb\x1b[31m.txt").write_bytes(b"?")
    (folder / ".hidden").write_bytes(b"?")
    table = next(root.glob("tables/v1/snapshots/*"))
    (table / "noise.parquet").write_bytes(bytes(5000))
    (table / "no-commit").write_bytes(b"?")
    (root / "extra").mkdir()
    (root / "extra" / "dump.txt").write_bytes(b"goroutine 9 [running]:\n")
    outcome = outcome_of(root)
    assert outcome.refused is None
    assert outcome.snapshots == SNAPSHOTS
    assert len(outcome.named) >= 4
    assert all(name.isprintable() for name in outcome.named)


@pytest.mark.parametrize("damage", [be_a_fifo, be_a_device, be_a_folder, be_a_link_to_itself])
def test_a_description_that_is_no_file(root: Path, damage: Callable[[Path, Path], None]) -> None:
    damage(root / "recording.json", root)
    refused = outcome_of(root).refused
    assert refused is not None
    assert "cannot be read" in refused


def test_the_helper_puts_everything_back(root: Path) -> None:
    before = {path: path.read_bytes() for path in files_of(root)}
    path = next(iter(before))
    assert len(list(flipped(path, iter(range(3)), 1))) == 3
    assert len(list(truncated(path, iter(range(3))))) == 3
    assert {path: path.read_bytes() for path in files_of(root)} == before
