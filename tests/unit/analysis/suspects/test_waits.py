import pytest

from gostack_nb.analysis.suspects.waits import waits
from tests.unit.analysis.suspects.conftest import born, pods, series


def waiting(*minutes):
    return [row for n, one in enumerate(minutes) for row in born("main.work", [n], wait_minutes=one)]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((1, 5, 3), (3, 1, 5, 4)),
        ((None, 2, None), (1, 2, 2, 0)),
        ((None, None), (0, None, None, None)),
    ],
    ids=["a ladder", "a missing minute is unknown, not 0", "none printed"],
)
def test_waits(found, minutes, expected) -> None:
    row = found(waits, waiting(*minutes))["main.work"]
    assert (row["wait_known"], row["wait_min"], row["wait_max"], row["wait_spread"]) == expected


def test_only_the_last_snapshot_counts(found) -> None:
    rows = series("main.work", [1], wait_minutes=9) + born("main.work", [1], snapshot_id="s1", wait_minutes=2)
    assert found(waits, rows)["main.work"]["wait_max"] == 2


def test_processes_of_different_age_did_not_begin_to_wait_apart(found) -> None:
    rows = born("main.main", [1], snapshot_id="a", wait_minutes=300)
    rows += born("main.main", [1], snapshot_id="b", wait_minutes=40)
    row = found(waits, rows, snapshots=pods("a", "b"))["main.main"]
    assert row == {
        "wait_known": 2,
        "wait_min": 40,
        "wait_max": 300,
        "wait_spread": 0,
        "spread_from": 300,
        "spread_to": 300,
    }


def test_the_widest_spread_of_any_process(found) -> None:
    minutes = {"a": (10, 12), "b": (300, 306), "c": (None,)}
    rows = [
        row
        for pod, of_pod in minutes.items()
        for n, one in enumerate(of_pod)
        for row in born("main.work", [n], snapshot_id=pod, wait_minutes=one)
    ]
    row = found(waits, rows, snapshots=pods("a", "b", "c"))["main.work"]
    assert (row["wait_spread"], row["spread_from"], row["spread_to"]) == (6, 300, 306)
    assert (row["wait_min"], row["wait_max"]) == (10, 306)
