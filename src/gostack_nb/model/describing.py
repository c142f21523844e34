"""Tables -> a few words: what a Dataset shows of itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

MOST_NAMES = 6
MOST_GROUPS = 5

_BOX = (
    "border-left:4px solid var(--jp-brand-color1,#0072B2);padding:.3em .9em;margin:.2em 0;line-height:1.5;"
    "color:var(--jp-content-font-color1,inherit)"
)


@dataclass(frozen=True, slots=True)
class Description:
    """What a dataset holds: one line that counts, facts by name, the biggest groups of the last snapshot."""

    headline: str
    facts: tuple[tuple[str, str], ...]
    groups: tuple[tuple[int, str, str], ...]

    def __str__(self) -> str:
        facts = [f"  {name}: {text}" for name, text in self.facts]
        groups = [f"  {count:>9,}  {state} in {function}" for count, state, function in self.groups]
        return "\n".join([self.headline, *facts, *(["  most in the last snapshot:"] if groups else []), *groups])

    def as_html(self) -> str:
        """Return a box of HTML, escaped: all text may come from a dump."""
        facts = "".join(f"<div><b>{escape(name)}:</b> {escape(text)}</div>" for name, text in self.facts)
        rows = "".join(
            f'<tr><td style="text-align:right">{count:,}</td><td style="text-align:left">{escape(state)}</td>'
            f'<td style="text-align:left">{escape(function)}</td></tr>'
            for count, state, function in self.groups
        )
        table = f"<div><b>Most in the last snapshot:</b></div><table>{rows}</table>" if rows else ""
        # The classes keep MathJax away: a dollar sign in a name is no formula.
        return (
            f'<div class="tex2jax_ignore mathjax_ignore" style="{_BOX}">'
            f"<strong>{escape(self.headline)}</strong>{facts}{table}</div>"
        )


def describe(
    goroutines: pd.DataFrame, snapshots: pd.DataFrame, issues: pd.DataFrame, metrics: pd.DataFrame
) -> Description:
    """Say in words what is in the tables of a dataset."""
    headline = f"Dataset: {_count(len(goroutines), 'goroutine')} in {_count(len(snapshots), 'snapshot')}"
    facts = tuple((name, text) for name, text in _facts(snapshots, issues, metrics) if text)
    return Description(headline, facts, tuple(_groups(goroutines, snapshots)))


def _facts(snapshots: pd.DataFrame, issues: pd.DataFrame, metrics: pd.DataFrame) -> Iterator[tuple[str, str]]:
    yield "services", _names(_column(snapshots, "service"))
    yield "instances", _names(_column(snapshots, "instance"))
    yield "captured", _span(_column(snapshots, "captured_at"))
    forms = _column(snapshots, "form").value_counts()
    yield "forms", ", ".join(f"{count} x {form}" for form, count in forms.items() if count)
    yield "Go", _names(_column(snapshots, "go_version"))
    cut = int(_column(snapshots, "truncated").fillna(value=False).sum())
    yield "truncated", f"{_count(cut, 'snapshot')}, whose counts are too low" if cut else ""
    yield "issues", f"{_count(len(issues), 'thing')} could not be read: see .issues" if len(issues) else ""
    yield "metrics", _count(len(metrics), "sample") if len(metrics) else ""


def _names(values: pd.Series) -> str:
    names = [str(name) for name in values.dropna().unique()]
    return _some(names)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _span(times: pd.Series) -> str:
    known = times.dropna()
    if known.empty:
        return ""
    first, last = known.min(), known.max()
    end = "" if first == last else f" to {last:%Y-%m-%d %H:%M:%S}"
    return f"{first:%Y-%m-%d %H:%M:%S}{end} UTC"


def _groups(goroutines: pd.DataFrame, snapshots: pd.DataFrame) -> Iterator[tuple[int, str, str]]:
    """Count the last snapshot by state and by your function, or the one that it waits in."""
    if snapshots.empty:
        return
    rows = goroutines[_column(goroutines, "snapshot_id") == _column(snapshots, "snapshot_id").iloc[-1]]
    function = _words(rows, "user_function").fillna(_words(rows, "top_function")).fillna("?")
    words = pd.DataFrame({"state": _words(rows, "state").fillna("state not told"), "function": function})
    for key, count in words.value_counts().head(MOST_GROUPS).items():
        state, name = key if isinstance(key, tuple) else (key, "?")
        yield int(count), str(state), str(name)


def _words(frame: pd.DataFrame, name: str) -> pd.Series:
    return _column(frame, name).astype("str")


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, unknown throughout if the table lacks it: a dataset that is shown must not raise."""
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
