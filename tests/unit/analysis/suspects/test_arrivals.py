import pytest

from gostack_nb.analysis.suspects.arrivals import arrivals
from tests.unit.analysis.suspects.conftest import series

CUT = [
    {"snapshot_id": "s0", "at": 0},
    {"snapshot_id": "s1", "at": 60, "truncated": True},
    {"snapshot_id": "s2", "at": 120},
]


def test_two_arrive_in_each_interval_and_none_leaves(found) -> None:
    leak = found(arrivals, series("main.leak", [1], [1, 5, 6], [1, 5, 6, 8, 9]))["main.leak"]
    assert leak == {
        "arrivals": 4,
        "exits": 0,
        "moved_in": 0,
        "moved_out": 0,
        "survivors": 4,
        "arrival_intervals": 2,
        "intervals": 2,
    }


def test_who_is_replaced_has_left(found) -> None:
    pool = found(arrivals, series("main.handle", [1, 2], [2, 3], [4, 5]))["main.handle"]
    assert (pool["arrivals"], pool["exits"], pool["survivors"]) == (3, 3, 1)


def test_who_moves_to_another_stack_has_not_left(found) -> None:
    rows = series("main.idle", [1, 2], [2]) + series("main.busy", [3], [1, 3])
    moved = found(arrivals, rows)
    assert (moved["main.idle"]["exits"], moved["main.idle"]["moved_out"]) == (0, 1)
    assert (moved["main.busy"]["arrivals"], moved["main.busy"]["moved_in"]) == (0, 1)


def test_what_a_cut_hides_has_not_left(found) -> None:
    rows = series("main.work", [1, 2, 3, 4], [1], [1, 2, 3, 4])
    assert found(arrivals, rows, snapshots=CUT)["main.work"]["exits"] == 0
    assert found(arrivals, rows, snapshots=CUT)["main.work"]["intervals"] == 0


def test_one_whole_interval_beside_a_cut_dump_counts(found) -> None:
    rows = series("main.work", [1, 2], [1, 2, 3], [1])
    cut = [{**row, "truncated": row["snapshot_id"] == "s2"} for row in CUT]
    work = found(arrivals, rows, snapshots=cut)["main.work"]
    assert (work["arrivals"], work["exits"], work["intervals"]) == (1, 0, 1)


def test_two_processes_are_followed_apart(found) -> None:
    snapshots = [{"snapshot_id": f"{pod}{n}", "instance": pod, "at": 60 * n} for pod in ("a", "b") for n in range(2)]
    rows = [
        {"function": "main.work", "goroutine_id": one, "snapshot_id": name}
        for name, ids in {"a0": [1], "a1": [1, 2], "b0": [1, 2], "b1": [2]}.items()
        for one in ids
    ]
    work = found(arrivals, rows, snapshots=snapshots)["main.work"]
    assert (work["arrivals"], work["exits"], work["intervals"]) == (1, 1, 1)


@pytest.mark.parametrize("moments", [([1, 2],), ([None], [None, None])])
def test_one_dump_or_no_ids_tell_nothing(found, moments) -> None:
    work = found(arrivals, series("main.work", *moments))["main.work"]
    assert (work["arrivals"], work["exits"], work["intervals"]) == (0, 0, 0)


def test_after_a_restart_the_ids_begin_anew(found) -> None:
    old = series("main.work", range(500, 530), range(500, 540))
    new = [
        {"function": "main.work", "goroutine_id": one, "snapshot_id": f"s{n}"}
        for n, ids in {2: range(1, 30), 3: range(1, 31)}.items()
        for one in ids
    ]
    work = found(arrivals, [*old, *new])["main.work"]
    assert (work["arrivals"], work["exits"], work["intervals"]) == (1, 0, 1)
