"""A real Prometheus that scrapes itself, the push server and another Prometheus, with two days of history."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.analysis.growth_windows import CLOCK_SLACK_SECONDS
from tests.live.prometheus import (
    SCRAPE_SECONDS,
    History,
    lasting_port,
    running_prometheus,
    scrape,
    write_history,
)
from tests.live.push import CLIENTS, Service, running
from tests.live.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.prometheus]

GROWING = "growing (counts only: could be load)"

PASSWORD = "tested"  # noqa: S105 - of the server below alone
WEB = 'basic_auth_users: {me: "$2b$04$abcdefghijklmnopqrstuujGa7RZPgXE0Jmr2uaivLGHBG1Y3L4ym"}'
CLOSED = ("--web.route-prefix=/prometheus", "--web.external-url=http://push.example/prometheus")
"""The other Prometheus wants a password and has a prefix."""

CONFIGURATION = """
global: {scrape_interval: 1s}
scrape_configs:
- {job_name: push, file_sd_configs: [{files: [FOLDER/push.json]}]}
- {job_name: prometheus, file_sd_configs: [{files: [FOLDER/prometheus.json]}]}
- {job_name: away, static_configs: [{targets: ["127.0.0.1:1"], labels: {zone: eu}}]}
- job_name: closed
  metrics_path: /prometheus/metrics
  basic_auth: {username: me, password: tested}
  file_sd_configs: [{files: [FOLDER/closed.json]}]
