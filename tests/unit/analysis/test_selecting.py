import pandas as pd
import pytest

from gostack_nb import FilterError, latest, read, select, suspects
from gostack_nb.analysis.filters import parse_filter
from gostack_nb.analysis.selecting import matching, verdict_of_stacks
from gostack_nb.model.dataset import Dataset
from tests.corpus.files import INCIDENT

DUMP = b"""goroutine 1 [running]:
main.main()
\t/srv/main.go:9 +0x1d

goroutine 7 [chan receive, 3 minutes] {role: "ack", "shard of": "a/b"}:
main.(*Session).ackLoop(0x1)
\t/srv/push/session.go:41 +0x1d
created by main.serve in goroutine 1
\t/srv/main.go:20 +0x2

goroutine 8 [chan receive (nil chan), 12 minutes] {role: "reader"}:
main.(*Session).readLoop(0x1)
\t/srv/push/session.go:60 +0x1d
created by main.serve in goroutine 1
\t/srv/main.go:21 +0x2

goroutine 9 [semacquire]:
sync.runtime_Semacquire(0x1)
\t/usr/local/go/src/runtime/sema.go:62 +0x1
sync.(*WaitGroup).Wait(0x1)
\t/usr/local/go/src/sync/waitgroup.go:116 +0x1
example.com/srv/pool.run(0x1)
\t/srv/pool/pool.go:7 +0x1
created by main.serve in goroutine 1
\t/srv/main.go:22 +0x2
"""


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return read(DUMP)


@pytest.fixture(scope="module")
def leak() -> Dataset:
    return read(INCIDENT / "leak")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1, 7, 8, 9]),
        ('state:"chan receive"', [7]),
        ("state:/^chan receive/", [7, 8]),
        ("state:sync.WaitGroup.Wait", [9]),
        ("state:semacquire", [9]),
        ('state:"chan receive" state:running', [1, 7]),
        ("ACKLOOP", [7]),
        ("function=main.main", [1]),
        ("function=main", []),
        ("function:/(ack|read)Loop$/", [7, 8]),
        ("function:main.serve", []),
        ("function:loop function:ack", [7]),
        ("package:pool", [9]),
        ("package=sync", [9]),
        ("wait>=3", [7, 8]),
        ("wait>=4", [8]),
        ("no:wait", [1, 9]),
        ("label:role=ack", [7]),
        ("label:role:/e/", [8]),
        ('label:"shard of"=a/b', [7]),
        ("label:role=ack label:role=reader", [7, 8]),
        ('label:role=reader label:"shard of"=a/b', []),
        ("no:label:role", [1, 9]),
        ("label:absent=x", []),
        ("line:push/session.go", [7, 8]),
        ("line=/srv/push/session.go:41", [7]),
        ("creator=main.serve ackLoop", [7]),
        ("no:creator", [1]),
        ("snapshot:latest wait>=12", [8]),
        ("snapshot:first", [1, 7, 8, 9]),
        ("no:verdict state:running", [1]),
    ],
)
def test_rows_by_hand(dataset: Dataset, text: str, ids: list[int]) -> None:
    assert select(dataset, text)["goroutine_id"].tolist() == ids


def test_ids_of_stack_signature_and_snapshot(dataset: Dataset) -> None:
    row = dataset.goroutines.iloc[1]
    for text in (f"stack:{row['stack_id']}", f"signature:{row['signature']}", f"snapshot:{row['snapshot_id']} ack"):
        assert select(dataset, text)["goroutine_id"].tolist() == [7]


def test_the_columns_and_the_argument_stay(dataset: Dataset) -> None:
    before = dataset.goroutines.copy()
    found = select(dataset, "wait>=3")
    assert found.dtypes.equals(dataset.goroutines.dtypes)
    assert found.equals(dataset.goroutines.loc[found.index])
    pd.testing.assert_frame_equal(dataset.goroutines, before)


def test_the_latest_snapshot_of_the_incident(leak: Dataset) -> None:
    found = select(leak, "snapshot:latest ackLoop")
    assert len(found) == 154
    assert set(found["snapshot_id"]) == set(latest(leak).snapshots["snapshot_id"])
    assert len(select(leak, "snapshot:first ackLoop")) == 29


def test_a_verdict_finds_the_goroutines_of_its_groups(leak: Dataset) -> None:
    judged = suspects(leak)
    proven = set(judged.loc[judged["verdict"] == "proven", "stack_id"])
    found = select(leak, "verdict:proven")
    assert set(found["stack_id"]) == proven
    assert len(found) == leak.goroutines["stack_id"].isin(proven).sum()
    assert set(select(leak, "snapshot:latest verdict:proven")["user_function"]) == {"main.(*session).ackLoop"}


def test_the_first_verdict_of_a_stack_counts() -> None:
    judged = pd.DataFrame({"stack_id": ["a", "b", "a"], "verdict": ["strong", "weak", "weak"]})
    assert verdict_of_stacks(judged) == {"a": "strong", "b": "weak"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("snapshot:yesterday", "'yesterday', which is not there; there are latest, first, "),
        ("verdict:guilty", "'guilty'; there are proven, strong"),
    ],
)
def test_what_does_not_exist_is_said(dataset: Dataset, text: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        select(dataset, text)


def test_no_goroutines(dataset: Dataset) -> None:
    empty = dataset.with_goroutines(dataset.goroutines.iloc[:0])
    for text in ("", "ackLoop wait>=3", "label:role=ack no:state verdict:strong snapshot:latest"):
        assert matching(empty, parse_filter(text)).shape == (0,)
