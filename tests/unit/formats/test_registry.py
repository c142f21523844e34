"""Which parser gets what, and what is refused."""

import pytest

from gostack_nb.errors import FormatError
from gostack_nb.formats.columns import Form
from gostack_nb.formats.registry import MAX_GOROUTINES, parse_dumps

TRACE = b"goroutine 7 [select]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n"
COUNTED = b"goroutine profile: total 3\n3 @ 0x1\n#\t0x1\tmain.f+0x1\t/srv/main.go:9\n\n"


def test_several_forms_in_one_file_are_several_dumps() -> None:
    dumps = parse_dumps(COUNTED + TRACE + b"\n" + COUNTED)
    assert [dump.form for dump in dumps] == [Form.DEBUG1, Form.DEBUG2, Form.DEBUG1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!doctype html><p>Log in", "HTML"),
        (b"heap profile: 1: 2 [3: 4] @ heap/1048576\n", "heap profile"),
        (b"--- mutex:\ncycles/second=1\n", "mutex"),
        (b"threadcreate profile: total 9\n", "threadcreate"),
        (b"go 1.27 trace\x00\x00\x00", "execution trace"),
        (b"Unknown profile\n", "does not know this profile"),
        (b"404 page not found\n", "error page"),
        (b"# HELP up Up.\n", "metrics page"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"hello world", "begins with b'hello world'"),
    ],
)
def test_what_is_no_dump_is_named(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match="not a goroutine dump") as refusal:
        parse_dumps(data)
    assert words in str(refusal.value)
    assert "Hint:" in str(refusal.value)


def test_counts_beyond_belief_are_refused() -> None:
    with pytest.raises(FormatError, match="believed"):
        parse_dumps(COUNTED.replace(b"3", b"%d" % (MAX_GOROUTINES + 1)))


def test_issues_of_wrapped_text_point_into_the_file_as_stored() -> None:
    broken = TRACE + b"\ngoroutine 8 [sel\nmain.g()\n\t/srv/main.go:1 +0x1\n\n" + TRACE.replace(b"7", b"9")
    log = b"".join(b"2026-11-23T09:10:45.416123789+08:00 stderr F %s\n" % line for line in broken.splitlines())
    dumps = parse_dumps(log)
    assert [dump.goroutine_id.tolist() for dump in dumps] == [[7, 9]]
    issue = dumps[0].issues[0]
    assert issue.line_number == 5
    assert issue.byte_offset is not None
    assert log[issue.byte_offset :].split(b"\n")[0].endswith(b"goroutine 8 [sel")
