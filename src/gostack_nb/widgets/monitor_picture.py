"""A dataset and marks -> the picture that a monitor shows."""

import threading
from collections.abc import Sequence
from io import BytesIO
from itertools import dropwhile

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.growth import plot_growth
from gostack_nb.plots.names import drawable, installed_families, shortened
from gostack_nb.plots.style import INK, PAPER
from gostack_nb.widgets.monitor_marks import Mark

SIZE = (11.5, 5.0)
DOTS_PER_INCH = 130
TOP = 5
MARK_WIDTH = 28

_DRAWING = threading.Lock()
"""Matplotlib draws one picture at a time; several monitors take turns."""


def picture_of(dataset: Dataset, marks: Sequence[Mark]) -> bytes:
    """Draw the growth, with the marks since its first snapshot as vertical lines, as PNG."""
    with _DRAWING:
        figure = Figure(figsize=SIZE, dpi=DOTS_PER_INCH, layout="constrained")
        ax = plot_growth(dataset, top=TOP, ax=figure.subplots())
        begin = dataset.snapshots["captured_at"].min()
        if len(dataset.goroutines) and not pd.isna(begin):
            _draw_marks(ax, list(dropwhile(lambda mark: mark.at < begin, marks)))
        kept = BytesIO()
        figure.savefig(kept, format="png")
    return kept.getvalue()


def _draw_marks(ax: Axes, marks: Sequence[Mark]) -> None:
    for mark in marks:
        x = float(date2num(mark.at))  # type: ignore[no-untyped-call]
        ax.axvline(x, color=INK, linestyle=(0, (4, 2)), linewidth=1.2)
        ax.annotate(
            shortened(drawable(mark.text), MARK_WIDTH),
            xy=(x, 0),
            xycoords=ax.get_xaxis_transform(),
            xytext=(-3, 5),
            textcoords="offset points",
            rotation=90,
            ha="right",
            va="bottom",
            fontsize=9,
            color=INK,
            fontfamily=list(installed_families()),
            parse_math=False,
            bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1},
        )
