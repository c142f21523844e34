"""Addresses of services, the index page of several versions of Go, and answers that are something else."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gostack_nb.errors import NotPprofError, SourceError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.http_answer import Answer
from gostack_nb.sources.pprof import (
    COUNTS,
    LEAKED,
    METRICS,
    PROTO,
    STACKS,
    Part,
    Target,
    check_part,
    index_in,
    read_index,
    target_of,
)
from tests.unit.pprof_service import INDEX_1_10, INDEX_1_11, INDEX_1_27, LOGIN, ROOT, debug1, page, serving

KUBE = "http://127.0.0.1:8001/api/v1/namespaces/push/pods/push-7d9f:6060/proxy"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def answered(body: bytes | str, status: int = 200, **headers: str) -> Answer:
    data = body.encode() if isinstance(body, str) else body
    return Answer("http://h/debug/pprof/x", status, "", headers, data, None, NOW, NOW)


@pytest.mark.parametrize(
    ("url", "index", "metrics", "instance"),
    [
        ("http://h:6060", "http://h:6060/debug/pprof/", "http://h:6060/metrics", "h:6060"),
        ("http://h:6060/", "http://h:6060/debug/pprof/", "http://h:6060/metrics", "h:6060"),
        ("localhost:6060", "http://localhost:6060/debug/pprof/", "http://localhost:6060/metrics", "localhost:6060"),
        (":6060", "http://localhost:6060/debug/pprof/", "http://localhost:6060/metrics", "localhost:6060"),
        ("push.example", "http://push.example/debug/pprof/", "http://push.example/metrics", "push.example:80"),
        (" [::1]:6060 ", "http://[::1]:6060/debug/pprof/", "http://[::1]:6060/metrics", "[::1]:6060"),
        ("https://h/debug/pprof", "https://h/debug/pprof/", "https://h/metrics", "h:443"),
        ("h:1/internal/debug/pprof/", "http://h:1/internal/debug/pprof/", "http://h:1/internal/metrics", "h:1"),
        ("h:1/internal/", "http://h:1/internal/debug/pprof/", "http://h:1/internal/metrics", "h:1"),
        ("h:1/pprof", "http://h:1/pprof/", "http://h:1/metrics", "h:1"),
        ("h:1/debug/pprof/?a=1&debug=2", "http://h:1/debug/pprof/?a=1", "http://h:1/metrics?a=1", "h:1"),
        (KUBE, f"{KUBE}/debug/pprof/", f"{KUBE}/metrics", "push-7d9f"),
        (f"{KUBE}/debug/pprof/", f"{KUBE}/debug/pprof/", f"{KUBE}/metrics", "push-7d9f"),
        (
            KUBE.replace("pods/push-7d9f:6060", "pods/https:push-7d9f:6443"),
            KUBE.replace("pods/push-7d9f:6060", "pods/https:push-7d9f:6443") + "/debug/pprof/",
            KUBE.replace("pods/push-7d9f:6060", "pods/https:push-7d9f:6443") + "/metrics",
            "push-7d9f",
        ),
    ],
)
def test_addresses_of_services(url: str, index: str, metrics: str, instance: str) -> None:
    target = target_of(url)
    assert (target.address, target.address_of(METRICS), target.instance) == (index, metrics, instance)
    assert target.one is None


def test_an_unix_socket_names_the_instance(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert target_of("http://localhost", Access.of({"unix_socket": path})).instance == str(path)


def test_what_was_given_with_the_address_goes_along() -> None:
    target = target_of("http://me:pw@h:6060/debug/pprof/?token=abc")
    assert target.address_of(STACKS) == "http://me:pw@h:6060/debug/pprof/goroutine?token=abc&debug=2"
    assert target.address_of(LEAKED) == "http://me:pw@h:6060/debug/pprof/goroutineleak?token=abc&debug=1"
    for secret in ("pw", "abc"):
        assert secret not in repr(target) + target.source


@pytest.mark.parametrize(
    ("url", "one"),
    [
        ("h/debug/pprof/goroutine?debug=1", COUNTS),
        ("h/debug/pprof/goroutine?debug=2", STACKS),
        ("h/debug/pprof/goroutine?debug=9", STACKS),
        ("h/debug/pprof/goroutine?debug=x", PROTO),
        ("h/debug/pprof/goroutine", PROTO),
        ("h/x/debug/pprof/goroutineleak?debug=1", LEAKED),
        ("h/debug/pprof/sessions?debug=1", Part("dump", "sessions", profile="sessions")),
        ("h/dumps/stacks.txt", Part("dump", "a dump", profile="stacks.txt")),
    ],
)
def test_one_profile_is_taken_as_it_is_named(url: str, one: Part) -> None:
    assert target_of(url) == Target(f"http://{url}", "h:80", one)
    assert target_of(url).address_of(one) == f"http://{url}"


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("/run/push.sock", UnreachableError, "a path, no address. Hint: host:port; a socket is given as unix_socket"),
        ("ftp://me:secret@h/", UnreachableError, "ftp://h/: ftp:// cannot be asked"),
        ("http://", UnreachableError, "not an address"),
        ("h/debug/pprof/heap", NotPprofError, "heap holds no goroutines. Hint: .../goroutine?debug=1"),
    ],
)
def test_what_is_no_service(url: str, error: type[SourceError], words: str) -> None:
    with pytest.raises(error) as caught:
        target_of(url)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("html", "names"),
    [
        (INDEX_1_27, ["allocs", "cmdline", "goroutine", "goroutineleak", "my.org/a&b"]),
        (INDEX_1_11, ["allocs", "goroutine"]),
        (INDEX_1_10, ["block", "goroutine"]),
        (INDEX_1_27.replace("\n", "\r\n"), ["allocs", "cmdline", "goroutine", "goroutineleak", "my.org/a&b"]),
    ],
)
def test_the_index_of_each_version_of_go(html: str, names: list[str]) -> None:
    profiles = index_in(answered(html)).profiles
    assert list(profiles) == names
    assert profiles["goroutine"] == 288


def test_the_index_is_read_over_http() -> None:
    with serving({ROOT: page(INDEX_1_27)}) as server:
        assert read_index(target_of(server.url)).profiles["goroutine"] == 288


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (LOGIN, "an HTML page, perhaps a login, not the list of profiles. Hint: name the path"),
        (b"", "an empty answer, not the list"),
        (b'{"token": "s3cret-value"}', 'something that starts with \'{"token": "***"}\', not'),
    ],
)
def test_what_is_no_index(body: bytes, words: str) -> None:
    with pytest.raises(NotPprofError) as caught:
        index_in(answered(body), Access(bearer="s3cret-value"))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("part", "body"),
    [
        (COUNTS, debug1(3)),
        (LEAKED, debug1(3, "goroutineleak")),
        (STACKS, b"goroutine 1 [running]:\n"),
        (PROTO, b"\x1f\x8b\x08"),
        (PROTO, b"\x0a\x04"),
        (METRICS, b"go_goroutines 3\n"),
        (Part("dump", "a dump"), b"anything"),
    ],
)
def test_an_answer_as_it_was_asked_for_passes(part: Part, body: bytes) -> None:
    check_part(answered(body), part)


@pytest.mark.parametrize(
    ("part", "body", "words"),
    [
        (COUNTS, LOGIN, "not debug=1 of a Go program but an HTML page, perhaps a login. Hint: use the inner address"),
        (STACKS, b'{"code": 7}', "not debug=2 of a Go program but something that starts with '{\"code\": 7}'"),
        (PROTO, debug1(3), "not debug=0"),
        (LEAKED, debug1(3), "not goroutineleak"),
        (
            Part("dump", "a dump"),
            LOGIN,
            "an HTML page, perhaps a login, no dump. Hint: name the path where net/http/pprof",
        ),
        (METRICS, b"up 1\n", "something that starts with 'up 1\\n', no metrics page with go_goroutines"),
    ],
)
def test_an_answer_that_is_something_else(part: Part, body: bytes, words: str) -> None:
    with pytest.raises(NotPprofError) as caught:
        check_part(answered(body), part)
    assert words in str(caught.value)


def test_the_status_is_looked_at_first() -> None:
    with pytest.raises(NotPprofError, match="has no profile of this name"):
        check_part(answered("Unknown profile\n", 404, **{"x-go-pprof": "1"}), LEAKED)
