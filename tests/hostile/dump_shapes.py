"""Text like dumps, made to be slow to read."""

import random

from tests.hostile.making import COUNTED, HEAD, Shape, numbered, repeated


def random_bytes(size: int) -> bytes:
    return HEAD + random.Random(7).randbytes(size)  # noqa: S311 - the same each time


def random_grammar(size: int) -> bytes:
    """Return the tokens of a dump in any order."""
    chance = random.Random(7)  # noqa: S311 - the same each time
    tokens = [b"goroutine 1 [", b"]:\n", b"{", b"}", b"(", b")\n", b"\n\t", b"/a.go:1", b" +0x1", b"created by ", b"\n"]
    return HEAD + b"".join(chance.choices(tokens, k=size // 6))


DUMPS: dict[str, Shape] = {
    "endless line": repeated(b"x"),
    "only newlines": repeated(b"\n"),
    "newlines before all": repeated(b"\n", head=b"", end=HEAD),
    "spaces": repeated(b" "),
    "TABs": repeated(b"\t"),
    "lines of one TAB": repeated(b"\t\n"),
    "CR only": repeated(b"\r"),
    "CR CR LF": repeated(b"\r\r\n"),
    "lone CR as line end": repeated(HEAD.replace(b"\n", b"\r")),
    "NULs": repeated(b"\0"),
    "UTF-16 without end": repeated("goroutine 1 [running]:\n".encode("utf-16-le"), head=b"\xff\xfe"),
    "byte order marks": repeated(b"\n\xef\xbb\xbf"),
    "any bytes": random_bytes,
    "tokens in any order": random_grammar,
    "headers without bodies": numbered("goroutine {0} [running]:\n", head=b""),
    "headers without bodies, parted": numbered("goroutine {0} [running]:\n\n", head=b""),
    "one id again and again": repeated(b"goroutine 7 [running]:\nmain.f()\n\t/a.go:1 +0x1\n\n", head=b""),
    "no end of running": numbered("goroutine {0} [running]:\nmain.f()\n\t/a.go:1 +0x1\n\n", head=b""),
    "header without end": repeated(b"y", head=HEAD + b"goroutine 2 [select, "),
    "headers cut": repeated(b"goroutine 2 [sel\n"),
    "headers begun": repeated(b"goroutine 2"),
    "header begun on each line": repeated(b"goroutine 2\n"),
    "goroutine in one line": repeated(b"goroutine "),
    "goroutine 1 [ in one line": repeated(b"goroutine 1 ["),
    "whole headers in one line": repeated(b"goroutine 1 [running]: "),
    "gp= in one line": repeated(b"goroutine 1 gp=0xc000 m=0 ["),
    "brackets": repeated(b"[", head=HEAD + b"goroutine 2 "),
    "closing brackets": repeated(b"]:", head=HEAD + b"goroutine 2 [running"),
    "commas in a bracket": repeated(b", ", head=HEAD + b"goroutine 2 [select", end=b"]:\n"),
    "marks in a bracket": repeated(b", locked to thread", head=HEAD + b"goroutine 2 [select", end=b"]:\n"),
    "a billion minutes": numbered("goroutine {0} [select, 1000000000 minutes]:\nmain.f()\n\t/a.go:1 +0x1\n\n"),
    "minutes of many digits": repeated(b"9", head=HEAD + b"goroutine 2 [select, ", end=b" minutes]:\n"),
    "minutes beyond 64 bits": numbered("goroutine {0} [select, 99999999999999999999 minutes]:\nmain.f()\n\t/a.go:1\n"),
    "an id of a million digits": repeated(b"9", head=HEAD + b"goroutine ", end=b" [select]:\n"),
    "ids of 30 digits": numbered("goroutine {0:030} [select]:\nmain.f()\n\t/a.go:1 +0x1\n\n"),
    "a creator of many digits": repeated(b"9", head=HEAD + b"created by main.f in goroutine ", end=b"\n\t/a.go:1\n"),
    "labels deep": repeated(b"{a:", head=HEAD + b"goroutine 2 [select] "),
    "labels deep and closed": lambda size: (
        HEAD + b"goroutine 2 [select] " + b"{a:" * (size // 5) + b"}" * (size // 5) + b":\n"
    ),
    "labels many": numbered("k{0}: v, ", head=HEAD + b"goroutine 2 [select] {", end=b"z: z}:\nmain.f()\n\t/a.go:1\n"),
    "labels of one key": repeated(
        b"k: v, ", head=HEAD + b"goroutine 2 [select] {", end=b"z: z}:\nmain.f()\n\t/a.go:1\n"
    ),
    "label of megabytes": repeated(b"v", head=HEAD + b"goroutine 2 [select] {k: ", end=b"}:\nmain.f()\n\t/a.go:1\n"),
    "label of escapes": repeated(
        b"\\xff", head=HEAD + b'goroutine 2 [select] {k: "', end=b'"}:\nmain.f()\n\t/a.go:1\n'
    ),
    "labels distinct": numbered("goroutine {0} [select] {{id: n{0}}}:\nmain.f()\n\t/a.go:1 +0x1\n\n"),
    "labels of go1.26 without end": repeated(b"labels:{", head=HEAD + b"goroutine 2 [select "),
    "]: { in a header": repeated(b"]: {", head=HEAD + b"goroutine 2 [select"),
    "} : in labels": repeated(b"}: ", head=HEAD + b"goroutine 2 [select] {"),
    "quotes never closed": repeated(b'a "', head=HEAD + b'goroutine 2 [select] {k: "'),
    "a quote on each line": repeated(b'"\n'),
    "backslashes": repeated(b"\\", head=HEAD + b'goroutine 2 [select] {k: "'),
    "( never closed": repeated(b"(", head=HEAD + b"goroutine 2 [select]:\nmain.f"),
    "( on lines": repeated(b"main.f(\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "({ in one line": repeated(b"({0x1, ", head=HEAD + b"goroutine 2 [select]:\nmain.f"),
    ")( in one line": repeated(b")(0x1", head=HEAD + b"goroutine 2 [select]:\nmain.f"),
    "names of types without end": repeated(b"}", head=HEAD + b"goroutine 2 [select]:\ntype:.eq."),
    "go:struct in one line": repeated(b"go:struct {} ", head=HEAD + b"goroutine 2 [select]:\n"),
    "a function of megabytes": repeated(b"f", head=HEAD + b"goroutine 2 [select]:\nmain.", end=b"(0x1)\n\t/a.go:1\n"),
    "a path of megabytes": repeated(b"/d", head=HEAD + b"goroutine 2 [select]:\nmain.f()\n\t", end=b".go:1 +0x1\n"),
    "colons in a path": repeated(b":1", head=HEAD + b"goroutine 2 [select]:\nmain.f()\n\t/a", end=b"\n"),
    "offsets in a path": repeated(b":1 +0x1", head=HEAD + b"goroutine 2 [select]:\nmain.f()\n\t/a", end=b"!\n"),
    "fp= without end": repeated(b" fp=0x1 sp=0x2 pc=0x3", head=HEAD + b"goroutine 2 [select]:\nmain.f()\n\t/a.go:1"),
    "one deep stack": repeated(b"main.f(0x1)\n\t/a.go:1 +0x1\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "one deep stack, all distinct": numbered("main.f{0}(0x1)\n\t/a.go:{0} +0x1\n", head=b"goroutine 2 [select]:\n"),
    "calls without places": repeated(b"main.f(0x1)\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "places without calls": repeated(b"\t/a.go:1 +0x1\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "broken lines in a stack": repeated(b"???\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "stacks all distinct": numbered("goroutine {0} [select]:\nmain.f{0}()\n\t/a.go:{0} +0x1\n\n"),
    "states all distinct": numbered("goroutine {0} [state {0}]:\nmain.f()\n\t/a.go:1 +0x1\n\n"),
    "broken goroutines": numbered("goroutine {0} [select]:\nmain.f(\n\n"),
    "ancestors": numbered("[originating from goroutine {0}]:\nmain.f()\n\t/a.go:1 +0x1\n"),
    "ancestors without bodies": numbered("[originating from goroutine {0}]:\n"),
    "created by without end": repeated(b"created by ", head=HEAD),
    "chains of created by": numbered("created by main.f{0} in goroutine {0}\n\t/a.go:1 +0x1\n"),
    "created by, spaces in the name": repeated(b" ", head=HEAD + b"created by main.f", end=b"x\n\t/a.go:1\n"),
    "no-break spaces": repeated(b"\xc2\xa0", head=HEAD + b"goroutine 2 [select]:\nmain.f()\n"),
    "wrappers of one function": repeated(b"-fm", head=HEAD + b"goroutine 2 [select]:\nmain.f", end=b"x()\n\t/a.go:1\n"),
    "closures of closures": repeated(b".func1", head=HEAD + b"goroutine 2 [select]:\nmain.f", end=b"()\n\t/a.go:1\n"),
    "types of types": repeated(b"[a.b", head=HEAD + b"goroutine 2 [select]:\nmain.f", end=b"()\n\t/a.go:1\n"),
    "dots in a name": repeated(b".", head=HEAD + b"goroutine 2 [select]:\nmain.f", end=b"()\n\t/a.go:1\n"),
    "versions in a path": repeated(b"/v2", head=HEAD + b"goroutine 2 [select]:\nexample.com", end=b".f()\n\t/a.go:1\n"),
    "in goroutine in one line": repeated(b" in goroutine 1", head=HEAD + b"created by main.f"),
    "frames elided": repeated(b"...1 frames elided...\n"),
    "frames elided of many digits": repeated(b"9", head=HEAD + b"...", end=b" frames elided...\n"),
    "panics": repeated(b"panic: x\n"),
    "panics in brackets": repeated(b"\tpanic: x [recovered]\n", head=b"panic: y\n", end=b"\n" + HEAD),
    "a panic message without end": repeated(b"z\n", head=b"panic: ", end=b"\n" + HEAD),
    "signals": repeated(b"SIGQUIT: quit\n"),
    "threads": repeated(b"-----\n\n"),
    "system stacks": repeated(b"runtime stack:\nruntime.mstart()\n\t/a.s:1\n\n"),
    "goroutine 0 only": repeated(b"goroutine 0 [idle]:\nruntime.f()\n\t/a.s:1 +0x1\n\n", head=b""),
    "non-Go functions": repeated(b"non-Go function at pc=0x1\n", head=HEAD + b"goroutine 2 [select]:\n"),
    "unavailable stacks": repeated(b"\tgoroutine running on other thread; stack unavailable\n"),
    "recovered panics in a log": repeated(b"recovered\n" + HEAD, head=b""),
    "dumps of one goroutine": repeated(HEAD, head=b""),
    "a log behind a dump": repeated(b"2026-11-23 INFO served (200) in 12ms\n"),
    "a log before a dump": repeated(b"2026-11-23 INFO served (200) in 12ms\n", head=b"", end=HEAD),
}

COUNTS: dict[str, Shape] = {
    "debug=1, groups without frames": repeated(b"1 @\n", head=COUNTED),
    "debug=1, huge counts": repeated(b"999999999 @ 0x1\n#\t0x1\tmain.f+0x1\t/a.go:1\n\n", head=COUNTED),
    "debug=1, one of each": numbered("1 @ 0x1 0x{0:x}\n#\t0x{0:x}\tmain.f{0}+0x1\t/a.go:1\n\n", head=COUNTED),
    "debug=1, addresses by the million": repeated(
        b" 0x1", head=COUNTED + b"1 @", end=b"\n#\t0x1\tmain.f+0x1\t/a.go:1\n"
    ),
    "debug=1, labels nested": repeated(b'{"a":', head=COUNTED + b"1 @ 0x1 0x2\n# labels: "),
    "debug=1, labels on each line": repeated(b'# labels: {"a":"b"}\n', head=COUNTED + b"1 @ 0x1 0x2\n"),
    "debug=1, labels of lists": repeated(b"[", head=COUNTED + b'1 @ 0x1 0x2\n# labels: {"a":'),
    "debug=1, label numbers": repeated(b"9", head=COUNTED + b'1 @ 0x1 0x2\n# labels: {"a":', end=b"}\n"),
    "debug=1, frames begun": repeated(b"#\t0x1", head=COUNTED + b"1 @ 0x1 0x2\n"),
    "debug=1, frames of one group": repeated(b"#\t0x1\tmain.f+0x1\t/a.go:1\n", head=COUNTED + b"1 @ 0x1 0x2\n"),
    "debug=1, offsets in one line": repeated(b"+0x1 ", head=COUNTED + b"1 @ 0x1 0x2\n#\t0x1\tf"),
    "debug=1, a total of many digits": repeated(b"9", head=b"goroutine profile: total ", end=b"\n" + HEAD),
    "debug=1, first lines": repeated(COUNTED, head=b""),
    "debug=1, first lines and headers": repeated(COUNTED + b"goroutine 1 [running]:\n", head=b""),
    "debug=1, first lines and begun headers": repeated(COUNTED + b"goroutine x\n", head=b""),
}

METRICS: dict[str, Shape] = {
    "metrics": numbered("go_goroutines {0}\n", head=b""),
    "metrics, labels without end": repeated(b'a="b",', head=b"go_goroutines 1\ngo_info{"),
    "metrics, a number of many digits": repeated(b"9", head=b"go_goroutines ", end=b"\n"),
    "metrics, versions": repeated(b', version="', head=b"go_goroutines 1\ngo_info{", end=b"} 1\n"),
}
