import os
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba
from matplotlib.dates import num2date
from matplotlib.text import Text

import gostack_nb as gs
from gostack_nb.errors import MissingColumnError
from gostack_nb.plots.decomposition import CUT_GAP, GAP, plot_decomposition

START = pd.Timestamp("2026-11-23T08:00:00Z")
HOSTILE = [
    "main.$HOME$frac",
    "main.one$",
    r"main.bad$\frac{",
    "_goexit.f",
    "main.<script>alert(1)</script>",
    "main.处理消息",
    "main." + "x" * 400,
    "example.com/" + "deep/" * 60 + "pkg.(*T[...]).run",
]


def metric_of(seconds, values, **labels):
    times = pd.DatetimeIndex([START + pd.Timedelta(seconds=second) for second in seconds], tz="UTC")
    return pd.DataFrame({"captured_at": times, "value": np.array(values, dtype=float), **labels})


def areas_of(ax):
    """Return each stacked area's height at its first and last dump, from the bottom up."""
    areas = {}
    for area in ax.collections:
        if area.get_label().startswith("_") or area.get_hatch():
            continue
        points = area.get_paths()[0].vertices
        ends = (points[:, 0].min(), points[:, 0].max())
        areas[area.get_label().split("\n")[0]] = [round(float(np.ptp(points[points[:, 0] == end, 1]))) for end in ends]
    return areas


def bars_of(ax):
    return {bars.get_label().split("\n")[0]: (bars[0].get_y(), bars[0].get_height()) for bars in ax.containers}


def line_of(ax):
    return [line for line in ax.get_lines() if not line.get_label().startswith("_child")]


def hatched(ax):
    return [area for area in ax.collections if area.get_hatch()]


def labels_of(ax):
    return [text.get_text() for text in ax.texts]


def test_the_groups_stand_under_the_metric(leak):
    ax = plot_decomposition(leak)
    assert areas_of(ax) == {
        "other groups": [6, 5],
        "main.(*session).readLoop": [29, 29],
        "main.(*session).writeLoop": [29, 29],
        "main.(*server).deliverWorker": [71, 71],
        "main.(*session).ackLoop": [29, 154],
    }
    (line,) = line_of(ax)
    assert line.get_ydata().tolist()[::11] == [163, 288]
    assert num2date(line.get_xdata()[0]).strftime("%H:%M:%S") == "08:53:43"
    assert line.get_label() == "go_goroutines"
    assert not hatched(ax), "a gap of 1 in 164 cannot be seen"
    assert labels_of(ax)[-2:] == [
        "main.(*session).ackLoop: 29 → 154\nchan receive, main.go:233",
        "go_goroutines: 163 → 288",
    ]


def test_the_titles_say_what_explains_it_and_how_large_the_gap_is(leak):
    ax = plot_decomposition(leak)
    assert ax.get_title(loc="left").strip() == "288 goroutines at 08:59 UTC, 164 at 08:53 UTC"
    assert ax.get_title() == (
        "of +125 goroutines, +125 are main.(*session).ackLoop; gap (go_goroutines less dump): -1 to 0"
    )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (UTC), 2026-11-23", "goroutines")
    assert ax.get_ylim()[0] == 0


def test_every_sample_is_drawn_and_the_gap_is_hatched_and_named(recording):
    dataset = recording({"main.a": 100}, {"main.a": 120}, {"main.a": 140})
    ax = plot_decomposition(dataset, metric_of(range(-60, 180, 5), range(110, 158)))
    (line,) = line_of(ax)
    assert len(line.get_xdata()) == 48
    assert ax.get_xlim()[0] == pytest.approx(line.get_xdata()[0])
    (gap,) = hatched(ax)
    assert gap.get_label() == GAP
    points = gap.get_paths()[0].vertices
    assert (points[:, 1].min(), points[:, 1].max()) == (100, 146)
    assert "gap: 22 → 6" in labels_of(ax)
    assert ax.get_title().endswith("gap (go_goroutines less dump): +6 to +22")
    assert "of -" not in ax.get_title()


def test_a_dump_with_more_than_the_metric_has_a_gap_too(recording):
    ax = plot_decomposition(recording({"main.a": 100}, {"main.a": 100}), metric_of([0, 60], [90, 90]))
    assert hatched(ax)
    assert "gap: -10 → -10" in labels_of(ax)


def test_the_gap_of_cut_dumps_has_another_name(recording):
    dataset = recording({"main.a": 100}, {"main.a": 60})
    cut = dataset.snapshots.assign(truncated=pd.array([False, True], dtype="boolean"))
    ax = plot_decomposition(replace(dataset, snapshots=cut), metric_of([0, 60], [100, 130]))
    assert hatched(ax)[0].get_label() == CUT_GAP
    assert f"{CUT_GAP}: 0 → 70" in labels_of(ax)
    assert ax.get_title() == "gap (go_goroutines less dump): 0 to +70; 1 dump cut: counts are floors"


def test_a_change_that_no_dump_shows_is_said(recording):
    ax = plot_decomposition(recording({"main.a": 9}, {"main.a": 7}), metric_of([0, 60], [10, 50]))
    assert ax.get_title().startswith("no group explains +40 goroutines; gap")


