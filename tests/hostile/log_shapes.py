"""Text nearly as a log pipeline wraps dumps: for each wrapper what its pattern almost matches."""

import json

from tests.hostile.making import COUNTED, HEAD, Shape, numbered, repeated


def json_depth(size: int) -> bytes:
    return b'{"log":' * (size // 7) + b'"goroutine 1 [running]:\\n"'


def json_records(size: int) -> bytes:
    record = json.dumps({"log": "goroutine 1 [running]:\n", "stream": "stderr"}).encode()
    return (record + b"\n") * (size // len(record))


def json_bytes_as_numbers(size: int) -> bytes:
    numbers = ",".join(map(str, HEAD))
    return f'{{"MESSAGE":[{",".join([numbers] * (size // len(numbers)))}]}}\n'.encode()


def json_arrays_in_one_line(size: int) -> bytes:
    record = b'{"line":"goroutine 1 [running]:"},'
    return b"[" + record * (size // len(record)) + b'{"line":""}]'


LOGS: dict[str, Shape] = {
    "near UTF-16": repeated(b"\n\xff\xfe"),
    "near colours": repeated(b"\x1b[", head=HEAD),
    "colours without end": repeated(b"0;", head=HEAD + b"\x1b["),
    "title sequences": repeated(b"\x1b]", head=HEAD),
    "colours": repeated(b"\x1b[31mgoroutine 2 [running]:\x1b[0m\n"),
    "near colours as text": repeated(b"^[[", head=HEAD),
    "near CRI": repeated(b"2026-11-23T09:10:45.416123789+08:00 stderr X a\n"),
    "CRI, partial only": repeated(b"2026-11-23T09:10:45.416123789+08:00 stderr P goroutine 1 [running]:\n", head=b""),
    "CRI, tags without end": repeated(
        b":a",
        head=b"2026-11-23T09:10:45.416Z stderr F goroutine 1 [running]:\n" * 9 + b"2026-11-23T09:10:45.416Z stderr F",
    ),
    "near compose": repeated(b"push-1  : goroutine 1 [running]:\n", head=b""),
    "compose, names without end": repeated(b"a.", head=b"push-1  | goroutine 1 [running]:\n"),
    "compose, spaces without end": repeated(b"push" + b" " * 2000 + b"!\n", head=b"push-1  | goroutine 1 [running]:\n"),
    "compose, names all distinct": numbered("push-{0}  | goroutine 1 [running]:\n", head=b""),
    "near pod": repeated(b"[pod/push/push goroutine 1 [running]:\n", head=b""),
    "near gh run": repeated(b"test\tgo\tgoroutine 1 [running]:\n", head=b""),
    "gh run, TABs without end": repeated(
        b"a\t", head=b"test\tRun\t2026-11-23T09:10:45.4161230Z goroutine 1 [running]:\n"
    ),
    "near syslog": repeated(b"<14>1 2026-11-23T09:10:45.416123Z node-3 push 4242 - goroutine 1 [running]:\n", head=b""),
    "syslog, data without end": repeated(b"[a\\]", head=b"goroutine 1 [running]:\n<14>1 t node-3 push 4242 - "),
    "syslog, one word": repeated(b"x ", head=b"goroutine 1 [running]:\n<14>1 "),
    "near journal": repeated(b"Nov 23 09:10:45 node-3 push[4242] goroutine 1 [running]:\n", head=b""),
    "journal, spaces": repeated(
        b" " * 40 + b"main.main()\n", head=b"Nov 23 09:10:45 node-3 push[42]: goroutine 1 [running]:\n"
    ),
    "journal, words without end": repeated(b"[a]", head=b"goroutine 1 [running]:\nNov 23 09:10:45 node-3 push"),
    "journal, brackets without end": repeated(b"[", head=b"goroutine 1 [running]:\n[ "),
    "near timestamp": repeated(b"2026-11-23T09:10:45.416123Zgoroutine 1 [running]:\n", head=b""),
    "timestamps": repeated(b"2026-11-23T09:10:45.416123Z ", head=HEAD),
    "timestamps and files": repeated(b"2026/11/23 09:10:45 aaaaaaaaaaaaaaaa.go:x goroutine 1 [running]:\n", head=b""),
    "near labels": repeated(b'{pod="push-0" goroutine 1 [running]:\n', head=b""),
    "labels without end": repeated(b'"} {a="', head=b'goroutine 1 [running]:\n{pod="'),
    "near klog": repeated(b"I1123 09:10:45.416123    4242 signal.go:33 goroutine 1 [running]:\n", head=b""),
    "klog, colons": repeated(b"a:1:", head=b"goroutine 1 [running]:\nI1123 09:10:45.416123    4242 "),
    "near JSON lines": repeated(b'{"log":"goroutine 1 [running]:\\n","stream":"stderr"\n', head=b""),
    "JSON lines": json_records,
    "JSON depth": json_depth,
    "JSON arrays deep": repeated(b"[", head=b'{"log":"goroutine 1 [running]:\\n","a":'),
    "JSON, opening braces on lines": repeated(b'{"\n', head=b'{"log":"goroutine 1 [running]:\\n"}\n'),
    "JSON, one array in one line": json_arrays_in_one_line,
    "JSON, bytes as numbers": json_bytes_as_numbers,
    "JSON, documents that break late": repeated(b'{"log": "goroutine 1 \n', head=b'{\n"log":"a"}\n'),
    "JSON, numbers of many digits": repeated(b"9", head=b'{"log":"goroutine 1 [running]:\\n","n":', end=b"}\n"),
    "HTML": repeated(b"<pre>goroutine 1 [running]:\n", head=b"<html>"),
    "HTML, tags without end": repeated(b"<a ", head=b"<html><pre>goroutine 1 [running]:\n"),
    "HTML, pre without end": repeated(b"<pre ", head=b"<html><pre>goroutine 1 [running]:\n"),
    "HTML entities": repeated(b"&amp;lt;", head=b"<html><pre>goroutine 1 [running]:\n", end=b"</pre>"),
    "HTML, entities without end": repeated(b"&#1", head=b"<html><pre>goroutine 1 [running]:\n", end=b"</pre>"),
    "HTML, an entity of many digits": repeated(b"9", head=b"<html><pre>goroutine 1 [running]:\n&#", end=b";</pre>"),
    "HTTP heads": repeated(b"HTTP/1.1 200 OK\nA: b\n\n", head=b"", end=HEAD),
    "HTTP head without end": repeated(b"A: b\n", head=b"HTTP/1.1 200 OK\n", end=HEAD),
    "near escapes": repeated(b'msg="goroutine 1 [running]:\\n\n', head=b""),
    "escapes of escapes": repeated(b"\\\\n", head=b'msg="goroutine 1 [running]:\\n', end=b'"\n'),
    "escapes in one line": repeated(b"goroutine 1 [running]:\\nmain.main()\\n\\t/a.go:1\\n", head=b""),
    "strings in one line": repeated(b'msg="goroutine 1 [running]:\\n"', head=b""),
    "octal escapes": repeated(b"#012#011", head=b"goroutine 1 [running]:"),
    "prefixes all distinct": numbered("word{0}x goroutine 1 [running]:\n", head=b""),
    "prefixes of digits": numbered("{0}: goroutine 1 [running]:\n", head=b""),
    "prefixes of spaces": lambda size: b"".join(
        b" " * (number % 190) + b"goroutine 1 [running]:\n" for number in range(size // 117)
    ),
    "glued headers": repeated(b"x goroutine 1 [running]:\nmain.main()\n\t/a.go:1\n", head=b""),
    "glued headers without end": repeated(b"x goroutine 1 [running]:\nmain.", head=b""),
    "glued calls": repeated(b"(", head=b"x goroutine 1 [running]:\nmain.f"),
    "trailing space": repeated(b"main.f() \t \t\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "space without end": repeated(b" ", head=HEAD + b"goroutine 2 [select]:\nmain.f()"),
    "doubled lines": repeated(b"goroutine 1 [running]:\n\nmain.main()\n\n\t/a.go:1\n\n", head=b""),
    "near spaces for TAB": repeated(b"        /srv/main.go:x\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "spaces for TAB": repeated(b"main.f()\n        /srv/main.go:1\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "colons behind spaces": repeated(b":1 +0x1", head=HEAD + b"goroutine 2 [select]:\nmain.f()\n    /a"),
    "columns of spaces": repeated(b"#  0x1  f+0x1  ", head=COUNTED + b"1 @ 0x1 0x2\n"),
}
