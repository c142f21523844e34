import bz2
import gzip
import io
import lzma
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gostack_nb.errors import SourceError, TooBigError
from gostack_nb.sources.blob import Blob, Limits, Unread
from gostack_nb.sources.compressed import codec_of
from gostack_nb.sources.opening import open_sources

DUMP = b"goroutine 1 [running]:\nmain.main()\n\t/srv/app/main.go:7 +0x1d\n"
NOISE = random.Random(7).randbytes(300_000)  # noqa: S311 - does not compress, so that cuts fall anywhere
BOMB = bytes(10 << 20)
SMALL = Limits(ratio_free_bytes=1 << 20, ratio=100)


def only(source: bytes | Path, limits: Limits | None = None) -> Blob:
    (blob,) = open_sources(source, limits=limits or Limits())
    assert isinstance(blob, Blob)
    return blob


def gz(data: bytes, mtime: int = 0) -> bytes:
    return gzip.compress(data, mtime=mtime)


@pytest.mark.parametrize("pack", [gz, bz2.compress, lzma.compress])
@pytest.mark.parametrize("data", [DUMP, NOISE, b"x" * 1_000_000, b""])
def test_one_stream(pack: Callable[[bytes], bytes], data: bytes) -> None:
    blob = only(pack(data))
    assert (blob.data == data, blob.truncated, blob.note) == (True, False, None)


@pytest.mark.parametrize("pack", [gz, bz2.compress, lzma.compress])
def test_many_members_and_padding(pack: Callable[[bytes], bytes]) -> None:
    blob = only(pack(DUMP) + pack(NOISE) + bytes(4096) + pack(DUMP) + bytes(20_000))
    assert blob.data == DUMP + NOISE + DUMP
    assert blob.note is None


def test_packed_twice() -> None:
    assert only(bz2.compress(gz(DUMP))).data == DUMP


def test_packed_three_times() -> None:
    with pytest.raises(TooBigError, match=r"^<bytes 1>: is packed more than 2 times\. Hint: unpack it first$"):
        only(gz(gz(gz(DUMP))))


def test_leftover_is_noted() -> None:
    blob = only(gz(DUMP) + b"trailer")
    assert (blob.data, blob.truncated) == (DUMP, False)
    assert blob.note == "bytes after the end of the gzip stream are not read"


@pytest.mark.parametrize("keep", [20_000, 150_000, len(gz(NOISE)) - 1])
def test_a_cut_stream_keeps_what_came_before(keep: int) -> None:
    blob = only(gz(NOISE)[:keep])
    assert NOISE.startswith(blob.data)
    assert len(blob.data) > 0.9 * keep - 100
    assert blob.truncated
    assert blob.note == f"the gzip stream is cut after {len(blob.data):,} bytes: what came before is read"


def test_a_cut_second_member() -> None:
    blob = only(gz(DUMP) + gz(NOISE)[:50_000])
    assert blob.truncated
    assert blob.data.startswith(DUMP + NOISE[:10_000])


def test_a_damaged_stream_keeps_what_came_before() -> None:
    packed = bytearray(gzip.compress(NOISE, compresslevel=0, mtime=0))
    packed[200_000] ^= 0xFF
    blob = only(bytes(packed))
    assert blob.truncated
    assert blob.note is not None
    assert blob.note.startswith("the gzip stream is damaged after ")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (gz(DUMP)[:10], "the gzip stream is cut before its first byte. Hint: copy it again"),
        (gz(DUMP)[:10] + b"\xff" * 50, "the gzip stream is damaged before its first byte. Hint: copy it again"),
        (bz2.compress(NOISE)[:1000], "the bzip2 stream is cut before its first byte. Hint: copy it again"),
        (
            lzma.compress(DUMP)[:12] + b"\xff" * 2000,
            "the xz stream is damaged before its first byte. Hint: copy it again",
        ),
    ],
)
def test_nothing_readable(data: bytes, sentence: str) -> None:
    with pytest.raises(SourceError) as caught:
        only(data)
    assert str(caught.value) == f"<bytes 1>: {sentence}"


def test_an_xz_file_that_asks_for_more_memory_than_any_needs() -> None:
    greedy = lzma.compress(DUMP, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}])
    with pytest.raises(TooBigError, match="the xz stream asks for more than 256 MiB of memory"):
        only(greedy)
    assert only(lzma.compress(DUMP, preset=9)).data == DUMP


@pytest.mark.parametrize("pack", [gz, bz2.compress, lzma.compress])
def test_a_bomb(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TooBigError, match=r"packed bytes become 1,\d+,\d+ or more, like a decompression bomb"):
        only(pack(BOMB), SMALL)


def test_a_dump_that_compresses_well_is_no_bomb() -> None:
    assert only(gz(BOMB), Limits(ratio_free_bytes=1 << 20, ratio=1100)).size_bytes == len(BOMB)


@pytest.mark.parametrize("data", [DUMP, gz(DUMP)])
def test_too_big(data: bytes) -> None:
    sentence = "<bytes 1>: more than 10 bytes, the limit for one dump. Hint: cut the dump out of it first"
    with pytest.raises(TooBigError) as caught:
        only(data, Limits(file_bytes=10))
    assert str(caught.value) == sentence


def test_the_time_in_a_gzip_header(tmp_path: Path) -> None:
    path = tmp_path / "dump.gz"
    path.write_bytes(gz(DUMP, mtime=1795425045))
    blob = only(path)
    assert (blob.captured_at, blob.captured_at_from) == (datetime(2026, 11, 23, 9, 10, 45, tzinfo=UTC), "file time")
    assert only(gz(DUMP)).captured_at is None


@pytest.mark.parametrize("head", [b"BZh is no bzip2", b"\x1f\x8b", b"PK", b"", b"goroutine 1 [running]:"])
def test_text_that_begins_like_a_compression(head: bytes) -> None:
    assert codec_of(head) is None
    assert only(head).data == head


def test_a_name_decides_nothing(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(DUMP)
    (tmp_path / "packed.txt").write_bytes(gz(DUMP))
    assert only(tmp_path / "plain.gz").data == only(tmp_path / "packed.txt").data == DUMP


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads zstd")
def test_zstd_before_python_3_14() -> None:
    with pytest.raises(SourceError) as caught:
        only(b"\x28\xb5\x2f\xfd\0\0\0\0")
    assert str(caught.value) == "<bytes 1>: zstd is read from Python 3.14 on. Hint: unpack it with zstd -d"


def test_any_bytes_after_a_magic_never_raise_anything_else() -> None:
    rng = random.Random(1)  # noqa: S311 - reproducible
    for pack in (gz, bz2.compress, lzma.compress):
        packed = bytearray(pack(DUMP * 50))
        for _ in range(200):
            broken = bytearray(packed)
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            check_total(bytes(broken[: rng.randrange(10, len(broken) + 1)]))


def check_total(data: bytes) -> None:
    try:
        items = list(open_sources(io.BytesIO(data)))
    except SourceError:
        return
    assert all(isinstance(item, Blob | Unread) for item in items)
