import numpy as np
import pytest

from gostack_nb.plots.heat_map import plot_heat_map


def cells_of(ax):
    (mesh,) = [drawn for drawn in ax.collections if drawn.get_array() is not None]
    return np.ma.filled(mesh.get_array(), 0).reshape(len(ax.get_yticks()), -1).tolist()


def names_of(ax):
    return [label.get_text().split("\n")[0] for label in ax.get_yticklabels()]


def test_a_cell_is_the_count_of_a_group_in_a_snapshot(recording):
    ax = plot_heat_map(recording({"main.pool": 5}, {"main.pool": 5, "main.leak": 3}, {"main.pool": 5, "main.leak": 9}))
    assert names_of(ax) == ["main.leak", "main.pool"]
    assert cells_of(ax) == [[0, 3, 9], [5, 5, 5]]
    assert ax.get_yticklabels()[0].get_text().endswith(": 9")


def test_what_comes_and_goes_alone_is_below_what_is_big(recording):
    ax = plot_heat_map(recording({"main.pool": 5}, {"main.pool": 5, "main.request": 1}))
    assert names_of(ax) == ["main.pool", "main.request"]


@pytest.mark.parametrize(("groups", "snapshots"), [(1, 1), (3, 2), (30, 3), (300, 2), (2, 500)])
def test_any_size_is_drawn(recording, groups, snapshots):
    ax = plot_heat_map(recording(*[{f"main.f{n}": 2 for n in range(groups)}] * snapshots), top=20)
    ax.figure.canvas.draw()
    assert np.shape(cells_of(ax)) == (min(groups, 20), snapshots)


def test_snapshots_without_times_stand_in_their_order(recording):
    ax = plot_heat_map(recording({"main.a": 1}, {"main.a": 4}, dated=False))
    assert cells_of(ax) == [[1, 4]]
    assert "times not known" in ax.get_xlabel()


def test_each_process_has_rows_of_its_own(fleet):
    ax = plot_heat_map(fleet(one=[{"main.a": 1}, {"main.a": 4}], two=[{"main.a": 2}, {"main.a": 2}]))
    assert cells_of(ax) == [[1, 4], [2, 2]]
    assert [label.get_text().rpartition(", ")[2] for label in ax.get_yticklabels()] == ["one: 4", "two: 2"]


def test_no_goroutines_are_said(nobody):
    assert [text.get_text() for text in plot_heat_map(nobody).texts] == ["no goroutines"]
