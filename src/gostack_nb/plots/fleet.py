"""A fleet's ranking -> a heat map: groups down, instances along, the count as darkness."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from numpy.typing import NDArray

from gostack_nb.fleet.courses import by_instance
from gostack_nb.fleet.population import KEY
from gostack_nb.fleet.ranking import Ranking
from gostack_nb.model.calls import checked
from gostack_nb.plots.bars import bar_canvas, name_bars
from gostack_nb.plots.heat_map import COLOR_MAP, NOBODY
from gostack_nb.plots.moments import count_words
from gostack_nb.plots.names import PROCESS_WIDTH, drawable, group_names, shortened
from gostack_nb.plots.style import INK, PAPER, canvas, figure_of, finish, say_empty, title

MOST_NUMBERED = 24
"""Instances along, up to which each cell has its number in it."""

DARK = 0.6
"""From this share of the colour scale on, numbers are white."""

ROOM_FOR_SERVICES = 0.6
"""Below the groups, in rows."""

_INSTANCE = ["service", "instance"]


@checked
def plot_fleet(ranking: Ranking, *, top: int = 12, instances: int = 40, ax: Axes | None = None) -> Axes:
    """Draw how many goroutines of each group each instance has: one row per group, one column per instance.

    Parameters
    ----------
    ranking : Ranking
        As `gs.fleet.sweep` or `gs.fleet.rank` returns it. Of each instance the last dump is drawn.
    top : int
        How many groups are drawn: the first of the ranking.
    instances : int
        How many instances are drawn: those that have most of these groups, side by side by service.
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        Dark is many, on a logarithmic scale; white is none. At the end of each name the total of the whole fleet.

    Examples
    --------
    >>> ax = gs.plot_fleet(ranking)
    >>> ax.get_title(loc="left").strip()
    '12 groups in 14 instances'
    """
    heads = ranking.head(top)
    table = _table(ranking, heads)
    if not table.size:
        return say_empty(canvas(ax, 10, 3), "no goroutines")
    order = table.sum().rename("count").reset_index().sort_values("count", ascending=False, kind="stable")
    chosen = pd.MultiIndex.from_frame(order.head(instances).sort_values("service", kind="stable")[_INSTANCE])
    drawn = table[chosen]
    names = [f"{name}: {total:,}" for name, total in zip(_names(heads), heads["total"], strict=True)]
    ax = bar_canvas(ax, [*names, "", ""])
    norm = _draw(ax, drawn.to_numpy(dtype=np.float64))
    name_bars(ax, names)
    services = pd.Series(chosen.get_level_values("service"))
    several = len(services.unique()) > 1
    ax.set_ylim(len(names) - 0.5 + ROOM_FOR_SERVICES * several, -0.5)
    _name_instances(ax, chosen)
    if several:
        _name_services(ax, services, len(names) - 0.5 + ROOM_FOR_SERVICES / 2)
    title(ax, _headline(heads, table.shape[1]), _below(table.shape[1], len(chosen)))
    finish(ax)
    if drawn.shape[1] <= MOST_NUMBERED:
        _write_numbers(ax, drawn.to_numpy(dtype=np.float64), norm)
    return ax


def _table(ranking: Ranking, heads: pd.DataFrame) -> pd.DataFrame:
    """Return counts: one row per group of the ranking's first, in its order, one column per instance that has any."""
    held = by_instance(ranking.counts)
    keys = [*KEY, *_INSTANCE[1:]]
    texts = held[[*keys, "count"]].astype(dict.fromkeys(keys, object)).fillna("")
    wanted = pd.MultiIndex.from_frame(heads[list(KEY)].astype(object).fillna(""))
    rows = texts[pd.MultiIndex.from_frame(texts[list(KEY)]).isin(wanted)]
    place = pd.Series(range(len(wanted)), index=wanted)
    numbered = rows.assign(row=place.reindex(pd.MultiIndex.from_frame(rows[list(KEY)])).to_numpy())
    table = numbered.pivot_table(index="row", columns=_INSTANCE, values="count", aggfunc="sum", fill_value=0)
    return table.reindex(range(len(wanted)), fill_value=0)


def _names(heads: pd.DataFrame) -> list[str]:
    """Name each group; that of another service has the service in it."""
    names = group_names(heads, ("signature", "state"))
    if heads["service"].nunique(dropna=False) < 2:
        return names
    services = heads["service"].astype(object).fillna("no service")
    return [
        f"{name}, {shortened(drawable(service), PROCESS_WIDTH)}" for name, service in zip(names, services, strict=True)
    ]


def _draw(ax: Axes, table: NDArray[np.float64]) -> LogNorm:
    ax.set_facecolor(NOBODY)
    counted = np.ma.masked_less(table, 1)
    norm = LogNorm(0.5, max(float(table.max()), 2))
    edges = np.arange(table.shape[1] + 1) - 0.5
    lines = PAPER if table.shape[1] <= MOST_NUMBERED else "none"
    mesh = ax.pcolormesh(
        edges, np.arange(len(table) + 1) - 0.5, counted, cmap=COLOR_MAP, norm=norm, edgecolors=lines, linewidth=1
    )
    bar = figure_of(ax).colorbar(mesh, ax=ax, pad=0.02, fraction=0.04, format="{x:,.0f}")
    bar.set_label("goroutines (logarithmic)")
    bar.outline.set_visible(False)
    return norm


def _write_numbers(ax: Axes, table: NDArray[np.float64], norm: LogNorm) -> None:
    for row, column in np.argwhere(table > 0):
        count = table[row, column]
        color = PAPER if norm(count) > DARK else INK
        text = f"{count:,.0f}" if count < 10_000 else f"{count / 1000:,.0f}k"
        ax.text(column, row, text, ha="center", va="center", fontsize=8, color=color)


def _name_instances(ax: Axes, chosen: pd.MultiIndex) -> None:
    """Write the names of the instances below their columns."""
    names = [shortened(drawable(str(instance)), PROCESS_WIDTH) for instance in chosen.get_level_values("instance")]
    ax.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    ax.tick_params(axis="x", length=0)


def _name_services(ax: Axes, services: "pd.Series[Any]", place: float) -> None:
    """Write each service under its columns, and set it apart from the next one."""
    for service, places in services.groupby(services, sort=False).groups.items():
        first, last = int(min(places)), int(max(places))
        if last < len(services) - 1:
            ax.axvline(last + 0.5, color=INK, linewidth=1.2)
        text = shortened(drawable(str(service) or "no service"), max(3, 2 * (last - first + 1)))
        ax.text((first + last) / 2, place, text, ha="center", va="center", fontsize=9)


def _headline(heads: pd.DataFrame, instances: int) -> str:
    return f"{count_words(len(heads), 'group')} in {count_words(instances, 'instance')}"


def _below(instances: int, drawn: int) -> str:
    rest = instances - drawn
    left_out = f"; {count_words(rest, 'instance')} with fewer of them not drawn" if rest else ""
    return f"the last dump of each instance; the number is the total of the fleet{left_out}"
