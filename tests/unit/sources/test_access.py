import pickle
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.access import ANYONE, Access
from tests.unit.sources.conftest import Authority

SECRET = "s3cret"  # noqa: S105 - not spelled out below


def test_nothing_given() -> None:
    assert Access.of({}) == ANYONE
    assert Access.of({"auth": None, "headers": None, "verify": None}) == ANYONE


def test_the_repr_shows_nothing() -> None:
    access = Access.of({"auth": ("me", SECRET), "headers": {"X-Key": SECRET}, "proxy": f"http://me:{SECRET}@proxy:1"})
    assert repr(access) == "Access()"


def test_it_travels_to_other_processes() -> None:
    access = Access.of({"auth": ("me", SECRET), "headers": {"X-Key": SECRET}})
    assert pickle.loads(pickle.dumps(access)) == access  # noqa: S301 - our own bytes


def test_what_is_given_is_normalized() -> None:
    assert Access.of({"bearer": f"{SECRET}\n"}).bearer == SECRET
    assert Access.of({"headers": {"X-Scope-OrgID": " a "}}).headers == {"X-Scope-OrgID": "a"}
    assert Access.of({"proxy": " http://proxy:3128 "}).proxy == "http://proxy:3128"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"auth": SECRET}, "auth=: not a pair of texts"),
        ({"auth": ("me", SECRET, "x")}, "auth=: not a pair of texts"),
        ({"auth": ("me", 7)}, "auth=: not a pair of texts"),
        ({"auth": (f"me:{SECRET}", "x")}, "auth=: not a pair of texts, the first without a colon"),
        ({"auth": ("", SECRET)}, "auth=: not a pair of texts"),
        ({"bearer": f"Bearer {SECRET}"}, "bearer=: not a token of printable ASCII characters"),
        ({"bearer": ""}, "bearer=: not a token"),
        ({"bearer": f"{SECRET}\r\nX: y"}, "bearer=: not a token"),
        ({"bearer": SECRET.encode()}, "bearer=: not a token"),
        ({"headers": [("X-Key", SECRET)]}, "headers=: not names and values"),
        ({"headers": {"X-Key": 7}}, "headers=: not names and values"),
        ({"headers": {SECRET + ":": "x"}}, "headers=: not names and values"),
        ({"headers": {"X-Key": f"{SECRET}\r\nX: y"}}, "headers=: not names and values"),
        ({"headers": {"X-Key": f"{SECRET}€"}}, "headers=: not names and values"),
        ({"headers": {"Content-Length": SECRET}}, "headers=: Content-Length is set by the client itself"),
        ({"headers": {"proxy-authorization": SECRET}}, "headers=: proxy-authorization is set by the client itself"),
        ({"auth": ("me", SECRET), "bearer": SECRET}, "auth= and bearer= are given together"),
        (
            {"auth": ("me", SECRET), "headers": {"authorization": SECRET}},
            "auth= and an Authorization header are given together",
        ),
        (
            {"bearer": SECRET, "headers": {"Authorization": SECRET}},
            "bearer= and an Authorization header are given together",
        ),
        ({"cert": f"/nowhere/{SECRET}.pem"}, "cert=: the file cannot be read (No such file or directory)"),
        ({"cert": (SECRET, SECRET, SECRET)}, "cert=: neither one PEM file nor a pair"),
        ({"cert": 7}, "cert=: not the path of a file"),
        ({"cert": (SECRET, None)}, "cert=: not the path of a file"),
        ({"cert": f"{SECRET}\0"}, "cert=: the file cannot be read (no path)"),
        ({"verify": f"/nowhere/{SECRET}.pem"}, "verify=: the file cannot be read (No such file or directory)"),
        ({"verify": False}, "verify=: not the path of a file. Hint: checking certificates cannot be switched off"),
        ({"verify": b"ca.pem"}, "verify=: not the path of a file"),
        ({"proxy": f"{SECRET}:3128"}, "proxy=: not the address of an HTTP proxy. Hint: http://proxy.example:3128"),
        ({"proxy": f"socks5://{SECRET}:1"}, "proxy=: not the address of an HTTP proxy"),
        ({"proxy": f"http://me:{SECRET}/x@proxy:1"}, "http://***: not an address of the form"),
        ({"unix_socket": f"/nowhere/{SECRET}"}, "unix_socket=: there is no socket at this path"),
        ({"unix_socket": f"/{SECRET}" * 20}, "unix_socket=: the path is longer than 103 bytes"),
    ],
)
def test_what_cannot_be_used(options: Any, sentence: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        Access.of(options)
    assert str(caught.value).startswith(sentence)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None
    assert " Hint: " in str(caught.value)


def test_an_option_that_does_not_exist() -> None:
    with pytest.raises(TypeError, match="no option 'pasword'; there are auth, bearer, headers, cert, verify, proxy"):
        Access.of({"pasword": None})  # type: ignore[typeddict-unknown-key]


def test_certificates(authority: Authority) -> None:
    certificate, key = authority.client_pair()
    both = authority.folder / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    access = Access.of({"cert": (certificate, key), "verify": authority.pem})
    assert (access.cert, access.verify) == ((str(certificate), str(key)), str(authority.pem))
    assert Access.of({"cert": str(both), "verify": authority.folder}).cert == str(both)


def test_files_that_hold_something_else(authority: Authority) -> None:
    certificate, key = authority.client_pair()
    locked = authority.folder / "locked.key"
    plain = serialization.load_pem_private_key(key.read_bytes(), password=None)
    encryption = serialization.BestAvailableEncryption(SECRET.encode())
    pem = serialization.Encoding.PEM
    locked.write_bytes(plain.private_bytes(pem, serialization.PrivateFormat.PKCS8, encryption))
    for cert in (certificate, (certificate, certificate), (certificate, locked), (authority.pem, key)):
        with pytest.raises(
            UnreachableError, match="cert=: the file holds no certificate with its own, unencrypted key"
        ):
            Access.of({"cert": cert})
    with pytest.raises(UnreachableError, match="verify=: the file holds no certificates of authorities"):
        Access.of({"verify": key})


@pytest.fixture
def unix_socket(tmp_path: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        yield tmp_path / "s"


def test_a_unix_socket(unix_socket: Path) -> None:
    assert Access.of({"unix_socket": unix_socket}).unix_socket == str(unix_socket)
    with pytest.raises(UnreachableError, match="unix_socket=: there is no socket at this path"):
        Access.of({"unix_socket": unix_socket.parent})


def test_what_a_server_repeats_is_masked() -> None:
    access = Access.of({"auth": ("me", SECRET), "headers": {"X-Key": "k3y-value", "X-Scope-OrgID": "a"}})
    assert access.masked(f"{SECRET} or k3y-value, a or me") == "*** or ***, a or me"
