"""Two sets of dumps to the terminal, to programs and to an exit status: what `gostack-nb compare` prints."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Self

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.fix_verdicts import VERDICTS
from gostack_nb.analysis.snapshots import countable_snapshots, in_order, latest, only, process_numbers
from gostack_nb.analysis.verify_fix import verify_fix
from gostack_nb.errors import GostackError
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.export import export_file
from gostack_nb.plots.moments import count_words
from gostack_nb.plots.verify_fix import HEIGHT, WIDTH, plot_verify_fix
from gostack_nb.reports.listing import KEYS
from gostack_nb.reports.terminal import Row, shown, table_of
from gostack_nb.reports.words import clock

_STYLES = {"fixed": "bold green", "flat": "green", "undecided": "cyan", "new growth": "red", "still grows": "bold red"}
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_BY_ID = ("arrived", "left", "stayed")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of dumps, what changed from one to the other, and whether the growth is gone."""

    before: Dataset
    after: Dataset
    names: tuple[str, str]
    changes: pd.DataFrame  # as `compare` returns it
    fix: pd.DataFrame  # as `verify_fix` returns it

    @classmethod
    def of(cls, before: Dataset, after: Dataset, *, by: str, names: tuple[str, str]) -> Self:
        """Compare, by a key of `KEYS`."""
        key = KEYS[by]
        return cls(before, after, names, compare(before, after, by=key), verify_fix(before, after, by=key))

    @property
    def verdict(self) -> str:
        """Return the verdict of `verify_fix` on the whole."""
        return str(self.fix["verdict"].iloc[0])

    @property
    def has_courses(self) -> bool:
        """Whether there is more than one moment on each side."""
        whole = self.fix.iloc[0]
        return bool(min(whole["before_hours"], whole["after_hours"]) > 0)

    def fails(self, least: str | None) -> bool:
        """Tell whether the verdict is as bad as another one, or worse; never without one."""
        return least is not None and VERDICTS.index(self.verdict) >= VERDICTS.index(least.replace("-", " "))


def split_at(dataset: Dataset, start: str | None, end: str | None) -> tuple[Dataset, Dataset]:
    """Split one dataset in what is up to a time, and what follows up to another, by the nearest dumps of each process.

    Parameters
    ----------
    dataset : Dataset
        Snapshots with times.
    start, end : str or None
        ISO 8601, or a time of day of a day of the dumps; UTC unless it says otherwise. None: the first and last dump.

    Raises
    ------
    GostackError
        If a time cannot be read, or no dump is left on one side.
    """
    snapshots = in_order(countable_snapshots(dataset).snapshots).dropna(subset="captured_at")
    if not len(snapshots):
        msg = "no dump has a time, so that there is no before and after. Hint: name two sources"
        raise GostackError(msg)
    times = snapshots["captured_at"]
    since, until = (None if text is None else _moment(text, times) for text in (start, end))
    early, late = [], []
    for _, rows in snapshots.groupby("process"):
        first, last = _place(rows, since, 0), _place(rows, until, len(rows) - 1)
        early += rows["snapshot_id"].iloc[: first + 1].tolist()
        late += rows["snapshot_id"].iloc[first + 1 : last + 1].tolist()
    if not late:
        msg = f"no dump is left to compare with; they are of {_when(times)}. Hint: name a second source, or other times"
        raise GostackError(msg)
    return only(dataset, *early), only(dataset, *late)


def _moment(text: str, times: pd.Series) -> pd.Timestamp:
    """Read a time; of a time of day the day is taken that brings it nearest to a dump.

    >>> str(_moment("08:54", pd.Series(pd.to_datetime(["2026-11-23T08:53:43Z"]))))
    '2026-11-23 08:54:00+00:00'
    """
    try:
        if not _TIME_OF_DAY.fullmatch(text):
            told = datetime.fromisoformat(text)
            return pd.Timestamp(told if told.tzinfo else told.replace(tzinfo=UTC)).tz_convert("UTC")
        told_time = time.fromisoformat(text.zfill(len("08:54:30") if text.count(":") > 1 else len("08:54")))
        days = [pd.Timestamp.combine(day, told_time).tz_localize("UTC") for day in times.dt.date.unique()]
        return min(days, key=lambda moment: (times - moment).abs().min())
    except ValueError as error:
        msg = f"{text!r} is no time. Hint: 2026-11-23T08:54:00Z, or 08:54 or 08:54:30 of the day of the dumps, in UTC"
        raise GostackError(msg) from error


def _place(rows: pd.DataFrame, moment: pd.Timestamp | None, default: int) -> int:
    """Return which snapshot is nearest to a moment."""
    return default if moment is None else int((rows["captured_at"] - moment).abs().argmin())


