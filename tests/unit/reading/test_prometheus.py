"""Series of a server to tables."""

import json
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.model.schema import METRICS

TEN = 1_795_428_000
"""2026-11-23 10:00 UTC."""


@pytest.fixture
def prom(server) -> gs.Prometheus:
    return gs.Prometheus(server.url())


def answers(server, page, *series, name: str = "query_range", **extra) -> None:
    data = {"resultType": "matrix", "result": series}
    server.pages[f"/api/v1/{name}"] = page(body=json.dumps({"status": "success", "data": data, **extra}).encode())


def series(values, **labels) -> dict:
    return {"metric": labels, "values": [[TEN + 15 * place, str(value)] for place, value in enumerate(values)]}


def asked(server, place: int = -1) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(server.seen[place][0]).query).items()}


def test_labels_are_columns(server, page, prom) -> None:
    one = series([1, "NaN"], __name__="go_goroutines", job="push", instance="a")
    other = series(["+Inf"], __name__="go_goroutines", job="push", zone="eu")
    answers(server, page, one, other, warnings=["a store is away"])
    table = prom.range("go_goroutines", "2026-11-23 10:00", "2026-11-23 11:00", "15s")
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "captured_at": "datetime64[ns, UTC]",
        "instance": "category",
        "job": "category",
        "zone": "category",
        "name": "category",
        "value": "float64",
    }
    assert table["captured_at"].tolist() == [pd.Timestamp(TEN + at, unit="s", tz="UTC") for at in (0, 15, 0)]
    labels = table[["job", "instance", "zone"]].astype("str").fillna("-").to_numpy().tolist()
    assert labels == [["push", "a", "-"], ["push", "a", "-"], ["push", "-", "eu"]]
    assert [str(value) for value in table["value"]] == ["1.0", "nan", "inf"]
    assert table.attrs == {"warnings": ["a store is away"]}
    assert asked(server) == {
        "query": "go_goroutines",
        "start": f"{TEN}.000",
        "end": f"{TEN + 3600}.000",
        "step": "15.000",
    }


def test_nothing_found_has_the_same_dtypes(server, page, prom) -> None:
    answers(server, page)
    answers(server, page, name="query")
    for table in (prom.range("nope", "1h"), prom.samples("nope", "1h")):
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
            "captured_at": "datetime64[ns, UTC]",
            "name": "category",
            "value": "float64",
        }
        assert table.empty
        assert table.attrs == {"warnings": []}
    table = prom.metrics("1h")
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        column.name: column.dtype for column in METRICS
    }


def test_labels_with_our_names_give_way(server, page, prom) -> None:
    answers(server, page, series([1], name="a", value="b", captured_at="c"))
    [row] = prom.range("sum by (name, value, captured_at) (x)", "2026-11-23").to_dict("records")
    assert (row["exported_name"], row["exported_value"], row["exported_captured_at"]) == ("a", "b", "c")
    assert pd.isna(row["name"])


@pytest.mark.parametrize(
    ("start", "step"),
    [
        ("1s", 1),
        ("16m", 1),
        ("1000s", 1),
        ("1001s", 5),
        ("5000s", 5),
        ("1h", 5),
        ("6h", 30),
        ("1d", 120),
        ("2d", 300),
        ("30d", 3600),
        ("1000d", 86_400),
    ],
)
def test_the_step_that_is_chosen(server, page, prom, start: str, step: int) -> None:
    answers(server, page)
    prom.range("up", start)
    assert float(asked(server)["step"]) == step


def test_times_that_make_no_sense(prom, server) -> None:
    with pytest.raises(gs.QueryError, match="the end, 2h, is before the start, 1h"):
        prom.range("up", "1h", "2h")
    with pytest.raises(gs.QueryError, match="31,536,001 steps are too many"):
        prom.range("up", "2025-11-23", "2026-11-23", 1)
    assert server.seen == []


def test_samples_are_asked_for_as_a_range_of_an_instant_query(server, page, prom) -> None:
    answers(server, page, series([1, 2], __name__="up", job="a"), name="query")
    table = prom.samples("up", "2026-11-23 10:00", "2026-11-23 10:00:15")
    assert table["value"].tolist() == [1, 2]
    assert asked(server) == {"query": "up[15001ms]", "time": f"{TEN + 15}.000"}


def test_metrics_are_rows_of_a_dataset(server, page, prom) -> None:
    labels = {"job": "push", "instance": "a", "service": "the label of Kubernetes", "pod": "p"}
    counts = series([5, 6], __name__="go_goroutines", **labels)
    starts = series([1e9], __name__="process_start_time_seconds", job="push")
    answers(server, page, counts, starts, name="query", warnings=["w"])
    table = prom.metrics("2026-11-23 10:00", "2026-11-23 10:01", job='pu"sh', instance="ä", match='pod=~"p.*"')
    assert table.drop(columns="captured_at").to_dict("records") == [
        {"service": "push", "instance": "a", "name": "go_goroutines", "value": 5},
        {"service": "push", "instance": "a", "name": "go_goroutines", "value": 6},
        {"service": "push", "instance": pytest.approx(float("nan"), nan_ok=True)}
        | {"name": "process_start_time_seconds", "value": 1e9},
    ]
    assert list(table) == [column.name for column in METRICS]
    assert table.attrs == {"warnings": ["w"]}
    names = '__name__=~"go_goroutines|process_start_time_seconds"'
    assert asked(server)["query"] == f'{{{names},job="pu\\"sh",instance="ä",pod=~"p.*"}}[60001ms]'


def test_metrics_by_steps(server, page, prom) -> None:
    answers(server, page, series([5], __name__="go_goroutines", job="push", instance="a"))
    assert len(prom.metrics("2026-11-23 10:00", names=["go_goroutines"], step="1m")) == 1
    assert asked(server)["query"] == '{__name__=~"go_goroutines"}'


def test_metrics_of_replicas_are_not_mixed(server, page, prom) -> None:
    same = {"__name__": "go_goroutines", "job": "push", "instance": "a", "zone": "eu"}
    answers(server, page, series([5], **same, replica="a"), series([5], **same, replica="b"), name="query")
    with pytest.raises(gs.QueryError, match=r"several series have the same .* differ in replica\. Hint: .*match="):
        prom.metrics("2026-11-23")


def test_the_repr_holds_no_secret() -> None:
    prom = gs.Prometheus("https://me:pw@h/prometheus/graph?token=abc", bearer="def")
    assert repr(prom) == "Prometheus('https://h/prometheus')"
    assert not hasattr(prom, "__dict__")


def test_an_unknown_option_of_access() -> None:
    with pytest.raises(TypeError, match="passwd"):
        gs.Prometheus("http://h:9090", passwd="x")  # type: ignore[call-arg]  # noqa: S106 - of nobody
