from dataclasses import replace

import pandas as pd
import pytest

from gostack_nb.analysis.snapshots import (
    countable_snapshots,
    first,
    latest,
    only,
    primary_snapshots,
    set_aside,
)
from gostack_nb.errors import MissingColumnError


def _kept(dataset):
    return dataset.snapshots["snapshot_id"].tolist()


def _of_forms(dataset, *snapshots):
    """Build a dataset of (id, seconds, form) with one goroutine in each snapshot."""
    rows = [{"snapshot_id": name} for name, *_ in snapshots]
    return dataset(rows, snapshots=[{"snapshot_id": name, "at": at, "form": form} for name, at, form in snapshots])


def test_best_form_of_a_moment_wins(dataset):
    data = _of_forms(
        dataset,
        ("a1", 0, "debug=1"),
        ("a2", 0.5, "debug=2"),
        ("a0", 1, "debug=0"),
        ("al", 1.5, "goroutineleak debug=2"),
        ("b0", 60, "debug=0"),
        ("b1", 60, "debug=1"),
        ("cl", 90, "goroutineleak debug=2"),
        ("cl0", 90, "goroutineleak debug=0"),
    )
    kept = primary_snapshots(data)
    assert _kept(kept) == ["a2", "b0", "cl"]
    assert kept.goroutines["snapshot_id"].tolist() == ["a2", "b0", "cl"]


def test_set_aside_is_the_rest_with_what_is_used_instead(dataset):
    data = _of_forms(
        dataset, ("a1", 0, "debug=1"), ("a2", 1, "debug=2"), ("l0", 1, "goroutineleak debug=0"), ("b2", 9, "debug=2")
    )
    rest = set_aside(data)
    assert rest["snapshot_id"].tolist() == ["a1", "l0"]
    assert rest["used_instead"].astype(object).where(rest["used_instead"].notna(), None).tolist() == ["a2", None]
    assert len(rest) + len(_kept(primary_snapshots(data))) == 4


@pytest.mark.parametrize(("seconds", "kept"), [(1.9, ["s2"]), (2.1, ["s2", "s1"])])
def test_a_moment_lasts_two_seconds(dataset, seconds, kept):
    data = _of_forms(dataset, ("s2", 0, "debug=2"), ("s1", seconds, "debug=1"))
    assert _kept(primary_snapshots(data)) == kept


def test_a_moment_is_counted_from_its_first_dump_and_does_not_chain(dataset):
    data = _of_forms(dataset, ("a", 0, "debug=2"), ("b", 1.5, "debug=1"), ("c", 3, "debug=0"))
    assert _kept(primary_snapshots(data)) == ["a", "c"]


def test_the_same_form_again_is_another_moment(dataset):
    data = _of_forms(dataset, ("a2", 0, "debug=2"), ("a1", 0, "debug=1"), ("b2", 0, "debug=2"), ("b1", 0, "debug=1"))
    assert _kept(primary_snapshots(data)) == ["a2", "b2"]


def test_leaked_goroutines_alone_are_never_primary(dataset):
    data = _of_forms(dataset, ("l1", 0, "goroutineleak debug=1"), ("l0", 0, "goroutineleak debug=0"))
    assert _kept(primary_snapshots(data)) == []
    assert len(latest(data).goroutines) == 0


def test_processes_are_kept_apart_and_no_name_is_a_name(dataset):
    snapshots = [
        {"snapshot_id": "a", "at": 0, "instance": "a"},
        {"snapshot_id": "b", "at": 0, "instance": None, "form": "debug=1"},
        {"snapshot_id": "c", "at": 1, "instance": None},
    ]
    data = dataset([{"snapshot_id": name} for name in "abc"], snapshots=snapshots)
    assert _kept(primary_snapshots(data)) == ["a", "c"]
    assert _kept(latest(data)) == ["a", "c"]


def test_unknown_times_are_moments_of_their_own(dataset):
    data = _of_forms(dataset, ("a", None, "debug=2"), ("b", None, "debug=1"))
    assert _kept(primary_snapshots(data)) == ["a", "b"]


def test_a_whole_dump_counts_before_a_truncated_one(dataset):
    snapshots = [
        {"snapshot_id": "cut", "at": 0, "truncated": True},
        {"snapshot_id": "whole", "at": 1, "form": "debug=1"},
        {"snapshot_id": "alone", "at": 60, "truncated": True},
    ]
    data = dataset([{"snapshot_id": row["snapshot_id"]} for row in snapshots], snapshots=snapshots)
    assert _kept(countable_snapshots(data)) == ["whole", "alone"]
    assert _kept(primary_snapshots(data)) == ["cut", "alone"]


def test_first_latest_and_only(dataset):
    data = _of_forms(dataset, ("b", 60, "debug=2"), ("a", 0, "debug=2"), ("c", 120, "debug=1"))
    assert _kept(first(data)) == ["a"]
    assert _kept(latest(data)) == ["c"]
    assert _kept(only(data, "b", "a")) == ["b", "a"]
    assert len(only(data, "b").goroutines) == 1


def test_only_names_the_snapshots_that_exist(dataset):
    with pytest.raises(ValueError, match="no snapshot x; there are a, b"):
        only(_of_forms(dataset, ("a", 0, "debug=2"), ("b", 9, "debug=2")), "x")


def test_input_is_not_changed(dataset):
    data = _of_forms(dataset, ("a", 0, "debug=2"), ("b", 1, "debug=1"))
    before = data.snapshots.copy(deep=True)
    primary_snapshots(data)
    pd.testing.assert_frame_equal(data.snapshots, before)


def test_missing_column(dataset):
    data = _of_forms(dataset, ("a", 0, "debug=2"))
    data = replace(data, snapshots=data.snapshots.drop(columns="form"))
    with pytest.raises(MissingColumnError, match="lacks form; it has snapshot_id"):
        primary_snapshots(data)


def test_no_snapshots_at_all(dataset):
    assert _kept(primary_snapshots(dataset([], snapshots=[]))) == []
    assert set_aside(dataset([], snapshots=[])).empty
