import pandas as pd
import pytest

from gostack_nb.analysis.keys import coded_column
from gostack_nb.analysis.suspects import labelled as module
from gostack_nb.analysis.suspects.labelled import _frequent_pairs, labelled
from gostack_nb.analysis.suspects.population import population
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


def test_each_goroutine_has_a_label_of_its_own_beside_the_one_they_share(found) -> None:
    rows = [
        row
        for one in range(9)
        for row in born("main.leak", [one], labels=f'{{"handler":"/upload","request_id":"r{one}"}}')
    ]
    rows += born("main.leak", [9], labels=OTHER)
    rows += [row for one in range(30, 50) for row in born("main.work", [one], labels=f'{{"request_id":"r{one}"}}')]
    none = found(labelled, rows)
    assert none["main.leak"]["label"] is None  # 9 of 10 are not more than 90 %
    more = [row for one in (20, 21) for row in born("main.leak", [one], labels=f'{{"handler":"/upload","n":"{one}"}}')]
    row = found(labelled, rows + more)["main.leak"]
    assert row["label"] == "handler=/upload"  # 11 of 12, and 11 of all 32
    assert row["label_share"] == pytest.approx(11 / 12)


def test_distinct_sets_are_read_once_and_pairs_that_few_carry_are_dropped(dataset, monkeypatch) -> None:
    """The work must not grow with the square of the labels: 3,000 sets are 3,000 readings, and one pair is left."""
    rows = [
        {"function": "main.leak", "goroutine_id": one, "labels": f'{{"handler":"/upload","request_id":"r{one}"}}'}
        for one in range(3000)
    ]
    people = population(dataset([*rows, *born("main.leak", range(3000, 3010), labels=UPLOAD)]))
    names = coded_column(people.frame["labels"])
    carried = pd.DataFrame({"labels": names.codes, "carriers": 1})
    assert _frequent_pairs(names.names, carried)["pair"].unique().tolist() == ["handler=/upload"]
    read: list[str] = []
    monkeypatch.setattr(module, "_pairs_of", lambda text: read.append(text) or set())
    labelled(people)
    assert len(read) == 3001


def test_of_equally_frequent_labels_the_first_by_name(found) -> None:
    rows = born("main.leak", range(10), labels='{"tenant":"b","handler":"/upload"}')
    assert found(labelled, rows + born("main.work", range(10, 40)))["main.leak"]["label"] == "handler=/upload"
