"""Keeping, adding and reading: what goes in comes out, under the names that `gs.read` gives."""

import gzip
import hashlib
import json
import os
import stat
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from gostack_nb import FormatError, Recording, RecordingError, UnreachableError, read
from gostack_nb.recording.layout import slug
from gostack_nb.recording.raw_files import with_checksum
from tests.unit.recording.samples import (
    BEGUN,
    DEBUG1,
    HTML,
    METRICS,
    TWO_DUMPS,
    assert_equal,
    assert_frames_equal,
    debug2,
    evidence,
    packed,
)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording.open(tmp_path / "incident", create=True, title="The ack loops")


def raws(recording: Recording) -> list[str]:
    return sorted(path.name for path in (recording.path / "raw").rglob("*.gz"))


def sidecars(recording: Recording) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in sorted((recording.path / "raw").rglob("*.json"))]


def test_what_is_kept_is_read(recording: Recording) -> None:
    names = recording.keep(evidence(debug2(7, 8, 9)))
    dataset = Recording.open(recording.path).read()
    assert dataset.snapshots["snapshot_id"].tolist() == names
    assert dataset.goroutines["goroutine_id"].tolist() == [7, 8, 9]
    row = dataset.snapshots.iloc[0]
    assert (row["service"], row["instance"], row["captured_at_from"]) == ("push", "10.0.0.1:6060", "caller")
    assert row["captured_at"] == pd.Timestamp(BEGUN)
    assert row["sha256"] == hashlib.sha256(debug2(7, 8, 9)).hexdigest()


@pytest.mark.parametrize("folder", ["", "raw"])
def test_gs_read_gives_the_same(recording: Recording, folder: str) -> None:
    recording.keep(evidence(debug2(7, 8)))
    recording.keep(evidence(debug2(7), after=15))
    recording.keep(evidence(DEBUG1, kind="goroutine.debug1.txt", after=15))
    recording.keep(evidence(METRICS, kind="metrics.txt", after=15))
    recording.keep(evidence(packed(DEBUG1), kind="goroutine.pb", after=15, instance="b"))
    recording.keep(evidence(TWO_DUMPS, kind="dump", after=30))
    recording.keep(replace(evidence(debug2(3), after=45), truncated=True, note="cut at 64 MiB"))
    recording.keep(replace(evidence(debug2(4), after=60), note="a page too many"))
    recording.keep(replace(evidence(debug2(5)), captured_at=None, captured_at_from=None))
    recording.keep(evidence(HTML, after=75))
    expected = read(recording.path / folder)
    assert len(expected.snapshots) == 9
    assert len(expected.issues) == 3
    assert expected.snapshots["go_version"].dropna().tolist() == ["go1.27.3"] * 8
    assert_equal(recording.read(), expected)


def test_equal_dumps_of_one_second_are_told_apart(recording: Recording) -> None:
    """They are numbered as `read` numbers them, whoever was kept first."""
    second, first = evidence(instance="b"), evidence(instance="a")
    assert recording.keep(second) == ["20260301T085343Z-" + hashlib.sha256(second.body).hexdigest()[:6]]
    assert recording.keep(first) == [recording.keep(second)[0].removesuffix(".2")]
    assert recording.keep(second)[0].endswith(".2")
    assert_equal(recording.read(), read(recording.path))


def test_kept_evidence_is_named_for_ever(recording: Recording) -> None:
    name = recording.put(evidence(instance="b"))
    recording.put(evidence(instance="a"))
    assert recording.read_evidence([name]).snapshots["instance"].tolist() == ["b"]


def test_the_same_evidence_is_kept_once(recording: Recording) -> None:
    before = recording.keep(evidence())
    files = sorted(recording.path.rglob("*"))
    assert recording.keep(replace(evidence(), started_at=BEGUN + timedelta(seconds=1))) == before
    assert sorted(recording.path.rglob("*")) == files


def test_equal_bytes_at_other_times_are_kept(recording: Recording) -> None:
    for after in (0.0, 0.25, 1.0):
        recording.keep(evidence(after=after))
    assert len(recording.read().snapshots) == 3
    assert len(raws(recording)) == 3


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../../etc/passwd",
        "/etc",
        "a:b",
        "C:\\x",
        "",
        ".",
        "NUL",
        "世界",
        "\0",
        "a\nb",
        "x" * 300,
        "007",
        "1e5",
        "%2e",
    ],
)
def test_hostile_names_are_only_values(recording: Recording, name: str) -> None:
    recording.keep(evidence(service=name, instance=name))
    recording.keep(evidence(service=None, instance=f"{name}2", after=1))
    below = [path.relative_to(recording.path) for path in recording.path.rglob("*.gz")]
    assert sorted(len(path.parts) for path in below) == [4, 4]
    if name:
        assert recording.read(service=name, instance=name).snapshots["service"].tolist() == [name]
    assert_equal(recording.read(), read(recording.path))


