"""What opens a service's door: credentials, certificates, proxy, unix socket; checked once, never shown."""

import os
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path as FilePath
from typing import Any, Self, TypedDict
from urllib.parse import quote

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.address import scheme_of, split

Path = str | PathLike[str]

MAX_SOCKET_PATH_BYTES = 103
"""Of a unix socket: macOS takes 103 and a zero, Linux 107 (sys/un.h)."""

MIN_SECRET_CHARACTERS = 4
"""Shorter ones are not masked in what a server says: they occur in any word."""

_OWN_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "content-type", "proxy-authorization", "transfer-encoding"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2: token
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")  # RFC 9110, 5.5: field-value, in Latin-1
_ESCAPED = re.compile("%[0-9A-F]{2}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


class AccessOptions(TypedDict, total=False):
    """The keywords that every call takes that asks a server.

    Attributes
    ----------
    auth : tuple of str
        User and password, sent as HTTP basic authentication.
    bearer : str
        A token, sent as `Authorization: Bearer TOKEN`.
    headers : mapping
        Further headers, such as `X-Scope-OrgID`.
    cert : path, or tuple of two
        A client certificate: one PEM file with its key, or certificate and key.
    verify : path
        A PEM file, or folder (names as `openssl rehash` makes them), with the authorities that are trusted; without it
        REQUESTS_CA_BUNDLE, or the usual ones.
    proxy : str
        The address of a proxy. Without it the one of the environment (HTTPS_PROXY, NO_PROXY).
    unix_socket : path
        A socket to connect to in place of host and port.
    """

    auth: tuple[str, str] | None
    bearer: str | None
    headers: Mapping[str, str] | None
    cert: Path | tuple[Path, Path] | None
    verify: Path | None
    proxy: str | None
    unix_socket: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The same, checked; its repr shows no value."""

    auth: tuple[str, str] | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cert: str | tuple[str, str] | None = field(default=None, repr=False)
    verify: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    unix_socket: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, options: AccessOptions) -> Self:
        """Check what a caller gave.

        Raises
        ------
        UnreachableError
            If a value cannot be used, or two contradict each other. The sentence shows no value.
        TypeError
            If there is no option of that name.
        """
        unknown = next((name for name in options if name not in _CHECKS), None)
        if unknown:
            msg = f"no option {unknown!r}; there are {', '.join(_CHECKS)}"
            raise TypeError(msg)
        given = {name: _CHECKS[name](value) for name, value in options.items() if value is not None}
        made = cls(**given)
        _check_one_authorization(made)
        return made

    def masked(self, text: str) -> str:
        """Return a text of the server without what was given: it may repeat a token or a password."""
        for secret in sorted(self._secrets(), key=len, reverse=True):  # one may be a part of another
            text = text.replace(secret, "***")
        return text

    def _secrets(self) -> set[str]:
        """Return what was given as it may be repeated: as it is, as it was sent, as it stands in an address."""
        given = [self.bearer or "", *self.headers.values(), *(v.rpartition(" ")[2] for v in self.headers.values())]
        if self.auth:
            given += [self.auth[1], b64encode(":".join(self.auth).encode()).decode()]
        quoted = [quote(secret, safe="") for secret in given]
        lower = [_ESCAPED.sub(lambda escaped: escaped[0].lower(), secret) for secret in quoted]
        return {secret for secret in (*given, *quoted, *lower) if len(secret) >= MIN_SECRET_CHARACTERS}

    @property
    def has_credentials(self) -> bool:
        """Whether anything was given that may be secret: .netrc is not asked then."""
        return bool(self.auth or self.bearer or self.headers or self.cert)

    @property
    def has_authorization(self) -> bool:
        """Whether the Authorization header is already decided."""
        return bool(self.auth or self.bearer or any(name.lower() == "authorization" for name in self.headers))


def _check_one_authorization(access: Access) -> None:
    given = ["auth="] * bool(access.auth) + ["bearer="] * bool(access.bearer)
    given += ["an Authorization header"] * any(name.lower() == "authorization" for name in access.headers)
    if len(given) > 1:
        msg = f"{' and '.join(given)} are given together, but a server reads only one. Hint: leave one out"
        raise UnreachableError(msg)


def _check_auth(value: object) -> tuple[str, str]:
    match value:
        case (str() as user, str() as password) if user and ":" not in user:
            return user, password
    msg = 'auth=: not a pair of texts, the first without a colon. Hint: auth=("user", "password")'
    raise UnreachableError(msg)


def _check_bearer(value: object) -> str:
    token = value.strip() if isinstance(value, str) else ""  # a token read from a file ends in a newline
    if _TOKEN.fullmatch(token):
        return token
    msg = "bearer=: not a token of printable ASCII characters. Hint: give the token alone, without the word Bearer"
    raise UnreachableError(msg)


def _check_headers(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(_is_header(*pair) for pair in value.items()):
        msg = 'headers=: not names and values of HTTP headers, both texts. Hint: headers={"X-Scope-OrgID": "team-a"}'
        raise UnreachableError(msg)
    own = sorted(name for name in value if name.lower() in _OWN_HEADERS)
    if own:
        msg = f"headers=: {own[0]} is set by the client itself. Hint: leave it out; a proxy's password goes into proxy="
        raise UnreachableError(msg)
    return {name: text.strip() for name, text in value.items()}


def _is_header(name: object, value: object) -> bool:
    if not isinstance(name, str) or not isinstance(value, str):
        return False
    return bool(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value))


def _check_cert(value: object) -> str | tuple[str, str]:
    pair = value if isinstance(value, tuple) else (value, None)
    if len(pair) != 2:
        msg = "cert=: neither one PEM file nor a pair. Hint: cert=(certificate, key)"
        raise UnreachableError(msg)
    certificate, key = _path(pair[0], "cert="), _path(pair[1], "cert=") if isinstance(value, tuple) else None
    hint = "Hint: PEM files; take the password off the key with openssl pkey -in KEY -out PLAIN"
    what = "no certificate with its own, unencrypted key"
    _check_loads(
        "cert=",
        lambda context: context.load_cert_chain(certificate, key, password=lambda: b""),  # or OpenSSL would ask
        f"{what}. {hint}",
    )
    return (certificate, key) if key else certificate


def _check_verify(value: object) -> str:
    path = _path(value, "verify=")
    if not FilePath(path).is_dir():
        sentence = "no certificates of authorities. Hint: a PEM file, such as the CA's ca.pem"
        _check_loads("verify=", lambda context: context.load_verify_locations(path), sentence)
    return path


def _check_loads(option: str, load: Callable[[ssl.SSLContext], None], otherwise: str) -> None:
    try:
        load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    except ssl.SSLError:
        said = f"holds {otherwise}"
    except (OSError, ValueError) as error:
        said = f"cannot be read ({getattr(error, 'strerror', None) or 'no path'}). Hint: check the path"
    else:
        return
    msg = f"{option}: the file {said}"
    raise UnreachableError(msg)


def _path(value: object, option: str) -> str:
    if isinstance(value, str | PathLike) and isinstance(path := os.fspath(value), str) and path:
        return path
    advice = (
        "checking certificates cannot be switched off, name the CA instead" if option == "verify=" else "a str or Path"
    )
    msg = f"{option}: not the path of a file. Hint: {advice}"
    raise UnreachableError(msg)


def _check_proxy(value: object) -> str:
    if not isinstance(value, str) or scheme_of(value.strip()) not in {"http", "https"}:
        msg = "proxy=: not the address of an HTTP proxy. Hint: http://proxy.example:3128"
        raise UnreachableError(msg)
    split(value)
    return value.strip()


def _check_unix_socket(value: object) -> str:
    path = _path(value, "unix_socket=")
    if len(os.fsencode(path)) > MAX_SOCKET_PATH_BYTES:
        msg = f"unix_socket=: the path is longer than {MAX_SOCKET_PATH_BYTES} bytes. Hint: go there and name it shorter"
        raise UnreachableError(msg)
    if not FilePath(path).is_socket():
        msg = "unix_socket=: there is no socket at this path. Hint: is the service up, and may you look there?"
        raise UnreachableError(msg)
    return path


_CHECKS: Mapping[str, Callable[[object], Any]] = {
    "auth": _check_auth,
    "bearer": _check_bearer,
    "headers": _check_headers,
    "cert": _check_cert,
    "verify": _check_verify,
    "proxy": _check_proxy,
    "unix_socket": _check_unix_socket,
}

ANYONE = Access()
