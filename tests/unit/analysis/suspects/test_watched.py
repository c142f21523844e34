import pytest

from gostack_nb.analysis.suspects.watched import watched
from tests.unit.analysis.suspects.conftest import series


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [((0, 5, 10), 0), ((0, 120, 240), 2), ((0, 60, 240), 1), ((0, 5, 300), 1), ((None, None, None), 0)],
    ids=["a rise of seconds", "two stretches", "one of four minutes", "seconds do not add one", "times unknown"],
)
def test_stretches_of_two_minutes(found, seconds, expected) -> None:
    snapshots = [{"snapshot_id": f"s{n}", "at": at} for n, at in enumerate(seconds)]
    rows = series("main.write", range(10), range(12), range(14))
    assert found(watched, rows, snapshots=snapshots)["main.write"]["arrival_stretches"] == expected


def test_dumps_every_ten_seconds_for_four_minutes(found) -> None:
    snapshots = [{"snapshot_id": f"s{n}", "at": 10 * n} for n in range(25)]
    rows = series("main.write", *(range(n + 1) for n in range(25)))
    assert found(watched, rows, snapshots=snapshots)["main.write"]["arrival_stretches"] == 2


def test_a_stretch_without_arrivals(found) -> None:
    snapshots = [{"snapshot_id": f"s{n}", "at": 120 * n} for n in range(3)]
    assert (
        found(watched, series("main.f", [1], [1, 2], [1, 2]), snapshots=snapshots)["main.f"]["arrival_stretches"] == 1
    )


def test_a_cut_dump_is_left_out(found) -> None:
    snapshots = [{"snapshot_id": f"s{n}", "at": 120 * n, "truncated": n == 1} for n in range(3)]
    assert found(watched, series("main.f", [1], [1], [1, 2]), snapshots=snapshots)["main.f"]["arrival_stretches"] == 1
