"""Known patterns are recognised on real dumps: programs/patterns, three versions of Go, all four forms.

Every goroutine of the program carries the label of its scenario, where the form prints labels. Made with

    GODEBUG=tracebacklabels=1 ./patterns -out . -wait 5m20s 2>sigquit.txt
"""

import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.matching import match_patterns
from gostack_nb.analysis.states import normalized_state
from gostack_nb.reading.datasets import read
from tests.corpus.files import DUMPS

CLIENT = {"http-client-conn", "http-client-conn-writer"}
SERVER = {"net-accept", "http-server-request-running", "http-handler"}

HTTP2 = {"http2-client-conn", "http2-client-stream", "http2-server-conn", "http2-server-write-blocked"}

SCENARIOS: dict[str, set[str]] = {
    "ticker": {"wakes-again"},
    "ticker-select": {"wakes-again"},
    "time-after": {"wakes-again"},
    "sleep-loop": {"sleep-loop"},
    "early-return": {"early-return-sender"},
    "double-send": {"double-send"},
    "no-consumer": {"sender-without-receiver"},
    "full-buffer": {"full-buffer-sender"},
    "semaphore-channel": {"sender-without-receiver"},
    "range-without-close": {"range-without-close"},
    "orphan-receiver": {"orphan-receiver"},
    "start-without-stop": {"start-without-stop"},
    "nil-receive": {"nil-channel"},
    "nil-send": {"nil-channel"},
    "forever": {"forever-select"},
    "missing-unlock": {"mutex-wait"},
    "readers-behind-writer": {"rwmutex-wait"},
    "writer-behind-writer": {"rwmutex-wait"},
    "wait-group": {"waitgroup-wait"},
    "cond": {"cond-wait"},
    "once": {"once-runs", "once-wait"},
    "custom-context": {"context-custom-parent"},
    "pipe-writer": {"io-pipe-half-closed"},
    "pipe-reader": {"io-pipe-half-closed"},
    "syscall-read": {"syscall-stuck"},
    "conn-read": {"conn-read"},
    "conn-write": {"conn-write"},
    "sql-rows": {"sql-connection-opener", "sql-rows-open"},
    "sql-tx": {"sql-connection-opener", "sql-tx-open"},
    "sql-pool-exhausted": {"sql-connection-opener", "sql-pool-exhausted"},
    "sql-open-per-request": {"sql-connection-opener"},
    "signal-context": {"signal-loop", "signal-notify-context"},
    "exec": {"exec-child"},
    "exec-output": {"exec-child", "exec-pipe-held"},
    "rpc-client": {"net-accept", "rpc-client", "rpc-server-conn"},
    "http-body-open": SERVER | {"http-client-body-open", "http-client-conn-writer"},
    "http-transport-per-request": CLIENT | {"net-accept", "http-server-conn-idle"},
    "http-no-timeout": CLIENT | SERVER | {"http-client-request"},
    "http-per-host-limit": CLIENT | SERVER | {"http-client-request", "http-client-wait-for-conn"},
    "tls-handshake": {"http-client-tls-handshake", "http-client-wait-for-conn"},
    "timeout-handler": {"net-accept", "http-timeout-handler"},
    "reverse-proxy": CLIENT | SERVER | {"http-client-request", "http-reverse-proxy"},
    "http2": HTTP2 | {"net-accept"},
}
"""Of each scenario the patterns that its goroutines show, all of them."""

VERSIONS = ("go1.21.13", "go1.24.11", "go1.27.3")
FORMS = ("debug2.txt", "debug1.txt", "debug0.pb.gz", "sigquit.txt")

IDS_ONLY = {"wakes-again"}
"""Needs goroutine ids and waits, which the counted forms lack: there a loop that wakes looks like one that waits."""

STATE_ONLY = {
    "early-return-sender",
    "double-send",
    "sender-without-receiver",
    "full-buffer-sender",
    "range-without-close",
    "orphan-receiver",
    "start-without-stop",
    "nil-channel",
    "forever-select",
}
"""Told by the state, which debug=1 has not: no guess is made there."""

SOME_VERSIONS = {"tls-handshake": "tls-handshake"}
"""By scenario a pattern that only some versions show: a goroutine that watches the context, up to Go 1.25."""

