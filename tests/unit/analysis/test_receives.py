import pytest

from gostack_nb.analysis.receives import READINGS, blocked_receives
from gostack_nb.analysis.snapshots import only
from gostack_nb.errors import MissingColumnError


def _reading(source, function):
    table = blocked_receives(source)
    return table.loc[table["user_function"] == function, "reading"].tolist()


def test_the_incident_in_one_dump(incident):
    table = blocked_receives(only(incident, "s2")).set_index("user_function")
    assert table["reading"].to_dict() == {
        "main.ack": "orphans likely",
        "main.main": "one of a kind",
        "main.worker": "worker pool",
    }
    ack = table.loc["main.ack"]
    assert (ack["count"], ack["sibling_expected"], ack["excess"]) == (15, 5, 10)
    assert (ack["wait_min"], ack["wait_median"], ack["wait_max"], ack["spread_minutes"]) == (10, 15.0, 20, 10)
    # ids 12, 15 ... 54: the 90 % quantile is 49.8, the 10 % quantile 16.2, the highest id 54
    assert ack["id_spread"] == pytest.approx((49.8 - 16.2) / 54)
    assert ack["parents_gone"] == 0.0
    assert table["arrivals"].isna().all()
    assert table.index[0] == "main.ack"


def test_the_incident_over_time(incident):
    table = blocked_receives(incident)
    last = table[(table["snapshot_id"] == "s2") & (table["user_function"] == "main.ack")].iloc[0]
    assert (last["arrivals"], last["exits"], last["arrival_intervals"]) == (10, 0, 2)
    assert last["reading"] == "orphans likely"
    assert _reading(incident, "main.worker") == ["worker pool"] * 3


def test_a_bare_table_knows_no_siblings_and_no_arrivals(incident):
    goroutines = only(incident, "s2").goroutines
    table = blocked_receives(goroutines).set_index("user_function")
    assert table[["sibling_expected", "excess", "arrivals", "exits"]].isna().all(axis=None)
    assert table.loc["main.ack", "reading"] == "orphans likely"  # waits differ and ids are spread


MAIN = {
    "function": "main.main",
    "goroutine_id": 1,
    "created_by": None,
    "creator_id": None,
    "state": "select",
}


def _group(ids, **more):
    return [{"goroutine_id": one, **more} for one in ids]


CASES = [
    # what, rows, reading
    ("nil channel", _group([5, 6], state="chan receive (nil chan)"), "nil channel: never wakes"),
    ("marked by the runtime", _group([5], leaked=True), "orphans likely"),
    ("single", _group([5], wait_minutes=900), "one of a kind"),
    ("started at once", _group(range(5, 25)), "worker pool"),
    (
        "started at once, but waits differ",
        [*_group([5, 6], wait_minutes=1), *_group([7, 8], wait_minutes=3), {**MAIN, "goroutine_id": 20}],
        "undecided",
    ),
    ("every second id", _group(range(5, 45, 2)), "undecided"),
    ("started by several", _group([5], creator_id=1) + _group([6], creator_id=2), "undecided"),
    # ids 40 to 80 of 100: the 10 % quantile is 44, the 90 % quantile 76
    (
        "ids spread over 32 % of the process's life, creators gone",
        [*_group([40], creator_id=900), *_group([80], creator_id=901), {**MAIN, "goroutine_id": 100}],
        "orphans likely",
    ),
    # ids 40 to 77 of 100: 43.7 and 73.3
    (
        "ids spread over 29.6 %, creators gone",
        [*_group([40], creator_id=900), *_group([77], creator_id=901), {**MAIN, "goroutine_id": 100}],
        "undecided",
    ),
    ("ids spread, creators gone", _group([2], creator_id=900) + _group([99], creator_id=901), "orphans likely"),
    (
        "ids spread, creators alive",
        _group([2], creator_id=3) + _group([99], creator_id=4) + _group([3, 4], state="select"),
        "undecided",
    ),
    ("no ids, no creators", _group([None, None], created_by=None, creator_id=None, leaked=None), "undecided"),
]


