import pytest

from gostack_nb.analysis.suspects.waits import waits
from tests.unit.analysis.suspects.conftest import born, series


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
