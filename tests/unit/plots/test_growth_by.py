"""One group over time, a line for each value of a label."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.counts import combine
from gostack_nb.fleet.courses import growth
from gostack_nb.plots.growth_by import plot_growth_by
from tests.unit.fleet.fleets import Shot, course, fleet


def lines_of(ax: Axes) -> dict[str, list[float]]:
    return {
        str(line.get_label()): np.asarray(line.get_ydata(), dtype=np.float64).tolist()
        for line in ax.get_lines()
        if not str(line.get_label()).startswith("_")
    }


def test_a_line_for_each_build() -> None:
    counts = fleet(
        *course([1, 2, 3], labels={"build": "1"}),
        *course([5, 20, 40], instance="push-1", labels={"build": "2"}),
        *course([7, 40, 60], instance="push-2", labels={"build": "2"}),
    )
    ax = plot_growth_by(growth(counts, by="build"))
    assert lines_of(ax) == {"1, 1 instance": [1, 2, 3], "2, 2 instances": [6, 30, 50]}
    assert ax.get_title(loc="left").strip().startswith("push.ackLoop")
    assert ax.get_ylabel() == "goroutines per instance"
    assert any("6 → 50" in text.get_text() for text in ax.texts)


def test_without_a_label_there_is_one_line_and_a_signature_chooses() -> None:
    counts = fleet(*course([1, 2, 3]))
    assert lines_of(plot_growth_by(growth(counts))) == {"1 instance": [1, 2, 3]}
    assert lines_of(plot_growth_by(growth(counts), signature="push.serve")) == {"1 instance": [1000, 1000, 1000]}
    with pytest.raises(ArgumentError, match="no group has the signature 'nobody'"):
        plot_growth_by(growth(counts), signature="nobody")


def test_one_time() -> None:
    ax = plot_growth_by(growth(fleet(Shot({"select push.f": 4}))))
    assert lines_of(ax) == {"1 instance": [4]}
    ax.figure.canvas.draw()


@pytest.mark.parametrize("instances", [2, 12, 300])
def test_many_values(instances: int) -> None:
    shots = [
        Shot({"select push.f": n + 1 + k}, f"push-{n}", minute=10 * k, labels={"build": f"b{n:03}"})
        for n in range(instances)
        for k in range(2)
    ]
    lines = lines_of(plot_growth_by(growth(fleet(*shots), by="build")))
    assert len(lines) == min(instances, 7)
    if instances > 6:
        others = range(7, instances + 1)
        mean = sum(others) / len(others)
        assert lines[f"{instances - 6} other values"] == pytest.approx([mean, mean + 1])


def test_nobody_and_no_time() -> None:
    for counts in (combine([]), fleet(Shot({"select push.f": 4}, minute=None))):
        assert [text.get_text() for text in plot_growth_by(growth(counts)).texts] == ["no dump with a time"]


@pytest.mark.parametrize("name", ["$x^2$", "<b>", "a b", "_hidden", "x" * 300])
def test_hostile_names(name: str) -> None:
    shots = [
        Shot({f"select push.{name}": 4 + k}, minute=10 * k, service=name, labels={"build": name}) for k in range(2)
    ]
    plot_growth_by(growth(fleet(*shots), by="build")).figure.canvas.draw()
