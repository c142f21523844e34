"""Two datasets -> dumbbells: how many goroutines of each group before and after."""

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.keys import DEFAULT_KEY, By
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.bars import ROOM_FOR_COUNTS, bar_canvas, name_bars
from gostack_nb.plots.moments import count_words, latest_moment
from gostack_nb.plots.names import drawable, group_names, shortened
from gostack_nb.plots.style import COLORS, OTHER_COLOR, canvas, count_axis, finish, say_empty, title

BEFORE_COLOR, MORE, FEWER = OTHER_COLOR, COLORS[0], COLORS[1]
UNCHANGED = "no group changed"


@checked
def plot_compare(
    before: Dataset | pd.DataFrame,
    after: Dataset | pd.DataFrame,
    *,
    by: By = DEFAULT_KEY,
    top: int = 12,
    names: tuple[str, str] = ("before", "after"),
    ax: Axes | None = None,
) -> Axes:
    """Draw how each group changed from one dump to another: a line from the count before to the count after.

    Parameters
    ----------
    before, after : Dataset or DataFrame
        As for `compare`.
    by : str or sequence of str
        What makes goroutines equal, as for `compare`.
    top : int
        How many groups have a line of their own, the greatest change first; the rest that changed is "other".
    names : tuple of str
        What to call the two.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        A hollow grey mark before, a filled one after: orange for more, blue for fewer, with the change behind.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_compare(gs.first(dataset), gs.latest(dataset))
    >>> ax.get_title(loc="left").strip()
    '164 goroutines before, 288 after (+124)'
    """
    table = compare(before, after, by=by)
    changed = table[table["change"] != 0]
    if changed.empty:
        return say_empty(canvas(ax, 10, 3), UNCHANGED if len(table) else "no goroutines")
    shown = _rows(changed, by, top)
    ax = bar_canvas(ax, [*shown["name"], "legend"])
    said = [shortened(drawable(name), 24) for name in names]
    _draw(ax, shown, said)
    title(
        ax,
        _headline(table, said),
        f"{latest_moment(after).when}, {count_words(len(changed), 'group')} changed".lstrip(" ,"),
    )
    return finish(ax)


def _rows(changed: pd.DataFrame, by: By, top: int) -> pd.DataFrame:
    shown, rest = changed.head(top), changed.iloc[top:]
    names, before, after = group_names(shown, by), shown["before"].tolist(), shown["after"].tolist()
    if len(rest):
        names.append(f"other ({count_words(len(rest), 'group')})")
        before.append(int(rest["before"].sum()))
        after.append(int(rest["after"].sum()))
    return pd.DataFrame({"name": names, "before": before, "after": after})


def _draw(ax: Axes, shown: pd.DataFrame, names: list[str]) -> None:
    places = range(len(shown))
    colors = [MORE if after >= before else FEWER for before, after in zip(shown["before"], shown["after"], strict=True)]
    ax.hlines(places, shown["before"], shown["after"], colors=colors, linewidth=2.2, zorder=2)
    ax.scatter(
        shown["before"], places, s=46, facecolors="white", edgecolors=BEFORE_COLOR, linewidths=1.6, zorder=3,
        label=names[0],
    )  # fmt: skip
    ax.scatter(shown["after"], places, s=46, c=colors, zorder=4, label=names[1])
    most = int(shown[["before", "after"]].to_numpy().max())
    for place, before, after in zip(places, shown["before"], shown["after"], strict=True):
        text = f"  {before:,} → {after:,} ({after - before:+,})"
        ax.text(max(before, after) + most * 0.008, place, text, va="center", fontsize=9)
    name_bars(ax, shown["name"].tolist())
    count_axis(ax, "x", most * (ROOM_FOR_COUNTS + 0.08))
    ax.legend(loc="upper right", bbox_to_anchor=(1, 0), borderaxespad=4, ncols=2, frameon=False, fontsize=9)


def _headline(table: pd.DataFrame, names: list[str]) -> str:
    before, after = int(table["before"].sum()), int(table["after"].sum())
    return f"{before:,} goroutines {names[0]}, {after:,} {names[1]} ({after - before:+,})"
