"""Archives and compressed files made to fill the memory, to take for ever, or to reach out of themselves."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import gostack_nb as gs
from gostack_nb.sources.blob import Blob, Limits, Unread
from gostack_nb.sources.opening import open_sources
from tests.hostile.making import HEAD

MB = 1 << 20
SMALL = Limits(file_bytes=8 * MB, archive_bytes=10_000 * MB, members=50, ratio=100, ratio_free_bytes=4 * MB)
"""The limits of the library, a thousandth of them."""

ZEROS = bytes(64 * MB)


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def tarred(*infos: tuple[tarfile.TarInfo, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for info, data in infos:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def named(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def with_sizes(archive: bytes, packed: int | None, unpacked: int) -> bytes:
    """Lie about the sizes of the only file of a zip, in its list of files."""
    at = archive.rindex(b"PK\x01\x02")
    changed = bytearray(archive)
    if packed is not None:
        changed[at + 20 : at + 24] = struct.pack("<I", packed)
    changed[at + 24 : at + 28] = struct.pack("<I", unpacked)
    return bytes(changed)


def overlapping(count: int) -> bytes:
    """Return a zip whose list names the same bytes again and again."""
    one = zipped({"a.txt": ZEROS[: 3 * MB]})
    start = one.rindex(b"PK\x01\x02")
    end = one.rindex(b"PK\x05\x06")
    listed = one[start:end]
    entries = b"".join(listed.replace(b"a.txt", b"%05d" % number) for number in range(count))
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)
    return one[:start] + entries + tail


def sparse_tar() -> bytes:
    """Return a tar in the old GNU form that claims a file of 8 GiB made of holes."""
    info = tarfile.TarInfo("sparse.txt")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"100000000000"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    return bytes(header) + bytes(1024)


def huge_tar() -> bytes:
    """Return a tar whose only header claims 8 GiB, with nothing behind it."""
    info = tarfile.TarInfo("huge.txt")
    info.size = 8 << 30
    return info.tobuf(tarfile.GNU_FORMAT) + HEAD


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(ZEROS, mtime=0),
    "gzip in gzip": lambda: gzip.compress(gzip.compress(ZEROS, mtime=0), mtime=0),
    "bzip2": lambda: bz2.compress(ZEROS),
    "xz": lambda: lzma.compress(ZEROS),
    "xz, one stream behind another": lambda: lzma.compress(ZEROS[:MB]) * 64,
    "gzip, one member behind another": lambda: gzip.compress(ZEROS[:MB], mtime=0) * 64,
    "zip": lambda: zipped({"a.txt": ZEROS}),
    "zip of gzip": lambda: zipped({"a.txt.gz": gzip.compress(ZEROS, mtime=0)}),
    "zip of many gzips": lambda: zipped({f"{n}.gz": gzip.compress(ZEROS[: 3 * MB], mtime=0) for n in range(40)}),
    "zip of zips": lambda: zipped({f"{n}.zip": zipped({"a.txt": ZEROS[: 3 * MB]}) for n in range(40)}),
    "zip of zips of gzips": lambda: zipped(
        {f"{n}.zip": zipped({"a.gz": gzip.compress(ZEROS[: 3 * MB], mtime=0)}) for n in range(40)}
    ),
    "zip of tars": lambda: zipped({f"{n}.tar": tarred((named("a.txt"), ZEROS[: 3 * MB])) for n in range(40)}),
    "zip, its packed size a lie": lambda: with_sizes(zipped({"a.txt": ZEROS[: 7 * MB]}), 0x7FFFFFFF, 7 * MB),
    "tar in gzip": lambda: gzip.compress(tarred((named("a.txt"), ZEROS)), mtime=0),
    "tar of gzips": lambda: tarred(*((named(f"{n}.gz"), gzip.compress(ZEROS[: 3 * MB], mtime=0)) for n in range(40))),
}


def opened(data: bytes) -> tuple[list[Blob], str]:
    """Open a source with the small limits; return its dumps, and all that is said, be it a row or an error."""
    blobs: list[Blob] = []
    said: list[str] = []
    try:
        for item in open_sources(data, limits=SMALL):
            if isinstance(item, Unread):
                said.append(item.reason)
            else:
                blobs.append(item)
    except gs.SourceError as error:
        said.append(str(error))
    return blobs, "\n".join(said)


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_at_a_limit_and_say_so(name: str) -> None:
    data = BOMBS[name]()
    tracemalloc.start()
    total = 0
    try:
        said = []
        for item in open_sources(data, limits=SMALL):
            said += [item.reason] if isinstance(item, Unread) else []
            total += 0 if isinstance(item, Unread) else item.size_bytes
    except gs.SourceError as error:
        said.append(str(error))
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * SMALL.file_bytes
    assert total <= max(SMALL.ratio_free_bytes, SMALL.ratio * len(data)) + SMALL.file_bytes
    text = "\n".join(said)
    assert "like a decompression bomb. Hint: if it is a dump, unpack it yourself" in text


def test_files_that_overlap_are_read_once_at_most() -> None:
    blobs, said = opened(overlapping(40))
    assert len(blobs) <= 1
    assert "cannot be unpacked" in said


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bytes(9 * MB), "more than 8,388,608 bytes, the limit for one dump. Hint: cut the dump out of it first"),
        (zipped({f"{n}.txt": HEAD for n in range(60)}), "holds more than 50 files: the rest is not read"),
        (tarred(*((named(f"{n}.txt"), HEAD) for n in range(60))), "holds more than 50 files: the rest is not read"),
        (sparse_tar(), "is stored with holes (a sparse file). Hint: unpack it and read the unpacked file"),
        (huge_tar(), "the archive ends before this file's 8,589,934,592 bytes"),
        (with_sizes(zipped({"a.txt": HEAD}), None, 0xFFFFFFF0), "like a decompression bomb"),
        (with_sizes(zipped({"a.txt": HEAD}), None, 10), "is damaged in the archive"),
        (zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": HEAD})})}), "an archive in an archive in an archive"),
        (gzip.compress(gzip.compress(gzip.compress(HEAD))), "is packed more than 2 times. Hint: unpack it first"),
    ],
    ids=["size", "files of a zip", "files of a tar", "holes", "huge", "size a lie", "too short a lie",
         "nested", "packed again"],
)  # fmt: skip
def test_limits_are_named(data: bytes, sentence: str) -> None:
    assert sentence in opened(data)[1]


def test_the_limit_for_a_whole_archive_is_named() -> None:
    data = tarred(*((named(f"{n}.txt"), HEAD * 100) for n in range(4)))
    items = list(open_sources(data, limits=Limits(archive_bytes=3 * len(HEAD) * 100)))
    refused = [item.reason for item in items if isinstance(item, Unread)]
    assert len(items) == 4
    assert refused[0].endswith("bytes: from 3.txt on nothing is read. Hint: unpack it and read the folder")


def test_many_dumps_that_shrink_well_are_no_bomb() -> None:
    """Ten of a megabyte each, a tenth of the ratio that is a bomb's."""
    noise = zlib.compress(HEAD * 9)[:60]
    dump = b"".join(
        b"goroutine %d [select]:\nmain.f(%b)\n\t/a.go:1\n\n" % (n, noise.hex().encode()) for n in range(5000)
    )
    blobs, said = opened(zipped({f"{n}.txt": dump for n in range(10)}))
    assert sum(blob.size_bytes for blob in blobs) > SMALL.ratio_free_bytes
    assert (len(blobs), said) == (10, "")


