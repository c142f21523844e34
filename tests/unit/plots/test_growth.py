import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from matplotlib.colors import to_hex
from matplotlib.dates import num2date
from matplotlib.text import Text

from gostack_nb.plots.growth import ONE_SNAPSHOT, plot_compare_growth, plot_growth
from gostack_nb.plots.style import OTHER_COLOR


def lines_of(ax):
    return {line.get_label().split("\n")[0]: [int(y) for y in line.get_ydata()] for line in ax.get_lines()}


def labels_of(ax):
    return [text.get_text() for text in ax.texts]


def test_the_leak_grows_from_29_to_154_and_the_total_to_288(leak):
    ax = plot_growth(leak)
    lines = lines_of(ax)
    assert lines["main.(*session).ackLoop"][:3] == [29, 38, 50]
    assert lines["main.(*session).ackLoop"][-1] == 154
    assert set(lines["main.(*session).readLoop"]) == set(lines["main.(*session).writeLoop"]) == {29}
    assert set(lines["main.(*server).deliverWorker"]) == {71}
    assert lines["total"][0] == 164
    assert lines["total"][-1] == 288
    total = lines.pop("total")
    assert [sum(counts) for counts in zip(*lines.values(), strict=True)] == total


def test_the_titles_say_how_many_when_and_how_fast(leak):
    ax = plot_growth(leak)
    assert ax.get_title(loc="left").strip() == "288 goroutines at 08:59 UTC, 164 at 08:53 UTC"
    assert ax.get_title() == "fastest: main.(*session).ackLoop, +1,381 per hour (95 % interval +1,363 to +1,400)"
    assert ax.title.get_color() == ax.get_lines()[0].get_color()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (UTC), 2026-11-23", "goroutines")
    assert labels_of(ax)[0] == "main.(*session).ackLoop: 29 → 154\nchan receive, main.go:233"


def test_points_stand_at_the_time_of_capture_from_zero_up(recording):
    ax = plot_growth(recording({"main.a": 3}, {"main.a": 7}))
    times = [num2date(x) for x in ax.get_lines()[0].get_xdata(orig=False)]
    assert [f"{time:%H:%M}" for time in times] == ["08:00", "08:01"]
    assert ax.get_ylim()[0] == 0
    assert all(tick == int(tick) for tick in ax.get_yticks())
    assert ax.get_title() == "a rate needs three snapshots with times"


@pytest.mark.parametrize(
    ("top", "named", "other"),
    [(6, ["main.leak", "main.pool", "main.io"], None), (1, ["main.leak"], "other (2 groups)")],
)
def test_growers_come_first_then_the_biggest_the_rest_is_other(recording, top, named, other):
    ax = plot_growth(recording(*[{"main.leak": 1 + n, "main.pool": 50, "main.io": 20} for n in range(4)]), top=top)
    assert list(lines_of(ax)) == [*named, *([other] if other else []), "total"]
    if other:
        assert lines_of(ax)[other] == [70] * 4


def test_small_groups_that_do_not_grow_are_other_and_small_ones_that_grow_are_not(recording):
    shots = [{"main.pool": 500, "main.one": 1, "main.slow": 1 + n} for n in range(3)]
    assert list(lines_of(plot_growth(recording(*shots)))) == ["main.slow", "main.pool", "other (1 group)", "total"]


def test_one_snapshot_is_drawn_as_points_and_says_so(recording):
    ax = plot_growth(recording({"main.a": 3, "main.b": 1}))
    assert ax.get_title() == ONE_SNAPSHOT
    assert ax.get_title(loc="left").strip() == "4 goroutines at 08:00 UTC"
    assert all(line.get_marker() == "o" for line in ax.get_lines()[::2])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["08:00:00"]
    ax.figure.canvas.draw()


def test_snapshots_without_any_time_stand_in_their_order(recording):
    ax = plot_growth(recording({"main.a": 1}, {"main.a": 2}, {"main.a": 3}, dated=False))
    assert ax.get_lines()[0].get_xdata().tolist() == [1, 2, 3]
    assert "times not known" in ax.get_xlabel()
    assert ax.get_title(loc="left").strip() == "3 goroutines in the last snapshot, 1 in the first"


def test_a_snapshot_without_time_among_dated_ones_is_left_out_and_counted(mixed):
    nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
    ax = plot_growth(mixed((nine, {"main.a": 1}), (nine.replace(hour=10), {"main.a": 2}), (None, {"main.a": 9})))
    assert lines_of(ax)["main.a"] == [1, 2]
    assert "1 snapshot without a time not shown" in ax.get_title()


