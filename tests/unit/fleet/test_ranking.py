"""The ranking: verdicts, order, words; and the recorded fleet."""

from pathlib import Path

import pandas as pd
import pytest

from gostack_nb.fleet.counts import combine
from gostack_nb.fleet.ranking import COLUMNS, Ranking, rank
from gostack_nb.fleet.sweep import sweep
from tests.unit.fleet.fleets import Shot, each, fleet, row_of

DATA = Path(__file__).parents[3] / "data" / "fleet"


@pytest.fixture(scope="module")
def recorded() -> Ranking:
    return sweep(f"{DATA}/{{service}}/{{zone}}/{{build}}/{{instance}}/*.pb.gz")


def test_the_recorded_fleet_has_one_suspect(recorded: Ranking) -> None:
    first = recorded.iloc[0]
    assert (first["verdict"], first["service"], first["user_function"]) == ("strong", "push", "main.(*session).ackLoop")
    assert (first["label"], first["value"], first["instances"]) == ("build", "1.9.0", 10)
    assert set(recorded["verdict"].iloc[1:].dropna()) <= {"explained"}
    assert recorded.problems.empty


def test_totals_of_the_recorded_fleet(recorded: Ranking) -> None:
    dumps = recorded.counts.dumps()
    assert len(dumps) == 84
    last = dumps.sort_values("captured_at").groupby(["service", "instance"], observed=True)["goroutine_count"].last()
    assert recorded["total"].sum() == last.sum()


def test_reasons_carry_numbers(recorded: Ranking) -> None:
    grows, more, *_ = recorded.iloc[0]["reasons"]
    assert grows.startswith(
        "It gains and does not fall back in 4 of the 4 instances watched on build 1.9.0, and in 0 of the 6 others: +"
    )
    assert more.startswith("2.7 times as many on build 1.9.0: 78 per instance on build 1.9.0 (4 instances), 29 on the")


@pytest.mark.parametrize(("wait", "verdict"), [(None, None), (1, None), (2, "weak")])
def test_a_lock_waited_for(wait: int | None, verdict: str | None) -> None:
    what = "sync.Mutex.Lock push.f"
    row = row_of(rank(fleet(Shot({what: 3}, waits={} if wait is None else {what: wait}))), "push.f")
    assert (None if pd.isna(row["verdict"]) else row["verdict"]) == verdict


@pytest.mark.parametrize(
    ("count", "state", "verdict"),
    [(9_999, "chan send", None), (10_000, "chan send", "weak"), (10_000, "IO wait", None)],
)
def test_size_alone(count: int, state: str, verdict: str | None) -> None:
    row = row_of(rank(fleet(Shot({f"{state} push.f": count}))), "push.f")
    assert (None if pd.isna(row["verdict"]) else row["verdict"]) == verdict


def test_an_outlier_is_named() -> None:
    row = row_of(rank(fleet(*each([{"select push.f": n} for n in (5, 5, 5, 200)]))), "push.f")
    assert (row["verdict"], row["outliers"]) == ("weak", 1)
    assert row["reasons"][0] == "1 instance stands out, with up to 200 where the median instance has 5: push-3."


def test_suspicion_goes_before_size_and_equal_ones_by_rms() -> None:
    held = {"IO wait push.large": 900, "select push.small": 2, "select push.more": 3}
    odd = {"sync.Mutex.Lock push.lock": 1}
    counts = fleet(Shot({**held, **odd}, waits={"sync.Mutex.Lock push.lock": 60}))
    assert rank(counts)["user_function"].tolist() == ["push.lock", "push.large", "push.more", "push.small"]
    assert rank(counts)["rank"].tolist() == [1, 2, 3, 4]


def test_a_leak_profile_alone_is_listed() -> None:
    row = row_of(rank(fleet(Shot({"? push.f": 6}, form="goroutineleak debug=1", leaked=True))), "push.f")
    assert (row["verdict"], row["total"], row["leaked"]) == ("proven", 0, 6)


def test_columns_are_the_same_without_rows() -> None:
    table = rank(combine([]))
    assert tuple(table.columns) == COLUMNS
    assert table.empty
    assert table.dtypes["verdict"] == "category"


def test_counts_stay_with_the_ranking_and_not_with_what_is_made_of_it(recorded: Ranking) -> None:
    assert recorded.counts is not None
    assert type(recorded.head(3)) is pd.DataFrame


def test_what_the_leak_profile_alone_has_changes_no_words_of_others() -> None:
    leak = {"? push.a": 2, "? push.m": 3, "? push.z": 4}
    counts = fleet(
        Shot({"select push.b": 5, "select push.n": 6, "chan send push.m": 3}),
        Shot(leak, form="goroutineleak debug=1", leaked=True, minute=0.01),
        Shot({"? feed.leak": 1}, service="feed", form="goroutineleak debug=1", leaked=True, instance="feed-0"),
    )
    table = rank(counts)
    assert table["signature"].tolist() == table["user_function"].tolist()
    told = table.set_index("user_function")[["total", "leaked", "instances", "median"]]
    assert told.loc[["push.b", "push.n", "push.m", "push.a", "push.z", "feed.leak"]].to_numpy().tolist() == [
        [5, 0, 1, 5],
        [6, 0, 1, 6],
        [3, 3, 1, 3],
        [0, 2, 1, 0],
        [0, 4, 1, 0],
        [0, 1, 0, 0],
    ]
