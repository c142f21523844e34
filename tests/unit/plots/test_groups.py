import pytest

from gostack_nb.errors import MissingColumnError
from gostack_nb.plots.groups import plot_groups


def bars_of(ax):
    names = [label.get_text() for label in ax.get_yticklabels()]
    return dict(zip(names, [int(bar.get_width()) for bar in ax.patches], strict=True))


def notes_of(ax):
    return [text.get_text() for text in ax.texts]


def test_the_biggest_group_of_the_leak_is_on_top(leak):
    ax = plot_groups(leak)
    bars = bars_of(ax)
    assert next(iter(bars.items())) == ("main.(*session).ackLoop\nchan receive, main.go:233", 154)
    assert sum(bars.values()) == 288
    assert notes_of(ax)[:2] == ["154 (53 %)", "71 (25 %)"]
    assert ax.get_title(loc="left") == "288 goroutines at 2026-11-23 08:59 UTC, 9 groups"
    assert ax.yaxis_inverted()


@pytest.mark.parametrize("count", [1, 3, 30, 300])
def test_what_has_no_bar_of_its_own_is_other(recording, count):
    ax = plot_groups(recording({f"main.f{n:03}": 2 for n in range(count)}), top=5)
    bars = bars_of(ax)
    assert len(bars) == min(count, 6)
    assert sum(bars.values()) == 2 * count
    if count > 5:
        assert bars[f"other ({count - 5} groups)"] == 2 * (count - 5)
    ax.figure.canvas.draw()


def test_several_processes_are_added_up_and_counted(fleet):
    ax = plot_groups(fleet(one=[{"main.a": 1}, {"main.a": 4}], two=[{"main.a": 2}]))
    assert list(bars_of(ax).values()) == [6]
    assert ax.get_title(loc="left") == "6 goroutines in 2 processes from 2026-11-23 08:00 to 08:01 UTC, 1 group"


def test_a_table_shows_its_last_snapshot(recording):
    ax = plot_groups(recording({"main.a": 1}, {"main.a": 4}).goroutines)
    assert list(bars_of(ax).values()) == [4]
    assert ax.get_title(loc="left") == "4 goroutines, 1 group"


def test_no_goroutines_are_said(nobody):
    assert notes_of(plot_groups(nobody)) == ["no goroutines"]
    assert notes_of(plot_groups(nobody.goroutines)) == ["no goroutines"]


def test_a_table_without_the_columns_is_an_error(leak):
    with pytest.raises(MissingColumnError, match="signature"):
        plot_groups(leak.goroutines.drop(columns="signature"))