def test_slugs_do_not_meet() -> None:
    names = ["a/b", "a_b", "a:b", "A_b", "a_b.", "", None, "unknown", "x" * 300, "x" * 301]
    assert len({slug(name).lower() for name in names}) == len(names)


def test_nothing_secret_is_kept(recording: Recording) -> None:
    kept = replace(
        evidence(),
        source="http://me:hunter2@10.0.0.1:6060/debug/pprof/goroutine?debug=2&token=hunter2",
        headers={"set-cookie": "session=hunter2", "authorization": "Bearer hunter2", "x-go-pprof": "1"},
    )
    recording.keep(kept)
    for path in recording.path.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert b"hunter2" not in data, path
        assert path.suffix != ".gz" or b"hunter2" not in gzip.decompress(data)
    assert sidecars(recording)[0]["headers"] == {"x-go-pprof": "1"}
    assert "hunter2" not in recording.snapshots.to_csv()


def test_the_sidecar_tells_all(recording: Recording) -> None:
    recording.keep(replace(evidence(DEBUG1), truncated=True, note="the connection broke"))
    (told,) = sidecars(recording)
    assert told["sha256"] == hashlib.sha256(DEBUG1).hexdigest()
    assert told["size_bytes"] == len(DEBUG1)
    assert told["captured_at"] == told["started_at"] == "2026-03-01T08:53:43+00:00"
    assert (told["status"], told["truncated"], told["note"]) == (200, True, "the connection broke")
    dataset = recording.read()
    assert dataset.snapshots["truncated"].tolist() == [True]
    assert "the connection broke" in dataset.issues["reason"].tolist()


def test_what_came_as_gzip_is_stored_as_it_came(recording: Recording) -> None:
    """So that `go tool pprof` reads the raw file."""
    recording.keep(evidence(packed(DEBUG1), kind="goroutine.pb"))
    (path,) = (recording.path / "raw").rglob("*.pb.gz")
    assert path.read_bytes() == packed(DEBUG1)
    assert sidecars(recording)[0]["packing"] == "as received"


def test_the_raw_bytes_are_deterministic(tmp_path: Path) -> None:
    stored = []
    for name in ("a", "b"):
        made = Recording.open(tmp_path / name, create=True)
        made.keep(evidence())
        stored.append({path.name: path.read_bytes() for path in (made.path / "raw").rglob("*.gz*")})
    assert stored[0] == stored[1]


def test_only_what_is_asked_for_is_opened(recording: Recording) -> None:
    for after in range(3):
        for instance in ("a", "b"):
            recording.keep(evidence(debug2(after), after=60 * after, instance=instance))
    for path in (recording.path / "tables" / "v1" / "goroutines").rglob("*.parquet"):
        if "085443Z" not in path.name:
            path.unlink()
    for path in (recording.path / "raw").rglob("*.gz"):
        path.write_bytes(b"")
    at = BEGUN + timedelta(seconds=60)
    dataset = recording.read(instance="a", since=at, until="2026-03-01 08:54:43")
    assert dataset.goroutines["goroutine_id"].tolist() == [1]
    assert dataset.issues.empty


def test_filters_leave_out_the_rest(recording: Recording) -> None:
    recording.keep(evidence(debug2(1), service="push", instance="a"))
    recording.keep(evidence(debug2(2), service="pull", instance="b", after=60))
    recording.keep(evidence(METRICS, kind="metrics.txt", service="pull", instance="b", after=60))
    recording.keep(evidence(HTML, service="push", instance="a"))
    everything = recording.read()
    pull = recording.read(service="pull")
    assert pull.goroutines["goroutine_id"].tolist() == [2]
    assert pull.snapshots["snapshot_id"].tolist() == everything.snapshots["snapshot_id"].tolist()[1:]
    assert (len(pull.issues), len(pull.metrics), len(pull.stacks)) == (0, 1, 2)
    assert recording.read(until=BEGUN).goroutines["goroutine_id"].tolist() == [1]
    assert recording.read(since=BEGUN.replace(tzinfo=None) + timedelta(seconds=1)).goroutines[
        "goroutine_id"
    ].tolist() == [2]
    nobody = recording.read(service="nobody")
    assert_frames_equal(nobody.goroutines, everything.goroutines.iloc[:0])
    with pytest.raises(ValueError, match="since='soon'"):
        recording.read(since="soon")