def test_nothing_leaves_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are only names, links lead nowhere, and no file is written."""
    secret = tmp_path / "secret.txt"
    secret.write_bytes(HEAD.replace(b"goroutine 1 ", b"goroutine 666 "))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    data = tarred(
        (named("../secret.txt"), HEAD),
        (named("/etc/cron.d/x.txt"), HEAD),
        (named("C:\\Windows\\x.txt"), HEAD),
        (named("..\\..\\y.txt"), HEAD),
        (named("link.txt", tarfile.SYMTYPE, str(secret)), b""),
        (named("up.txt", tarfile.SYMTYPE, "../secret.txt"), b""),
        (named("hard.txt", tarfile.LNKTYPE, "../secret.txt"), b""),
        (named("self.txt", tarfile.LNKTYPE, "self.txt"), b""),
        (named("zero.txt", tarfile.CHRTYPE), b""),
        (named("disk.txt", tarfile.BLKTYPE), b""),
        (named("pipe.txt", tarfile.FIFOTYPE), b""),
        (named("same.txt"), HEAD),
        (named("same.txt"), HEAD.replace(b"goroutine 1 ", b"goroutine 2 ")),
        (named("a\nb\x1b[31m\x07.txt"), HEAD),
        (named("x" * 60_000 + ".txt"), HEAD),
    )
    for source in (data, gzip.compress(data)):
        dataset = gs.read(source)
        assert sorted(dataset.goroutines["goroutine_id"]) == [1] * 7 + [2]
        assert all(name.isprintable() for name in dataset.snapshots["source"])
    assert [path.name for path in tmp_path.rglob("*")].count("here") == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["here", "secret.txt"]


def test_odd_names_in_a_zip() -> None:
    names = [
        "../a.txt",
        "/b.txt",
        "C:\\c.txt",
        "d\0.txt",
        "e\n.txt",
        "\x1b[2Jf.txt",
        "g/" * 9000 + "g.txt",
        "h.txt",
        "CON",
    ]
    with pytest.warns(UserWarning, match="Duplicate"):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for name in [*names, "h.txt"]:
                archive.writestr(zipfile.ZipInfo(name), HEAD)
    dataset = gs.read(held.getvalue())
    assert len(dataset.snapshots) == 10
    assert all(name.isprintable() for name in dataset.snapshots["source"])


@pytest.mark.parametrize("make", [lambda: zipped({"a.txt": HEAD * 50}), lambda: tarred((named("a.txt"), HEAD * 50))])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress], ids=["", "gz", "bz2", "xz"])
def test_a_flipped_byte_or_a_cut_anywhere_is_survived(
    make: Callable[[], bytes], pack: Callable[[bytes], bytes]
) -> None:
    whole = pack(make())
    for place in range(0, len(whole), max(len(whole) // 150, 1)):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]):
            opened(damaged)
