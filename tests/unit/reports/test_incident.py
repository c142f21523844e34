"""The answers where the dumps cannot give one, and where more than one group is suspect."""

import pandas as pd
import pytest

from gostack_nb import incident, read
from gostack_nb.reports.words import clock, counted, listed, role_of, span


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
    assert counted(1, "goroutine") == "1 goroutine"
    assert listed(["a"]) == "a"
    assert listed([]) == ""
    assert span(pd.Timedelta(seconds=90)) == "90 seconds"
    days = pd.Timestamp("2026-11-23T08:00Z"), pd.Timestamp("2026-11-24T08:00Z")
    assert clock(*days) == "2026-11-23 08:00:00 to 2026-11-24 08:00:00 UTC"


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
    text = str(incident.who(read(dump(("worker", 5, 500, "chan receive")))))
    assert "no sign of a leak" in text
    assert "worker" in text


def test_what_could_not_be_read_is_said() -> None:
    dataset = read(dump(("f", 5, 1, "select")), b"<html>login</html>")
    text = str(incident.what_was_captured(dataset))
    assert "Not read: 1 thing." in text
    assert "HTML" in text
