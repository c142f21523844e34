"""Suspects to the terminal, to programs and to an exit status: what `gostack-nb suspects` prints."""

import json

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gostack_nb.analysis.catalogue.entries import Entry
from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.snapshots import latest
from gostack_nb.analysis.suspects import suspects
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reading.rereading import read_addresses
from gostack_nb.reports.terminal import Row, shown

SURENESS = ("undecided", "weak", "strong", "proven")
"""Verdicts that `--fail-on` takes, the least sure first."""

_STYLES = {"proven": "bold red", "strong": "red", "weak": "yellow", "undecided": "cyan", "explained": "dim"}


def find_suspects(dataset: Dataset) -> pd.DataFrame:
    """Return the suspects, with what the files tell of locks and channels."""
    return suspects(dataset, addresses=read_addresses(latest(dataset)))


def fails(found: pd.DataFrame, least: str | None) -> bool:
    """Tell whether a suspect is at least as sure as a verdict; never without one.

    >>> fails(pd.DataFrame({"verdict": ["weak"]}), "undecided"), fails(pd.DataFrame({"verdict": ["weak"]}), "strong")
    (True, False)
    """
    if least is None:
        return False
    return bool(found["verdict"].isin(SURENESS[SURENESS.index(least) :]).any())


def as_json(found: pd.DataFrame) -> str:
    """Return the suspects as JSON text, a list of rows, ASCII only; <NA> is null."""
    rows: list[dict[str, object]] = json.loads(found.to_json(orient="records"))
    return json.dumps(rows, indent=1)


def print_suspects(dataset: Dataset, found: pd.DataFrame, *, top: int) -> None:
    """Print the suspects to standard output."""
    Console(highlight=False).print(listing(dataset, found, top=top))


def listing(dataset: Dataset, found: pd.DataFrame, *, top: int) -> RenderableType:
    """Return what a terminal shows: each suspect with its reasons below, then in a line each what is explained."""
    total = count_words(len(dataset.snapshots), "dump")
    explained = found["verdict"] == "explained"
    open_rows = found[~explained]
    title = f"{count_words(len(open_rows), 'suspect')} in {total}"
    if not len(open_rows):
        title = f"No suspect in {total}: nothing but size speaks against any group."
    parts: list[RenderableType] = [Text(title, "bold"), *map(_suspect, open_rows.head(top).to_dict("records"))]
    rest = len(open_rows) - top
    if rest > 0:
        parts.append(Text(f"\nand {count_words(rest, 'more suspect')}: --top {len(open_rows)}", "dim"))
    return Group(*parts, *_known(found[explained].head(top)))


def _suspect(row: Row) -> RenderableType:
    """Return verdict and numbers, function, place and state, the reasons, and what to look for."""
    named = not pd.isna(row["user_function"])
    function, location = ("user_function", "user_location") if named else ("top_function", "top_location")
    head = Text("\n").append_text(shown(row["verdict"], _STYLES[row["verdict"]])).append(f"  {_numbers(row)}")
    place = Text("\n").join([shown(row[function], "bold"), shown(row[location]), shown(row["state"], "dim")])
    body = Table.grid(padding=(0, 1))
    for mark, text in [*(("-", reason) for reason in row["reasons"]), *_look_for(row)]:
        body.add_row(mark, shown(text))
    return Group(head, Padding(place, (0, 0, 0, 2)), Padding(body, (0, 0, 0, 2)))


def _numbers(row: Row) -> str:
    rate: str = "" if pd.isna(row["rate_per_hour"]) else f", {row['rate_per_hour']:+z,.0f} per hour"
    return f"{count_words(row['count'])}, {row['share'] * 100:.0f} % of all{rate}"


def _look_for(row: Row) -> list[tuple[str, str]]:
    """Return what the catalogue says to look for in the code."""
    entry: Entry | None = None if pd.isna(row["pattern"]) else load_catalogue().get(row["pattern"])
    return [(">", f"Look for: {entry.look_for}")] if entry is not None and entry.look_for else []


def _known(found: pd.DataFrame) -> list[Text]:
    if not len(found):
        return []
    lines = [Text("\nknown, and no more than expected", "dim")]
    for row in found.to_dict("records"):
        line = Text(f"  {row['count']:,} ").append_text(shown(row["top_function"]))
        lines.append(line.append_text(Text(f" ({row['pattern']})", "dim")))
    return lines
