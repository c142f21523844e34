from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.errors import MissingColumnError

INCIDENT = Path(__file__).parents[3] / "data" / "push-incident" / "leak"


@pytest.fixture(scope="module")
def leak() -> gs.Dataset:
    return gs.read(INCIDENT)


def dump(*stacks: tuple[int, str]) -> bytes:
    """Write goroutines, each stack leaf first: `main.c main.b main.a`."""
    blocks, goid = [], 0
    for count, functions in stacks:
        frames = "".join(f"{name}(0x1)\n\t/srv/a.go:{len(name)} +0x1\n" for name in functions.split())
        for _ in range(count):
            goid += 1
            blocks.append(
                f"goroutine {goid} [select]:\n{frames}created by main.start in goroutine 1\n\t/srv/a.go:1 +0x1\n"
            )
    return "\n".join(blocks).encode()


def rows(tree: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(tree[["depth", "function", *columns]].itertuples(index=False, name=None))


def test_equal_beginnings_are_one_branch_and_the_biggest_stands_left():
    tree = gs.call_tree(
        gs.read(dump((1, "main.d main.a"), (2, "main.c main.b main.a"), (1, "main.b main.a"), (5, "main.z")))
    )
    assert rows(tree, "count", "self_count", "start") == [
        (0, "main.z", 5, 5, 0),
        (0, "main.a", 4, 0, 5),
        (1, "main.b", 3, 1, 5),
        (1, "main.d", 1, 1, 8),
        (2, "main.c", 2, 2, 5),
    ]


def test_the_same_function_under_another_caller_is_another_node():
    tree = gs.call_tree(gs.read(dump((2, "main.x main.a"), (1, "main.x main.b"))))
    assert rows(tree, "count") == [(0, "main.a", 2), (0, "main.b", 1), (1, "main.x", 2), (1, "main.x", 1)]
    parents = tree.set_index("node")["function"].astype("str")
    assert [parents[node] for node in tree["parent"][2:]] == ["main.a", "main.b"]


def test_recursion_goes_down_a_level_each_time():
    assert rows(gs.call_tree(gs.read(dump((1, "main.f main.f main.f")))), "count") == [
        (d, "main.f", 1) for d in range(3)
    ]


def test_all_forms_of_the_incident_give_the_same_branches():
    trees = [
        gs.call_tree(gs.read(INCIDENT / f"11.goroutine.{ending}")) for ending in ("debug2.txt", "debug1.txt", "pb.gz")
    ]
    ways = [set(rows(tree[tree["count"] > 1], "count")) for tree in trees]
    assert ways[0] == ways[1] == ways[2]
    assert (0, "main.(*session).ackLoop", 154) in ways[0]


def test_only_the_latest_snapshot_counts(leak):
    tree = gs.call_tree(leak)
    assert tree.loc[tree["depth"] == 0, "count"].sum() == 288
    assert tree["self_count"].sum() == 288


def test_a_change_counts_both_sides_and_keeps_what_is_gone():
    before = gs.read(dump((3, "main.b main.a"), (2, "main.gone main.a"), (1, "main.z")))
    after = gs.read(dump((1, "main.b main.a"), (4, "main.new")))
    change = gs.call_tree_change(before, after)
    assert rows(change, "before", "count", "change") == [
        (0, "main.new", 0, 4, 4),
        (0, "main.a", 5, 1, -4),
        (0, "main.z", 1, 0, -1),
        (1, "main.b", 3, 1, -2),
        (1, "main.gone", 2, 0, -2),
    ]


def test_moved_lines_are_no_change():
    moved = dump((2, "main.b main.a")).replace(b"/srv/a.go:6", b"/srv/a.go:60")
    change = gs.call_tree_change(gs.read(dump((2, "main.b main.a"))), gs.read(moved))
    assert change["change"].tolist() == [0, 0]


def test_a_dataset_without_goroutines_has_an_empty_tree(leak):
    nobody = replace(leak, goroutines=leak.goroutines.iloc[:0])
    assert gs.call_tree(nobody).empty
    assert gs.call_tree_change(nobody, leak)["change"].equals(gs.call_tree(leak)["count"])


def test_a_missing_column_is_named(leak):
    with pytest.raises(MissingColumnError, match="is_std"):
        gs.call_tree(replace(leak, stacks=leak.stacks.drop(columns="is_std")))
