"""Frames and a checkout -> the lines of source around them, to show and to print."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from gostack_nb.reports.words import listed
from gostack_nb.sources.checkout import Checkout, Fit

AROUND = 5
"""Lines before and after the one that is meant."""

MOST_READ = 20
"""Files of the same name that are opened to see whether they hold the function."""

_SHOWN_OTHERS = 3

_CLOSURE = re.compile(r"^(?:func\d+|\d+|gowrap\d+|deferwrap\d+|init)$")

_CODE = (
    "font-family:var(--jp-code-font-family,monospace);line-height:1.4;overflow-x:auto;"
    "background:var(--jp-layout-color2,#f3f6f9);padding:.5em .9em;margin:.2em 0 .8em"
)
_MARK = "background:#F0E442;color:#1a1a1a"  # readable on light and dark


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a source file.

    Attributes
    ----------
    title : str
        What is shown, and of which file.
    lines : tuple of (int, str)
        Numbered lines; none if the file was not found.
    marked : int
        The number of the line that is meant.
    note : str
        What the reader should know: not found, several found, another version.
    """

    title: str
    lines: tuple[tuple[int, str], ...] = ()
    marked: int = 0
    note: str = ""

    def __str__(self) -> str:
        rows = [f"{'>' if number == self.marked else ' '} {number:>5}  {text}" for number, text in self.lines]
        return "\n".join([self.title, *filter(None, [self.note]), *rows])

    def as_html(self) -> str:
        """Return title, note and lines as HTML; all text is escaped."""
        note = f" {escape(self.note)}" if self.note else ""
        rows = "\n".join(_row(number, text, marked=number == self.marked) for number, text in self.lines)
        code = f'<pre style="{_CODE}">{rows}</pre>' if rows else ""
        return f'<p style="margin:.6em 0 .2em"><b>{escape(self.title)}</b>{note}</p>{code}'


def _row(number: int, text: str, *, marked: bool) -> str:
    row = f"{number:>5}  {escape(text)}"
    return f'<mark style="{_MARK}">{row}</mark>' if marked else row


def excerpt(checkout: Checkout, what: str, function: str, file: str, line: int) -> Excerpt:
    """Return the lines around a frame, or why there are none.

    Parameters
    ----------
    checkout : Checkout
        Where the source lies.
    what : str
        Begins the title: `Blocked here`.
    function, file : str
        As the dump prints them.
    line : int
        The line of the frame.
    """
    fits = checkout.fits(file)
    title = f"{what}: {file}:{line}"
    holding = [(fit, text) for fit, text in _texts(checkout, fits) if names_function(text, function)]
    if not holding:
        return Excerpt(title, note=_none(checkout, fits, function))
    best, text = holding[0]
    lines = text.splitlines()
    if line > len(lines):
        return Excerpt(title, note=f"{best.path} has {len(lines):,} lines only: it is another version.")
    first = max(line - AROUND, 1)
    shown = tuple((n, _printable(lines[n - 1])) for n in range(first, min(line + AROUND, len(lines)) + 1))
    return Excerpt(f"{what}: {best.path}:{line}", shown, line, _several([fit for fit, _ in holding]))


def _texts(checkout: Checkout, fits: Sequence[Fit]) -> list[tuple[Fit, str]]:
    read = ((fit, checkout.text(fit.path)) for fit in fits[:MOST_READ])
    return [(fit, text) for fit, text in read if text is not None]


def names_function(text: str, function: str) -> bool:
    """Tell whether a source file holds the function of a frame; of a closure, the function around it.

    >>> names_function("func (s *server) run() {", "app/push.(*server).run.func1")
    True
    >>> names_function("func main() {", "main.(*session).ackLoop")
    False
    """
    plain = re.sub(r"\[.*?\]", "", function.rpartition("/")[2])
    names = [name for name in plain.split(".")[1:] if name and not _CLOSURE.match(name)]
    receiver_or_name = names[:2] if names and names[0].startswith("(") else names[:1]
    return not names or re.search(rf"\b{re.escape(receiver_or_name[-1].strip('(*)'))}\b", text) is not None


def _none(checkout: Checkout, fits: Sequence[Fit], function: str) -> str:
    if not fits:
        return f"No such file in {checkout.root}."
    named = f"{fits[0].path} in {checkout.root}" if len(fits) == 1 else f"{len(fits)} files in {checkout.root}"
    verb = "has" if len(fits) == 1 else "have"
    return f"{named} {verb} that name, but none that can be read holds {function}: it may be another version."


def _several(fits: Sequence[Fit]) -> str:
    """Say which other files fit as well as the one that is shown."""
    equal = [str(fit.path) for fit in fits[1:] if fit.parts == fits[0].parts]
    if not equal:
        return ""
    more = [f"{len(equal) - _SHOWN_OTHERS:,} more"] if len(equal) > _SHOWN_OTHERS else []
    return f"{listed([*equal[:_SHOWN_OTHERS], *more])} would fit as well."


def _printable(line: str) -> str:
    """Expand tabs, and show what steers a terminal or turns the direction of text as a replacement character."""
    return "".join(one if one.isprintable() else "\ufffd" for one in line.expandtabs(4))
