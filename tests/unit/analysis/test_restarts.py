import pytest

from gostack_nb.analysis.restarts import restarts


def _data(dataset, before, after, *, minutes=10, more=()):
    """Two snapshots of given goroutines; each is (id, creator) or (id, creator, wait)."""
    rows = [
        {"snapshot_id": name, "goroutine_id": row[0], "created_by": row[1], "wait_minutes": (*row, None)[2]}
        for name, people in (("s0", before), ("s1", after))
        for row in people
    ]
    snapshots = [{"snapshot_id": "s0", "at": 0}, {"snapshot_id": "s1", "at": 60 * minutes}]
    return dataset([*rows, *more], snapshots=snapshots)


OLD = [(1, None), (2, "main.a"), (5000, "main.a")]
CASES = [
    # before, after, restarted
    ("nothing changed", OLD, OLD, False),
    ("an id has another creator", OLD, [(1, None), (2, "main.b"), (9000, "main.a")], True),
    ("a creator is not known on one side", OLD, [(1, None), (2, None), (9000, "main.a")], False),
    ("a burst ended", OLD, [(1, None), (2, "main.a"), (3, "main.a")], False),
    ("counting began anew", OLD, [(1, None), *((n, "main.a") for n in range(2, 40))], True),
    ("many new ids, all above", OLD, [(1, None), *((n, "main.a") for n in range(5000, 5040))], False),
    ("one waits since before", OLD, [(1, None, 60), *((n, "main.a") for n in range(2, 40))], False),
    ("one waits since the restart", OLD, [(1, None, 9), *((n, "main.a") for n in range(2, 40))], True),
    ("no ids after", OLD, [(None, None)], False),
    ("nobody left", OLD, [], False),
]


@pytest.mark.parametrize(("name", "before", "after", "restarted"), CASES, ids=[case[0] for case in CASES])
def test_what_proves_a_restart(dataset, name, before, after, restarted):
    found = restarts(_data(dataset, before, after))
    assert len(found) == restarted, name


def test_the_row_says_where_and_why(dataset):
    found = restarts(_data(dataset, OLD, [(2, "main.b")])).iloc[0]
    assert found[["service", "instance", "snapshot_id", "previous_snapshot_id"]].tolist() == ["push", "a", "s1", "s0"]
    assert found["reason"] == "1 ids belong to goroutines with another creator"


def test_another_creator_goroutine_is_another_creator(dataset):
    rows = [{"snapshot_id": f"s{n}", "goroutine_id": 7, "creator_id": 1 + n} for n in range(2)]
    assert len(restarts(dataset(rows))) == 1


def test_a_dump_without_ids_between_does_not_hide_a_restart(dataset):
    rows = [
        {"snapshot_id": "s0", "goroutine_id": 7, "created_by": "main.a"},
        {"snapshot_id": "s1", "goroutine_id": None, "created_by": None},
        {"snapshot_id": "s2", "goroutine_id": 7, "created_by": "main.b"},
    ]
    found = restarts(dataset(rows))
    assert found[["snapshot_id", "previous_snapshot_id"]].values.tolist() == [["s2", "s0"]]


def test_no_restart_in_the_incident_nor_in_an_empty_dataset(dataset, incident):
    assert restarts(incident).empty
    assert restarts(dataset([], snapshots=[])).empty
