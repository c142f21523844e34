"""What is damaged is found and said, and everything else is still read."""

import errno
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from gostack_nb import Dataset, Recording, RecordingError, read
from gostack_nb.recording import durable
from gostack_nb.recording.raw_files import with_checksum
from gostack_nb.recording.rebuilding import LEFTOVER_SECONDS
from tests.unit.recording.samples import BEGUN, HTML, METRICS, assert_equal, debug2, evidence


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    made = Recording.open(tmp_path / "incident", create=True)
    made.keep(evidence(debug2(1, 2)))
    made.keep(evidence(METRICS, kind="metrics.txt"))
    made.keep(evidence(debug2(3), after=60, instance="b"))
    return made


def files(recording: Recording, pattern: str) -> list[Path]:
    return sorted(path for path in recording.path.rglob(pattern) if path.is_file())


def problems(recording: Recording) -> dict[str, str]:
    found = recording.verify()
    return dict(found.dropna()[["file", "problem"]].itertuples(index=False))


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(data)


def test_verify_names_every_file_once(recording: Recording) -> None:
    found = recording.verify()
    assert found["problem"].isna().all()
    assert sorted(found["file"]) == [str(path.relative_to(recording.path)) for path in files(recording, "*")]
    assert {str(dtype) for dtype in found.dtypes} == {"str"}


def test_a_flipped_byte_is_found_wherever_it_is(recording: Recording) -> None:
    """In every file, at both ends and at some places between."""
    rng = random.Random(7)  # noqa: S311 - places, no secrets
    expected = recording.read()
    for path in files(recording, "*"):
        if path.name == "recording.json":
            continue
        whole = path.read_bytes()
        for place in {0, rng.randrange(len(whole)), len(whole) - 1}:
            flip(path, place)
            found = problems(recording)
            assert found.pop(str(path.relative_to(recording.path)), None), place
            assert all("no tables yet" in problem for problem in found.values())
            path.write_bytes(whole)
        flip(path, 40)
        assert len(recording.read().snapshots) == len(expected.snapshots)
        path.write_bytes(whole)
    assert problems(recording) == {}


