import numpy as np

from gostack_nb.analysis.suspects.population import most_frequent, population
from tests.unit.analysis.suspects.conftest import born, series


def test_the_last_run_of_each_process(dataset) -> None:
    rows = series("main.f", range(900, 930), range(1, 30), range(1, 31))
    people = population(dataset(rows))
    assert people.snapshots["snapshot_id"].tolist() == ["s1", "s2"]
    assert people.history["run"].tolist() == [0, 1, 1]
    assert len(people.frame) == 59
    assert people.linked.tolist() == [True, False]


def test_now_is_the_last_snapshot_of_each_process(dataset) -> None:
    snapshots = [{"snapshot_id": f"{pod}{n}", "instance": pod, "at": n} for pod in "ab" for n in range(2)]
    rows = [row for name in ("a0", "a1", "b0", "b1") for row in born("main.f", [1, 2], snapshot_id=name)]
    people = population(dataset(rows, snapshots=snapshots))
    assert people.frame["snapshot_id"].iloc[people.now].astype(str).tolist() == ["a1", "a1", "b1", "b1"]
    assert people.is_last.tolist() == [False, True, False, True]


def test_counted_forms_are_left_out_beside_tracebacks(dataset) -> None:
    rows = born("main.f", [1]) + born("main.f", [None], snapshot_id="c")
    snapshots = [{"snapshot_id": "s0", "at": 0}, {"snapshot_id": "c", "at": 60, "form": "debug=1"}]
    assert population(dataset(rows, snapshots=snapshots)).snapshots["snapshot_id"].tolist() == ["s0"]
    alone = population(dataset(rows[1:], snapshots=snapshots[1:]))
    assert alone.snapshots["usable"].tolist() == [False]


def test_shares_and_the_most_frequent_code(dataset) -> None:
    people = population(dataset(born("main.a", [1, 2]) + born("main.b", [3])))
    assert people.share(people.now, people.ids > 1).tolist() == [0.5, 1.0]
    assert np.isnan(people.share(people.now[:0], np.zeros(0, dtype=bool))).all()
    codes = np.array([4, 7, 2])
    assert most_frequent(people.groups, codes, 8, people.now).tolist() == [4, 2]  # the least of equals
    assert most_frequent(people.groups, codes, 8, people.now[:0]).tolist() == [-1, -1]


def test_no_goroutines(dataset) -> None:
    people = population(dataset([]))
    assert people.size == 0
    assert len(people.now) == 0
