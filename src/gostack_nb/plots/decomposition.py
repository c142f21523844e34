"""Dataset and metric -> stacked groups under the metric's line, on one time axis."""

from collections.abc import Iterator
from typing import TypedDict

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke

from gostack_nb.analysis.decomposition import MEASURES, decompose, default_metric
from gostack_nb.analysis.growth import SAMPLE_TOLERANCE
from gostack_nb.analysis.keys import DEFAULT_KEY, By
from gostack_nb.analysis.restarts import restarts
from gostack_nb.analysis.snapshots import PROCESS
from gostack_nb.errors import MissingColumnError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.end_labels import EndLabel, draw_end_labels
from gostack_nb.plots.moments import clock, count_words
from gostack_nb.plots.names import drawable, one_line, process_name, shortened
from gostack_nb.plots.stacking import LEAST_CHANGE, Stack, first_to_last, stack_of
from gostack_nb.plots.style import (
    INK,
    PAPER,
    TOTAL,
    canvas,
    count_axis,
    finish,
    say_empty,
    title,
)
from gostack_nb.plots.times import day, time_axis


class _Hatch(TypedDict):
    facecolor: str
    edgecolor: str
    hatch: str
    linewidth: float


GAP, CUT_GAP = "gap", "not in the dump (cut)"
WIDTH, HEIGHT = 11.5, 5.5
LEAST_HEIGHT_PER_LABEL = 0.5
AREA_ALPHA = 0.85

LEAST_SEEN = 0.01
"""Of the highest point; a smaller gap is said, not drawn."""

MOST_MARKS = 60
"""Up to so many dumps and samples are marked one by one."""

SILENCE = pd.Timedelta(minutes=5)
SILENT_INTERVALS = 5
"""The line is broken where samples are missing: for 5 minutes, as Prometheus does it, and 5 usual intervals."""

_HATCH: _Hatch = {"facecolor": "#ffffff66", "edgecolor": INK, "hatch": "////", "linewidth": 0}


@checked
def plot_decomposition(
    source: Dataset | pd.DataFrame,
    metric: pd.DataFrame | None = None,
    *,
    by: By = DEFAULT_KEY,
    top: int = 6,
    ax: Axes | None = None,
) -> Axes:
    """Draw what a count of goroutines is made of: stacked groups, the metric's line over them, the gap hatched.

    Parameters
    ----------
    source : Dataset or DataFrame
        A dataset, or a result of `decompose`, for example filtered. Of several processes the one whose dumps changed
        most is drawn, and the title says so. Between two dumps the areas go straight: what was there is not known.
    metric : DataFrame, optional
        Samples, as for `decompose`; every one is drawn, also before the first dump and after the last. By default
        those of the dataset, or those beside the dumps of a table.
    by, top : optional
        As for `decompose`; a table keeps its own groups. Groups that hold less than 1 % and do not change are counted
        under "other".
    ax : Axes, optional
        Where to draw; without it in a new figure. Its figure is given white paper.

    Returns
    -------
    Axes
        Under the title, how much of the change the first group is, and the gap: metric less dump, at the time of the
        dump. `decompose` says which gaps are normal. If the dumps lie within 2 % of the time axis, only the last one
        is drawn, as a bar.

    Raises
    ------
    MissingColumnError
        If a needed column is absent.
    ValueError
        If no series of the given metric fits any process, or several fit one.

    Examples
    --------
    >>> ax = gs.plot_decomposition(dataset)
    >>> ax.get_title(loc="left").strip()
    '288 goroutines at 08:59 UTC, 164 at 08:53 UTC'
    """
    table = decompose(source, metric, by=by, top=top) if isinstance(source, Dataset) else _checked(source)
    if metric is None and isinstance(source, Dataset):
        metric = default_metric(source)
    ax = canvas(ax, WIDTH, max(HEIGHT, LEAST_HEIGHT_PER_LABEL * (table["group"].nunique() + 2)))
    if table.empty:
        return say_empty(ax, "no snapshots")
    stack = stack_of(table, metric)
    if not stack.most:
        return say_empty(ax, "no goroutines")
    _draw(ax, stack)
    again = _restarted(stack, source) if isinstance(source, Dataset) else ""
    title(ax, _headline(stack), "; ".join(filter(None, [*_below(stack, table), again])), width=100)
    return finish(ax)


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in MEASURES if name not in table.columns]
    if missing:
        msg = f"the table lacks {', '.join(missing)}. Hint: pass a Dataset, or what decompose returns"
        raise MissingColumnError(msg)
    return table


