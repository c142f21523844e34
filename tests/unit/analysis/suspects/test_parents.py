import pytest

from gostack_nb.analysis.suspects.parents import parents
from gostack_nb.analysis.suspects.population import population
from tests.unit.analysis.suspects.conftest import born, by_function, pods


def test_half_of_the_parents_are_gone(found) -> None:
    rows = born("main.main", [1], created_by=None, creator_id=None)
    rows += born("main.leak", [10, 11], creator_id=99) + born("main.leak", [12, 13], creator_id=1)
    leak = found(parents, rows)["main.leak"]
    assert leak["parents_gone"] == 0.5
    assert leak["parents"] == 2


def test_the_group_of_the_living_parents(dataset) -> None:
    rows = born("main.handler", [5, 6], creator_id=1) + born("main.child", [7], creator_id=5)
    people = population(dataset(rows))
    table = by_function(parents(people), people)
    handler = people.groups.keys["stack_id"].astype("str").tolist().index("main.handler:10")
    assert table["main.child"]["parent_group"] == handler
    assert table["main.handler"]["parent_group"] == -1


def test_a_parent_in_another_snapshot_is_not_alive(found) -> None:
    rows = born("main.handler", [5], snapshot_id="s0") + born("main.child", [7], snapshot_id="s0", creator_id=5)
    rows += born("main.child", [7], snapshot_id="s1", creator_id=5)
    assert found(parents, rows)["main.child"]["parents_gone"] == 1.0


def test_a_waiter_whose_children_are_gone(found) -> None:
    rows = born("main.waiter", [5, 6]) + born("main.child", [7], creator_id=5)
    assert found(parents, rows)["main.waiter"]["childless"] == 0.5


@pytest.mark.parametrize(("running", "expected"), [("main.other", 1.0), ("main.start", None)])
def test_without_creator_ids_a_function_on_no_stack_has_returned(found, running, expected) -> None:
    rows = born("main.leak", [10, 11], created_by="main.start", creator_id=None)
    rows += born(running, [1], created_by=None, creator_id=None)
    leak = found(parents, rows)["main.leak"]
    assert leak["parents_gone"] == expected
    assert leak["parents"] == 0
    assert leak["childless"] is None


def test_no_goroutines_at_all(dataset) -> None:
    assert len(parents(population(dataset([])))) == 0


def test_one_parent_in_each_process(found) -> None:
    rows = [row for pod in "ab" for row in born("main.worker", [10, 11], snapshot_id=pod, creator_id=9)]
    row = found(parents, rows, snapshots=pods("a", "b"))["main.worker"]
    assert (row["parents"], row["parents_each"]) == (2, 1)


def test_ids_that_need_all_bits(found) -> None:
    big = 2**62
    rows = born("main.handler", [big], snapshot_id="a", creator_id=None)
    rows += born("main.child", [big + 1], snapshot_id="a", creator_id=big)
    rows += born("main.child", [big + 1, big + 2], snapshot_id="b", creator_id=big)
    child = found(parents, rows, snapshots=pods("a", "b"))["main.child"]
    assert child["parents_gone"] == pytest.approx(2 / 3)
    assert (child["parents"], child["parents_each"]) == (2, 1)
