"""Text as log pipelines and copy-paste leave it, against the text that Go printed."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gostack_nb import read
from gostack_nb.formats.unwrap import PlainText, unwrap

CORPUS = Path(__file__).parents[2] / "corpus" / "dumps"
WRAPPED = sorted(path for path in CORPUS.glob("wrapped/*") if path.suffix != ".gz")
PLAIN = sorted(CORPUS.glob("go*/**/*.txt"))

DUMP = """\
goroutine 1 [running]:
main.main()
	/srv/app/main.go:173 +0x8d

goroutine 20 [chan receive, 2 minutes] {client: "c-17  x", note: "> a\\\\nb", role: ack}:
main.(*Hub).世界[...](0xc000012345, {0x1, 0x2?})
	/srv/my app/hub: new.go:88 +0x1f
created by main.(*Hub).Serve in goroutine 1
	/srv/app/hub.go:42 +0x10a
"""
PROFILE = """\
goroutine profile: total 288
154 @ 0x47dfa6 0x412fe5 0x4a8b25
# labels: {"role":"ack loop", "x":"a\\nb"}
#	0x4a8b24	main.(*Hub).ackLoop+0x24	/srv/app/hub.go:88
#	0x4a9999	main.main+0x67			/srv/app/main.go:233

1 @ 0x47dfa7
#	0x47dfa6	main.main+0x26	/srv/app/main.go:10
"""
LINES = DUMP.splitlines()
NO_BLANKS = DUMP.replace("\n\n", "\n")


def only(data: bytes | str) -> PlainText:
    [plain] = unwrap(data.encode() if isinstance(data, str) else data)
    return plain


def prefixed(prefix: str, text: str = DUMP) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def json_lines(make: Callable[[str], object], text: str = DUMP) -> str:
    return "".join(json.dumps(make(line), ensure_ascii=False) + "\n" for line in text.splitlines())


def dump_lines(text: bytes) -> list[bytes]:
    """Headers, functions and locations, without what differs in white space."""
    found = [line.strip() for line in text.split(b"\n")]
    return [line for line in found if re.search(rb"^goroutine |\)$|:\d+($| \+0x| fp=)|^created by ", line)]


def go_quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


# -- the corpus ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WRAPPED, ids=lambda path: path.name)
def test_a_wrapped_dump_has_the_lines_of_the_original(path: Path) -> None:
    original = dump_lines(path.with_name(path.name.partition(".")[0] + ".ORIGINAL.txt").read_bytes())
    got = dump_lines(only(path.read_bytes()).text)
    if ".windows-paths" in path.name:
        assert len(got) == len(original)
    elif ".cut-" in path.name:
        assert len([line for line in got if line in original]) >= len(got) - 2
    else:
        assert [line for line in got if line in original] == original


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_plain_dump_is_the_same_object(path: Path) -> None:
    data = path.read_bytes()
    plain = only(data)
    assert plain.text is data
    assert plain.origin is None
    assert plain.stream is None


# -- one line, one prefix ---------------------------------------------------------------------------------------

PREFIXES = {
    "cri": ("2026-11-23T09:10:45.416123789+08:00 stderr F ", "stderr"),
    "cri with Z": ("2026-11-23T01:10:45.4Z stdout F ", "stdout"),
    "compose": ("push-1  | ", "push-1"),
    "compose v1": ("web_push_1    | ", "web_push_1"),
    "compose with time": ("push-1  | 2026-11-23T09:10:45.416123123Z ", "push-1"),
    "kubectl --prefix": ("[pod/push-7d9c5b6f4-x2x9k/push] ", "pod/push-7d9c5b6f4-x2x9k/push"),
    "kubectl --prefix --timestamps": ("[pod/push-0/push] 2026-11-23T09:10:45.4-07:00 ", "pod/push-0/push"),
    "kubetail": ("[push-7d9c5b6f4-x2x9k] ", "push-7d9c5b6f4-x2x9k"),
    "stern": ("push-7d9c5b6f4-x2x9k server ", "push-7d9c5b6f4-x2x9k server"),
    "sidecar": ("push-server ", "push-server"),
    "foreman": ("web.1   | ", "web.1"),
    "colon": ("push: ", "push"),
    "docker logs -t": ("2026-11-23T09:10:45.416123123Z ", None),
    "zone": ("2026-11-23T09:10:45.416123+05:30 ", None),
    "gitlab": ("2026-11-23T09:10:45.416123Z 01E ", None),
    "gh run": ("test\tRun go test ./...\t2026-11-23T09:10:45.4161230Z ", "test\tRun go test ./..."),
    "package log": ("2026/11/23 09:10:45.123456 main.go:33: ", None),
    "space": ("2026-11-23 09:10:45,123 ", None),
    "rfc 5424": ("<14>1 2026-11-23T09:10:45.416123Z node-3 push 4242 - - ", "node-3 push 4242"),
    "rfc 5424 with data": ('<11>1 2026-11-23T09:10:45Z h p 1 ID7 [a@1 k="v\\]"][b@1 l="w"] ', "h p 1"),
    "rfc 3164": ("<14>Nov  3 09:10:45 node-3 push[4242]: ", "node-3 push[4242]"),
    "short-iso": ("2026-11-23T09:10:45+0800 node-3 push[4242]: ", "node-3 push[4242]"),
    "short-precise": ("Nov 23 09:10:45.416123 node-3 push[4242]: ", "node-3 push[4242]"),
    "short-full": ("Mon 2026-11-23 09:10:45 UTC node-3 push[4242]: ", "node-3 push[4242]"),
    "short-full local": ("Mon 2026-11-23 09:10:45 CEST node-3 push[4242]: ", "node-3 push[4242]"),
    "short-unix": ("1795424023.265123 node-3 push[4242]: ", "node-3 push[4242]"),
    "short-monotonic": ("[  123.456789] node-3 push[4242]: ", "node-3 push[4242]"),
    "with-unit": ("Mon 2026-11-23 09:10:45 UTC node-3 push@a.service[4242]: ", "node-3 push@a.service[4242]"),
    "no hostname": ("Nov 23 09:10:45 push[4242]: ", "push[4242]"),
    "no pid": ("Nov 23 09:10:45 node-3 push: ", "node-3 push"),
    "logcli": ('2026-11-23T09:10:45Z {job="a/b", pod="push-0"} ', '{job="a/b", pod="push-0"}'),
    "docker service": ("push.1.k2x9k@node-3    | ", "push.1.k2x9k@node-3"),
    "jenkins": ("[2026-11-23T09:10:45.416Z] ", None),
    "journal export": ("MESSAGE=", None),
    "heroku": ("2026-11-23T09:10:45.416123+00:00 app[web.1]: ", "app[web.1]"),
    "klog": ("I1123 09:10:45.416123    4242 signal.go:33] ", None),
    "logger": ("[2026-11-23 09:10:45.416] [ERROR] (worker 7) ", None),
    "clock": ("09:10:45.416 ", None),
    "indent 4": ("    ", None),
    "indent by tab": ("\t", None),
    "quote": ("> ", None),
    "quote twice": (">> ", None),
    "quote in quote": ("> > ", None),
    "bar": ("| ", None),
    "quoted and indented": (">     ", None),
    "comment": ("// ", None),
}


@pytest.mark.parametrize(("prefix", "stream"), PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize("text", [DUMP, PROFILE, NO_BLANKS], ids=["debug=2", "debug=1", "no blank lines"])
def test_a_prefix_comes_off(prefix: str, stream: str | None, text: str) -> None:
    plain = only(prefixed(prefix, text))
    assert plain.text.decode() == text
    assert plain.stream == stream
    assert plain.origin is not None
    assert plain.origin.tolist() == list(range(1, text.count("\n") + 1))


@pytest.mark.parametrize(("prefix", "stream"), PREFIXES.values(), ids=PREFIXES)
def test_a_prefix_comes_off_where_editors_trimmed_the_empty_lines(prefix: str, stream: str | None) -> None:
    trimmed = "".join(line.rstrip() + "\n" for line in prefixed(prefix).splitlines())
    plain = only(trimmed)
    assert plain.text.decode() == DUMP
    assert plain.stream == stream


@pytest.mark.parametrize(
    "prefix", ["2026-11-23T09:10:{:02}.{:03}Z stderr F ", "{:5}\t", "{}: ", "Nov 23 09:10:{:02} h p[9]: "]
)
def test_a_prefix_may_count(prefix: str) -> None:
    data = "".join(prefix.format(number, number) + line + "\n" for number, line in enumerate(LINES * 3, 8))
    assert only(data).text.decode() == DUMP * 3


def test_grep_with_context() -> None:
    data = "".join(f"{number}{':' if 'goroutine' in line else '-'}{line}\n" for number, line in enumerate(LINES, 7))
    assert only(data).text.decode() == DUMP


@pytest.mark.parametrize("prefix", ["push-server ", "    ", "> ", "[pod/a/b] ", "09:10:45 "])
def test_a_header_that_a_panic_message_quotes_is_no_header(prefix: str) -> None:
    text = "panic: forged\n\tgoroutine 7 [running]:\n\tmain.f()\n\t\t/a.go:1 +0x1\n\n" + DUMP
    assert only(prefixed(prefix, text)).text.decode() == text


@pytest.mark.parametrize("bullet", ["- ", "  * ", "12. "])
def test_a_list_item(bullet: str) -> None:
    data = bullet + prefixed(" " * len(bullet))[len(bullet) :]
    assert only(data).text.decode() == DUMP


@pytest.mark.parametrize("prefix", ["> ", "    ", "[09:10:45] ", "push-server "])
def test_a_prefix_is_learnt_among_other_words(prefix: str) -> None:
    noise = "".join(f"user {name} created by admin {name}\n" for name in "abcdefghij" * 9)
    plain = only(noise + prefixed(prefix))
    assert plain.text.decode() == noise + DUMP


def test_a_stray_carriage_return_in_a_large_dump() -> None:
    data = DUMP.encode() * 4000
    middle = data.index(b"\n", len(data) // 2)
    plain = only(data[:middle] + b"\r" + data[middle:])
    assert plain.text == data
    assert plain.origin is not None


def test_a_log_without_text_is_not_lost() -> None:
    assert only(b'{"log":"","stream":"stderr","time":"t"}\n' * 3).text.count(b"\n") == 3


def test_a_prefix_on_the_first_line_only() -> None:
    plain = only("I1123 09:10:45.416123    4242 main.go:33] " + DUMP)
    assert plain.text.decode() == DUMP


@pytest.mark.parametrize("prefix", ["push-1  | ", "2026-11-23T09:10:45.4Z stderr F ", "> "])
def test_a_dump_cut_in_mid_line_has_no_line_end(prefix: str) -> None:
    assert only(prefixed(prefix)[:-12]).text.decode() == DUMP[:-12]


def test_lines_without_the_prefix_stay() -> None:
    data = "starting\n" + prefixed("push-1  | ") + "exited with code 2\n"
    assert only(data).text.decode() == "starting\n" + DUMP + "exited with code 2\n"


def test_a_header_behind_text_starts_a_line() -> None:
    plain = only("2026/11/23 09:10:45 recovered: boom: " + DUMP)
    assert plain.text.decode() == "2026/11/23 09:10:45 recovered: boom: \n" + DUMP
    assert plain.origin is not None
    assert plain.origin.tolist() == [1, *range(1, len(LINES) + 1)]


# -- streams ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("[pod/push-0/push] ", "[pod/push-1/push] "),
        ("push-1   | ", "proxy-1  | "),
        ("push-0 server ", "push-1 server "),
        ("Nov 23 09:10:45 node-3 push[4242]: ", "Nov 23 09:10:45 node-3 push[77]: "),
        ("2026-11-23T09:10:45.4Z stdout F ", "2026-11-23T09:10:45.4Z stderr F "),
        ("<14>1 2026-11-23T09:10:45Z h p 1 - - ", "<14>1 2026-11-23T09:10:45Z h p 2 - - "),
    ],
)
def test_interleaved_streams_are_separated(one: str, two: str) -> None:
    data = "".join(f"{one}{line}\n{two}{line}\n" for line in LINES)
    plains = unwrap(data.encode())
    assert [plain.text.decode() for plain in plains] == [DUMP, DUMP]
    assert len({plain.stream for plain in plains}) == 2
    origins = [plain.origin.tolist() for plain in plains if plain.origin is not None]
    assert origins == [list(range(1, 2 * len(LINES), 2)), list(range(2, 2 * len(LINES) + 1, 2))]


def test_streams_stay_apart_across_chunks() -> None:
    data = "".join(f"a-1  | {line}\nb-1  | {line}\n" for line in LINES * 9000)
    plains = unwrap(data.encode())
    assert [(plain.stream, plain.text.decode() == DUMP * 9000) for plain in plains] == [
        ("a-1", True),
        ("b-1", True),
    ]


def test_streams_without_a_dump_are_left_out() -> None:
    data = prefixed("push-1  | ") + prefixed("db-1    | ", "ready to accept connections\n" * 3)
    assert only(data).stream == "push-1"


# -- lines that go on ---------------------------------------------------------------------------------------------


def test_cri_partial_lines() -> None:
    time = "2026-11-23T09:10:45.416123789Z stderr"
    data = f"{time} F goroutine 1 [running]:\n{time} P main.ma\n{time} P in\n{time} F ()\n{time} F \t/a.go:1 +0x1\n"
    plain = only(data)
    assert plain.text == b"goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n"
    assert plain.origin is not None
    assert plain.origin.tolist() == [1, 2, 5]


def test_docker_partial_lines() -> None:
    parts = ["goroutine 1 [running]:\n", "main.ma", "in()\n", "\t/a.go:1 +0x1\n"]
    data = "".join(
        json.dumps({"log": part, "stream": "stderr", "time": "2026-11-23T09:10:45Z"}) + "\n" for part in parts
    )
    plain = only(data)
    assert plain.text == b"goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n"
    assert plain.stream == "stderr"
    assert plain.origin is not None
    assert plain.origin.tolist() == [1, 2, 4]


def test_fluent_bit_partial_lines() -> None:
    parts = [("F", "goroutine 1 [running]:"), ("P", "main.ma"), ("F", "in()"), ("F", "\t/a.go:1 +0x1")]
    data = "".join(json.dumps({"time": "t", "stream": "stderr", "_p": tag, "log": part}) + "\n" for tag, part in parts)
    assert only(data).text == b"goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n"


def test_journald_indents_the_further_lines_of_a_message() -> None:
    prefix = "Nov 23 09:10:45 node-3 push[4242]: "
    data = prefix + LINES[0] + "\n" + prefixed(" " * len(prefix), DUMP.partition("\n")[2].expandtabs(8))
    assert only(data).text.decode() == DUMP


# -- JSON ---------------------------------------------------------------------------------------------------------

RECORDS: dict[str, tuple[Callable[[str], object], str | None]] = {
    "docker": (
        lambda line: {"log": line + "\n", "stream": "stderr", "time": "2026-11-23T09:10:45Z"},
        "stderr",
    ),
    "journald": (lambda line: {"_PID": "7", "SYSLOG_IDENTIFIER": "push", "MESSAGE": line}, "push/7"),
    "journald bytes": (lambda line: {"_PID": "7", "MESSAGE": list(line.encode())}, "7"),
    "logcli": (
        lambda line: {"labels": {"pod": "push-0"}, "line": line, "timestamp": "2026-11-23T09:10:45Z"},
        "push-0",
    ),
    "slog": (lambda line: {"time": "t", "level": "ERROR", "msg": line}, None),
    "gcloud": (lambda line: {"textPayload": line, "resource": {"labels": {"pod_name": "push-0"}}}, "push-0"),
    "go test": (lambda line: {"Action": "output", "Package": "app/push", "Output": line + "\n"}, "app/push"),
    "ecs": (
        lambda line: {"@timestamp": "t", "kubernetes": {"pod": {"name": "push-0"}}, "message": line},
        "push-0",
    ),
}


@pytest.mark.parametrize(("make", "stream"), RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("text", [DUMP, PROFILE], ids=["debug=2", "debug=1"])
def test_one_line_per_record(make: Callable[[str], object], stream: str | None, text: str) -> None:
    plain = only(json_lines(make, text))
    assert plain.text.decode() == text
    assert plain.stream == stream


@pytest.mark.parametrize("indent", [1, 4])
def test_pretty_printed_records(indent: int) -> None:
    pretty = [json.dumps({"_PID": "7", "MESSAGE": line}, indent=indent) for line in LINES]
    plain = only("\n".join(pretty))
    assert plain.text.decode() == DUMP
    assert plain.origin is not None
    assert plain.origin.tolist() == list(range(1, 4 * len(LINES), 4))
    assert only("[\n" + ",\n".join(pretty) + "\n]\n").text.decode() == DUMP


@pytest.mark.parametrize(
    "record",
    [
        {"level": "error", "ts": 1.5, "msg": "dump", "stacktrace": DUMP},
        {"msg": DUMP},
        {"message": "boom", "error": {"stack": DUMP}},
        {"log": DUMP},
        {"time": "t", "level": "ERROR", "msg": "panic", "stack": DUMP, "error": DUMP},
        {"exceptions": [{"stacktrace": DUMP}]},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_dump_in_one_field(record: dict[str, object], indent: int | None) -> None:
    before = '{"level":"info","msg":"listening"}\n'
    plain = only(before + json.dumps(record, indent=indent) + "\n" + before)
    assert plain.text.decode() == "listening\n" + DUMP + "listening\n"


def loki(lines: list[str], *, newest_first: bool = False) -> list[list[str]]:
    values = [[str(1795424023265123000 + number), line] for number, line in enumerate(lines)]
    return values[::-1] if newest_first else values


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_loki(newest_first: bool, indent: int | None) -> None:
    streams = [
        {"stream": {"pod": pod, "job": "push"}, "values": loki(LINES, newest_first=newest_first)} for pod in ("a", "b")
    ]
    for document in (
        {"streams": streams},
        {"status": "success", "data": {"resultType": "streams", "result": streams}},
    ):
        plains = unwrap(json.dumps(document, indent=indent).encode())
        assert [(plain.stream, plain.text.decode()) for plain in plains] == [("a", DUMP), ("b", DUMP)]


def test_other_json_lines_around_a_plain_dump_stay() -> None:
    data = b'{"level":"info","msg":"listening"}\n' * 50 + DUMP.encode() + b'{"level":"info","msg":"bye"}\n'
    assert only(data).text is data


# -- escapes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        f'time="2026-11-23T09:10:45Z" level=info msg="{go_quoted(DUMP)}" pid=7\n',
        f'time=2026-11-23T09:10:45Z level=ERROR msg="goroutine dump" stack="{go_quoted(DUMP)}"\n',
        f'2026-11-23T09:10:45Z\tERROR\tmain.go:88\tdump\t{{"stack": "{go_quoted(DUMP)}", "n": 2}}\n',
        prefixed("", DUMP).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") + "\n",
        DUMP.replace("\n", "#012").replace("\t", "#011") + "\n",
        "".join(f'time=t level=INFO msg="{go_quoted(line)}"\n' for line in LINES if line),
    ],
    ids=["logrus", "slog", "zap console", "unquoted", "rsyslog", "logfmt lines"],
)
def test_escaped_text(data: str) -> None:
    plain = only(data)
    assert dump_lines(plain.text) == dump_lines(DUMP.encode())
    assert plain.origin is not None
    assert len(plain.origin) == len(plain.text.splitlines())
    assert set(plain.origin.tolist()) <= set(range(1, data.count("\n") + 1))


def test_log_lines_between_the_lines_of_a_dump_stay() -> None:
    lines = [line for dump in [DUMP] * 9 for line in dump.splitlines()]
    lines[4:4] = ["2026/11/23 09:10:45 retry(3)", "2026/11/23 09:10:46 main.ack(client 17)", "I1123 09:10:45.4 note()"]
    data = ("\n".join(lines) + "\n").encode()
    assert only(data).text is data


def test_an_escaped_dump_in_a_label_or_a_panic_message_stays() -> None:
    labelled = DUMP.replace('"> a\\\\nb"', '"goroutine 7 [running]:\\nmain.f()\\n\\t/a.go:1 +0x1"')
    for data in (
        labelled,
        'panic: err stack="goroutine 7 [running]:\\nmain.f()\\n\\t/a.go:1\\n"\n\n' + LINES[0] + "\n",
    ):
        encoded = data.encode()
        assert only(encoded).text is encoded


# -- encodings, markup, spaces --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + DUMP.encode(),
        b"\xef\xbb\xbf" + prefixed("2026-11-23T09:10:45.4161230Z ").encode(),
        DUMP.encode("utf-16"),
        DUMP.encode("utf-16-le"),
        DUMP.encode("utf-16-be"),
        b"\xfe\xff" + DUMP.encode("utf-16-be"),
        DUMP.replace("\n", "\r\n").encode(),
        DUMP.replace("\n", "\r\n").encode("utf-16"),
        DUMP.replace("\n", "\r").encode(),
        DUMP.replace("\n", "\r\r\n").encode(),
        "".join(f"\x1b[1;31m{line}\x1b[0m\n" for line in LINES).encode(),
        "".join(f"\x1b[36mpush-1  |\x1b[0m {line}\n" for line in LINES).encode(),
        "".join(f"^[[31m{line}^[[0m\n" for line in LINES).encode(),
        DUMP.replace("\n\t", "\n        ").encode(),
        DUMP.replace("\n\t", "\n    ").encode(),
        DUMP.replace("\n\t", "\n\xa0 \xa0 ").encode(),
        prefixed("    ", DUMP.expandtabs(8).replace('"c-17  x"', '"c-17  x"')).encode(),
        "".join(line + "   \n" for line in LINES).encode(),
        DUMP.replace("\n", "\n\n").encode(),
        DUMP.replace("\n", "\r\n\r\n").encode(),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + DUMP).encode(),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200\r\nx: y\r\n\r\n" + DUMP).encode(),
    ],
)
def test_what_copying_does(data: bytes) -> None:
    assert only(data).text.decode() == DUMP


@pytest.mark.parametrize("width", [4, 8])
def test_columns_of_a_profile_turned_to_spaces(width: int) -> None:
    plain = only(PROFILE.expandtabs(width))
    assert plain.text.decode() == re.sub("\t+", "\t", PROFILE)


def test_a_profile_with_doubled_lines() -> None:
    assert only(PROFILE.replace("\n", "\n\n")).text.decode() == PROFILE


def test_an_empty_line_in_a_panic_message_stays() -> None:
    data = ("panic: f()\n\n\tsee g()\n\n\tdone\n\n" + DUMP).encode()
    assert only(data).text is data


def test_html() -> None:
    text = DUMP + "main.init()\n\t<autogenerated>:1 +0x1d\n"
    page = f'<!DOCTYPE html>\n<html><body><pre class="x"><code>{html.escape(text)}</code></pre>\n</body></html>\n'
    plain = only(page)
    assert plain.text.decode().strip("\n") == text.strip("\n")
    assert plain.origin is not None
    assert plain.origin[plain.text.splitlines().index(b"main.main()")] == 3


def test_markup_in_a_plain_dump_stays() -> None:
    data = (
        b"panic: bad answer: <html><pre>502</pre> &lt;x&gt;\n\n" + DUMP.encode() + b"main.f(0x1)\n\t<autogenerated>:1\n"
    )
    assert only(data).text is data


@pytest.mark.parametrize("text", [DUMP.replace("\t", ""), NO_BLANKS, DUMP.rstrip("\n"), ""])
def test_what_the_parser_copes_with_stays(text: str) -> None:
    data = text.encode()
    assert only(data).text is data
    assert only(data).origin is None


def test_invalid_bytes_are_kept() -> None:
    assert only(prefixed("push-1  | ").encode().replace(b"c-17", b"\xff\xfe")).text == DUMP.encode().replace(
        b"c-17", b"\xff\xfe"
    )


# -- layers in layers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        json_lines(
            lambda line: {"log": line + "\n", "stream": "stderr", "time": "t"},
            f'time="t" msg="{go_quoted(DUMP)}"',
        ),
        prefixed("2026-11-23T09:10:45.416123789Z stderr F ", json.dumps({"level": "error", "stacktrace": DUMP})),
        prefixed("2026-11-23T09:10:45.416123789Z stderr F ", json_lines(lambda line: {"msg": line})),
        prefixed(
            "push-1  | ",
            prefixed("2026-11-23T09:10:45.4Z ", prefixed("I1123 09:10:45.416123    42 a.go:3] ")),
        ),
        json_lines(lambda line: {"_PID": "7", "MESSAGE": line}, json_lines(lambda line: {"msg": line})),
        prefixed("> ", prefixed("    ", DUMP)).replace("\n", "\r\n"),
        prefixed("[pod/push-0/push] ", json.dumps({"msg": json.dumps({"stack": DUMP})})),
    ],
)
def test_nested_layers(data: str) -> None:
    assert dump_lines(only(data).text) == dump_lines(DUMP.encode())


def test_a_dump_far_from_the_start() -> None:
    noise = "2026-11-23T09:10:45.416123789Z stdout F GET /healthz 200 goroutine count 17\n" * 40_000
    data = noise + prefixed("2026-11-23T09:10:45.416123789Z stderr F ") + noise
    plain = only(data)
    assert plain.text.decode() == DUMP
    assert plain.origin is not None
    assert plain.origin.tolist() == list(range(40_001, 40_001 + len(LINES)))


# -- anything ---------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [b"\n", b"\r", b"\t", b" ", b"{", b"}", b'"', b"\\", b"\\n", b"\\ud800", b"[", b"]", b"\0", b"\x1b[", b"\xff\xfe",
     b"&#xd800;", b"goroutine 1 [running]:", b"main.main()", b"\t/a.go:1 +0x1", b"> ", b'{"log":"', b"<pre>", b"12: ",
     b'{"MESSAGE":[1,2]}', b'"values":[', b"2026-11-23T09:10:45.4Z stderr P ", b"2026-11-23T09:10:45.4Z ", b"#\t0x1",
     b"Nov 23 09:10:45 h p[1]: ", b"push-1  | ", b"HTTP/1.1 200 OK\n", b'msg="', b"#012", b"  " * 20]
)  # fmt: skip


@given(st.binary() | st.lists(PIECES | st.binary(max_size=3), max_size=60).map(b"".join))
def test_any_bytes_never_raise(data: bytes) -> None:
    for plain in unwrap(data):
        if plain.origin is None:
            assert plain.text is data
        else:
            assert len(plain.origin) == plain.text.count(b"\n") + (plain.text[-1:] not in (b"", b"\n"))
            assert np.all((plain.origin >= 1) & (plain.origin <= max(1, len(data))))


NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z.]{1,8})?\.(\(\*[A-Z][a-z]*\)\.)?[A-Za-z世é][a-z0-9]*", fullmatch=True)


@st.composite
def goroutines(draw: st.DrawFn) -> str:
    state = draw(st.sampled_from(["running", "chan receive (nil chan), 3 minutes", "select (no cases)"]))
    label = draw(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40))
    frames = "".join(
        f"{name}(0x1, {{0x2?, ...}})\n\t/srv/a b/{name}.go:7 +0x1d\n" for name in draw(st.lists(NAMES, min_size=1))
    )
    return f"goroutine {draw(st.integers(1, 10**6))} [{state}] {{k: {json.dumps(label)}}}:\n{frames}"


@given(st.lists(goroutines(), min_size=1, max_size=5).map("\n".join))
def test_any_plain_dump_is_the_same_object(text: str) -> None:
    data = text.encode()
    assert only(data).text is data
    assert only(data).origin is None


@given(
    st.lists(goroutines(), min_size=2, max_size=5).map("\n".join),
    st.sampled_from([prefix for prefix, _ in PREFIXES.values()]),
)
def test_any_dump_comes_out_of_any_prefix(text: str, prefix: str) -> None:
    assert only(prefixed(prefix, text)).text.decode() == text


@pytest.mark.parametrize(("name", "stream"), [(rb"push-\ud800", "push-?"), (b"push-\xff", r"push-\xff")])
def test_a_stream_whose_name_is_no_text_has_one_that_tables_hold(name: bytes, stream: str) -> None:
    lines = (b"goroutine 1 [running]:", b"main.main()", rb"\t/srv/main.go:7 +0x1d")
    log = b"".join(b'{"log":"%s\\n","stream":"%s","time":"t"}\n' % (line, name) for line in lines)
    assert read(log).snapshots["instance"].tolist() == [stream]
