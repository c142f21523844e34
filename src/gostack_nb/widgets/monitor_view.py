"""The controls of a monitor and what they show; nothing is worked out here."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import ipywidgets as widgets

from gostack_nb.widgets.monitor_pages import page

Action = Callable[[], object]


class MonitorView:
    """Buttons, a text field, progress, and what was found.

    Attributes
    ----------
    start, stop, mark : Button
        What they do is given to `connect`.
    mark_text : Text
        What the next mark is called.
    progress : IntProgress
        Rounds.
    heading, status, problem, alarm, table, events : HTML
        Each made by `monitor_pages`.
    picture : Image
        The chart.
    box : VBox
        All of it.
    """

    def __init__(self) -> None:
        self.start = widgets.Button(description="Start", button_style="primary", tooltip="begin to capture")
        self.stop = widgets.Button(description="Stop", disabled=True, tooltip="end after what is under way")
        self.mark = widgets.Button(description="Mark", tooltip="draw a line at this moment")
        self.mark_text = widgets.Text(placeholder="deployed fix", layout={"width": "16em"})
        self.mark_text.tooltip = "what happened now"
        self.progress = widgets.IntProgress(min=0, max=1, layout={"width": "12em"})
        self.heading, self.status, self.problem = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.alarm, self.table, self.events = widgets.HTML(), widgets.HTML(), widgets.HTML()
        hidden = {"width": "100%", "max_width": "1100px", "height": "auto", "display": "none"}
        self.picture = widgets.Image(format="png", layout=hidden)
        self.box = widgets.VBox([self.heading, *self._rows(), *self._findings()])
        self.box.add_class("gostack-monitor")

    def connect(self, *, start: Action, stop: Action, mark: Action, fail: Callable[[Exception], object]) -> None:
        """Say what the buttons do, and who is told when that fails: a callback has nowhere to show an error."""
        for button, action in ((self.start, start), (self.stop, stop), (self.mark, mark)):
            button.on_click(_guarded(action, fail))

    def show_running(self) -> None:
        """Let Stop be pressed, and not Start."""
        self.start.disabled, self.stop.disabled = True, False

    def show_ended(self) -> None:
        """Let Start be pressed, and not Stop."""
        self.start.disabled, self.stop.disabled = False, True

    def show_picture(self, data: bytes) -> None:
        """Show another picture in the place of the last one."""
        self.picture.value = data
        self.picture.layout.display = None

    def as_html(self) -> str:
        """Return what is seen, for where no kernel is."""
        parts = (self.heading, self.status, self.problem, self.alarm, self.table, self.events)
        return page((part.value for part in parts), self.picture.value, datetime.now(UTC))

    def live(self) -> dict[str, Any]:
        """Return the view with its buttons, by MIME type."""
        live: dict[str, Any] = self.box._repr_mimebundle_() or {}
        return live

    def _rows(self) -> list[widgets.Widget]:
        buttons = widgets.HBox([self.start, self.stop, self.mark_text, self.mark])
        buttons.layout.flex_flow = "row wrap"
        progress = widgets.HBox([self.progress, self.status])
        progress.layout.flex_flow = "row wrap"
        return [buttons, progress]

    def _findings(self) -> list[widgets.Widget]:
        return [self.problem, self.alarm, self.picture, self.table, self.events]


def _guarded(action: Action, fail: Callable[[Exception], object]) -> Callable[[object], None]:
    def press(_button: object) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - shown on the widget
            fail(error)

    return press
