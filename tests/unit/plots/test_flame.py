from matplotlib.colors import to_hex

from gostack_nb.plots.flame import LIBRARY, MOST_LEVELS, YOURS, plot_flame, plot_flame_change


def boxes_of(ax):
    return [(round(-0.5 + box.get_y() + 1), int(box.get_x()), int(box.get_width())) for box in ax.patches]


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_boxes_are_as_wide_as_their_goroutines(leak):
    ax = plot_flame(leak)
    boxes = boxes_of(ax)
    assert (0, 0, 154) in boxes
    assert sum(width for depth, _, width in boxes if depth == 0) == 288
    assert ax.get_xlim() == (0, 288)
    assert ax.yaxis_inverted()
    assert "main.(*session).ackLoop" in texts_of(ax)


def test_your_code_and_the_library_differ_in_colour(leak):
    colors = {to_hex(box.get_facecolor()) for box in plot_flame(leak).patches}
    assert colors == {YOURS, LIBRARY}


def test_a_change_is_written_and_coloured(leak, fixed):
    ax = plot_flame_change(leak, fixed)
    assert any("(-125)" in text for text in texts_of(ax))
    assert ax.get_title(loc="left").strip() == "163 goroutines, -125 since before, at 2026-11-23 08:59 UTC"
    assert len({to_hex(box.get_facecolor()) for box in ax.patches}) == 2


def test_calls_that_are_gone_are_counted(recording):
    ax = plot_flame_change(recording({"main.a": 2, "main.gone": 3}), recording({"main.a": 2}))
    assert ax.get_title().endswith("3 goroutines in calls that are gone")
    assert boxes_of(ax) == [(0, 0, 2)]


def test_narrow_and_deep_calls_are_counted(recording, deep_dump):
    ax = plot_flame(recording({"main.many": 5000, "main.one": 1}))
    assert ax.get_title().endswith("1 call too narrow to draw")
    ax = plot_flame(deep_dump(MOST_LEVELS + 7))
    assert ax.get_title().endswith(f"7 calls deeper than {MOST_LEVELS} left out")
    assert len(boxes_of(ax)) == MOST_LEVELS


def test_no_goroutines_are_said(nobody, leak):
    assert texts_of(plot_flame(nobody)) == ["no goroutines"]
    assert texts_of(plot_flame_change(leak, nobody)) == ["no goroutines after"]


def test_three_hundred_stacks_are_drawn(recording):
    ax = plot_flame(recording({f"main.f{n:03}": 2 for n in range(300)}))
    ax.figure.canvas.draw()
    assert len(boxes_of(ax)) == 300
