"""A sweep on a real Dask cluster: the same counts to the last one, whatever happens to workers and files."""

import asyncio
import gzip
import io
import os
import shutil
import signal
import socket
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import dask
import pandas as pd
import psutil
import pytest
import trustme
from distributed import Client

from gostack_nb.errors import ArgumentError, FleetError
from gostack_nb.fleet import cluster_tasks
from gostack_nb.fleet import running as fleet_running
from gostack_nb.fleet.cluster import connect
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.places import Place, places_of
from gostack_nb.fleet.running import count_all
from gostack_nb.fleet.versions import differences
from gostack_nb.recording.recording import Recording
from gostack_nb.reports.bundled import bundled
from tests.live.dask_processes import Cluster, cluster
from tests.live.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.live

TABLES: tuple[Callable[[Counts], pd.DataFrame], ...] = (
    Counts.dumps,
    Counts.cells,
    Counts.places,
    Counts.stacks,
    Counts.problems,
)
FILES = 240
IN_EACH = 25
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)

POISON = """
import os
from gostack_nb.fleet import counting
from gostack_nb.sources.opening import open_sources

def open_or_die(source):
    if str(source).endswith("poison.txt"):
        os._exit(1)
    return open_sources(source)

counting.open_sources = open_or_die
"""
"""Given to workers before they start: this file ends them, as one does that takes more memory than there is."""

WITHOUT_US = """
import importlib.metadata

found = importlib.metadata.version

def version(name):
    if name == "gostack-nb":
        raise importlib.metadata.PackageNotFoundError(name)
    return found(name)

importlib.metadata.version = version
"""


def dump(number: int, goroutines: int = IN_EACH, frames: int = 2) -> str:
    def stack(which: int) -> str:
        return "".join(f"main.f{which % 400}_{n}()\n\t/srv/main.go:{which + n + 1} +0x1d\n" for n in range(frames))

    return "".join(
        f"goroutine {n + 1} [chan receive, {n + 1} minutes]:\n{stack(number * 7 + n)}\n" for n in range(goroutines)
    )


def tar_of(texts: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in texts.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


def write_fleet(folder: Path) -> list[str]:
    """Write the dumps of a fleet: files, broken ones, archives, the recorded incident, a recording."""
    dumps = folder / "dumps"
    for number in range(FILES):
        path = dumps / f"zone-{number % 3}" / f"b{number % 2}" / f"i-{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(number))
    broken = folder / "broken"
    broken.mkdir()
    (broken / "no-dump.txt").write_text("<html>not found</html>")
    (broken / "empty.txt").touch()
    (broken / "cut.txt.gz").write_bytes(gzip.compress(dump(1, 500).encode(), mtime=0)[:-300])
    (broken / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    (broken / "twice.txt").write_text(dump(3) + dump(3))
    (broken / "hosts.tar.gz").write_bytes(tar_of({f"host-{n}/1.txt": dump(n) for n in range(20)}))
    with zipfile.ZipFile(broken / "hosts.zip", "w") as archive:
        for number in range(20):
            archive.writestr(f"host-{number}.txt", dump(number + 100))
    recording = Recording.open(folder / "recording", create=True)
    for second in range(5):
        recording.add(dump(second).encode(), service="push", instance="i-r", captured_at=AT.replace(second=second))
    shutil.copytree(bundled("push-incident") / "leak", folder / "incident")
    patterns = ["dumps/{zone}/{build}/{instance}.txt", "broken", "recording", "incident"]
    return [f"{folder}/{pattern}" for pattern in patterns]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[Place]:
    found = list(places_of(write_fleet(tmp_path_factory.mktemp("fleet"))))
    places = [place for place in found if isinstance(place, Place)]
    assert len(places) == len(found) > FILES
    return places


@pytest.fixture(scope="module")
def here(places: list[Place]) -> Counts:
    """Count in this process: what every other place must come to."""
    counts = count_all(places, None, ignore)
    assert counts.cells()["count"].sum() > 5_000
    assert counts.problems()["source"].nunique() >= 4
    return counts


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), "a", "b") as started:
        yield started


@pytest.fixture
def client(running: Cluster) -> Iterator[Client]:
    with closing(connected(running, 2)) as client:
        yield client


def connected(started: Cluster, workers: int) -> Client:
    client = connect(started.address)
    client.wait_for_workers(workers, timeout=PATIENCE_SECONDS)
    return client


def ignore(_: int) -> None:
    """Show no progress."""


def assert_equal(one: Counts, other: Counts) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(table(one), table(other))


def listening(*pids: int) -> set[str]:
    connections = [one for pid in pids for one in psutil.Process(pid).net_connections("inet")]
    return {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}


def test_counts_are_equal_here_in_a_pool_and_on_a_cluster(places: list[Place], here: Counts, client: Client) -> None:
    done: list[int] = []
    assert_equal(here, count_all(places, client, done.append))
    assert sum(done) == len(places)
    assert len(done) > 2
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert_equal(here, count_all(places, pool, ignore))


