"""Texts of tracebacks: where dumps begin and end, what is lost, what is repeated."""

import time

import pytest

from gostack_nb.formats import scanner
from gostack_nb.formats.columns import Columns, Form
from gostack_nb.formats.debug2 import parse_debug2
from tests.property.side_by_side import rows_of_columns


def goroutine(number: int, state: str = "select", function: str = "main.f") -> bytes:
    return (
        f"goroutine {number} [{state}]:\n{function}(0x{number:x})\n\t/srv/main.go:7 +0x1d\n"
        "created by main.main in goroutine 1\n\t/srv/main.go:3 +0x2b\n"
    ).encode()


def text(*numbers: int) -> bytes:
    return b"\n".join(goroutine(number) for number in numbers)


def ids(dumps: list[Columns]) -> list[list[int]]:
    return [dump.goroutine_id.tolist() for dump in dumps]


def reasons(dumps: list[Columns]) -> list[str]:
    return [issue.reason for dump in dumps for issue in dump.issues]


def test_an_intact_dump_has_no_issues() -> None:
    dumps = parse_debug2(text(5, 6, 7))
    assert ids(dumps) == [[5, 6, 7]]
    assert reasons(dumps) == []
    assert [len(dump.stacks) for dump in dumps] == [1]
    assert not dumps[0].truncated


@pytest.mark.parametrize("nothing", [b"", b"hello\n", b"goroutine profile: total 7\n", b"\n\n\n"])
def test_no_dump(nothing: bytes) -> None:
    assert parse_debug2(nothing) == []


@pytest.mark.parametrize(
    ("first_line", "form"),
    [
        (b"SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\n", Form.SIGNAL),
        (b"panic: boom\n\n", Form.PANIC),
        (b"fatal error: all goroutines are asleep - deadlock!\n\n", Form.FATAL),
        (b"2026/11/23 started\n", Form.DEBUG2),
        (b"", Form.DEBUG2),
    ],
)
def test_form(first_line: bytes, form: Form) -> None:
    assert [dump.form for dump in parse_debug2(first_line + text(5))] == [form]


def test_concatenated_dumps_are_parted_at_the_running_goroutine() -> None:
    first = goroutine(20, "running") + b"\n" + text(1, 5)
    second = goroutine(21, "running") + b"\n" + text(1, 5, 6)
    assert ids(parse_debug2(first + b"\n" + second)) == [[20, 1, 5], [21, 1, 5, 6]]
    assert ids(parse_debug2(first + second)) == [[20, 1, 5], [21, 1, 5, 6]]


def test_traces_of_recovered_panics_are_dumps_of_their_own() -> None:
    log = b"http: panic serving 127.0.0.1:9: boom\n"
    assert ids(parse_debug2(b"".join(log + goroutine(n, "running") for n in (7, 9, 12)))) == [[7], [9], [12]]


def test_threads_behind_a_crash_are_not_counted_again() -> None:
    crash = b"SIGQUIT: quit\n\n" + goroutine(0, "idle") + b"\n" + text(1, 5)
    threads = b"\n-----\n\nSIGQUIT: quit\n\n" + goroutine(5) + b"\n-----\n\nSIGQUIT: quit\n\n" + goroutine(0, "idle")
    dumps = parse_debug2(crash + threads)
    assert ids(dumps) == [[1, 5]]
    assert reasons(dumps) == []