def as_json(compared: Comparison) -> str:
    """Return the verdict and both tables as JSON text, ASCII only; <NA> is null."""
    tables = {"compare": compared.changes, "verify_fix": compared.fix}
    rows = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
    return json.dumps({"verdict": compared.verdict, **rows}, indent=1)


def write_chart(compared: Comparison, path: Path) -> None:
    """Draw both courses into a picture file."""
    ax = Figure(figsize=(WIDTH, HEIGHT), layout="constrained").add_subplot()
    export_file(plot_verify_fix(compared.before, compared.after, ax=ax), path)


def print_comparison(compared: Comparison, *, top: int) -> None:
    """Print the comparison to standard output."""
    Console(highlight=False).print(listing(compared, top=top))


def listing(compared: Comparison, *, top: int) -> RenderableType:
    """Return what a terminal shows: what is compared, which groups changed, and whether it is fixed."""
    sides = zip(("before", "after"), compared.names, (compared.before, compared.after), strict=True)
    return Group(*(_header(*side) for side in sides), *_changes(compared.changes, top), *_fix(compared, top))


def _header(side: str, name: str, dataset: Dataset) -> RenderableType:
    """Say what one side is."""
    snapshots = countable_snapshots(dataset).snapshots
    processes = process_numbers(snapshots).nunique()
    of = f" of {processes} processes" if processes > 1 else ""
    last = count_words(len(latest(dataset).goroutines)) + (" in the last" if len(snapshots) > processes else "")
    words = f"{count_words(len(snapshots), 'dump')}{of}, {_when(snapshots['captured_at'])}; {last}"
    return _marked(Text(f"{side:<6}", "bold"), Text("\n").join([shown(name), Text(words)]))


def _marked(mark: Text, text: Text) -> Table:
    """Stand a text beside a mark, so that its lines begin below each other."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row(mark, text)
    return grid


def _when(times: pd.Series) -> str:
    known = times.dropna()
    return clock(known.min(), known.max()) if len(known) else "times not known"


def _changes(changes: pd.DataFrame, top: int) -> Iterator[RenderableType]:
    changed = changes[changes["change"] != 0]
    same = count_words(len(changes) - len(changed), "group")
    if not len(changed):
        yield Text(f"\nNo group changed in number ({same}).")
        return
    by_id = [name for name in _BY_ID if changed[name].notna().any()]
    numbers = ["before", "after", "change", *by_id]
    gained = int(changes["change"].sum())
    title = f"\n{count_words(len(changed), 'group')} changed, {gained:+,} in all; {same} did not"
    table = table_of(title, *numbers, "state, where it is, who started it", numbers=numbers)
    for row in changed.head(top).to_dict("records"):
        table.add_row(*_numbers(row, by_id), _place_of(row))
    _rest(table, changed.iloc[top:])
    yield table


def _numbers(row: Row, by_id: Iterable[str]) -> Iterator[Text]:
    yield from (Text(f"{row[name]:,}") for name in ("before", "after"))
    yield Text(f"{row['change']:+,}", "bold")
    yield from (shown(row[name]) for name in by_id)


def _place_of(row: Row) -> Text:
    """Return state, function, place and creator, each on its line."""
    named = not pd.isna(row["user_function"])
    function, location = ("user_function", "user_location") if named else ("top_function", "top_location")
    lines = [shown(row["state"], "dim"), shown(row[function], "bold"), shown(row[location])]
    if not pd.isna(row["created_by"]):
        lines.append(Text("by ").append_text(shown(row["created_by"])))
    return Text("\n").join(lines)


def _rest(table: Table, rest: pd.DataFrame) -> None:
    if len(rest):
        words = Text(f"in {count_words(len(rest), 'more group')}", "dim")
        blank = [""] * (len(table.columns) - 4)
        table.add_row(*(f"{int(rest[name].sum()):,}" for name in ("before", "after", "change")), *blank, words)


def _fix(compared: Comparison, top: int) -> Iterator[RenderableType]:
    if not compared.has_courses:
        yield Text("\nOne dump on a side: whether growth is gone takes several, some time apart.", "dim")
        return
    rows = compared.fix.to_dict("records")
    yield Text("\nThe fix: ").append_text(shown(compared.verdict, _STYLES[compared.verdict]))
    yield from (_marked(Text("-"), shown(row["sentence"])) for row in rows[: top + 1])
    if len(rows) > top + 1:
        yield Text(f"and {count_words(len(rows) - top - 1, 'more group')}: --top {len(rows) - 1}", "dim")
