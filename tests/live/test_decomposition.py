"""What a real Prometheus counts beside what dumps of the same service hold, on one time axis."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt

import gostack_nb as gs
from tests.live.prometheus import running_prometheus, scrape
from tests.live.push import Service, running
from tests.live.waiting import eventually
from tests.notebooks.growth_notebook import run

pytestmark = [pytest.mark.live, pytest.mark.prometheus]

CONFIGURATION = """
global: {scrape_interval: 1s}
scrape_configs:
- {job_name: push, file_sd_configs: [{files: [FOLDER/push.json]}]}
- {job_name: prometheus, file_sd_configs: [{files: [FOLDER/prometheus.json]}]}
"""
ROUNDS = 3
LEAKED = 8
"""By each round; a sample of the round before would be seen as a gap."""

NORMAL_GAP = 3
TWO_SCRAPES_SECONDS = 2.5


@pytest.fixture(scope="module")
def world(prometheus: str, program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, str]]:
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text(CONFIGURATION.replace("FOLDER", str(folder)))
    with running(program) as push, running_prometheus(prometheus, folder) as address:
        scrape(folder, push.admin.removeprefix("http://"), name="push")
        scrape(folder, address, name="prometheus")
        yield push, address


def captured(folder: Path, url: str, prom: gs.Prometheus, job: str) -> None:
    """Capture once between two samples, so that the nearest one is of the same round."""
    sampled(prom, job)
    gs.capture(url, to=folder)
    sampled(prom, job)


def captured_itself(folder: Path, address: str, prom: gs.Prometheus) -> None:
    """Capture Prometheus itself while it is asked nothing else: each question adds to its own goroutines."""
    sampled(prom, "prometheus")
    time.sleep(TWO_SCRAPES_SECONDS)
    gs.capture(f"http://{address}", every=1.5, count=ROUNDS, to=folder)
    time.sleep(TWO_SCRAPES_SECONDS)
    sampled(prom, "prometheus")


def sampled(prom: gs.Prometheus, job: str) -> None:
    """Wait for the next sample."""
    since = pd.Timestamp.now("UTC").to_pydatetime()
    eventually(lambda: prom.metrics(since, job=job), len)


def test_the_groups_of_real_dumps_add_up_to_what_prometheus_counts(world: tuple[Service, str], tmp_path: Path) -> None:
    push, address = world
    prom = gs.Prometheus(f"http://{address}")
    eventually(lambda: prom.metrics("1m"), lambda found: found["service"].nunique() == 2)
    for _ in range(ROUNDS):
        push.churn(LEAKED // 2)
        push.churn(LEAKED // 2)
        captured(tmp_path / "push", push.admin, prom, "push")
    captured_itself(tmp_path / "itself", address, prom)
    metric = prom.metrics("10m")
    parts = gs.decompose(gs.read(tmp_path / "push"), metric)
    assert parts["captured_at"].nunique() == ROUNDS
    assert (
        parts.groupby("captured_at")["count"].sum().tolist() == parts.groupby("captured_at")["total"].first().tolist()
    )
    assert parts["gap"].abs().max() <= NORMAL_GAP
    top = parts[parts["group"] == parts["group"].cat.categories[0]]
    assert top["user_function"].iloc[0] == "main.(*session).ackLoop"
    assert top["count"].diff().tolist()[1:] == [LEAKED] * (ROUNDS - 1)
    itself = gs.decompose(gs.read(tmp_path / "itself"), metric)
    assert itself["gap"].abs().min() <= NORMAL_GAP  # it scrapes itself and the service, at times at that moment
    assert itself["total"].iloc[0] > 20


def test_both_are_drawn_on_one_axis(world: tuple[Service, str], tmp_path: Path) -> None:
    push, address = world
    prom = gs.Prometheus(f"http://{address}")
    for _ in range(2):
        push.churn(LEAKED // 2)
        captured(tmp_path / "push", push.admin, prom, "push")
    metric = prom.metrics("10m", job="push")
    ax = gs.plot_decomposition(gs.read(tmp_path / "push"), metric)
    assert "are main.(*session).ackLoop; gap (go_goroutines less dump)" in ax.get_title()
    (line,) = ax.get_lines()
    assert len(line.get_xdata()) == (metric["name"] == "go_goroutines").sum()
    plt.close("all")


def test_the_growth_notebook_asks_prometheus(world: tuple[Service, str], tmp_path: Path) -> None:
    push, address = world
    prom = gs.Prometheus(f"http://{address}")
    captured(tmp_path / "push", push.admin, prom, "push")
    shown = run(tmp_path, dumps=[str(tmp_path / "push")], prometheus=f"http://{address}", job="push", since="10m")
    assert push.admin.removeprefix("http://") in shown["windows"]
    assert len(re.findall(r"^2\d{3}-", shown["gap"].partition("metric_at")[0], re.MULTILINE)) == 1
    assert "<NA>" not in shown["gap"]
