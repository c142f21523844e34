import pytest

from gostack_nb.analysis.suspects.cohorts import cohorts
from tests.unit.analysis.suspects.conftest import born


def clients(numbers, *roles, step=10, creator="main.accept"):
    """Return for each client one goroutine per role, with neighbouring ids."""
    states = {"main.read": "IO wait", "main.write": "select", "main.ack": "chan receive"}
    return [
        row
        for client in numbers
        for role in roles
        for row in born(
            role,
            [step * client + ["main.read", "main.write", "main.ack"].index(role)],
            state=states[role],
            created_by=creator,
        )
    ]


EVEN = [2, 4, 6, 8, 10, 12]
ODD = [1, 3, 5, 7, 9]


def test_ack_loops_whose_reader_and_writer_are_gone(found) -> None:
    rows = clients(EVEN, "main.read", "main.write", "main.ack") + clients(ODD, "main.ack")
    table = found(cohorts, rows)
    assert (table["main.ack"]["paired"], table["main.ack"]["orphans"]) == (6, 5)
    assert (table["main.read"]["paired"], table["main.read"]["orphans"]) == (6, 0)


def test_clients_that_are_alive_have_no_orphans(found) -> None:
    table = found(cohorts, clients(EVEN, "main.read", "main.write", "main.ack"))
    assert table["main.ack"]["orphans"] == 0
    assert table["main.ack"]["paired_awake"] == 1.0  # its reader reads from the network


def test_the_next_clients_reader_is_not_ones_own(found) -> None:
    rows = clients(range(3, 40, 4), "main.read", "main.write", "main.ack", step=3)
    rows += clients(range(1, 40, 4), "main.ack", step=3)  # an orphan right before each of the next clients
    rows += clients(range(2, 36, 4), "main.ack", step=3)
    assert found(cohorts, rows)["main.ack"]["orphans"] == 19


def test_a_sibling_with_a_short_life_makes_no_orphans(found) -> None:
    rows = clients(range(1, 20), "main.ack") + clients(range(20, 26), "main.read", "main.ack")
    assert found(cohorts, rows)["main.ack"]["orphans"] == 0


def test_ends_of_batches_part_both_sides(found) -> None:
    rows = clients(EVEN, "main.read", "main.ack")
    rows += born("main.read", [14], created_by="main.accept") + born("main.ack", [500], created_by="main.accept")
    rows += born("main.read", [34], created_by="main.accept") + born("main.ack", [520], created_by="main.accept")
    assert found(cohorts, rows)["main.ack"]["orphans"] == 0


def test_two_pools_of_one_creator_do_not_pair(found) -> None:
    rows = born("main.a", range(100, 150), created_by="main.start")
    rows += born("main.b", range(150, 160), created_by="main.start")
    table = found(cohorts, rows)
    assert (table["main.a"]["paired"], table["main.a"]["orphans"]) == (0, 0)


def test_the_rest_of_a_pool_is_no_orphan(found) -> None:
    rows = clients(range(1, 7), "main.read", "main.ack", step=2)
    rows = [{**row, "goroutine_id": 2 * n} for n, row in enumerate(rows)]
    rows += born("main.ack", range(1, 9, 2), created_by="main.accept")[:0]
    rows += born("main.ack", range(100, 140), created_by="main.accept")
    assert found(cohorts, rows)["main.ack"]["orphans"] == 0


def test_a_sleeping_sibling_is_no_sign_of_life(found) -> None:
    rows = clients(EVEN, "main.read", "main.ack")
    rows = [{**row, "state": "sleep"} if row["function"] == "main.read" else row for row in rows]
    assert found(cohorts, rows)["main.ack"]["paired_awake"] == 0


@pytest.mark.parametrize("more", [{"goroutine_id": None}, {"created_by": None}])
def test_without_ids_or_creators_nothing_pairs(found, more) -> None:
    rows = [{**row, **more} for row in clients(EVEN, "main.read", "main.ack")]
    assert found(cohorts, rows)["main.ack"] == {"paired": 0, "orphans": 0, "paired_awake": 0}
