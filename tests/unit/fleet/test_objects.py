"""Objects: what an address names, what tells about them, and that nobody sees a secret."""

import gzip
import io
import os
import pickle
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pytest

from gostack_nb.errors import UnreachableError
from gostack_nb.fleet.addresses import shown_address
from gostack_nb.fleet.counting import count_file, count_files
from gostack_nb.fleet.objects import list_objects, open_object
from gostack_nb.fleet.places import Place, places_of
from gostack_nb.fleet.stores import Store
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.blob import Blob

DUMP = b"goroutine 7 [chan receive]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n"
SIDECAR = b'{"captured_at": "2026-11-23T09:00:00Z", "service": "push", "instance": "i-1"}'
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECRET = "wJalr-SECRET"  # noqa: S105 - of nobody


@pytest.fixture
def memory() -> Iterator[Any]:
    """Give the file system in memory, empty."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def put(system: Any, *names: str, data: bytes = DUMP) -> None:
    for name in names:
        system.pipe(name, SIDECAR if name.endswith(".json") else data)


def listed(text: str) -> list[str]:
    places = list(list_objects(text, {}))
    assert all(isinstance(place, Place) for place in places)
    return [str(place.address) for place in places if isinstance(place, Place)]


def place(text: str) -> Place:
    (found,) = list_objects(text, {})
    assert isinstance(found, Place)
    return found


def opened(text: str) -> list[Blob]:
    return [blob for blob in open_object(place(text)) if isinstance(blob, Blob)]


def refusal(text: str, **options: Any) -> str:
    with pytest.raises(UnreachableError) as caught:
        list(list_objects(text, options))
    return str(caught.value)


def test_a_folder_is_listed_in_natural_order_without_what_is_no_dump(memory: Any) -> None:
    put(memory, "/d/10.txt", "/d/2.txt", "/d/eu/1.pb.gz")
    put(memory, "/d/.hidden/1.txt", "/d/.env", "/d/main.go", "/d/p.PNG", "/d/t.parquet", "/other/1.txt")
    put(memory, "/d/series.json", "/d/2.txt.json", "/d/eu/1.pb.json", "/d/eu/lone.json", "/d/recording.json.txt")
    wanted = ["2.txt", "10.txt", "eu/1.pb.gz", "eu/lone.json", "recording.json.txt"]
    for root in ("memory://d", "memory:///d", "memory://d/"):
        assert listed(root) == [f"{root.rstrip('/')}/{name}" for name in wanted]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.txt", ["1.txt"]),
        ("*/*.txt", ["eu/1.txt", "us/2.txt"]),
        ("**/*.txt", ["1.txt", "eu/1.txt", "eu/b7/3.txt", "us/2.txt"]),
        ("e*", ["eu/1.txt", "eu/b7/3.txt"]),
        ("*/b7", ["eu/b7/3.txt"]),
        ("?.txt", ["1.txt"]),
        ("[ax]u/*", []),
        ("[ue][us]/*.txt", ["eu/1.txt", "us/2.txt"]),
    ],
)
def test_patterns_match_files_and_folders(memory: Any, pattern: str, names: list[str]) -> None:
    put(memory, "/d/1.txt", "/d/eu/1.txt", "/d/eu/b7/3.txt", "/d/us/2.txt", "/d/us/.x.txt")
    if names:
        assert listed(f"memory://d/{pattern}") == [f"memory://d/{name}" for name in names]
    else:
        assert "nothing there that may be a dump (5 objects seen)" in refusal(f"memory://d/{pattern}")


def test_names_may_hold_what_means_something_elsewhere(memory: Any) -> None:
    names = ["a#b.txt", "a[1].txt", "a?b=c.txt", "a b\u2028c.txt", "100%41.txt", "a;b,c.txt", "-rf", "a\\b.txt", "~"]
    put(memory, *(f"/d/{name}" for name in names), "/d/a1.txt")
    assert set(listed("memory://d")) == {f"memory://d/{name}" for name in [*names, "a1.txt"]}
    assert listed("memory://d/a[1].txt") == ["memory://d/a[1].txt"], "an object of that very name goes first"
    counts = count_files(found for found in places_of("memory://d") if isinstance(found, Place))
    assert len(counts.dumps()) == len(names) + 1
    assert not len(counts.problems())
    assert "memory://d/a b\\u2028c.txt" in set(counts.dumps()["source"])


@pytest.mark.usefixtures("memory")
def test_a_name_in_a_bucket_leads_nowhere_else(tmp_path: Path) -> None:
    """`::` chains file systems for fsspec: an object of such a name must not open a file of this machine."""
    (tmp_path / "secret.txt").write_bytes(DUMP)
    hostile = f"memory://d/x::file://{tmp_path}/secret.txt"
    assert refusal(hostile).endswith("chained addresses are not read. Hint: name the archive itself, it is unpacked")
    counts = count_file(Place(hostile))
    assert not len(counts.dumps())
    assert "no such bucket, folder or object" in counts.problems()["reason"].iloc[0]


def test_labels_are_named_by_the_address(memory: Any) -> None:
    put(memory, "/d/eu/7/i-1.txt", "/d/us/8/i-2.txt")
    found = list(places_of("memory://d/{zone}/{build}/{instance}.txt"))
    assert all(isinstance(one, Place) for one in found)
    told = [(one.instance, dict(one.labels)) for one in found if isinstance(one, Place)]
    assert told == [("i-1", {"zone": "eu", "build": "7"}), ("i-2", {"zone": "us", "build": "8"})]


@pytest.mark.parametrize("text", ["memory://d", "memory://d/*.gz", "memory://d/1.txt.gz"])
def test_a_sidecar_tells_of_its_dump(memory: Any, text: str) -> None:
    put(memory, "/d/1.txt.json", "/d/series.json", "/d/2.json")
    put(memory, "/d/1.txt.gz", data=gzip.compress(DUMP, mtime=0))
    found = next(one for one in list_objects(text, {}) if isinstance(one, Place))
    assert found.beside == ("1.txt.json", "series.json")
    assert found.series == "memory://d"
    assert found.size_bytes == memory.size("/d/1.txt.gz")
    (blob,) = open_object(found)
    assert isinstance(blob, Blob)
    assert (blob.service, blob.instance, blob.captured_at_from) == ("push", "i-1", "sidecar")
    assert blob.captured_at == AT
    assert blob.data == DUMP


def test_nothing_is_read_that_was_not_listed(memory: Any) -> None:
    put(memory, "/d/1.txt")
    found = place("memory://d/1.txt")
    put(memory, "/d/1.txt.json")
    (blob,) = open_object(found)
    assert isinstance(blob, Blob)
    assert (blob.service, blob.captured_at_from) == (None, "file time")
    assert blob.captured_at == memory.modified("/d/1.txt")


def test_a_sidecar_that_is_gone_is_a_problem_not_another_number(memory: Any) -> None:
    put(memory, "/d/1.txt", "/d/1.txt.json")
    found = place("memory://d/1.txt")
    memory.rm("/d/1.txt.json")
    counts = count_file(found)
    assert not len(counts.dumps())
    assert "memory://d/1.txt.json: no such bucket, folder or object" in counts.problems()["reason"].iloc[0]


def test_a_time_in_the_name_goes_before_that_of_the_object(memory: Any) -> None:
    put(memory, "/d/20261123T091045Z.txt")
    assert opened("memory://d/20261123T091045Z.txt")[0].captured_at_from == "file name"


def test_archives_are_unpacked(memory: Any) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("a/1.txt", "a/2.txt"):
            info = tarfile.TarInfo(name)
            info.size = len(DUMP)
            archive.addfile(info, io.BytesIO(DUMP))
    put(memory, "/d/i.tar.gz", data=packed.getvalue())
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive_of_zip:
        archive_of_zip.writestr("b/1.txt", DUMP)
    put(memory, "/d/i.zip", data=zipped.getvalue())
    assert [blob.source for blob in opened("memory://d/i.tar.gz")] == [
        f"memory://d/i.tar.gz!a/{name}.txt" for name in (1, 2)
    ]
    assert [blob.source for blob in opened("memory://d/i.zip")] == ["memory://d/i.zip!b/1.txt"]


def test_a_recording_is_read_through_its_raw_files(memory: Any, tmp_path: Path) -> None:
    recording = Recording.open(tmp_path / "rec", create=True)
    for second in range(3):
        recording.add(DUMP * (second + 1), service="push", instance="i-1", captured_at=AT.replace(second=second))
    for path in recording.path.rglob("*"):
        if path.is_file():
            memory.pipe(f"/b/rec/{path.relative_to(recording.path).as_posix()}", path.read_bytes())
    put(memory, "/b/rec/notes.json", "/b/rec/raw/orphan.json", "/b/1.txt")
    found = listed("memory://b")
    assert len(found) == 3 + 1
    assert all(one.startswith("memory://b/rec/raw/") and one.endswith(".gz") for one in found if "rec" in one)
    there = count_files(one for one in places_of("memory://b/rec") if isinstance(one, Place))
    here = count_files(one for one in places_of(str(recording.path)) if isinstance(one, Place))
    assert there.dumps()["snapshot_id"].tolist() == here.dumps()["snapshot_id"].tolist()
    assert there.cells().equals(here.cells())
    assert not len(there.problems())


def test_files_of_this_machine_too(tmp_path: Path) -> None:
    (tmp_path / "eu").mkdir()
    (tmp_path / "eu" / "1.txt").write_bytes(DUMP)
    os.utime(tmp_path / "eu" / "1.txt", (1_795_424_023, 1_795_424_023))
    (tmp_path / "2.txt").symlink_to(tmp_path / "eu" / "1.txt")
    (tmp_path / "3.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "4.txt")
    root = f"file://{tmp_path}"
    assert listed(root) == [f"{root}/2.txt", f"{root}/eu/1.txt"]
    counts = count_file(place(f"{root}/eu/1.txt"))
    assert counts.dumps()["source"].tolist() == [f"{root}/eu/1.txt"]
    assert counts.dumps()["captured_at"].iloc[0] == datetime.fromtimestamp(1_795_424_023, UTC)


def test_a_listing_is_always_new(memory: Any) -> None:
    put(memory, "/d/1.txt")
    assert len(listed("memory://d")) == 1
    put(memory, "/d/2.txt")
    assert len(listed("memory://d")) == 2


def test_an_object_that_is_gone_is_a_problem(memory: Any) -> None:
    put(memory, "/d/1.txt")
    found = place("memory://d/1.txt")
    memory.rm("/d/1.txt")
    problem = count_file(found).problems().iloc[0]
    assert problem["source"] == "memory://d/1.txt"
    assert problem["reason"].startswith("no such bucket, folder or object")


def test_an_object_that_ends_early_is_a_problem(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(memory, "/d/1.txt")
    kind = type(memory.store["/d/1.txt"])
    monkeypatch.setattr(kind, "read", lambda self, size=-1: io.BytesIO.read(self, min(size, 20)))
    assert count_file(place("memory://d/1.txt")).problems()["reason"].tolist() == [
        f"ended after 20 of {len(DUMP)} bytes. Hint: sweep again"
    ]


def test_what_cannot_be_listed_is_said_in_words(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(memory, "/d/p.png")
    assert refusal("memory://d").startswith("memory://d: nothing there that may be a dump (1 objects seen). Hint: ")
    assert refusal("memory://d/a**").startswith("memory://d/a**: not a pattern (")
    assert refusal("zz://d") == "zz://d: zz:// is not known to fsspec. Hint: s3://, gs://, abfs://, file:// ..."
    for scheme in ("s3", "gs"):  # loaded by another test
        monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, scheme, raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    assert refusal("s3://bucket/d") == (
        's3://bucket/d: s3:// needs the package s3fs here and on every worker. Hint: pip install "gostack-nb[s3]"'
    )
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    assert refusal("gs://bucket/d").endswith('Hint: pip install "gcsfs"')


@pytest.mark.parametrize("scheme", ["s3", "memory"])
def test_without_fsspec_the_extra_is_named(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "fsspec"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert refusal(f"{scheme}://bucket").endswith(
        {"s3": 'pip install "gostack-nb[s3]"', "memory": 'pip install "fsspec"'}[scheme]
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError("The key AKIA-1 is refused"), r"access is refused (The key *** is refused)"),
        (PermissionError(), "access is refused (no reason is given)"),
        (FileNotFoundError("nobucket"), "no such bucket, folder or object"),
        (OSError(f"bad signature of {SECRET}"), "cannot be read (bad signature of ***)"),
        (ValueError(f"https://me:{SECRET}@host/?sig=abc&x=1"), "(ValueError: https://host/?sig=***&x=1)"),
        (RuntimeError("a\n\tb"), "cannot be read (RuntimeError: a b)"),
    ],
)
def test_no_refusal_shows_a_secret(memory: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(type(memory), "find", refuse)
    options = {"key": "AKIA-1", "client_kwargs": {"aws_secret_access_key": SECRET}, "endpoint_url": "http://host"}
    text = refusal("memory://d", **options)
    assert words in text
    assert SECRET not in text
    assert "AKIA-1" not in text


def test_a_place_shows_no_secret_and_can_be_sent() -> None:
    sent = pickle.loads(pickle.dumps(Place(f"ftp://me:{SECRET}@host/d/1.txt", options={"secret": SECRET})))  # noqa: S301
    assert sent.options == {"secret": SECRET}
    assert SECRET not in repr(sent)
    assert repr(sent) == "Place('ftp://host/d/1.txt', service=None, instance=None)"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://bucket/a#1.txt", "s3://bucket/a#1.txt"),
        ("s3://bucket/me@home/1.txt", "s3://bucket/me@home/1.txt"),
        ("file:///srv/1.txt", "file:///srv/1.txt"),
        ("memory://", "memory://"),
        ("ftp://me:p@ss@host/1.txt", "ftp://host/1.txt"),
        ("sftp://token@host/1.txt", "sftp://host/1.txt"),
        ("abfs://c@acc.dfs.core.windows.net/1.txt", "abfs://c@acc.dfs.core.windows.net/1.txt"),
        ("abfs://c:key@acc/1.txt", "abfs://acc/1.txt"),
        ("az://c/1.txt?sv=1&sig=abc", "az://c/1.txt?sv=1&sig=***"),
        ("s3://bucket/a\nb", "s3://bucket/a\\nb"),
        ("http://me:pw@host:6060/debug", "http://host:6060/debug"),
        ("dumps/1.txt", "dumps/1.txt"),
    ],
)
def test_addresses_are_shown_without_what_opens_doors(address: str, shown: str) -> None:
    assert shown_address(address) == shown


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ({"LastModified": AT}, AT),
        ({"last_modified": datetime(2026, 11, 23, 9)}, AT),  # noqa: DTZ001
        ({"updated": "2026-11-23T09:00:00.000Z"}, AT),
        ({"mtime": 1795424400.0}, AT),
        ({}, None),
    ],
)
def test_stores_name_the_time_of_an_object_in_many_ways(told: dict[str, object], at: datetime | None) -> None:
    class System:
        def info(self, _: str) -> dict[str, object]:
            return told

        def modified(self, _: str) -> datetime:
            raise NotImplementedError

    assert Store(System(), "a", "x://a", {}).modified_at() == at
