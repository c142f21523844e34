"""What the fuzzer begins with: small real dumps, and one honest example of everything else."""

import base64
import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache

from tests.corpus.files import DUMPS, ROOT, content
from tests.fuzz.canned import NEXT_ANSWER
from tests.fuzz.folders import KEPT
from tests.fuzz.targets import REPEAT, Target
from tests.fuzz.words import LINES, WRAPPERS

CHOICES = (b"\0", b"\1", b"\7", b"\x40", b"\xff")
"""First bytes: they choose a size, a file or a status where a target takes one from there."""

DUMP = b"goroutine 1 [select, 5 minutes] {role: ack}:\nmain.wait(0x1)\n\t/srv/a.go:7 +0x1\n"
DEBUG1 = b'goroutine profile: total 2\n2 @ 0x1 0x2\n# labels: {"role":"ack"}\n#\t0x1\tmain.ack+0x1d\t/srv/main.go:9\n'
TYPE = {"name": "goroutine", "sampleType": "goroutine", "sampleUnit": "count", "periodType": "goroutine", "periodUnit": "count"}  # fmt: skip # noqa: E501
AT_MS, AT_NS = "1772355600000", "1772355600000000000"


def seeds_of(target: Target) -> Iterator[bytes]:
    """Yield the first inputs of a target."""
    made = _OWN.get(target.name, _texts)
    yield b""
    yield from (data for data in made() if len(data) <= target.max_bytes)


@cache
def _dumps() -> tuple[bytes, ...]:
    found = [content(path) for path in sorted(DUMPS.rglob("*")) if path.is_file() and path.suffix in {".txt", ".log", ".md", ".html"}]  # fmt: skip # noqa: E501
    return tuple(dict.fromkeys([DUMP, DEBUG1, *(data for data in found if len(data) <= 4096)]))


@cache
def _profiles() -> tuple[bytes, ...]:
    return tuple(content(path) for path in sorted(DUMPS.rglob("*.pb.gz")))


def _texts() -> Iterator[bytes]:
    yield from _dumps()


def _chosen() -> Iterator[bytes]:
    yield from (choice + data for data in _dumps() for choice in CHOICES[:3])


def _counted() -> Iterator[bytes]:
    yield from (data for data in _dumps() if b" @ 0x" in data)


def _lines() -> Iterator[bytes]:
    yield from (*LINES, *WRAPPERS)


def _repeated() -> Iterator[bytes]:
    for unit in (*LINES, *WRAPPERS):
        for head in (b"", DUMP, DEBUG1):
            yield b"\1" + head + REPEAT + unit + REPEAT + DUMP


def _labels() -> Iterator[bytes]:
    yield from (
        b'{client: "c-17", role: ack}',
        rb'{"bad":"\xff", "u":"\u00e9\U0001f600"}',
        b'{"role":"ack"}',
        b"{: , a: }",
    )


def _metrics() -> Iterator[bytes]:
    yield b'# TYPE go_goroutines gauge\ngo_goroutines 288\ngo_info{version="go1.27.3"} 1\nx{a="b"} 1.5e+06 1795424023\n'


def _choices() -> Iterator[bytes]:
    """For the strategy of printed dumps: bytes that are only chosen from."""
    chance = random.Random(0)  # noqa: S311 - nothing secret
    yield from (chance.randbytes(256 << number % 4) for number in range(40))


def _archives() -> Iterator[bytes]:
    plain, profile = DUMP * 3, _profiles()[0]
    names = {"host/01.goroutine.debug2.txt": plain, "host/01.goroutine.debug2.txt.json": _sidecar(), "2.pb.gz": gzip.compress(profile)}  # fmt: skip # noqa: E501
    zipped = _zip(names)
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        yield _tar(names, mode)
    yield from (zipped, _zip({"in.zip": zipped}), _zip({"in.tar.gz": _tar(names, "w:gz")}), zipped[:-30])
    long = random.Random(0).randbytes(3000) * 100  # noqa: S311 - more than the limit, but no bomb
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        yield from (pack(plain), pack(pack(plain)), pack(plain)[:-9], pack(plain) + b"\0" * 9 + pack(plain))
        yield from (pack(b"a" * 300_000), pack(long))
    yield from (_zip({"1.txt": long}), _zip({f"{number}.txt": long[:200_000] for number in range(4)}))


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 9, 0, 0)), data)
    return out.getvalue()


