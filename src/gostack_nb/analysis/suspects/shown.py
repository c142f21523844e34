"""The table of suspects -> HTML and text: what a notebook shows of it."""

from collections.abc import Iterator
from html import escape
from typing import Any, Protocol

import pandas as pd

from gostack_nb.sources.blob import printable

MOST_ROWS = 20

_NEEDED = frozenset({"verdict", "count", "rate_per_hour", "state", "user_function", "user_location", "reasons"})
_LEFT = 'style="text-align:left;vertical-align:top"'
_RIGHT = 'style="text-align:right;vertical-align:top"'


NOTHING = "No suspects: nothing in these dumps speaks for a leak."


class Printer(Protocol):
    """What IPython prints with."""

    def text(self, obj: str) -> None:
        """Print a text."""


class Suspects(pd.DataFrame):
    """The table that `suspects` returns; a notebook shows its reasons. What is made from it is a plain DataFrame."""

    def _repr_html_(self) -> str | None:
        if not set(self.columns) >= _NEEDED:
            return super()._repr_html_()  # type: ignore[misc, no-any-return]
        return suspects_as_html(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: FBT001 - as IPython calls it
        del cycle
        printer.text(suspects_as_text(self) if set(self.columns) >= _NEEDED else repr(self))


def suspects_as_html(table: pd.DataFrame) -> str:
    """Return the first suspects with their reasons. All text is escaped: it may come from a dump."""
    # The classes keep MathJax away: a dollar sign in a name is no formula.
    start = '<div class="tex2jax_ignore mathjax_ignore">'
    if table.empty:
        return f"{start}{NOTHING}</div>"
    heads = "".join(f"<th {_LEFT}>{head}</th>" for head in ("Verdict", "Goroutines", "Where", "Reasons"))
    rows = "".join(map(_row, table.head(MOST_ROWS).to_dict("records")))
    more = f"<p>{len(table) - MOST_ROWS:,} more are not shown here.</p>" if len(table) > MOST_ROWS else ""
    return f"{start}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}</div>"


def suspects_as_text(table: pd.DataFrame) -> str:
    """Return the first suspects with their reasons as lines, for where no HTML is shown."""
    if table.empty:
        return NOTHING
    lines = [line for row in table.head(MOST_ROWS).to_dict("records") for line in _lines(row)]
    more = [f"{len(table) - MOST_ROWS:,} more are not shown here."] if len(table) > MOST_ROWS else []
    return "\n".join([*lines, *more])


def _lines(row: dict[Any, Any]) -> Iterator[str]:
    rate = f" ({_rate(row)})" if _rate(row) else ""
    yield printable(f"{row['verdict']}: {row['count']:,}{rate} {' '.join(_where(row))}")
    for reason in row["reasons"]:
        yield printable(f"  - {reason}")


def _row(row: dict[Any, Any]) -> str:
    rate = f"<br>{_rate(row)}" if _rate(row) else ""
    reasons = "".join(f"<li>{escape(str(reason))}</li>" for reason in row["reasons"])
    where = "<br>".join(escape(text) for text in _where(row))
    return (
        f"<tr><td {_LEFT}><b>{escape(str(row['verdict']))}</b></td><td {_RIGHT}>{row['count']:,}{rate}</td>"
        f'<td {_LEFT}>{where}</td><td {_LEFT}><ul style="margin:0;padding-left:1.2em">{reasons}</ul></td></tr>'
    )


def _rate(row: dict[Any, Any]) -> str:
    rate = row["rate_per_hour"]
    return "" if pd.isna(rate) or round(rate) == 0 else f"{rate:+,.0f} an hour"


def _where(row: dict[Any, Any]) -> Iterator[str]:
    names = ("state", "user_function", "user_location")
    return (str(row[name]) for name in names if not pd.isna(row[name]))
