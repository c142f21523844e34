"""The ways to a server: proxies, given and of the environment, TLS tunnels, unix sockets, slow names."""

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gostack_nb.errors import DeadlineError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.address import is_loopback
from gostack_nb.sources.http import ask, check_status
from tests.unit.sources.conftest import NAME, PATIENCE_SECONDS, Authority, Server, answer, drip, expire

MakeServer = Callable[..., Server]
TARGET = f"http://{NAME}:6060/x"
BASIC = "Basic bWU6cHc="  # me:pw


@pytest.fixture
def proxy(make_server: MakeServer) -> Server:
    made = make_server()
    made.pages[TARGET] = answer(body=b"through")
    return made


@pytest.fixture
def target(make_server: MakeServer, authority: Authority, proxy: Server) -> Server:
    """Give a server with TLS that is found only through the proxy."""
    made = make_server(authority.server_context(NAME))
    made.pages["/x"] = answer(body=b"in the tunnel")
    proxy.tunnel_to = ("127.0.0.1", made.port)
    return made


def test_the_proxy_given(proxy: Server) -> None:
    access = Access.of({"proxy": f"http://me:pw@{proxy.host}", "bearer": "tok3n"})
    assert ask(TARGET, access=access).body == b"through"
    (sent,) = proxy.requests
    assert (sent.path, sent.headers["host"]) == (TARGET, f"{NAME}:6060")
    assert (sent.headers["proxy-authorization"], sent.headers["authorization"]) == (BASIC, "Bearer tok3n")


def test_the_proxy_of_the_environment_is_second(proxy: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url())
    assert ask(TARGET).body == b"through"
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert ask(TARGET, access=Access.of({"proxy": proxy.url()})).body == b"through"
    monkeypatch.setenv("NO_PROXY", NAME)
    assert ask(TARGET, access=Access.of({"proxy": proxy.url()})).body == b"through"


def test_the_environment_names_hosts_without_proxy(proxy: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy.url())
    assert ask(TARGET).body == b"through"
    monkeypatch.setenv("NO_PROXY", ".invalid")
    with pytest.raises(UnreachableError, match="the name of the host is not known"):
        ask(TARGET)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "app.localhost", "127.0.0.1", "127.8.9.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_what_this_machine_is_called(host: str) -> None:
    assert is_loopback(f"http://{host}:6060/x")


@pytest.mark.parametrize("host", ["localhost.example", "notlocalhost", "127.example", "10.0.0.7", "[::2]"])
def test_what_this_machine_is_not_called(host: str) -> None:
    assert not is_loopback(f"http://{host}:6060/x")


