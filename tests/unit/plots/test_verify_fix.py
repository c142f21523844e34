"""The chart of a fix: what its artists hold."""

from datetime import UTC, datetime

import numpy as np
import pytest
from matplotlib.figure import Figure

import gostack_nb as gs
from gostack_nb.plots.export import export_file
from gostack_nb.plots.style import OTHER_COLOR

GROWING = [{"main.leak": count, "main.main": 1} for count in (10, 20, 30, 40, 50, 60)]
FLAT = [{"main.leak": 10, "main.main": 1}] * 6
LATER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def axes(recording):
    return gs.plot_verify_fix(recording(*GROWING), recording(*FLAT, start=LATER))


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_both_courses_start_at_minute_0(axes):
    drawn = lines(axes)
    assert drawn["before"].get_xdata().tolist() == drawn["after"].get_xdata().tolist() == [0, 1, 2, 3, 4, 5]
    assert drawn["before"].get_ydata().tolist() == [11, 21, 31, 41, 51, 61]
    assert drawn["after"].get_ydata().tolist() == [11] * 6
    assert axes.get_xlabel() == "minutes since the first dump"


def test_the_fit_has_the_rate_and_its_interval(recording):
    shots = [{"main.leak": count} for count in (10, 22, 29, 42, 48, 60)]
    axes = gs.plot_verify_fix(recording(*shots), recording(*FLAT, start=LATER))
    row = gs.verify_fix(recording(*shots), recording(*FLAT, start=LATER)).iloc[0]
    fit = axes.get_lines()[1]
    rate = np.diff(fit.get_ydata()) / np.diff(fit.get_xdata()) * 60
    assert rate.tolist() == pytest.approx([row["before_rate_per_hour"]] * 2)
    band = axes.collections[0].get_paths()[0].vertices
    at_the_end = band[band[:, 0] == 5][:, 1]
    width = (row["before_rate_high"] - row["before_rate_low"]) / 60 * 2.5
    assert np.ptp(at_the_end) == pytest.approx(width)


def test_the_verdict_is_the_title_and_the_sentence_stands_below(axes):
    assert axes.get_title(loc="left").splitlines()[0] == "The fix: fixed"
    below = " ".join(axes.get_title().splitlines())
    assert below.startswith("The total grew by 600 per hour [600, 600] before (6 dumps in 5.0 minutes)")
    assert [text.get_text() for text in axes.texts] == [
        "before: 11 → 61\n600 per hour\n[600, 600]",
        "after: 11 → 11\n0 per hour\n[0, 0]",
    ]


def test_every_process_is_a_line(fleet):
    axes = gs.plot_verify_fix(fleet(a=GROWING, b=GROWING), fleet(a=FLAT))
    assert [name for name in lines(axes) if not name.startswith("_")] == ["before push a", "before push b", "after"]


def test_one_dump_is_a_mark_without_a_fit(recording):
    axes = gs.plot_verify_fix(recording(*GROWING), recording({"main.leak": 10}))
    assert lines(axes)["after"].get_ydata().tolist() == [10]
    assert len(axes.collections) == 1
    arrow = axes.texts[1].arrow_patch
    assert axes.texts[1].get_text() == "after: 10"
    assert arrow.get_edgecolor()[:3] == pytest.approx(
        tuple(int(OTHER_COLOR[at : at + 2], 16) / 255 for at in (1, 3, 5))
    )


def test_without_times_it_says_so(recording):
    axes = gs.plot_verify_fix(recording(*GROWING, dated=False), recording(*FLAT, dated=False))
    assert axes.texts[0].get_text() == "no dump with a time"


def test_it_draws_where_it_is_told(recording):
    given = Figure().add_subplot()
    assert gs.plot_verify_fix(recording(*GROWING), recording(*FLAT), ax=given) is given


def test_hostile_names_are_plain_text(fleet):
    axes = gs.plot_verify_fix(fleet(**{"$x$\x1b[2J": GROWING, "b": GROWING}), fleet(a=FLAT))
    axes.figure.canvas.draw()
    assert not any("\x1b" in text.get_text() for text in axes.texts)


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("b.SVG", b"<?xm"), ("c.pdf", b"%PDF")])
def test_one_file_by_its_ending(tmp_path, name, begins):
    export_file(Figure(figsize=(1, 1)).add_subplot(), tmp_path / name)
    assert (tmp_path / name).read_bytes()[:4] == begins


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(gs.ExportError, match=r"\.png, \.svg or \.pdf"):
        export_file(Figure().add_subplot(), tmp_path / "a.gif")