def test_nothing_listens_outside_the_loopback(running: Cluster, places: list[Place]) -> None:
    before = listening(os.getpid())
    with closing(connected(running, 2)) as client:
        count_all(places[:10], client, ignore)
        assert listening(os.getpid()) == before, "a client listens nowhere"
    assert listening(*running.pids()) == {"127.0.0.1"}


def test_a_cluster_without_places(client: Client) -> None:
    assert_equal(count_all([], client, ignore), Counts())


def test_ctrl_c_ends_the_tasks(places: list[Place], client: Client) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    def tasks(dask_scheduler: Any) -> int:
        return len(dask_scheduler.tasks)

    with pytest.raises(KeyboardInterrupt):
        count_all(places, client, interrupt)
    eventually(lambda: client.run_on_scheduler(tasks), lambda number: number == 0)


def test_tasks_that_somebody_cancels_are_an_error(places: list[Place], client: Client) -> None:
    def restart(_: int) -> None:
        client.cancel([*client.futures.values()] and [_future(client, key) for key in client.futures])

    with pytest.raises(FleetError, match=r"^the tasks were cancelled, .* Hint: sweep again$"):
        count_all(places, client, restart)


def _future(client: Client, key: Any) -> Any:
    from distributed import Future  # noqa: PLC0415

    return Future(key, client)


def test_a_closed_client_is_an_error(running: Cluster, places: list[Place]) -> None:
    client = connect(running.address)
    client.close()
    with pytest.raises(FleetError, match=r"^the client is closed\. Hint: make a new one with Client\(address\)$"):
        count_all(places, client, ignore)


