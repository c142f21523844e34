"""The words of which dumps and their wrappers are made, for the fuzzer: one dictionary for all targets of text."""

from gostack_nb.formats.columns import Form
from gostack_nb.formats.log_json import MESSAGE_KEYS, STREAM_KEYS
from gostack_nb.sources.process_labels import PROCESS_LABELS
from tests.fuzz.canned import NEXT_ANSWER
from tests.fuzz.targets import REPEAT
from tests.property import printed_dumps

LINES = (
    b"goroutine 1 [running]:\n",
    b"goroutine 7 gp=0xc000007a40 m=nil [chan receive (leaked), 2 minutes]:\n",
    b"goroutine profile: total 3\n",
    b"goroutineleak profile: total 3\n",
    b"2 @ 0x1 0x2\n",
    b'# labels: {"role":"ack"}\n',
    b"#\t0x1\tmain.ack+0x1d\t/srv/main.go:9\n",
    b"main.(*T).f(0x1, {0x2?})\n",
    b"\t/srv/main.go:7 +0x1d\n",
    b" fp=0xc000041f98 sp=0xc000041f20 pc=0x40625c",
    b"created by main.main in goroutine 1\n",
    b"[originating from goroutine 1]:\n",
    b"...75 frames elided...\n",
    b"\tgoroutine running on other thread; stack unavailable\n",
    b"non-Go function\n\tpc=0x1000\n",
    b"panic: \n\n",
    b"fatal error: all goroutines are asleep - deadlock!\n\n",
    b"SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n",
    b"-----\n",
    b"runtime stack:\n",
    b" labels:{",
    b"]: ",
    b", locked to thread",
    b", synctest bubble 1",
)
WRAPPERS = (
    b"2026-11-23T09:10:45.416123789Z stderr F ",
    b"2026-11-23T09:10:45.416123789Z stdout P ",
    b"push-1  | ",
    b"[pod/push-0/push] ",
    b"Nov 23 09:10:45 host push[4242]: ",
    b"<11>1 2026-11-23T09:10:45Z host push 4242 - - ",
    b'{"log":"goroutine 1 [running]:\\n","stream":"stderr","time":"2026-11-23T09:10:45Z"}\n',
    b'{"level":"error","msg":"',
    b'"values":[["1","',
    b'{"stream":{"pod":"push-0"},',
    b"<pre>",
    b"</pre>",
    b"&lt;&#10;",
    b"HTTP/1.1 200 OK\n\n",
    b"\\n\\t\\u00e9\\x1b",
    b"#012#011",
    b"\x1b[31m",
    b"^[[0m",
    b"\xef\xbb\xbf",
    b"\xff\xfeg\0o\0",
    b"\r\n",
    b"> ",
    b"    ",
)
OTHERS = (
    b'{"status":"success","data":{"resultType":"matrix","result":[',
    b'{"metric":{"__name__":"go_goroutines"},"values":[[1772355600,"288"]]}',
    b'"activeTargets":[',
    b'"scrapeUrl":"http://h:1/metrics"',
    b'"timestamp":"1772355600000"',
    b'"structuredMetadata":',
    b"1e999",
    b"-1e999",
    b"NaN",
    b"9999999999999999999999",
    b'"\\ud800"',
    b'"captured_at":"2026-03-01T09:00:00Z"',
    b'"recording_version":1',
    b'"snapshots":[{"n":1,"unix":1772355600.5}]',
    b"[[entry]]\nid = ",
    b"go_goroutines 288\n",
    b'go_info{version="go1.27.3"} 1\n',
    b"http://me:pw@10.0.0.7:6060/debug/pprof/?token=abc",
    b"ustar\x0000",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\x1f\x8b\x08\0",
    b"BZh91AY&SY",
    b"\xfd7zXZ\0",
    b"\x5a\x04\x08\x01\x10\x02",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"wait>=5",
    b"label:role=ack",
    b"function:/a|b/",
    b"no:label:role",
    b"verdict:strong",
    NEXT_ANSWER,
    REPEAT,
)


def dictionary() -> str:
    """Return the words as libFuzzer reads them: one in quotes a line."""
    names = [
        *map(str, Form),
        *MESSAGE_KEYS,
        *STREAM_KEYS,
        *PROCESS_LABELS,
        *printed_dumps.STATES,
        *printed_dumps.FUNCTIONS,
    ]
    found = dict.fromkeys([*LINES, *WRAPPERS, *OTHERS, *(name.encode() for name in names)])
    return "".join(f'"{"".join(map(_escaped, word))}"\n' for word in found)


def _escaped(byte: int) -> str:
    plain = 0x20 <= byte < 0x7F and chr(byte) not in '"\\'
    return chr(byte) if plain else f"\\x{byte:02x}"
