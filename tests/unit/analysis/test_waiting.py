from gostack_nb.analysis.waiting import WAIT_BUCKETS, waiting


def test_hand_computed_ages(goroutines):
    minutes = [1, 4, 5, 14, 15, 59, 60, 239, 240, 9000, None, None]
    table = waiting(goroutines({"wait_minutes": value} for value in minutes))
    (row,) = table.to_dict("records")
    assert [row[name] for name, _ in WAIT_BUCKETS] == [2, 2, 2, 2, 2, 2]
    assert (row["count"], row["wait_known"]) == (12, 10)
    assert (row["wait_min"], row["wait_max"], row["spread_minutes"]) == (1, 9000, 8999)
    # numpy.quantile([1, 4, 5, 14, 15, 59, 60, 239, 240, 9000], [.25, .5, .75]) by hand
    assert (row["wait_q25"], row["wait_median"], row["wait_q75"]) == (7.25, 37.0, 194.25)


def test_nothing_printed_is_unknown_and_not_zero(goroutines):
    table = waiting(goroutines([{}, {}]))
    assert table["unknown_or_under_1"].tolist() == [2]
    assert (
        table[["wait_min", "wait_q25", "wait_median", "wait_q75", "wait_max", "spread_minutes"]].isna().all(axis=None)
    )


def test_longest_median_first_and_unknown_last(goroutines):
    rows = [
        {"function": "main.new"},
        {"function": "main.new"},
        {"function": "main.old", "wait_minutes": 9},
        {"function": "main.older", "wait_minutes": 10},
    ]
    assert waiting(goroutines(rows))["user_function"].tolist() == ["main.older", "main.old", "main.new"]


def test_groups_do_not_mix(goroutines):
    rows = [{"function": f"main.f{n % 3}", "wait_minutes": n + 1} for n in range(9)]
    table = waiting(goroutines(rows), by="top_function").set_index("top_function")
    assert table["wait_min"].to_dict() == {"main.f0": 1, "main.f1": 2, "main.f2": 3}
    assert table["wait_median"].to_dict() == {"main.f0": 4.0, "main.f1": 5.0, "main.f2": 6.0}


def test_empty_table(goroutines):
    assert waiting(goroutines([])).empty
