"""Turn what goes wrong in an HTTP exchange into one sentence, without the address that a library's text holds."""

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import requests
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from gostack_nb.errors import DeadlineError, SourceError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.blob import printable

LIBRARY_ERRORS = (requests.RequestException, HTTPError)
EXCHANGE_ERRORS = (*LIBRARY_ERRORS, OSError, http.client.HTTPException, UnicodeError)

_CA_HINT = "Hint: name the CA's PEM file with verify= (--ca), or in REQUESTS_CA_BUNDLE"
_TLS_HINT = "Hint: does this port speak http:// instead of https://?"
_BROKE = "the connection broke. Hint: try again; or does this port speak https://?"
_HTTPS_HINT = "Hint: does it speak https:// on this port?"
_CERT_HINT = "Hint: cert=(certificate, key), or --cert and --key"
_PROXY_HINT = "Hint: check proxy= (--proxy) or HTTP_PROXY, or name the host in NO_PROXY"

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL})
_UNTRUSTED = {
    9: "its TLS certificate is not valid yet. Hint: compare the clocks of both machines",
    10: "its TLS certificate has expired. Hint: have it renewed, and check the clock of this machine",
    62: "its TLS certificate is for another name. Hint: ask by a name that it holds",
    64: "its TLS certificate is for another name. Hint: ask by a name that it holds, this address is not in it",
}
"""By OpenSSL's X509_V_ERR number (x509_vfy.h)."""

_CERT_ALERTS = frozenset(
    {
        "ACCESS_DENIED",
        "BAD_CERTIFICATE",
        "CERTIFICATE_EXPIRED",
        "CERTIFICATE_REQUIRED",
        "CERTIFICATE_REVOKED",
        "CERTIFICATE_UNKNOWN",
        "DECRYPT_ERROR",
        "HANDSHAKE_FAILURE",
        "UNKNOWN_CA",
        "UNSUPPORTED_CERTIFICATE",
    }
)
"""With which a server ends a handshake over the client's certificate (RFC 8446, 6.2); Go sends the second and the last
but one, and `certificate required` in TLS 1.3 when none came."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What an attempt came to.

    Attributes
    ----------
    error : SourceError
        The sentence.
    cause : OSError or None
        What the operating system said, freed from the errors of the libraries around it.
    passes : bool
        Whether another attempt may go better.
    """

    error: SourceError
    cause: OSError | None = None
    passes: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: type[Exception]
    sentence: str
    passes: bool = False


_RULES = (
    _Rule(socket.gaierror, "the name of the host is not known. Hint: check the spelling and the VPN"),
    _Rule(ConnectionRefusedError, "the connection is refused. Hint: is the service up and listening on this port?"),
    _Rule(requests.exceptions.InvalidURL, "not a valid address. Hint: http://host:port/path"),
    _Rule(requests.exceptions.InvalidSchema, "not a web address, or a SOCKS proxy. Hint: http://host:port/path"),
    _Rule(UnicodeError, "not a valid address. Hint: http://host:port/path"),
    _Rule(ProtocolError, "the connection broke before anything came. Hint: try again", passes=True),
    _Rule(http.client.RemoteDisconnected, f"the server hangs up without an answer. {_HTTPS_HINT}", passes=True),
    _Rule(http.client.BadStatusLine, f"the answer is not HTTP. {_HTTPS_HINT}"),
    _Rule(ConnectionError, _BROKE, passes=True),
    _Rule(requests.exceptions.ConnectionError, _BROKE, passes=True),
)


def failure_of(error: Exception, source: str, access: Access) -> Failure:
    """Choose the sentence for an error of requests, urllib3, http.client or the operating system."""
    root = _root(error)
    cause = _freed(root)
    if _is_timeout(error, root):
        hint = "Hint: check host, port and firewall, or allow a longer timeout"
        return Failure(DeadlineError(f"{source}: no answer in time. {hint}"), cause)
    rule = _rule_for(error, root, access)
    return Failure(UnreachableError(f"{source}: {rule.sentence}"), cause, rule.passes)


