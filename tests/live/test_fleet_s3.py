"""Dumps in a bucket, on a server that speaks S3: the counts of local files, and refusals in words."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest
import s3fs

from gostack_nb.errors import UnreachableError
from gostack_nb.fleet.cluster import connect
from gostack_nb.fleet.counting import count_files
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.objects import list_objects
from gostack_nb.fleet.places import Place, places_of
from gostack_nb.fleet.running import count_all
from gostack_nb.recording.recording import Recording
from gostack_nb.reports.bundled import bundled
from tests.live.dask_processes import cluster
from tests.live.waiting import PATIENCE_SECONDS, eventually

pytestmark = [
    pytest.mark.live,
    # botocore itself calls it; the warning is for the authors of botocore
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning:botocore"),
]

BUCKET = "dumps-of-push"
REGION = "eu-central-1"
SETTING_UP = 3
"""Requests that need no key: to make a user, its key, and what it may do."""

POLICY = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"""
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Storage:
    """A server, and what opens it."""

    endpoint: str
    key: str
    secret: str

    def options(self, **others: Any) -> dict[str, Any]:
        """Return what fsspec needs."""
        told = {"key": self.key, "secret": self.secret, "endpoint_url": self.endpoint}
        return {**told, "client_kwargs": {"region_name": REGION}, **others}

    def system(self) -> Any:
        return s3fs.S3FileSystem(**self.options())


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    log = folder / "server.log"
    environment = {"INITIAL_NO_AUTH_ACTION_COUNT": str(SETTING_UP), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        with subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=folder) as process:
            try:
                found = eventually(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()), lambda one: one)
                assert found is not None
                yield found[0]
            finally:
                process.kill()


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Start a server that knows one user, whose keys were never anybody's."""
    with serving(tmp_path_factory.mktemp("storage")) as endpoint:
        nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody", "region_name": REGION}
        users = boto3.client("iam", endpoint_url=endpoint, **nobody)
        users.create_user(UserName="sweeper")
        made = users.create_access_key(UserName="sweeper")["AccessKey"]
        users.put_user_policy(UserName="sweeper", PolicyName="all", PolicyDocument=POLICY)
        users.close()
        yield Storage(endpoint, made["AccessKeyId"], made["SecretAccessKey"])


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write what is put into the bucket: the recorded incident, dumps by zone, a recording, a name as a trap."""
    folder = tmp_path_factory.mktemp("local")
    series = bundled("push-incident") / "leak"
    (folder / "leak").mkdir()
    for path in sorted(series.iterdir())[:12]:
        (folder / "leak" / path.name).write_bytes(path.read_bytes())
    (folder / "leak" / "series.json").write_bytes((series / "series.json").read_bytes())
    for number in range(12):
        path = folder / "zones" / f"z{number % 3}" / f"i-{number} #1?.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"goroutine {number + 1} [select]:\nmain.f{number % 5}()\n\t/srv/main.go:9 +0x1d\n")
        path.with_name(f"{path.name}.json").write_text('{"captured_at": "2026-11-23T09:00:00Z", "service": "push"}')
    (folder / "zones" / "z0" / "broken.txt").write_text("no dump")
    (folder / "zones" / "z0" / "main.go").write_text("package main")
    recording = Recording.open(folder / "recording", create=True)
    for second in range(3):
        text = f"goroutine {second + 1} [chan receive]:\nmain.g()\n\t/srv/main.go:9 +0x1d\n"
        recording.add(text.encode(), service="push", instance="i-r", captured_at=AT.replace(second=second))
    return folder


@pytest.fixture(scope="module")
def bucket(storage: Storage, local: Path) -> str:
    system = storage.system()
    system.mkdir(BUCKET)
    for path in local.rglob("*"):
        if path.is_file():
            system.pipe_file(f"{BUCKET}/{path.relative_to(local).as_posix()}", path.read_bytes())
    return f"s3://{BUCKET}"


def places(text: str, options: dict[str, Any] | None = None) -> list[Place]:
    found = list(places_of(text, options))
    assert all(isinstance(place, Place) for place in found), found
    return [place for place in found if isinstance(place, Place)]


def comparable(counts: Counts) -> list[pd.DataFrame]:
    """Return what must be equal: where a dump lies, and when that was written, are of the storage."""
    dumps = counts.dumps()
    told = dumps["captured_at"].where(dumps["captured_at_from"] != "file time")
    names = dumps["instance"].astype(object).str.rpartition("/")[2]
    named = dumps.assign(captured_at=told, instance=names).drop(columns=["source", "snapshot_id", "labels"])
    columns = ["service", "instance", "captured_at", "form", "goroutine_count", "size_bytes"]
    cells = counts.cells().drop(columns="snapshot_id")
    return [
        named.astype(object).sort_values(columns).reset_index(drop=True),
        cells.astype(object).sort_values([*cells], na_position="first").reset_index(drop=True),
        counts.places(),
        counts.stacks(),
        counts.problems()[["reason", "service"]],
    ]


def assert_equal(one: Counts, other: Counts) -> None:
    for table, expected in zip(comparable(one), comparable(other), strict=True):
        pd.testing.assert_frame_equal(table, expected)


def ignore(_: int) -> None:
    """Show no progress."""


@pytest.mark.parametrize("text", ["", "/leak", "/leak/*.txt", "/zones", "/zones/*/*.txt", "/recording", "/**/*.gz"])
def test_a_bucket_counts_as_its_files_do(text: str, storage: Storage, bucket: str, local: Path) -> None:
    there = count_files(places(bucket + text, storage.options()))
    here = count_files(places(f"{local}{text}"))
    assert len(there.dumps()) > 0
    assert_equal(there, here)
    assert there.dumps()["source"].astype(object).str.startswith(bucket).all()


def test_one_object_and_labels(storage: Storage, bucket: str) -> None:
    (one,) = places(f"{bucket}/zones/z1/i-1 #1?.txt", storage.options())
    assert one.beside == ("i-1 #1?.txt.json",)
    named = places(f"{bucket}/zones/{{zone}}/{{instance}} #1?.txt", storage.options())
    assert {(place.labels["zone"], place.instance) for place in named} == {(f"z{n % 3}", f"i-{n}") for n in range(12)}
    counts = count_files([one])
    assert counts.dumps()[["service", "captured_at_from"]].iloc[0].tolist() == ["push", "sidecar"]


def test_workers_read_the_bucket(storage: Storage, bucket: str, tmp_path: Path) -> None:
    found = places(bucket, storage.options())
    here = count_all(found, None, ignore)
    with cluster(tmp_path, "a", "b") as started, closing(connect(started.address)) as client:
        client.wait_for_workers(2, timeout=PATIENCE_SECONDS)
        there = count_all(found, client, ignore)
    for table in (Counts.dumps, Counts.cells, Counts.places, Counts.stacks, Counts.problems):
        pd.testing.assert_frame_equal(table(there), table(here))
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert storage.secret not in logs


def refusal(text: str, options: dict[str, Any]) -> str:
    with pytest.raises(UnreachableError) as caught:
        list(list_objects(text, options))
    return str(caught.value)


def test_what_is_not_there_or_refused_is_said_without_keys(storage: Storage, bucket: str) -> None:
    said = refusal("s3://no-such-bucket-here/d", storage.options())
    assert said.startswith("s3://no-such-bucket-here/d: no such bucket, folder or object. Hint: ")
    said = refusal(f"{bucket}/nowhere", storage.options())
    assert said.startswith(f"{bucket}/nowhere: nothing there that may be a dump (0 objects seen). Hint: ")
    for wrong in ({"key": "AKIAWRONG"}, {"secret": "wrong-secret"}):
        said = refusal(bucket, storage.options(**wrong))
        assert said.startswith(f"{bucket}: access is refused ("), said
        assert not {storage.key, storage.secret, *wrong.values()} & set(re.split(r"[\s()\"',]", said))
        assert storage.secret not in said


def test_keys_that_are_refused_on_a_worker_are_a_problem(storage: Storage, bucket: str) -> None:
    found = places(f"{bucket}/zones/z1", storage.options())
    wrong = [Place(place.address, options=storage.options(key="AKIAWRONG")) for place in found]
    problems = count_files(wrong).problems()
    assert len(problems) == len(found)
    assert problems["reason"].astype(object).str.startswith("access is refused (").all()


def test_a_storage_that_does_not_answer_is_said(storage: Storage) -> None:
    quick = {"connect_timeout": 1, "retries": {"max_attempts": 0}}
    options = storage.options(endpoint_url="http://127.0.0.1:9", config_kwargs=quick)
    said = refusal(f"s3://{BUCKET}/d", options)
    assert said.startswith(f"s3://{BUCKET}/d: cannot be read (")
    assert storage.secret not in said