def test_where_only_some_dumps_have_a_sample_the_gap_is_drawn_there(recording):
    dataset = recording({"main.a": 10}, {"main.a": 10}, {"main.a": 10})
    ax = plot_decomposition(dataset, metric_of([60], [30]))
    (dotted,) = [area for area in ax.collections if area.get_linestyle()[0][1] is not None]
    assert [path.vertices[:, 1].tolist() for path in dotted.get_paths()] == [[10, 30]]
    assert "gap: 20" in labels_of(ax)


def test_the_line_is_broken_where_samples_are_missing(recording):
    seconds = [*range(0, 600, 15), *range(3600, 4200, 15)]
    ax = plot_decomposition(recording({"main.a": 9}, {"main.a": 9}), metric_of(seconds, [9] * len(seconds)))
    assert np.isnan(line_of(ax)[0].get_ydata()).sum() == 1


def test_dumps_too_close_for_the_axis_are_one_bar(recording):
    dataset = recording({"main.a": 2, "main.b": 3}, {"main.a": 12, "main.b": 3})
    day = metric_of(range(-86_400, 120, 60), range(1442))
    ax = plot_decomposition(dataset, day)
    assert bars_of(ax) == {"main.b": (0, 3), "main.a": (3, 12), GAP: (15, 1426)}
    assert "the last of 2 dumps" in ax.get_title()
    assert "main.a: 2 → 12\nchan receive, main.go:9" in labels_of(ax)
    assert line_of(ax)[0].get_marker() == "", "too many samples to mark each"


@pytest.mark.parametrize("seconds", [[], [3]])
def test_one_dump_is_a_bar(recording, seconds):
    ax = plot_decomposition(recording({"main.a": 5, "main.b": 3}), metric_of(seconds, [9] * len(seconds)))
    assert bars_of(ax) == {"main.b": (0, 3), "main.a": (3, 5)} | ({GAP: (8, 1)} if seconds else {})
    assert [label.get_text() for label in ax.get_xticklabels()] == ["08:00:00"]
    assert ax.get_title(loc="left").strip() == "8 goroutines at 08:00 UTC"
    assert np.ptp(ax.get_xlim()) == pytest.approx(2 / 1440)
    ax.figure.canvas.draw()


def test_without_any_metric_it_says_so(recording):
    ax = plot_decomposition(recording({"main.a": 1}, {"main.a": 7}))
    assert areas_of(ax) == {"main.a": [1, 7]}
    assert not line_of(ax)
    assert ax.get_title() == "of +6 goroutines, +6 are main.a; no go_goroutines of this process: the dumps alone"


def test_a_metric_of_another_time_is_drawn_without_a_gap(recording):
    ax = plot_decomposition(recording({"main.a": 5}, {"main.a": 5}), metric_of([300], [5]))
    assert ax.get_title() == (
        "no change from first to last; no sample of go_goroutines within 30 s of a dump: the gap is not known"
    )
    assert not hatched(ax)


@pytest.mark.parametrize("count", [1, 3])
def test_snapshots_without_a_time_stand_in_their_order(recording, count):
    dataset = recording(*[{"main.a": 4 + n} for n in range(count)], dated=False)
    ax = plot_decomposition(dataset, metric_of([0], [9]))
    assert "times not known" in ax.get_xlabel()
    assert not line_of(ax)
    assert ax.get_title(loc="left").startswith("4 goroutines in one dump" if count == 1 else "6 goroutines in the last")


def test_of_several_processes_the_one_that_changed_most_is_drawn(fleet):
    dataset = fleet(one=[{"main.a": 5}, {"main.a": 6}], two=[{"main.a": 5, "main.b": 1}, {"main.a": 9, "main.b": 1}])
    metrics = pd.concat([metric_of([0, 60], [5, 6], instance="one"), metric_of([0, 60], [6, 10], instance="two")])
    ax = plot_decomposition(dataset, metrics)
    assert areas_of(ax) == {"main.b": [1, 1], "main.a": [5, 9]}
    assert line_of(ax)[0].get_ydata().tolist() == [6, 10]
    assert "two, 1 of 2 processes" in ax.get_title()
    table = gs.decompose(dataset, metrics)
    ax = plot_decomposition(table[table["instance"] == "one"])
    assert areas_of(ax) == {"main.a": [5, 6]}
    assert line_of(ax)[0].get_ydata().tolist() == [5, 6]


def test_a_table_is_drawn_as_its_dataset(leak):
    from_table, from_dataset = plot_decomposition(gs.decompose(leak)), plot_decomposition(leak)
    assert areas_of(from_table) == areas_of(from_dataset)
    assert labels_of(from_table) == labels_of(from_dataset)
    assert from_table.get_title() == from_dataset.get_title()


def test_another_key_and_another_metric_are_named(leak):
    samples = leak.metrics[leak.metrics["name"] == "push_clients"]
    ax = plot_decomposition(leak, samples, by="state", top=2)
    assert list(areas_of(ax)) == ["other groups", "IO wait", "chan receive"]
    assert labels_of(ax)[-1] == "push_clients: 29 → 29"


