import pytest

from gostack_nb.analysis.suspects.marks import marks
from gostack_nb.analysis.suspects.population import population
from tests.unit.analysis.suspects.conftest import born, by_function, series


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


@pytest.mark.parametrize("order", [("s0", "p"), ("p", "s0")])
def test_marks_of_an_earlier_profile_in_a_dump_of_the_same_moment_are_older(dataset, order) -> None:
    rows = born("main.leak", [1, 2], leaked=True) + born("main.leak", [3, 4, 5])
    rows += born("main.leak", [None] * 4, snapshot_id="p", leaked=True)
    snapshots = [{"snapshot_id": "s0", "at": 60}, {"snapshot_id": "p", "at": 60, "form": "goroutineleak debug=1"}]
    snapshots.sort(key=lambda row: order.index(row["snapshot_id"]))
    assert marked(dataset(rows, snapshots=snapshots))["main.leak"]["marked"] == 4


def test_no_profile_was_taken(dataset) -> None:
    assert marked(dataset(born("main.leak", [1])))["main.leak"] == {"marked": 0, "marks_told": False}


def test_a_leak_profile_alone(dataset) -> None:
    rows = born("main.leak", [None] * 4, leaked=True, state=None)
    alone = dataset(rows, snapshots=[{"snapshot_id": "s0", "form": "goroutineleak debug=1"}])
    assert marked(alone)["main.leak"]["marked"] == 4


def test_each_process_has_its_own_newest_profile(dataset) -> None:
    snapshots = [{"snapshot_id": pod, "instance": pod, "at": 60 * n} for n, pod in enumerate("ab")]
    rows = born("main.leak", range(20), snapshot_id="a", leaked=True)
    rows += born("main.leak", range(3), snapshot_id="b", leaked=True) + born("main.leak", range(3, 20), snapshot_id="b")
    assert marked(dataset(rows, snapshots=snapshots))["main.leak"]["marked"] == 23


def test_who_has_left_since_was_no_leak(dataset) -> None:
    rows = born("main.leak", range(20), leaked=True) + born("main.leak", [0, 1], snapshot_id="s1")
    assert marked(dataset(rows))["main.leak"]["marked"] == 0


def test_who_a_later_cut_hides_has_not_left(dataset) -> None:
    rows = born("main.leak", range(20), leaked=True) + born("main.leak", [0, 1], snapshot_id="s1")
    snapshots = [{"snapshot_id": "s0", "at": 0}, {"snapshot_id": "s1", "at": 60, "truncated": True}]
    assert marked(dataset(rows, snapshots=snapshots))["main.leak"]["marked"] == 2


def test_more_have_come_since(dataset) -> None:
    rows = born("main.leak", range(20), leaked=True) + born("main.leak", range(30), snapshot_id="s1")
    assert marked(dataset(rows))["main.leak"]["marked"] == 20


def test_a_profile_just_after_the_dump_marks_no_more_than_there_are(dataset) -> None:
    rows = born("main.leak", [1, 2]) + born("main.leak", [None] * 3, snapshot_id="p", leaked=True)
    snapshots = [{"snapshot_id": "s0", "at": 0}, {"snapshot_id": "p", "at": 1, "form": "goroutineleak debug=1"}]
    assert marked(dataset(rows, snapshots=snapshots))["main.leak"]["marked"] == 2


@pytest.mark.parametrize(("taken", "expected"), [(30, 0), (61, 4)], ids=["before the restart", "after it"])
def test_a_profile_from_before_a_restart_says_nothing(dataset, taken, expected) -> None:
    rows = series("main.leak", range(900, 930), range(1, 30))
    rows += born("main.leak", [None] * 4, snapshot_id="p", leaked=True)
    snapshots = [{"snapshot_id": f"s{n}", "at": 60 * n} for n in range(2)]
    snapshots += [{"snapshot_id": "p", "at": taken, "form": "goroutineleak debug=1"}]
    table = marked(dataset(rows, snapshots=snapshots))
    assert table["main.leak"] == {"marked": expected, "marks_told": expected > 0}
