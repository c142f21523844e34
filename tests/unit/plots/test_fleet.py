"""The heat map of a fleet: what its cells, names and texts are."""

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from gostack_nb.fleet.counts import combine
from gostack_nb.fleet.ranking import rank
from gostack_nb.plots.fleet import plot_fleet
from tests.unit.fleet.fleets import Shot, each, fleet


def cells_of(ax: Axes) -> list[list[float]]:
    """Return the numbers that are drawn; 0 is a white cell."""
    [mesh] = ax.collections
    drawn: Any = np.ma.filled(np.ma.asarray(mesh.get_array()), 0)
    rows: list[list[float]] = drawn.tolist()
    return rows


def names_of(ax: Axes, axis: str = "x") -> list[str]:
    return [label.get_text() for label in (ax.get_xticklabels() if axis == "x" else ax.get_yticklabels())]


def test_groups_down_instances_along() -> None:
    ranking = rank(fleet(*each([{"select push.f": 3, "IO wait push.g": 1}, {"select push.f": 9}])))
    ax = plot_fleet(ranking)
    assert cells_of(ax) == [[9, 3], [0, 1]]
    assert names_of(ax) == ["push-1", "push-0"]
    assert names_of(ax, "y") == ["push.f\nselect, push.go:9: 12", "push.g\nIO wait, push.go:9: 1"]
    assert [text.get_text() for text in ax.texts] == ["9", "3", "1"]
    assert ax.get_title(loc="left").strip() == "2 groups in 2 instances"


def test_services_stand_side_by_side() -> None:
    counts = fleet(
        *each([{"select push.f": 5}, {"select push.f": 90}]),
        Shot({"select feed.f": 20}, service="feed", instance="push-0"),
        Shot({"select lost.f": 1}, service=None, instance="x"),
    )
    ax = plot_fleet(rank(counts))
    assert sorted(cells_of(ax)) == sorted([[0, 0, 90, 5], [0, 20, 0, 0], [1, 0, 0, 0]])
    texts = {text.get_text() for text in ax.texts}
    assert {"push", "90", "20", "5", "1"} <= texts
    assert names_of(ax, "y")[0] == "push.f\nselect, push.go:9, push: 95"


@pytest.mark.parametrize(("instances", "drawn"), [(1, 1), (2, 2), (12, 12), (300, 40)])
def test_sizes(instances: int, drawn: int) -> None:
    ax = plot_fleet(rank(fleet(*each([{"select push.f": n + 1} for n in range(instances)]))))
    assert len(names_of(ax)) == drawn
    assert cells_of(ax)[0] == list(range(instances, instances - drawn, -1))
    numbered = [text for text in ax.texts if text.get_text().isdigit()]
    assert len(numbered) == (drawn if drawn <= 24 else 0)
    left_out = f"{instances - drawn} instances with fewer of them not drawn"
    assert (left_out in ax.get_title().replace("\n", " ")) == (drawn < instances)


def test_top_and_instances_limit() -> None:
    held = {f"select push.f{n}": 10 - n for n in range(9)}
    ax = plot_fleet(rank(fleet(*each([held, held, held]))), top=2, instances=2)
    assert np.shape(cells_of(ax)) == (2, 2)


def test_nobody() -> None:
    ax = plot_fleet(rank(combine([])))
    assert [text.get_text() for text in ax.texts] == ["no goroutines"]


@pytest.mark.parametrize("name", ["$x^2$", "<b>", "a\nb", "_hidden", "x" * 300, "ü\u202e"])
def test_hostile_names(name: str) -> None:
    counts = fleet(
        Shot({f"select push.{name.replace(':', '')}": 3}, service=name, instance=name),
        Shot({"select a.b": 1}, service="s"),
    )
    ax = plot_fleet(rank(counts))
    ax.figure.canvas.draw()
    assert all(len(label) <= 80 for label in names_of(ax))
