"""Courses of single processes: what gains, how fast, and who is watched at all."""

import pytest

from gostack_nb.fleet.growing import follow, growing
from gostack_nb.fleet.population import population
from gostack_nb.fleet.ranking import rank
from tests.unit.fleet.fleets import Shot, course, fleet, row_of

WHAT = "chan receive push.ackLoop"


@pytest.mark.parametrize(
    ("counts", "gains"),
    [
        ([10, 20, 30], True),
        ([10, 20], False),  # two tell a difference, no course
        ([0, 0, 30], False),  # one interval
        ([0, 10, 30], True),
        ([10, 30, 30], False),  # not in the last interval
        ([10, 30, 30, 40], True),
        ([10, 14, 19], False),  # less than 10 more
        ([10, 14, 20], True),
        ([100, 110, 119], False),  # less than a fifth more
        ([100, 110, 120], True),
        ([100, 150, 135, 160], True),  # a tenth is in transit
        ([100, 150, 134, 160], False),
        ([10, 20, 0, 30, 40], False),  # gone in between
        ([10, 20, 30, 0], False),
        ([10, None, 30, 40], True),  # a sweep that missed it
        ([40, 30, 20], False),
        ([30, 30, 30], False),
    ],
)
def test_gains(counts: list[int | None], gains: bool) -> None:
    people = population(fleet(*course(counts)))
    tracks = follow(people)
    number = people.groups["signature"].astype(object).tolist().index("push.ackLoop")
    assert tracks.loc[tracks["group"] == number, "gains"].tolist() in ([gains], [] if not gains else [gains])


@pytest.mark.parametrize(
    ("counts", "rate"),
    [
        ([10, 20, 30], 60.0),
        ([0, 10, 20], 60.0),
        ([30, 20, 10], -60.0),
        ([7, 7, 7], 0.0),
        ([0, 0, 6], 18.0),  # times 0 10 20: slope = (-10 * 0 + 0 * 0 + 10 * 6) / 200 = 0.3 a minute
        ([10, None, 30], None),
        ([0, None, 20, 30], 60.0),
        ([10, 20], None),
    ],
)
def test_rate(counts: list[int | None], rate: float | None) -> None:
    people = population(fleet(*course(counts)))
    number = people.groups["signature"].astype(object).tolist().index("push.ackLoop")
    found = growing(people, follow(people)).loc[number]
    if rate is None:
        assert found.isna()["rate_per_hour"]
        assert found["watched"] == 0
    else:
        assert found["rate_per_hour"] == pytest.approx(rate)
        assert found["watched"] == 1


def test_rates_add_up_and_instances_are_counted() -> None:
    counts = fleet(
        *course([10, 20, 30], instance="push-0"),
        *course([0, 30, 60], instance="push-1"),
        *course([30, 30, 30], instance="push-2"),
        *course([5, 90], instance="push-3"),
        *course([0, 0, 0], instance="push-4"),
    )
    row = row_of(rank(counts), "push.ackLoop")
    assert (row["instances"], row["watched"], row["gaining"], row["holders"]) == (5, 4, 2, 4)
    assert row["rate_per_hour"] == pytest.approx(60 + 180)
    assert row["verdict"] == "undecided"
    assert row["reasons"][0] == "It gains and does not fall back in 2 of the 3 instances watched: +240 an hour in all."


def test_a_restart_begins_a_new_course() -> None:
    totals = [1000, 1100, 20, 40, 60]
    row = row_of(rank(fleet(*(Shot({WHAT: n}, minute=10 * k) for k, n in enumerate(totals)))), "push.ackLoop")
    assert (row["watched"], row["gaining"], row["rate_per_hour"]) == (1, 1, pytest.approx(120))
    row = row_of(rank(fleet(*(Shot({WHAT: n}, minute=10 * k) for k, n in enumerate(totals[:4])))), "push.ackLoop")
    assert (row["watched"], row["gaining"]) == (0, 0)


def test_dumps_without_time_and_of_one_time_are_not_watched() -> None:
    undated = [Shot({WHAT: n}, minute=None, source=f"{n}") for n in (10, 30, 60)]
    assert row_of(rank(fleet(*undated)), "push.ackLoop")["watched"] == 0
    at_once = [Shot({WHAT: n}, minute=0, source=f"{n}") for n in (10, 30, 60)]
    assert row_of(rank(fleet(*at_once)), "push.ackLoop")["watched"] == 0
