"""Step of drawing: a decomposition -> areas, samples and places on one axis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgb
from matplotlib.dates import date2num
from numpy.typing import NDArray

from gostack_nb.analysis.decomposition import OTHER_GROUPS, key_of
from gostack_nb.analysis.growth import GOROUTINES_METRIC
from gostack_nb.analysis.samples import metric_name, samples_by_process
from gostack_nb.analysis.snapshots import process_numbers
from gostack_nb.plots.names import group_names
from gostack_nb.plots.style import COLORS, INK, NEGLIGIBLE_SHARE, OTHER_COLOR, PAPER, color
from gostack_nb.plots.times import Timeline, timeline

LEAST_SPAN = 0.02
"""Dumps that lie within a smaller part of the time axis would be a hair: only the last one is drawn, as a bar."""

BAR_WIDTH = 0.03
"""Of the time axis."""

MOMENT = pd.Timedelta(minutes=1) / pd.Timedelta(days=1)
"""A dump and samples within this time, in days, are drawn on two minutes around the dump."""

BAR_ALONE = pd.Timedelta(seconds=40) / pd.Timedelta(days=1)
"""Width of the bar there, in days."""

BAR_UNDATED = 0.6
"""Width of the bar of one dump without a time; the next dump would be 1 away."""

LEAST_CHANGE = 2
"""Every request is a goroutine for a moment."""

_TINTS = ((PAPER, 0.0), (PAPER, 0.45), (INK, 0.4), (PAPER, 0.7), (INK, 0.65))
"""What each further round through the palette is mixed with."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One area: its name, goroutines in each drawn dump, and colour."""

    name: str
    counts: "pd.Series[int]"
    color: str

    @property
    def label(self) -> str:
        """Name the area with its first and last count."""
        function, *rest = self.name.split("\n")
        return "\n".join([f"{function}: {first_to_last(self.counts)}", *rest])


@dataclass(frozen=True, slots=True)
class Stack:
    """What is drawn: one process's dumps in order of place, the areas from the bottom up, the metric's samples.

    `dumps` has `x` (float), `total`, `metric`, `gap`, `truncated`; `samples` has `x` and `value`.
    """

    dumps: pd.DataFrame
    layers: Sequence[Layer]
    samples: pd.DataFrame
    metric: str
    line: Timeline

    @property
    def is_bar(self) -> bool:
        """Whether only the last dump can be seen."""
        return len(self.dumps) == 1 or float(np.ptp(self.dumps["x"])) <= LEAST_SPAN * self.span

    @property
    def bar_width(self) -> float:
        """The width of that bar; 0 if there are areas."""
        if not self.is_bar:
            return 0.0
        if not self.line.dated:
            return BAR_UNDATED
        return BAR_ALONE if self.is_alone else self.span * BAR_WIDTH

    @property
    def is_alone(self) -> bool:
        """Whether there is no more than a moment to see."""
        return self.is_bar and self.span < MOMENT

    @property
    def axis(self) -> Timeline:
        """The times from first to last, those of the samples among them."""
        last = self.line.place.loc[[self.dumps["snapshot_id"].iloc[-1]]]
        places = [last] if self.is_alone else [self.line.place]
        if len(self.samples) and not self.is_alone:
            places.append(self.samples["captured_at"])
        return replace(self.line, place=pd.concat(places))

    @property
    def span(self) -> float:
        """The length of the time axis, in days."""
        return float(np.ptp([*self.dumps["x"], *self.samples["x"]]))

    @property
    def most(self) -> float:
        """The highest that is drawn."""
        return float(max(self.dumps["total"].max(), self.samples["value"].max() if len(self.samples) else 0))


