import io
import re
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.analysis.redaction import HIDDEN_LINE, KINDS, redact, redact_together, redactions
from gostack_nb.analysis.redaction_finders import PUBLIC_HOSTS, build_roots, hosts_in_text
from gostack_nb.plots import export_charts

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
        ("github.com/lib/pq", "/opt/go/pkg/mod/github.com/lib/pq@v1/conn.go", False, "/opt/go/pkg/mod"),
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


def named(
    instance: str | None = None, source: str = "dump.txt", service: str = "push", data: bytes = DUMP
) -> gs.Dataset:
    file = io.BytesIO(data)
    file.name = source
    return gs.read(file, service=service, instance=instance)


def test_several_datasets_share_their_placeholders():
    before, after = named("build-host", "/home/ada/a.txt"), named("alpha-host", "/home/bob/build-host.txt")
    names = redactions(before, after).set_index("value")["placeholder"]
    one, two = redact_together(before, after)
    assert one.snapshots["instance"][0] == names["build-host"]
    assert two.snapshots["instance"][0] == names["alpha-host"]
    assert two.snapshots["source"][0] == f"/home/{names['bob']}/{names['build-host']}.txt"
    assert redact_together(before, after, keep=KINDS)[1].snapshots["instance"][0] == "alpha-host"
    assert redact_together() == ()


@pytest.mark.parametrize(
    ("instance", "hidden"),
    [
        ("push-7d9f8b-x2x4z", "host-1"),
        ("prod-eu/push-7d9f8b-x2x4z", "host-1/host-2"),
        ("[fe80::1]:6060", "[host-1]:6060"),
        ("fe80::1", "host-1"),
        ("2001:db8::7", "host-1"),
        ("db1", "host-1"),
        ("push.corp.example:6060", "host-1:6060"),
        ("localhost:6060", "localhost:6060"),
        ("[::1]:6060", "[::1]:6060"),
        ("4711", "4711"),
        ("push", "push"),
    ],
)
def test_instances_are_hosts_but_for_loopback_numbers_and_the_service(instance, hidden):
    dump = b"goroutine 1 [select]:\nmain.f(0x1)\n\ta.go:1 +0x1\n"
    assert redact(named(instance, data=dump)).snapshots["instance"].tolist() == [hidden]


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("/srv/dumps/goroutine_10.1.2.3_6060.txt", "10.1.2.3"),
        ("/mnt/db1/dump.txt", "db1"),
        ("/mnt/db1.txt", "db1"),
        ("/home/Ada Lovelace/dumps/x.txt", "Lovelace"),
        (r"C:\Users\Ada Lovelace\dumps\x.txt", "Lovelace"),
        (r"d:\users\ada\x.txt", "ada"),
        (r"\\fileserver\share\x.txt", "fileserver"),
        ("https://user@prom.corp.example/api/v1", "corp"),
        ('http://logs.corp:3100 {namespace="acme",pod="db1"} 2026-11-23T08:00:00Z', "acme"),
        ("http://[2001:db8::7]:6060/debug/pprof", "db8"),
        ("from 2001:db8::7 at 08:54:30", "db8"),
        ("ftp://10.1.2.3/x", "10.1.2.3"),
        ("k8s://acme-prod/db1/push", "acme-prod"),
    ],
)
def test_sources_tell_nothing_of_people_and_machines(source, left):
    dataset = named("db1", source)
    stored = dataset.snapshots.assign(source=pd.Categorical([source]))
    hidden = redact(replace(dataset, snapshots=stored)).snapshots["source"][0]
    assert left not in hidden
    assert "db1" not in hidden
    assert "08:54:30" in hidden or "08:54:30" not in source
    assert "2026-11-23T08:00:00Z" in hidden or "2026" not in source


@pytest.mark.parametrize(
    ("function", "file", "left"),
    [
        ("main.Map[git.acme.example/x.T]", "/srv/app/main.go", "acme"),
        ("main.Map[[]*git.acme.example/x.T,int]", "/srv/app/main.go", "acme"),
        ("git%2eacme%2eexample.Run", "/srv/app/main.go", "acme"),
        ("main.f", "git.acme.example/push@v1.2.3/main.go", "acme"),
        ("main.f", "/opt/go/pkg/mod/git.acme.example/push@v1/main.go", "acme"),
        ("main.f", "/builds/ada/push/vendor/git.acme.example/push/main.go", "acme"),
        ("ada/push.f", "/home/ada/push/main.go", "/ada"),
        ("main.f", "/home/bob/push/main.go", "bob"),
        ("main.f", "C:/Users/Ada Lovelace/push/main.go", "Lovelace"),
    ],
)
def test_functions_and_files_tell_nothing_of_machines(function, file, left):
    dump = f"goroutine 1 [select]:\n{function}(0x1)\n\t{file}:1 +0x1\n".encode()
    found = redact(named(data=dump)).stacks
    assert left not in found["file"][0]
    assert "acme" not in "".join(found[["file", "function", "package"]].astype("str").to_numpy().ravel())


def test_public_hosts_and_short_words_in_functions_stay():
    dump = b"goroutine 1 [select]:\ngopkg.in/yaml%2ev3.f(0x1)\n\t/opt/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/a.go:1 +0x1\n"
    found = redact(named("main", data=dump + b"main.main()\n\t/srv/main-1/main.go:1 +0x1\n")).stacks
    assert found["function"].tolist() == ["gopkg.in/yaml%2ev3.f", "main.main"]
    assert found["file"].tolist() == ["GOMODCACHE/gopkg.in/yaml.v3@v3.0.1/a.go", "build-1/main.go"]


def test_the_hosts_of_the_catalogue_are_public():
    text = "\n".join(path.read_text() for path in (Path(gs.__file__).parent / "catalogue").glob("*.toml"))
    hosts = set(re.findall(r'"([a-z0-9-]+(?:\.[a-z0-9-]+)+)/', text))
    assert len(hosts) > 5
    assert hosts <= PUBLIC_HOSTS


def test_a_service_stays_and_a_host_in_it_goes():
    dataset = named("pod-1", service="push on pod-1")
    host = redactions(dataset).set_index("value").loc["pod-1", "placeholder"]
    assert redact(dataset).snapshots["service"].tolist() == [f"push on {host}"]


def test_reasons_of_suspects_tell_no_address():
    stack = "sync.(*Mutex).Lock(...)\n\tsync/mutex.go:46\nmain.f(0xc000abcdef)\n\t/home/ada/main.go:9 +0x1d\n"
    dump = "\n".join(f"goroutine {goid} [sync.Mutex.Lock, 9 minutes]:\n{stack}" for goid in (3, 4, 5))
    reasons = gs.suspects(redact(named(data=dump.encode())))["reasons"]
    assert len(reasons)
    assert not re.search(r"0x|c000abcdef|ada|824", str(reasons.tolist()))


def test_csv_svg_and_captions_of_redacted_charts_tell_nothing(secret, tmp_path, monkeypatch):
    kept = [chart for chart in export_charts.CHARTS if chart.name in {"groups", "flame"}]
    monkeypatch.setattr(export_charts, "CHARTS", kept)
    export_charts.export_charts(redact(secret), tmp_path)
    text = "\n".join(path.read_text() for path in tmp_path.iterdir() if path.suffix in {".csv", ".svg", ".md"})
    assert "build-1" in text
    assert not [name for name in SECRETS if re.search(rf"(?<![a-z]){re.escape(name)}", text)]
