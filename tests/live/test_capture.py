"""Captures of real Go programs: the service that leaks, one behind TLS, one at a socket, one with many goroutines."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

import gostack_nb as gs
from gostack_nb.capturing.cuts import GO_CUTS_AT_BYTES
from tests.conftest import Builder
from tests.live.push import CLIENTS, Service, running
from tests.live.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.live

OTHERS = 8
"""Of the push server: five workers, the broadcast, and one that accepts at each of its two ports."""

CONNECTIONS = 8
"""So many goroutines more or less at each moment: of requests that are under way, or whose ends are not noticed yet."""


@pytest.fixture(scope="module")
def leaking(program: Path) -> Iterator[Service]:
    with running(program) as service:
        service.churn(CLIENTS)
        service.churn(CLIENTS)
        yield service


@pytest.fixture(scope="module")
def parked(builder: Builder) -> Path:
    """Build the program whose goroutines wait for ever."""
    return builder.program(Path(__file__).parent / "programs" / "parked")


@contextmanager
def parking(binary: Path, *options: str) -> Iterator[str]:
    """Start it, give its address, and end it by its process id."""
    with subprocess.Popen(
        [str(binary), *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as made:
        try:
            assert made.stdout is not None
            yield made.stdout.readline().strip()
        finally:
            made.kill()


def reasons(dataset: gs.Dataset) -> str:
    return "\n".join(dataset.issues["reason"].astype("str"))


def own_goroutines(dataset: gs.Dataset, snapshot: str) -> int:
    """Count those of the program itself in a snapshot, not those of requests."""
    rows = dataset.goroutines[dataset.goroutines["snapshot_id"] == snapshot]
    return int(rows["user_function"].astype("str").str.startswith("main.").sum())


def test_rounds_of_a_service_that_leaks(leaking: Service, tmp_path: Path) -> None:
    dataset = gs.capture(leaking.admin, every=0.5, count=3, service="push", to=tmp_path / "rec")
    snapshots = dataset.snapshots
    forms = snapshots["form"].astype("str").value_counts().to_dict()
    assert forms == {"debug=0": 3, "debug=1": 3, "debug=2": 3, "goroutineleak debug=1": 1}
    assert len(gs.primary_snapshots(dataset).snapshots) == 3
    assert snapshots["captured_at"].nunique() == 3
    dumps = snapshots[snapshots["form"] != "goroutineleak debug=1"]
    counts = dumps.groupby("captured_at", observed=True)["goroutine_count"]
    assert (counts.max() - counts.min() <= CONNECTIONS).all()
    assert {own_goroutines(dataset, snapshot) for snapshot in dumps["snapshot_id"]} == {5 * CLIENTS + OTHERS}
    assert "go_goroutines" in set(dataset.metrics["name"])
    found = gs.suspects(dataset).iloc[0]
    assert found["verdict"] == "proven"
    assert f"Go's own leak profile marks {2 * CLIENTS} of {3 * CLIENTS}" in found["reasons"][0]
    again = gs.read(tmp_path / "rec")
    assert set(again.snapshots["sha256"]) == set(snapshots["sha256"])


def test_the_command_keeps_everything_when_it_is_interrupted(leaking: Service, tmp_path: Path) -> None:
    arguments = ["capture", leaking.admin, "--every", "0.5s", "--to", "rec"]
    # In the background of a shell that is no terminal SIGINT is ignored from birth, and stays so in children.
    code = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); main({arguments!r})"
    command = [sys.executable, "-u", "-c", f"from gostack_nb.cli import main; {code}"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as made:
        assert made.stdout is not None
        rounds = 0
        while rounds < 2:
            line = made.stdout.readline()
            assert line, "the command ended"
            rounds += "debug=1,0,2" in line
        made.send_signal(signal.SIGINT)
        rest, _ = made.communicate(timeout=PATIENCE_SECONDS)
    assert made.returncode == 0, rest
    assert "interrupted after" in rest
    assert f"{2 * CLIENTS} leaked" in rest
    kept = gs.Recording.open(tmp_path / "rec").read().snapshots["form"].astype("str").value_counts()
    assert kept["debug=2"] >= 2
    assert kept["goroutineleak debug=1"] == 1


def test_two_captures_of_two_services_into_one_recording(leaking: Service, program: Path, tmp_path: Path) -> None:
    with running(program, "-fix") as fixed:
        dataset = gs.capture([leaking.admin, fixed.admin], every=2, count=2, to=tmp_path / "rec")
    moments = gs.primary_snapshots(dataset).snapshots.groupby("instance", observed=True)["captured_at"]
    assert moments.size().tolist() == [2, 2]
    assert moments.min().max() < moments.max().min(), "rounds of all begin together"


def test_through_tls_with_a_client_certificate_and_a_password(parked: Path, tmp_path: Path) -> None:
    authority, strangers = trustme.CA(), trustme.CA()
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "server", "server-key", "client")}
    authority.cert_pem.write_to_path(files["ca"])
    served = authority.issue_cert("127.0.0.1")
    served.private_key_pem.write_to_path(files["server-key"])
    files["server"].write_bytes(b"".join(pem.bytes() for pem in served.cert_chain_pems))
    authority.issue_cert("operator@push.invalid").private_key_and_cert_chain_pem.write_to_path(files["client"])
    strangers.issue_cert("operator@push.invalid").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "stranger.pem"
    )
    options = ("-cert", files["server"], "-key", files["server-key"], "-client-ca", files["ca"])
    with parking(parked, *map(str, options), "-user", "me", "-password", "s3cret-password") as address:
        url = f"https://{address}"
        dataset = gs.capture(url, auth=("me", "s3cret-password"), verify=files["ca"], cert=files["client"])
        assert dataset.snapshots["instance"].unique().tolist() == [address]
        assert len(dataset.snapshots) == 4
        with pytest.raises(gs.UnreachableError, match="certificate is not trusted"):
            gs.capture(url, auth=("me", "s3cret-password"), cert=files["client"])
        with pytest.raises(gs.UnreachableError, match="certificate"):
            gs.capture(url, auth=("me", "s3cret-password"), verify=files["ca"])
        with pytest.raises(gs.UnreachableError, match="certificate"):
            gs.capture(url, auth=("me", "s3cret-password"), verify=files["ca"], cert=tmp_path / "stranger.pem")
        with pytest.raises(gs.UnreachableError, match="wants credentials") as caught:
            gs.capture(url, auth=("me", "wr0ng-password"), verify=files["ca"], cert=files["client"])
        assert "wr0ng" not in str(caught.value)


def test_at_a_unix_socket(parked: Path, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with parking(parked, "-unix", str(path)):
        dataset = gs.capture("http://localhost", unix_socket=path)
    assert dataset.snapshots["instance"].unique().tolist() == [str(path)]
    assert sorted(dataset.snapshots["form"]) == ["debug=0", "debug=1", "debug=2", "goroutineleak debug=1"]


def test_many_goroutines_are_stopped_by_force_alone(parked: Path) -> None:
    with parking(parked, "-count", "25000") as address:
        refused = gs.capture(address, leak="never")
        forced = gs.capture(address, leak="never", force=True)
    assert sorted(refused.snapshots["form"]) == ["debug=0", "debug=1"]
    assert "are above the limit of 20,000; it is likely to stop the service for about 0.6 s in all" in reasons(refused)
    assert sorted(forced.snapshots["form"]) == ["debug=0", "debug=1", "debug=2"]
    assert len(forced.issues) == 0
    counts = forced.snapshots["goroutine_count"]
    assert counts.min() > 25_000
    assert counts.max() - counts.min() <= CONNECTIONS


def test_what_go_cuts_at_64_mib_is_told_with_its_share(parked: Path) -> None:
    with parking(parked, "-count", "100000", "-depth", "9") as address:
        dataset = gs.capture(address, leak="never", force=True)
    snapshots = dataset.snapshots.set_index("form")
    assert snapshots["truncated"]["debug=2"]
    assert not snapshots["truncated"]["debug=1"]
    assert snapshots["size_bytes"]["debug=2"] == GO_CUTS_AT_BYTES
    total, held = snapshots["goroutine_count"]["debug=1"], snapshots["goroutine_count"]["debug=2"]
    assert total > 100_000 > held
    assert f"Go ends debug=2 at 64 MiB (67,108,864 bytes): {held:,} of {total:,} goroutines" in reasons(dataset)
