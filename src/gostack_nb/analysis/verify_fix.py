"""Two datasets -> table: whether what grew before a fix is flat after it."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from gostack_nb.analysis.fix_courses import Course, Side
from gostack_nb.analysis.fix_groups import Groups, Key, comparable_key
from gostack_nb.analysis.fix_notes import notes
from gostack_nb.analysis.fix_verdicts import (
    UNKNOWN_LOAD,
    VERDICTS,
    Finding,
    Load,
    judge,
    leaves,
    old_rate,
    overall,
)
from gostack_nb.analysis.fix_words import course_words
from gostack_nb.analysis.keys import DEFAULT_KEY, DESCRIPTION, By, key_names
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset

TOTAL, GROUP = "total", "group"

_NUMBERS = {
    "snapshots": ("snapshots", "int64"),
    "processes": ("processes", "int64"),
    "hours": ("hours", "float64"),
    "first": ("first", "int64"),
    "last": ("last", "int64"),
    "rate_per_hour": ("rate", "Float64"),
    "rate_low": ("low", "Float64"),
    "rate_high": ("high", "Float64"),
    "arrivals": ("arrivals", "Int64"),
    "exits": ("exits", "Int64"),
}
"""Columns of each side, the field of a course that they show, and their dtype."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row to be: its courses and what they come to; `key` is None for the total."""

    key: Key | None
    subject: str
    before: Course
    after: Course
    finding: Finding
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Say what happened, what that amounts to, and why."""
        end = f"{course_words(self.subject, self.before, self.after)}: {self.finding.word}."
        return " ".join([end, *self.finding.reasons, *self.notes])


@checked
def verify_fix(before: Dataset, after: Dataset, *, by: By = DEFAULT_KEY) -> pd.DataFrame:
    r"""Tell whether what grew before a fix is flat after it: in total, and group by group.

    Flat is not what merely shows no growth. It is what excludes growth at a fifth of the old rate: the upper end of the
    95 % interval is below it, over a time in which the old rate would have added at least 15 goroutines, from at least
    5 dumps; or goroutine ids show that hardly any of those who were born in the first half of the time is there at the
    end. And it takes comparable load, told by ids: at least half as many goroutines that come and go, and of a group
    at least half as many of the others that its creator starts. Without ids the sentence says that load is not known.

    Parameters
    ----------
    before, after : Dataset
        Several snapshots each, of one process or several; of a process that was restarted the last run counts, and
        dumps that are cut or have no time are left out. The processes of the two sides need not have the same names.
    by : str or sequence of str
        What makes a group, as for `growth`. The default survives moved lines, renumbered closures and another Go. A
        part that some dump cannot tell (debug=1 has no states) is left out.

    Returns
    -------
    DataFrame
        The first row is the total, with the verdict on the whole; then come the groups that grew before, those that
        gained most first; then those that grow only after. `scope` (category: `total`, `group`); `verdict` (category,
        from best to worst): `flat` (before and after: nothing to fix), `fixed`, `undecided` (the sentence says what
        would decide), `new growth` (only after, and beyond its number before), `still grows`. For each side,
        `before_...` and `after_...`: `snapshots`, `processes` (int64), `hours` (float64, first to last), `first`,
        `last` (int64, goroutines, added up over the processes), `rate_per_hour`, `rate_low`, `rate_high` (Float64,
        Theil-Sen slope and its 95 % interval; NA with too few dumps), `arrivals`, `exits` (Int64, goroutines by id; NA
        for the total and without ids). `expected` (Float64, goroutines that the old rate would have added after; NA if
        nothing grew before); the key columns and those that describe the group (category; NA for the total);
        `sentence` (str): the verdict in words, with its numbers.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    See Also
    --------
    compare : two dumps group by group.

    Examples
    --------
    >>> import gostack_nb as gs
    >>> dump = b"goroutine 7 [select]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n"
    >>> found = gs.verify_fix(gs.read(dump), gs.read(dump))
    >>> found["verdict"].iloc[0]
    'undecided'
    """
    sides = Side.of(before), Side.of(after)
    key = comparable_key(sides, by)
    groups = Groups.of(sides[0], key), Groups.of(sides[1], key)
    load = Load(sides[0].turnover(), sides[1].turnover())
    lines = [*_grew_before(groups, load), *_grows_only_after(groups)]
    return _table([_total(sides, load, lines), *lines], groups, (*key_names(by), *DESCRIPTION))


def _total(sides: tuple[Side, Side], load: Load, lines: list[Line]) -> Line:
    before, after = sides[0].total(), sides[1].total()
    named = [(line.subject, line.before.change, line.finding) for line in lines]
    finding = overall(judge(before, after, load), named)
    return Line(None, "The total", before, after, finding, notes(sides, load))


def _grew_before(groups: tuple[Groups, Groups], load: Load) -> list[Line]:
    """Return the groups that the fix is about, the fastest first."""
    keys = groups[0].growing
    lines = [_line(groups, key, judge(*_courses(groups, key), _load_of(groups, key, load))) for key in keys]
    return sorted(lines, key=lambda line: (-line.before.change, line.subject))


def _load_of(groups: tuple[Groups, Groups], key: Key, load: Load) -> Load:
    """Add what else the creator of a group starts: a service may be busy, and not with what leaked."""
    creator = groups[0].words(key, "created_by")
    then, now = (of.siblings(creator, groups[0].growing) for of in groups)
    return replace(load, siblings_before=then, siblings_after=now)


def _grows_only_after(groups: tuple[Groups, Groups]) -> list[Line]:
    """Return the groups that grow beyond their number before, the fastest first: after a restart all grow up to it."""
    lines = []
    for key in groups[1].growing - groups[0].growing:
        before, after = _courses(groups, key)
        beyond = after.last * before.processes > before.last * after.processes
        if beyond and not leaves(after, old_rate(after, after)):
            lines.append(_line(groups, key, judge(before, after, UNKNOWN_LOAD)))
    return sorted(lines, key=lambda line: (-line.after.change, line.subject))


def _courses(groups: tuple[Groups, Groups], key: Key) -> tuple[Course, Course]:
    return groups[0].course(key), groups[1].course(key)


def _line(groups: tuple[Groups, Groups], key: Key, finding: Finding) -> Line:
    return Line(key, _subject(groups, key), *_courses(groups, key), finding)


def _subject(groups: tuple[Groups, Groups], key: Key) -> str:
    """Name a group in a sentence: its function, and its state if that is known."""
    function, state = (_words(groups, key, name) for name in ("user_function", "state"))
    named = _words(groups, key, "top_function") if pd.isna(function) else function
    return f"{named}" if pd.isna(state) else f"{named} [{state}]"


def _words(groups: tuple[Groups, Groups], key: Key, name: str) -> Any:
    """Return what a column says of a group: as it is after, if it is there."""
    of = groups[1] if key in groups[1].rows else groups[0]
    return of.words(key, name)


def _table(lines: list[Line], groups: tuple[Groups, Groups], described: tuple[str, ...]) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "scope": pd.Categorical([TOTAL if line.key is None else GROUP for line in lines], categories=[TOTAL, GROUP]),
        "verdict": pd.Categorical([line.finding.verdict for line in lines], categories=VERDICTS, ordered=True),
    }
    for side in ("before", "after"):
        for name, (field, dtype) in _NUMBERS.items():
            values: list[Any] = [getattr(getattr(line, side), field) for line in lines]
            columns[f"{side}_{name}"] = pd.Series(values, dtype=dtype)
    columns["expected"] = pd.Series([line.finding.expected for line in lines], dtype="Float64")
    for name in dict.fromkeys(described):
        words = [None if line.key is None else _words(groups, line.key, name) for line in lines]
        columns[name] = pd.Series(words, dtype="str").astype("category")
    return pd.DataFrame(columns).assign(sentence=pd.array([line.sentence for line in lines], dtype="str"))
