from itertools import pairwise

from gostack_nb.plots.ages import NO_CLOCK, NO_IDS, SINCE_BIRTH, plot_ages


def points_of(ax):
    return {dots.get_label(): dots.get_offsets().tolist() for dots in ax.collections}


def test_every_goroutine_is_a_point_at_its_id_and_wait(leak):
    points = points_of(plot_ages(leak))
    assert sum(map(len, points.values())) == 288
    acks = points["main.(*session).ackLoop, chan receive, main.go:233: 154"]
    assert sorted({wait for _, wait in acks}) == [0, 1, 2, 3, 4, 5]
    workers = points["main.(*server).deliverWorker, chan receive, main.go:283: 71"]
    assert {wait for _, wait in workers} == {0}


def test_the_dashed_line_is_the_wait_since_birth(leak):
    (line,) = (line for line in plot_ages(leak).get_lines() if line.get_label() == SINCE_BIRTH)
    ids, waits = line.get_xdata(), line.get_ydata()
    assert ids[0] == 178
    assert abs(waits[0] - 5.5) < 0.02
    assert all(later <= earlier for earlier, later in pairwise(waits))


def test_a_leaked_goroutine_stands_just_below_the_line_and_a_pool_far_from_it(leak):
    ax = plot_ages(leak)
    (line,) = (line for line in ax.get_lines() if line.get_label() == SINCE_BIRTH)
    since_birth = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
    acks = points_of(ax)["main.(*session).ackLoop, chan receive, main.go:233: 154"]
    for goid, wait in acks:
        later = [minutes for highest, minutes in since_birth.items() if highest >= goid]
        assert wait <= max(later) + 0.6


def test_one_snapshot_dates_nothing(recording):
    ax = plot_ages(recording({"main.a": (3, "select, 7 minutes")}))
    assert ax.get_lines() == []
    assert ax.get_title().startswith(NO_CLOCK)
    assert points_of(ax) == {"main.a, select, main.go:9: 3": [[1, 7], [2, 7], [3, 7]]}


def test_small_groups_are_other(recording):
    points = points_of(plot_ages(recording({f"main.f{n}": 9 - n for n in range(9)}), top=3))
    assert list(map(len, points.values())) == [6 + 5 + 4 + 3 + 2 + 1, 9, 8, 7]
    assert next(iter(points)) == "other: 21"


def test_the_biggest_process_is_drawn_and_named(fleet):
    ax = plot_ages(fleet(one=[{"main.a": 1}], two=[{"main.a": 4}]))
    assert sum(map(len, points_of(ax).values())) == 4
    assert "of two, the biggest of several processes" in ax.get_title(loc="left")


def test_no_ids_are_said(nobody):
    assert [text.get_text() for text in plot_ages(nobody).texts] == [NO_IDS]


def test_five_hundred_snapshots_leave_the_clocks_apart(recording):
    ax = plot_ages(recording(*({"main.a": 1 + number} for number in range(500))))
    ax.figure.canvas.draw()
    assert len(ax.child_axes[0].get_xticks()) <= 7
