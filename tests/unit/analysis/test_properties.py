"""What must hold for any table: counts add up, row order does not matter, the input is not changed."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.growth import count_by_snapshot, growth, movements, total_by_snapshot
from gostack_nb.analysis.labels import labels_table
from gostack_nb.analysis.receives import blocked_receives
from gostack_nb.analysis.restarts import restarts
from gostack_nb.analysis.siblings import siblings, siblings_by_function
from gostack_nb.analysis.snapshots import only
from gostack_nb.analysis.states import normalized_state
from gostack_nb.analysis.suspects import suspects
from gostack_nb.analysis.waiting import WAIT_BUCKETS, waiting
from gostack_nb.model.dataset import Dataset

ANALYSES: list[Callable[[Dataset], pd.DataFrame]] = [
    group,
    waiting,
    growth,
    movements,
    count_by_snapshot,
    total_by_snapshot,
    restarts,
    siblings,
    siblings_by_function,
    blocked_receives,
    suspects,
]

FEW = settings(max_examples=20, deadline=None)
"""An analysis takes some 50 ms, however small the table, and more on a busy machine."""

SNAPSHOTS = ("s0", "s1", "s2")

PEOPLE = st.dictionaries(
    st.tuples(st.sampled_from(SNAPSHOTS), st.integers(1, 40)),
    st.fixed_dictionaries(
        {
            "function": st.sampled_from(["main.a", "main.b", "main.c"]),
            "line": st.integers(1, 2),
            "state": st.sampled_from(["chan receive", "semacquire", "select", None]),
            "wait_minutes": st.none() | st.integers(1, 300),
            "leaked": st.none() | st.booleans(),
            "created_by": st.sampled_from(["main.x", None]),
            "labels": st.sampled_from([None, '{"k":"1"}', '{"j":"2","k":"3"}']),
        }
    ),
    max_size=60,
)


@st.composite
def datasets(draw, make) -> Dataset:
    people = draw(PEOPLE)
    rows = [{"snapshot_id": name, "goroutine_id": one, **row} for (name, one), row in people.items()]
    for row in rows:  # a stack names the function that started it
        row["stack_id"] = f"{row['function']}:{row['line']} < {row['created_by']}"
    snapshots = [{"snapshot_id": name, "at": 600 * place} for place, name in enumerate(SNAPSHOTS)]
    return make(rows, snapshots=snapshots)


@pytest.mark.parametrize("analysis", ANALYSES)
@FEW
@given(data=st.data())
def test_row_order_does_not_matter_and_the_input_is_unchanged(dataset, analysis, data):
    source = data.draw(datasets(dataset))
    order = data.draw(st.permutations(range(len(source.goroutines))))
    before = source.goroutines.copy(deep=True)
    expected = analysis(source)
    found = analysis(source.with_goroutines(source.goroutines.iloc[order]))
    pd.testing.assert_frame_equal(found, expected)
    pd.testing.assert_frame_equal(source.goroutines, before)


@FEW
@given(data=st.data())
def test_counts_add_up(dataset, data):
    source = data.draw(datasets(dataset))
    total = len(source.goroutines)
    ages = waiting(source)
    assert group(source)["count"].sum() == total
    assert ages["count"].sum() == total
    assert ages[[name for name, _ in WAIT_BUCKETS]].sum().sum() == total
    assert count_by_snapshot(source)["count"].sum() == total
    assert total_by_snapshot(source)["goroutines"].sum() == total
    assert len(normalized_state(source)) == len(labels_table(source)) == total


@FEW
@given(data=st.data())
def test_the_same_as_a_plain_groupby(dataset, data):
    source = data.draw(datasets(dataset))
    rows = source.goroutines.assign(state=normalized_state(source))
    keys = ["snapshot_id", "signature", "state", "created_by"]
    found = group(source)
    plain = rows.groupby(keys, observed=True, dropna=False, sort=True)
    expected = plain["wait_minutes"].agg(["size", "count", "min", "max", "median"])
    found = found.sort_values(keys, na_position="last")
    assert found["count"].tolist() == expected["size"].tolist()
    assert found["wait_known"].tolist() == expected["count"].tolist()
    for mine, theirs in (("wait_min", "min"), ("wait_max", "max"), ("wait_median", "median")):
        assert found[mine].fillna(-1).tolist() == expected[theirs].fillna(-1).tolist()


@FEW
@given(data=st.data())
def test_every_change_is_an_arrival_an_exit_or_a_move(dataset, data):
    source = data.draw(datasets(dataset))
    table = growth(source)
    known = table[table["id_intervals"] == table["snapshots"] - 1]
    moves = known["arrivals"] - known["exits"] + known["moved_in"] - known["moved_out"]
    assert known["change"].tolist() == moves.fillna(0).tolist()
    assert table["moved_in"].sum() == table["moved_out"].sum()


@FEW
@given(data=st.data())
def test_a_comparison_adds_up(dataset, data):
    source = data.draw(datasets(dataset))
    before, after = only(source, "s0"), only(source, "s1")
    table = compare(before, after)
    ids = [set(side.goroutines["goroutine_id"]) for side in (before, after)]
    assert table["before"].sum() == len(ids[0])
    assert table["after"].sum() == len(ids[1])
    if len(table) and table["arrived"].notna().all():
        assert table["arrived"].sum() == len(ids[1] - ids[0])
        assert table["left"].sum() == len(ids[0] - ids[1])
    backwards = compare(after, before)
    assert sorted(backwards["change"]) == sorted(-table["change"])


@FEW
@given(counts=st.lists(st.integers(0, 6), min_size=3, max_size=7))
def test_the_rate_is_scipys(dataset, counts):
    rows = [{"snapshot_id": f"s{n}"} for n, count in enumerate(counts) for _ in range(count)]
    snapshots = [{"snapshot_id": f"s{n}", "at": 3600 * n * (n + 1)} for n in range(len(counts))]
    table = growth(dataset(rows, snapshots=snapshots))
    if len(table):
        hours = np.array([n * (n + 1) for n in range(len(counts))], dtype=float)
        fit = theilslopes(counts, hours, alpha=0.95)
        row = table.iloc[0]
        expected = (fit.slope, fit.low_slope, fit.high_slope) if len(set(counts)) > 1 else (0.0, 0.0, 0.0)
        assert (row["rate_per_hour"], row["rate_low"], row["rate_high"]) == pytest.approx(expected)
