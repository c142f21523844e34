import pytest

from gostack_nb.analysis.suspects.deciding import deciding_dump, next_limit


@pytest.mark.parametrize(
    ("oldest", "expected"),
    [
        (0.0, (15, 15)),
        (5.75, (15, 10)),
        (12.9, (15, 3)),
        (14.0, (30, 16)),
        (29.5, (60, 31)),
        (60.0, (120, 60)),
        (float("nan"), (15, 15)),
    ],
)
def test_the_next_usual_limit(oldest, expected) -> None:
    assert next_limit(oldest) == expected


def test_what_only_gains() -> None:
    said = deciding_dump({"has_ids": True, "oldest_minutes": 6.0}, frozenset({"stays"}))
    assert "take another after 9 minutes" in said
    assert "15 minutes old" in said


def test_what_came_once() -> None:
    said = deciding_dump({"has_ids": True, "oldest_minutes": 6.0}, frozenset({"came"}))
    assert "take another after 9 minutes" in said
    assert "deploy step" in said


def test_counts_need_ids() -> None:
    assert "take two debug=2 dumps" in deciding_dump({"has_ids": False, "oldest_minutes": 6.0}, frozenset())


def test_receivers_need_minutes() -> None:
    facts = {"has_ids": True, "oldest_minutes": 6.0}
    assert "take two more, after 2 and 4 minutes" in deciding_dump(facts, frozenset({"stays", "receives"}))
    assert "take another" in deciding_dump(facts, frozenset({"stays", "receives", "old"}))
