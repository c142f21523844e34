"""What a monitor says as HTML."""

from datetime import UTC, datetime

from gostack_nb.widgets import monitor_pages as pages
from gostack_nb.widgets.monitor_alarms import Alarms
from gostack_nb.widgets.monitor_events import Event
from gostack_nb.widgets.monitor_findings import Alarm, GroupRow, Place

BEGIN = datetime(2026, 11, 23, 8, 0, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 8, 1, 5, tzinfo=UTC)
PLACE = Place("main.f", "main.go:9", "select")


def alarm(verdict: str, name: str = "a", count: int = 3) -> Alarm:
    return Alarm((name, "select"), verdict, PLACE, count, ("They wait.",))


def test_without_anything_nothing_is_said() -> None:
    assert [pages.problem(""), pages.alarm_box([]), pages.group_table([]), pages.event_list([])] == [""] * 4
    assert "<img" not in pages.page([], b"", BEGIN)


def test_a_row_has_signs_and_no_rate_where_none_is_known() -> None:
    html = pages.group_table([GroupRow(PLACE, 1000, 2500, 1500, None, "weak"), GroupRow(PLACE, 3, 3, 0, 0.2, "")])
    for cell in (">1,000<", ">2,500<", ">+1,500<", ">0<", ">weak<"):
        assert cell in html


def test_many_alarms_are_counted() -> None:
    alarms = Alarms()
    alarms.update([alarm("strong", name) for name in "abcde"], BEGIN)
    html = pages.alarm_box(alarms.raised)
    assert html.count("Alarm at 08:00:05 UTC") == pages.MOST_ALARMS
    assert "and 2 more alarms" in html


def test_an_alarm_is_raised_anew_only_when_it_is_surer() -> None:
    alarms = Alarms()
    assert [event.kind for event in alarms.update([alarm("strong")], BEGIN)] == ["alarm"]
    assert alarms.update([alarm("strong", count=9)], LATER) == []
    assert (alarms.raised[0].at, alarms.table()["count"].tolist()) == (BEGIN, [9])
    assert [event.text for event in alarms.update([alarm("proven")], LATER)] == [
        "proven: 3 goroutines in main.f main.go:9 (select). They wait."
    ]
    assert alarms.table()["at"].tolist() == [LATER]
    assert alarms.update([alarm("strong")], datetime(2026, 11, 23, 9, tzinfo=UTC)) == []
    assert [event.text for event in alarms.update([], LATER)] == ["no alarm any more: main.f main.go:9 (select)"]
    assert len(alarms.table()) == 0


def test_the_newest_events_come_first() -> None:
    events = [Event(BEGIN, "note", f"event {number}") for number in range(20)]
    html = pages.event_list(events)
    assert html.index("event 19") < html.index("event 18")
    assert html.count("<li") == pages.MOST_EVENTS