def test_a_goroutine_that_is_there_for_a_moment_is_other(recording):
    steady, moment = {"main.pool": 20, "main.one": 1}, {"main.request": 1}
    ax = plot_decomposition(recording(steady, steady | moment, steady | {"main.burst": 9}, steady))
    assert areas_of(ax) == {
        "other groups": [0, 0],
        "main.one": [1, 1],
        "main.burst": [0, 0],
        "main.pool": [20, 20],
    }


def test_thirty_groups_have_labels_that_do_not_overlap_and_neighbours_of_other_colours(recording):
    shots = [{f"main.f{n:02}": 5 + n + step * (n % 5) for n in range(35)} for step in range(3)]
    ax = plot_decomposition(recording(*shots), top=30)
    ax.figure.canvas.draw()
    assert len(areas_of(ax)) == 31
    colors = [tuple(area.get_facecolor()[0]) for area in ax.collections if not area.get_label().startswith("_")]
    assert len(set(colors)) == 31
    boxes = sorted((Text.get_window_extent(text) for text in ax.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))


def test_five_hundred_snapshots(recording):
    dataset = recording(*[{"main.a": 1 + n % 3, "main.b": 5} for n in range(500)])
    ax = plot_decomposition(dataset, metric_of(range(0, 30_000, 60), [8] * 500))
    assert len(line_of(ax)[0].get_xdata()) == 500
    assert len([area for area in ax.collections if area.get_label().startswith("_")]) == 0, (
        "dumps are not marked one by one"
    )
    ax.figure.canvas.draw()


def test_no_goroutines_and_no_snapshots_are_said(nobody, leak):
    assert labels_of(plot_decomposition(nobody)) == ["no goroutines"]
    empty = replace(leak, snapshots=leak.snapshots.iloc[:0], goroutines=leak.goroutines.iloc[:0])
    assert labels_of(plot_decomposition(empty)) == ["no snapshots"]
    none_read = replace(leak, goroutines=leak.goroutines.iloc[:0])
    assert "gap: 163 → 288" in labels_of(plot_decomposition(none_read))


def test_another_table_is_refused(leak):
    with pytest.raises(MissingColumnError, match="what decompose returns"):
        plot_decomposition(leak.goroutines)


def test_hostile_names_are_drawn_as_they_are(recording):
    shots = [{name: 3 + place * step for place, name in enumerate(HOSTILE)} for step in (1, 2, 3)]
    dataset = recording(*shots, instance="_push$1$\\frac{处" + "y" * 300)
    metric = metric_of([0, 60, 120], [70, 80, 100], name="_x$\\frac{处" + "z" * 200)
    ax = plot_decomposition(dataset, metric, top=10)
    ax.figure.canvas.draw()
    assert not any(text.get_parse_math() for text in ax.findobj(Text))
    assert ax.get_position().width > 0.3
    assert any(label.startswith("_goexit.f: 6 → 12") for label in labels_of(ax))
    assert labels_of(ax)[-1].startswith("_x$\\frac{")


def test_it_draws_on_the_axes_given_in_dark_on_white_and_changes_nothing(leak):
    goroutines, metrics = leak.goroutines.copy(), leak.metrics.copy()
    with plt.style.context("dark_background"):
        before = dict(mpl.rcParams)
        figure, ax = plt.subplots()
        assert plot_decomposition(leak, ax=ax) is ax
        assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == [figure.number]
    assert figure.get_facecolor() == ax.get_facecolor() == to_rgba("white")
    assert all(sum(to_rgba(text.get_color())[:3]) < 1.5 for text in ax.findobj(Text) if text.get_text())
    assert leak.goroutines.equals(goroutines)
    assert leak.metrics.equals(metrics)


def test_days_are_told(mixed):
    start = START.to_pydatetime()
    ax = plot_decomposition(mixed((start, {"main.a": 3}), (start + timedelta(days=2), {"main.a": 3})))
    assert ax.get_title(loc="left").strip() == "3 goroutines at 08:00 UTC, 3 at 08:00 UTC on 2026-11-23"
    assert ax.get_xlabel() == "time (UTC), 2026-11-23 to 2026-11-25"


def test_a_restart_is_said(tmp_path):
    for number, (count, creator) in enumerate([(30, "main.x"), (32, "main.x"), (5, "main.y"), (7, "main.y")]):
        frames = f"main.a(0x1)\n\t/srv/main.go:9 +0x1d\ncreated by {creator} in goroutine 1\n\t/srv/main.go:1 +0x2\n"
        path = tmp_path / f"{number}.txt"
        path.write_text("\n".join(f"goroutine {place} [select]:\n{frames}" for place in range(2, count)))
        moment = (START + timedelta(minutes=number)).timestamp()
        os.utime(path, (moment, moment))
    words = " ".join(plot_decomposition(gs.read(tmp_path)).get_title().split())
    assert "restarted before 08:02 UTC: first and last are of two processes" in words
    assert "restarted" not in plot_decomposition(gs.read(tmp_path / "0.txt", tmp_path / "1.txt")).get_title()
