import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gostack_nb.sources.blob import Blob, Unread
from gostack_nb.sources.opening import open_sources
from gostack_nb.sources.sidecar import Sidecars, Told

AT = datetime(2026, 11, 23, 8, 53, 43, tzinfo=UTC)
PRECISE = AT.replace(microsecond=265000)
SERIES = {
    "every_seconds": 30,
    "service": "push",
    "snapshots": [
        {"n": 0, "time": "2026-11-23T08:53:43Z", "unix": 1795424023.265},
        {"n": 11, "time": "2026-11-23T08:53:43Z", "instance": "10.0.0.7:6060"},
        {"files": ["first.txt"], "file": "second.txt", "unix": 1795424023},
        "no object",
        {"n": "no number"},
    ],
}


def sidecars(**files: object) -> Sidecars:
    held = {name.replace("__", "."): text for name, text in files.items()}
    packed = {name: text if isinstance(text, bytes) else json.dumps(text).encode() for name, text in held.items()}
    return Sidecars(read=packed.get, has=packed.__contains__)


@pytest.mark.parametrize(
    ("facts", "at", "instance"),
    [
        ({"captured_at": "2026-11-23T08:53:43Z"}, AT, None),
        ({"time": 1795424023.265}, PRECISE, None),
        ({"time": 1795424023265}, PRECISE, None),
        ({"captured_at": "soon", "time": 1795424023}, AT, None),
        ({"time": True}, None, None),
        ({"time": 10**400}, None, None),
        ({"instance": "a:1", "source": "http://b:2/"}, None, "a:1"),
        ({"source": "https://me:pw@b/debug/pprof/"}, None, "b:443"),
        ({"source": "dump.txt"}, None, None),
        ({"source": "http://b:pw/x@c"}, None, None),
        ({"instance": 7}, None, None),
    ],
)
def test_a_sidecar_beside_its_file(facts: object, at: datetime | None, instance: str | None) -> None:
    told = sidecars(a__txt=b"", a__txt__json=facts).tell("a.txt")
    assert (told.stamp.at if told.stamp else None, told.instance) == (at, instance)


@pytest.mark.parametrize(
    ("name", "at", "instance"),
    [
        ("00.goroutine.debug2.txt", PRECISE, None),
        ("0.metrics.txt", PRECISE, None),
        ("11.goroutine.pb.gz", AT, "10.0.0.7:6060"),
        ("first.txt", AT, None),
        ("second.txt", AT, None),
        ("12.goroutineleak.txt", None, None),
        ("t0.txt", None, None),
        ("99999999999999999999.txt", None, None),
    ],
)
def test_series(name: str, at: datetime | None, instance: str | None) -> None:
    told = sidecars(series__json=SERIES).tell(name)
    assert (told.stamp.at if told.stamp else None, told.service, told.instance) == (at, "push", instance)


def test_the_own_sidecar_outranks_the_series() -> None:
    own = {"time": "2026-11-23T10:00:00Z", "service": "own"}
    told = sidecars(series__json=SERIES, **{"00__txt__json": own}).tell("00.txt")
    assert told.stamp is not None
    assert (told.stamp.at.hour, told.stamp.origin, told.service) == (10, "sidecar", "own")


def test_a_dump_that_was_packed_later_keeps_its_sidecar() -> None:
    found = sidecars(a__txt__gz=b"", a__txt__json={"service": "push"})
    assert found.tell("a.txt.gz").service == "push"
    assert found.is_sidecar("a.txt.json")


@pytest.mark.parametrize(
    "text", [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"other": 1}', b'{"log": "x"}\n{"log": "y"}']
)
def test_what_is_no_sidecar(text: bytes) -> None:
    found = sidecars(a__txt=b"", a__txt__json=text, series__json=text)
    assert found.tell("a.txt") == Told()
    assert not found.is_sidecar("a.txt.json")
    assert not found.is_sidecar("series.json")


def test_json_without_a_neighbour_is_no_sidecar() -> None:
    assert not sidecars(a__json={"time": 1795424023}).is_sidecar("a.json")


