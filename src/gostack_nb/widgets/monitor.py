"""A service, watched from a notebook: rounds of captures in a thread, saved, looked at, and drawn."""

import atexit
import threading
from datetime import UTC, datetime
from os import PathLike
from typing import Any, Unpack

import pandas as pd

from gostack_nb.capturing.plan import MOST_GOROUTINES, Leak
from gostack_nb.capturing.schedule import Span
from gostack_nb.capturing.told import Note, Notice, Round
from gostack_nb.errors import GostackError
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.recording.live import Wanted, wanted_of
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.access import AccessOptions
from gostack_nb.sources.pprof import DEADLINE_SECONDS
from gostack_nb.widgets import monitor_pages as pages
from gostack_nb.widgets.monitor_alarms import Alarms
from gostack_nb.widgets.monitor_events import Event, events_table
from gostack_nb.widgets.monitor_findings import find, judged
from gostack_nb.widgets.monitor_history import History, default_folder
from gostack_nb.widgets.monitor_marks import Mark, marks_table
from gostack_nb.widgets.monitor_output import Outputs
from gostack_nb.widgets.monitor_picture import picture_of
from gostack_nb.widgets.monitor_rounds import Desk, Order, Rounds
from gostack_nb.widgets.monitor_view import MonitorView


def monitor(
    url: str,
    *,
    every: Span = "15s",
    duration: Span = "1h",
    to: str | PathLike[str] | None = None,
    service: str | None = None,
    limit: int = MOST_GOROUTINES,
    leak: Leak = "end",
    deadline: Span = DEADLINE_SECONDS,
    **access: Unpack[AccessOptions],
) -> "Monitor":
    """Watch a service from a notebook: its goroutines as they grow, and an alarm when a group is suspect.

    The last expression of a cell shows it, with the buttons Start, Stop and Mark. It captures as `capture` does, in a
    thread: other cells run meanwhile. Every answer is saved before it is looked at.

    Parameters
    ----------
    url : str
        The service, as for `capture`; for several services make several monitors.
    every : float, str or timedelta
        How far apart rounds begin: seconds, or `"15s"`, `"1m"`.
    duration : float, str or timedelta
        How long rounds may begin after Start. There is always an end: a forgotten notebook asks no service for ever.
    to : path, optional
        The recording that everything is added to; without it a new folder `capture-SERVICE-TIME`.
    service : str, optional
        Written to `snapshots`, and shown.
    limit : int
        Goroutines up to which debug=2 is taken: it stops the service, see `capture`. Without debug=2 there are no
        goroutine ids, and few alarms.
    leak : {"end", "each", "never"}
        When Go's leak profile is taken, the only proof of a leak: when the monitor stops, in each round, or not. See
        `capture` for what it costs.
    deadline : float, str or timedelta
        For each answer; Stop takes at most as long.
    **access
        Optional keywords: `auth`, `bearer`, `headers`, `cert`, `verify`, `proxy`, `unix_socket`; see
        `gostack_nb.sources.access.AccessOptions`. They are kept nowhere.

    Returns
    -------
    Monitor
        Not started: press Start, or call `start()`.

    Raises
    ------
    SourceError
        If `url` is no address. A service that does not answer is said on the widget, and asked again.
    RecordingError
        If `to` is something else, or cannot be written.
    ValueError
        If a span of time is none.

    Examples
    --------
    In a cell, with other cells to follow::

        monitor = gs.monitor("localhost:6060", every="15s", duration="30m")
        monitor
    """
    _check(url, duration)
    wanted = wanted_of(
        url,
        access,
        every=every,
        duration=duration,
        service=service,
        limit=limit,
        leak=leak,
        deadline=deadline,
    )
    instance = wanted.targets[0].instance
    return Monitor(wanted, History(default_folder(instance, datetime.now(UTC)) if to is None else to))


