from dataclasses import replace

import pandas as pd
import pytest

from gostack_nb.analysis.ages import ages, births
from gostack_nb.errors import MissingColumnError

START = pd.Timestamp("2026-01-01T00:00:00Z")


def minutes(times: pd.Series) -> list[float | None]:
    return [None if pd.isna(time) else (time - START) / pd.Timedelta(minutes=1) for time in times]


def test_births_are_dated_by_the_highest_id_of_each_snapshot(incident):
    clock = births(incident)
    assert clock["highest_id"].tolist() == [24, 39, 54]
    assert minutes(clock["captured_at"]) == [0, 10, 20]


def test_a_birth_lies_between_two_snapshots(incident):
    table = ages(incident).set_index("goroutine_id")
    acks = table[table["user_function"] == "main.ack"]
    assert minutes(acks["born_after"]) == [None] * 5 + [0] * 5 + [10] * 5
    assert minutes(acks["born_before"]) == [0] * 5 + [10] * 5 + [20] * 5
    assert acks["wait_minutes"].fillna(0).tolist() == [20] * 5 + [10] * 5 + [0] * 5


def test_only_the_latest_snapshot_is_listed_by_id(incident):
    table = ages(incident)
    assert len(table) == 1 + 6 + 5 * 2 + 15
    assert table["goroutine_id"].is_monotonic_increasing
    assert set(minutes(table["captured_at"])) == {20}


def test_the_highest_id_never_falls_while_the_process_lives(dataset):
    rows = [
        {"snapshot_id": name, "goroutine_id": goid, "wait_minutes": 60}
        for name, ids in (("s0", (1, 90)), ("s1", (1, 80)))
        for goid in ids
    ]
    assert births(dataset(rows))["highest_id"].tolist() == [90, 90]


def test_after_a_restart_the_clock_begins_anew(dataset):
    rows = [{"snapshot_id": "s0", "goroutine_id": 1000 + n} for n in range(40)]
    rows += [{"snapshot_id": "s1", "goroutine_id": 10 + n, "created_by": "main.b"} for n in range(40)]
    clock = births(dataset(rows))
    assert clock["snapshot_id"].tolist() == ["s1"]
    table = ages(dataset(rows))
    assert table["born_after"].isna().all()
    assert minutes(table["born_before"]) == [10] * 40


def test_each_process_has_its_own_clock(dataset):
    rows = [
        {"snapshot_id": name, "goroutine_id": goid}
        for name, goid in (("a0", 5), ("b0", 500), ("a1", 5), ("a1", 9), ("b1", 500), ("b1", 900))
    ]
    snapshots = [
        {"snapshot_id": name, "instance": name[0], "at": 600 * int(name[1])} for name in ("a0", "b0", "a1", "b1")
    ]
    table = ages(dataset(rows, snapshots=snapshots))
    found = dict(zip(table["goroutine_id"], minutes(table["born_before"]), strict=True))
    assert found == {5: 0, 9: 10, 500: 0, 900: 10}


def test_a_form_without_ids_gives_no_row(dataset):
    assert ages(dataset([{"goroutine_id": None}])).empty
    assert births(dataset([{"goroutine_id": None}])).empty


def test_a_missing_column_is_named(dataset):
    whole = dataset([{"goroutine_id": 1}])
    with pytest.raises(MissingColumnError, match="wait_minutes"):
        ages(replace(whole, goroutines=whole.goroutines.drop(columns="wait_minutes")))