def test_a_folder_offers_no_sidecars(tmp_path: Path) -> None:
    (tmp_path / "series.json").write_text(json.dumps(SERIES))
    (tmp_path / "00.txt").write_bytes(b"zero")
    (tmp_path / "log.json").write_bytes(b'{"log": "goroutine 1"}')
    (tmp_path / "log.json.json").write_text('{"instance": "a:1"}')
    blobs = list(open_sources(tmp_path))
    assert [(Path(b.source).name, b.instance) for b in blobs if isinstance(b, Blob)] == [
        ("00.txt", None),
        ("log.json", "a:1"),
    ]
    assert isinstance(blobs[0], Blob)
    assert (blobs[0].captured_at, blobs[0].captured_at_from, blobs[0].service) == (PRECISE, "sidecar", "push")


def test_a_named_sidecar_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "series.json").write_text(json.dumps(SERIES))
    unread = list(open_sources(tmp_path / "series.json"))
    assert unread == [
        Unread(str(tmp_path / "series.json"), "is a sidecar: it tells about the dumps beside it and holds none")
    ]


def test_a_broken_series_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "series.json").write_text("{")
    (tmp_path / "00.txt").write_bytes(b"zero")
    reasons = [item.reason for item in open_sources(tmp_path) if isinstance(item, Unread)]
    assert reasons == ["is no JSON object with a list `snapshots`: its times are not used"]


RECORDED = {"sidecar_version": 1, "captured_at": "2026-11-23T08:53:43Z"}


@pytest.mark.parametrize(
    ("facts", "origin"),
    [
        ({"captured_at_from": "caller"}, "caller"),
        ({"captured_at_from": "file time"}, "file time"),
        ({"captured_at_from": "a guess"}, "sidecar"),
        ({"captured_at_from": 7}, "sidecar"),
        ({}, "sidecar"),
    ],
)
def test_a_sidecar_tells_where_it_has_the_time_from(facts: dict[str, object], origin: str) -> None:
    told = sidecars(a__txt=b"", a__txt__json={**RECORDED, **facts}).tell("a.txt")
    assert told.stamp is not None
    assert told.stamp.origin == origin


@pytest.mark.parametrize(
    ("facts", "cut", "note"),
    [
        ({"truncated": True, "note": "cut at 64 MiB"}, "cut at 64 MiB", "cut at 64 MiB"),
        ({"truncated": True}, "the answer is incomplete", None),
        ({"truncated": False, "note": "odd"}, None, "odd"),
        ({"truncated": "yes", "note": 7}, None, None),
    ],
)
def test_a_sidecar_tells_what_is_missing(facts: dict[str, object], cut: str | None, note: str | None) -> None:
    told = sidecars(a__txt=b"", a__txt__json={**RECORDED, **facts}).tell("a.txt")
    assert (told.cut, told.note) == (cut, note)


def test_a_recording_knows_that_nobody_knows_the_time(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-23T08-53-43Z.txt"
    path.write_bytes(b"x")
    for facts, at in (({"captured_at": None}, AT), ({"sidecar_version": 1, "captured_at": None}, None)):
        path.with_name(f"{path.name}.json").write_text(json.dumps({**facts, "service": "push"}))
        (blob,) = open_sources(path)
        assert isinstance(blob, Blob)
        assert (blob.captured_at, blob.service) == (at, "push")


def test_the_files_of_a_recording_about_others_are_no_dumps(tmp_path: Path) -> None:
    (tmp_path / "dump.txt").write_bytes(b"x")
    (tmp_path / "recording.json").write_text('{"recording_version": 1, "title": null}')
    (tmp_path / "gone.txt.gz.json").write_text('{"sidecar_version": 1, "captured_at": null}')
    (tmp_path / "log.json").write_text('{"log": "goroutine 1 [running]:"}')
    assert [Path(item.source).name for item in open_sources(tmp_path)] == ["dump.txt", "log.json"]
