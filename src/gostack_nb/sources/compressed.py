"""Undo compression as a stream: bounded, and forgiving about a stream that is cut."""

import bz2
import importlib
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from gostack_nb.errors import SourceError, TooBigError
from gostack_nb.sources.blob import Limits
from gostack_nb.sources.captured_at import from_unix

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 512
"""Enough to tell the form: the tar mark stands at 257."""

CHUNK_BYTES = 1 << 16

PACKED_CHUNK_BYTES = 1 << 13
"""Fed to a decompressor at once; where the stream is damaged, what this piece gave is lost."""

MAX_LAYERS = 2
"""Compressions of one file: curl of debug=0 is gzip by itself, and people compress that again."""


class Decompressor(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of one compressed stream was met."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out unless something is fed."""

    @property
    def unused_data(self) -> bytes:
        """What follows after the end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Feed some bytes, get at most `max_length` out."""


class _Gunzip:
    """zlib in the form of the other decompressors."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


def _zstd() -> Decompressor:
    module = importlib.import_module("compression.zstd")  # Python 3.14
    decompressor: Decompressor = module.ZstdDecompressor()
    return decompressor


@dataclass(frozen=True, slots=True)
class Codec:
    """One compression: how it is named, how it begins, what undoes it, what that raises on damage."""

    name: str
    magic: bytes
    make: Callable[[], Decompressor]
    damage: tuple[type[Exception], ...]


XZ_MEMORY_BYTES = 256 << 20
"""For the dictionary of an xz file, which names its size itself; `xz -9` asks for 65 MiB."""

_XZ_WANTS_MORE = "Memory usage limit exceeded"  # what lzma says then


def _unxz() -> Decompressor:
    return lzma.LZMADecompressor(memlimit=XZ_MEMORY_BYTES)


CODECS = (
    Codec("gzip", b"\x1f\x8b\x08", _Gunzip, (zlib.error,)),
    Codec("bzip2", b"BZh", bz2.BZ2Decompressor, (OSError, ValueError)),
    Codec("xz", b"\xfd7zXZ\x00", _unxz, (lzma.LZMAError,)),
    Codec("zstd", b"\x28\xb5\x2f\xfd", _zstd, (Exception,)),  # ZstdError has no name before Python 3.14
)
_BZIP2_NEXT = (b"1AY&SY", b"\x17rE8P\x90")  # a block or the end follows "BZh9": three letters alone may begin a text


def codec_of(head: bytes) -> Codec | None:
    """Tell by which compression these bytes begin."""
    found = next((codec for codec in CODECS if head.startswith(codec.magic)), None)
    if found and found.name == "bzip2" and head[4:10] not in _BZIP2_NEXT:
        return None
    return found


class Inflated(io.RawIOBase):
    """The decompressed bytes of a stream of one or more members.

    A cut or damaged stream ends where it can no longer be read; `cut` then says so in words.
    """

    def __init__(self, packed: BinaryIO, codec: Codec, *, source: str, limits: Limits) -> None:
        super().__init__()
        self._packed, self._codec, self._source, self._limits = packed, codec, source, limits
        self._fed = self._unpacked = 0
        self._waiting: bytes | memoryview = b""
        self._pieces = self._unpack()
        self.cut: str | None = None
        self.leftover: str | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer; less comes only at the end."""
        view, filled = memoryview(buffer).cast("B"), 0
        while filled < len(view) and self._has_more():
            piece = self._waiting[: len(view) - filled]
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._waiting = self._waiting[len(piece) :]
        return filled

    def _has_more(self) -> bool:
        while not self._waiting:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._count(piece)
            self._waiting = memoryview(piece)
        return True

    def _unpack(self) -> Iterator[bytes]:
        packed = self._feed()
        while packed.startswith(self._codec.magic):
            decompressor = self._begin()
            yield from self._unpack_member(decompressor, packed)
            if not decompressor.eof:
                return
            packed = self._skip_padding(decompressor.unused_data)
        if packed:
            self.leftover = f"bytes after the end of the {self._codec.name} stream are not read"

    def _unpack_member(self, decompressor: Decompressor, packed: bytes) -> Iterator[bytes]:
        while not decompressor.eof:
            try:
                piece = decompressor.decompress(packed, CHUNK_BYTES)
            except self._codec.damage as error:
                if _XZ_WANTS_MORE in str(error):
                    wanted = f"the xz stream asks for more than {XZ_MEMORY_BYTES >> 20} MiB of memory"
                    msg = f"{self._source}: {wanted}. Hint: unpack it with xz -d"
                    raise TooBigError(msg) from error
                self._end("damaged")
                return
            yield piece
            packed = self._feed() if decompressor.needs_input and not decompressor.eof else b""
            if not (piece or packed or decompressor.eof) and decompressor.needs_input:
                self._end("cut")
                return

    def _feed(self) -> bytes:
        data = self._packed.read(PACKED_CHUNK_BYTES)
        self._fed += len(data)
        return data

    def _skip_padding(self, rest: bytes) -> bytes:
        rest = rest.lstrip(b"\0")
        while len(rest) < len(self._codec.magic) and (more := self._feed()):
            rest = (rest + more).lstrip(b"\0")
        return rest

    def _begin(self) -> Decompressor:
        try:
            return self._codec.make()
        except ModuleNotFoundError as error:
            msg = f"{self._source}: zstd is read from Python 3.14 on. Hint: unpack it with zstd -d"
            raise SourceError(msg) from error

    def _count(self, piece: bytes) -> None:
        self._unpacked += len(piece)
        if self._limits.is_bomb(self._fed, self._unpacked):
            raise bomb(self._source, self._fed, self._unpacked)

    def _end(self, how: str) -> None:
        self.cut = f"the {self._codec.name} stream is {how} after {self._unpacked:,} bytes: what came before is read"


class Stream:
    """A source's bytes without their compression.

    Attributes
    ----------
    head : bytes
        How the decompressed bytes begin; they are still to be read.
    packed_at : datetime or None
        The time that a gzip header holds: that of the file before it was packed.
    """

    def __init__(self, packed: BinaryIO, *, source: str, limits: Limits) -> None:
        self.source = source
        self._limits = limits
        self._layers: list[Inflated] = []
        self._reader = packed
        self.head = packed.read(HEAD_BYTES)
        packed.seek(0)
        self.packed_at = _gzip_time(self.head)
        while codec := codec_of(self.head):
            self._peel(codec)

    @property
    def cut(self) -> str | None:
        """What the first layer that broke off says."""
        return next((layer.cut for layer in self._layers if layer.cut), None)

    @property
    def leftover(self) -> str | None:
        """What follows after the compressed stream."""
        return next((layer.leftover for layer in self._layers if layer.leftover), None)

    def read(self, size: int) -> bytes:
        """Read up to that many bytes, none at the end."""
        return self._reader.read(size)

    def read_all(self) -> bytes:
        """Read everything that is left, up to the limit for one file.

        Raises
        ------
        TooBigError
            If there is more than the limit.
        SourceError
            If the compressed stream breaks off before its first byte.
        """
        if not self._layers:
            return self._read_plain()
        data, _ = drain(self.read, limit=self._limits.file_bytes, source=self.source)
        if self.cut and not data:
            msg = f"{self.source}: {self.cut.partition(' after')[0]} before its first byte. Hint: copy it again"
            raise SourceError(msg)
        return data

    @property
    def is_plain(self) -> bool:
        """Whether the bytes are stored without compression."""
        return not self._layers

    def stored_size(self) -> int:
        """Measure what is not compressed.

        Raises
        ------
        TooBigError
            If it is more than the limit for one file.
        """
        size = self._reader.seek(0, io.SEEK_END)
        self._reader.seek(0)
        if size > self._limits.file_bytes:
            raise too_big(self.source, self._limits.file_bytes)
        return size

    def seekable(self) -> BinaryIO:
        """Return a file that can be sought: the one as stored, or the decompressed bytes in memory."""
        return io.BytesIO(self.read_all()) if self._layers else self._reader

    def _read_plain(self) -> bytes:
        self.stored_size()
        return self._reader.read()

    def _peel(self, codec: Codec) -> None:
        if len(self._layers) == MAX_LAYERS:
            msg = f"{self.source}: is packed more than {MAX_LAYERS} times. Hint: unpack it first"
            raise TooBigError(msg)
        layer = Inflated(self._reader, codec, source=self.source, limits=self._limits)
        reader = io.BufferedReader(layer, CHUNK_BYTES)
        self._layers.append(layer)
        self._reader = reader
        self.head = reader.peek(HEAD_BYTES)[:HEAD_BYTES]


def drain(
    read: Callable[[int], bytes], *, limit: int, source: str, damage: tuple[type[Exception], ...] = ()
) -> tuple[bytes, Exception | None]:
    """Read until nothing comes; return the bytes and the damage that ended them early.

    Raises
    ------
    TooBigError
        If more than `limit` bytes come.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        while chunk := read(CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise too_big(source, limit)
            chunks.append(chunk)
    except damage as error:
        return b"".join(chunks), error
    return b"".join(chunks), None


def too_big(source: str, limit: int) -> TooBigError:
    """Say that a source has more bytes than the limit."""
    return TooBigError(
        f"{source}: more than {limit:,} bytes, the limit for one dump. Hint: cut the dump out of it first"
    )


def bomb(source: str, packed: int, unpacked: int) -> TooBigError:
    """Say that a source grows like no dump."""
    hint = "Hint: if it is a dump, unpack it yourself and read that"
    msg = f"{source}: {packed:,} packed bytes become {unpacked:,} or more, like a decompression bomb. {hint}"
    return TooBigError(msg)


def _gzip_time(head: bytes) -> datetime | None:
    is_gzip = head.startswith(CODECS[0].magic) and len(head) >= len(CODECS[0].magic) + 5
    return from_unix(int.from_bytes(head[4:8], "little")) if is_gzip else None
