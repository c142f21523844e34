"""Stacks -> icicles: how many goroutines go through each call, and how that changed."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from gostack_nb.analysis.call_tree import call_tree, call_tree_change
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words, latest_moment
from gostack_nb.plots.names import drawable, shortened
from gostack_nb.plots.style import INK, PAPER, canvas, count_axis, figure_of, finish, say_empty, title

WIDTH = 12.0
ROW_HEIGHT = 0.27
MOST_LEVELS = 40
"""Deeper calls are left out and counted: recursion can be hundreds of frames deep."""

LEAST_SHARE = 0.0005
"""A call of fewer goroutines than this share of all is less than a dot wide."""

FONT_SIZE = 8
CHARACTER_POINTS = 0.58 * FONT_SIZE
"""How wide a character of DejaVu Sans is on average, generously."""

LEAST_CHARACTERS = 4
POINTS_PER_INCH = 72

YOURS, LIBRARY = "#f6a96b", "#cfd8e3"
"""Your code and the standard library; the first is the darker one in grey."""

GREW, FELL = "#f28e4b", "#6bb3e0"
CHANGE_COLORS = LinearSegmentedColormap.from_list("change", [FELL, "#f2f2f2", GREW])
ALL_NEW = 1.0


@checked
def plot_flame(dataset: Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the stacks of the latest snapshots as an icicle: entry functions on top, where they wait at the bottom.

    Parameters
    ----------
    dataset : Dataset
        Of each process the latest primary snapshot, added up.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        A box per call (`call_tree`), as wide as the goroutines that go through it; your code in orange, the standard
        library in grey. A box that is too narrow for its name has none.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_flame(gs.latest(dataset))
    >>> ax.get_title(loc="left").strip()
    '288 goroutines at 2026-11-23 08:59 UTC'
    """
    tree = call_tree(dataset)
    if tree.empty:
        return say_empty(canvas(ax, WIDTH, 3), "no goroutines")
    colors = [LIBRARY if std else YOURS for std in tree["is_std"].fillna(value=False)]
    headline = latest_moment(dataset).headline
    return _draw(tree.assign(color=colors), headline, "your code in orange, the standard library in grey", ax)


@checked
def plot_flame_change(before: Dataset, after: Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the stacks of `after` as an icicle, coloured by how each call changed since `before`.

    Parameters
    ----------
    before, after : Dataset
        Of each the latest primary snapshots.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        Boxes as wide as in `after`: orange where goroutines came, blue where they went, the deeper the greater the
        change relative to both. What `after` has not at all is counted under the title.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_flame_change(gs.first(dataset), gs.latest(dataset))
    >>> ax.get_title(loc="left").strip()
    '288 goroutines, +124 since before, at 2026-11-23 08:59 UTC'
    """
    change = call_tree_change(before, after)
    tree = change[change["count"] > 0].reset_index(drop=True)
    if tree.empty:
        return say_empty(canvas(ax, WIDTH, 3), "no goroutines after")
    share = tree["change"] / tree[["count", "before"]].max(axis=1)
    words = [f"{name} {'' if not moved else f'({moved:+,})'}".rstrip() for name, moved in _moves(tree)]
    tree = tree.assign(color=[CHANGE_COLORS((value + ALL_NEW) / 2) for value in share], words=words)
    return _draw(tree, f"{_change_words(change)} {latest_moment(after).when}", _gone(change), ax)


def _moves(tree: pd.DataFrame) -> list[tuple[str, int]]:
    return [(str(name), int(moved)) for name, moved in zip(tree["function"], tree["change"], strict=True)]


def _change_words(change: pd.DataFrame) -> str:
    roots = change[change["depth"] == 0]
    moved = int(roots["change"].sum())
    total = count_words(int(roots["count"].sum()))
    return f"{total}, {moved:+,} since before," if moved else f"{total}, as many as before,"


def _gone(change: pd.DataFrame) -> str:
    gone = change[(change["count"] == 0) & (change["self_count"] == 0)]
    lost = -int(gone[~gone["parent"].isin(gone["node"])]["change"].sum())
    legend = "orange: more goroutines than before, blue: fewer"
    return f"{legend}; {count_words(lost)} in calls that are gone" if lost else legend


def _draw(tree: pd.DataFrame, headline: str, below: str, ax: Axes | None) -> Axes:
    """Draw one box per row, as wide as its `count`, from `start` on, in `color`."""
    total = int(tree.loc[tree["depth"] == 0, "count"].sum())
    wide = tree[tree["count"] >= total * LEAST_SHARE]
    shown = wide[wide["depth"] < MOST_LEVELS]
    levels = int(shown["depth"].max()) + 1
    ax = canvas(ax, WIDTH, 1.5 + ROW_HEIGHT * max(levels, 4))
    ax.barh(
        shown["depth"], shown["count"], 1, shown["start"], color=shown["color"].tolist(), edgecolor=PAPER, linewidth=0.8
    )
    _write_names(ax, shown, total)
    count_axis(ax, "x", total)
    ax.set(xlim=(0, total), ylim=(levels - 0.5, -0.5), yticks=[])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    title(ax, headline, "; ".join(filter(None, [below, _left_out(tree, wide, shown)])), width=110)
    return finish(ax)


def _left_out(tree: pd.DataFrame, wide: pd.DataFrame, shown: pd.DataFrame) -> str:
    parts = []
    if len(wide) < len(tree):
        parts.append(f"{count_words(len(tree) - len(wide), 'call')} too narrow to draw")
    if len(shown) < len(wide):
        parts.append(f"{count_words(len(wide) - len(shown), 'call')} deeper than {MOST_LEVELS} left out")
    return ", ".join(parts)


def _write_names(ax: Axes, shown: pd.DataFrame, total: int) -> None:
    """Write the name into each box that holds some characters of it."""
    points = ax.get_window_extent().width / figure_of(ax).dpi * POINTS_PER_INCH
    texts = shown["words"] if "words" in shown else shown["function"].astype("str")
    for depth, start, count, text in zip(shown["depth"], shown["start"], shown["count"], texts, strict=True):
        room = int(points * count / total / CHARACTER_POINTS) - 1
        if room >= LEAST_CHARACTERS:
            name = _fitting(drawable(text), room)
            ax.text(
                start + count / 2, depth, name, ha="center", va="center", fontsize=FONT_SIZE, color=INK, clip_on=True
            )


def _fitting(name: str, room: int) -> str:
    """Leave out the import path before anything else, then the package, then the receiver.

    >>> [_fitting("net/http.(*conn).serve", room) for room in (30, 18, 14, 6, 4)]
    ['net/http.(*conn).serve', 'http.(*conn).serve', '(*conn).serve', 'serve', 's…ve']
    """
    element = name.rpartition("/")[2]
    candidates = (name, element, element.partition(".")[2], element.rpartition(".")[2])
    return next((text for text in candidates if 0 < len(text) <= room), shortened(candidates[-1] or element, room))