"""
MOST_SAMPLES = "--query.max-samples=25000"
"""Fewer than the history has, so that it must be asked for in parts."""


@dataclass(frozen=True)
class World:
    """All that runs."""

    prom: gs.Prometheus
    address: str
    history: History
    push: Service
    closed: str
    folder: Path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    main, closed = tmp_path_factory.mktemp("prometheus"), tmp_path_factory.mktemp("closed")
    (main / "prometheus.yml").write_text(CONFIGURATION.replace("FOLDER", str(main)))
    (closed / "prometheus.yml").write_text("global: {}\n")
    (closed / "web.yml").write_text(WEB)
    return main, closed


@pytest.fixture(scope="module")
def world(prometheus: str, program: Path, folders: tuple[Path, Path]) -> Iterator[World]:
    main, closed = folders
    promtool = shutil.which("promtool", path=str(Path(prometheus).parent)) or pytest.fail(
        "no promtool beside prometheus"
    )
    history = write_history(main, promtool)
    with (
        running(program) as push,
        running_prometheus(prometheus, closed, *CLOSED, f"--web.config.file={closed / 'web.yml'}") as other,
        running_prometheus(prometheus, main, MOST_SAMPLES) as address,
    ):
        scrape(main, push.admin.removeprefix("http://"), name="push")
        scrape(main, address, name="prometheus")
        scrape(main, other, name="closed")
        yield World(gs.Prometheus(f"http://{address}"), address, history, push, other, main)


@pytest.fixture(scope="module")
def prom(world: World) -> gs.Prometheus:
    return world.prom


@pytest.fixture(scope="module")
def scraped(world: World) -> pd.DataFrame:
    """Wait until all targets were scraped, the one that is not there as well."""
    return eventually(world.prom.targets, lambda table: sorted(table["health"]) == ["down", "up", "up", "up"])


def when(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def seconds(table: pd.DataFrame) -> np.ndarray:
    return table["captured_at"].to_numpy(dtype="datetime64[ms]").astype(np.int64) / 1000


def test_raw_samples_are_those_that_were_written(prom: gs.Prometheus, world: World) -> None:
    table = prom.samples('go_goroutines{job="history"}', when(world.history.begin), when(world.history.end))
    assert len(table) == 3 * 11_520
    for instance, values in world.history.values.items():
        rows = table[table["instance"] == instance]
        assert rows["value"].tolist() == values
        assert seconds(rows).tolist() == list(range(world.history.begin, world.history.end + 1, SCRAPE_SECONDS))


@pytest.mark.parametrize("count", [1, 2, 9_999, 10_000, 10_001, 11_001, 11_517])
def test_no_step_is_lost_or_doubled(prom: gs.Prometheus, world: World, count: int) -> None:
    """Steps of 15 s, 4 s after each sample, have the values of these samples."""
    start = world.history.begin + 4
    table = prom.range('go_goroutines{instance="leak"}', when(start), when(start + 15 * count - 1), 15)
    assert seconds(table).tolist() == [start + 15 * place for place in range(count)]
    assert table["value"].tolist() == world.history.values["leak"][:count]


def test_a_range_repeats_the_last_sample_and_samples_do_not(prom: gs.Prometheus, world: World) -> None:
    end = when(world.history.end)
    query = 'go_goroutines{instance="leak"}'
    assert len(prom.range(query, end, end + timedelta(minutes=10), 15)) == 21
    assert len(prom.samples(query, end, end + timedelta(minutes=10))) == 1


def test_growth_of_the_history(prom: gs.Prometheus, world: World) -> None:
    end = when(world.history.end)
    runs = gs.growth_windows(prom.samples('go_goroutines{job="history"}', when(world.history.begin), end))
    by_instance = dict(iter(runs.groupby("instance", observed=True)))
    assert by_instance["steady"]["verdict"].tolist() == ["steady"]
    [leak] = by_instance["leak"].to_dict("records")
    assert leak["verdict"] == GROWING
    assert abs(leak["onset"] - when(world.history.begin + 86_400)) <= timedelta(minutes=15)
    assert leak["rate_low"] <= 60 <= leak["rate_high"]
    assert by_instance["saw"]["run"].tolist() == [1, 2, 3, 4, 5]
    assert by_instance["saw"]["rate_per_hour"].between(79, 81).all()


def test_a_step_that_is_chosen(prom: gs.Prometheus, world: World) -> None:
    table = prom.range('go_goroutines{instance="saw"}', when(world.history.begin), when(world.history.end))
    assert len(table) == 576
    assert set(np.diff(seconds(table))) == {300}


def test_nothing_is_an_empty_table(prom: gs.Prometheus) -> None:
    for table in (
        prom.range("no_such_metric", "1h"),
        prom.samples("no_such_metric", "1h"),
        prom.metrics("1h", job="x"),
    ):
        assert table.empty
        assert str(table["captured_at"].dtype) == "datetime64[ns, UTC]"


def test_values_that_are_no_numbers(prom: gs.Prometheus) -> None:
    table = prom.range("vector(1) / vector(0)", "10s", step=10)
    assert set(table["value"]) == {np.inf}
    assert prom.range("vector(0) / vector(0)", "10s", step=10)["value"].isna().all()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("go_goroutines[", "parse error.*bad_data, 400.*Hint: try the query"),
        ("up + on(job) group_left() up{", "parse error"),
        ("rate(up)", "expected type range vector"),
    ],
)
def test_queries_that_are_refused(prom: gs.Prometheus, query: str, words: str) -> None:
    with pytest.raises(gs.QueryError, match=words):
        prom.range(query, "1h")


def test_a_selector_must_be_one(prom: gs.Prometheus) -> None:
    with pytest.raises(gs.QueryError, match="ranges only allowed for vector selectors"):
        prom.samples("sum(up)", "1h")


def test_too_much_at_once_in_any_part(prom: gs.Prometheus, world: World) -> None:
    query = 'max_over_time(go_goroutines{job="history"}[2d:1s])'
    with pytest.raises(gs.QueryError, match=r"too many samples.*execution, 422.*Hint: ask for a shorter time"):
        prom.range(query, when(world.history.end), when(world.history.end), 15)


def test_another_path_is_no_api(world: World) -> None:
    with pytest.raises(gs.QueryError, match=r"no such Prometheus API.*404"):
        gs.Prometheus(f"http://{world.address}/prometheus").range("up", "1h")


def test_targets(scraped: pd.DataFrame, world: World) -> None:
    rows = {row["job"]: row for row in scraped.to_dict("records")}
    assert set(rows) == {"push", "prometheus", "closed", "away"}
    assert rows["push"]["instance"] == world.push.admin.removeprefix("http://")
    assert rows["push"]["pprof_url"] == f"{world.push.admin}/debug/pprof/"
    assert rows["closed"]["pprof_url"] == f"http://{world.closed}/prometheus/debug/pprof/"
    assert (rows["away"]["health"], rows["away"]["zone"]) == ("down", "eu")
    assert "connection refused" in rows["away"]["last_error"]
    assert abs(rows["push"]["last_scrape"] - datetime.now(UTC)) < timedelta(minutes=2)


def test_suggestions_are_tried(prom: gs.Prometheus, scraped: pd.DataFrame) -> None:
    tried = prom.try_pprof(scraped).set_index("job")
    assert tried["works"].to_dict() == {"push": True, "prometheus": True, "closed": False, "away": False}
    assert "wants credentials" in tried.loc["closed", "reason"]
    assert "refused" in tried.loc["away", "reason"]
    assert tried.loc["push", "goroutines"] >= 3 * CLIENTS
    closed = prom.try_pprof(scraped[scraped["job"] == "closed"], auth=("me", PASSWORD))
    assert closed["works"].all(), closed["reason"].tolist()


def test_what_works_can_be_captured(prom: gs.Prometheus, scraped: pd.DataFrame, world: World) -> None:
    tried = prom.try_pprof(scraped)
    dataset = gs.capture(tried.loc[tried["works"], "pprof_url"].tolist(), leak="never")
    forms = dataset.snapshots.groupby("instance", observed=True)["form"].agg(set)
    assert set(forms.index) == {world.push.admin.removeprefix("http://"), world.address}
    assert all("debug=2" in found for found in forms)


def test_prometheus_itself_is_read(prom: gs.Prometheus, world: World) -> None:
    """A large Go program: the dump has as many goroutines as it says itself, but for those of the requests."""
    dataset = gs.read(f"http://{world.address}")
    functions = dataset.goroutines["user_function"].astype("str")
    assert functions.str.startswith("github.com/prometheus/prometheus/").any()
    metrics = eventually(lambda: prom.metrics("2m", job="prometheus", names=["go_goroutines"]), len)
    assert set(metrics["instance"].astype("str")) == {world.address}
    assert abs(metrics["value"].iloc[-1] - len(dataset.goroutines)) < 30


def test_a_password_and_a_prefix(world: World) -> None:
    address = f"{world.closed}/prometheus"
    for prom in (
        gs.Prometheus(f"http://{address}", auth=("me", PASSWORD)),
        gs.Prometheus(f"http://me:{PASSWORD}@{address}/graph"),
    ):
        assert prom.range("vector(1)", "10s", step=10)["value"].eq(1).all()
        assert PASSWORD not in repr(prom)
    for prom in (gs.Prometheus(f"http://{address}"), gs.Prometheus(f"http://me:wr0ng@{address}")):
        with pytest.raises(gs.UnreachableError, match=r"wants credentials.*401.*Hint: give them as auth=") as caught:
            prom.range("up", "1h")
        assert "wr0ng" not in str(caught.value)


def processes(starts: pd.DataFrame) -> "pd.Series[int]":
    """Number the processes of one instance; the start of the same one may move by a second."""
    return (starts["value"].diff() > CLOCK_SLACK_SECONDS).cumsum()


@pytest.fixture(scope="module")
def restarted(world: World, prometheus: str) -> pd.DataFrame:
    """Give what was scraped while a fourth Prometheus was killed and started again at the same port."""
    folder = world.folder.with_name("restarted")
    folder.mkdir()
    (folder / "prometheus.yml").write_text("global: {}\n")

    def starts() -> pd.DataFrame:
        found = world.prom.metrics("10m", job="push", instance=address)
        return found[found["name"] == "process_start_time_seconds"]

    port = lasting_port()
    with running_prometheus(prometheus, folder, port=port) as address:
        scrape(world.folder, world.push.admin.removeprefix("http://"), address, name="push")
        eventually(starts, lambda found: len(found) >= 3)
    with running_prometheus(prometheus, folder, port=port):
        eventually(starts, lambda found: processes(found).eq(1).sum() >= 3)
        return world.prom.metrics("10m", job="push", instance=address)


def test_a_restart_divides_the_runs(restarted: pd.DataFrame) -> None:
    starts = restarted[restarted["name"] == "process_start_time_seconds"]
    first, second = (rows["captured_at"] for _, rows in starts.groupby(processes(starts)))
    runs = gs.growth_windows(restarted)
    assert runs["name"].tolist() == ["go_goroutines"] * 2
    assert runs["run"].tolist() == [1, 2]
    assert runs["samples"].tolist() == [len(first), len(second)]
    assert runs["ended"].iloc[0] == first.max()
    assert runs["started"].iloc[1] == second.min()
    assert set(runs["verdict"]) <= {"too short", "steady"}
