"""Datasets -> a folder of charts: pictures, the tables behind them, and a caption each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from os import PathLike
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.ages import ages
from gostack_nb.analysis.call_tree import call_tree, call_tree_change
from gostack_nb.analysis.creators import creators
from gostack_nb.analysis.decomposition import decompose
from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.growth import count_by_snapshot
from gostack_nb.analysis.siblings import siblings
from gostack_nb.analysis.snapshots import countable_snapshots, latest
from gostack_nb.analysis.verify_fix import verify_fix
from gostack_nb.analysis.waiting import waiting
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.ages import plot_ages
from gostack_nb.plots.compare import plot_compare
from gostack_nb.plots.creators import plot_creators
from gostack_nb.plots.decomposition import plot_decomposition
from gostack_nb.plots.export import export_figure, picture, write_text
from gostack_nb.plots.flame import plot_flame, plot_flame_change
from gostack_nb.plots.groups import plot_groups
from gostack_nb.plots.growth import plot_growth
from gostack_nb.plots.heat_map import plot_heat_map
from gostack_nb.plots.names import markdown_text
from gostack_nb.plots.siblings import plot_siblings
from gostack_nb.plots.states import plot_states
from gostack_nb.plots.style import figure_of
from gostack_nb.plots.verify_fix import plot_verify_fix
from gostack_nb.plots.waiting import plot_waiting

CAPTIONS_NAME = "captions.md"

CHARTS_VERSION = 1
"""Of the names of the files and the columns of the tables, said in the file of captions."""

NOTHING_TO_SHOW = "not written: the dumps tell nothing of it"

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a dataset: the name of its files, the table behind it, and how it is read."""

    name: str
    table: Callable[[Dataset], pd.DataFrame]
    plot: Callable[[Dataset], Axes]
    how_to_read: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same of two datasets, before and after."""

    name: str
    table: Callable[[Dataset, Dataset], pd.DataFrame]
    plot: Callable[[Dataset, Dataset], Axes]
    how_to_read: str


CHARTS = (
    Chart("growth", count_by_snapshot, plot_growth, "One line per group of equal stacks, the black one is the total."),
    Chart("decomposition", decompose, plot_decomposition, "Areas are groups; together they are the dump's total."),
    Chart("heat-map", count_by_snapshot, plot_heat_map, "One row per group, one column per snapshot; dark is many."),
    Chart("groups", lambda of: group(latest(of)), plot_groups, "The biggest groups of the latest snapshot."),
    Chart(
        "states",
        lambda of: group(countable_snapshots(of), by="state"),
        plot_states,
        "What the goroutines wait for, in the runtime's words.",
    ),
    Chart(
        "waiting",
        lambda of: waiting(latest(of)),
        plot_waiting,
        "Go prints whole minutes from 1 up: a wait is at least as long as it says.",
    ),
    Chart("ages", ages, plot_ages, "Ids count births: who stands right is young."),
    Chart(
        "siblings",
        lambda of: siblings(latest(of)),
        plot_siblings,
        "Goroutines that one function starts together should be equally many.",
    ),
    Chart("creators", creators, plot_creators, "Who stands indented was started by the one above."),
    Chart("flame", call_tree, plot_flame, "A box is a call, as wide as the goroutines that go through it."),
)

COMPARISONS = (
    Comparison("fix", verify_fix, plot_verify_fix, "The totals before and after, with the rate fitted to each."),
    Comparison("before-and-after", compare, plot_compare, "The latest snapshots before and after, group by group."),
    Comparison(
        "flame-change", call_tree_change, plot_flame_change, "Boxes are as wide as after the change, coloured by it."
    ),
)


@checked
def export_charts(dataset: Dataset, folder: str | PathLike[str], *, after: Dataset | None = None) -> pd.DataFrame:
    """Write every chart that the dumps have something for, each as pictures with the table behind it.

    Parameters
    ----------
    dataset : Dataset
        As `read` returns it.
    folder : str or path
        Where to write; made if it is not there. Files of the same names are replaced, others stay.
    after : Dataset, optional
        Dumps of the fixed build: adds `fix`, `before-and-after` and `flame-change`.

    Returns
    -------
    DataFrame
        One row per chart: `chart` (str, the beginning of its files' names, always the same), `caption` (str), `png`
        (200 dots per inch), `svg`, `pdf`, `csv` (str, names of the files; NA if the dumps tell nothing of it). The
        captions stand in `captions.md` too. The CSV is UTF-8; a text that a spreadsheet would run as a formula
        begins with an apostrophe.

    Raises
    ------
    ExportError
        If the folder cannot be written.

    Examples
    --------
    >>> written = gs.export_charts(dataset, "charts")
    >>> written["chart"].head(3).tolist()
    ['growth', 'decomposition', 'heat-map']
    """
    rows = list(_written(dataset, after, Path(folder)))
    table = pd.DataFrame(rows, columns=["chart", "caption", "png", "svg", "pdf", "csv"], dtype="str")
    write_text(Path(folder) / CAPTIONS_NAME, "\n".join([*map(_captioned, rows), _written_by()]))
    return table


def _written(dataset: Dataset, after: Dataset | None, folder: Path) -> Iterator[tuple[str | None, ...]]:
    for chart in CHARTS:
        yield _export(chart.name, chart.table(dataset), partial(chart.plot, dataset), chart.how_to_read, folder)
    if after is not None:
        for both in COMPARISONS:
            table, plot = both.table(dataset, after), partial(both.plot, dataset, after)
            yield _export(both.name, table, plot, both.how_to_read, folder)


def _export(
    name: str, table: pd.DataFrame, plot: Callable[[], Axes], how_to_read: str, folder: Path
) -> tuple[str | None, ...]:
    """Write one chart; a table without rows has no chart."""
    if table.empty:
        return name, NOTHING_TO_SHOW, None, None, None, None
    with open_chart(plot) as ax:
        files = [path.name for path in export_figure(ax, folder, name)]
        caption = caption_of(ax, how_to_read)
    write_text(folder / f"{name}.csv", _csv(table))
    return name, caption, *files, f"{name}.csv"


def drawn(plot: Callable[[], Axes], how_to_read: str) -> tuple[str, bytes] | None:
    """Return the caption of a chart and its PNG; None if it only says that there is nothing to see."""
    with open_chart(plot) as ax:
        return (caption_of(ax, how_to_read), picture(figure_of(ax), "png")) if ax.has_data() else None


@contextmanager
def open_chart(plot: Callable[[], Axes]) -> Iterator[Axes]:
    """Draw a chart, and close its figure when it is done with."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as in style.py

    ax = plot()
    try:
        yield ax
    finally:
        plt.close(figure_of(ax))


def caption_of(ax: Axes, how_to_read: str) -> str:
    """Return what the title and the line below it say, as sentences, and how the chart is read."""
    title, below = ax.get_title(loc="left").strip(), " ".join(ax.get_title().split())
    said = [f"{text[0].upper()}{text[1:].rstrip('.')}." for text in (title, below) if text]
    return " ".join([*said, how_to_read])


def _csv(table: pd.DataFrame) -> str:
    texts = table.select_dtypes(include=["category", "str", "object"]).columns
    safe = table.astype(dict.fromkeys(texts, "object"))
    safe[list(texts)] = safe[list(texts)].map(_plain_cell)
    return safe.to_csv(index=False, lineterminator="\n")


def _plain_cell(value: object) -> object:
    """Put an apostrophe before what a spreadsheet would run.

    >>> _plain_cell("=cmd|' /C calc'!A0"), _plain_cell("main.f")
    ("'=cmd|' /C calc'!A0", 'main.f')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_BEGINS) else value


def _written_by() -> str:
    return f"Written by gostack-nb {version('gostack-nb')}, charts version {CHARTS_VERSION}.\n"


def _captioned(row: tuple[str | None, ...]) -> str:
    """Return a chart's part of the file of captions."""
    name, caption, png, *_, csv = row
    text = markdown_text(caption or "")
    picture = f"![{name}]({png})\n\n" if png else ""
    data = f" Data: [{csv}]({csv})." if csv else ""
    return f"## {name}\n\n{picture}{text}{data}\n"
