import pandas as pd
import pytest

from gostack_nb.analysis.siblings import entry_functions, near_share, siblings, siblings_by_function
from gostack_nb.analysis.snapshots import only
from gostack_nb.errors import MissingColumnError


def _born(function, ids, **more):
    return [{"function": function, "goroutine_id": one, "created_by": "main.accept", **more} for one in ids]


def _by_name(table):
    plain = table.astype(object).where(table.notna(), None)
    columns = ["count", "expected", "excess", "role"]
    return {row["entry_function"]: tuple(row[name] for name in columns) for row in plain.to_dict("records")}


def test_the_incident(incident):
    table = siblings(only(incident, "s2"))
    assert table["created_by"].unique().tolist() == ["main.accept"]
    assert _by_name(table) == {
        "main.ack": (15, 5, 10, "in excess"),
        "main.read": (5, 5, 0, "in step"),
        "main.write": (5, 5, 0, "in step"),
    }
    assert table["entry_function"].iloc[0] == "main.ack"
    assert table["near"].tolist() == [1.0, 1.0, 1.0]


def test_every_snapshot_by_itself(incident):
    table = siblings(incident)
    assert table.loc[table["entry_function"] == "main.ack", "excess"].tolist() == [0, 5, 10]


def test_pools_of_equal_size_that_are_started_one_after_the_other_are_no_cohort(dataset):
    rows = _born("main.a", range(10, 30)) + _born("main.b", range(30, 50)) + _born("main.c", range(50, 90))
    assert set(_by_name(siblings(dataset(rows))).values()) == {(20, None, None, None), (40, None, None, None)}


def test_a_pool_beside_a_cohort_has_no_expected_number(dataset):
    rows = _born("main.read", range(100, 160, 3)) + _born("main.write", range(101, 160, 3))
    rows += _born("main.worker", range(10, 60))
    assert _by_name(siblings(dataset(rows)))["main.worker"] == (50, None, None, None)
    assert _by_name(siblings(dataset(rows)))["main.read"] == (20, 20, 0, "in step")


def test_missing_siblings(dataset):
    rows = _born("main.read", range(100, 160, 3)) + _born("main.write", range(101, 160, 3))
    rows += _born("main.ack", [102, 105, 108]) + _born("main.once", [111])
    found = _by_name(siblings(dataset(rows)))
    assert found["main.ack"] == (3, 20, -17, "missing")
    assert found["main.once"] == (1, None, None, None)


@pytest.mark.parametrize(("count", "expected"), [(4, None), (5, 5)])
def test_equal_counts_below_five_are_chance(dataset, count, expected):
    rows = _born("main.read", range(0, 3 * count, 3)) + _born("main.write", range(1, 3 * count, 3))
    assert _by_name(siblings(dataset(rows)))["main.read"][1] == expected


def test_the_smallest_of_two_equal_pairs(dataset):
    small = _born("main.a", range(0, 20, 4)) + _born("main.b", range(1, 20, 4))
    big = _born("main.c", range(2, 40, 4)) + _born("main.d", range(3, 40, 4))
    assert _by_name(siblings(dataset(small + big)))["main.c"][:2] == (10, 5)


def test_clients_that_have_a_goroutine_of_their_own(dataset):
    rows = [
        row
        for client in range(8)
        for function, place in (("main.read", 1), ("main.write", 2))
        for row in _born(function, [10 * client + place], creator_id=10 * client)
    ]
    rows += [row for client in range(20) for row in _born("main.ack", [10 * client + 3], creator_id=10 * client)]
    assert siblings(dataset(rows)).empty
    table = siblings_by_function(dataset(rows))
    assert _by_name(table)["main.ack"] == (20, 8, 12, "in excess")
    assert table["creator_id"].isna().all()


def test_dumps_without_ids_or_creators_tell_nothing(dataset):
    rows = _born("main.read", [None] * 6) + _born("main.write", [None] * 6)
    assert _by_name(siblings(dataset(rows)))["main.read"] == (6, None, None, None)
    assert siblings(dataset([{**row, "created_by": None, "creator_id": None} for row in rows])).empty


def test_states_do_not_divide_a_function(dataset):
    rows = _born("main.read", range(0, 30, 3)) + _born("main.write", range(1, 30, 3))
    rows += _born("main.ack", range(2, 17, 3), state="select") + _born("main.ack", range(17, 30, 3))
    assert _by_name(siblings(dataset(rows)))["main.ack"] == (10, 10, 0, "in step")


def test_empty_and_missing(dataset, incident):
    empty = siblings(dataset([], snapshots=[]))
    assert empty.columns.tolist() == siblings(incident).columns.tolist()
    with pytest.raises(MissingColumnError, match="lacks creator_id"):
        siblings(incident.with_goroutines(incident.goroutines.drop(columns="creator_id")))
    with pytest.raises(MissingColumnError, match="the table of stacks lacks function"):
        entry_functions(incident.stacks.drop(columns="function"))


ENTRIES = [
    # frames from the leaf on, entry function
    (["main.f", "main.loop"], "main.loop"),
    (["main.f", "main.loop", "runtime.goexit"], "main.loop"),
    (["main.f", "main.main", "runtime.main", "runtime.goexit"], "main.main"),
    (["main.f", "main.loop", "main.start.gowrap1", "runtime.goexit"], "main.loop"),
    (["main.f", "main.loop", "main.start.deferwrap12"], "main.loop"),
    (["main.(*T).start.gowrap2"], "main.(*T).start.gowrap2"),
    (["main.gowrap1x"], "main.gowrap1x"),
]


@pytest.mark.parametrize(("functions", "expected"), ENTRIES)
def test_entry_function(functions, expected):
    frames = [*((name, False) for name in functions), ("main.creator", True)]
    stacks = pd.DataFrame(
        {
            "stack_id": pd.Categorical(["x"] * len(frames)),
            "frame_index": pd.array(range(len(frames)), dtype="Int32"),
            "function": pd.Categorical([name for name, _ in frames]),
            "is_creator": pd.array([creator for _, creator in frames], dtype="boolean"),
        }
    )
    shuffled = stacks.iloc[::-1]
    assert entry_functions(shuffled).to_dict() == {"x": expected}


@pytest.mark.parametrize(
    ("ids", "others", "reach", "share"),
    [
        ([1, 10], [2, 30], 1, 0.5),
        ([1, 10], [4, 8], 2, 0.5),
        ([5], [], 9, 0.0),
        ([], [5], 9, 0.0),
        ([1, 2], [0], 2, 1.0),
    ],
)
def test_near_share(ids, others, reach, share):
    ids, others = (pd.array(values, dtype="int64").to_numpy() for values in (ids, others))
    assert near_share(ids, others, reach) == share
