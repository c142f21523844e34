import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gostack_nb.errors import SourceError, TooBigError
from gostack_nb.sources.blob import Blob, Limits, Unread
from gostack_nb.sources.opening import open_sources

AT = datetime(2026, 11, 23, 9, 10, 44, tzinfo=UTC)
UNIX = int(AT.timestamp())
DUMP = b"goroutine 1 [running]:\n"
NOISE = random.Random(7).randbytes(100_000)  # noqa: S311 - does not compress
SMALL = Limits(ratio_free_bytes=1 << 20, ratio=100)
BOMB = bytes(10 << 20)


def tar(files: dict[str, bytes], *, mode: str = "w", mtime: float = UNIX, kind: int = tarfile.PAX_FORMAT) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), mtime
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def zipped(files: dict[str, bytes], *, at: tuple[int, ...] = (2026, 11, 23, 9, 10, 44), extra: bytes = b"") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, at)  # type: ignore[arg-type]
            info.compress_type, info.extra = zipfile.ZIP_DEFLATED, extra
            archive.writestr(info, data)
    return held.getvalue()


def names(data: bytes, limits: Limits | None = None) -> list[str]:
    return [item.source.removeprefix("<bytes 1>!") for item in open_sources(data, limits=limits or Limits())]


def blobs(data: bytes, limits: Limits | None = None) -> list[Blob]:
    return [item for item in open_sources(data, limits=limits or Limits()) if isinstance(item, Blob)]


def unread(data: bytes, limits: Limits | None = None) -> list[Unread]:
    return [item for item in open_sources(data, limits=limits or Limits()) if isinstance(item, Unread)]


