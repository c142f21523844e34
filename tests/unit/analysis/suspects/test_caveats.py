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
            "1 of 2 dumps is cut",
        ),
        (
            series("main.f", [1], [1], [1]),
            [{"snapshot_id": f"s{n}", "truncated": n > 0} for n in range(3)],
            "2 of 3 dumps are cut",
        ),
        (series("main.f", [1]), [{"snapshot_id": "s0", "truncated": True}], "The dump is cut"),
        (born("main.f", [None]), [{"snapshot_id": "s0", "form": "debug=1"}], "Dumps of the form debug=1 tell no ids"),
        (
            series("main.f", range(900, 930), range(1, 30)),
            None,
            "The process was restarted: only the dump since then counts.",
        ),
        (
            series("main.f", range(900, 930), range(1, 30), range(1, 30)),
            None,
            "The process was restarted: only the 2 dumps since then count.",
        ),
        (series("main.f", [1], creator_id=None), None, "Go before 1.21"),
    ],
)
def test_what_is_missing_is_said(dataset, rows, snapshots, words) -> None:
    assert any(words in note for note in noted(dataset, rows, snapshots=snapshots))


MAIN = {"goroutine_id": 1, "function": "main.main", "created_by": None, "creator_id": None}


@pytest.mark.parametrize(
    ("rows", "version", "words"),
    [
        ([MAIN], None, None),
        ([MAIN, *born("main.f", [7])], None, None),
        ([MAIN, *born("main.f", [7], creator_id=None)], None, "no creator goroutines (Go before 1.21)"),
        ([MAIN, *born("main.f", [7], creator_id=None)], "go1.20.14", "no creator goroutines (go1.20.14)"),
    ],
)
def test_creators_are_missed_only_where_someone_was_created(dataset, rows, version, words) -> None:
    notes = noted(dataset, rows, snapshots=[{"snapshot_id": "s0", "go_version": version}])
    assert [note for note in notes if "creator" in note] == [note for note in notes if words and words in note]
    assert any("creator" in note for note in notes) == bool(words)


def test_no_goroutines_no_words(dataset) -> None:
    assert noted(dataset, []) == []
