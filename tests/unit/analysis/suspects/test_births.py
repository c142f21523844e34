import pytest

from gostack_nb.analysis.suspects.births import births
from tests.unit.analysis.suspects.conftest import born, pods


def test_ids_spread_over_the_life_of_the_process(found) -> None:
    rows = born("main.leak", [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
    row = found(births, rows)["main.leak"]
    assert row["id_spread"] == pytest.approx(0.8)  # from 100 to 900 of 1,000
    assert row["id_gap"] == 100
    assert not row["in_one_go"]


def test_a_pool_started_in_one_loop(found) -> None:
    rows = born("main.worker", range(10, 20)) + born("main.last", [1000])
    pool = found(births, rows)["main.worker"]
    assert pool["in_one_go"]
    assert pool["id_gap"] == 1
    assert pool["id_spread"] == pytest.approx(0.0072, abs=1e-4)  # 10.9 to 18.1 of 1,000


def test_pairs_started_by_every_client_are_not_one_go(found) -> None:
    assert not found(births, born("main.read", range(0, 20, 2)))["main.read"]["in_one_go"]


def test_one_goroutine_is_no_pool(found) -> None:
    assert not found(births, born("main.main", [1]))["main.main"]["in_one_go"]


def test_each_process_is_measured_by_its_own_ids(found) -> None:
    snapshots = [{"snapshot_id": name, "instance": name} for name in ("young", "old")]
    rows = born("main.leak", [0, 10], snapshot_id="young") + born("main.leak", [0, 1000], snapshot_id="old")
    row = found(births, rows, snapshots=snapshots)["main.leak"]
    assert row["id_spread"] == pytest.approx(0.8)  # in either: from 1 to 9 of 10, from 100 to 900 of 1,000
    assert row["id_gap"] == 1000  # of the process that has them furthest apart


def test_without_ids_nothing_is_known(found) -> None:
    row = found(births, born("main.work", [None, None]))["main.work"]
    assert row["id_spread"] is None
    assert not row["in_one_go"]


def test_a_pool_in_every_process(found) -> None:
    rows = born("main.worker", [10, 11, 12], snapshot_id="a") + born("main.worker", [500, 501, 502], snapshot_id="b")
    row = found(births, rows + born("main.worker", [900], snapshot_id="c"), snapshots=pods("a", "b", "c"))[
        "main.worker"
    ]
    assert (row["id_gap"], row["in_one_go"]) == (1, True)


def test_a_pool_in_one_process_and_none_in_the_other(found) -> None:
    rows = born("main.worker", [10, 11, 12], snapshot_id="a") + born("main.worker", [500, 600, 700], snapshot_id="b")
    assert not found(births, rows, snapshots=pods("a", "b"))["main.worker"]["in_one_go"]


def test_one_in_each_process_is_no_spread(found) -> None:
    rows = born("main.main", [1], snapshot_id="a") + born("main.last", [100], snapshot_id="a")
    row = found(births, rows + born("main.main", [1], snapshot_id="b"), snapshots=pods("a", "b"))["main.main"]
    assert (row["id_spread"], row["in_one_go"]) == (0, False)


def test_ids_near_the_greatest_there_are(found) -> None:
    step = 9 * 10**17  # ids times a million would need 83 bits
    row = found(births, born("main.leak", range(0, 11 * step, step))[:11])["main.leak"]
    assert row["id_spread"] == pytest.approx(0.8)
