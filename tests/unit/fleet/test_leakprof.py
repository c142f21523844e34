"""LeakProf's rule: so many blocked on a channel at one line of one process."""

from math import sqrt

import pandas as pd
import pytest

from gostack_nb.errors import ArgumentError
from gostack_nb.fleet.counts import combine
from gostack_nb.fleet.leakprof import leakprof
from tests.unit.fleet.fleets import Shot, course, each, fleet


@pytest.mark.parametrize(("count", "rows"), [(99, 0), (100, 1), (101, 1)])
def test_the_limit_itself_is_enough(count: int, rows: int) -> None:
    assert len(leakprof(fleet(Shot({"chan send push.f": count})), limit=100)) == rows


@pytest.mark.parametrize(
    ("state", "rows"),
    [
        ("chan send", 1),
        ("chan receive (nil chan)", 1),
        ("select", 1),
        ("select (no cases)", 1),
        ("?", 0),
        ("IO wait", 0),
        ("sync.Mutex.Lock", 0),
        ("sleep", 0),
    ],
)
def test_channel_operations_alone(state: str, rows: int) -> None:
    assert len(leakprof(fleet(Shot({f"{state} push.f": 500})), limit=100)) == rows


def test_numbers() -> None:
    counts = fleet(
        *each([{"chan send push.f:7": 300, "IO wait x.y": 1}, {"chan send push.f:7": 100}, {"IO wait x.y": 1}]),
        Shot({"chan send push.f:7": 99}, instance="push-3"),
        Shot({"chan send push.f:7": 120}, service=None, instance="a"),
    )
    table = leakprof(counts, limit=100)
    assert table["rank"].tolist() == [1, 2]
    assert table["user_location"].tolist() == ["/srv/push.go:7"] * 2
    first, second = table.to_dict("records")
    assert (first["service"], first["total"], first["instances"], first["holders"]) == ("push", 499, 4, 3)
    assert (first["above"], first["maximum"], first["instance_worst"]) == (2, 300, "push-0")
    assert first["rms"] == pytest.approx(sqrt((300**2 + 100**2 + 99**2) / 4))
    assert (second["total"], second["instances"], second["rms"]) == (120, 1, 120)
    assert pd.isna(second["service"])


def test_lines_and_operations_are_apart_and_stacks_of_one_line_together() -> None:
    held = {"chan send push.f:7": 60, "chan send push.f:8": 60, "chan receive push.f:7": 60}
    assert leakprof(fleet(Shot(held)), limit=100).empty
    assert len(leakprof(fleet(Shot(held)), limit=60)) == 3


def test_the_last_dump_counts() -> None:
    assert leakprof(fleet(*course([500, 3])), limit=100).empty


def test_bad_limit_and_nobody() -> None:
    with pytest.raises(ArgumentError, match="limit=0: not a number of goroutines"):
        leakprof(combine([]), limit=0)
    assert leakprof(combine([])).empty