def test_no_proxy_to_this_machine(make_server: MakeServer, proxy: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server = make_server()
    server.pages["/x"] = answer(body=b"direct")
    monkeypatch.setenv("HTTP_PROXY", proxy.url())
    for host in ("127.0.0.1", "localhost"):
        assert ask(f"http://{host}:{server.port}/x", access=Access.of({"proxy": proxy.url()})).body == b"direct"
        assert ask(f"http://{host}:{server.port}/x").body == b"direct"
    assert proxy.requests == []


def test_a_tunnel(proxy: Server, target: Server, authority: Authority) -> None:
    access = Access.of({"proxy": f"http://me:pw@{proxy.host}", "verify": authority.pem, "bearer": "tok3n"})
    assert ask(f"https://{NAME}/x", access=access).body == b"in the tunnel"
    (connect,), (sent,) = proxy.requests, target.requests
    assert (connect.method, connect.path, connect.headers["proxy-authorization"]) == ("CONNECT", f"{NAME}:443", BASIC)
    assert "authorization" not in connect.headers
    assert sent.headers["authorization"] == "Bearer tok3n"
    assert "proxy-authorization" not in sent.headers


def test_a_proxy_with_tls_itself(
    make_server: MakeServer, target: Server, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = make_server(authority.server_context("127.0.0.1"))
    secure.tunnel_to = ("127.0.0.1", target.port)
    monkeypatch.setenv("HTTPS_PROXY", secure.url())
    assert ask(f"https://{NAME}/x", access=Access.of({"verify": authority.pem})).body == b"in the tunnel"


def test_tls_in_a_tunnel_that_is_not_trusted(proxy: Server, target: Server) -> None:
    with pytest.raises(UnreachableError, match="its TLS certificate is not trusted"):
        ask(f"https://{NAME}/x", access=Access.of({"proxy": proxy.url()}))
    assert target.requests == []


@pytest.mark.parametrize(
    ("status", "attempts", "sentence"),
    [
        (407, 1, "the proxy wants credentials (407). Hint: proxy=http://user:password@proxy (--proxy), or so in HTTP_"),
        (403, 1, "the proxy does not connect to the host (403). Hint: check proxy= (--proxy) or HTTP_PROXY, or name"),
        (503, 3, "the proxy does not connect to the host (503). Hint: check proxy= (--proxy) or HTTP_PROXY, or name"),
    ],
)
def test_a_proxy_that_refuses_a_tunnel(proxy: Server, status: int, attempts: int, sentence: str) -> None:
    proxy.pages["CONNECT"] = answer(status)
    with pytest.raises(UnreachableError) as caught:
        ask(f"https://{NAME}/x", access=Access.of({"proxy": f"http://me:s3cret@{proxy.host}"}))
    assert str(caught.value).startswith(f"https://{NAME}/x: {sentence}")
    assert len(proxy.requests) == attempts


def test_a_proxy_that_wants_credentials(proxy: Server) -> None:
    proxy.pages[TARGET] = answer(407)
    with pytest.raises(UnreachableError) as caught:
        check_status(ask(TARGET, access=Access.of({"proxy": proxy.url()})))
    assert str(caught.value) == (
        f"{TARGET}: the proxy wants credentials (407 Proxy Authentication Required). "
        "Hint: proxy=http://user:password@proxy (--proxy), or so in HTTP_PROXY"
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(scheme: str, closed_port: int) -> None:
    with pytest.raises(UnreachableError, match="the proxy does not connect") as caught:
        ask(f"{scheme}://{NAME}/x", access=Access.of({"proxy": f"http://me:s3cret@127.0.0.1:{closed_port}"}))
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_socks_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(UnreachableError, match="a SOCKS proxy"):
        ask(TARGET)


def test_the_deadline_holds_in_a_tunnel(proxy: Server, target: Server, authority: Authority) -> None:
    target.pages["/x"] = drip
    access = Access.of({"proxy": proxy.url(), "verify": authority.pem})
    expire(lambda deadline: ask(f"https://{NAME}/x", access=access, deadline=deadline), lambda: bool(target.requests))
    assert target.hung_up.wait(PATIENCE_SECONDS)


def test_the_deadline_holds_for_a_proxy_that_drips(proxy: Server) -> None:
    proxy.pages["CONNECT"] = drip
    access = Access.of({"proxy": proxy.url()})
    expire(lambda deadline: ask(f"https://{NAME}/x", access=access, deadline=deadline), lambda: bool(proxy.requests))
    assert proxy.hung_up.wait(PATIENCE_SECONDS)


@contextmanager
def listening(family: int, address: Any) -> Iterator[socket.socket]:
    """Accept connections, as the kernel does by itself, and say nothing."""
    with socket.socket(family) as listener:
        listener.bind(address)
        listener.listen()
        yield listener


@pytest.mark.parametrize(
    ("timeout", "deadline", "sentence"), [(0.5, 20, "no answer in time"), (20, 0.5, r"not complete after 0.5 s")]
)
def test_a_handshake_takes_too_long(authority: Authority, timeout: float, deadline: float, sentence: str) -> None:
    access = Access.of({"verify": authority.pem})  # is loaded at once, the usual ones take a part of the deadline
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as listener, pytest.raises(DeadlineError, match=sentence):
        ask(f"https://127.0.0.1:{listener.getsockname()[1]}/x", access=access, timeout=timeout, deadline=deadline)


@contextmanager
def full() -> Iterator[int]:
    """Give a port whose queue is full: to connect takes for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            assert each.connect_ex(listener.getsockname()) in {0, errno.EINPROGRESS}
        yield listener.getsockname()[1]
        for each in waiting:
            each.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("timeout", "deadline", "sentence"), [(0.2, 20, "no answer in time"), (20, 0.3, r"not complete after 0.3 s")]
)
def test_to_connect_takes_too_long(scheme: str, timeout: float, deadline: float, sentence: str) -> None:
    with full() as port, pytest.raises(DeadlineError, match=sentence):
        ask(f"{scheme}://127.0.0.1:{port}/x", timeout=timeout, deadline=deadline)


def test_a_name_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def wait(*_: object, **__: object) -> None:
        asked.set()
        answered.wait(PATIENCE_SECONDS)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    expire(lambda deadline: ask(TARGET, deadline=deadline), asked.is_set)
    answered.set()


def test_a_name_with_several_addresses(
    make_server: MakeServer, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = make_server()
    server.pages["/x"] = answer(body=b"the second")
    places = [("127.0.0.1", port) for port in (closed_port, server.port)]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert ask(TARGET).body == b"the second"
    assert server.requests[0].headers["host"] == f"{NAME}:6060"


@pytest.mark.parametrize("failure", [errno.ENETUNREACH, errno.EHOSTUNREACH])
def test_no_way(monkeypatch: pytest.MonkeyPatch, failure: int) -> None:
    def unreachable(*_: object) -> None:
        raise OSError(failure, "unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    with pytest.raises(UnreachableError, match="there is no way to this host"):
        ask("http://127.0.0.1:6060/x")


def test_a_unix_socket(make_server: MakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server = make_server(unix=tmp_path / "s")
    server.pages["/x"] = answer(body=b"inside")
    access = Access.of({"unix_socket": tmp_path / "s", "auth": ("me", "pw"), "proxy": "http://127.0.0.1:1"})
    got = ask("http://push.example:6060/x", access=access)
    assert (got.body, got.source) == (b"inside", "http://push.example:6060/x")
    (sent,) = server.requests
    assert (sent.path, sent.headers["host"], sent.headers["authorization"]) == ("/x", "push.example:6060", BASIC)


def test_tls_at_a_unix_socket(make_server: MakeServer, tmp_path: Path, authority: Authority) -> None:
    server = make_server(authority.server_context("push.example"), tmp_path / "s")
    server.pages["/x"] = answer(body=b"inside")
    access = Access.of({"unix_socket": tmp_path / "s", "verify": authority.pem})
    assert ask("https://push.example/x", access=access).body == b"inside"
    with pytest.raises(UnreachableError, match="for another name"):
        ask("https://other.example/x", access=access)


def test_the_deadline_holds_at_a_unix_socket(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server(unix=tmp_path / "s")
    server.pages["/x"] = drip
    access = Access.of({"unix_socket": tmp_path / "s"})
    expire(lambda deadline: ask("http://localhost/x", access=access, deadline=deadline), lambda: bool(server.requests))
    assert server.hung_up.wait(PATIENCE_SECONDS)


def test_a_unix_socket_without_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s"
    with listening(socket.AF_UNIX, str(path)):
        access = Access.of({"unix_socket": path})
    hint = "Hint: is the service up, and is this its socket?"
    with pytest.raises(UnreachableError) as caught:
        ask("http://localhost/x", access=access)
    assert str(caught.value) == f"http://localhost/x: nobody listens at the unix socket {path}. {hint}"
    path.unlink()
    with pytest.raises(UnreachableError) as caught:
        ask("http://localhost/x", access=access)
    assert str(caught.value) == f"http://localhost/x: there is no unix socket at {path}. {hint}"

    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", forbidden)  # root may connect everywhere
    with pytest.raises(UnreachableError, match="no permission to connect to the unix socket"):
        ask("http://localhost/x", access=access)


@pytest.mark.parametrize("zone", ["%25eth0", "%eth0"])
def test_an_address_with_a_zone(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """The system wants it without the %25 that it has in an address (RFC 6874)."""
    asked: list[str] = []

    def note(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", note)
    with pytest.raises(UnreachableError, match="the name of the host is not known"):
        ask(f"http://[fe80::1{zone}]:6060/x")
    assert asked == ["fe80::1%eth0"]
