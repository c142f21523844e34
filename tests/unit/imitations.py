"""What the imitations of Pyroscope, Parca and Loki share: a loopback server, selectors, merging of real profiles."""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gostack_nb.formats.registry import parse_dumps
from gostack_nb.sources.blob import Blob
from gostack_nb.sources.opening import open_sources

INCIDENT = Path(__file__).parents[2] / "data" / "push-incident" / "leak"
COUNTS = (163, 172, 184, 195, 208, 218, 230, 241, 255, 265, 277, 288)
"""Goroutines of the profiles of the reference incident."""

_MATCHER = re.compile(r'\s*([\w.]+)\s*(=~|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')


@dataclass(frozen=True)
class Reply:
    """What a server sends."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"


def in_json(told: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode())


class Imitation:
    """A server in memory; a test may put a whole reply in place of an answer, by path."""

    def __init__(self) -> None:
        self.instead: dict[str, Reply] = {}
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def reply(self, path: str, query: dict[str, list[str]], body: bytes) -> Reply:
        raise NotImplementedError


@contextmanager
def served(imitation: Imitation) -> Iterator[Any]:
    """Serve an imitation on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            imitation.headers.append({name.lower(): value for name, value in self.headers.items()})
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            reply = imitation.instead.get(parts.path)
            reply = reply or imitation.reply(parts.path, parse_qs(parts.query, keep_blank_values=True), body)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_GET  # noqa: N815 - the names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    imitation.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield imitation
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def matches(selector: str, labels: dict[str, str]) -> bool:
    """Tell whether a selector means a series; an absent label has the empty value. ValueError if it is none."""
    if not (selector.startswith("{") and selector.endswith("}")):
        raise ValueError(selector)
    inner, place = selector[1:-1], 0
    while place < len(inner):
        found = _MATCHER.match(inner, place)
        if not found:
            raise ValueError(selector)
        name, operator, value = found[1], found[2], json.loads(f'"{found[3]}"')
        actual = labels.get(name, "")
        if not (re.fullmatch(value, actual) if operator == "=~" else actual == value):
            return False
        place = found.end()
    return True


@dataclass(frozen=True)
class Kept:
    """One stored profile: the labels of its series, nanoseconds since 1970, a file with a goroutine profile."""

    labels: dict[str, str]
    at_ns: int
    file: Path
    share: float = 1.0  # of its stacks: profilers split a profile by its pprof labels

    @property
    def samples(self) -> Counter[tuple[tuple[str, str, int], ...]]:
        found = stacks_of(self.file)
        kept = (
            sorted(found)[: round(len(found) * self.share)]
            if self.share > 0
            else sorted(found)[round(len(found) * (1 + self.share)) :]
        )
        return Counter({stack: found[stack] for stack in kept})

    @property
    def total(self) -> int:
        return sum(self.samples.values())


def incident(number: int) -> Path:
    return INCIDENT / f"{number:02}.goroutine.pb.gz"


def stacks_of(file: Path) -> Counter[tuple[tuple[str, str, int], ...]]:
    """Count the goroutines of each stack in a real profile."""
    (blob,) = open_sources(file)
    assert isinstance(blob, Blob)
    (dump,) = parse_dumps(blob.data)
    assert dump.count is not None
    counts: Counter[tuple[tuple[str, str, int], ...]] = Counter()
    for stack, count in zip(dump.stack.tolist(), dump.count.tolist(), strict=True):
        frames = dump.stacks[stack].frames
        counts[tuple((frame.function, frame.file, frame.line) for frame in frames)] += count
    return counts


def merged(profiles: list[Kept]) -> Counter[tuple[tuple[str, str, int], ...]]:
    """Add profiles up, as both profilers do with everything that a question means."""
    return sum((profile.samples for profile in profiles), Counter())


@dataclass
class _Table:
    numbers: dict[Any, int] = field(default_factory=dict)

    def __getitem__(self, key: Any) -> int:
        return self.numbers.setdefault(key, len(self.numbers))


def encoded(samples: Counter[tuple[tuple[str, str, int], ...]], *, types: tuple[str, ...] = ("goroutine",)) -> bytes:
    """Write a pprof protobuf with a location for each frame; of several sample types the last has the counts."""
    strings, locations = _Table(), _Table()
    _ = strings[""]
    out = b"".join(bytes_field(1, int_field(1, strings[name]) + int_field(2, strings["count"])) for name in types)
    for stack, count in samples.items():
        ids = b"".join(varint(locations[frame] + 1) for frame in stack)
        values = b"".join(map(varint, [7] * (len(types) - 1) + [count]))
        out += bytes_field(2, bytes_field(1, ids) + bytes_field(2, values))
    for (function, file, line), number in locations.numbers.items():
        out += bytes_field(4, int_field(1, number + 1) + bytes_field(4, int_field(1, number + 1) + int_field(2, line)))
        out += bytes_field(5, int_field(1, number + 1) + int_field(2, strings[function]) + int_field(4, strings[file]))
    out += b"".join(bytes_field(6, text.encode()) for text in strings.numbers)
    return out + int_field(9, 1_795_424_000_000_000_000) + bytes_field(11, int_field(1, strings.numbers[types[-1]]))


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value % 128 + 128]) + varint(value // 128)


def int_field(number: int, value: int) -> bytes:
    return varint(number * 8) + varint(value)


def bytes_field(number: int, data: bytes) -> bytes:
    return varint(number * 8 + 2) + varint(len(data)) + data


def decoded(message: bytes) -> dict[int, Any]:
    """Read a message of varints and texts."""
    fields: dict[int, Any] = {}
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(message):
        key = number()
        if key & 7 == 2:
            size = number()
            fields[key >> 3] = message[place : place + size]
            place += size
        else:
            fields[key >> 3] = number()
    return fields
