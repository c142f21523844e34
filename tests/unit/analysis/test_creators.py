from gostack_nb.analysis.creators import creators


def born(function, ids, by, creator, **more):
    given = {"function": function, "created_by": by, "creator_id": creator, **more}
    return [{**given, "goroutine_id": one} for one in ids]


TREE = [
    *born("main.main", [1], None, None),
    *born("main.serve", [2], "main.start", 1),
    *born("main.read", [10, 13], "main.accept", 2),
    *born("main.ack", [12, 15, 18], "main.accept", 2),
    *born("main.leak", [20, 21], "main.handle", 99),
]


def test_the_tree(dataset) -> None:
    table = creators(dataset(TREE))
    assert table[["depth", "path", "count"]].to_dict("records") == [
        {"depth": 0, "path": "main.handle > main.leak", "count": 2},
        {"depth": 0, "path": "main.main > main.serve", "count": 1},
        {"depth": 1, "path": "main.main > main.serve > main.ack", "count": 3},
        {"depth": 1, "path": "main.main > main.serve > main.read", "count": 2},
    ]


def test_creators_that_live_and_those_that_are_gone(dataset) -> None:
    table = creators(dataset(TREE)).set_index("entry_function")
    assert table.loc["main.ack", ["creators", "creators_alive"]].tolist() == [1, 1]
    assert table.loc["main.leak", ["creators", "creators_alive"]].tolist() == [1, 0]
    assert str(table.loc["main.leak", "parent"]) == "nan"


def test_a_function_that_starts_itself(dataset) -> None:
    rows = born("main.walk", [2], "main.start", 99) + born("main.walk", [3, 4], "main.walk", 2)
    table = creators(dataset(rows))
    assert table["count"].sum() == 3
    assert table["depth"].max() == 1


def test_two_functions_that_start_each_other(dataset) -> None:
    rows = born("main.a", [2], "main.b", 3) + born("main.b", [3], "main.a", 2)
    assert creators(dataset(rows))["count"].sum() == 2


def test_only_the_latest_snapshot(dataset) -> None:
    rows = [*TREE, *born("main.serve", [2], "main.start", 1, snapshot_id="s1")]
    assert creators(dataset(rows))["count"].tolist() == [1]


def test_forms_without_creators(dataset) -> None:
    assert creators(dataset(born("main.f", [None], None, None))).empty
    assert creators(dataset([])).empty


def test_go_before_1_21_knows_functions_only(dataset) -> None:
    table = creators(dataset(born("main.f", [5, 6], "main.start", None)))
    assert table[["count", "creators", "creators_alive"]].to_dict("records") == [
        {"count": 2, "creators": 0, "creators_alive": 0}
    ]