def test_a_worker_that_is_killed_costs_nothing_but_time(
    places: list[Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its results are counted again; then the scheduler is killed too, and that is said."""
    monkeypatch.setattr(fleet_running, "BATCH_PLACES", 12)
    expected = count_all(places, None, ignore)
    with cluster(tmp_path, "a", "b") as started, closing(connected(started, 2)) as client:
        addresses = {info["name"]: address for address, info in client.scheduler_info(-1)["workers"].items()}
        killed: list[int] = []

        def kill(_: int) -> None:
            """Wait until worker a has a result and works on another batch, while more wait."""
            holds, works = client.has_what(), client.processing()
            if not killed and holds[addresses["a"]] and works[addresses["a"]]:
                started.processes["a"].send_signal(signal.SIGKILL)
                started.processes["a"].wait(PATIENCE_SECONDS)
                killed.append(sum(map(len, works.values())))

        assert_equal(expected, count_all(places, client, kill))
        assert killed and killed[0] > 1
        assert list(client.nthreads()) == [addresses["b"]]

        def lose(_: int) -> None:
            os.kill(started.processes["scheduler"].pid, signal.SIGKILL)

        with pytest.raises(FleetError, match=r"^the scheduler is lost\. Hint: "):
            count_all(places, client, lose)


def test_a_file_that_kills_workers_is_one_problem(places: list[Place], tmp_path: Path) -> None:
    (tmp_path / "poison.py").write_text(POISON)
    (tmp_path / "poison.txt").write_text(dump(1))
    poison = Place(str(tmp_path / "poison.txt"), service="push", instance="i-p")
    few = places[:60]
    expected = count_all(few, None, ignore)
    environment = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    options = ("--nanny", "--preload", str(tmp_path / "poison.py"))
    with (
        cluster(tmp_path, "a", "b", options=options, environment=environment) as started,
        closing(connected(started, 2)) as client,
    ):
        counts = count_all([*few, poison], client, ignore)
    assert counts.problems()["source"].tolist() == [poison.source], counts.problems()["reason"].tolist()
    for table in TABLES[:-1]:
        pd.testing.assert_frame_equal(table(counts), table(expected))
    (problem,) = counts.problems().to_dict("records")
    assert problem == {
        "source": poison.source,
        "service": "push",
        "instance": "i-p",
        "reason": "was not counted: 2 workers ended while it was theirs: too little memory, or a file that breaks the "
        "reader. Hint: more memory per worker",
    }


def test_results_beyond_the_memory_of_workers_are_spilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nannies hold the workers to their limit; what results may take of it is less than what comes."""
    limit, share = 800 << 20, 0.0005
    (tmp_path / "dumps").mkdir()
    for number in range(12):
        (tmp_path / "dumps" / f"{number}.txt").write_text(dump(number * 60, 400, frames=8))
    places = [place for place in places_of(str(tmp_path / "dumps")) if isinstance(place, Place)]
    expected = count_all(places, None, ignore)
    monkeypatch.setattr(fleet_running, "BATCH_PLACES", 1)

    def written(dask_worker: Any) -> int:
        return int(dask_worker.data.cumulative_metrics["disk-write", "bytes"])

    environment = {"DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": str(share)}
    options = ("--nanny", "--memory-limit", str(limit))
    with (
        cluster(tmp_path, "a", "b", options=options, environment=environment) as started,
        closing(connected(started, 2)) as client,
    ):
        limits = client.run(lambda dask_worker: dask_worker.memory_manager.memory_limit)
        assert set(limits.values()) == {limit}
        assert_equal(expected, count_all(places, client, ignore))
        assert sum(client.run(written).values()) > 0
    assert sys.getsizeof(expected) > 2 * share * limit


def test_other_versions_on_the_cluster_are_said(places: list[Place], tmp_path: Path) -> None:
    without = tmp_path / "without"
    without.mkdir()
    (without / "sitecustomize.py").write_text(WITHOUT_US)
    other = tmp_path / "other" / "gostack_nb-9.9.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: gostack-nb\nVersion: 9.9.9\n")
    environment, of_workers = {"PYTHONPATH": str(without)}, {"PYTHONPATH": str(other.parent)}
    with (
        cluster(tmp_path, "a", environment=environment, of_workers=of_workers) as started,
        closing(connected(started, 1)) as client,
    ):
        (worker,) = client.nthreads()
        with pytest.raises(FleetError) as caught:
            count_all(places, client, ignore)
    said = str(caught.value)
    assert said.startswith("the cluster runs other code than this process: the scheduler has no gostack-nb (")
    assert f"; {worker} has gostack-nb 9.9.9 (" in said
    assert said.endswith(
        'Hint: pip install the same versions of "gostack-nb[cluster]" on the scheduler and on every worker'
    )


def test_a_cluster_without_workers_is_said(
    places: list[Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_tasks, "PATIENCE_SECONDS", 1.0)
    said = pytest.raises(FleetError, match=r"^the cluster has no worker, and none came within 1 s\. Hint: ")
    with cluster(tmp_path) as started, closing(connect(started.address)) as client, said:
        count_all(places, client, ignore)


def test_an_encrypted_cluster_wants_certificates(places: list[Place], tmp_path: Path) -> None:
    """An authority, a certificate: everybody has both, and nobody else gets in."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    files = ("--tls-ca-file", str(tmp_path / "ca.pem"), "--tls-cert", str(tmp_path / "own.pem"))
    tls = "distributed.comm.tls"
    own = {f"{tls}.ca-file": str(tmp_path / "ca.pem"), f"{tls}.client.cert": str(tmp_path / "own.pem")}
    with cluster(tmp_path, "a", scheme=(*files, "--protocol", "tls")) as started:
        assert started.address.startswith("tls://127.0.0.1:")
        with pytest.raises(FleetError, match=r": no scheduler answers \(.*One with TLS has tls://host:port$"):
            connect(started.address.replace("tls://", "tcp://"))
        with pytest.raises(FleetError, match=r": no encrypted connection \(.*Hint: a scheduler with TLS wants a cert"):
            connect(started.address)
        with dask.config.set(own), closing(connected(started, 1)) as client:
            assert_equal(count_all(places[:5], client, ignore), count_all(places[:5], None, ignore))


def test_nobody_at_an_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gostack_nb.fleet.cluster.CONNECT_SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FleetError, match=rf"^127\.0\.0\.1:{port}: no scheduler answers \("):
        connect(f"127.0.0.1:{port}")
    for address in ("zz://a", "tls://host", "host", ""):
        with pytest.raises(FleetError, match=rf"^{address}: is no address of a scheduler \(.*Hint: tcp://host:8786$"):
            connect(address)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(FleetError, match=r'a cluster needs Dask\. Hint: pip install "gostack-nb\[cluster\]"$'):
        connect("127.0.0.1:8786")


def test_an_asynchronous_client_is_an_error(places: list[Place], running: Cluster) -> None:
    async def sweep() -> None:
        async with Client(running.address, asynchronous=True, set_as_default=False) as client:
            count_all(places, client, ignore)

    with ThreadPoolExecutor(1) as thread:  # the browser's tests have a loop that runs in this one
        ended = thread.submit(lambda: asyncio.run(sweep()))
        with pytest.raises(ArgumentError, match=r"^the client is asynchronous\. Hint: "):
            ended.result()


def test_nodes_with_the_same_differences_are_told_together() -> None:
    here = {"Python": "3.12.1", "gostack-nb": "0.1.0"}
    same = {"Python": "3.12.9", "gostack-nb": "0.1.0"}
    workers = {f"tcp://w:{number}": {"Python": "3.11.2", "gostack-nb": "none"} for number in range(5)}
    assert differences({"the scheduler": same}, here) == ""
    assert differences({"the scheduler": same, **workers}, here) == (
        "each of tcp://w:0, tcp://w:1, tcp://w:2 and 2 more has Python 3.11.2 (3.12.1 here) and no gostack-nb "
        "(0.1.0 here)"
    )
