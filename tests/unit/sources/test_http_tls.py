"""Certificates of servers and clients, told apart in words."""

import ssl
from collections.abc import Callable

import pytest
import trustme

from gostack_nb.errors import NotPprofError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.http import ask, check_status
from tests.unit.sources.conftest import Authority, Server, answer

MakeServer = Callable[..., Server]


@pytest.fixture
def server(make_server: MakeServer, authority: Authority) -> Server:
    made = make_server(authority.server_context("127.0.0.1", "localhost"))
    made.pages["/x"] = answer(body=b"here")
    return made


def test_a_private_authority(server: Server, authority: Authority) -> None:
    with pytest.raises(UnreachableError) as caught:
        ask(server.url("/x"))
    assert str(caught.value).startswith(f"{server.url('/x')}: its TLS certificate is not trusted (")
    assert str(caught.value).endswith("Hint: name the CA's PEM file with verify= (--ca), or in REQUESTS_CA_BUNDLE")
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert ask(server.url("/x"), access=Access.of({"verify": authority.pem})).body == b"here"


def test_the_environment_names_authorities(
    server: Server, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.pem))
    assert ask(server.url("/x")).body == b"here"
    foreign = authority.folder / "foreign.pem"
    trustme.CA().cert_pem.write_to_path(foreign)
    with pytest.raises(UnreachableError, match="not trusted"):
        ask(server.url("/x"), access=Access.of({"verify": foreign}))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(foreign))
    assert ask(server.url("/x"), access=Access.of({"verify": authority.pem})).body == b"here"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.folder / "none.pem"))
    with pytest.raises(UnreachableError, match="REQUESTS_CA_BUNDLE names a file that does not exist"):
        ask(server.url("/x"))


def test_a_folder_of_authorities(server: Server, authority: Authority) -> None:
    """Tests that a folder is taken as one; its names are hashes, which only openssl makes."""
    (authority.folder / "hashed").mkdir()
    with pytest.raises(UnreachableError, match="not trusted"):
        ask(server.url("/x"), access=Access.of({"verify": authority.folder / "hashed"}))


def test_another_name(make_server: MakeServer, authority: Authority) -> None:
    server = make_server(authority.server_context("push.example"))
    access = Access.of({"verify": authority.pem})
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(UnreachableError, match="its TLS certificate is for another name"):
            ask(f"https://{host}:{server.port}/x", access=access)


def test_expired(make_server: MakeServer, authority: Authority) -> None:
    server = make_server(authority.server_context("127.0.0.1", days=-1))
    with pytest.raises(UnreachableError, match="its TLS certificate has expired"):
        ask(server.url("/x"), access=Access.of({"verify": authority.pem}))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate(make_server: MakeServer, authority: Authority, version: ssl.TLSVersion) -> None:
    clients, folder = trustme.CA(), authority.folder / "clients"
    folder.mkdir()
    tls = authority.server_context("127.0.0.1", clients_too=clients)
    tls.maximum_version = version
    server = make_server(tls)
    server.pages["/x"] = answer(body=b"here")
    with pytest.raises(UnreachableError) as caught:
        ask(server.url("/x"), access=Access.of({"verify": authority.pem}))
    assert str(caught.value) == (
        f"{server.url('/x')}: the server wants a client certificate. Hint: cert=(certificate, key), or --cert and --key"
    )
    with pytest.raises(UnreachableError, match=r"the server does not accept this client certificate \(unknown ca\)"):
        ask(server.url("/x"), access=Access.of({"verify": authority.pem, "cert": authority.client_pair()}))
    pair = Authority(clients, folder).client_pair()
    assert ask(server.url("/x"), access=Access.of({"verify": authority.pem, "cert": pair})).body == b"here"


def test_http_to_a_port_with_tls(server: Server) -> None:
    with pytest.raises(UnreachableError, match="Hint: does it speak https:// on this port"):
        ask(f"http://{server.host}/x")


@pytest.mark.parametrize(
    "page",
    [
        b"Client sent an HTTP request to an HTTPS server.\n",
        b"<html><center>The plain HTTP request was sent to HTTPS port</center>",
    ],
    ids=["Go", "nginx"],
)
def test_servers_that_answer_http_on_a_port_with_tls(make_server: MakeServer, page: bytes) -> None:
    plain = make_server()
    plain.pages["/x"] = answer(400, page)
    with pytest.raises(UnreachableError) as caught:
        check_status(ask(plain.url("/x")))
    assert str(caught.value) == (
        f"{plain.url('/x')}: the server speaks TLS on this port (400 Bad Request). Hint: ask https://"
    )


def test_https_to_a_port_without(make_server: MakeServer) -> None:
    plain = make_server()
    with pytest.raises(UnreachableError, match="Hint: does this port speak http:// instead of https://"):
        ask(f"https://{plain.host}/x")
    assert plain.requests == []


def test_a_status_is_told_over_tls(server: Server, authority: Authority) -> None:
    server.pages["/y"] = answer(404)
    with pytest.raises(NotPprofError):
        check_status(ask(server.url("/y"), access=Access.of({"verify": authority.pem})))
