"""The ranking of a fleet -> HTML: what a notebook shows of it."""

from collections.abc import Iterator
from html import escape
from typing import Any

import pandas as pd

from gostack_nb.fleet.counts import Counts

MOST_ROWS = 20

_LEFT = 'style="text-align:left;vertical-align:top"'
_RIGHT = 'style="text-align:right;vertical-align:top"'
_HEADS = (
    ("", _LEFT),
    ("Service", _LEFT),
    ("Goroutines", _RIGHT),
    ("Instances", _RIGHT),
    ("Where", _LEFT),
    ("Reasons", _LEFT),
)


def ranking_as_html(table: pd.DataFrame, counts: Counts) -> str:
    """Return the first groups with their reasons. All text is escaped: it may come from a dump."""
    heads = "".join(f"<th {style}>{head}</th>" for head, style in _HEADS)
    rows = "".join(map(_row, table.head(MOST_ROWS).to_dict("records")))
    more = f"<p>{len(table) - MOST_ROWS:,} more groups are in the table.</p>" if len(table) > MOST_ROWS else ""
    body = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}" if len(table) else ""
    # The classes keep MathJax away: a dollar sign in a name is no formula.
    return f'<div class="tex2jax_ignore mathjax_ignore"><p>{escape(summary(counts))}</p>{body}</div>'


def summary(counts: Counts) -> str:
    """Say in one sentence what was swept.

    >>> summary(Counts())
    'No dump was counted.'
    """
    dumps, problems = counts.dumps(), counts.problems()
    if dumps.empty:
        return "No dump was counted." + _missing(len(problems))
    processes = len(dumps[["service", "instance"]].drop_duplicates())
    services = max(dumps["service"].nunique(), 1)
    seen = f"{_many(len(dumps), 'dump')} of {_many(processes, 'instance')} of {_many(services, 'service')}"
    return f"{seen}, {_many(len(counts.place_table), 'distinct stack')}." + _missing(len(problems))


def _missing(problems: int) -> str:
    return f" {_many(problems, 'problem')}: see .problems." if problems else ""


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _row(row: dict[Any, Any]) -> str:
    reasons = "".join(f"<li>{escape(str(reason))}</li>" for reason in row["reasons"])
    where = "<br>".join(escape(text) for text in _texts(row, "state", "user_function", "user_location"))
    verdict = "".join(_texts(row, "verdict"))
    numbers = f"{row['total']:,}<br>rms {row['rms']:,.0f}<br>max {row['maximum']:,}"
    cells = (
        (f"<b>{escape(verdict)}</b>", _LEFT),
        (escape("".join(_texts(row, "service"))), _LEFT),
        (numbers, _RIGHT),
        (f"{row['holders']:,} of {row['instances']:,}", _RIGHT),
        (where, _LEFT),
        (f'<ul style="margin:0;padding-left:1.2em">{reasons}</ul>', _LEFT),
    )
    return "<tr>" + "".join(f"<td {style}>{text}</td>" for text, style in cells) + "</tr>"


def _texts(row: dict[Any, Any], *names: str) -> Iterator[str]:
    return (str(row[name]) for name in names if not pd.isna(row[name]))