@pytest.mark.parametrize(
    ("damaged", "kept", "reason"),
    [
        (
            text(5) + b"\ngoroutine 6 [sel\nmain.f(0x1)\n\t/srv/main.go:7 +0x1d\n\n" + text(7),
            [5, 7],
            scanner.LOST_HEADER,
        ),
        (b"main.g(0x1)\n\t/srv/main.go:7 +0x1d\n\n" + text(7), [7], scanner.LOST_HEAD),
        (text(5) + b"\nmain.g(0x1)\n\t/srv/main.go:7 +0x1d\n\n" + text(7), [5, 7], scanner.LOST_HEAD),
        (text(5).replace(b"\t/srv/main.go:7", b"GET / 200\n\t/srv/main.go:7"), [5], scanner.JUNK_INSIDE),
        (text(5) + b"\ngoroutine 6 [sel", [5], scanner.CUT_HEADER),
        (text(5, 6)[:-20], [5, 6], scanner.CUT_BODY),
        (text(5).replace(b"]:", b'] {a: "b}:'), [5], scanner.BROKEN_LABELS),
        (b"panic: x\ngoroutine 9 [running]:\nmain.f(0x1)\n\t/s.go:1 +0x1\n\n\n" + text(1), [1], scanner.FORGED),
    ],
)
def test_what_is_lost_is_reported(damaged: bytes, kept: list[int], reason: str) -> None:
    dumps = parse_debug2(damaged)
    assert ids(dumps) == [kept]
    assert reasons(dumps) == [reason]


def test_a_cut_dump_says_so_and_keeps_the_last_goroutine() -> None:
    dumps = parse_debug2(text(5, 6)[:-20])
    assert dumps[0].truncated
    assert ids(dumps) == [[5, 6]]


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (b"g", scanner.CUT_HEADER),
        (b"gorout", scanner.CUT_HEADER),
        (b"goroutine 7", scanner.CUT_HEADER),
        (b"goroutine 7 [select]:", scanner.CUT_BODY),
        (b"goroutine 7 [select]:\n", scanner.CUT_BODY),
    ],
)
def test_a_cut_in_or_behind_a_header_is_seen(ending: bytes, reason: str) -> None:
    dumps = parse_debug2(text(5, 6) + b"\n" + ending)
    assert dumps[0].truncated
    assert reasons(dumps) == [reason]


def test_blank_lines_may_be_lost() -> None:
    assert ids(parse_debug2(text(5, 6, 7).replace(b"\n\n", b"\n"))) == [[5, 6, 7]]


def test_recovered_panic_in_a_log_is_not_taken_for_a_forged_one() -> None:
    log = b"panic: boom\ngoroutine 9 [running]:\nruntime/debug.Stack()\n\t/go/src/runtime/debug/stack.go:26 +0x5e\n\n"
    assert ids(parse_debug2(log + text(1))) == [[9, 1]]


def test_the_same_stack_with_other_arguments_is_one() -> None:
    dump = parse_debug2(goroutine(5) + b"\n" + goroutine(6).replace(b"0x6)", b"0x6, {0x7, ...})"))[0]
    assert len(dump.stacks) == 1
    assert dump.stack.tolist() == [0, 0]


def test_creators_of_one_stack_keep_their_ids() -> None:
    other = goroutine(6).replace(b"goroutine 1\n", b"goroutine 77\n")
    assert parse_debug2(goroutine(5) + b"\n" + other)[0].creator_id.tolist() == [1, 77]


def test_crash_without_goroutines() -> None:
    dumps = parse_debug2(b"panic: boom\n")
    assert ids(dumps) == [[]]
    assert "GOTRACEBACK=none" in reasons(dumps)[0]


LOG = b"2026-11-23T09:10:45Z INFO served GET /v1/orders (200) in 12ms\n"


