import pytest

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.address import (
    host_and_port,
    is_loopback,
    profile_address,
    redacted,
    web_address,
    without_credentials,
)

GOROUTINE = "http://h:6060/debug/pprof/goroutine"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h:6060/x?debug=2", "http://h:6060/x?debug=2"),
        ("http://me:pw@h:6060/x", "http://h:6060/x"),
        ("http://token@h/x", "http://h/x"),
        ("http://me:p%40w@h/x#secret", "http://h/x"),
        (
            "http://h/x?a=1&access_token=abc&X-Amz-Signature=d&apiKey=e",
            "http://h/x?a=1&access_token=***&X-Amz-Signature=***&apiKey=***",
        ),
        ("http://h/x?pass%77ord=abc", "http://h/x?pass%77ord=***"),
        ("http://me:p/w@h/x", "http://***"),
        ("http://me:p@w@h/x", "http://h/x"),
        ("http://[::1/x", "http://***"),
        ("http://h/\x1b[31m", r"http://h/\x1b[31m"),
    ],
)
def test_nothing_secret_is_shown(url: str, shown: str) -> None:
    assert redacted(url) == shown


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://h:6060", f"{GOROUTINE}?debug=2"),
        ("http://h:6060/", f"{GOROUTINE}?debug=2"),
        ("http://h:6060/debug/pprof", f"{GOROUTINE}?debug=2"),
        ("http://h:6060/debug/pprof/", f"{GOROUTINE}?debug=2"),
        ("http://h:6060/debug/pprof/?debug=1", f"{GOROUTINE}?debug=1"),
        ("http://h:6060/?token=a%2Fb", f"{GOROUTINE}?token=a%2Fb&debug=2"),
        ("http://h/admin/debug/pprof/", "http://h/admin/debug/pprof/goroutine?debug=2"),
        (GOROUTINE, GOROUTINE),
        ("http://h/dumps/a.txt", "http://h/dumps/a.txt"),
    ],
)
def test_what_is_asked(url: str, asked: str) -> None:
    assert profile_address(url) == asked


def test_credentials_are_taken_out() -> None:
    assert without_credentials("http://m%C3%A9:p%2Fw@h:1/x?a=b#c") == ("http://h:1/x?a=b", ("mé".encode(), b"p/w"))
    assert without_credentials("http://h/x") == ("http://h/x", None)


@pytest.mark.parametrize(
    ("url", "instance"), [("http://h", "h:80"), ("https://h/x", "h:443"), ("http://[::1]:6060", "[::1]:6060")]
)
def test_instance(url: str, instance: str) -> None:
    assert host_and_port(url) == instance


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.9", True),
        ("http://[::1]:1", True),
        ("http://localhost.example", False),
    ],
)
def test_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    "url", ["http://", "http://:6060/x", "http://me:s3cret/x@h", "http://h:99999999/", "http://h?s3cret=\udc80"]
)
def test_no_address(url: str) -> None:
    with pytest.raises(UnreachableError, match=r"^http://\*\*\*: not an address of the form") as caught:
        without_credentials(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1:9090", "http://127.0.0.1:9090"),
        (" push ", "http://push"),
        (":6060", "http://localhost:6060"),
        ("HTTPS://h/x", "HTTPS://h/x"),
    ],
)
def test_a_web_address_needs_no_scheme(written: str, meant: str) -> None:
    assert web_address(written) == meant


@pytest.mark.parametrize("written", ["/run/push.sock", "./x", "~/x", "ftp://me:s3cret@h/"])
def test_no_web_address(written: str) -> None:
    with pytest.raises(UnreachableError, match=r"Hint: (http://)?host:port") as caught:
        web_address(written)
    assert "s3cret" not in str(caught.value)
