from gostack_nb.analysis.suspects.marks import marks
from gostack_nb.analysis.suspects.population import population
from tests.unit.analysis.suspects.conftest import born, by_function


def marked(dataset):
    people = population(dataset)
    return by_function(marks(dataset, people), people)


def test_marks_in_the_dump_itself(dataset) -> None:
    rows = born("main.leak", [1, 2], leaked=True) + born("main.leak", [3]) + born("main.pool", [4])
    table = marked(dataset(rows))
    assert table["main.leak"] == {"marked": 2, "marks_told": True}
    assert table["main.pool"] == {"marked": 0, "marks_told": True}


def test_marks_in_a_profile_beside_it_are_found_by_signature(dataset) -> None:
    rows = born("main.leak", [1, 2, 3])
    rows += [
        {**row, "created_by": None, "line": 99, "leaked": True}
        for row in born("main.leak", [None, None], snapshot_id="p")
    ]
    snapshots = [{"snapshot_id": "s0"}, {"snapshot_id": "p", "form": "goroutineleak debug=1"}]
    assert marked(dataset(rows, snapshots=snapshots))["main.leak"]["marked"] == 2


def test_the_newest_profile_counts(dataset) -> None:
    rows = born("main.leak", [1, 2], leaked=True) + born("main.leak", [1, 2, 3], snapshot_id="s1", leaked=True)
    assert marked(dataset(rows))["main.leak"]["marked"] == 3


def test_no_profile_was_taken(dataset) -> None:
    assert marked(dataset(born("main.leak", [1])))["main.leak"] == {"marked": 0, "marks_told": False}


def test_a_leak_profile_alone(dataset) -> None:
    rows = born("main.leak", [None] * 4, leaked=True, state=None)
    alone = dataset(rows, snapshots=[{"snapshot_id": "s0", "form": "goroutineleak debug=1"}])
    assert marked(alone)["main.leak"]["marked"] == 4