class Monitor:
    """A service that is watched; `monitor` makes one.

    Attributes
    ----------
    view : MonitorView
        The buttons and what they show.

    Notes
    -----
    Everything that was captured is in the recording, and stays when the kernel ends.
    """

    def __init__(self, wanted: Wanted, history: History) -> None:
        self._wanted, self._history = wanted, history
        self._alarms = Alarms()
        self._events: list[Event] = []
        self._listing = threading.Lock()
        self._said: set[tuple[str, str]] = set()
        self._order, self._thread = Order(), threading.Thread()
        self._looked_at: Dataset | None = None
        self._round = self._goroutines = 0
        self._last_error = ""
        self._is_over = False
        self.view = MonitorView()
        self._outputs = Outputs(self._live, self.view.as_html)
        self.view.progress.max = self._rounds
        self.view.heading.value = pages.heading(self._name, self._how, str(history.path))
        self.view.connect(start=self.start, stop=self.stop, mark=self._press_mark, fail=self._fail_press)
        self._say("not started")

    def start(self) -> None:
        """Begin to capture, in a thread; while it does, this changes nothing."""
        if self.running:
            return
        self._order = Order()
        self._thread = threading.Thread(target=self._run, name=f"monitor {self._instance}", daemon=True)
        self._is_over = False
        atexit.register(self._order.end)
        self.view.show_running()
        self._thread.start()

    def stop(self) -> None:
        """Let what is under way be finished, then take the leak profile; returns at once, see `wait`."""
        if not self.running or self._order.stop.is_set():
            return
        self.view.stop.disabled = True
        self._say(f"stopping: what is under way is finished, {self._wanted.plan.deadline:g} s at most")
        self._order.end()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended.

        Parameters
        ----------
        timeout : float, optional
            Seconds; without it as long as it takes. An interrupt of the cell ends the wait and not the monitor.

        Returns
        -------
        bool
            Whether it has ended.
        """
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def mark(self, text: str) -> None:
        """Mark this moment: a line in the chart, a row of `marks`, a small file in the recording.

        Parameters
        ----------
        text : str
            What happened; one line.

        Raises
        ------
        RecordingError
            If it cannot be written.
        """
        mark = Mark.of(text, datetime.now(UTC))
        self._history.mark(mark)
        self._add(Event(mark.at, "mark", f"marked: {mark.text}"))
        self._order.look_again()
        if not self.running:
            threading.Thread(target=self._draw, name=f"draw {self._instance}", daemon=True).start()

    def dataset(self) -> Dataset:
        """Return everything that this monitor captured by now, as `read` returns it.

        Returns
        -------
        Dataset
            Without rows if nothing came yet.
        """
        return self._history.read()

    def suspects(self) -> pd.DataFrame:
        """Say which groups may leak, from everything that was captured by now.

        Returns
        -------
        DataFrame
            As `gostack_nb.suspects` returns it.
        """
        return judged(self.dataset())

    @property
    def running(self) -> bool:
        """Whether it captures, or is about to stop."""
        return self._thread.is_alive() and not self._is_over

    @property
    def recording(self) -> Recording:
        """The recording with everything in it; raises RecordingError before the first answer."""
        return self._history.recording()

    @property
    def marks(self) -> pd.DataFrame:
        """The marks in the recording, in order of time: `at` (datetime64[ns, UTC]), `text` (str)."""
        return marks_table(self._history.marks())

    @property
    def alarms(self) -> pd.DataFrame:
        """The alarms that stand.

        One row per group: `at` (datetime64[ns, UTC], when it was raised), `verdict` (`proven` or `strong`), `stack_id`,
        `function`, `location`, `state` (str), `count` (int64, goroutines now), `reasons` (list of str).
        """
        return self._alarms.table()

    @property
    def events(self) -> pd.DataFrame:
        """What happened, in order: `at` (datetime64[ns, UTC]), `kind` (`alarm`, `error`, `mark`, `note`), `text`."""
        return events_table(list(self._events))

    def __repr__(self) -> str:
        state = "running" if self.running else "not running"
        return (
            f"<Monitor of {self._name}: {state}, {count_words(self._history.rounds, 'moment')} in {self._history.path}>"
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """Return the live view, and the last state as a page for where no kernel is."""
        return {**self._live(), "text/html": self.view.as_html(), "text/plain": repr(self)}

    def _ipython_display_(self) -> None:
        """Show both, each in an output of its own, so that the notebook's file keeps the last state."""
        self._outputs.show()

    def _live(self) -> dict[str, Any]:
        # Read where the view cannot be, and then not of today: the page below it is the later one.
        return {**self.view.live(), "text/plain": f"Monitor of {self._name}; below it stands how it was last seen"}

    def _run(self) -> None:
        """Take all rounds, in the thread."""
        desk = Desk(self._history.keep, self._begin, self._done, self._fail, self._note, self._next_in, self._draw)
        try:
            Rounds(self._wanted, self._order, desk).take()
        except Exception as error:  # noqa: BLE001 - there is nobody else to tell
            self._fail("the monitor ended", error)
        atexit.unregister(self._order.end)
        how = "stopped" if self._order.stop.is_set() else "ended"
        self._say(f"{how} after {count_words(self._round, 'round')}{self._count_words()}")
        self._is_over = True
        self.view.show_ended()
        if self._order.take_look():  # a mark that came after the last picture
            self._draw()
        self._outputs.update(pause=0)

    def _begin(self, number: int) -> None:
        self._round = number
        self.view.progress.value = number
        self._say(f"round {number} of {self._rounds}: asking {self._instance}")

    def _done(self, done: Round) -> None:
        """Show a round that is saved."""
        for note in done.notes:
            self._note_once(note)
        if done.failure is not None:
            self._fail(f"round {done.number} brought nothing", done.failure)
        if not done.taken:
            return
        self.view.problem.value = self._last_error = ""
        self._goroutines = done.goroutines or self._goroutines
        try:
            self._look()
        except Exception as error:  # noqa: BLE001 - the capture goes on
            self._fail(f"round {done.number} is saved, but cannot be analysed", error)

    def _look(self) -> None:
        """Find out what is suspect, and show it."""
        self._say(f"round {self._round} of {self._rounds}: saved; looking at it")
        self._looked_at = self._history.read_some(self._goroutines)
        found = find(self._looked_at)
        self._add(*self._alarms.update(found.alarms, datetime.now(UTC)))
        self.view.alarm.value = pages.alarm_box(self._alarms.raised)
        self.view.table.value = pages.group_table(found.groups)
        self._draw()

    def _draw(self) -> None:
        """Draw the chart anew from what was looked at last."""
        if self._looked_at is None:
            return
        try:
            self.view.show_picture(picture_of(self._looked_at, self._history.marks()))
        except Exception as error:  # noqa: BLE001 - the capture goes on
            self._fail("the chart cannot be drawn", error)
        self._outputs.update()

    def _next_in(self, seconds: float) -> None:
        self._say(f"round {self._round} of {self._rounds}{self._count_words()}; next in {seconds:.0f} s")

    def _note(self, notice: Notice) -> None:
        self._note_once(Note(notice.instance, notice.text, "notice"))

    def _note_once(self, note: Note) -> None:
        if (note.source, note.about) not in self._said:
            self._said.add((note.source, note.about))
            text = f"{note.source}: {note.reason}" if note.source else note.reason
            self._add(Event(datetime.now(UTC), "note", text))

    def _press_mark(self) -> None:
        self.mark(self.view.mark_text.value)
        self.view.mark_text.value = ""

    def _fail_press(self, error: Exception) -> None:
        self._fail("the button did not work", error)

    def _fail(self, what: str, error: Exception) -> None:
        text = f"{what}: {error}" if isinstance(error, GostackError) else f"{what}: {type(error).__name__}: {error}"
        self.view.problem.value = pages.problem(text)
        if str(error) != self._last_error:  # a service that is away for an hour is one event
            self._add(Event(datetime.now(UTC), "error", text))
        self._last_error = str(error)

    def _add(self, *events: Event) -> None:
        """Add to the list; the one that is shown last has all, whichever threads add."""
        with self._listing:
            self._events += events
            self.view.events.value = pages.event_list(self._events)

    def _say(self, text: str) -> None:
        self.view.status.value = pages.status(text)

    def _count_words(self) -> str:
        return f", {count_words(self._goroutines)}" if self._goroutines else ""

    @property
    def _instance(self) -> str:
        return self._wanted.targets[0].instance

    @property
    def _name(self) -> str:
        service = self._wanted.plan.service
        return f"{service} ({self._instance})" if service else self._instance

    @property
    def _how(self) -> str:
        schedule = self._wanted.schedule
        every = schedule.every or 0.0
        return f"every {pages.span(every)}, {pages.span(every * (self._rounds - 1))} at most"

    @property
    def _rounds(self) -> int:
        return self._wanted.schedule.most_rounds or 1


def _check(url: object, duration: object) -> None:
    if not isinstance(url, str):
        msg = f"url={url!r}: a monitor watches one service. Hint: make one monitor for each"
        raise ValueError(msg)  # noqa: TRY004 - as for all other arguments
    if duration is None:
        msg = "duration=None: a monitor ends by itself. Hint: '1h', '30m', or seconds"
        raise ValueError(msg)
