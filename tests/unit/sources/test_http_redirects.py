"""Nothing that was given for one host reaches another."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.access import Access, AccessOptions
from gostack_nb.sources.address import is_same_place
from gostack_nb.sources.http import Payload, ask
from tests.unit.sources.conftest import Authority, Server, answer

ALL_HEADERS = {"X-Scope-OrgID": "team-a", "X-Api-Key": "s3cret", "Cookie": "session=s3cret", "User-Agent": "mine"}
OURS = {"accept-encoding", "connection", "host", "user-agent"}
ACCESSES: list[AccessOptions] = [
    {"auth": ("me", "s3cret"), "headers": ALL_HEADERS},
    {"bearer": "s3cret"},
    {"headers": {**ALL_HEADERS, "Authorization": "Negotiate s3cret"}},
]


@pytest.mark.parametrize("options", ACCESSES, ids=lambda options: next(iter(options)))
def test_another_port_gets_nothing(make_server: Callable[[], Server], options: AccessOptions) -> None:
    server, other = make_server(), make_server()
    server.pages["/x"] = answer(307, Location=other.url("/y"), Set_Cookie="session=s3cret; Path=/")
    other.pages["/y"] = answer(body=b"here")
    got = ask(server.url("/x"), access=Access.of(options))
    assert (got.body, got.source, got.answered_by) == (b"here", server.url("/x"), other.host)
    (sent,) = other.requests
    assert set(sent.headers) == OURS
    assert sent.headers["user-agent"] == "gostack-nb"
    assert "s3cret" not in str(sent)


@pytest.mark.parametrize("options", ACCESSES, ids=lambda options: next(iter(options)))
def test_the_same_host_gets_everything_again_but_no_cookie(server: Server, options: AccessOptions) -> None:
    server.pages["/x"] = answer(302, Location="/y", Set_Cookie="a=b; Path=/")
    server.pages["/y"] = answer()
    ask(server.url("/x"), access=Access.of(options))
    first, second = (seen.headers for seen in server.requests)
    assert first == second
    assert "a=b" not in str(second)


def test_the_credentials_of_the_address_and_of_the_target(make_server: Callable[[], Server]) -> None:
    server, other = make_server(), make_server()
    server.pages["/x"] = answer(301, Location=f"http://them:theirs@{other.host}/y")
    other.pages["/y"] = answer()
    ask(f"http://me:s3cret@{server.host}/x")
    assert other.seen == [("/y", None)]


@pytest.mark.usefixtures("netrc")
def test_netrc_is_asked_for_the_first_host_only(make_server: Callable[[], Server]) -> None:
    server, other = make_server(), make_server()
    server.pages["/x"] = answer(302, Location=other.url("/y"))
    other.pages["/y"] = answer()
    ask(server.url("/x"))
    assert server.seen == [("/x", "Basic b3RoZXI6b3RoZXI=")]
    assert other.seen == [("/y", None)]


def test_no_way_back(make_server: Callable[[], Server]) -> None:
    server, other = make_server(), make_server()
    server.pages["/x"] = answer(302, Location=other.url("/y"))
    other.pages["/y"] = answer(302, Location=server.url("/z"))
    server.pages["/z"] = answer()
    ask(server.url("/x"), access=Access.of({"bearer": "s3cret"}))
    assert server.seen == [("/x", "Bearer s3cret"), ("/z", None)]


def test_a_client_certificate_stays_too(make_server: Callable[..., Server], authority: Authority) -> None:
    """The second server asks for a certificate without insisting, and tells what it got."""
    tls = authority.server_context("127.0.0.1")
    authority.ca.configure_trust(tls)
    tls.verify_mode = 1  # type: ignore[assignment] - ssl.CERT_OPTIONAL
    server, other = make_server(tls), make_server(tls)
    server.pages["/x"] = answer(302, Location="/same")
    server.pages["/same"] = answer(302, Location=other.url("/y"))
    peers: list[bool] = []
    for each, path in ((server, "/same"), (other, "/y")):
        inner = each.pages.get(path, answer())
        each.pages[path] = lambda handler, inner=inner: (
            peers.append(bool(handler.connection.getpeercert())),  # type: ignore[attr-defined]
            inner(handler),
        )
    access = Access.of({"cert": authority.client_pair(), "verify": authority.pem})
    assert ask(server.url("/x"), access=access).status == 200
    assert peers == [True, False]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://h/a", "http://h:80/b", True),
        ("http://h/a", "https://h/a", True),
        ("http://h:80/a", "https://h:443/a", True),
        ("http://H/a", "http://h/a", True),
        ("https://h/a", "http://h/a", False),
        ("http://h:6060/a", "https://h:6060/a", False),
        ("http://h:6060/a", "https://h/a", False),
        ("http://h/a", "http://h:8080/a", False),
        ("http://h/a", "http://h.example/a", False),
        ("http://[::1]:1/a", "http://[::1]:1/b", True),
    ],
)
def test_the_same_place(one: str, other: str, same: bool) -> None:
    assert is_same_place(one, other) is same


@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_payload_and_a_redirect(server: Server, status: int, method: str) -> None:
    server.pages["/x"] = answer(status, Location="/y")
    server.pages["/y"] = answer()
    ask(server.url("/x"), payload=Payload(b"q", "text/plain"))
    second = server.requests[1]
    assert (second.method, second.body) == (method, b"q" if method == "POST" else b"")
    assert ("content-type" in second.headers) is (method == "POST")


def test_a_payload_goes_to_no_other_host(make_server: Callable[[], Server]) -> None:
    server, other = make_server(), make_server()
    server.pages["/x"] = answer(307, Location=other.url("/y"))
    with pytest.raises(UnreachableError) as caught:
        ask(server.url("/x"), payload=Payload(b"q", "text/plain"))
    assert str(caught.value) == (
        f"{server.url('/x')}: redirects what is sent to {other.host}. Hint: if that is right, ask there"
    )
    assert other.requests == []


@pytest.mark.parametrize(
    "location", ["ftp://me:s3cret@h/x", "http://[", "http://:s3cret@/", "javascript:s3cret", "file:///x"]
)
def test_to_no_web_address(server: Server, location: str) -> None:
    server.pages["/x"] = answer(302, Location=location)
    with pytest.raises(UnreachableError) as caught:
        ask(server.url("/x"))
    assert "s3cret" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_location_in_utf_8(server: Server) -> None:
    server.pages["/x"] = answer(302, Location="/ä".encode().decode("latin-1"))
    server.pages["/%C3%A4"] = answer(body=b"here")
    assert ask(server.url("/x")).body == b"here"


def test_from_a_unix_socket_to_a_host(make_server: Callable[..., Server], tmp_path: Path) -> None:
    inner, outer = make_server(unix=tmp_path / "s"), make_server()
    inner.pages["/x"] = answer(302, Location="/same")
    inner.pages["/same"] = answer(302, Location=outer.url("/y"))
    outer.pages["/y"] = answer(body=b"outer")
    access = Access.of({"unix_socket": tmp_path / "s", "bearer": "s3cret"})
    assert ask("http://admin/x", access=access).body == b"outer"
    assert inner.seen == [("/x", "Bearer s3cret"), ("/same", "Bearer s3cret")]
    assert outer.seen == [("/y", None)]
