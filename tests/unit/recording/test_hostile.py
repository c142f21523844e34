"""Names and files that somebody else chose: they cost nothing of the rest, and lead nowhere out of the folder."""

import json
import os
import shutil
from pathlib import Path

import pytest

from gostack_nb import Recording, read
from gostack_nb.errors import RecordingError
from gostack_nb.recording import compacting, parts
from tests.unit.recording.samples import assert_equal, debug2, evidence

NAMES = ("..", "a\0b", "x" * 300, "Push", "push", "\u00e9", "e\u0301", "/etc/passwd", "", " ", ".hidden", "CON", "a\nb")


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording.open(tmp_path / "incident", create=True)


def folder_of_raw(recording: Recording) -> Path:
    return next(path.parent for path in recording.path.glob("raw/*/*/*.gz"))


def test_any_name_of_a_process(recording: Recording) -> None:
    for number, name in enumerate(NAMES):
        recording.keep(evidence(debug2(number + 1), service=name, instance=name))
    found = recording.read()
    assert set(found.snapshots["service"].dropna()) == set(NAMES) - {""}
    assert len(list((recording.path / "raw").iterdir())) == len(NAMES)
    assert {path.name for path in recording.path.parent.iterdir()} == {"incident"}
    assert_equal(found, read(recording.path))


def test_a_name_that_is_no_text_spoils_nothing(recording: Recording) -> None:
    """Undecodable bytes on a command line become such names; Parquet and pandas refuse them."""
    recording.keep(evidence(debug2(1)))
    recording.keep(evidence(debug2(2), service="p\udcff", instance="\ud800"))
    found = Recording.open(recording.path).read()
    assert set(found.snapshots["service"]) == {"push", r"p\udcff"}
    assert_equal(found, read(recording.path))
    recording.rebuild()
    assert_equal(recording.read(), found)


@pytest.mark.parametrize("name", ["service", "instance", "note", "kind", "source", "captured_at"])
def test_a_sidecar_with_a_text_that_is_none_spoils_nothing(recording: Recording, name: str) -> None:
    recording.keep(evidence(debug2(1)))
    folder = folder_of_raw(recording)
    (folder / "from-a-colleague.gz").write_bytes(debug2(2))
    told = {"captured_at": "2026-03-01T09:00:00Z", "truncated": True, name: "\udcff"}
    (folder / "from-a-colleague.gz.json").write_text(json.dumps(told))
    found = recording.read()
    assert sorted(found.goroutines["goroutine_id"]) == [1, 2]
    assert_equal(found, read(recording.path))
    assert recording.rebuild() == 2
    assert len(recording.snapshots) == 2


def test_a_link_that_leads_out_is_not_followed(recording: Recording, tmp_path: Path) -> None:
    """A recording that came from elsewhere shows nothing of this machine."""
    recording.keep(evidence(debug2(1)))
    secret = tmp_path / "secret.txt"
    secret.write_bytes(debug2(666))
    folder = folder_of_raw(recording)
    (folder / "link.txt").symlink_to(secret)
    (folder / "relative.txt").symlink_to(os.path.relpath(secret, folder))
    (folder / "folder").symlink_to(tmp_path)
    for _ in range(2):
        found = recording.read()
        assert found.goroutines["goroutine_id"].tolist() == [1]
        assert found.issues["reason"].tolist() == ["is a link that leads out of the recording: it is not followed"] * 2
        assert sum("leads out" in problem for problem in recording.verify()["problem"].dropna()) == 2
        recording.rebuild()


def test_a_link_within_is_followed(recording: Recording) -> None:
    recording.keep(evidence(debug2(1)))
    folder = folder_of_raw(recording)
    (folder / "whole").mkdir()
    (folder / "whole" / "a.txt").write_bytes(debug2(2))
    (folder / "b.txt").symlink_to("whole/a.txt")
    assert recording.read().goroutines["goroutine_id"].tolist().count(2) == 2
    assert_equal(recording.read(), read(recording.path))


def test_raw_may_be_a_link_as_a_whole(recording: Recording, tmp_path: Path) -> None:
    """Moved to a larger disk."""
    recording.keep(evidence(debug2(1)))
    (recording.path / "raw").rename(tmp_path / "elsewhere")
    (recording.path / "raw").symlink_to(tmp_path / "elsewhere")
    recording.keep(evidence(debug2(2), after=1))
    assert recording.rebuild() == 2
    assert recording.read().goroutines["goroutine_id"].tolist() == [1, 2]
    assert recording.verify()["problem"].isna().all()


def test_the_current_folder(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    recording.keep(evidence(debug2(1)))
    monkeypatch.chdir(recording.path)
    assert_equal(Recording.open(".").read(), read("."))
    Recording.open(".").rebuild()
    assert_equal(Recording.open(".").read(), read("."))


def test_files_that_are_none_are_said(recording: Recording) -> None:
    """A FIFO would be waited for, a link to itself followed."""
    recording.keep(evidence(debug2(1)))
    folder = folder_of_raw(recording)
    os.mkfifo(folder / "pipe.gz")
    (folder / "round.gz").symlink_to("round.gz")
    (folder / "gone.gz").symlink_to("nowhere")
    (table,) = recording.path.glob("tables/v1/goroutines/*/*.parquet")
    table.unlink()
    os.mkfifo(table)
    found = recording.read()
    assert found.goroutines["goroutine_id"].tolist() == [1]
    assert {Path(source).name for source in found.issues["source"]} == {"pipe.gz", "round.gz", "gone.gz"}
    assert len(recording.verify()["problem"].dropna()) == 4
    recording.rebuild()
    assert recording.read().goroutines["goroutine_id"].tolist() == [1]


def test_two_that_compact_and_do_not_agree(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second sees what the first merged beside what it is about to remove; there are no raw files to help."""
    for number in range(4):
        recording.keep(evidence(debug2(number + 1), after=number))
    shutil.rmtree(recording.path / "raw")
    expected = recording.read()
    remove_part = parts.remove_part

    def remove_later(part: parts.Part) -> None:
        monkeypatch.setattr(compacting, "remove_part", remove_part)
        with monkeypatch.context() as patch:
            patch.setattr(compacting, "MOST_BYTES", 1)
            Recording.open(recording.path).compact()
        remove_part(part)

    monkeypatch.setattr(compacting, "remove_part", remove_later)
    recording.compact()
    assert_equal(Recording.open(recording.path).read(), expected)


def test_nothing_is_written_through_a_link(recording: Recording, tmp_path: Path) -> None:
    """It would not be found again: links to folders are not followed by those who read."""
    recording.keep(evidence(debug2(1)))
    folder = folder_of_raw(recording)
    shutil.rmtree(folder)
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordingError, match="its folder is a link that leads out of the recording"):
        recording.keep(evidence(debug2(2)))
    assert list((tmp_path / "elsewhere").iterdir()) == []
