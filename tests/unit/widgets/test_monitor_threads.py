"""What a monitor's thread and its owner do at the same moment, made to happen at that moment."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

import gostack_nb as gs
from gostack_nb.widgets import monitor_alarms, monitor_pages
from gostack_nb.widgets.monitor import Monitor
from gostack_nb.widgets.monitor_alarms import Alarms
from gostack_nb.widgets.monitor_events import Event
from gostack_nb.widgets.monitor_findings import Alarm, Place
from gostack_nb.widgets.monitor_marks import Mark
from gostack_nb.widgets.monitor_pages import Raised
from gostack_nb.widgets.monitor_picture import picture_of
from gostack_nb.widgets.monitor_rounds import Order
from tests.unit.pprof_service import go_pages, serving

PATIENCE = 240.0
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def one_round(tmp_path: Path) -> Iterator[Monitor]:
    """Give a monitor that ends after its first round."""
    with serving(go_pages()) as server:
        monitor = gs.monitor(server.url, every=60, duration=1, to=tmp_path / "rec")
        yield monitor
        monitor.stop()
        assert monitor.wait(PATIENCE)


def alarm(name: str) -> Alarm:
    return Alarm((name, "select"), "strong", Place("main.f", "main.go:9", "select"), 3, ("They wait.",))


def test_alarms_are_read_while_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    alarms = Alarms()
    alarms.update([alarm("a")], NOW)
    seen: list[list[str]] = []
    raised = monitor_alarms._raised

    def look(new: Alarm, before: Raised | None, at: datetime) -> Raised:
        seen.append(alarms.table()["stack_id"].tolist())
        return raised(new, before, at)

    monkeypatch.setattr(monitor_alarms, "_raised", look)
    alarms.update([alarm("b"), alarm("c")], NOW)
    assert seen == [["a"], ["a"]]
    assert alarms.table()["stack_id"].tolist() == ["b", "c"]


def test_an_order_that_comes_while_another_is_taken_is_not_lost() -> None:
    order = Order()

    class Wake(threading.Event):
        def clear(self) -> None:
            order.look_again()
            super().clear()

    order._wake = Wake()
    assert order.take_look() or order.wait(0)


def test_events_of_two_threads_are_all_shown(one_round: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = monitor_pages.event_list
    others: list[threading.Thread] = []

    def slow(events: Sequence[Event]) -> str:
        html = listed(events)
        if not others:
            others.append(threading.Thread(target=one_round.mark, args=("second",)))
            others[0].start()
            others[0].join(0.2)  # as long as it needs, unless it waits for its turn
        return html

    monkeypatch.setattr(monitor_pages, "event_list", slow)
    one_round.mark("first")
    others[0].join(PATIENCE)
    assert "marked: first" in one_round.view.events.value
    assert "marked: second" in one_round.view.events.value


def test_a_mark_that_comes_with_the_last_picture_is_drawn(one_round: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[list[str]] = []

    def draw(dataset: gs.Dataset, marks: Sequence[Mark]) -> bytes:
        drawn.append([mark.text for mark in marks])
        if len(drawn) == 1:
            one_round.mark("late")
        return picture_of(dataset, marks)

    monkeypatch.setattr("gostack_nb.widgets.monitor.picture_of", draw)
    one_round.start()
    assert one_round.wait(PATIENCE)
    assert drawn == [[], ["late"]]
