"""Targets of a server, and the addresses where their pprof may be."""

import json

import pandas as pd
import pytest

import gostack_nb as gs

INDEX = b"<html><table><tr><td>288</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr></table>"


def target(scrape_url: str, *, error: str = "", discovered: dict | None = None, **labels: str) -> dict:
    return {
        "labels": labels,
        "discoveredLabels": discovered or {},
        "scrapeUrl": scrape_url,
        "health": "down" if error else "up",
        "lastError": error,
        "lastScrape": "0001-01-01T00:00:00Z" if error else "2026-11-23T10:00:00.123456789Z",
    }


@pytest.fixture
def targets_of(server, page):
    def table(*found, **options) -> pd.DataFrame:
        body = json.dumps({"status": "success", "data": {"activeTargets": found}}).encode()
        server.pages["/api/v1/targets"] = page(body=body)
        return gs.Prometheus(server.url()).targets(**options)

    return table


def test_the_table(targets_of) -> None:
    table = targets_of(
        target("http://10.0.0.7:8081/metrics?token=abc", job="push", instance="a", health="green"),
        target("http://10.0.0.8:8081/metrics", error="refused", job="push", instance="b", zone="eu"),
    )
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "job": "category",
        "instance": "category",
        "scrape_url": "category",
        "health": "category",
        "last_error": "str",
        "last_scrape": "datetime64[ns, UTC]",
        "pprof_url": "str",
        "exported_health": "category",
        "zone": "category",
    }
    first, second = table.to_dict("records")
    assert first["scrape_url"] == "http://10.0.0.7:8081/metrics?token=***"
    assert first["last_scrape"] == pd.Timestamp("2026-11-23 10:00:00.123456789Z")
    assert (first["health"], first["exported_health"], second["last_error"]) == ("up", "green", "refused")
    assert first["pprof_url"] == "http://10.0.0.7:8081/debug/pprof/"
    assert pd.isna([first["zone"], first["last_error"], second["last_scrape"], second["exported_health"]]).all()


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "soon", "", None, 7, "2026-11-23"])
def test_odd_times(targets_of, time: object) -> None:
    table = targets_of({**target("http://h/metrics"), "lastScrape": time})
    assert str(table.dtypes["last_scrape"]) == "datetime64[ns, UTC]"


def test_no_targets(targets_of) -> None:
    assert str(targets_of().dtypes["last_scrape"]) == "datetime64[ns, UTC]"


@pytest.mark.parametrize(
    ("scrape_url", "pprof_url"),
    [
        ("http://h:8081/metrics", "http://h:8081/debug/pprof/"),
        ("http://h/metrics", "http://h:80/debug/pprof/"),
        ("https://h/metrics", "https://h:443/debug/pprof/"),
        ("http://h:9090/prometheus/metrics?x=1", "http://h:9090/prometheus/debug/pprof/"),
        ("http://h:8081/actuator/prom", "http://h:8081/debug/pprof/"),
        ("http://[::1]:8081/metrics", "http://[::1]:8081/debug/pprof/"),
        ("no address", None),
    ],
)
def test_the_suggestion(targets_of, scrape_url: str, pprof_url: str | None) -> None:
    [found] = targets_of(target(scrape_url))["pprof_url"]
    assert found == pprof_url or (pprof_url is None and pd.isna(found))


def test_a_template_names_labels(targets_of) -> None:
    pod = target("http://10.0.0.7:8081/metrics", pod="push-1", discovered={"__meta_pod_port": "6060"})
    other = target("http://10.0.0.8:8081/metrics")
    template = "http://127.0.0.1:8001/pods/{pod}:{__meta_pod_port}/proxy{path}"
    first, second = targets_of(pod, other, template=template)["pprof_url"]
    assert first == "http://127.0.0.1:8001/pods/push-1:6060/proxy/debug/pprof/"
    assert pd.isna(second)


@pytest.mark.parametrize(
    ("address", "pprof_url"),
    [
        ("10.1.1.1:6060", "http://10.1.1.1:6060/debug/pprof/"),
        ("admin", "http://admin:8081/debug/pprof/"),
        ("", "http://10.0.0.7:8081/debug/pprof/"),
    ],
)
def test_a_label_overrides_the_address(targets_of, address: str, pprof_url: str) -> None:
    table = targets_of(target("http://10.0.0.7:8081/metrics", pprof=address), address_label="pprof")
    assert table["pprof_url"].tolist() == [pprof_url]


def test_a_label_that_is_no_address(targets_of) -> None:
    table = targets_of(target("http://10.0.0.7:8081/metrics", pprof="h:port"), address_label="pprof")
    assert table["pprof_url"].isna().all()


@pytest.mark.parametrize("template", ["{", "{0}", "{}", "{host.x}", "{job[0]}"])
def test_no_template(targets_of, template: str) -> None:
    with pytest.raises(gs.QueryError, match="is no template"):
        targets_of(target("http://h/metrics"), template=template)


def test_a_template_that_no_target_fits(targets_of) -> None:
    with pytest.raises(gs.QueryError, match=r"names pdo, which no target has. Hint: scheme, host"):
        targets_of(target("http://h/metrics", pod="a"), template="http://{pdo}")
    assert targets_of(template="http://{pod}").empty


def test_every_suggestion_is_tried(server, make_server, page, targets_of) -> None:
    service, login = make_server(), make_server()
    service.pages["/debug/pprof/"] = page(body=INDEX, Content_Type="text/html")
    login.pages["/debug/pprof/"] = page(401)
    table = targets_of(
        target(service.url("/metrics"), job="push"),
        target(service.url("/other"), job="again"),
        target(login.url("/metrics"), job="closed"),
        target("http://127.0.0.1:1/metrics", job="away"),
        target("no address", job="none"),
    )
    prom = gs.Prometheus(server.url(), bearer="secret")
    tried = prom.try_pprof(table)
    assert [str(tried[name].dtype) for name in ("works", "reason", "goroutines")] == ["boolean", "str", "Int64"]
    assert tried["works"].tolist() == [True, True, False, False, False]
    assert tried["goroutines"].dropna().tolist() == [288, 288]
    assert tried["reason"].isna().tolist() == [True, True, False, False, False]
    for words, reason in zip(("wants credentials", "refused", "lacks a label"), tried["reason"].dropna(), strict=True):
        assert words in reason
    assert len(service.seen) == 1, "one address is asked once"
    assert {request.headers.get("authorization") for request in login.requests} == {None}
    assert "works" not in table


def test_targets_are_opened_with_their_own_keys(server, make_server, page, targets_of) -> None:
    service = make_server()
    service.pages["/debug/pprof/"] = page(body=INDEX)
    targets_of(target(service.url("/metrics")))
    tried = gs.Prometheus(server.url()).try_pprof(auth=("me", "pw"))
    assert tried["works"].all()
    assert service.requests[0].headers["authorization"].startswith("Basic ")


def test_a_table_without_addresses(server) -> None:
    with pytest.raises(gs.MissingColumnError, match="have no column pprof_url; they have job"):
        gs.Prometheus(server.url()).try_pprof(pd.DataFrame({"job": ["a"]}))
