"""Dataset -> the tree of who started whom, as indented bars."""

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.creators import ARROW, creators
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.bars import Bar, bar_canvas, draw_bars
from gostack_nb.plots.moments import count_words, latest_moment
from gostack_nb.plots.names import short_function
from gostack_nb.plots.style import COLORS, canvas, finish, say_empty, title

INDENT = "    "
LIVING, GONE = COLORS[1], COLORS[0]
NAME_POINTS = 5.6
"""Width of a character of a name, generously."""

LEGEND = "orange: the goroutines that started them have ended"
NO_CREATORS = "no creators here: debug=2 and crashes print them, debug=1 and debug=0 do not"


@checked
def plot_creators(dataset: Dataset, *, top: int = 20, ax: Axes | None = None) -> Axes:
    """Draw the tree of who started whom in the latest snapshots, a bar per function started.

    Parameters
    ----------
    dataset : Dataset
        Its latest snapshots, of several processes added up.
    top : int
        How many rows of the tree are drawn: the biggest, and those that they hang from.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        Names are indented below who started them; orange where the creator has ended.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_creators(dataset)
    >>> ax.get_title(loc="left").strip()
    'who started whom, 288 goroutines at 2026-11-23 08:59 UTC'
    """
    tree = creators(dataset)
    if tree.empty:
        return say_empty(canvas(ax, 10, 3), NO_CREATORS)
    shown = _biggest(tree, top)
    bars = _bars(shown)
    ax = bar_canvas(ax, [bar.name for bar in bars])
    draw_bars(ax, bars)
    _align_left(ax, bars)
    hidden = len(tree) - len(shown)
    notes = [LEGEND] if any(bar.color == GONE for bar in bars) else []
    notes += [f"{count_words(hidden, 'smaller row')} not shown"] if hidden else []
    title(ax, f"who started whom, {latest_moment(dataset).headline}", "; ".join(notes))
    return finish(ax)


def _biggest(tree: pd.DataFrame, top: int) -> pd.DataFrame:
    """Keep the rows that count most, with all that they hang from, in the order of the tree."""
    chosen: set[str] = set()
    for path in tree.sort_values("count", ascending=False, kind="stable")["path"].tolist():
        elements = path.split(ARROW)
        above = {ARROW.join(elements[:length]) for length in range(2, len(elements) + 1)}
        if len(chosen | above) <= top:
            chosen |= above
    return tree[tree["path"].isin(chosen)]


def _bars(shown: pd.DataFrame) -> list[Bar]:
    """Return a bar per row, and a line without one for each root."""
    bars: list[Bar] = []
    last = None
    for path, name, count, gone in zip(
        shown["path"], shown["entry_function"], shown["count"], _gone(shown), strict=True
    ):
        root, *below = str(path).split(ARROW)
        if root != last:
            bars.append(Bar(short_function(root), 0, LIVING, ""))
            last = root
        indented = INDENT * len(below) + short_function(str(name))
        bars.append(Bar(indented, int(count), GONE if gone else LIVING, f"{count:,}"))
    return bars


def _gone(shown: pd.DataFrame) -> pd.Series:
    """Tell which rows were started by goroutines of which none is left."""
    return shown["parent"].isna() & (shown["creators"] > 0) & (shown["creators_alive"] == 0)


def _align_left(ax: Axes, bars: list[Bar]) -> None:
    """Let the names begin at one line, so that the indents show."""
    ax.tick_params(axis="y", pad=NAME_POINTS * max(len(bar.name) for bar in bars))
    for label in ax.get_yticklabels():
        label.set_horizontalalignment("left")
