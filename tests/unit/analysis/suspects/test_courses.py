import numpy as np
import pytest

from gostack_nb.analysis.suspects.courses import courses, slopes
from tests.unit.analysis.suspects.conftest import series

TIMES = [{"snapshot_id": f"s{n}", "at": 60 * n} for n in range(3)]


def test_a_straight_line(found) -> None:
    rows = series("main.leak", [1], [1, 2, 3], [1, 2, 3, 4, 5])
    leak = found(courses, rows, snapshots=TIMES)["main.leak"]
    assert (leak["first"], leak["last"], leak["rises"], leak["never_fell"]) == (1, 5, 2, True)
    assert leak["rate_per_hour"] == pytest.approx(120)  # two each minute


def test_unequal_intervals(found) -> None:
    times = [{"snapshot_id": f"s{n}", "at": at} for n, at in enumerate((0, 60, 600))]
    leak = found(courses, series("main.leak", [1], [1, 2], range(1, 12)), snapshots=times)["main.leak"]
    assert leak["rate_per_hour"] == pytest.approx(60)  # one each minute, however they are taken


def test_a_fall_is_told(found) -> None:
    row = found(courses, series("main.pool", [1, 2], [1], [1, 2, 3]), snapshots=TIMES)["main.pool"]
    assert (row["never_fell"], row["rises"]) == (False, 1)


def test_a_cut_dump_does_not_count(found) -> None:
    times = [{**row, "truncated": row["snapshot_id"] == "s1"} for row in TIMES]
    row = found(courses, series("main.pool", [1, 2], [1], [1, 2]), snapshots=times)["main.pool"]
    assert (row["never_fell"], row["first"], row["last"]) == (True, 2, 2)


def test_one_dump_has_no_course(found) -> None:
    row = found(courses, series("main.pool", [1, 2]))["main.pool"]
    assert not row["never_fell"]
    assert row["rate_per_hour"] is None


def test_processes_are_added_up(found) -> None:
    times = [{"snapshot_id": f"{pod}{n}", "instance": pod, "at": 60 * n} for pod in "ab" for n in range(2)]
    rows = [
        {"function": "main.leak", "goroutine_id": one, "snapshot_id": name}
        for name, count in {"a0": 1, "a1": 2, "b0": 3, "b1": 6}.items()
        for one in range(count)
    ]
    leak = found(courses, rows, snapshots=times)["main.leak"]
    assert (leak["first"], leak["last"]) == (4, 8)
    assert leak["rate_per_hour"] == pytest.approx(240)


@pytest.mark.parametrize("hours", [[0.0, 0.0], [np.nan, 1.0], [0.0, 0.9 / 3600]])
def test_no_rate_without_two_times(hours) -> None:
    assert np.isnan(slopes(np.array([[1, 2]]), np.array(hours))).all()


def test_dumps_that_are_all_cut_tell_no_course(found) -> None:
    times = [{**row, "truncated": True} for row in TIMES]
    row = found(courses, series("main.leak", [1], [1, 2, 3], range(1, 9)), snapshots=times)["main.leak"]
    assert (row["never_fell"], row["first"], row["last"], row["rate_per_hour"]) == (False, 0, 0, None)


def test_a_process_whose_dumps_are_all_cut_adds_nothing(found) -> None:
    times = [
        {"snapshot_id": f"{pod}{n}", "instance": pod, "at": 60 * n, "truncated": pod == "b"}
        for pod in "ab"
        for n in range(2)
    ]
    rows = [
        {"function": "main.work", "goroutine_id": one, "snapshot_id": name}
        for name, count in {"a0": 2, "a1": 2, "b0": 1, "b1": 9}.items()
        for one in range(count)
    ]
    row = found(courses, rows, snapshots=times)["main.work"]
    assert (row["first"], row["last"], row["never_fell"]) == (2, 2, True)