COUNTED = {"ticker": "orphan-receiver", "ticker-select": "start-without-stop", "time-after": "start-without-stop"}
"""What these look like where only states tell."""


def dump(version: str, form: str) -> Path:
    """Return the path of a dump; those of older versions are compressed."""
    path = DUMPS / version / "patterns" / form
    return path if path.exists() else path.with_name(f"{form}.gz")


@cache
def goroutines(version: str, form: str) -> pd.DataFrame:
    """Return the goroutines of a dump with `pattern`, `state_checked` and `scenario`."""
    dataset = read(dump(version, form))
    matched = match_patterns(dataset).astype({"stack_id": "object", "state": "object", "pattern": "object"})
    table = dataset.goroutines[["stack_id", "labels"]].astype("object").assign(state=normalized_state(dataset))
    joined = table.astype({"state": "object"}).merge(matched, on=["stack_id", "state"], how="left", validate="m:1")
    labels = [json.loads(text) if isinstance(text, str) else {} for text in joined["labels"]]
    return joined.assign(scenario=[one.get("scenario") for one in labels])


def expected(scenario: str, form: str) -> set[str]:
    patterns = SCENARIOS[scenario]
    if form == "debug1.txt":
        return patterns - STATE_ONLY - IDS_ONLY
    return {COUNTED[scenario]} if patterns == IDS_ONLY and form == "debug0.pb.gz" else patterns


LABELLED = [
    (version, form)
    for version in VERSIONS
    for form in FORMS
    if version == "go1.27.3" or form in ("debug1.txt", "debug0.pb.gz")
]


@pytest.mark.parametrize(("version", "form"), LABELLED)
def test_every_scenario_shows_its_patterns_and_no_others(version: str, form: str) -> None:
    table = goroutines(version, form)
    found = table.dropna(subset="pattern").groupby("scenario")["pattern"].agg(set).to_dict()
    wanted = {name: expected(name, form) for name in SCENARIOS}
    for name, extra in SOME_VERSIONS.items():
        found[name].discard(extra)
    assert {name: found.get(name, set()) for name in wanted} == wanted
    assert set(table["scenario"].dropna()) == set(SCENARIOS)


@pytest.mark.parametrize("form", ["debug2.txt", "sigquit.txt"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_shows_the_same_number_of_each_pattern(version: str, form: str) -> None:
    """Names moved between releases: Process.wait, WaitGroup, the mutexes, all of HTTP/2."""
    ours, newest = (goroutines(which, form)["pattern"].value_counts() for which in (version, VERSIONS[-1]))
    differ = {"tls-handshake", "runtime-background"}  # a goroutine more up to Go 1.25; the cleanup goroutine since 1.25
    assert ours.drop(differ, errors="ignore").to_dict() == newest.drop(differ, errors="ignore").to_dict()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("version", VERSIONS)
def test_no_goroutine_of_the_program_is_unknown_where_the_state_is_known(version: str, form: str) -> None:
    table = goroutines(version, form)
    unknown = table.loc[table["pattern"].isna(), "scenario"]
    untold = {name for name, patterns in SCENARIOS.items() if patterns <= STATE_ONLY | IDS_ONLY}
    assert set(unknown) == (untold if form == "debug1.txt" else set())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_match_without_the_state_is_marked(version: str) -> None:
    catalogue = load_catalogue()
    table = goroutines(version, "debug1.txt").dropna(subset="pattern")
    asks = [any(rule.states for rule in catalogue[name].matches) for name in table["pattern"]]
    assert (table["state_checked"].astype("bool") == [not one for one in asks]).all()


def test_the_reference_incident_has_its_ack_loops() -> None:
    dataset = read(Path(__file__).parents[2] / "data" / "push-incident" / "leak" / "11.goroutine.debug2.txt")
    found = match_patterns(dataset).merge(
        dataset.goroutines[["stack_id", "top_function"]].drop_duplicates("stack_id").astype("object"), on="stack_id"
    )
    [pattern] = found.loc[found["top_function"] == "main.(*session).ackLoop", "pattern"]
    assert pattern == "orphan-receiver"