def test_an_empty_recording_has_empty_tables(recording: Recording) -> None:
    dataset = recording.read()
    assert dataset.snapshots.empty
    assert str(dataset.goroutines.dtypes["bubble"]) == "category"
    assert recording.groups().empty
    assert recording.verify()["problem"].isna().all()
    assert recording.rebuild() == recording.compact() == 0


def test_what_is_no_dump_is_kept_by_keep(recording: Recording) -> None:
    assert recording.keep(evidence(HTML)) == []
    assert len(raws(recording)) == 1
    assert "not a goroutine dump" in recording.read().issues["reason"].iloc[0]


def test_groups_answer_without_goroutines(recording: Recording) -> None:
    recording.keep(evidence(debug2(12, 3, 6, 1, minutes=5) + b"\n" + debug2(9, minutes=11)))
    recording.keep(evidence(debug2(3), after=60))
    for path in (recording.path / "tables" / "v1" / "goroutines").rglob("*.parquet"):
        path.unlink()
    groups = recording.groups(until=BEGUN)
    largest = groups.loc[groups["count"].idxmax()]
    assert (largest["count"], largest["state"], largest["user_function"]) == (4, "chan receive", "main.ack0")
    assert tuple(largest[["wait_minutes_min", "wait_minutes_p50", "wait_minutes_max"]]) == (5, 5.0, 11)
    assert recording.groups()["snapshot_id"].nunique() == 2
    assert {str(recording.groups().dtypes[name]) for name in ("count", "wait_minutes_min")} == {"Int64"}


def test_snapshots_say_where_they_lie(recording: Recording) -> None:
    recording.keep(evidence())
    recording.keep(evidence(METRICS, kind="metrics.txt"))
    (row,) = recording.snapshots.to_dict("records")
    assert (recording.path / row["raw"]).is_file()
    assert row["source"] == str(recording.path / row["raw"])
    assert row["origin"] == "http://10.0.0.1:6060/debug/pprof/goroutine?debug=2"
    assert row["kind"] == "goroutine.debug2.txt"


def test_the_repr_is_short(recording: Recording) -> None:
    assert repr(recording).endswith("incident: 0 snapshots>")
    recording.keep(evidence())
    recording.keep(evidence(after=90))
    assert "'The ack loops'" in repr(recording)
    assert repr(recording).endswith("2 snapshots of push, 2026-03-01 08:53:43 to 2026-03-01 08:55:13 UTC>")


