"""Every place where bytes or text from outside are taken apart, each with what must hold for any bytes.

A target is called with arbitrary bytes. It may refuse them with the errors of the package, and with nothing else.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from unittest.mock import patch

from gostack_nb import read, select
from gostack_nb.analysis.filters import Relation, parse_filter
from gostack_nb.analysis.redaction_finders import hosts_in_imports, hosts_in_instances, hosts_in_text, users_in_paths
from gostack_nb.errors import FilterError, FormatError, SourceError
from gostack_nb.formats import debug2, registry
from gostack_nb.formats.addresses import parse_addresses
from gostack_nb.formats.columns import Columns
from gostack_nb.formats.debug1 import parse_debug1
from gostack_nb.formats.debug2 import parse_debug2
from gostack_nb.formats.header import parse_attributes, parse_header
from gostack_nb.formats.joining import join_records
from gostack_nb.formats.labels import parse_debug1_labels, parse_header_labels
from gostack_nb.formats.metrics_text import parse_metrics_text
from gostack_nb.formats.names import without_type_arguments
from gostack_nb.formats.plain_pieces import begins_plainly, plain_dumps
from gostack_nb.formats.plain_text import PlainText
from gostack_nb.formats.profile_proto import looks_like_profile, parse_profile
from gostack_nb.formats.raw_text import goroutine_blocks
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.formats.unwrap import LAYERS, unwrap
from gostack_nb.formats.wait_reason import infer_state
from gostack_nb.model.naming import (
    comparable_name,
    go_version_in,
    is_runtime_internal,
    is_std,
    is_wrapper,
    package_of,
)
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.reading.part_reader import Division, PartReader
from gostack_nb.sources.blob import Blob, Limits
from gostack_nb.sources.opening import open_sources
from tests.fuzz import canned, folders, texts
from tests.fuzz.printed import both_parsers_agree
from tests.fuzz.promises import check_dataset, check_dump, check_plain, check_same, comparable

LIMITS = Limits(file_bytes=1 << 18, archive_bytes=1 << 19, members=50, ratio=100, ratio_free_bytes=1 << 16)
"""Small, so that a few bytes reach them."""

MOST_GOROUTINES = 20_000
"""In place of those of `registry`: eight bytes may claim so many rows, and each input would fill gigabytes."""

REPEAT = b"\n~~\n"
"""Around what the target `repeated` repeats."""


@dataclass(frozen=True, slots=True)
class Target:
    """One entry point; `weight` is its share of the time, `max_bytes` the longest input worth trying."""

    name: str
    run: Callable[[bytes], None]
    weight: int = 1
    max_bytes: int = 4096


def _dumps(data: bytes) -> None:
    for dump in _parsed(data):
        check_dump(dump, data)


def _parsed(data: bytes) -> list[Columns]:
    with suppress(FormatError):
        return parse_dumps(data)
    return []


def _tracebacks(data: bytes) -> None:
    """A text in pieces gives what it gives as a whole."""
    size, text = data[0] + 1 if data else 1, data[1:]
    whole = parse_debug2(text)
    for dump in whole:
        check_dump(dump, text)
    with patch.object(debug2, "PIECE_BYTES", size):
        assert comparable(parse_debug2(text)) == comparable(whole)


def _parts(data: bytes) -> None:
    """A text in parts, by two readers in turns, gives what it gives as a whole, or is none for parts."""
    count, text = data[0] % 32 + 1 if data else 1, data[1:]
    if not text or not begins_plainly(text):
        return
    division = Division(len(text), count)
    readers = {"here": PartReader(division), "there": PartReader(division)}
    read = [
        (name := ("here", "there")[number % 3 > 0], readers[name].read(part, [text[part.start : part.end]]))
        for number, part in division.parts(range(count), _pieces_of(text))
    ]
    dumps = plain_dumps(join_records(read), lambda: iter([text]))
    if dumps:
        assert comparable(dumps) == comparable(_parsed(text))


def _pieces_of(text: bytes) -> Callable[[int, int, int], Iterator[bytes]]:
    def pieces(start: int, end: int, size: int) -> Iterator[bytes]:
        return (text[place : min(place + size, end)] for place in range(start, end, size))

    return pieces


def _counted(data: bytes) -> None:
    for text in (data, b"goroutine profile: total 3\n" + data):
        with suppress(FormatError):
            check_dump(parse_debug1(text), text)


def _profile(data: bytes) -> None:
    looks_like_profile(data)
    with suppress(FormatError):
        check_dump(parse_profile(data), data)


def _unwrap(data: bytes) -> None:
    for plain in unwrap(data):
        check_plain(plain, data)


def _layers(data: bytes) -> None:
    """Each layer by itself, wherever its mark is, whether or not it would be the outermost."""
    for layer in LAYERS:
        if layer.mark.search(b"\n" + data):
            for plain in layer.strip(PlainText(data)):
                check_plain(plain, data)


def _lines(data: bytes) -> None:
    """What is asked of single lines: headers, their attributes, names, addresses."""
    names = [line.decode("utf-8", "backslashreplace") for line in data.split(b"\n")]
    for line in data.split(b"\n"):
        parse_header(line)
        parse_attributes(line)
    for name in names:
        for ask in (comparable_name, is_runtime_internal, is_wrapper, package_of, without_type_arguments):
            ask(name)
        is_std(name, name)
        go_version_in(name)
    infer_state(names)
    infer_state(["runtime.gopark", *names], nil_channel=True)
    parse_addresses(data)
    goroutine_blocks(data, 1)


def _labels(data: bytes) -> None:
    for parse in (parse_header_labels, parse_debug1_labels):
        labels = parse(data)
        assert labels is None or parse_debug1_labels(labels.encode()) == labels


def _metrics(data: bytes) -> None:
    parse_metrics_text(data)
    parse_metrics_text(b"go_goroutines 1\n" + data)


def _archives(data: bytes) -> None:
    """Nothing unpacks beyond the limits, whatever it is packed in."""
    for source in (data, _Named(data)):
        with _believing_little(), suppress(SourceError):
            found = list(open_sources(source, limits=LIMITS))
            sizes = [item.size_bytes for item in found if isinstance(item, Blob)]
            assert max(sizes, default=0) <= LIMITS.file_bytes
            assert sum(sizes) <= max(LIMITS.archive_bytes, LIMITS.file_bytes)
            assert len(sizes) <= LIMITS.members**2
            check_dataset(read_blobs(found))


class _Named(io.BytesIO):
    """An open file: a tar without a mark is known by its name."""

    name = "2026-03-01T09-00-00Z.tar"


@contextmanager
def _believing_little() -> Iterator[None]:
    with patch.multiple(registry, MAX_GOROUTINES=MOST_GOROUTINES, MAX_TOGETHER=MOST_GOROUTINES):
        yield


def _read(data: bytes) -> None:
    """The same bytes give the same tables, and these agree with each other."""
    with _believing_little(), suppress(FormatError, SourceError):
        dataset = read(data)
        check_dataset(dataset)
        check_same(dataset, read(data))


def _repeated(data: bytes) -> None:
    """Time and memory grow with the size: a piece of the text comes thousands of times."""
    exponent, text = data[0] % 6 if data else 0, data[1:]
    head, unit, tail = [*text.split(REPEAT, 2), b"", b""][:3]
    times = (4096 << exponent) // max(1, len(unit))
    long = head + unit * times + tail
    with _believing_little():
        for dump in _parsed(long):
            check_dump(dump, long)


def _filter(data: bytes) -> None:
    """A filter is written so that it is read back as it is; patterns of the user's own are only compiled."""
    with suppress(FilterError), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of re, about a pattern of one's own such as [[a]
        found = parse_filter(data.decode("utf-8", "surrogateescape"))
        assert parse_filter(str(found)) == found
        if all(term.relation is not Relation.MATCHES for term in found.terms):
            select(_SMALL, str(found))