FILES = {"b/t10.txt": DUMP, "b/t2.txt": b"two", "a.txt": b"a", "b/.git/HEAD": b"x", "main.go": b"x", "x.pyc": b"x"}
KINDS = {
    "zip": zipped(FILES),
    "tar": tar(FILES),
    "tar.gz": tar(FILES, mode="w:gz"),
    "tar.bz2": tar(FILES, mode="w:bz2"),
    "tar.xz": tar(FILES, mode="w:xz"),
    "old tar": tar(FILES, kind=tarfile.USTAR_FORMAT),
    "zip.gz": gzip.compress(zipped(FILES)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_archive_offers(kind: str) -> None:
    found = blobs(KINDS[kind])
    assert [blob.source for blob in found] == ["<bytes 1>!a.txt", "<bytes 1>!b/t2.txt", "<bytes 1>!b/t10.txt"]
    assert [blob.data for blob in found] == [b"a", b"two", DUMP]
    assert {(blob.captured_at, blob.captured_at_from) for blob in found} == {(AT, "file time")}


def test_the_name_of_the_archive_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "incident.bin"
    path.write_bytes(KINDS["tar.gz"])
    assert next(open_sources(path)).source == f"{path}!a.txt"


def test_a_tar_without_mark_is_known_by_its_name(tmp_path: Path) -> None:
    data = bytearray(tar({"a.txt": DUMP}, kind=tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    (tmp_path / "v7.tar").write_bytes(data)
    (tmp_path / "v7.txt").write_bytes(data)
    assert [item.source for item in open_sources(tmp_path)] == [f"{tmp_path}/v7.tar!a.txt", f"{tmp_path}/v7.txt"]


def test_a_file_named_tar_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(DUMP * 50)
    (blob,) = open_sources(tmp_path / "a.tar")
    assert blob.source == f"{tmp_path}/a.tar"


def test_a_long_tar_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gostack_nb.sources.tars.SORTED_BYTES", 10)
    assert names(KINDS["tar.gz"]) == ["b/t10.txt", "b/t2.txt", "a.txt"]


@pytest.mark.parametrize("make", [tar, zipped])
def test_names_are_only_names(make: "type[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wild = {"../up.txt": b"1", "/etc/shadow": b"2", "a\nb.txt": b"3", "w\\00.txt": b"4"}
    assert set(names(make(wild))) == {"../up.txt", "/etc/shadow", r"a\nb.txt", "w\\00.txt"}
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_text_can_be_shown() -> None:
    (name,) = names(tar({"caf\udce9.txt": DUMP}, kind=tarfile.GNU_FORMAT))
    assert name == r"caf\udce9.txt"


def test_links_and_devices_are_passed_over() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"special{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("empty.txt"))
    assert names(held.getvalue()) == ["empty.txt"]


def test_links_in_a_zip_are_passed_over() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.mkdir("folder")
        archive.writestr("a.txt", DUMP)
    assert names(held.getvalue()) == ["a.txt"]


def test_packed_files_and_archives_within() -> None:
    inner = tar({"0.pb.gz": gzip.compress(DUMP), "1.txt": DUMP}, mode="w:gz")
    found = blobs(zipped({"host1.tar.gz": inner}))
    assert [(blob.source, blob.data) for blob in found] == [
        ("<bytes 1>!host1.tar.gz!0.pb.gz", DUMP),
        ("<bytes 1>!host1.tar.gz!1.txt", DUMP),
    ]


def test_the_third_archive_is_not_opened() -> None:
    data = zipped({"1.zip": zipped({"2.zip": zipped({"a.txt": DUMP})}), "b.txt": DUMP})
    assert unread(data) == [
        Unread("<bytes 1>!1.zip!2.zip", "an archive in an archive in an archive. Hint: unpack the outer one")
    ]
    assert names(data)[-1] == "b.txt"


@pytest.mark.parametrize("make", [tar, zipped])
def test_sidecars_within(make: "type[bytes]") -> None:
    series = {"instance": "a:1", "snapshots": [{"n": 0, "unix": UNIX + 60}, {"n": 1, "unix": UNIX + 90}]}
    found = blobs(
        make(
            {
                "leak/00.txt": DUMP,
                "leak/series.json": json.dumps(series).encode(),
                "leak/02.txt": DUMP,
                "00.txt": DUMP,
                "00.txt.json": b'{"service": "push"}',
            }
        )
    )
    assert [(b.source[10:], b.captured_at_from, b.service, b.instance) for b in found] == [
        ("00.txt", "file time", "push", None),
        ("leak/00.txt", "sidecar", None, "a:1"),
        ("leak/02.txt", "file time", None, "a:1"),
    ]


def test_a_time_in_a_folder_of_the_archive() -> None:
    (blob,) = blobs(tar({"2026-11-23/10-00-00/a.txt": DUMP}))
    assert (blob.captured_at, blob.captured_at_from) == (AT.replace(hour=10, minute=0, second=0), "file name")


def test_one_undated_file_has_the_time_of_its_archive(tmp_path: Path) -> None:
    path = tmp_path / "20261123T091044Z.tar.gz"
    path.write_bytes(tar({"a.txt": DUMP}, mode="w:gz", mtime=0))
    (blob,) = open_sources(path)
    assert isinstance(blob, Blob)
    assert (blob.captured_at, blob.captured_at_from) == (AT, "file name")


def test_several_undated_files_have_no_time(tmp_path: Path) -> None:
    path = tmp_path / "20261123T091044Z.zip"
    path.write_bytes(zipped({"t0.txt": DUMP, "t1.txt": DUMP}, at=(1980, 1, 1, 0, 0, 0)))
    assert [blob.captured_at for blob in open_sources(path) if isinstance(blob, Blob)] == [None, None]


@pytest.mark.parametrize(
    ("at", "extra", "expected"),
    [
        ((2026, 11, 23, 9, 10, 44), b"", AT),
        ((2026, 11, 23, 10, 10, 44), b"UT\x05\0\x01" + UNIX.to_bytes(4, "little"), AT),
        ((2026, 11, 23, 9, 10, 44), b"xx\x02\0ab", AT),
        ((1980, 1, 1, 0, 0, 0), b"", None),
    ],
)
def test_times_in_a_zip(at: tuple[int, ...], extra: bytes, expected: datetime | None) -> None:
    assert [b.captured_at for b in blobs(zipped({"a.txt": DUMP, "b.txt": DUMP}, at=at, extra=extra))] == [expected] * 2


def test_an_encrypted_file() -> None:
    data = bytearray(zipped({"a.txt": DUMP, "b.txt": DUMP}))
    at = data.index(b"PK\x01\x02") + 8
    data[at] |= 1
    assert unread(bytes(data)) == [
        Unread("<bytes 1>!a.txt", "is encrypted. Hint: unpack it with its password and read the unpacked file")
    ]
    assert [blob.source for blob in blobs(bytes(data))] == ["<bytes 1>!b.txt"]


def test_a_method_that_python_does_not_know() -> None:
    data = bytearray(zipped({"a.txt": DUMP}))
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(mark) + offset
        data[at : at + 2] = (9).to_bytes(2, "little")
    (item,) = unread(bytes(data))
    assert item.reason.startswith("cannot be unpacked (")


def test_a_damaged_file_in_a_zip_keeps_what_came_before() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.txt", NOISE)
        archive.writestr("b.txt", DUMP)
    data = bytearray(held.getvalue())
    data[90_000] ^= 0xFF
    first, second = blobs(bytes(data))
    assert first.truncated
    assert first.note == f"the file is damaged in the archive after {len(first.data):,} bytes: what came before is read"
    assert NOISE.startswith(first.data)
    assert second.data == DUMP


def test_a_cut_zip() -> None:
    with pytest.raises(SourceError) as caught:
        list(open_sources(KINDS["zip"][:-30]))
    assert str(caught.value) == (
        "<bytes 1>: the zip archive cannot be read (File is not a zip file); it may be cut. Hint: copy it again"
    )


@pytest.mark.parametrize("packed", [False, True])
def test_a_cut_tar_keeps_what_came_before(packed: bool) -> None:
    data = tar({"a.txt": DUMP, "b.txt": NOISE, "c.txt": DUMP})
    data = gzip.compress(data)[:50_000] if packed else data[:50_000]
    first, second = blobs(data)
    assert (first.data, first.truncated) == (DUMP, False)
    assert second.note == f"the archive ends after {len(second.data):,} of this file's 100,000 bytes"
    assert second.truncated
    assert 45_000 < len(second.data) < 50_000
    assert NOISE.startswith(second.data)
    (broken,) = unread(data)
    assert broken.source == "<bytes 1>"
    assert broken.reason.endswith(" is read" if packed else "the files before are read")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (zipped({}), "<bytes 1>: the archive holds no file. Hint: look into it, or copy it again"),
        (
            tar({"a.txt": NOISE}, mode="w:gz")[:10],
            "<bytes 1>: the gzip stream is cut before its first byte. Hint: copy it again",
        ),
        (b"7z\xbc\xaf\x27\x1c", "<bytes 1>: 7z archives are not read. Hint: unpack it, or make it a .zip"),
        (b"Rar!\x1a\x07\x01\0", "<bytes 1>: RAR archives are not read. Hint: unpack it, or make it a .zip"),
    ],
)
def test_nothing_in_it(data: bytes, sentence: str) -> None:
    with pytest.raises(SourceError) as caught:
        list(open_sources(data))
    assert str(caught.value) == sentence


def test_a_tar_that_ends_after_a_header() -> None:
    assert unread(tar({"a.txt": NOISE})[:2000]) == [
        Unread("<bytes 1>", "the tar archive ends early (unexpected end of data): the files before are read"),
        Unread("<bytes 1>!a.txt", "the archive ends before this file's 100,000 bytes"),
    ]


def test_an_empty_tar(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(tar({}))
    with pytest.raises(SourceError, match="the archive holds no file"):
        list(open_sources(tmp_path / "a.tar"))


@pytest.mark.parametrize("make", [lambda files: tar(files, mode="w:gz"), lambda files: tar(files, mode="w:xz"), zipped])
def test_a_bomb_within(make: "type[bytes]") -> None:
    found = list(open_sources(make({"a.txt": DUMP, "bomb.txt": BOMB, "z.txt": DUMP}), limits=SMALL))
    assert isinstance(found[0], Blob | Unread)
    assert any(isinstance(item, Unread) and "decompression bomb" in item.reason for item in found)
    assert all(item.size_bytes < 100 for item in found if isinstance(item, Blob))


def test_a_bomb_in_a_file_in_an_archive() -> None:
    found = unread(tar({"a.gz": gzip.compress(BOMB), "z.txt": DUMP}), SMALL)
    assert [(item.source, "decompression bomb" in item.reason) for item in found] == [("<bytes 1>!a.gz", True)]


@pytest.mark.parametrize("make", [tar, zipped])
@pytest.mark.parametrize(
    ("limits", "source", "reason"),
    [
        (Limits(members=2), "", "holds more than 2 files: the rest is not read"),
        (
            Limits(archive_bytes=10),
            "",
            "holds more than 10 bytes: from b.txt on nothing is read. Hint: unpack it and read the folder",
        ),
        (
            Limits(file_bytes=10),
            "!b.txt",
            "more than 10 bytes, the limit for one dump. Hint: cut the dump out of it first",
        ),
    ],
)
def test_limits(make: "type[bytes]", limits: Limits, source: str, reason: str) -> None:
    data = make({"a.txt": b"1", "b.txt": b"a dump of many bytes", "c.txt": b"3"})
    assert unread(data, limits) == [Unread(f"<bytes 1>{source}", reason)]
    assert blobs(data, limits)[0].data == b"1"


def test_a_file_with_holes() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    data = bytearray(held.getvalue())
    data[156] = ord(tarfile.GNUTYPE_SPARSE)
    data[483:495] = b"%011o\0" % (1 << 32)  # the real size
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert [item.reason for item in unread(bytes(data))] == [
        "is stored with holes (a sparse file). Hint: unpack it and read the unpacked file"
    ]


def test_one_file_is_in_memory_at_a_time() -> None:
    opened = open_sources(zipped({f"{n}.txt": DUMP for n in range(3)}))
    assert isinstance(opened, Iterator)
    assert next(opened).source == "<bytes 1>!0.txt"


def test_any_damage_is_a_sentence() -> None:
    rng = random.Random(3)  # noqa: S311 - reproducible
    for data in KINDS.values():
        for _ in range(150):
            broken = bytearray(data)
            for _ in range(rng.randrange(1, 6)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            check_total(bytes(broken[: rng.randrange(20, len(broken) + 1)]))


def check_total(data: bytes) -> None:
    try:
        items = list(open_sources(data))
    except SourceError:
        return
    assert all(isinstance(item, Blob | Unread) for item in items)


def test_too_big_is_an_error_for_what_was_named() -> None:
    with pytest.raises(TooBigError):
        list(open_sources(lzma.compress(BOMB), limits=SMALL))