@pytest.mark.parametrize(
    "log",
    [
        LOG * 5000 + goroutine(7),
        goroutine(7) + LOG * 5000,
        goroutine(7) + b"\n" + LOG * 5000 + b"\n" + goroutine(8),
        LOG * 5000 + b"main.lost()\n\t/srv/main.go:9 +0x1d\n" + LOG * 5000 + b"SIGQUIT: quit\n\n" + goroutine(7),
        LOG * 5000 + b"panic: " + LOG * 5000 + b"\n" + goroutine(7),
        goroutine(7) + LOG * 5000 + b"goroutine 9 [sel" + LOG * 5000,
    ],
    ids=["before", "behind", "between", "around a lost stack", "in a panic message", "around a broken header"],
)
def test_long_stretches_of_a_log_hide_nothing(log: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    short = parse_debug2(log)
    monkeypatch.setattr(scanner, "STRETCH_BYTES", 1 << 40)
    whole = parse_debug2(log)
    assert [(rows_of_columns(dump), dump.issues, dump.form, dump.truncated) for dump in short] == [
        (rows_of_columns(dump), dump.issues, dump.form, dump.truncated) for dump in whole
    ]
    assert len(short[-1].goroutine_id) > 0


@pytest.mark.parametrize(
    "piece", [b"main.f(0x1, ", b"(0x1)", b" in goroutine ", b"goroutine ", b"\t/a.go:1 ", b"\n", b"{"]
)
def test_long_input_takes_linear_time(piece: bytes) -> None:
    start = time.thread_time()  # of this thread alone: the machine may be busy
    parse_debug2(goroutine(7) + b"\ngoroutine 8 [select]:\n" + piece * 100_000)
    assert time.thread_time() - start < 30  # a quadratic one takes minutes


@pytest.mark.parametrize("end", [b"\ngoroutine ", b"\ngoroutine 8 [select] {a: b}:", b"\ngoroutine 8 [select]: "])
def test_a_text_that_ends_in_or_behind_a_header_is_cut(end: bytes) -> None:
    [dump] = parse_debug2(goroutine(7) + end)
    assert dump.truncated
    assert len(dump.issues) == 1


@pytest.mark.parametrize("head", [b"goroutine 8 [select:", b"goroutine 8 [select]"])
def test_what_was_read_before_makes_no_header(head: bytes) -> None:
    broken = goroutine(8).replace(b"goroutine 8 [select]:", head)
    dumps = parse_debug2(goroutine(7) + b"\n" + broken + b"\n" + goroutine(9))
    assert ids(dumps) == [[7, 9]]
    assert reasons(dumps) == [scanner.LOST_HEADER]


def test_addresses_on_broken_lines_move_no_block() -> None:
    broken = (
        b"goroutine 2 gp=0xc000 m=nil [select]:\nmain.f()\n\t/a.go:1 +0x1\n fp=0x1 sp=0x2 pc=0x3\ngoroutine 3 [junk!\n"
    )
    dumps = parse_debug2(goroutine(7) + b"\n" + broken + b"\n" + goroutine(9))
    assert ids(dumps)[0][:2] == [7, 2]
    assert 9 in ids(dumps)[-1]


def test_a_stack_that_lost_its_tabs_is_read_to_its_end() -> None:
    frames = "".join(f"main.f{n}(0x1)\n/srv/some/where/deep/in/a/folder/main.go:{n} +0x1d\n" for n in range(1, 101))
    text = f"goroutine 7 [select]:\n{frames}a log line\nmain.last()\n/srv/main.go:7 +0x1d\n".encode()
    [dump] = parse_debug2(text)
    assert len(dump.stacks[0].frames) == 101


def test_thousands_of_logged_stacks_take_linear_time() -> None:
    start = time.thread_time()  # of this thread alone: the machine may be busy
    logged = (b"recovered\n" + goroutine(number, "running", f"main.f{number}") + b"\n" for number in range(1, 5001))
    assert len(parse_debug2(b"".join(logged))) == 5000
    assert time.thread_time() - start < 30  # a quadratic one takes minutes


def test_a_line_of_bytes_that_are_no_text_is_shown_as_short_as_any_other() -> None:
    frame = b"main.f()\n\t/a.go:1 +0x1\n"
    [dump] = parse_debug2(b"goroutine 7 [select]:\n" + frame + b"\xff" * 300 + b"\n" + frame)
    assert [issue.text for issue in dump.issues] == [r"\xff" * 50]
