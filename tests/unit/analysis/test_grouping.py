import pytest

from gostack_nb.analysis.grouping import group
from gostack_nb.errors import MissingColumnError

ROWS = [
    {"function": "main.ack", "wait_minutes": 5, "leaked": True},
    {"function": "main.ack", "wait_minutes": 2},
    {"function": "main.ack", "wait_minutes": 1, "line": 11},
    {"function": "main.ack"},
    {"function": "main.read", "state": "IO wait"},
    {"function": "main.read", "state": "IO wait", "created_by": None},
]


def test_hand_counted_groups(goroutines):
    table = group(goroutines(ROWS))
    assert table["user_function"].tolist() == ["main.ack", "main.read", "main.read"]
    assert table["count"].tolist() == [4, 1, 1]
    assert table["share"].tolist() == pytest.approx([4 / 6, 1 / 6, 1 / 6])
    assert table["created_by"].isna().tolist() == [False, False, True]
    ack = table.iloc[0]
    assert (ack["wait_min"], ack["wait_median"], ack["wait_max"], ack["wait_known"]) == (1, 2.0, 5, 3)
    assert ack["leaked"] == 1
    assert ack["user_location"] == "/app/main.go:10"
    assert ack["stack_id"] == "main.ack:10"
    assert table["wait_median"].isna().tolist() == [False, True, True]


def test_dtypes(goroutines):
    dtypes = group(goroutines(ROWS)).dtypes.astype(str)
    assert dtypes[["count", "share", "wait_known"]].tolist() == ["int64", "float64", "int64"]
    assert dtypes[["wait_min", "wait_median", "wait_max", "leaked"]].tolist() == ["Int64", "Float64", "Int64", "Int64"]
    assert set(dtypes[["snapshot_id", "state", "user_location", "created_by", "signature"]]) == {"category"}


def test_snapshots_are_not_added_up(goroutines):
    rows = [{"snapshot_id": "s1"}, {"snapshot_id": "s0"}, {"snapshot_id": "s1", "function": "main.b"}]
    table = group(goroutines(rows))
    assert table["snapshot_id"].tolist() == ["s0", "s1", "s1"]
    assert table["share"].tolist() == [1.0, 0.5, 0.5]
    assert table["signature"].tolist() == ["main.work", "main.b", "main.work"]


def test_state_is_normalized_and_has_two_names(goroutines):
    rows = [
        {"state": "semacquire", "top_frames": "sync.runtime_Semacquire < sync.(*WaitGroup).Wait"},
        {"state": "sync.WaitGroup.Wait", "top_frames": "sync.runtime_SemacquireWaitGroup < sync.(*WaitGroup).Wait"},
    ]
    for by in ("state", "normalized_state"):
        table = group(goroutines(rows), by=by)
        assert table["state"].tolist() == ["sync.WaitGroup.Wait"]
        assert table["count"].tolist() == [2]


@pytest.mark.parametrize(
    ("by", "column", "expected"),
    [
        ("user_location", "user_location", {"/app/main.go:10": 5, "/app/main.go:11": 1}),
        ("top_location", "top_location", {"/app/main.go:10": 5, "/app/main.go:11": 1}),
        ("creator_id", "creator_id", {1: 6}),
        (["top_function"], "top_function", {"main.ack": 4, "main.read": 2}),
        ("snapshot_id", "snapshot_id", {"s0": 6}),
    ],
)
def test_other_keys(goroutines, by, column, expected):
    table = group(goroutines(ROWS), by=by)
    assert dict(zip(table[column], table["count"], strict=True)) == expected


def test_label_as_key(goroutines):
    labels = ['{"client":"a","role":"ack"}', '{"client":"a"}', '{"role":"ack"}', None]
    table = group(goroutines({"labels": text} for text in labels), by="label:client")
    assert table["label:client"].astype(object).fillna("none").tolist() == ["a", "none"]
    assert table["count"].tolist() == [2, 2]


def test_the_most_frequent_state_outside_the_key_ties_by_name(goroutines):
    states = ["select", "IO wait", "select", "IO wait", None, None, None]
    table = group(goroutines({"state": state} for state in states), by="signature")
    assert table["state"].tolist() == ["IO wait"]


def test_leaked_is_unknown_where_the_form_cannot_tell(goroutines):
    assert group(goroutines([{"leaked": None}, {"leaked": None}]))["leaked"].isna().all()
    assert group(goroutines([{"leaked": None}, {"leaked": False}]))["leaked"].tolist() == [0]


def test_location_without_a_line_or_a_file(goroutines):
    rows = [{"user_file": "/a.go", "user_line": None}, {"user_file": None, "user_line": None, "function": "main.x"}]
    table = group(goroutines(rows))
    assert table["user_location"].isna().tolist() == [False, True]
    assert table["user_location"][0] == "/a.go"


def test_empty_table_has_the_same_columns(goroutines):
    assert group(goroutines([])).columns.tolist() == group(goroutines(ROWS)).columns.tolist()


def test_missing_column(goroutines):
    with pytest.raises(MissingColumnError, match="lacks signature; it has snapshot_id, goroutine_id"):
        group(goroutines(ROWS).drop(columns="signature"))
    with pytest.raises(MissingColumnError, match="lacks nonsense"):
        group(goroutines(ROWS), by="nonsense")


def test_a_key_that_is_also_evidence_is_there_once(goroutines):
    table = group(goroutines(ROWS), by="leaked")
    assert table.columns.is_unique
    assert table["count"].tolist() == [5, 1]
    assert table["leaked"].tolist() == [False, True]
