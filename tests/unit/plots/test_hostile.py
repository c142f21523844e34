"""Names that break charts: each chart is really drawn, and a warning is a failure."""

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba
from matplotlib.text import Text

import gostack_nb as gs

NAMES = [
    "main.$HOME$frac",
    "main.cost$a_1^2",
    "main.one$",
    r"main.bad$\frac{",
    "_goexit.f",
    "main.<script>alert(1)</script>",
    "main.处理消息",
    "main." + "x" * 400,
    "main.emoji😀",
    "example.com/" + "deep/" * 60 + "pkg.(*T[...]).run",
]


def plot_compare(dataset, **options):
    return gs.plot_compare(gs.first(dataset), dataset, **options)


def plot_flame_change(dataset, **options):
    return gs.plot_flame_change(gs.first(dataset), dataset, **options)


CHARTS = [
    gs.plot_ages,
    gs.plot_creators,
    gs.plot_flame,
    gs.plot_groups,
    gs.plot_growth,
    gs.plot_heat_map,
    gs.plot_siblings,
    gs.plot_states,
    gs.plot_waiting,
    plot_compare,
    plot_flame_change,
]
WITHOUT_TOP = (gs.plot_states, gs.plot_flame, plot_flame_change)


@pytest.fixture
def hostile(recording):
    shots = [
        {name: (3 + place * step, f"chan receive, {1 + step} minutes") for place, name in enumerate(NAMES)}
        for step in (1, 2, 3)
    ]
    return recording(*shots, instance="_push$1$\\frac{处" + "y" * 300)


@pytest.mark.parametrize("plot", CHARTS)
def test_hostile_names_are_drawn_as_they_are(plot, hostile):
    ax = plot(hostile, **({} if plot in WITHOUT_TOP else {"top": 10}))
    ax.figure.canvas.draw()
    assert not any(text.get_parse_math() for text in ax.findobj(Text))


@pytest.mark.parametrize("plot", CHARTS)
def test_the_drawing_area_stays_wide_with_long_names(plot, hostile):
    ax = plot(hostile)
    ax.figure.canvas.draw()
    assert ax.get_position().width > 0.3


def test_a_leading_underscore_is_shown(recording):
    ax = gs.plot_growth(recording({"_goexit.f": 3}))
    assert ax.texts[0].get_text().startswith("_goexit.f: 3")


def test_names_of_recordings_are_plain_text(recording):
    ax = gs.plot_compare_growth(recording({"main.a": 1}), recording({"main.a": 1}), names=("_$x$", "处$\\frac{"))
    ax.figure.canvas.draw()
    assert "_$x$: 1 → 1" in ax.get_title(loc="left")


@pytest.mark.parametrize("plot", CHARTS)
def test_charts_draw_on_the_axes_given_and_open_no_figure(plot, leak):
    figure, (left, right) = plt.subplots(1, 2, figsize=(24, 8), layout="constrained")
    assert plot(leak, ax=left) is left
    assert plt.get_fignums() == [figure.number]
    assert not right.has_data()
    figure.canvas.draw()


@pytest.mark.parametrize("plot", CHARTS)
def test_charts_are_dark_on_white_in_a_dark_notebook_and_leave_the_settings_alone(plot, leak):
    with plt.style.context("dark_background"):
        before = dict(mpl.rcParams)
        ax = plot(leak)
        assert dict(mpl.rcParams) == before
    assert ax.figure.get_facecolor() == ax.get_facecolor() == to_rgba("white")
    assert all(sum(to_rgba(text.get_color())[:3]) < 1.5 for text in ax.findobj(Text) if text.get_text())


@pytest.mark.parametrize("plot", CHARTS)
def test_the_argument_is_not_changed(plot, leak):
    before = leak.goroutines.copy(), leak.snapshots.copy()
    plot(leak)
    assert leak.goroutines.equals(before[0])
    assert leak.snapshots.equals(before[1])
