import pytest

from gostack_nb.analysis.suspects.caveats import caveats
from gostack_nb.analysis.suspects.population import population
from tests.unit.analysis.suspects.conftest import born, series


def noted(dataset, rows, **more):
    return caveats(population(dataset(rows, **more)))


def test_a_whole_series_has_none(dataset) -> None:
    assert noted(dataset, series("main.f", [1], [1])) == []


@pytest.mark.parametrize(
    ("rows", "snapshots", "words"),
    [
        (series("main.f", [1]), None, "One dump cannot show who arrives"),
        (
            series("main.f", [1], [1]),
            [{"snapshot_id": "s0", "truncated": True}, {"snapshot_id": "s1"}],
            "1 of 2 dumps are cut",
        ),
        (series("main.f", [1]), [{"snapshot_id": "s0", "truncated": True}], "The dump is cut"),
        (born("main.f", [None]), [{"snapshot_id": "s0", "form": "debug=1"}], "Dumps of the form debug=1 tell no ids"),
        (
            series("main.f", range(900, 930), range(1, 30)),
            None,
            "The process was restarted: only the 1 dump since then count",
        ),
        (series("main.f", [1], creator_id=None), None, "Go before 1.21"),
    ],
)
def test_what_is_missing_is_said(dataset, rows, snapshots, words) -> None:
    assert any(words in note for note in noted(dataset, rows, snapshots=snapshots))


def test_no_goroutines_no_words(dataset) -> None:
    assert noted(dataset, []) == []
