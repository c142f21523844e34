from dataclasses import replace

import pytest

from gostack_nb.analysis.suspects.orphans import count_orphans
from tests.unit.analysis.suspects.conftest import born, series


def told(table):
    plain = table.astype(object).where(table.notna(), None)
    return {
        row["signature"]: (row["snapshot_id"], row["orphans"], row["workers"], row["told_by"])
        for row in plain.to_dict("records")
    }


def test_the_incident(incident) -> None:
    table = told(count_orphans(incident))
    assert table["main.ack"] == ("s2", 10, 5, "siblings")
    assert table["main.worker"] == ("s2", 0, 6, "neighbours")


def test_the_leak_profile_knows_best(dataset) -> None:
    rows = born("main.ack", range(10, 14), leaked=True) + born("main.ack", range(20, 22))
    assert told(count_orphans(dataset(rows)))["main.ack"] == ("s0", 4, 2, "leak profile")


def test_who_is_not_marked_but_in_excess_of_the_siblings_is_no_worker(incident) -> None:
    acks = incident.goroutines["top_function"].eq("main.ack") & incident.goroutines["snapshot_id"].eq("s2")
    leaked = (acks & (acks.cumsum() <= 4)).astype("boolean")
    marked = replace(incident, goroutines=incident.goroutines.assign(leaked=leaked))
    assert told(count_orphans(marked))["main.ack"] == ("s2", 10, 5, "leak profile")


def test_those_that_arrived_and_never_left(dataset) -> None:
    rows = series("main.wait", [10], [10, 20, 30], [10, 20, 30, 40], creator_id=99)
    assert told(count_orphans(dataset(rows)))["main.wait"] == ("s2", 3, 1, "ids over time")


def test_lines_of_one_function_are_added_up(dataset) -> None:
    rows = born("main.ack", range(10, 14), leaked=True) + born("main.ack", [20, 45], line=90)
    rows += born("main.ack", [50], line=91, leaked=True) + born("main.main", [1], created_by=None)
    assert told(count_orphans(dataset(rows)))["main.ack"] == ("s0", 5, 0, "leak profile")  # of line 90 nothing is told


def test_nothing_tells(dataset) -> None:
    rows = born("main.wait", [10, 50], creator_id=1) + born("main.main", [1], created_by=None)
    assert told(count_orphans(dataset(rows)))["main.wait"] == ("s0", None, None, None)


def test_each_process_is_judged_apart(dataset) -> None:
    pods = [{"snapshot_id": name, "at": 0, "instance": name} for name in ("s0", "s1")]
    rows = born("main.work", range(10, 14), leaked=True) + born("main.work", range(20, 26), snapshot_id="s1")
    table = count_orphans(dataset(rows, snapshots=pods))
    assert table[["snapshot_id", "orphans", "workers"]].values.tolist() == [["s0", 4, 0], ["s1", 0, 6]]


@pytest.mark.parametrize("state", ["chan send", "select"])
def test_only_receivers(dataset, state) -> None:
    assert count_orphans(dataset(born("main.f", [1, 2], state=state))).empty
