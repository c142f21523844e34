"""Counts combine in any order and grouping, add up to the goroutines, and no bytes raise."""

import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gostack_nb as gs
from gostack_nb.errors import GostackError
from gostack_nb.fleet.counting import count_file, count_files
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.ranking import rank
from tests.property.printed_dumps import dumps

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=10)

TABLES: tuple[Callable[[Counts], pd.DataFrame], ...] = (
    Counts.dumps,
    Counts.cells,
    Counts.places,
    Counts.stacks,
    Counts.problems,
)
STATES = ("chan receive", "select", "IO wait", "chan receive, 3 minutes", "semacquire", "sync.Mutex.Lock, 9 minutes")


@st.composite
def small_dumps(draw: st.DrawFn) -> bytes:
    """Print a few goroutines, some of them alike, with lines that differ between dumps."""
    rows = draw(st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 3), st.integers(1, 3)), max_size=6))
    return "\n".join(
        f"goroutine {n + 1} [{state}]:\nmain.f{function}()\n\t/srv/main.go:{line} +0x1d\n"
        for n, (state, function, line) in enumerate(rows)
    ).encode()


places = st.builds(
    Place,
    small_dumps(),
    service=st.sampled_from([None, "push", "feed"]),
    instance=st.sampled_from([None, "a", "b"]),
    labels=st.sampled_from([{}, {"build": "1"}, {"build": "2", "zone": "ä"}]),
)
several = st.lists(places, max_size=5)


def assert_equal(one: Counts, other: Counts) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(table(one), table(other))


def grouped(parts: Sequence[Counts], source: random.Random) -> Counts:
    """Combine in groups of random sizes, and these again."""
    if len(parts) < 2:
        return combine(parts)
    rest = iter(parts)
    groups: list[Counts] = []
    while group := list(islice(rest, source.randint(1, len(parts) - 1))):
        groups.append(combine(group))
    return grouped(groups, source) if len(groups) < len(parts) else combine(groups)


@calm
@given(several, several, several)
def test_combine_is_associative_commutative_and_idempotent(
    one: list[Place], two: list[Place], three: list[Place]
) -> None:
    a, b, c = map(count_files, (one, two, three))
    assert_equal(combine([a, combine([b, c])]), combine([combine([a, b]), c]))
    assert_equal(combine([a, b]), combine([b, a]))
    assert_equal(combine([a, a]), a)
    assert_equal(combine([a, combine([])]), a)


@calm
@given(several, st.randoms(use_true_random=False))
def test_order_and_grouping_change_nothing(listed: list[Place], source: random.Random) -> None:
    together = count_files(listed)
    parts = list(map(count_file, listed))
    assert_equal(combine(parts), together)
    source.shuffle(parts)
    assert_equal(grouped(parts, source), together)
    source.shuffle(listed)
    assert_equal(count_files(listed), together)


@calm
@given(several)
def test_a_ranking_adds_up(listed: list[Place]) -> None:
    counts = count_files(listed)
    table = rank(counts)
    assert table["total"].sum() <= counts.cells()["count"].sum()
    assert counts.cells()["count"].sum() == counts.dumps()["goroutine_count"].sum()
    assert (table["holders"] <= table["instances"]).all()
    assert (table["maximum"] <= table["total"]).all()
    assert (table["rms"] <= table["maximum"] + 1e-9).all()


@calm
@given(dumps())
def test_counts_add_up_to_what_is_read(text: str) -> None:
    counts = count_file(text.encode())
    try:
        goroutines = gs.read(text.encode()).goroutines
    except GostackError:
        assert counts.cells().empty
        return
    assert counts.cells()["count"].sum() == len(goroutines)
    expected = goroutines.groupby("stack_id", observed=True).size().to_dict()
    assert counts.cells().groupby("stack_id", observed=True)["count"].sum().to_dict() == expected


GZIP, PROFILE, DEBUG1 = b"\x1f\x8b\x08\x00", b"\x0a\x04\x08\x01\x10\x02", b"goroutine profile: total 3\n"


@calm
@given(st.binary(max_size=300), st.sampled_from([b"", GZIP, PROFILE, DEBUG1, b"goroutine 1 [", b"PK\x03\x04"]))
def test_no_bytes_raise(rest: bytes, head: bytes) -> None:
    counts = count_file(head + rest)
    assert len(counts.dumps()) + len(counts.problems()) > 0
    assert not counts.problems()["reason"].astype(str).str.contains("a defect of").any()
    rank(counts)


RECORDED = sorted((Path(__file__).parents[2] / "data" / "fleet").rglob("*.pb.gz"))[:3]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_no_damage_raises(path: Path) -> None:
    source, whole = random.Random(path.name), path.read_bytes()  # noqa: S311 - damage, no secret
    for _ in range(5):
        place = source.randrange(len(whole))
        for damaged in (whole[:place], whole[:place] + bytes([source.randrange(256)]) + whole[place + 1 :]):
            counts = count_file(damaged)
            assert len(counts.dumps()) + len(counts.problems()) > 0
