from gostack_nb.analysis.suspects.labelled import labelled
from tests.unit.analysis.suspects.conftest import born

UPLOAD, OTHER = '{"handler":"/upload"}', '{"handler":"/list"}'


def test_a_label_that_the_others_do_not_have(found) -> None:
    rows = born("main.leak", range(10), labels=UPLOAD) + born("main.work", range(10, 40), labels=OTHER)
    row = found(labelled, rows)["main.leak"]
    assert (row["label"], row["label_share"]) == ("handler=/upload", 1.0)


def test_a_label_that_all_have_says_nothing(found) -> None:
    rows = born("main.leak", range(10), labels=UPLOAD) + born("main.work", range(10, 40), labels=UPLOAD)
    assert found(labelled, rows)["main.leak"]["label"] is None


def test_a_label_of_half_a_group_says_nothing(found) -> None:
    rows = born("main.leak", range(5), labels=UPLOAD) + born("main.leak", range(5, 10))
    assert found(labelled, rows + born("main.work", range(10, 90)))["main.leak"]["label"] is None


def test_two_goroutines_are_too_few(found) -> None:
    rows = born("main.leak", [1, 2], labels=UPLOAD) + born("main.work", range(10, 40))
    assert found(labelled, rows)["main.leak"]["label"] is None


def test_nobody_is_left(found) -> None:
    rows = born("main.leak", range(10), labels=UPLOAD)
    snapshots = [{"snapshot_id": "s0", "at": 0}, {"snapshot_id": "s1", "at": 60}]
    assert found(labelled, rows, snapshots=snapshots)["main.leak"]["label"] is None
