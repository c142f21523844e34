"""Several processes, and dumps that come too soon: what looks like a leak only because rows were thrown together."""

import pytest

from gostack_nb.analysis.suspects import suspects
from gostack_nb.analysis.suspects.weighing import ALARMS
from tests.unit.analysis.suspects.conftest import born, pods, series

MINUTES = {"a": 300, "b": 40, "c": 20}
BOTH = pytest.mark.parametrize("names", ["ab", "abc"])


def alarms(table):
    return table["top_function"][table["verdict"].isin(ALARMS)].tolist()


def one_per_pod(names, function, ids=(1,), **more):
    """Return the same in each process, which has been running for another time, and a young goroutine beside it."""
    return [
        row
        for pod in names
        for row in [
            *born(function, ids, snapshot_id=pod, wait_minutes=MINUTES[pod], **more),
            *born("main.late", [7 * MINUTES[pod]], snapshot_id=pod, state="IO wait", creator_id=5),
        ]
    ]


@BOTH
@pytest.mark.parametrize("state", ["select (no cases)", "sync.WaitGroup.Wait"])
def test_main_waits_in_every_pod(dataset, names, state) -> None:
    rows = one_per_pod(names, "main.main", state=state, created_by=None, creator_id=None)
    assert alarms(suspects(dataset(rows, snapshots=pods(*names)))) == []


@BOTH
def test_one_refresher_per_pod_whose_starter_has_returned(dataset, names) -> None:
    rows = one_per_pod(names, "main.refresh", [18], created_by="main.start", creator_id=9)
    assert alarms(suspects(dataset(rows, snapshots=pods(*names)))) == []


@BOTH
def test_a_pool_per_pod_whose_starter_has_returned(dataset, names) -> None:
    rows = one_per_pod(names, "main.worker", [18, 19, 20, 21], created_by="main.start", creator_id=9)
    assert alarms(suspects(dataset(rows, snapshots=pods(*names)))) == []


@BOTH
def test_a_leak_in_one_pod_of_several(dataset, names) -> None:
    rows = one_per_pod(names, "main.wait", [60], created_by="main.handle", creator_id=9)
    for n in range(6):
        given = {"created_by": "main.handle", "creator_id": 49 + 100 * n, "wait_minutes": 30 - 5 * n}
        rows += born("main.wait", [100 + 100 * n], snapshot_id="a", **given)
    assert alarms(suspects(dataset(rows, snapshots=pods(*names)))) == ["main.wait"]


@pytest.mark.parametrize(("step", "expected"), [(5, "undecided"), (120, "strong")])
def test_writers_of_a_living_accept_loop(dataset, step, expected) -> None:
    counts = [10, 12, 14]
    rows = series("main.main", [1], [1], [1], state="IO wait", created_by=None, creator_id=None)
    rows += series("main.write", *(range(20, 20 + count) for count in counts), creator_id=1)
    snapshots = [{"snapshot_id": f"s{n}", "at": step * n} for n in range(3)]
    row = suspects(dataset(rows, snapshots=snapshots)).iloc[0]
    assert (row["top_function"], row["verdict"]) == ("main.write", expected)
    assert (step == 5) == any("after 2 and 4 minutes" in reason for reason in row["reasons"])


def test_marks_of_those_who_have_left_prove_nothing(dataset) -> None:
    rows = series("main.work", range(20), leaked=True) + born("main.work", [0, 1], snapshot_id="s1")
    table = suspects(dataset(rows))
    assert "proven" not in table["verdict"].tolist()


def test_counts_of_cut_dumps_do_not_grow(dataset) -> None:
    rows = series("main.work", *([None] * count for count in (3, 6, 9)), creator_id=None, created_by=None)
    snapshots = [{"snapshot_id": f"s{n}", "at": 60 * n, "form": "debug=1", "truncated": True} for n in range(3)]
    assert suspects(dataset(rows, snapshots=snapshots)).empty
