"""Counts combine: by hand. `tests/property/test_fleet.py` says it of any."""

from gostack_nb.fleet.counts import Counts, combine
from tests.unit.fleet.fleets import Shot, fleet


def test_the_same_dump_is_there_once_and_others_add_up() -> None:
    one = fleet(Shot({"select push.f": 3, "chan send push.g": 2}))
    other = fleet(Shot({"select push.f": 4}, instance="push-1"))
    both = combine([one, other, one])
    assert both.dumps()["goroutine_count"].tolist() == [5, 4]
    assert both.cells()["count"].sum() == 9
    assert both.places()["user_function"].tolist() == ["push.f", "push.g"]


def test_what_is_known_goes_before_what_is_not() -> None:
    known = fleet(Shot({"select push.f": 3}, go_version="go1.27.3"))
    unknown = fleet(Shot({"select push.f": 3}))
    for parts in ([known, unknown], [unknown, known]):
        assert combine(parts).dumps()["go_version"].tolist() == ["go1.27.3"]


def test_problems_are_rows_once() -> None:
    row: dict[str, str | None] = {"source": "a", "service": None, "instance": None, "reason": "gone"}
    problems = Counts.of_problems([row, {**row, "reason": "late"}])
    assert combine([problems, problems]).problems()["reason"].tolist() == ["gone", "late"]


def test_the_parts_are_unchanged() -> None:
    one = fleet(Shot({"select push.f": 3}))
    before = one.cells().to_dict("records")
    combine([one, fleet(Shot({"select a.b": 3}))])
    assert one.cells().to_dict("records") == before


def test_the_size_is_that_of_the_tables() -> None:
    small, large = fleet(Shot({"select a.b": 1})), fleet(Shot({f"select a.b{n}": 1 for n in range(1000)}))
    assert large.__sizeof__() - small.__sizeof__() > 24 * 900
