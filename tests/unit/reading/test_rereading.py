import gzip
import tarfile
from pathlib import Path

import gostack_nb as gs
from gostack_nb.reading.rereading import read_addresses

DUMP = (
    b"goroutine 7 [sync.Mutex.Lock]:\nsync.(*Mutex).lockSlow(0xc0000a6458)\n\tsync/mutex.go:171 +0x165\n"
    b"main.f(0xc000123450)\n\t/srv/main.go:9 +0x1d\n"
)


def addresses(*sources):
    return read_addresses(gs.read(*sources))


def test_the_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "0.txt"
    path.write_bytes(DUMP)
    table = addresses(path)
    assert table.drop(columns=["snapshot_id", "pointers"]).to_dict("records") == [
        {"goroutine_id": 7, "operation": "lock", "address": 0xC0000A6458}
    ]
    assert table["pointers"][0] == {0xC0000A6458, 0xC000123450}
    assert table["snapshot_id"].tolist() == gs.read(path).snapshots["snapshot_id"].tolist()


def test_archives_and_wrapped_logs_are_opened_again(tmp_path: Path) -> None:
    log = b"".join(b"push-1  | " + line + b"\n" for line in DUMP.splitlines())
    (tmp_path / "log.txt").write_bytes(log)
    (tmp_path / "plain.gz").write_bytes(gzip.compress(DUMP + b"\n"))
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(tmp_path / "log.txt", "log.txt")
    assert addresses(tmp_path / "all.tar")["address"].tolist() == [0xC0000A6458]
    assert addresses(tmp_path / "plain.gz")["address"].tolist() == [0xC0000A6458]


def test_a_changed_file_is_not_taken_for_the_dump(tmp_path: Path) -> None:
    path = tmp_path / "0.txt"
    path.write_bytes(DUMP)
    dataset = gs.read(path)
    path.write_bytes(DUMP.replace(b"a6458", b"a6459"))
    assert read_addresses(dataset).empty
    path.unlink()
    assert read_addresses(dataset).empty


def test_bytes_that_are_gone_give_an_empty_table() -> None:
    table = addresses(DUMP)
    assert table.empty
    assert table.columns.tolist() == ["snapshot_id", "goroutine_id", "operation", "address", "pointers"]


def test_only_dumps_that_can_tell_are_read_again(tmp_path: Path) -> None:
    (tmp_path / "0.txt").write_bytes(DUMP)
    (tmp_path / "1.txt").write_bytes(DUMP.replace(b"sync.Mutex.Lock", b"chan receive"))
    crash = b"SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\n" + DUMP.replace(b"sync.Mutex.Lock", b"chan receive")
    (tmp_path / "2.txt").write_bytes(crash)
    dataset = gs.read(tmp_path)
    assert [name.rpartition("/")[2] for name in dataset.snapshots["source"]] == ["0.txt", "1.txt", "2.txt"]
    known = dataset.snapshots["snapshot_id"].tolist()
    assert read_addresses(dataset)["snapshot_id"].tolist() == [known[0], known[2]]


def test_a_name_may_hold_an_exclamation_mark(tmp_path: Path) -> None:
    folder = tmp_path / "wow!"
    folder.mkdir()
    (folder / "0!.txt").write_bytes(DUMP)
    with tarfile.open(folder / "all!.tar", "w") as archive:
        archive.add(folder / "0!.txt", "in!/0.txt")
    assert addresses(folder / "0!.txt")["address"].tolist() == [0xC0000A6458]
    assert addresses(folder / "all!.tar")["address"].tolist() == [0xC0000A6458]


def test_the_last_of_equal_dumps_keeps_its_addresses(tmp_path: Path) -> None:
    for name in ("0.txt", "1.txt"):
        (tmp_path / name).write_bytes(DUMP)
    for given in ([tmp_path / "0.txt", tmp_path / "1.txt"], [tmp_path / "0.txt", tmp_path / "0.txt"]):
        dataset = gs.read(*given)
        assert read_addresses(dataset)["snapshot_id"].tolist() == dataset.snapshots["snapshot_id"].tolist()[-1:]


def test_two_dumps_in_one_file_are_not_told_apart(tmp_path: Path) -> None:
    (tmp_path / "0.txt").write_bytes(DUMP + b"\n\n" + DUMP)
    dataset = gs.read(tmp_path / "0.txt")
    assert len(dataset.snapshots) == 2
    assert read_addresses(dataset).empty
