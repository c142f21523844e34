"""A server of metrics, profiles or logs that answers with JSON of the right shape and impossible values."""

import base64
import json
from collections.abc import Callable

import pytest

from gostack_nb import Loki, Parca, Prometheus, Pyroscope
from gostack_nb.errors import QueryError
from tests.fuzz.canned import NEXT_ANSWER, SINCE, UNTIL, answering

INFINITE = "1e999"
YEAR_3000_MS, YEAR_3000_NS = 32_503_680_000_000, 32_503_680_000_000_000_000
AT_MS, AT = 1772355600000, "2026-03-01T09:00:00Z"
PODS = '[{"name": "pod", "value": "push-0"}]'
PYROSCOPE_TYPES = '{"profileTypes": [{"ID": "goroutine:goroutine:count:goroutine:count"}]}'
PARCA_TYPES = json.dumps(
    {
        "types": [
            {
                "name": "goroutine",
                "sampleType": "goroutine",
                "sampleUnit": "count",
                "periodType": "p",
                "periodUnit": "u",
            }
        ]
    }
)


def asked(ask: Callable[[], object], *answers: str) -> str:
    """Ask, and return the words of the refusal."""
    with answering(NEXT_ANSWER.join(answer.encode() for answer in answers)), pytest.raises(QueryError) as raised:
        ask()
    return str(raised.value)


@pytest.mark.parametrize("at", ["1e300", "1e11"])
def test_prometheus_with_a_time_that_no_table_holds(at: str) -> None:
    series = f'{{"metric": {{}}, "values": [[1772355600, "1"], [{at}, "1"], [1772355615, "1"]]}}'
    answer = f'{{"status": "success", "data": {{"resultType": "matrix", "result": [{series}]}}}}'
    assert "not an answer" in asked(lambda: Prometheus("http://h").range("up", SINCE, UNTIL), answer)


@pytest.mark.parametrize(
    "line",
    [
        f'[{INFINITE}, "x"]',
        f'["{YEAR_3000_NS}", "x"]',
        '["-1", "x"]',
        f'["{AT_MS}000000", 7]',
        f'["{AT_MS}000000", null]',
    ],
    ids=["infinite time", "time beyond 64 bits", "time before 1970", "line is a number", "line is null"],
)
def test_loki_with_a_line_that_is_none(line: str) -> None:
    stream = f'{{"stream": {{"app": "push"}}, "values": [{line}]}}'
    answer = f'{{"data": {{"resultType": "streams", "result": [{stream}]}}}}'
    assert "not an answer" in asked(lambda: Loki("http://h").read("{}", since=SINCE, until=UNTIL), answer)


@pytest.mark.parametrize(
    "point",
    [
        f'{{"timestamp": "{AT_MS}", "value": {INFINITE}}}',
        f'{{"timestamp": {INFINITE}, "value": 1}}',
        f'{{"timestamp": "{YEAR_3000_MS}", "value": 1}}',
        f'{{"timestamp": "{AT_MS}", "value": 1e18}}',
    ],
    ids=["infinite value", "infinite time", "time beyond 64 bits", "more goroutines than a column sums"],
)
def test_pyroscope_with_a_point_that_no_table_holds(point: str) -> None:
    series = f'{{"series": [{{"labels": {PODS}, "points": [{point}]}}]}}'
    found = asked(lambda: Pyroscope("http://h").series(since=SINCE, until=UNTIL), PYROSCOPE_TYPES, series)
    assert "not an answer" in found


@pytest.mark.parametrize("value", [INFINITE, '"1000000000000000000"'], ids=["infinite", "too many"])
def test_parca_with_a_count_that_no_table_holds(value: str) -> None:
    sample = f'{{"timestamp": "{AT}", "value": {value}}}'
    series = f'{{"series": [{{"labelset": {{"labels": {PODS}}}, "samples": [{sample}]}}]}}'
    assert "not an answer" in asked(lambda: Parca("http://h").series(since=SINCE, until=UNTIL), PARCA_TYPES, series)


@pytest.mark.parametrize(
    "name", ["[1]", '{"a": 1}', "7", r'"\ud800"'], ids=["list", "object", "number", "half a character"]
)
def test_a_label_that_is_no_text_is_written_as_one(name: str) -> None:
    """A list cannot be a part of a process's name, and half a surrogate pair cannot be asked for."""
    labels = f'[{{"name": "pod", "value": {name}}}]'
    point = f'{{"timestamp": "{AT_MS}", "value": 1}}'
    series = f'{{"series": [{{"labels": {labels}, "points": [{point}]}}]}}'
    with answering(NEXT_ANSWER.join((PYROSCOPE_TYPES.encode(), series.encode()))):
        [instance] = Pyroscope("http://h").series(since=SINCE, until=UNTIL)["instance"]
    sample = f'{{"timestamp": "{AT}", "value": "1"}}'
    series = f'{{"series": [{{"labelset": {{"labels": {labels}}}, "samples": [{sample}]}}]}}'
    with answering(NEXT_ANSWER.join((PARCA_TYPES.encode(), series.encode()))):
        assert Parca("http://h").series(since=SINCE, until=UNTIL)["instance"].tolist() == [instance]
    assert instance == (r"\ud800" if "ud800" in name else str(json.loads(name)))


@pytest.mark.parametrize("profile", ["é", r"\ud800", "not base64"])
def test_parca_with_a_profile_that_is_no_base64(profile: str) -> None:
    sample = f'{{"timestamp": "{AT}", "value": "1"}}'
    series = f'{{"series": [{{"labelset": {{"labels": {PODS}}}, "samples": [{sample}]}}]}}'
    found = asked(lambda: Parca("http://h").read(at=AT), PARCA_TYPES, series, f'{{"pprof": "{profile}"}}')
    assert "not an answer" in found


def test_what_these_tests_bend_is_read_when_it_is_straight() -> None:
    dump = base64.b64encode(b"goroutine profile: total 1\n1 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t/a.go:9\n").decode()
    sample = f'{{"timestamp": "{AT}", "value": "1"}}'
    series = f'{{"series": [{{"labelset": {{"labels": {PODS}}}, "samples": [{sample}]}}]}}'
    with answering(NEXT_ANSWER.join(text.encode() for text in (PARCA_TYPES, series, f'{{"pprof": "{dump}"}}'))):
        assert Parca("http://h").read(at=AT).snapshots["instance"].tolist() == ["push-0"]