def test_add_takes_what_read_takes(recording: Recording, tmp_path: Path) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "2026-03-01T08-53-43Z.txt").write_bytes(debug2(7))
    (folder / "2026-03-01T08-53-43Z.txt.json").write_text('{"service": "push", "instance": "a"}')
    (folder / "metrics.txt").write_bytes(METRICS)
    (folder / "readme.md").write_bytes(b"nothing")
    with tarfile.open(tmp_path / "more.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("goroutine.debug1.txt")
        member.size, member.mtime = len(DEBUG1), int(BEGUN.timestamp())
        archive.addfile(member, BytesIO(DEBUG1))
    names = recording.add(folder, tmp_path / "more.tar.gz", TWO_DUMPS)
    expected = read(folder, tmp_path / "more.tar.gz", TWO_DUMPS)
    found = recording.read()
    assert sorted(names) == sorted(found.snapshots["snapshot_id"]) == sorted(expected.snapshots["snapshot_id"])
    told = ["captured_at", "captured_at_from", "service", "instance", "form", "sha256", "size_bytes"]
    assert_frames_equal(found.snapshots[told], expected.snapshots[told])
    assert len(found.goroutines) == len(expected.goroutines)
    assert found.metrics["value"].tolist() == [288.0]
    assert found.issues["source"].tolist() == [str(folder / "readme.md")]
    assert len(raws(recording)) == 4
    assert set(recording.snapshots["kind"]) == {"dump", "goroutine.debug1.txt"}


def test_the_caller_knows_better(recording: Recording) -> None:
    recording.add(debug2(7), service="push", instance="a", captured_at=BEGUN.replace(tzinfo=None))
    row = recording.read().snapshots.iloc[0]
    assert (row["service"], row["instance"], row["captured_at"]) == ("push", "a", pd.Timestamp(BEGUN))
    assert row["captured_at_from"] == "caller"


def test_recordings_are_merged_by_adding_one_to_the_other(recording: Recording, tmp_path: Path) -> None:
    other = Recording.open(tmp_path / "other", create=True)
    for kept in (evidence(), evidence(packed(DEBUG1), kind="goroutine.pb"), evidence(METRICS, kind="metrics.txt")):
        other.keep(kept)
        recording.keep(kept)
    before = sorted(recording.path.rglob("*"))
    recording.add(other.path)
    assert sorted(recording.path.rglob("*")) == before


def test_a_file_of_a_capture_has_the_time_of_its_profile(recording: Recording, tmp_path: Path) -> None:
    dumps = Path(__file__).parents[2] / "corpus" / "dumps" / "go1.27.3"
    profile, text = (dumps / f"generic-methods.{name}" for name in ("debug0.pb.gz", "debug2.txt"))
    (tmp_path / "00.goroutine.pb.gz").write_bytes(profile.read_bytes())
    (tmp_path / "00.goroutine.debug2.txt").write_bytes(text.read_bytes())
    recording.add(tmp_path / "00.*")
    expected = read(tmp_path / "00.*").snapshots
    assert recording.read().snapshots["captured_at"].tolist() == expected["captured_at"].tolist()
    assert recording.read().snapshots["captured_at"].duplicated().tolist() == [False, True]


def test_add_refuses_what_holds_nothing(recording: Recording, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="HTML"):
        recording.add(HTML)
    with pytest.raises(UnreachableError, match="no such file"):
        recording.add(tmp_path / "absent.txt")
    assert not (recording.path / "raw").exists()
    recording.add(debug2(1), tmp_path / "absent.txt", captured_at=BEGUN)
    assert "no such file" in recording.read().issues["reason"].iloc[0]


def test_a_large_file_is_packed_piece_by_piece(recording: Recording, tmp_path: Path) -> None:
    body = b"\n".join([debug2(*range(1, 20_001)), debug2(*range(20_001, 40_001))])
    assert len(body) > 4 << 20
    path = tmp_path / "20260301T085343Z.txt"
    path.write_bytes(body)
    recording.add(path)
    assert len(recording.read().goroutines) == 40_000
    assert_equal(recording.read(), read(recording.path))
    assert recording.verify()["problem"].isna().all()


def test_open_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"no such recording .* create=True"):
        Recording.open(tmp_path / "absent")
    with pytest.raises(RecordingError, match=r"no recording: it has no recording\.json"):
        Recording.open(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RecordingError, match="is a file"):
        Recording.open(tmp_path / "file")
    with pytest.raises(RecordingError, match=r"holds other files \(file\)"):
        Recording.open(tmp_path, create=True)
    for damaged in (b"{", b'{"recording_version": 1e999}'):
        (tmp_path / "recording.json").write_bytes(damaged)
        with pytest.raises(RecordingError, match="damaged"):
            Recording.open(tmp_path)


def test_a_newer_recording_is_refused_in_words(recording: Recording) -> None:
    recording.keep(evidence())
    told = json.loads((recording.path / "recording.json").read_bytes())
    (recording.path / "recording.json").write_bytes(with_checksum({**told, "recording_version": 2}))
    with pytest.raises(RecordingError, match=r"version 2, newer than 1.*gs\.read reads the dumps"):
        Recording.open(recording.path)
    assert len(read(recording.path / "raw").snapshots) == 1


def test_a_lost_description_is_made_again(recording: Recording) -> None:
    recording.keep(evidence())
    (recording.path / "recording.json").unlink()
    assert len(Recording.open(recording.path, create=True).read().snapshots) == 1


def test_a_recording_is_for_its_owner(recording: Recording) -> None:
    if os.name != "posix":
        pytest.skip("permissions are those of POSIX")
    assert stat.S_IMODE(recording.path.stat().st_mode) == 0o700


def test_an_opened_recording_keeps_its_title(recording: Recording) -> None:
    assert Recording.open(recording.path, create=True, title="another").title == "The ack loops"


def test_the_tables_are_readable_without_this_package(recording: Recording) -> None:
    recording.keep(evidence(debug2(1, 2)))
    recording.keep(evidence(debug2(1), after=60))
    tables = recording.path / "tables" / "v1"
    goroutines = pd.concat(pd.read_parquet(path) for path in sorted((tables / "goroutines").rglob("*.parquet")))
    snapshots = pd.concat(pd.read_parquet(path) for path in sorted((tables / "snapshots").rglob("*.parquet")))
    joined = goroutines.astype({"snapshot_id": "str"}).merge(snapshots.astype({"snapshot_id": "str"}), on="snapshot_id")
    assert len(joined) == 3
    (path, *_) = (tables / "groups").rglob("*.parquet")
    assert pq.read_schema(path).metadata[b"schema_version"] == b"1"
    assert datetime.now(UTC)  # the zone of captured_at is UTC, also there
    assert str(snapshots["captured_at"].dtype) == "datetime64[ns, UTC]"