def test_two_dumps_of_the_same_instant_are_not_added_up(mixed):
    nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
    kinds = {"main.big": 9, "main.small": 2}
    ax = plot_growth(mixed((nine, kinds), (nine, kinds), (nine.replace(hour=10), kinds)), top=1)
    assert lines_of(ax)["other (1 group)"] == [2, 2, 2]


def test_several_processes_have_lines_of_their_own_and_no_sum(fleet):
    ax = plot_growth(fleet(one=[{"main.a": 1}, {"main.a": 5}, {"main.a": 9}], two=[{"main.a": 2}] * 3))
    labels = labels_of(ax)
    assert labels == ["main.a: 1 → 9\nchan receive, main.go:9, one", "main.a: 2 → 2\nchan receive, main.go:9, two"]
    assert ax.get_title(loc="left").strip() == "11 goroutines in the last snapshots of 2 processes, 3 in the first"
    assert ax.get_title().startswith("fastest: main.a in one, +240 per hour")


def test_another_key_names_the_lines(leak):
    assert lines_of(plot_growth(leak, by="state"))["chan receive"][-1] == 226


def test_no_goroutines_are_said(nobody):
    assert labels_of(plot_growth(nobody)) == ["no goroutines"]


def test_many_snapshots_have_few_markers(recording):
    ax = plot_growth(recording(*[{"main.a": 1 + n % 3} for n in range(120)]))
    assert len(ax.get_lines()[0].get_xdata()) == 120
    assert ax.get_lines()[0].get_markevery() == 8


def test_labels_at_the_line_ends_do_not_overlap(recording):
    ax = plot_growth(recording(*[{f"main.f{n}": 2 for n in range(8)}] * 3), top=8)
    ax.figure.canvas.draw()
    boxes = sorted((Text.get_window_extent(text) for text in ax.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))


def test_leak_and_fix_share_an_axis_of_minutes(leak, fixed):
    ax = plot_compare_growth(leak, fixed, names=("leak", "fixed"))
    first, second = ax.get_lines()
    assert first.get_xdata()[0] == second.get_xdata()[0] == 0
    assert first.get_xdata()[11] == pytest.approx(5.5, abs=0.01)
    assert (first.get_ydata()[-1], second.get_ydata()[-1]) == (288, 163)
    assert first.get_linestyle() != second.get_linestyle()
    assert ax.get_title(loc="left") == "All goroutines, leak: 164 → 288, fixed: 163 → 163"
    assert ax.get_xlabel() == "minutes since the first snapshot"


def test_there_may_be_no_recording_after_it_yet(leak):
    ax = plot_compare_growth(leak, None)
    assert len(ax.get_lines()) == 1
    assert ax.get_title(loc="left") == "All goroutines, before: 164 → 288"


def test_a_long_way_to_a_name_does_not_look_like_data(recording):
    short, long = recording(*[{"main.a": 5}] * 2), recording(*[{"main.a": 1}] * 9)
    ax = plot_compare_growth(short, long)
    far, near = (to_hex(text.arrow_patch.get_edgecolor()) for text in ax.texts)
    assert far == OTHER_COLOR != near == to_hex(ax.get_lines()[1].get_color())


def test_recordings_without_times_cannot_be_compared(recording):
    undated = recording({"main.a": 1}, dated=False)
    assert labels_of(plot_compare_growth(undated, undated)) == ["no snapshot with a time"]


def test_each_process_is_a_line_of_the_comparison(fleet, recording):
    ax = plot_compare_growth(fleet(one=[{"main.a": 1}] * 2, two=[{"main.a": 2}] * 2), recording({"main.a": 1}))
    assert [line.get_label() for line in ax.get_lines()] == ["before one", "before two", "after"]
    assert ax.get_title(loc="left") == "All goroutines, before: 3 → 3, after: 1 → 1"


def test_the_onset_is_drawn_where_the_total_begins_to_grow(recording):
    shots = [{"main.pool": 20, "main.leak": max(1, 8 * (number - 12))} for number in range(30)]
    ax = plot_growth(recording(*shots))
    (found,) = re.findall(r"the total grows since 08:(\d\d) UTC", ax.get_title().replace("\n", " "))
    assert 11 <= int(found) <= 14
    assert f" grows since 08:{found} UTC" in [text.get_text() for text in ax.texts]


def test_growth_from_the_start_and_flat_counts_have_no_onset(leak, fixed):
    for dataset in (leak, fixed):
        assert "since" not in plot_growth(dataset).get_title()
