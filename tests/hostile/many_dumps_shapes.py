"""Bytes in which two things grow together: dumps with what each has for itself, one long text beside many short ones.

Work that is done for each dump, file or sample over something that all of them share shows here, and nowhere else.
"""

import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from itertools import count

from tests.hostile.binary_shapes import PROFILE_KIND, integer, message, varint
from tests.hostile.making import HEAD, Shape, numbered, repeated, up_to

_DISTINCT = "main.f{0}()\n\t/a.go:{0} +0x1\nmain.g{0}()\n\t/a.go:{0} +0x1\n"
_DUMP = ("goroutine 1 [running]:", "main.f()", "\t/a.go:1 +0x1")
_PROFILE_DUMP = ("goroutine profile: total 1", "1 @ 0x1 0x2", "#\t0x2\tmain.f+0x1\t/a.go:1", "?")


def streams(line: Callable[[int, str], str], dump: Iterable[str] = _DUMP) -> Shape:
    """Make a log of more streams the longer it is; each has dump after dump."""

    def shape(size: int) -> bytes:
        most = max(1, min(900, size // 2000))
        dumps = ("".join(line(number % most, text) for text in dump).encode() for number in count())
        return b"".join(up_to(size, dumps))

    return shape


def half_and_half(head: bytes, long: bytes, between: bytes, short: bytes) -> Shape:
    """Make one long text and, behind it, many short ones."""
    return lambda size: head + long * (size // 2 // len(long)) + between + short * (size // 2 // len(short))


def loki_streams(size: int) -> bytes:
    values = [["1", line] for line in (*_DUMP, "")] * 20
    result = [{"stream": {"pod": f"push-{number}"}, "values": values} for number in range(size // 1600)]
    return json.dumps({"data": {"result": result}}).encode()


MANY_DUMPS: dict[str, Shape] = {
    "dumps, stacks all distinct": numbered("goroutine 1 [running]:\n" + _DISTINCT + "\n", head=b""),
    "dumps, states all distinct": numbered("goroutine 1 [state {0}]:\nmain.f()\n\t/a.go:1 +0x1\n\n", head=b""),
    "dumps, attributes and labels all distinct": numbered(
        "goroutine 1 [select, {0} minutes, synctest bubble {0}] {{id: n{0}}}:\nmain.f()\n\t/a.go:1 +0x1\n\n", head=b""
    ),
    "dumps of level 2": numbered(
        "goroutine 1 gp=0xc000002380 m=0 mp=0x1 [running]:\n"
        + _DISTINCT.replace("+0x1\n", "+0x1 fp=0xc000 sp=0xc000 pc=0x48\n")
        + "\n",
        head=b"",
    ),
    "dumps, each with an issue": numbered("goroutine 1 [running]:\n" + _DISTINCT + "???\n" + _DISTINCT, head=b""),
    "dumps of leaks": numbered(
        "goroutine 1 [running]:\nruntime/pprof.writeGoroutineLeak({0})\n\t/a.go:{0}\n\n"
        "goroutine 2 [select (leaked)]:\n" + _DISTINCT + "\n",
        head=b"",
    ),
    "crashes": numbered("panic: {0}\n\ngoroutine {0} [running]:\n" + _DISTINCT + "exit status 2\n", head=b""),
    "crashes, each with threads": numbered(
        "SIGQUIT: quit\n\ngoroutine 1 [running]:\n" + _DISTINCT + "\n-----\n\nSIGQUIT: quit\n\n"
        "goroutine 1 [running]:\n" + _DISTINCT + "\npanic: x\n\n",
        head=b"",
    ),
    "crashes with forged goroutines": numbered(
        "panic: goroutine {0} [running]:\n\ngoroutine {0} [running]:\n\n", head=b""
    ),
    "goroutines and none in turn": repeated(b"goroutine 1 [x]:\n\ngoroutine \n\n", head=b""),
    "debug=1, dumps": numbered(
        "goroutine profile: total 1\n1 @ 0x1 0x{0:x}\n#\t0x{0:x}\tmain.f{0}+0x1\t/a.go:1\n\n", head=b""
    ),
    "debug=1, dumps with issues": numbered(
        "goroutine profile: total 2\n1 @ 0x1 0x{0:x}\n#\t0x{0:x}\tmain.f{0}+0x1\t/a.go:1\n?\n\n", head=b""
    ),
    "debug=1 and debug=2 in turn": numbered(
        "goroutine profile: total 1\n1 @ 0x1 0x{0:x}\n#\t0x{0:x}\tmain.f{0}+0x1\t/a.go:1\n\n"
        "goroutine 1 [state {0}]:\nmain.f{0}()\n\t/a.go:1\n\n",
        head=b"",
    ),
    "compose, streams of dumps": streams(lambda number, line: f"push-{number}  | {line}\n"),
    "compose, streams of debug=1": streams(lambda number, line: f"push-{number}  | {line}\n", _PROFILE_DUMP),
    "pod, streams of dumps": streams(lambda number, line: f"[pod/push-{number}/push] {line}\n"),
    "journal, streams of dumps": streams(lambda number, line: f"Nov 23 09:10:45 node-3 push[{number}]: {line}\n"),
    "prefixes, streams of dumps": streams(lambda number, line: f"push-{number} server: {line}\n"),
    "JSON lines, streams of dumps": streams(
        lambda number, line: json.dumps({"log": f"{line}\n", "pod": f"push-{number}"}) + "\n"
    ),
    "JSON lines of HTML, streams of dumps": streams(
        lambda number, line: json.dumps({"log": f"<pre>{line}</pre>\n", "pod": f"push-{number}"}) + "\n"
    ),
    "JSON, Loki streams of dumps": loki_streams,
    "a long call, then other lines": half_and_half(HEAD + b"goroutine 2 [select]:\nmain.", b"f", b"(0x1)\n", b"\t?\n"),
    "a long creator, then other lines": half_and_half(
        HEAD + b"goroutine 2 [select]:\nmain.f()\n\t/a.go:1\ncreated by main.", b"f", b"\n", b"\t?\n"
    ),
    "src/ in a path": repeated(b"/src/a", head=HEAD + b"goroutine 2 [select]:\nruntime.f()\n\t", end=b".go:1\n"),
    "versions of Go in a path": repeated(
        b"/go1.2", head=HEAD + b"goroutine 2 [select]:\nruntime.f()\n\t", end=b".go:1\n"
    ),
}

# -- profiles: all is named by its number -----------------------------------------------------------------------------

_NAMED = message(6, b"") + message(6, b"goroutine") + message(6, b"count")
_LINES = 100


def _function_at(number: int, name: int) -> bytes:
    """Return a function and a location in it."""
    location = message(4, integer(1, number) + message(4, integer(1, number)))
    return message(5, integer(1, number) + integer(2, name)) + location


def one_label_of_all_samples(size: int) -> bytes:
    samples = (message(2, integer(2, 1) + message(3, integer(1, 3) + integer(3, number))) for number in count(1))
    return PROFILE_KIND + b"".join(up_to(size // 2, samples)) + _NAMED + message(6, b"k" * (size // 2))


def one_name_of_all_functions(size: int) -> bytes:
    functions = (_function_at(number, 3) + message(2, integer(2, 1) + integer(1, number)) for number in count(1))
    return PROFILE_KIND + b"".join(up_to(size // 2, functions)) + _NAMED + message(6, b"f" * (size // 2))


def _two_of_many(number: int) -> bytes:
    """Return two locations, other ones for each number."""
    return varint(2 + number % _LINES) + varint(2 + number // _LINES % _LINES)


def _names() -> bytes:
    return b"".join(message(6, b"main.f%d" % number) for number in range(_LINES))


def one_name_in_all_stacks(size: int) -> bytes:
    functions = b"".join(_function_at(number, 2 + number) for number in range(1, _LINES + 2))
    samples = (message(2, integer(2, 1) + message(1, b"\x01" + _two_of_many(number))) for number in count())
    long_name = message(6, b"f" * (size // 2))
    return PROFILE_KIND + functions + b"".join(up_to(size // 2, samples)) + _NAMED + long_name + _names()


def one_deep_location_in_all_stacks(size: int) -> bytes:
    line = message(4, integer(1, 1) + integer(2, 7))
    deep = message(4, integer(1, 1) + line * (size // 2 // len(line)))
    functions = b"".join(_function_at(number, 1 + number) for number in range(2, _LINES + 2))
    samples = (message(2, integer(2, 1) + message(1, _two_of_many(number) + b"\x01")) for number in count())
    return PROFILE_KIND + deep + functions + b"".join(up_to(size // 2, samples)) + _NAMED + _names()


def one_long_kind(size: int) -> bytes:
    return message(1, integer(1, 3) + integer(2, 2)) * 9 + _NAMED + message(6, b"\n" * size)


# -- archives: each file has what is told about all of them -----------------------------------------------------------


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return held.getvalue()


def dumps_of(size: int) -> list[tuple[str, bytes]]:
    return [(f"{number:06}.txt", HEAD) for number in range(size // 170)]


def long_text_for_all_files(size: int) -> bytes:
    series = json.dumps({"service": "s" * (size // 2), "snapshots": []}).encode()
    return zipped([("series.json", series), *dumps_of(size // 2)])


def entries_for_all_files(size: int) -> bytes:
    entries = [{"n": number, "unix": 1795424023 + number} for number in range(size // 2 // 35)]
    return zipped([("series.json", json.dumps({"snapshots": entries}).encode()), *dumps_of(size // 2)])


def sidecar_of_each_file(size: int) -> bytes:
    told = json.dumps({"time": "2026-11-23T09:10:45Z"}).encode()
    return zipped(pair for name, dump in dumps_of(size // 2) for pair in ((name, dump), (f"{name}.json", told)))


def dumps_in_each_file(size: int) -> bytes:
    pieces = (f"goroutine 1 [state {n}]:\nmain.f{n}()\n\t/a.go:{n} +0x1\n\n".encode() * 3 for n in count())
    return zipped((f"{number:06}.txt", data) for number, data in enumerate(up_to(size // 2, pieces)))


def one_file_listed_often(size: int) -> bytes:
    one = zipped([("a.txt", HEAD * (size // 2 // len(HEAD)))])
    start, end = one.rindex(b"PK\x01\x02"), one.rindex(b"PK\x05\x06")
    often = size // 2 // (end - start)
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, often % 65536, often % 65536, often * (end - start), start, 0)
    return one[:start] + one[start:end] * often + tail


def files_in_a_long_name(size: int) -> bytes:
    inner = zipped(dumps_of(size // 2))
    info = tarfile.TarInfo("a" * (size // 2) + ".zip")
    info.size = len(inner)
    return info.tobuf(tarfile.PAX_FORMAT) + inner.ljust(-(-len(inner) // 512) * 512, b"\0") + bytes(1024)


def headers_for_all_files(size: int) -> bytes:
    return told_of_all_files(size, {f"k{number}": "v" for number in range(size // 2 // 12)})


def path_of_all_files(size: int) -> bytes:
    return told_of_all_files(size, {"path": "a" * (size // 2)})


def told_of_all_files(size: int, told: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT, pax_headers=told) as archive:
        for number in range(size // 2 // 2048):
            info = tarfile.TarInfo(f"{number}.txt")
            info.size, info.pax_headers = len(HEAD), {"comment": "x"}
            archive.addfile(info, io.BytesIO(HEAD))
    return held.getvalue()


def headers_of_headers(size: int) -> bytes:
    info = tarfile.TarInfo("a.txt")
    info.pax_headers = {"comment": "x"}
    header = info.tobuf(tarfile.PAX_FORMAT)[:-512]
    return header * (size // len(header)) + info.tobuf(tarfile.USTAR_FORMAT) + bytes(1024)


NAMED_BY_NUMBER: dict[str, Shape] = {
    "protobuf, one label of all samples": one_label_of_all_samples,
    "protobuf, one name of all functions": one_name_of_all_functions,
    "protobuf, one name in all stacks": one_name_in_all_stacks,
    "protobuf, one deep location in all stacks": one_deep_location_in_all_stacks,
    "protobuf, one long kind": one_long_kind,
}

TOLD_OF_MANY: dict[str, Shape] = {
    "zip, a long text for all files": long_text_for_all_files,
    "zip, an entry for each file": entries_for_all_files,
    "zip, a sidecar of each file": sidecar_of_each_file,
    "zip, dumps in each file": dumps_in_each_file,
    "zip, one file listed often": one_file_listed_often,
    "tar of a zip with a long name": files_in_a_long_name,
    "tar, headers for all files": headers_for_all_files,
    "tar, a path of all files": path_of_all_files,
    "tar, headers of headers": headers_of_headers,
}

TWO_WAYS: dict[str, Shape] = MANY_DUMPS | NAMED_BY_NUMBER | TOLD_OF_MANY
