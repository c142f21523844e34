"""The answers where the dumps cannot give one, and where more than one group is suspect."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from gostack_nb import incident, read, suspects
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.bundled import bundled
from gostack_nb.reports.incident.where import HEADINGS, NEXT_STEPS
from gostack_nb.reports.incident.who import ADVICE, LEADS, STUCK
from gostack_nb.reports.words import clock, listed, role_of, span


def dump(*groups: tuple[str, int, int, str]) -> bytes:
    """Print goroutines: (function, first id, how many, state)."""
    blocks = [
        f"goroutine {number} [{state}]:\nmain.{function}(0x1)\n\t/srv/app/{function}.go:7 +0x1d\n"
        f"created by main.start in goroutine 1\n\t/srv/app/main.go:3 +0x2b\n"
        for function, first, count, state in groups
        for number in range(first, first + count)
    ]
    return "\n".join(blocks).encode()


ROLES = [
    ("main.(*session).readLoop", "reader"),
    ("main.(*session).writePump", "writer"),
    ("main.(*session).ackLoop", "ack loop"),
    ("app/hub.(*Hub).run.func2", "run"),
    ("main.main.func1", "main"),
    ("main.f.gowrap1", "f"),
]


@pytest.mark.parametrize(("function", "role"), ROLES)
def test_role(function: str, role: str) -> None:
    assert role_of(function) == role


def test_words() -> None:
    assert count_words(1, "goroutine") == "1 goroutine"
    assert listed(["a"]) == "a"
    assert listed([]) == ""
    assert span(pd.Timedelta(seconds=90)) == "90 seconds"
    days = pd.Timestamp("2026-11-23T08:00Z"), pd.Timestamp("2026-11-24T08:00Z")
    assert clock(*days) == "2026-11-23 08:00:00 to 2026-11-24 08:00:00 UTC"


LEAK = bundled("push-incident") / "leak"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            ["11.goroutine.debug2.txt"],
            "29 are due by the siblings that main.(*server).startSession starts: these are 125 more.",
        ),
        (
            ["00.goroutine.debug2.txt", "11.goroutine.debug2.txt"],
            "125 goroutines arrived in 1 of 1 interval and none left.",
        ),
        (
            ["00.goroutine.pb.gz", "05.goroutine.pb.gz", "11.goroutine.pb.gz"],
            "29 -> 154 goroutines, blocked in chan receive",
        ),
        (["00.goroutine.debug1.txt", "05.goroutine.debug1.txt", "11.goroutine.debug1.txt"], "29 -> 154 goroutines"),
        (["12.goroutineleak.debug2.txt"], "Go's own leak profile marks 125 of 154."),
    ],
)
def test_the_leak_is_found_in_part_of_the_recording(files: list[str], words: str) -> None:
    text = str(incident.who(read(*(LEAK / name for name in files))))
    assert text.partition(": ")[2].startswith("main.(*session).ackLoop, ")
    assert words in text


def test_dumps_of_one_moment_have_no_rate() -> None:
    leak = read(*(LEAK / f"{number}.goroutine.debug2.txt" for number in ("00", "04", "08", "11")))
    moment = pd.Timestamp("2026-11-23T08:00Z") + pd.to_timedelta(range(4), unit="us")
    text = str(incident.is_it_leaking(replace(leak, snapshots=leak.snapshots.assign(captured_at=moment))))
    assert "a rate needs some time between them" in text
    assert "per hour" not in text


def test_the_fixed_service_is_not_blamed() -> None:
    fixed = read(bundled("push-incident") / "fixed")
    assert "It stays flat" in str(incident.is_it_leaking(fixed))
    assert "No group shows a sign of a leak" in str(incident.who(fixed))
    assert "in equal numbers" in str(incident.missing_siblings(fixed))
    assert "marks 0 goroutines" in str(incident.leak_profile(fixed))


def test_a_fix_that_does_not_help_is_not_praised() -> None:
    leak = read(LEAK)
    text = str(incident.after_the_fix(leak, leak))
    assert "It still grows after the fix: 163 to 288" in text
    assert "Verdict: still grows. The total grew by" in text
    assert "no less than before" in text


def test_a_flat_curve_that_is_too_short_is_no_proof() -> None:
    leak, fixed = read(LEAK), read(*(LEAK.parent / "fixed" / f"0{number}.goroutine.debug2.txt" for number in range(3)))
    assert "Verdict: undecided." in str(incident.after_the_fix(leak, fixed))
    assert "Verdict: fixed." in str(incident.after_the_fix(leak, read(LEAK.parent / "fixed")))


def test_a_leak_profile_alone_names_the_leak() -> None:
    profile = read(LEAK / "12.goroutineleak.debug1.txt")
    assert "Proven leak: main.(*session).ackLoop, 125 goroutines" in str(incident.who(profile))
    assert "take debug=2" in str(incident.waiting_on(profile))
    assert "There is no dump of all goroutines" in str(incident.is_it_leaking(profile))


def test_a_leak_profile_is_newer_than_the_marks_in_a_dump_of_the_same_moment() -> None:
    profile, dumped = (
        (LEAK / name).read_bytes()
        for name in ("12.goroutineleak.debug1.txt", "13.goroutine-after-leak-profile.debug2.txt")
    )
    of_an_earlier_profile = dumped.replace(b" (leaked)", b"", 100)
    assert b" (leaked)" in of_an_earlier_profile
    assert "marks 125 goroutines" in str(incident.leak_profile(read(profile, of_an_earlier_profile)))


def pods(*counts: tuple[int, int]) -> bytes:
    """Print dumps of two pods one after the other, as `kubectl logs --prefix` shows them."""
    lines = []
    for moment in counts:
        for pod, count in zip("ab", moment, strict=True):
            text = dump(("main", 1, 1, "running"), ("work", 5, count, "chan receive"))
            lines += [b"[pod/%s/push] %s" % (pod.encode(), line) for line in text.splitlines()]
    return b"\n".join(lines) + b"\n"


def test_the_pod_that_leaks_is_named(tmp_path: Path) -> None:
    for place, moment in enumerate([(40, 10), (40, 30), (40, 50), (40, 70)]):
        (tmp_path / f"2026-11-23T09-0{2 * place}-00Z.log").write_bytes(pods(moment))
    dataset = read(tmp_path)
    assert str(incident.is_it_leaking(dataset)).startswith("Yes: goroutines of pod/b/push went from 11 to 71")
    text = str(incident.who(dataset))
    assert text.startswith("Strong suspect: main.work, 50 -> 110 goroutines in 2 processes")
    assert "The most are gained in pod/b/push: 10 -> 70." in text
    assert "70 of them are blocked in chan receive" in str(incident.waiting_on(dataset))


def test_siblings_that_are_missing_are_count_words() -> None:
    clients = [
        group
        for client in range(20)
        for group in (
            ("readLoop", 10 + 3 * client, 1, "IO wait"),
            ("writeLoop", 11 + 3 * client, 1, "select"),
            *([("ackLoop", 12 + 3 * client, 1, "select")] if client < 8 else []),
        )
    ]
    said = str(incident.missing_siblings(read(dump(*clients))))
    assert said.startswith("main.start keeps 8 ack loops, 20 readers and 20 writers alive: 12 ack loops are missing.")


def test_a_place_that_is_not_told_is_said_so() -> None:
    text = b"goroutine 7 [chan receive (leaked)]:\nmain.f(...)\n\ngoroutine 8 [select]:\nmain.g()\n\t/s/g.go:1 +0x1\n"
    for question in (incident.who, incident.waiting_on, incident.where_in_the_code):
        assert "nan" not in str(question(read(text)))


def test_a_crash_without_goroutines_is_answered_too() -> None:
    dataset = read(b"panic: boom\n")
    for question in (
        incident.what_was_captured,
        incident.is_it_leaking,
        incident.who,
        incident.waiting_on,
        incident.missing_siblings,
        incident.where_in_the_code,
        incident.leak_profile,
    ):
        assert str(question(dataset))


def test_one_dump_is_not_called_a_leak_by_its_size() -> None:
    text = str(incident.who(read(dump(("main", 1, 1, "running"), ("worker", 5, 500, "chan receive")))))
    assert "no sign of a leak" in text
    assert "worker" in text


def test_what_could_not_be_read_is_said() -> None:
    dataset = read(dump(("f", 5, 1, "select")), b"<html>login</html>")
    text = str(incident.what_was_captured(dataset))
    assert "Not read: 1 thing." in text
    assert "HTML" in text
    assert not text.endswith("..")


def test_one_dump_since_a_restart_is_no_course(tmp_path: Path) -> None:
    for minute, first in (("08", 900), ("09", 1000), ("10", 5)):
        path = tmp_path / f"goroutine-20261123T{minute}0000Z.txt"
        path.write_bytes(dump(("main", 1, 1, "running"), ("worker", first, 20, "chan receive")))
    text = str(incident.is_it_leaking(read(tmp_path)))
    assert "Growth cannot be seen: a restart before 10:00:00 UTC left one dump since, the latest dump holds 21" in text


def test_each_verdict_is_said_in_words() -> None:
    assert {*LEADS, "explained"} == {*ADVICE, "explained"} == set(VERDICTS)


def test_suspects_are_ranked_once_and_passed_on() -> None:
    dataset = read(LEAK)
    found = suspects(dataset)
    nobody = found.iloc[:0]
    assert str(incident.who(dataset, found)) == str(incident.who(dataset))
    assert "No group" in str(incident.who(dataset, nobody))
    for question in (incident.waiting_on, incident.where_in_the_code):
        assert str(question(dataset, nobody)) == "There is no suspect to look at."


def test_the_table_agrees_with_the_sentences() -> None:
    row = incident.who(read(LEAK)).table.iloc[0]
    assert row[["verdict", "first", "last", "change", "arrived", "ended"]].tolist() == ["proven", 29, 154, 125, 125, 0]
    one = incident.who(read(LEAK / "11.goroutine.debug2.txt")).table
    assert one.columns.tolist() == ["verdict", "function", "state", "count"]


def test_what_is_known_and_expected_is_no_suspect() -> None:
    dataset = read(LEAK)
    found = suspects(dataset)
    known = found.assign(verdict=found["verdict"].replace({"proven": "explained"}))
    text = str(incident.who(dataset, known))
    assert "Known, and no more than expected: 154 main.(*session).ackLoop (orphan-receiver)." in text
    assert "Proven" not in text


def test_more_suspects_are_named_with_their_verdict() -> None:
    locks = [(name, 10 + 10 * n, 4, "sync.Mutex.Lock, 9 minutes") for n, name in enumerate("fghij")]
    text = str(incident.who(read(dump(("main", 1, 1, "running"), *locks))))
    assert "Look also at main." in text
    assert "(strong, 4)" in text
    assert "1 more of the suspects" in text


def test_a_strong_suspect_that_waits_for_a_lock_is_stuck() -> None:
    stuck = dump(("main", 1, 1, "running"), ("worker", 10, 40, "sync.Mutex.Lock, 9 minutes"))
    assert incident.who(read(stuck)).sentences[-1] == STUCK
    leaking = incident.who(read(LEAK / "*.goroutine.debug2.txt"))
    assert leaking.sentences[0].startswith("Strong suspect")
    assert leaking.sentences[-1] == ADVICE["strong"]


def test_the_code_is_shown_with_its_meaning() -> None:
    answer = incident.where_in_the_code(read(LEAK), source_root=bundled("push-incident") / "server")
    blocked, started = answer.excerpts
    assert (blocked.title, blocked.marked) == ("Blocked here: main.go:233", 233)
    assert [number for number, _ in blocked.lines] == list(range(228, 239))
    assert dict(blocked.lines)[233].strip() == "for m := range c.pending {"
    assert dict(started.lines)[started.marked].strip() == "go c.ackLoop()"
    assert [heading for heading, _ in answer.sections] == ["Known as", *HEADINGS]


def test_a_checkout_of_something_else_shows_nothing(tmp_path: Path) -> None:
    answer = incident.where_in_the_code(read(LEAK), source_root=tmp_path)
    assert all("No such file" in part.note and not part.lines for part in answer.excerpts)


def test_a_file_of_the_same_name_in_another_package_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "client.go").write_text("package own\n\nfunc (c *own) readLoop() {\n}\n")
    text = (
        b"goroutine 7 [sync.Mutex.Lock, 9 minutes]:\ngithub.com/x/y.(*Conn).readLoop(0x1)\n"
        b"\t/go/pkg/mod/github.com/x/y@v1.2.0/client.go:3 +0x1\n"
        b"created by main.main in goroutine 1\n\t/srv/main.go:3 +0x1\n"
    )
    blocked = incident.where_in_the_code(read(text), source_root=tmp_path).excerpts[0]
    assert not blocked.lines
    assert "client.go" in blocked.note
    assert "holds github.com/x/y.(*Conn).readLoop" in blocked.note


def test_the_standard_library_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "server.go").write_text("package mine\n\nfunc Serve() {\n}\n")
    text = (
        b"goroutine 7 [sync.Mutex.Lock, 9 minutes]:\nmain.f()\n\t/srv/f.go:1 +0x1\n"
        b"created by net/http.(*Server).Serve in goroutine 1\n\t/usr/local/go/src/net/http/server.go:3 +0x1\n"
    )
    started = incident.where_in_the_code(read(text), source_root=tmp_path).excerpts[1]
    assert "not in your code" in started.note
    assert not started.lines


def test_a_stack_that_the_catalogue_does_not_know_gets_the_advice_of_its_state() -> None:
    dataset = read(dump(("f", 5, 4, "sync.Mutex.Lock, 9 minutes")))
    found = suspects(dataset).assign(pattern=None)
    [(heading, text)] = incident.where_in_the_code(dataset, found).sections
    assert (heading, text) == ("Look for in your code", NEXT_STEPS["sync.Mutex.Lock"])
