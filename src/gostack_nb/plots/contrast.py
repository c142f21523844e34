"""A contrast by label -> dots: what each build, version or zone has per instance, group by group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.fleet.population import KEY
from gostack_nb.model.calls import checked
from gostack_nb.plots.bars import bar_canvas, name_bars
from gostack_nb.plots.moments import count_words
from gostack_nb.plots.names import drawable, group_names, shortened
from gostack_nb.plots.style import FAINT, OTHER_COLOR, canvas, finish, line_style, say_empty, title

MOST_VALUES = 6
"""Values of a label with a colour of their own; the others share one."""

VALUE_WIDTH = 28

LOGARITHMIC = 50
"""From this ratio of the greatest to the least mean on, the scale is logarithmic."""


@checked
def plot_contrast(table: pd.DataFrame, *, top: int = 10, ax: Axes | None = None) -> Axes:
    """Draw goroutines per instance, a dot for each build, version or zone: one row per group.

    Parameters
    ----------
    table : DataFrame
        As `gs.fleet.contrast` returns it.
    top : int
        How many groups are drawn: those whose values differ most.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        The greatest difference on top. Of more than 6 values those of the most instances have colours.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Examples
    --------
    >>> ax = gs.plot_contrast(gs.fleet.contrast(ranking.counts, "build"))
    >>> ax.get_title(loc="left").strip()
    'Goroutines per instance, 10 groups'
    """
    groups = table.groupby(list(KEY), observed=True, dropna=False, sort=False)
    compared = (groups["mean"].transform("size") > 1) & (groups["mean"].transform("max") > 0)
    numbered = table.assign(group=groups.ngroup())[compared]
    if numbered.empty:
        return say_empty(canvas(ax, 10, 3), "no service has two values of the label")
    means = numbered.groupby("group")["mean"].agg(["min", "max"])
    gap = (means["max"] - means["min"]).sort_values(ascending=False, kind="stable")
    chosen = gap.index[:top]
    heads = numbered.drop_duplicates("group").set_index("group").loc[chosen]
    names = group_names(heads.assign(stack_id=heads["signature"]), ("signature", "state"))
    ax = bar_canvas(ax, names)
    rows = numbered[numbered["group"].isin(chosen)]
    rows = rows.assign(row=pd.Series(range(len(chosen)), index=chosen).reindex(rows["group"]).to_numpy())
    ax.hlines(
        range(len(chosen)), means["min"].loc[chosen], means["max"].loc[chosen], color=FAINT, linewidth=4, zorder=1
    )
    _draw_values(ax, rows)
    _scale(ax, rows["mean"])
    name_bars(ax, names)
    ax.set_ylim(len(chosen) - 0.5, -0.5)
    left_out = len(gap) - len(chosen)
    below = "those that differ most" + (f"; {count_words(left_out, 'group')} not drawn" if left_out else "")
    title(ax, f"Goroutines per instance, {count_words(len(chosen), 'group')}", below)
    return finish(ax)


def _draw_values(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the dots of each value, and name it with its number of instances."""
    known = rows.assign(value=rows["value"].astype(object).fillna("not told"))
    instances = known.groupby("value")["instances"].max().sort_values(ascending=False, kind="stable")
    coloured = sorted(instances.index[:MOST_VALUES])
    for place, value in enumerate(coloured):
        dots, style = known[known["value"] == value], line_style(place)
        name = f"{_name(str(value))} ({count_words(int(instances[value]), 'instance')})"
        ax.scatter(
            dots["mean"], dots["row"], s=120 - 15 * place, color=style.color, marker=style.marker, label=name, zorder=3
        )
    rest = known[~known["value"].isin(coloured)]
    if len(rest):
        name = f"{count_words(rest['value'].nunique(), 'other value')}"
        ax.scatter(rest["mean"], rest["row"], s=36, color=OTHER_COLOR, marker="x", label=name, zorder=2)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=9)


def _name(value: str) -> str:
    """Shorten a value; the legend leaves out what begins with an underscore."""
    name = shortened(drawable(value), VALUE_WIDTH)
    return f" {name}" if name.startswith("_") else name


def _scale(ax: Axes, means: pd.Series) -> None:
    """Choose the scale: with a place for none where it is logarithmic."""
    most = float(means.max())
    least = float(means[means > 0].min()) if (means > 0).any() else most
    if most > LOGARITHMIC * least:
        ax.set_xscale("symlog", linthresh=max(10 ** np.floor(np.log10(least)), 0.1))
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.grid(visible=True, axis="x", color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlim(left=-0.02 * most if ax.get_xscale() == "linear" else -0.05 * least)
    ax.set_xlabel("goroutines per instance, mean" + ("" if ax.get_xscale() == "linear" else " (logarithmic)"))
