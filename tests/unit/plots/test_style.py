from itertools import pairwise

import pytest

from gostack_nb.plots.moments import count_words, share_words
from gostack_nb.plots.style import COLORS, line_style, marks_every, spread


@pytest.mark.parametrize(
    ("places", "gap", "moved"),
    [
        ([], 0.1, []),
        ([0.3], 0.1, [0.3]),
        ([0.2, 0.8], 0.1, [0.2, 0.8]),
        ([0.5, 0.5], 0.2, [0.4, 0.6]),
        ([0.0, 0.0], 0.2, [0.0, 0.2]),
        ([1.0, 1.0, 0.1], 0.2, [0.8, 1.0, 0.1]),
        ([0.9, 0.1], 0.1, [0.9, 0.1]),
    ],
)
def test_places_move_apart_in_their_order(places, gap, moved):
    assert spread(places, gap) == pytest.approx(moved)


def test_more_places_than_room_keep_their_gap():
    moved = spread([0.5] * 5, 0.5)
    assert [after - before for before, after in pairwise(moved)] == pytest.approx([0.5] * 4)


def test_lines_differ_without_colour_too():
    styles = [line_style(place) for place in range(len(COLORS) * 4)]
    assert len({(style.marker, style.dashes) for style in styles}) == len(styles)


@pytest.mark.parametrize(("points", "every"), [(1, 1), (15, 1), (16, 2), (500, 34)])
def test_long_lines_have_few_markers(points, every):
    assert marks_every(points) == every


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 goroutines"), (1, "1 goroutine"), (1234567, "1,234,567 goroutines")]
)
def test_numbers_have_their_noun(count, words):
    assert count_words(count) == words


@pytest.mark.parametrize(("count", "words"), [(5, "5 (<1 %)"), (10, "10 (1 %)"), (1200, "1,200 (100 %)")])
def test_small_shares_are_not_nothing(count, words):
    assert share_words(count, 1200) == words