def too_late(source: str, deadline: float) -> Failure:
    """Say that the whole took too long."""
    hint = "Hint: allow a longer deadline, or ask for debug=1, which is short"
    return Failure(DeadlineError(f"{source}: not complete after {deadline:g} s. {hint}"))


def _rule_for(error: Exception, root: BaseException, access: Access) -> _Rule:
    if any(isinstance(layer, requests.exceptions.ProxyError) for layer in _layers(error)):
        return _proxy_rule(root)
    if isinstance(root, ssl.SSLError):
        return _Rule(ssl.SSLError, _tls_sentence(root, access))
    if access.unix_socket and (said := _unix_words(root)):
        where = f"{said} {printable(access.unix_socket)}"
        return _Rule(OSError, f"{where}. Hint: is the service up, and is this its socket?")
    if getattr(root, "errno", None) in _NO_WAY:
        return _Rule(OSError, "there is no way to this host. Hint: check the address, the network and the VPN")
    found = next((rule for rule in _RULES if isinstance(error, rule.kind) or isinstance(root, rule.kind)), None)
    if found:
        return found
    said = getattr(root, "strerror", None)
    return _Rule(Exception, f"the exchange failed ({type(root).__name__}{f': {said}' if said else ''})")


def _tls_sentence(error: ssl.SSLError, access: Access) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = getattr(error, "verify_code", None)
        why = printable(getattr(error, "verify_message", ""))
        return (
            _UNTRUSTED.get(code or 0) or f"its TLS certificate is not trusted{f' ({why})' if why else ''}. {_CA_HINT}"
        )
    _, _, alert = (error.reason or "").partition("ALERT_")
    if alert in _CERT_ALERTS and access.cert:
        said = alert.lower().replace("_", " ")
        return f"the server does not accept this client certificate ({said}). {_CERT_HINT}"
    if alert in _CERT_ALERTS:
        return f"the server wants a client certificate. {_CERT_HINT}"
    return f"no TLS connection. {_TLS_HINT}"


def _proxy_rule(root: BaseException) -> _Rule:
    """Tell a proxy that is not there from one that says no; http.client has its status only in a text."""
    match = re.match(r"Tunnel connection failed: (\d{3})", str(root))
    status = int(match[1]) if match else 0
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        hint = "Hint: proxy=http://user:password@proxy (--proxy), or so in HTTP_PROXY"
        return _Rule(OSError, f"the proxy wants credentials (407). {hint}")
    if status:
        passes = status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
        return _Rule(OSError, f"the proxy does not connect to the host ({status}). {_PROXY_HINT}", passes)
    return _Rule(OSError, f"the proxy does not connect. {_PROXY_HINT}")


def _unix_words(error: BaseException) -> str | None:
    match error:
        case FileNotFoundError():
            return "there is no unix socket at"
        case ConnectionRefusedError():
            return "nobody listens at the unix socket"
        case PermissionError():
            return "no permission to connect to the unix socket"
        case _:
            return None


def _is_timeout(error: Exception, root: BaseException) -> bool:
    return isinstance(error, requests.Timeout) or isinstance(root, TimeoutError | ReadTimeoutError)


def _layers(error: BaseException) -> Iterator[BaseException]:
    """Yield an error of a library and, inwards, those that it holds; the first that is no library's is the last."""
    while True:
        yield error
        inner = error.__cause__ or error.__context__ or next((a for a in error.args if isinstance(a, Exception)), None)
        if not isinstance(error, LIBRARY_ERRORS) or inner is None:
            return
        error = inner


def _root(error: BaseException) -> BaseException:
    *_, innermost = _layers(error)
    return innermost


def _freed(root: BaseException) -> OSError | None:
    """Return the operating system's error without what it was raised in: those texts hold the whole address."""
    if not isinstance(root, OSError) or isinstance(root, LIBRARY_ERRORS):
        return None
    root.__cause__ = root.__context__ = None
    return root.with_traceback(None)
