import pytest

from gostack_nb.errors import MissingColumnError
from gostack_nb.plots.compare import UNCHANGED, plot_compare


def ends_of(ax):
    before, after = (dots.get_offsets()[:, 0].tolist() for dots in ax.collections[1:])
    names = [label.get_text() for label in ax.get_yticklabels()]
    return {name: (int(b), int(a)) for name, b, a in zip(names, before, after, strict=True)}


def test_a_line_goes_from_before_to_after(leak, fixed):
    ax = plot_compare(leak, fixed)
    assert ends_of(ax) == {"main.(*session).ackLoop\nchan receive, main.go:233": (154, 29)}
    assert [text.get_text().strip() for text in ax.texts] == ["154 → 29 (-125)"]
    assert ax.get_title(loc="left").strip() == "288 goroutines before, 163 after (-125)"


def test_the_greatest_change_comes_first_and_the_rest_is_other(recording):
    before = recording({f"main.f{n}": 1 for n in range(6)})
    after = recording({f"main.f{n}": 2 + n for n in range(6)})
    ax = plot_compare(before, after, top=2, names=("v1", "v2"))
    assert list(ends_of(ax).values()) == [(1, 7), (1, 6), (4, 14)]
    assert ax.get_yticklabels()[-1].get_text() == "other (4 groups)"
    assert ax.get_title(loc="left").strip() == "6 goroutines v1, 27 v2 (+21)"


def test_equal_sides_are_said(leak, nobody):
    assert [text.get_text() for text in plot_compare(leak, leak).texts] == [UNCHANGED]
    assert [text.get_text() for text in plot_compare(nobody, nobody).texts] == ["no goroutines"]


def test_a_table_without_the_columns_is_an_error(leak):
    with pytest.raises(MissingColumnError, match="signature"):
        plot_compare(leak, leak.goroutines.drop(columns="signature"))
