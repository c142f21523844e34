"""How goroutines are spread over instances: numbers worked out by hand."""

from math import sqrt

import pytest

from gostack_nb.fleet.counts import combine
from gostack_nb.fleet.population import population
from gostack_nb.fleet.ranking import rank
from gostack_nb.fleet.spread import spread
from tests.unit.fleet.fleets import Held, Shot, each, fleet, row_of

WHAT = "chan receive push.ackLoop"
OTHER = "IO wait push.conn"


def with_counts(*counts: int) -> list[Held]:
    """Name what each instance has; each has something else too, so that it is there."""
    return [{WHAT: count, OTHER: 1} if count else {OTHER: 1} for count in counts]


@pytest.mark.parametrize(
    ("counts", "total", "holders", "share", "rms", "median", "maximum"),
    [
        ((7,), 7, 1, 1.0, 7.0, 7.0, 7),
        ((3, 4), 7, 2, 1.0, sqrt(12.5), 3.5, 4),
        ((0, 0, 6), 6, 1, 1 / 3, sqrt(12), 0.0, 6),
        ((0, 2, 4, 0), 6, 2, 0.5, sqrt(5), 1.0, 4),
        ((10, 1, 0, 2, 3), 16, 4, 0.8, sqrt(22.8), 2.0, 10),
        ((0, 0, 0, 100), 100, 1, 0.25, 50.0, 0.0, 100),
        ((5, 5, 5, 5), 20, 4, 1.0, 5.0, 5.0, 5),
    ],
)
def test_numbers(
    counts: tuple[int, ...], total: int, holders: int, share: float, rms: float, median: float, maximum: int
) -> None:
    row = row_of(rank(fleet(*each(with_counts(*counts)))), "push.ackLoop")
    assert row["instances"] == len(counts)
    assert (row["total"], row["holders"], row["maximum"]) == (total, holders, maximum)
    assert (row["share"], row["rms"], row["median"]) == pytest.approx((share, rms, median))


@pytest.mark.parametrize(
    ("counts", "outlying"),
    [
        ((0, 100), []),  # of two none is the odd one
        ((0, 0, 10), []),  # no more than 10 above the others
        ((0, 0, 11), ["push-2"]),
        ((20, 20, 80), []),  # no more than 4 times the median
        ((20, 20, 81), ["push-2"]),
        ((10, 20, 30, 40, 160), []),  # deviations from 30: 20 10 0 10 130, so 30 + 5 * 14.826 = 104, and 4 * 30 = 120
        ((1, 50, 99, 210, 10, 80, 60), []),  # 60; deviations 59 10 39 150 50 20 0 -> 39: limit 60 + 289
        ((0, 0, 0, 30, 40), ["push-4", "push-3"]),
        ((500, 0, 0, 0, 0, 0, 0), ["push-0"]),
    ],
)
def test_outliers(counts: tuple[int, ...], outlying: list[str]) -> None:
    table = spread(population(fleet(*each(with_counts(*counts)))))
    row = table.iloc[table["maximum"].argmax()]
    expected = ["push-4"] if counts[-1] == 160 else outlying
    assert row["instances_outlying"] == expected
    assert row["outliers"] == len(expected)


def test_the_worst_instances_are_named_most_first_and_five_at_most() -> None:
    row = row_of(rank(fleet(*each(with_counts(3, 9, 1, 9, 5, 4, 2)))), "push.ackLoop")
    assert row["instances_worst"] == ["push-1", "push-3", "push-4", "push-5", "push-0"]


def test_instances_of_other_services_do_not_count() -> None:
    counts = fleet(
        *each(with_counts(6, 0)), *each([{WHAT: 100}], service="feed"), *each([{WHAT: 8}, {OTHER: 1}], service=None)
    )
    table = rank(counts)
    rows = table[table["user_function"] == "push.ackLoop"]
    rows = rows.set_index(rows["service"].astype(object).fillna("-"))
    assert rows["total"].to_dict() == {"feed": 100, "push": 6, "-": 8}
    assert rows["instances"].to_dict() == {"feed": 1, "push": 2, "-": 2}
    assert rows["rms"].to_dict() == pytest.approx({"feed": 100, "push": sqrt(18), "-": sqrt(32)})


def test_the_longest_wait_of_the_last_dumps() -> None:
    counts = fleet(
        Shot({WHAT: 2}, waits={WHAT: 90}, minute=0),
        Shot({WHAT: 2}, waits={WHAT: 7}, minute=10),
        Shot({WHAT: 2}, instance="push-1", waits={WHAT: 11}),
    )
    assert row_of(rank(counts), "push.ackLoop")["wait_minutes_max"] == 11


def test_nobody() -> None:
    assert spread(population(combine([]))).empty
