"""Evidence on its way to where it is kept."""

import threading
from datetime import UTC, datetime

import pytest

from gostack_nb.capturing.lane import ClosedError, Lane
from gostack_nb.errors import RecordingError
from gostack_nb.sources.evidence import Evidence


def evidence(number: int) -> Evidence:
    taken = datetime(2026, 11, 23, 9, tzinfo=UTC)
    return Evidence(b"%d" % number, "dump", "http://h/", captured_at=taken, captured_at_from="caller")


def test_evidence_is_kept_in_its_order_while_the_caller_goes_on() -> None:
    kept: list[bytes] = []
    released = threading.Event()
    lane = Lane(lambda handed: (released.wait(30), kept.append(handed.body)))
    for number in range(3):
        lane.keep(evidence(number))
    assert kept == []
    released.set()
    lane.settle()
    assert kept == [b"0", b"1", b"2"]
    assert lane.kept == 3
    lane.close()


def test_closing_waits_for_what_was_handed_in_and_lets_nothing_more_in() -> None:
    kept: list[bytes] = []
    released = threading.Event()
    lane = Lane(lambda handed: (released.wait(30), kept.append(handed.body)))
    lane.keep(evidence(0))
    threading.Timer(0.05, released.set).start()
    lane.close()
    assert kept == [b"0"]
    with pytest.raises(ClosedError):
        lane.keep(evidence(1))


def test_what_goes_wrong_is_raised_where_it_is_awaited() -> None:
    def fail(_: Evidence) -> None:
        msg = "capture: no space is left"
        raise RecordingError(msg)

    lane = Lane(fail)
    lane.keep(evidence(0))
    with pytest.raises(RecordingError, match="no space"):
        lane.settle()
    lane.close()
    assert lane.kept == 0
