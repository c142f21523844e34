"""The contrast of a label: dots by value, one row per group."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from gostack_nb.fleet.contrasts import contrast
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.plots.contrast import plot_contrast
from tests.unit.fleet.fleets import Shot, fleet


def builds(counts: dict[str, list[int]], what: str = "select push.f") -> Counts:
    return fleet(
        *(
            Shot(
                {what: count, "IO wait push.conn": 1} if count else {"IO wait push.conn": 1},
                f"{build}-{n}",
                labels={"build": build},
            )
            for build, each in counts.items()
            for n, count in enumerate(each)
        )
    )


def dots_of(ax: Axes) -> dict[str, list[tuple[float, float]]]:
    """Return mean and row of the dots of each name of the legend."""
    return {
        str(dots.get_label()): [tuple(place) for place in np.asarray(dots.get_offsets()).tolist()]
        for dots in ax.collections
        if not str(dots.get_label()).startswith("_")
    }


def test_a_dot_for_each_build() -> None:
    ax = plot_contrast(contrast(builds({"1": [2, 4], "2": [30]}), "build"))
    assert dots_of(ax) == {"1 (2 instances)": [(3, 0), (1, 1)], "2 (1 instance)": [(30, 0), (1, 1)]}
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "push.f\nselect, push.go:9",
        "push.conn\nIO wait, push.go:9",
    ]
    assert ax.get_xscale() == "linear"
    assert ax.get_xlabel() == "goroutines per instance, mean"


def test_far_apart_is_logarithmic_with_a_place_for_none() -> None:
    ax = plot_contrast(contrast(builds({"1": [0], "2": [900]}), "build"))
    assert ax.get_xscale() == "symlog"
    assert ax.get_xlabel() == "goroutines per instance, mean (logarithmic)"
    assert dots_of(ax)["1 (1 instance)"][0] == (0, 0)
    assert ax.get_xlim()[0] < 0


@pytest.mark.parametrize("values", [2, 6, 7, 12, 300])
def test_values(values: int) -> None:
    ax = plot_contrast(contrast(builds({f"b{n:03}": [n + 1] for n in range(values)}), "build"))
    dots = dots_of(ax)
    assert sum(map(len, dots.values())) == 2 * values
    assert len(dots) == min(values, 7)
    if values > 6:
        assert list(dots)[-1] == f"{values - 6} other value{'' if values == 7 else 's'}"


def test_instances_without_the_label() -> None:
    counts = combine([builds({"1": [4]}), fleet(Shot({"select push.f": 9}, "x"))])
    assert "not told (1 instance)" in dots_of(plot_contrast(contrast(counts, "build")))


@pytest.mark.parametrize("counts", [combine([]), builds({"1": [3, 4]})], ids=["nobody", "one value"])
def test_nothing_to_compare(counts: Counts) -> None:
    by = "build" if len(counts.dumps()) else "go_version"
    assert [text.get_text() for text in plot_contrast(contrast(counts, by)).texts] == [
        "no service has two values of the label"
    ]


@pytest.mark.parametrize("name", ["$x^2$", "<b>", "a b", "_hidden", "x" * 300])
def test_hostile_names(name: str) -> None:
    ax = plot_contrast(contrast(builds({name: [3], "1": [9]}, f"select push.{name}"), "build"))
    ax.figure.canvas.draw()
    legend = ax.get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 2
