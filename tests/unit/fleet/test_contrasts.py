"""What instances with a label have and others have not."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.contrasts import contrast
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.ranking import rank
from tests.unit.fleet.fleets import Shot, course, fleet, row_of

WHAT, OTHER = "chan receive push.ackLoop", "IO wait push.conn"


def by_build(counts: Mapping[str | None, list[int]]) -> Counts:
    """Make instances that have so many, by build."""
    shots = [
        Shot(
            {WHAT: count, OTHER: 1} if count else {OTHER: 1},
            f"{build}-{number}",
            labels={"build": build} if build else {},
        )
        for build, each in counts.items()
        for number, count in enumerate(each)
    ]
    return fleet(*shots)


def test_numbers_and_instances_without_the_label() -> None:
    table = contrast(by_build({"1.4.1": [0, 2], "1.4.2": [10, 30], None: [8]}), "build")
    rows = table[table["user_function"] == "push.ackLoop"]
    assert rows["value"].astype(object).fillna("-").tolist() == ["1.4.1", "1.4.2", "-"]
    assert rows["instances"].tolist() == [2, 2, 1]
    assert rows["holders"].tolist() == [1, 2, 1]
    assert rows["total"].tolist() == [2, 40, 8]
    assert rows["mean"].tolist() == [1, 20, 8]
    assert rows["mean_elsewhere"].tolist() == pytest.approx([48 / 3, 10 / 3, 42 / 4])
    assert rows["times"].tolist() == pytest.approx([1 / 16, 6, 8 / 10.5])


def test_none_elsewhere_and_no_elsewhere() -> None:
    rows = contrast(by_build({"1": [0], "2": [4]}), "build").query("user_function == 'push.ackLoop'")
    assert rows["times"].tolist() == [0, np.inf]
    alone = contrast(by_build({"1": [4]}), "build").query("user_function == 'push.ackLoop'")
    assert alone["mean"].tolist() == [4]
    assert alone["mean_elsewhere"].isna().tolist() == [True]


def test_the_greatest_difference_is_first_and_what_has_one_value_last() -> None:
    counts = combine(
        [
            by_build({"1": [1, 1], "2": [50, 50]}),
            fleet(Shot({"select feed.f": 900}, service="feed", instance="f", labels={"build": "1"})),
        ]
    )
    assert contrast(counts, "build")["user_function"].tolist() == ["push.ackLoop"] * 2 + ["push.conn"] * 2 + ["feed.f"]


def test_an_unknown_label_is_said() -> None:
    with pytest.raises(ArgumentError, match=r"no instance has a label zone; there are build, go_version$"):
        contrast(by_build({"1": [1]}), "zone")


@pytest.mark.parametrize(
    ("counts", "only_on", "value"),
    [
        ({"1": [0, 0], "2": [6, 6]}, "build 2", "2"),
        ({"1": [0, 0], "2": [4, 4]}, None, None),  # fewer than 5 each
        ({"1": [0], "2": [60, 60]}, None, None),  # one instance tells about itself
        ({"1": [0, 0], "2": [60]}, None, None),
        ({"1": [10, 10], "2": [40, 40]}, None, "2"),  # 4 times
        ({"1": [10, 10], "2": [14, 14]}, None, None),
        ({"1": [30, 20], "2": [45, 47]}, None, "2"),  # each has 1.5 times the most elsewhere
        ({"1": [30, 20], "2": [44, 47]}, None, None),
        ({"1": [0, 0, 0, 1], "2": [60, 60]}, "build 2", "2"),  # 0.25 of 60 is less than a fiftieth
        ({"1": [0, 0, 0, 6], "2": [60, 60]}, None, "2"),
        ({"1": [1, 1, 1], "2": [0, 0, 99]}, None, None),  # one of three: it stands out, its build does not
        ({"1": [1, 1], "2": [0, 99]}, None, None),  # the same for one of two
        ({"1": [50, 50, 50], "2": [400, 50, 50], "3": [50, 50, 50]}, None, None),  # one big instance
        ({"1": [0, 0], "2": [40, 40], None: [0, 0]}, "build 2", "2"),
        ({"1": [0, 0], None: [40, 40]}, None, None),  # to have no label is no value
    ],
)
def test_what_is_told(counts: Mapping[str | None, list[int]], only_on: str | None, value: str | None) -> None:
    row = row_of(rank(by_build(counts)), "push.ackLoop")
    assert (row["only_on"] if isinstance(row["only_on"], str) else None) == only_on
    assert (row["value"] if isinstance(row["value"], str) else None) == value


def test_words() -> None:
    reasons = row_of(rank(by_build({"1.4.1": [0, 0], "1.4.2": [40, 50]})), "push.ackLoop")["reasons"]
    assert reasons[0] == "Only on build 1.4.2: 45 per instance on build 1.4.2 (2 instances), 0 on the other instances."
    reasons = row_of(rank(by_build({"1.4.1": [1, 2], "1.4.2": [40, 50]})), "push.ackLoop")["reasons"]
    assert (
        reasons[0]
        == "30 times as many on build 1.4.2: 45 per instance on build 1.4.2 (2 instances), 1.5 on the others."
    )


def build_of(number: int) -> dict[str, str]:
    return {"build": "2" if number < 2 else "1"}


def fleet_of(*courses: list[int]) -> Counts:
    """Make a course for each instance; the first two are of build 2."""
    shots = [course(counts, instance=f"push-{n}", labels=build_of(n)) for n, counts in enumerate(courses)]
    return fleet(*(shot for each in shots for shot in each))


@pytest.mark.parametrize(
    ("courses", "verdict"),
    [
        pytest.param([[30, 60, 90], [30, 60, 99], [30] * 3, [30] * 3], "strong", id="a leak on one build"),
        pytest.param([[0, 30, 60], [0, 30, 60], [0] * 3, [0] * 3], "strong", id="only on one build"),
        pytest.param([[1, 10, 20], [1, 10, 22], *[[50] * 3] * 3], "weak", id="new instances catch up"),
        pytest.param([[30, 60, 90], [30, 60, 99], [30], [30]], "undecided", id="the others are not watched"),
        pytest.param(
            [[80, 120, 200], [80, 120, 200], [10, 30, 50], [10, 30, 45]], "undecided", id="load, unequal zones"
        ),
        pytest.param([[10, 30, 50]] * 4, "undecided", id="load, or a leak everywhere"),
        pytest.param([[30, 60, 90], [30] * 3, [30] * 3, [30] * 3], None, id="one of four"),
        pytest.param([[90] * 3, [90] * 3, [20] * 3, [20] * 3], "weak", id="more, and it stays so"),
    ],
)
def test_verdict(courses: list[list[int]], verdict: str | None) -> None:
    found = row_of(rank(fleet_of(*courses)), "push.ackLoop")["verdict"]
    assert (None if pd.isna(found) else found) == verdict


def test_a_label_with_a_value_for_each_instance_says_nothing() -> None:
    counts = fleet(*(Shot({WHAT: 10 * n}, f"push-{n}", labels={"pod": f"pod-{n}"}) for n in range(1, 9)))
    assert rank(counts)["label"].isna().all()
    assert contrast(counts, "pod")["instances"].tolist() == [1] * 8