def _tar(files: dict[str, bytes], mode: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1772355600
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _read() -> Iterator[bytes]:
    yield from (*_dumps(), *map(gzip.compress, _profiles()), *_archives(), *_metrics())


def _sidecar() -> bytes:
    told = {
        "captured_at": "2026-03-01T09:00:00Z",
        "captured_at_from": "caller",
        "service": "push",
        "instance": "push-0",
    }
    return json.dumps(told | {"source": "http://10.0.0.7:6060", "truncated": True, "note": "cut"}).encode()


def _sidecars() -> Iterator[bytes]:
    yield _sidecar()
    yield json.dumps(
        {"snapshots": [{"n": 1, "time": "2026-03-01T09:00:00Z", "unix": 1772355600.5}], "service": "push"}
    ).encode()
    yield b'{"snapshots": [{"file": "01.goroutine.debug2.txt.gz", "captured_at": 1772355600000}]}'
    yield b'{"sidecar_version": 1, "captured_at": null}'


def _names() -> Iterator[bytes]:
    yield from (
        b"2026-11-23T09-10-45.265Z.txt",
        b"2026-11-23/09-10-45/1.txt",
        b"20261123T091045+0100",
        b"1795424023265",
    )
    yield from (b"Sun, 01 Mar 2026 09:00:00 GMT", b"2h", b"1d12h", b"2026-11-23 10:00+05:30", b"0.5s")


def _addresses() -> Iterator[bytes]:
    yield from (
        b"http://me:pw@10.0.0.7:6060/debug/pprof/?token=abc",
        b"s3://k:s@bucket/a/*.pb.gz",
        b"[::1]:6060/pods/x:1/proxy/",
    )


def _answers() -> Iterator[bytes]:
    body = b"<tr><td>288</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>"
    for status in range(12):
        yield bytes([status]) + b"Content-Type: text/html\nX-Go-Pprof: 1\n\n" + body
        yield (
            bytes([status])
            + b'\n\n{"status":"error","errorType":"bad_data","error":"parse error","code":"x","message":"no org id"}'
        )


def _prometheus() -> Iterator[bytes]:
    series = {
        "metric": {"__name__": "go_goroutines", "job": "push"},
        "values": [[1772355600.5, "288"], [1772355615, "NaN"]],
    }
    matrix = _success({"resultType": "matrix", "result": [series]})
    labels = {"labels": {"job": "push", "pod": "push-0"}, "discoveredLabels": {"__address__": "10.0.0.7:8080"}}
    more = {
        "scrapeUrl": "http://10.0.0.7:8080/metrics",
        "health": "up",
        "lastError": "",
        "lastScrape": "2026-03-01T09:00:00.1Z",
    }
    yield from (
        matrix,
        _success({"activeTargets": [labels | more]}),
        b'{"status":"error","errorType":"timeout","error":"too many"}',
    )


def _success(data: object) -> bytes:
    return json.dumps({"status": "success", "data": data, "warnings": ["w"]}).encode()


def _loki() -> Iterator[bytes]:
    lines = [[AT_NS, line] for line in DUMP.decode().splitlines()]
    lines[0] = [*lines[0], {"structuredMetadata": {"pod": "push-0"}}]
    yield _success(
        {"resultType": "streams", "result": [{"stream": {"app": "push", "stream": "stderr"}, "values": lines}]}
    )
    yield _success({"resultType": "matrix", "result": []})


def _pyroscope() -> Iterator[bytes]:
    types = json.dumps({"profileTypes": [{"ID": "goroutine:goroutine:count:goroutine:count"}]}).encode()
    pairs = [{"name": "service_name", "value": "push"}, {"name": "pod", "value": "push-0"}]
    series = json.dumps({"series": [{"labels": pairs, "points": [{"timestamp": AT_MS, "value": 288}]}]}).encode()
    for profile in _profiles():
        inner = b"\x0a" + _size(profile) + profile
        yield NEXT_ANSWER.join((types, series, b"\x2a" + _size(inner) + inner))
    yield NEXT_ANSWER.join((types, series, b"\x2a\x02\x0a\x00"))


def _size(data: bytes) -> bytes:
    return bytes([len(data) & 0x7F | 0x80, len(data) >> 7 & 0x7F | 0x80, len(data) >> 14])


def _parca() -> Iterator[bytes]:
    labels = {"labels": [{"name": "job", "value": "push"}, {"name": "pod", "value": "push-0"}]}
    samples = [{"timestamp": "2026-03-01T08:59:59.5Z", "value": "288"}]
    types = json.dumps({"types": [TYPE]}).encode()
    series = json.dumps({"series": [{"labelset": labels, "samples": samples}]}).encode()
    for body in (DEBUG1, *map(gzip.compress, _profiles())):
        yield NEXT_ANSWER.join((types, series, json.dumps({"pprof": base64.b64encode(body).decode()}).encode()))


def _recordings() -> Iterator[bytes]:
    files = sorted(path for path in KEPT.rglob("*") if path.is_file())
    for number in range(len(files) + 1):
        yield from (bytes([number]) + path.read_bytes() for path in files[number - 1 : number + 1])


def _catalogues() -> Iterator[bytes]:
    for path in sorted((ROOT / "src" / "gostack_nb" / "catalogue").glob("*.toml")):
        entries = path.read_text().split("[[entry]]")[1:]
        yield from (f"[[entry]]{entry}".encode() for entry in entries[:8])


def _places() -> Iterator[bytes]:
    yield from (b"{zone}/{build}-*.txt", b"*/v1-*", b"**", b"{zone}/{build}-{zone}.txt", b"[ab]/*", b"a/v1-a.txt")


def _filters() -> Iterator[bytes]:
    yield b'ackLoop state:"chan receive" function=main.f function:/ack|read/ package:net/http wait>=5'
    yield rb'label:role=ack label:"a b":/x.*/ snapshot:latest line:push.go:41 no:state no:label:role stack:"\u00e9"'


def _redactions() -> Iterator[bytes]:
    yield from (
        b"http://push.corp:6060/x",
        b"dial 10.1.2.3:80 fe80::1%eth0",
        b"C:\\Users\\Eve May\\z.go\n/home/ada/x.go",
    )
    yield b'main.F[git.acme.example/push.T]\nprod/push-7d9f\nlogs {namespace="prod",pod="push-0"}\n\\\\share\\x'


_OWN: dict[str, Callable[[], Iterator[bytes]]] = {
    "tracebacks": _chosen,
    "parts": _chosen,
    "printed": _choices,
    "counted": _counted,
    "profile": lambda: iter(_profiles()),
    "repeated": _repeated,
    "read": _read,
    "archives": _archives,
    "lines": _lines,
    "labels": _labels,
    "metrics": _metrics,
    "sidecar": _sidecars,
    "names": _names,
    "addresses": _addresses,
    "answers": _answers,
    "prometheus": _prometheus,
    "loki": _loki,
    "pyroscope": _pyroscope,
    "parca": _parca,
    "recording": _recordings,
    "catalogue": _catalogues,
    "places": _places,
    "table": lambda: iter((b"source,zone\n/srv/1.txt,a\n", b'pprof_url,"b ""x"""\nhttp://h:1/,"a\nb"\n')),
    "filter": _filters,
    "redaction": _redactions,
}