@pytest.mark.parametrize(("what", "rows", "reading"), CASES, ids=[case[0] for case in CASES])
def test_reading_of_one_dump(dataset, what, rows, reading):
    table = blocked_receives(dataset([MAIN, *rows]))
    assert set(table["reading"]) == {reading}, what


def _over_time(dataset, people, **more):
    rows = [
        {"snapshot_id": f"s{place}", "goroutine_id": one, **more} for place, ids in enumerate(people) for one in ids
    ]
    rows += [{**MAIN, "snapshot_id": f"s{place}"} for place in range(len(people))]
    return dataset(rows)


@pytest.mark.parametrize(
    ("people", "reading"),
    [
        ([[5, 6], [5, 6, 70], [5, 6, 70, 90]], "orphans likely"),
        ([[5, 6], [5, 6, 70], [5, 6, 70]], "undecided"),
        ([[5, 60], [60, 70], [70, 80]], "undecided"),
        ([[5, 6, 7], [5, 6, 7], [5, 6, 7]], "worker pool"),
    ],
)
def test_reading_over_time(dataset, people, reading):
    assert _reading(_over_time(dataset, people), "main.work")[-1] == reading


def _clients(snapshot, numbers):
    return [
        {
            "snapshot_id": snapshot,
            "function": function,
            "state": state,
            "goroutine_id": 10 + 3 * client + place,
            "created_by": "main.accept",
        }
        for client in numbers
        for place, (function, state) in enumerate(
            [("main.read", "IO wait"), ("main.write", "select"), ("main.ack", "chan receive")]
        )
    ]


def test_as_many_as_the_siblings_is_in_step(dataset):
    table = blocked_receives(dataset(_clients("s0", range(8))))
    assert table[["reading", "sibling_expected", "excess"]].values.tolist() == [["in step", 8, 0]]


def test_in_step_but_whole_clients_arrive_and_never_leave_is_undecided(dataset):
    rows = [row for moment in range(3) for row in _clients(f"s{moment}", range(6 + moment))]
    assert _reading(dataset(rows), "main.ack")[-1] == "undecided"


def test_excess_counts_every_state_of_the_function_and_is_at_most_the_group(dataset):
    extra = [{"function": "main.ack", "created_by": "main.accept", "goroutine_id": 500 + n} for n in range(4)]
    busy = [{**row, "state": "select"} if row["function"] == "main.ack" else row for row in _clients("s0", range(8))]
    table = blocked_receives(dataset(busy + extra))
    assert table[["count", "sibling_expected", "excess"]].values.tolist() == [[4, 8, 4]]


def test_other_states_are_not_receives(dataset):
    rows = [{"state": state} for state in ("chan send", "select", "IO wait", None, "chan receive (durable)")]
    assert blocked_receives(dataset(rows))["count"].tolist() == [1]


def test_every_reading_is_listed(dataset, incident):
    assert blocked_receives(incident)["reading"].cat.categories.tolist() == list(READINGS)
    assert blocked_receives(dataset([], snapshots=[])).columns.tolist() == blocked_receives(incident).columns.tolist()


def test_missing_column(incident):
    with pytest.raises(MissingColumnError, match="lacks creator_id"):
        blocked_receives(incident.goroutines.drop(columns="creator_id"))


def test_orphans_are_told_from_healthy_workers_in_the_latest_snapshot(incident):
    table = blocked_receives(incident).set_index(["snapshot_id", "user_function"])
    assert table.loc[("s2", "main.ack"), ["orphans", "workers", "told_by"]].tolist() == [10, 5, "siblings"]
    assert table.loc[("s2", "main.worker"), ["orphans", "workers"]].tolist() == [0, 6]
    assert table.loc[["s0", "s1"], ["orphans", "workers", "told_by"]].isna().all(axis=None)
    assert blocked_receives(incident.goroutines)["orphans"].isna().all()


def test_orphans_are_at_most_the_group(dataset):
    busy = [{"goroutine_id": 70, "function": "main.work", "state": "running", "leaked": True}]
    rows = [{"goroutine_id": one, "function": "main.work", "leaked": True} for one in (5, 60)]
    row = blocked_receives(dataset([MAIN, *rows, *busy])).iloc[0]
    assert (row["count"], row["orphans"], row["workers"]) == (2, 2, 0)