def _draw(ax: Axes, stack: Stack) -> None:
    if stack.is_bar:
        _draw_bar(ax, stack)
    else:
        _draw_areas(ax, stack)
    _draw_metric(ax, stack)
    count_axis(ax, "y", stack.most)
    draw_end_labels(ax, list(_labels(stack)))
    time_axis(ax, stack.axis)


def _draw_areas(ax: Axes, stack: Stack) -> None:
    x, dumps = stack.dumps["x"].to_numpy(), stack.dumps
    if stack.layers:
        ax.stackplot(
            x,
            [layer.counts.to_numpy() for layer in stack.layers],
            colors=[layer.color for layer in stack.layers],
            labels=[layer.name for layer in stack.layers],
            edgecolor=PAPER,
            lw=0.8 if len(x) <= MOST_MARKS else 0.3,
            alpha=AREA_ALPHA,
        )
    if len(x) <= MOST_MARKS:
        ax.vlines(x, 0, dumps["total"], color=PAPER, linewidth=0.7, alpha=0.7)
    if _has_gap(stack):
        _draw_gap(ax, dumps)
    ax.margins(x=0)


def _draw_gap(ax: Axes, dumps: pd.DataFrame) -> None:
    """Hatch what is between dumps and metric; where the dumps beside have no sample, it is a line."""
    x, total = dumps["x"].to_numpy(), dumps["total"].to_numpy()
    metric = dumps["metric"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(metric)
    ax.fill_between(x, total, metric, where=known, label=_gap_name(dumps), **_HATCH)
    beside = np.append(known[1:], False) | np.append(False, known[:-1])
    alone = known & ~beside
    if alone.any():
        ax.vlines(x[alone], total[alone], metric[alone], color=INK, linestyle=":")


def _draw_bar(ax: Axes, stack: Stack) -> None:
    last = stack.dumps.iloc[-1]
    floor = 0
    for layer in stack.layers:
        count = int(layer.counts.iloc[-1])
        ax.bar(
            last["x"],
            count,
            stack.bar_width,
            floor,
            color=layer.color,
            edgecolor=PAPER,
            lw=0.8,
            alpha=AREA_ALPHA,
            label=layer.name,
        )
        floor += count
    if _has_gap(stack) and pd.notna(last["gap"]):
        ax.bar(last["x"], last["gap"], stack.bar_width, floor, label=_gap_name(stack.dumps), **_HATCH)
    ax.margins(x=0)
    if not stack.line.dated:
        ax.set_xlim(last["x"] - 1, last["x"] + 1)


def _draw_metric(ax: Axes, stack: Stack) -> None:
    """Draw every sample, with a white edge, so that the line is seen on all colours."""
    samples = _broken(stack.samples)
    if samples.empty:
        return
    few = len(stack.samples) <= MOST_MARKS
    width = TOTAL.width if few else TOTAL.width / 2
    ax.plot(
        samples["x"],
        samples["value"],
        color=TOTAL.color,
        linewidth=width,
        marker="o" if few else "",
        markersize=4,
        label=drawable(stack.metric),
        path_effects=[Stroke(linewidth=width + 2, foreground=PAPER), Normal()],
        zorder=3,
    )


def _broken(samples: pd.DataFrame) -> pd.DataFrame:
    """Put a sample without a value where samples are missing."""
    apart = samples["captured_at"].diff()
    silent = (apart > SILENCE) & (apart > SILENT_INTERVALS * apart.median())
    breaks = samples[silent].assign(value=np.nan)
    return pd.concat([breaks, samples]).sort_values("captured_at", kind="stable")


def _has_gap(stack: Stack) -> bool:
    """Whether a gap can be seen."""
    gaps = stack.dumps["gap"].iloc[-1:] if stack.is_bar else stack.dumps["gap"]
    return bool((gaps.abs() >= LEAST_SEEN * stack.most).any())


def _gap_name(dumps: pd.DataFrame) -> str:
    return CUT_GAP if _cut(dumps).any() else GAP


def _cut(dumps: pd.DataFrame) -> "pd.Series[bool]":
    return dumps["truncated"].fillna(value=False).astype(bool)


def _labels(stack: Stack) -> Iterator[EndLabel]:
    """Name every area at its right end, then the gap and the line."""
    last = stack.dumps.iloc[-1]
    x, floor = last["x"] + stack.bar_width / 2, 0.0
    for layer in stack.layers:
        count = float(layer.counts.iloc[-1])
        yield EndLabel(layer.label, x, floor + count / 2, layer.color)
        floor += count
    if _has_gap(stack):
        yield _gap_label(stack)
    if len(stack.samples):
        end, name = stack.samples.iloc[-1], shortened(drawable(stack.metric))
        yield EndLabel(f"{name}: {first_to_last(stack.samples['value'])}", end["x"], float(end["value"]), TOTAL.color)


def _gap_label(stack: Stack) -> EndLabel:
    """Name the gap where it was known last."""
    known = stack.dumps[stack.dumps["gap"].notna()]
    last = known.iloc[-1]
    gaps = known["gap"].iloc[-1:] if stack.is_bar else known["gap"]
    y = float(last["total"]) + float(last["gap"]) / 2
    return EndLabel(f"{_gap_name(stack.dumps)}: {first_to_last(gaps)}", last["x"] + stack.bar_width / 2, y, INK)


def _headline(stack: Stack) -> str:
    """Say how many goroutines the dumps have, last and first."""
    first, last = stack.dumps.iloc[0], stack.dumps.iloc[-1]
    count = count_words(int(last["total"]))
    start, end = first["captured_at"], last["captured_at"]
    if len(stack.dumps) == 1:
        return f"{count} at {clock(end)}" if stack.line.dated else f"{count} in one dump"
    if not stack.line.dated:
        return f"{count} in the last dump, {first['total']:,} in the first"
    since = clock(start) if start.date() == end.date() else f"{clock(start)} on {day(start)}"
    return f"{count} at {clock(end)}, {first['total']:,} at {since}"


def _below(stack: Stack, table: pd.DataFrame) -> Iterator[str]:
    yield _explained(stack)
    yield _gap_words(stack)
    if cut := int(_cut(stack.dumps).sum()):
        yield f"{count_words(cut, 'dump')} cut: counts are floors"
    if stack.is_bar and len(stack.dumps) > 1:
        yield f"the last of {len(stack.dumps)} dumps: the others lie too close to be seen beside the metric"
    if (processes := len(table[PROCESS].drop_duplicates())) > 1:
        yield f"{process_name(stack.dumps.iloc[-1])}, 1 of {processes} processes"
    yield stack.line.note


def _restarted(stack: Stack, dataset: Dataset) -> str:
    """Say that first and last dump are of two processes."""
    begun = stack.dumps[stack.dumps["snapshot_id"].isin(restarts(dataset)["snapshot_id"])]
    if stack.is_bar or begun.empty:
        return ""
    return f"restarted before {clock(begun['captured_at'].iloc[-1])}: first and last are of two processes"


def _explained(stack: Stack) -> str:
    """Say how much of the change between whole dumps, in the metric if it is there, is of one group."""
    whole = stack.dumps.reset_index(drop=True)[~_cut(stack.dumps).to_numpy()]
    counted = whole["metric"].dropna() if whole["metric"].notna().sum() > 1 else whole["total"]
    if len(counted) < 2:
        return ""
    change = round(counted.iloc[-1] - counted.iloc[0])
    if abs(change) < LEAST_CHANGE:
        return "no change from first to last"
    first, last = counted.index[0], counted.index[-1]
    parts = {one.name: int(one.counts.iloc[last] - one.counts.iloc[first]) for one in reversed(stack.layers)}
    name = max(parts, key=lambda name: parts[name] * np.sign(change), default="")
    if parts.get(name, 0) * change <= 0:
        return f"no group explains {_signed(change)} goroutines"
    return f"of {_signed(change)} goroutines, {_signed(parts[name])} are {one_line(name)}"


def _gap_words(stack: Stack) -> str:
    name, gaps = shortened(drawable(stack.metric)), stack.dumps["gap"].dropna()
    if stack.samples.empty:
        return f"no {name} of this process: the dumps alone"
    if gaps.empty:
        return f"no sample of {name} within {SAMPLE_TOLERANCE.seconds} s of a dump: the gap is not known"
    low, high = round(gaps.min()), round(gaps.max())
    return f"gap ({name} less dump): " + (_signed(low) if low == high else f"{_signed(low)} to {_signed(high)}")


def _signed(count: int) -> str:
    return f"{count:+,}" if count else "0"
