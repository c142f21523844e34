"""What a monitor says, as HTML: every text is escaped, colours follow the theme of the page."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from gostack_nb.plots.moments import count_words
from gostack_nb.widgets.monitor_events import Event
from gostack_nb.widgets.monitor_findings import Alarm, GroupRow, Place

MOST_ALARMS = 3
MOST_REASONS = 4
MOST_EVENTS = 8

INK = "var(--jp-ui-font-color1, inherit)"
FAINT = "var(--jp-ui-font-color2, inherit)"
LINE = "var(--jp-border-color1, #bdbdbd)"
PAPER = "var(--jp-layout-color2, transparent)"
RED = "#c62828"
"""With white letters it can be read on light and on dark paper."""

BADGES = {"proven": RED, "strong": RED, "weak": "#8d5a00", "undecided": "#33658a", "explained": "#5f6368"}

# The classes keep MathJax away: a dollar sign in a name is no formula.
PLAIN = "tex2jax_ignore mathjax_ignore"
TEXT = f"color:{INK};line-height:1.45;font-size:13px"


_ONE_OF_BOTH = """<style>
.jp-OutputArea:has(.gostack-monitor) .jp-OutputArea-child:has(.gostack-monitor-page) { display: none; }
.jp-OutputArea:has(.gostack-monitor-page) .jp-OutputArea-child:has(> .jp-OutputArea-output.jupyter-widgets) {
  display: none;
}
</style>"""
# The second rule hides the one line of JupyterLab, "model not found", in the place of a view whose kernel is gone.


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm and when it was raised."""

    at: datetime
    alarm: Alarm


def heading(name: str, how: str, folder: str) -> str:
    """Say what is captured, how often, and where it is kept."""
    where = f"Each capture is saved in <code>{escape(folder)}</code> before it is drawn."
    return _box(f"<b>{escape(name)}</b> {escape(how)}<br><span style='color:{FAINT}'>{where}</span>")


def status(text: str) -> str:
    """Say how far it is; no live region, since it changes every second."""
    return _box(escape(text))


def problem(text: str) -> str:
    """Say what went wrong; nothing without text."""
    if not text:
        return ""
    style = f"border-left:4px solid #b26a00;background:{PAPER};padding:4px 10px;margin:2px 0"
    return f'<div class="{PLAIN}" role="status" style="{TEXT};{style}"><b>Problem:</b> {escape(text)}</div>'


def alarm_box(raised: Sequence[Raised]) -> str:
    """Say which groups are strong or proven suspects, and why; nothing if there are none."""
    if not raised:
        return ""
    style = f"border:1px solid {RED};border-left:6px solid {RED};background:{PAPER};padding:6px 12px;margin:4px 0"
    more = len(raised) - MOST_ALARMS
    rest = f"<div>and {count_words(more, 'more alarm')}: <code>monitor.alarms</code></div>" if more > 0 else ""
    shown = "".join(map(_alarm, raised[:MOST_ALARMS]))
    return f'<div class="{PLAIN}" role="alert" style="{TEXT};{style}">{shown}{rest}</div>'


def group_table(rows: Sequence[GroupRow]) -> str:
    """Return the groups that grew most as a table."""
    if not rows:
        return ""
    head = "".join(
        f'<th scope="col" style="{_cell(right)};border-bottom:1px solid {LINE}">{escape(name)}</th>'
        for name, right in (
            ("blocked at", False),
            ("state", False),
            ("first", True),
            ("now", True),
            ("change", True),
            ("per hour", True),
            ("verdict", False),
        )
    )
    body = "".join(map(_row, rows))
    caption = f'<caption style="text-align:left;color:{FAINT}">Groups by growth since the first round</caption>'
    style = "border-collapse:collapse;width:100%;table-layout:auto"
    return _box(f'<table style="{style}">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def event_list(events: Sequence[Event]) -> str:
    """Return the last events, the newest first."""
    if not events:
        return ""
    rows = "".join(
        f'<li style="margin:0"><span style="color:{FAINT}">{_clock(event.at)}</span> {escape(event.text)}</li>'
        for event in reversed(events[-MOST_EVENTS:])
    )
    return _box(f'<ul style="margin:2px 0;padding-left:0;list-style:none">{rows}</ul>')


def span(seconds: float) -> str:
    """Say a span of time.

    >>> span(15), span(3600), span(5400), span(0.5)
    ('15 s', '1 h', '1 h 30 min', '0.5 s')
    """
    if seconds < 60:
        return f"{seconds:g} s"
    hours, rest = divmod(round(seconds), 3600)
    parts = ((hours, "h"), (rest // 60, "min"), (rest % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def page(parts: Iterable[str], picture: bytes, at: datetime) -> str:
    """Put all of it together for where no kernel is; hidden where the live view is."""
    said = f"As it was at {at:%Y-%m-%d %H:%M:%S} UTC. The buttons live in the kernel that made them; what was captured"
    said += " is in the folder, and <code>gs.read</code> reads it."
    image = ""
    if picture:
        data = base64.b64encode(picture).decode("ascii")
        alt = "goroutines over time, all of them and the groups that grew most"
        image = f'<img alt="{alt}" style="max-width:100%;width:1100px" src="data:image/png;base64,{data}">'
    note = _box(f'<span style="color:{FAINT}">{said}</span>')
    return f'{_ONE_OF_BOTH}<div class="gostack-monitor-page {PLAIN}">{"".join(parts)}{image}{note}</div>'


def place_words(place: Place) -> str:
    """Name a place in a line of text."""
    return " ".join(filter(None, [place.function, place.location, f"({place.state})" if place.state else ""]))


def _alarm(raised: Raised) -> str:
    alarm = raised.alarm
    what = f"{count_words(alarm.count)} in {_place(alarm.place)}"
    head = f"{_badge(alarm.verdict)} <b>Alarm at {_clock(raised.at)}:</b> {what}"
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in alarm.reasons[:MOST_REASONS])
    return f'<div>{head}<ul style="margin:2px 0 4px;padding-left:22px">{reasons}</ul></div>'


def _row(row: GroupRow) -> str:
    rate = "" if row.rate_per_hour is None else _signed(round(row.rate_per_hour))
    numbers = (f"{row.first:,}", f"{row.last:,}", _signed(row.change), rate)
    cells = "".join(f'<td style="{_cell(right=True)}">{number}</td>' for number in numbers)
    where = f'<td style="{_cell()};overflow-wrap:anywhere"><code>{escape(row.place.function)}</code> '
    where += f'<span style="color:{FAINT}">{escape(row.place.location)}</span></td>'
    state = f'<td style="{_cell()};white-space:nowrap">{escape(row.place.state)}</td>'
    return f'<tr>{where}{state}{cells}<td style="{_cell()}">{_badge(row.verdict)}</td></tr>'


def _badge(verdict: str) -> str:
    if not verdict:
        return ""
    style = f"background:{BADGES[verdict]};color:#fff;border-radius:3px;padding:0 6px;font-weight:600"
    return f'<span style="{style}">{verdict}</span>'


def _place(place: Place) -> str:
    state = f", {escape(place.state)}" if place.state else ""
    return f"<code>{escape(place.function)}</code> {escape(place.location)}{state}"


def _cell(right: bool = False) -> str:  # noqa: FBT001, FBT002
    side = "right;font-variant-numeric:tabular-nums;white-space:nowrap" if right else "left"
    return f"padding:2px 10px 2px 0;vertical-align:top;text-align:{side};background:transparent"


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "0"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"


def _box(inner: str) -> str:
    return f'<div class="{PLAIN}" style="{TEXT}">{inner}</div>'