@pytest.mark.parametrize("damage", [lambda path: flip(path, 40), Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("table", ["goroutines", "stacks", "snapshots", "metrics"])
def test_damaged_tables_are_made_of_the_raw_file(
    recording: Recording, table: str, damage: Callable[[Path], object]
) -> None:
    expected = read(recording.path)
    for path in files(recording, f"tables/v1/{table}/*/*"):
        damage(path)
    assert_equal(Recording.open(recording.path).read(), expected)
    assert problems(recording)
    recording.rebuild()
    assert_equal(recording.read(), expected)
    os.utime(recording.path)
    assert [problem for problem in problems(recording).values() if "never committed" not in problem] == []


@pytest.mark.parametrize("table", ["goroutines", "snapshots"])
def test_what_is_gone_for_good_is_said(recording: Recording, table: str) -> None:
    for pattern in (f"tables/v1/{table}/*/*085343Z*", "raw/*/*/*085343Z*debug2*.gz"):
        for path in files(recording, pattern):
            path.unlink() if path.suffix == ".gz" else flip(path, 40)
    dataset = recording.read(service="push")
    assert dataset.goroutines["goroutine_id"].tolist() == [3]
    assert "tables are damaged and there is no raw file" in dataset.issues["reason"].iloc[0]


def test_a_damaged_merged_part_is_made_again(recording: Recording) -> None:
    expected = recording.read()
    assert recording.compact() == 3
    (commit,) = files(recording, "tables/v1/snapshots/*/merged*")
    flip(commit, 40)
    assert "tables are damaged" in Recording.open(recording.path).read().issues["reason"].iloc[0]
    assert recording.rebuild() == 3
    assert_equal(recording.read(), expected)
    assert all("never committed" in problem for problem in problems(recording).values())


def test_tables_outlive_their_raw_file(recording: Recording) -> None:
    expected = recording.read()
    shutil.rmtree(recording.path / "raw")
    assert recording.rebuild() == 0
    assert_equal(recording.read(), expected)
    assert {problem.partition(";")[0] for problem in problems(recording).values()} == {"the raw file is missing"}


def test_good_tables_outlive_a_damaged_raw_file(recording: Recording) -> None:
    expected = recording.read()
    for path in files(recording, "*.gz"):
        path.write_bytes(path.read_bytes()[:30])
    assert recording.rebuild() == 0
    assert_equal(recording.read(), expected)
    shutil.rmtree(recording.path / "tables")
    assert "changed" in recording.read().issues["reason"].iloc[0]


def test_a_raw_file_without_tables_is_read(recording: Recording) -> None:
    """Its writer was stopped between the two."""
    expected = recording.read()
    shutil.rmtree(recording.path / "tables" / "v1" / "snapshots" / "2026-03-01")
    assert_equal(recording.read(), expected)
    found = problems(recording)
    assert sum("no tables yet" in problem for problem in found.values()) == 3
    assert sum("never committed" in problem for problem in found.values()) == len(found) - 3
    assert recording.rebuild() == 3
    assert all("never committed" in problem for problem in problems(recording).values())


def test_a_raw_file_without_a_sidecar_is_read(recording: Recording) -> None:
    (sidecar,) = files(recording, "*085443Z*.json")
    sidecar.unlink()
    shutil.rmtree(recording.path / "tables")
    assert recording.read().snapshots["captured_at"].tolist()[1] == pd.Timestamp(BEGUN) + pd.Timedelta(minutes=1)
    assert "the sidecar is missing" in problems(recording).values()
    assert_equal(recording.read(), read(recording.path))


def test_a_sidecar_without_a_raw_file_is_no_evidence(recording: Recording) -> None:
    """Its writer was stopped between the two: nothing was acknowledged."""
    (raw,) = files(recording, "raw/*/*/*085443Z*.gz")
    raw.unlink()
    assert "it was removed" in " ".join(problems(recording).values())
    shutil.rmtree(recording.path / "tables")
    assert "its writer was stopped" in " ".join(problems(recording).values())
    assert len(recording.read().snapshots) == 1
    assert_equal(recording.read(), read(recording.path))
    recording.keep(evidence(debug2(3), after=60, instance="b"))
    assert len(recording.read().snapshots) == 2


def test_keeping_again_repairs(recording: Recording) -> None:
    for path in files(recording, "raw/*/*/*debug2*"):
        flip(path, 12)
    recording.keep(evidence(debug2(1, 2)))
    recording.keep(evidence(debug2(3), after=60, instance="b"))
    assert problems(recording) == {}


def test_a_file_put_there_by_hand_is_read(recording: Recording) -> None:
    (recording.path / "raw" / "from-a-colleague").mkdir()
    (recording.path / "raw" / "from-a-colleague" / "2026-03-01T08-53-00Z.log").write_bytes(debug2(99))
    assert_equal(recording.read(), read(recording.path))
    assert recording.read().goroutines["goroutine_id"].tolist()[0] == 99
    assert recording.rebuild() == 4
    assert_equal(recording.read(), read(recording.path))
    assert problems(recording) == {}


def test_leftovers_are_removed_when_they_are_old(recording: Recording) -> None:
    folder = recording.path / "tables" / "v1" / "goroutines" / "2026-03-01"
    (folder / ".tmp-00ff").write_bytes(b"half")
    (folder / "20260301T085343Z-000000000000-00000000.00.parquet").write_bytes(b"half")
    assert sorted(problem.partition(":")[0] for problem in problems(recording).values()) == [
        "is unfinished",
        "was never committed",
    ]
    recording.rebuild()
    assert len(problems(recording)) >= 2
    for path in files(recording, "tables/v1/*/*/*") + files(recording, ".tmp*"):
        os.utime(path, (time.time() - LEFTOVER_SECONDS - 1,) * 2)
    recording.compact()
    assert problems(recording) == {}


def test_a_damaged_description_is_said(recording: Recording) -> None:
    text = (recording.path / "recording.json").read_text()
    (recording.path / "recording.json").write_text(text.replace("null", '"x"'))
    assert problems(Recording.open(recording.path)) == {
        "recording.json": "the file was changed: its checksum does not fit"
    }


def test_a_description_that_became_a_list_is_said(recording: Recording) -> None:
    (recording.path / "recording.json").write_text("[]")
    assert "cannot be read" in problems(recording)["recording.json"]


def overwrite_version(text: str) -> str:
    return text.replace('"recording_version": 1', '"recording_version": 3')


@pytest.mark.parametrize(
    ("damage", "title"),
    [
        (lambda _: "", None),
        (lambda _: "[]", None),
        (lambda text: text.replace("recording_version", "2ecording_version"), "leak"),
        (lambda text: text.replace("written_by", "2ritten_by"), "leak"),
        (lambda text: text.replace("{", "["), None),
        (overwrite_version, "leak"),
    ],
)
def test_a_damaged_description_costs_at_most_the_title(
    tmp_path: Path, damage: Callable[[str], str], title: str | None
) -> None:
    """A version whose checksum is that of ours is a flipped bit."""
    recording = Recording.open(tmp_path / "titled", create=True, title="leak")
    recording.keep(evidence())
    whole = recording.read()
    path = recording.path / "recording.json"
    path.write_text(damage(path.read_text()))
    opened = Recording.open(recording.path)
    assert opened.title == title
    assert_equal(opened.read(), whole)
    assert list(problems(opened)) == ["recording.json"]
    opened.rebuild()
    assert problems(opened) == {}
    assert Recording.open(recording.path).title == title


def test_tables_alone_tell_that_it_is_a_recording(recording: Recording) -> None:
    recording.keep(evidence())
    shutil.rmtree(recording.path / "raw")
    (recording.path / "recording.json").write_text("")
    assert len(Recording.open(recording.path).read().snapshots) == 3


def test_a_newer_recording_whose_title_was_edited_stays_newer(recording: Recording) -> None:
    recording.keep(evidence())
    path = recording.path / "recording.json"
    told = json.loads(path.read_text())
    path.write_bytes(with_checksum({**told, "recording_version": 2}).replace(b"null", b'"mine"'))
    with pytest.raises(RecordingError, match="version 2, newer than 1"):
        Recording.open(recording.path)


def test_a_file_of_another_program_is_not_taken_for_damage(recording: Recording) -> None:
    recording.keep(evidence())
    (recording.path / "recording.json").write_text('{"fps": 30, "frames": [1, 2]}')
    with pytest.raises(RecordingError, match=r"no recording: its recording\.json is that of another program"):
        Recording.open(recording.path)


def test_a_folder_of_that_name_is_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "IMG_0001.jpg").write_bytes(b"?")
    (tmp_path / "recording.json").write_text("{")
    with pytest.raises(RecordingError, match=r"remove recording\.json and open it with create=True"):
        Recording.open(tmp_path)


class FullDisk:
    """Stands for the operating system: from some call on there is no space."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, calls_left: int) -> None:
        self.calls_left = calls_left
        self._monkeypatch = monkeypatch
        for name in ("open", "write", "fsync", "replace", "mkdir"):
            self._wrap(name, getattr(os, name))

    def _wrap(self, name: str, real: Callable[..., object]) -> None:
        def call(*args: object, **kwargs: object) -> object:
            self.calls_left -= 1
            if self.calls_left < 0:
                if name == "write":
                    real(args[0], bytes(args[1])[:10])  # type: ignore[call-overload] - a full disk takes what it can
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*args, **kwargs)

        self._monkeypatch.setattr(durable.os, name, call)


def test_a_disk_that_is_full_at_any_call(recording: Recording) -> None:
    """The error is imitated, at each call of the operating system in turn; a disk that is really full: below."""
    kept = evidence(debug2(5), after=120, instance="new")
    before = read(recording.path)
    failed = 0
    for calls in range(1000):
        with pytest.MonkeyPatch.context() as patch:
            FullDisk(patch, calls)
            try:
                recording.keep(kept)
                break
            except RecordingError as error:
                failed += 1
                assert "no space left" in str(error)
                assert "free some space" in str(error)
        assert not files(recording, ".tmp*")
        assert_holds_all_or_all_but_the_last(Recording.open(recording.path).read(), before)
    assert failed > 20
    assert len(recording.read().snapshots) == 3
    assert problems(recording) == {} or all("never committed" in found for found in problems(recording).values())


def assert_holds_all_or_all_but_the_last(found: Dataset, before: Dataset) -> None:
    assert found.goroutines["goroutine_id"].tolist()[:3] == before.goroutines["goroutine_id"].tolist()
    assert len(found.snapshots) in {2, 3}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 512 KB, where that is allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False, timeout=120)
    except FileNotFoundError:
        pytest.skip("no mount command here")
    if done.returncode:
        pytest.skip("a disk of 512 KB can only be mounted by root, outside of a container without that right")
    yield disk
    subprocess.run(["umount", str(disk)], check=True, timeout=120)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    recording = Recording.open(small_disk / "incident", create=True)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 200_000)
    kept = 0
    while True:
        try:
            recording.keep(evidence(debug2(kept + 1), after=kept))
            kept += 1
        except RecordingError as error:
            assert "no space left on device" in str(error)
            break
    assert kept > 0
    assert not files(recording, ".tmp*")
    assert set(range(1, kept + 1)) <= set(Recording.open(recording.path).read().goroutines["goroutine_id"])
    ballast.unlink()
    recording.keep(evidence(debug2(kept + 1), after=kept))
    assert recording.read().goroutines["goroutine_id"].tolist() == list(range(1, kept + 2))
    assert_equal(recording.read(), read(recording.path))


def test_a_read_only_recording_is_read(recording: Recording) -> None:
    """As another user: root may write everywhere."""
    expected = recording.read()
    for path in [recording.path, *recording.path.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        outcome = as_nobody(recording.path, lambda: _read_and_keep(recording.path, len(expected.goroutines)))
    finally:
        for path in [recording.path, *recording.path.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert outcome.startswith("refused")
    assert "permission denied" in outcome
    assert "reading needs none" in outcome


def test_a_folder_that_may_not_be_listed_is_said(recording: Recording) -> None:
    """Nothing is missing silently."""
    for path in [recording.path, *recording.path.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    (closed,) = (recording.path / "raw").iterdir()
    closed.chmod(0o000)
    try:
        outcome = as_nobody(recording.path, lambda: _read(recording.path))
    finally:
        for path in [recording.path, closed, *recording.path.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert "cannot be read (permission denied)" in outcome
    assert closed.name in outcome


def _read(path: Path) -> str:
    try:
        Recording.open(path).read()
    except RecordingError as error:
        return f"refused: {error}"
    return "read"


def _read_and_keep(path: Path, goroutines: int) -> str:
    recording = Recording.open(path)
    assert len(recording.read().goroutines) == goroutines
    assert recording.verify()["problem"].isna().all()
    try:
        recording.keep(evidence(HTML))
    except RecordingError as error:
        return f"refused: {error}"
    return "kept"


def as_nobody(path: Path, work: Callable[[], str]) -> str:
    """Do something in a child process without the rights of root; the folders above must let it through."""
    opened = [
        folder for folder in path.parents if folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 1 == 0
    ]
    modes = [folder.stat().st_mode for folder in opened]
    for folder in opened:
        folder.chmod(0o711)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            os.write(writer, work().encode())
        except BaseException as error:  # noqa: BLE001 - it is told to the parent
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    for folder, mode in zip(opened, modes, strict=True):
        folder.chmod(mode)
    return told