def _redaction(data: bytes) -> None:
    names = data.decode("utf-8", "backslashreplace").split("\n")
    for find in (hosts_in_instances, hosts_in_text, users_in_paths):
        find(names)
    hosts_in_imports(names, names, names)


_SMALL = read(
    b"goroutine 1 [select, 5 minutes] {role: ack}:\nmain.wait()\n\t/a.go:7 +0x1\ncreated by main.main in goroutine 2\n"
    b"\t/a.go:3 +0x1\n\ngoroutine 2 [running]:\nmain.main()\n\t/a.go:1 +0x1\n"
)

TARGETS = (
    Target("dumps", _dumps, weight=6),
    Target("tracebacks", _tracebacks, weight=4),
    Target("parts", _parts, weight=3),
    Target("printed", both_parsers_agree, weight=3, max_bytes=2048),
    Target("counted", _counted, weight=2, max_bytes=8192),
    Target("profile", _profile, weight=3, max_bytes=8192),
    Target("unwrap", _unwrap, weight=4),
    Target("layers", _layers, weight=3),
    Target("repeated", _repeated, weight=4, max_bytes=1024),
    Target("read", _read, weight=3),
    Target("archives", _archives, weight=4, max_bytes=16384),
    Target("lines", _lines, weight=2, max_bytes=1024),
    Target("labels", _labels, max_bytes=512),
    Target("metrics", _metrics, max_bytes=1024),
    Target("sidecar", texts.check_sidecar, weight=2, max_bytes=1024),
    Target("names", texts.check_names, max_bytes=256),
    Target("addresses", texts.check_address, max_bytes=256),
    Target("answers", texts.check_answer, weight=2, max_bytes=1024),
    Target("prometheus", canned.ask_prometheus, weight=2, max_bytes=2048),
    Target("loki", canned.ask_loki, weight=2, max_bytes=2048),
    Target("pyroscope", canned.ask_pyroscope, weight=2, max_bytes=8192),
    Target("parca", canned.ask_parca, weight=2, max_bytes=8192),
    Target("recording", folders.read_recording, weight=3, max_bytes=16384),
    Target("catalogue", folders.read_catalogue, weight=2, max_bytes=2048),
    Target("places", folders.list_places, max_bytes=128),
    Target("table", folders.read_table, max_bytes=512),
    Target("filter", _filter, weight=2, max_bytes=256),
    Target("redaction", _redaction, max_bytes=512),
)
"""In the order in which they are run."""


def named(name: str) -> Target:
    """Return a target; a name that there is not is a KeyError that names those that there are."""
    known = {target.name: target for target in TARGETS}
    if name not in known:
        msg = f"no target {name!r}; there are {', '.join(known)}"
        raise KeyError(msg)
    return known[name]
