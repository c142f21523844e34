from datetime import UTC, datetime

import gostack_nb as gs
from gostack_nb.plots.states import plot_states


def areas_of(ax):
    return [area.get_label() for area in ax.collections]


def heights_of(ax):
    """Return the label at each area's end: `chan receive: 226`."""
    return [text.get_text() for text in ax.texts]


def test_the_states_of_the_leak_are_stacked_over_time(leak):
    ax = plot_states(leak)
    assert areas_of(ax) == ["chan receive", "IO wait", "select", "other states"]
    assert heights_of(ax) == ["chan receive: 226", "IO wait: 31", "select: 29", "other states: 2"]
    tops = [max(area.get_paths()[0].vertices[:, 1]) for area in ax.collections]
    assert tops == [226, 257, 286, 288]
    assert ax.get_title(loc="left").strip() == "288 goroutines at 08:59 UTC: 226 chan receive"
    assert ax.get_title() == "by state, 13 snapshots, 08:53 UTC to 08:59 UTC"


def test_one_snapshot_is_bars_with_counts(recording):
    ax = plot_states(recording({"main.a": 3, "main.b": (1, "select")}))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["chan receive", "select"]
    assert [bar.get_width() for bar in ax.patches] == [3, 1]
    assert heights_of(ax) == ["3 (75 %)", "1 (25 %)"]


def test_states_are_normalized_and_the_rest_is_other(recording):
    shot = {"main.a": (4, "chan receive (durable)"), "main.b": (3, "select"), "main.c": (2, "sleep"), "main.d": 1}
    ax = plot_states(recording(shot), top=2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["chan receive", "select", "other states"]
    assert [bar.get_width() for bar in ax.patches] == [5, 3, 2]


def test_states_that_the_form_does_not_print_are_not_told():
    counted = b"goroutine profile: total 3\n3 @ 0x1\n#\t0x1\tmain.a+0x1\t/srv/main.go:9\n\n"
    ax = plot_states(gs.read(counted))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["state not told"]
    assert heights_of(ax) == ["3 (100 %)"]


def test_several_processes_are_added_up(fleet):
    ax = plot_states(fleet(one=[{"main.a": 1}, {"main.a": 4}], two=[{"main.a": (2, "select")}]))
    assert [bar.get_width() for bar in ax.patches] == [4, 2]
    assert "in 2 processes" in ax.get_title(loc="left")


def test_two_dumps_of_the_same_instant_are_not_added_up(mixed):
    nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
    ax = plot_states(mixed((nine, {"main.a": 2}), (nine, {"main.a": 2}), (nine.replace(hour=10), {"main.a": 2})))
    assert max(ax.collections[0].get_paths()[0].vertices[:, 1]) == 2


def test_without_times_snapshots_stand_in_their_order(recording):
    ax = plot_states(recording({"main.a": 2}, {"main.a": 5}, dated=False))
    assert ax.get_title(loc="left").strip() == "5 goroutines in the last snapshot: 5 chan receive"
    assert ax.get_title() == "by state, 2 snapshots, times not known"


def test_a_table_shows_its_last_snapshot_and_no_goroutines_are_said(recording, nobody):
    assert [bar.get_width() for bar in plot_states(recording({"main.a": 1}, {"main.a": 4}).goroutines).patches] == [4]
    assert heights_of(plot_states(nobody)) == ["no goroutines"]
