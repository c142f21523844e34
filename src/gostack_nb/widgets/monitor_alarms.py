"""Which alarms stand: raised when a verdict turns strong or proven, dropped when it does not hold any more."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from gostack_nb.analysis.suspects.weighing import ALARMS
from gostack_nb.plots.moments import count_words
from gostack_nb.widgets.monitor_events import Event, times
from gostack_nb.widgets.monitor_findings import Alarm
from gostack_nb.widgets.monitor_pages import Raised, place_words


class Alarms:
    """The alarms of a monitor; one thread updates them, and any may read them."""

    def __init__(self) -> None:
        self._standing: tuple[tuple[Alarm, Raised], ...] = ()  # as they are now, as raised: replaced as a whole

    @property
    def raised(self) -> list[Raised]:
        """Those that stand, the surest first, each as it was when it was raised."""
        return [raised for _, raised in self._standing]

    def update(self, found: Iterable[Alarm], at: datetime) -> list[Event]:
        """Take what was found at a time, and return what is new about it."""
        before = {raised.alarm.key: raised for raised in self.raised}
        self._standing = tuple((alarm, _raised(alarm, before.get(alarm.key), at)) for alarm in found)
        there = {alarm.key for alarm, _ in self._standing}
        gone = [raised for key, raised in before.items() if key not in there]
        fresh = [raised for raised in self.raised if raised.at == at]
        return [
            *(Event(at, "alarm", _said(one.alarm)) for one in fresh),
            *(Event(at, "note", _over(one)) for one in gone),
        ]

    def table(self) -> pd.DataFrame:
        """Return the alarms that stand, as they are now; the columns are explained at `Monitor.alarms`."""
        standing = self._standing
        rows = [alarm for alarm, _ in standing]
        at = times([raised.at for _, raised in standing])
        words = {
            "verdict": [alarm.verdict for alarm in rows],
            "stack_id": [alarm.key[0] for alarm in rows],
            "function": [alarm.place.function for alarm in rows],
            "location": [alarm.place.location for alarm in rows],
            "state": [alarm.place.state for alarm in rows],
        }
        columns = {name: pd.Series(values, dtype="str") for name, values in words.items()}
        counts = pd.Series([alarm.count for alarm in rows], dtype="int64")
        reasons = pd.Series([list(alarm.reasons) for alarm in rows], dtype=object)
        return pd.DataFrame({"at": at, **columns, "count": counts, "reasons": reasons})


def _raised(alarm: Alarm, before: Raised | None, at: datetime) -> Raised:
    """Keep an alarm as it was raised; one that became surer is raised anew."""
    if before is None or _rank(alarm) < _rank(before.alarm):
        return Raised(at, alarm)
    return before if alarm.verdict == before.alarm.verdict else Raised(before.at, alarm)


def _rank(alarm: Alarm) -> int:
    return ALARMS.index(alarm.verdict)


def _said(alarm: Alarm) -> str:
    reason = alarm.reasons[0] if alarm.reasons else ""
    return f"{alarm.verdict}: {count_words(alarm.count)} in {place_words(alarm.place)}. {reason}".rstrip()


def _over(raised: Raised) -> str:
    return f"no alarm any more: {place_words(raised.alarm.place)}"