def stack_of(table: pd.DataFrame, metric: pd.DataFrame | None) -> Stack:
    """Choose one process, and put its dumps and its samples on one axis."""
    dumps = table.drop_duplicates("snapshot_id")
    process = process_numbers(dumps)
    ends = dumps.groupby(process)["total"].agg(["first", "last"])
    drawn = int((ends["last"] - ends["first"]).abs().to_numpy().argmax())
    samples = _samples(metric, dumps, process, drawn)
    dumps = dumps[process == drawn]
    line = timeline(dumps)
    place = dumps["snapshot_id"].astype("str").map(line.place)
    dumps = dumps.assign(place=place)[place.notna()].sort_values("place", kind="stable")
    if not line.dated:
        samples = samples.iloc[:0]
    return Stack(
        dumps=dumps.assign(x=_positions(dumps["place"])),
        layers=_layers(table[table["snapshot_id"].isin(dumps["snapshot_id"])], dumps),
        samples=samples.assign(x=_positions(samples["captured_at"])),
        metric=GOROUTINES_METRIC if metric is None else metric_name(metric),
        line=line,
    )


def _samples(metric: pd.DataFrame | None, dumps: pd.DataFrame, process: pd.Series, drawn: int) -> pd.DataFrame:
    """Return the samples of the process that is drawn: all of them, or those beside its dumps."""
    if metric is not None:
        samples = samples_by_process(metric, dumps)
        return samples[samples["process"] == drawn]
    beside = dumps.loc[process == drawn, ["metric_at", "metric"]].dropna().drop_duplicates("metric_at")
    renamed = beside.set_axis(["captured_at", "value"], axis=1).sort_values("captured_at", kind="stable")
    return renamed.astype({"value": "float64"})


def _positions(places: pd.Series) -> NDArray[np.float64]:
    """Return places as matplotlib counts them: days, or the number of the snapshot."""
    if isinstance(places.dtype, pd.DatetimeTZDtype):
        places = pd.Series(date2num(places.dt.tz_convert(None).to_numpy()))  # type: ignore[no-untyped-call]
    return places.to_numpy(dtype=np.float64)


def _layers(table: pd.DataFrame, dumps: pd.DataFrame) -> list[Layer]:
    """Count each group in each dump: "other" at the bottom, the group that changed most on top, below the line."""
    cells = table.pivot_table("count", "snapshot_id", "group", aggfunc="sum", observed=True).loc[
        dumps["snapshot_id"].tolist()
    ]
    heads = table[table["group"] != OTHER_GROUPS].drop_duplicates("group")
    most = int(dumps["total"].max())
    counts = {str(name): column for name, column in cells.items()}
    names = dict(zip(heads["group"].astype("str"), group_names(heads, key_of(table)), strict=True))
    worth = [name for name in names if _is_worth(counts[name], most)]
    layers = [Layer(names[name], counts[name], _shade(place)) for place, name in enumerate(worth)]
    rest = cells.drop(columns=worth).sum(axis=1)
    other = [Layer("other groups", rest, OTHER_COLOR)] if rest.any() else []
    return [*other, *reversed(layers)]


def _is_worth(counts: "pd.Series[Any]", total: int) -> bool:
    """Whether a group changed, or is seen; a single goroutine must be there all the time."""
    most = counts.max()
    changed = abs(counts.iloc[-1] - counts.iloc[0]) >= LEAST_CHANGE
    lasting = most >= LEAST_CHANGE or counts.min() > 0
    return bool(changed or (lasting and most >= total * NEGLIGIBLE_SHARE))


def _shade(place: int) -> str:
    """Return the n-th colour: in each round through the palette lighter or darker."""
    mixed, part = _TINTS[place // len(COLORS) % len(_TINTS)]
    pairs = zip(to_rgb(color(place)), to_rgb(mixed), strict=True)
    red, green, blue = (own * (1 - part) + other * part for own, other in pairs)
    return to_hex((red, green, blue))


def first_to_last(counts: "pd.Series[Any]") -> str:
    """Write the ends of a series: `29 → 154`."""
    first, last = round(counts.iloc[0]), round(counts.iloc[-1])
    return f"{last:,}" if len(counts) == 1 else f"{first:,} → {last:,}"
