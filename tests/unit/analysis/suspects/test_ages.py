import pytest

from gostack_nb.analysis.suspects.ages import ages
from tests.unit.analysis.suspects.conftest import born, series

TIMES = [{"snapshot_id": f"s{n}", "at": 120 * n} for n in range(3)]


def test_seen_first_four_minutes_ago(found) -> None:
    assert found(ages, series("main.leak", [1], [1], [1]), snapshots=TIMES)["main.leak"]["oldest_minutes"] == 4


def test_a_wait_is_added_to_when_it_was_printed(found) -> None:
    rows = series("main.leak", [1], wait_minutes=7) + series("main.other", [2], [2], [2])
    rows += series("main.leak", [], [], [1], wait_minutes=2)
    assert found(ages, rows, snapshots=TIMES)["main.leak"]["oldest_minutes"] == 11  # 7 minutes, 4 minutes ago


@pytest.mark.parametrize(("wait", "expected"), [(3, 3), (None, None)])
def test_one_dump_has_waits_only(found, wait, expected) -> None:
    assert found(ages, born("main.leak", [1], wait_minutes=wait))["main.leak"]["oldest_minutes"] == expected


def test_whether_there_are_ids(found) -> None:
    assert found(ages, born("main.leak", [1]))["main.leak"]["has_ids"]
    assert not found(ages, born("main.leak", [None]))["main.leak"]["has_ids"]
