"""A few pictures as a whole: what no test of single artists sees, such as texts that overlap or a lost legend.

Small and with tolerance, because each version draws fonts a little differently. After a change that is meant, write
them anew with `GOSTACK_NB_BASELINES=write pytest tests/unit/plots/test_baselines.py`, look at them, and commit them.
"""

import os
from pathlib import Path

import pytest
from matplotlib.testing.compare import compare_images

import gostack_nb as gs
from gostack_nb.plots.style import figure_of

BASELINES = Path(__file__).with_name("baselines")
DOTS_PER_INCH = 40

TOLERANCE = 6
"""Root mean square of the differences, 0 to 255: a name that is missing at the end of a line is 7.5, a missing line
10, a missing legend 28."""

CHARTS = {
    "growth": gs.plot_growth,
    "ages": gs.plot_ages,
    "flame": gs.plot_flame,
    "waiting": gs.plot_waiting,
}


@pytest.mark.parametrize("name", CHARTS)
def test_the_chart_looks_as_it_did(name, leak, tmp_path):
    baseline, drawn = BASELINES / f"{name}.png", tmp_path / f"{name}.png"
    writes = os.environ.get("GOSTACK_NB_BASELINES") == "write"
    figure_of(CHARTS[name](leak)).savefig(
        baseline if writes else drawn, dpi=DOTS_PER_INCH, facecolor="white", metadata={"Software": None}
    )
    if not writes:
        assert compare_images(str(baseline), str(drawn), tol=TOLERANCE) is None


def test_another_chart_does_not_pass(leak, tmp_path):
    figure_of(gs.plot_growth(gs.first(leak))).savefig(tmp_path / "growth.png", dpi=DOTS_PER_INCH, facecolor="white")
    assert compare_images(str(BASELINES / "growth.png"), str(tmp_path / "growth.png"), tol=TOLERANCE)
