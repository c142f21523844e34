"""A fleet of real services, two that leak and one that does not: swept, kept, ranked, and the suspects looked at."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
import requests

import gostack_nb as gs
from gostack_nb import fleet
from tests.live.prometheus import running_prometheus
from tests.live.push import CLIENTS, Service, running
from tests.live.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.live

ACK = "main.(*session).ackLoop"
NAMES = ("push-0", "push-1", "push-2")
BUILDS = ("1.4.2", "1.4.2", "1.4.3")
"""The last one has the fix."""

AT_ONCE = fleet.Budget(jitter_seconds=0)

CONFIGURATION = """
global: {scrape_interval: 1s}
scrape_configs:
- {job_name: push, file_sd_configs: [{files: [FOLDER/push.json]}]}
- {job_name: away, static_configs: [{targets: ["127.0.0.1:1"], labels: {build: "1.4.2"}}]}
"""


class Gate(ThreadingHTTPServer):
    """Stands before a service, passes every request on, and writes down what was asked."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = behind
        self.asked: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def pprof(self) -> list[str]:
        """The requests for profiles: Prometheus asks for metrics meanwhile."""
        return [path.removeprefix("/debug/pprof/") for path in self.asked if path.startswith("/debug/pprof/")]


class _Passing(BaseHTTPRequestHandler):
    server: Gate

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = requests.get(f"{self.server.behind}{self.path}", timeout=PATIENCE_SECONDS)
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        """Stay silent."""


@contextmanager
def before(service: Service) -> Iterator[Gate]:
    gate = Gate(service.admin)
    thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gate
    finally:
        gate.shutdown()
        thread.join()
        gate.server_close()


@dataclass(frozen=True)
class World:
    """Three services, and what stands before each."""

    services: Sequence[Service]
    gates: Sequence[Gate]

    @property
    def table(self) -> pd.DataFrame:
        sources = [f"http://{gate.host}" for gate in self.gates]
        return pd.DataFrame({"source": sources, "service": "push", "instance": NAMES, "build": BUILDS})

    def asked(self) -> list[list[str]]:
        """Return what each was asked since the last time."""
        asked = [gate.pprof for gate in self.gates]
        for gate in self.gates:
            gate.asked.clear()
        return asked


@pytest.fixture(scope="module")
def world(program: Path) -> Iterator[World]:
    with ExitStack() as stack:
        services = [stack.enter_context(running(program, *options)) for options in ((), (), ("-fix",))]
        yield World(services, [stack.enter_context(before(service)) for service in services])


def ack_loops(counts: fleet.Counts) -> dict[str, list[int]]:
    """Count the ack loops of each instance, in order of time."""
    rows = counts.cells().merge(counts.places(), on="stack_id").merge(counts.dumps(), on="snapshot_id")
    rows = rows[rows["user_function"].astype(str).str.startswith(ACK)]
    sums = rows.groupby(["instance", "captured_at"], observed=True)["count"].sum()
    return {str(name): one.tolist() for name, one in sums.groupby(level="instance", observed=True)}


def test_two_sweeps_and_the_stacks_of_the_suspects(world: World, tmp_path: Path) -> None:
    world.asked()
    came = [service.came for service in world.services]
    first = fleet.sweep(world.table, budget=AT_ONCE, to=tmp_path / "rec")
    for service in world.services:
        service.churn(CLIENTS)
    second = fleet.sweep(world.table, budget=AT_ONCE, to=tmp_path / "rec")
    assert world.asked() == [["goroutine?debug=0"] * 2] * 3

    counts = fleet.combine([first.counts, second.counts])
    assert len(counts.problems()) == 0
    leaked = {name: [before, before + CLIENTS] for name, before in zip(NAMES[:2], came[:2], strict=True)}
    assert ack_loops(counts) == leaked | {"push-2": [CLIENTS, CLIENTS]}

    again = fleet.count_file(tmp_path / "rec")
    assert again.cells().to_dict("records") == counts.cells().to_dict("records")
    assert set(again.dumps()["source"].astype(object)) == set(counts.dumps()["source"].astype(object))
    assert set(counts.dumps()["labels"].dropna()) == {'{"build": "1.4.2"}', '{"build": "1.4.3"}'}

    ranking = fleet.rank(counts)
    suspect = ranking.iloc[0]
    assert str(suspect["user_function"]).startswith(ACK)
    assert sorted(suspect["instances_worst"][:2]) == ["push-0", "push-1"]
    dataset = fleet.fetch_stacks(ranking, groups=1, instances=2, to=tmp_path / "rec")
    asked = world.asked()
    assert [one.count("goroutine?debug=2") for one in asked] == [1, 1, 0]
    assert not [path for one in asked for path in one if path.startswith("goroutineleak")]
    stacks = dataset.snapshots[dataset.snapshots["form"] == "debug=2"]
    assert sorted(stacks["instance"]) == ["push-0", "push-1"]
    assert gs.suspects(dataset).iloc[0]["user_function"].startswith("main.(*session).")


def test_one_that_is_gone_is_a_row(world: World) -> None:
    ranking = fleet.sweep([f"http://{world.gates[0].host}", "http://127.0.0.1:1"], budget=AT_ONCE)
    assert ranking.problems["source"].tolist() == ["http://127.0.0.1:1"]
    assert ranking.problems["instance"].tolist() == ["127.0.0.1:1"]
    assert "refused" in ranking.problems["reason"].iloc[0]
    assert set(ranking["service"].isna()) == {True}


@pytest.mark.prometheus
def test_the_targets_of_a_prometheus_are_swept(world: World, prometheus: str, tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text(CONFIGURATION.replace("FOLDER", str(tmp_path)))
    groups = [
        {"targets": [gate.host], "labels": {"build": build}} for gate, build in zip(world.gates, BUILDS, strict=True)
    ]
    (tmp_path / "push.json").write_text(json.dumps(groups))
    with running_prometheus(prometheus, tmp_path) as address:
        found = gs.Prometheus(f"http://{address}")
        targets = eventually(found.targets, lambda table: sorted(table["health"]) == ["down", "up", "up", "up"])
        world.asked()
        ranking = fleet.sweep(targets, budget=AT_ONCE)
    assert world.asked() == [["goroutine?debug=0"]] * 3
    dumps = ranking.counts.dumps().astype({"instance": object})
    assert set(dumps["service"]) == {"push"}
    builds = {name: json.loads(text)["build"] for name, text in zip(dumps["instance"], dumps["labels"], strict=True)}
    assert builds == dict(zip([gate.host for gate in world.gates], BUILDS, strict=True))
    (problem,) = ranking.problems.astype(object).to_dict("records")
    assert (problem["service"], problem["instance"]) == ("away", "127.0.0.1:1")
