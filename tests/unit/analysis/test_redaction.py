import io
from dataclasses import fields

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.analysis.redaction import HIDDEN_LINE, KINDS, redact, redactions
from gostack_nb.analysis.redaction_finders import build_roots, hosts_in_text

SECRETS = ("ada", "build-host", "10.1.2.3", "acme-internal", "tenant-42", "hunter2", "c000012345", "fe80::1")
DUMP = b"""goroutine 1 [select]:
git.acme-internal.example/push/hub.(*Hub).run(0xc000012345)
\t/home/ada/src/push/hub/hub.go:7 +0x1d
created by main.main in goroutine 1
\t/home/ada/src/push/cmd/server/main.go:3 +0x1d

goroutine 7 [chan receive] {customer: "tenant-42", role: ack}:
github.com/lib/pq.(*conn).read(0x1)
\t/home/ada/go/pkg/mod/github.com/lib/pq@v1.10.9/conn.go:99 +0x2
net/http.(*conn).serve(0x1)
\t/usr/local/go/src/net/http/server.go:2092 +0x5d0

goroutine 8 [select] {dial tcp 10.1.2.3:5432: password hunter2 at [fe80::1]:80 0xc000012345}:
main.waits(0x1)
\t/home/ada/src/push/cmd/server/main.go:9 +0x2
"""


@pytest.fixture(scope="module")
def secret() -> gs.Dataset:
    file = io.BytesIO(DUMP)
    file.name = "/home/ada/dumps/http-10.1.2.3.txt"
    return gs.read(file, service="push", instance="build-host:6060")


def texts_of(dataset: gs.Dataset) -> str:
    """Return all cells of all tables, and the categories that are no cell."""
    parts = []
    for field in fields(dataset):
        table = getattr(dataset, field.name)
        parts.append(table.to_csv())
        parts += [str(table[name].cat.categories.tolist()) for name in table if table[name].dtype == "category"]
    return "\n".join(parts)


def test_nothing_of_people_and_machines_is_left(secret):
    assert all(name in texts_of(secret) for name in SECRETS)
    assert not [name for name in SECRETS if name in texts_of(redact(secret))]


def test_paths_keep_their_end_and_functions_their_names(secret):
    files = redact(secret).stacks["file"].dropna().unique().tolist()
    assert "GOMODCACHE/github.com/lib/pq@v1.10.9/conn.go" in files
    assert "GOROOT/src/net/http/server.go" in files
    assert {"build-1/push/hub/hub.go", "build-1/push/cmd/server/main.go"} <= set(files)
    functions = redact(secret).goroutines["top_function"].tolist()
    assert functions[:2] == ["host-4/push/hub.(*Hub).run", "github.com/lib/pq.(*conn).read"]


def test_a_value_has_one_placeholder_everywhere(secret):
    hidden = redact(secret)
    names = redactions(secret).set_index("value")["placeholder"]
    assert hidden.snapshots["instance"].tolist() == [f"{names['build-host']}:6060"]
    assert hidden.snapshots["service"].tolist() == ["push"]
    assert names["10.1.2.3"] in hidden.snapshots["source"][0]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_kept(secret, kind):
    told = {
        "users": None,
        "hosts": "build-host",
        "build_paths": "/home/user-1/src/push",
        "labels": "tenant-42",
        "arguments": None,
        "lines": "hunter2",
    }[kind]
    text = texts_of(redact(secret, keep=[kind]))
    assert told is None or told in text
    assert kind not in redactions(secret, keep=[kind])["kind"].tolist()


def test_a_user_is_shown_only_with_the_paths(secret):
    assert "/home/ada/src" in texts_of(redact(secret, keep=["users", "build_paths"]))


def test_arguments_are_hidden_in_lines_that_are_kept(secret):
    text = texts_of(redact(secret, keep=["lines"]))
    assert "hunter2" in text
    assert "c000012345" not in text
    assert "10.1.2.3" not in text
    assert "c000012345" in texts_of(redact(secret, keep=["lines", "arguments"]))


def test_every_analysis_says_the_same(secret):
    columns = ["count", "state", "stack_id"]
    assert gs.group(redact(secret))[columns].astype("str").equals(gs.group(secret)[columns].astype("str"))
    assert redact(secret).goroutines.dtypes.astype("str").equals(secret.goroutines.dtypes.astype("str"))
    assert gs.suspects(redact(secret))["verdict"].tolist() == gs.suspects(secret)["verdict"].tolist()


def test_twice_is_once(secret):
    once = redact(secret)
    assert texts_of(redact(once)).count("build-1") == texts_of(once).count("build-1")
    assert len(redact(once).goroutines) == len(secret.goroutines)


def test_the_argument_is_not_changed(secret):
    before = texts_of(secret)
    redact(secret)
    assert texts_of(secret) == before


def test_the_preview_lists_each_value_once(secret):
    table = redactions(secret)
    assert not table.duplicated(["kind", "value"]).any()
    assert table.loc[table["kind"] == "labels", "value"].tolist() == ["customer=tenant-42", "role=ack"]
    assert table.loc[table["kind"] == "lines", "placeholder"].unique().tolist() == [HIDDEN_LINE]


def test_an_unknown_kind_is_an_error(secret):
    with pytest.raises(ValueError, match="no kind 'names'; there are users, hosts"):
        redact(secret, keep=["names"])  # type: ignore[list-item]


def test_the_incident_has_no_secret_but_its_folder():
    dataset = gs.read("data/push-incident/leak/00.goroutine.debug2.txt")
    assert redactions(dataset)[["kind", "placeholder"]].values.tolist() == [
        ["build_paths", "GOROOT"],
        ["build_paths", "build-1"],
    ]


@pytest.mark.parametrize(
    ("package", "file", "std", "root"),
    [
        ("example.com/acme/push/hub", "/builds/7/push/hub/h.go", False, "/builds/7"),
        ("main", "/srv/app/main.go", False, "/srv/app"),
        ("net/http", "/opt/src/go/src/net/http/server.go", True, "/opt/src/go"),
        ("github.com/lib/pq", "/root/go/pkg/mod/github.com/lib/pq@v1/conn.go", False, "/root/go/pkg/mod"),
        ("main", r"C:\Users\eve\push\main.go", False, r"C:\Users\eve\push"),
        ("net/http", "net/http/server.go", True, None),
        ("main", "./main.go", False, None),
        ("main", "/main.go", False, None),
    ],
)
def test_the_folder_of_a_build_is_found(package, file, std, root):
    stacks = pd.DataFrame({"package": [package], "file": [file], "is_std": [std]})
    assert list(build_roots([stacks])) == ([root] if root else [])


@pytest.mark.parametrize(
    "text", ["go1.27.3", "v1.2.3.4-rc", "main.go:12", "localhost:80", "127.0.0.1:6060", "[::1]:80"]
)
def test_versions_and_loopback_are_no_hosts(text):
    assert hosts_in_text([text]) == set()
