"""Names of the files of a recording: made of time and content, so that no two writers need to agree on a number."""

import re
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import PurePosixPath

RAW = "raw"
TABLES = "tables/v1"
"""The folder's name changes only if an old reader could not read what is in it; added columns leave it."""

SIDECAR = ".json"
UNDATED = "undated"
MAX_SLUG = 40

KINDS = (
    "goroutine.debug2.txt",
    "goroutine.debug1.txt",
    "goroutine.pb",
    "goroutineleak.debug2.txt",
    "goroutineleak.debug1.txt",
    "goroutineleak.pb",
    "metrics.txt",
)
"""What a capture asks for; everything else is a `dump`."""

OTHER_KIND = "dump"

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SEPARATOR = re.compile(r"[/\\!]")
_KIND = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+){0,3}")
_RAW_NAME = re.compile(r"(?P<time>\d{8}T\d{6}(?:\.\d{6})?Z|undated)-(?P<sha>[0-9a-f]{12})\.(?P<kind>[a-z0-9.]+)\.gz")
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)T")


def slug(text: str | None) -> str:
    """Return a file name for any text: what people recognise of it, and a hash that tells equal looks apart.

    Examples
    --------
    >>> slug("10.0.0.1:8081"), slug("../etc"), slug(None)
    ('10.0.0.1_8081-f0a0ef3c', 'etc-53dac9b2', 'unknown')
    """
    if text is None:
        return "unknown"
    shown = _UNSAFE.sub("_", text).strip("._-")[:MAX_SLUG]
    return f"{shown or 'x'}-{_hash(text)}"


def kind_in(name: str) -> str:
    """Return the kind that a file name ends with.

    Examples
    --------
    >>> kind_in("00.goroutine.debug2.txt.gz"), kind_in("stack.log")
    ('goroutine.debug2.txt', 'dump')
    """
    stem = _SEPARATOR.split(name)[-1].removesuffix(".gz")
    return next((kind for kind in KINDS if stem == kind or stem.endswith(f".{kind}")), OTHER_KIND)


def raw_path(
    service: str | None, instance: str | None, captured_at: datetime | None, sha256: str, kind: str
) -> PurePosixPath:
    """Name the raw file of some evidence, below the recording."""
    told = kind if _KIND.fullmatch(kind) else OTHER_KIND
    return PurePosixPath(RAW, slug(service), slug(instance), f"{time_text(captured_at)}-{sha256[:12]}.{told}.gz")


def time_text(captured_at: datetime | None) -> str:
    """Write a time for a file name; the fraction only where there is one.

    Examples
    --------
    >>> time_text(datetime(2026, 11, 23, 8, 53, 43, 265000, tzinfo=UTC))
    '20261123T085343.265000Z'
    """
    if captured_at is None:
        return UNDATED
    fraction = f".{captured_at.microsecond:06d}" if captured_at.microsecond else ""
    return f"{captured_at.astimezone(UTC):%Y%m%dT%H%M%S}{fraction}Z"


@cache
def written_by() -> str:
    """Name this version of the package, for the files that it writes."""
    return f"gostack-nb {version('gostack-nb')}"


def evidence_key(raw: str) -> str:
    """Name the evidence in a raw file: by time, content and where it lies; a file put there by hand by its place."""
    found = _RAW_NAME.fullmatch(PurePosixPath(raw).name)
    return f"{found['time']}-{found['sha']}-{_hash(raw)}" if found else f"{UNDATED}-{_hash(raw)}"


def named_hash(name: str) -> str | None:
    """Return the first digits of the hash that a raw file's name tells."""
    found = _RAW_NAME.fullmatch(name)
    return found["sha"] if found else None


def day_of(key: str) -> str:
    """Return the folder of some evidence's tables.

    Examples
    --------
    >>> day_of("20261123T085343Z-1f0c2a3b4c5d-00ff00ff"), day_of("undated-1f0c2a3b4c5d-00ff00ff")
    ('2026-11-23', 'undated')
    """
    found = _DAY.match(key)
    return "-".join(found.groups()) if found else UNDATED


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
