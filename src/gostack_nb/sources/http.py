"""Fetch one profile, or one stored file, over HTTP: within a deadline and a size, without telling secrets.

Credentials in an address go to that host only. `.netrc` is asked only when the address holds none. No text
of an error shows user, password or secret-looking query values; for that reason errors are chained from the
operating system's own error and not from requests', whose text holds the whole address.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import PurePosixPath
from typing import cast
from urllib.parse import unquote, urljoin

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError, ReadTimeoutError

from gostack_nb.errors import DeadlineError, NotPprofError, SourceError, TooBigError, UnreachableError
from gostack_nb.sources.address import (
    Credentials,
    host_and_port,
    is_loopback,
    is_profile,
    profile_address,
    redacted,
    scheme_of,
    split,
    without_credentials,
)
from gostack_nb.sources.archives import unpack_one
from gostack_nb.sources.blob import DEFAULT_LIMITS, Blob, Limits
from gostack_nb.sources.captured_at import Stamp, from_unix, time_in_path
from gostack_nb.sources.packed import Packed
from gostack_nb.sources.sidecar import NOTHING_TOLD, Told

TIMEOUT_SECONDS = 60.0
"""To connect, and without a byte: 400,003 goroutines take 5 s to print, a delta profile its `seconds`."""

DEADLINE_SECONDS = 180.0
"""For everything: 64 MiB, the longest debug=2 text, over a line of 4 Mbit/s."""

MAX_REDIRECTS = 5
CHUNK_BYTES = 1 << 16

_LIBRARY_ERRORS = (requests.RequestException, HTTPError)
_HEADERS = {"Accept-Encoding": "gzip", "Connection": "close", "User-Agent": "gostack-nb"}
_HTML_BEGINS = (b"<!doctype html", b"<html")
_PPROF_HINT = 'Hint: import _ "net/http/pprof" in the service, and ask the port that serves it'
_PROFILE_HINT = "Hint: goroutineleak needs Go 1.27; see the list at /debug/pprof/"
_CREDENTIALS_HINT = "Hint: give them in the address, http://user:password@host, or in .netrc"
_STATUS_SENTENCES = {401: "the server wants credentials", 403: "the server forbids it to these credentials"}
_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "its TLS certificate is not trusted. Hint: name the CA in REQUESTS_CA_BUNDLE",
    ),
    (
        requests.exceptions.SSLError,
        "no TLS connection. Hint: does this port speak http:// instead of https://?",
    ),
    (
        requests.exceptions.ProxyError,
        "the proxy does not connect. Hint: check HTTP_PROXY, or name the host in NO_PROXY",
    ),
    (socket.gaierror, "the name of the host is not known. Hint: check the spelling and the VPN"),
    (
        ConnectionRefusedError,
        "the connection is refused. Hint: is the service up and listening on this port?",
    ),
    (requests.exceptions.InvalidURL, "not a valid address. Hint: http://host:port/path"),
    (DecodeError, "the answer's content encoding is damaged. Hint: try again"),
    (ProtocolError, "the connection broke before anything came. Hint: try again"),
    (
        http.client.RemoteDisconnected,
        "the server hangs up without an answer. Hint: does it speak https:// on this port?",
    ),
    (http.client.BadStatusLine, "the answer is not HTTP. Hint: does it speak https:// on this port?"),
    (requests.exceptions.ConnectionError, "the connection broke. Hint: try again"),
)


def fetch(
    url: str,
    *,
    timeout: float = TIMEOUT_SECONDS,
    deadline: float = DEADLINE_SECONDS,
    limits: Limits = DEFAULT_LIMITS,
) -> Blob:
    """Fetch one profile.

    Parameters
    ----------
    url : str
        Of a service (`http://host:6060`), of its pprof index, or of one profile. The first two mean
        `/debug/pprof/goroutine?debug=2`.
    timeout : float
        Seconds to connect, and to wait for the next byte.
    deadline : float
        Seconds for everything together.
    limits : Limits
        `response_bytes` counts what comes out of the content encoding.

    Returns
    -------
    Blob
        With the time of the request and `host:port` as instance; `truncated` if the connection broke.

    Raises
    ------
    UnreachableError, DeadlineError, TooBigError, NotPprofError
        Each says what was asked, what was seen, and what to do.
    """
    return unpack_one(download(url, timeout=timeout, deadline=deadline, limits=limits), limits)


def download(
    url: str,
    *,
    timeout: float = TIMEOUT_SECONDS,
    deadline: float = DEADLINE_SECONDS,
    limits: Limits = DEFAULT_LIMITS,
) -> Packed:
    """Fetch the bytes as the server sends them; what `fetch` says holds here too."""
    address, credentials = without_credentials(profile_address(url))
    source = redacted(address)
    asked_at = datetime.now(UTC)
    with (
        _plain_errors(source, deadline) as watch,
        _session(watch) as session,
        _follow(session, address, credentials, min(timeout, deadline)) as response,
    ):
        _check_status(response, source)
        body, cut = _read_body(response, source, limits.response_bytes, watch)
        file_time = _last_modified(response)
        _check_not_html(response, body, address)
    told = Told(Stamp(asked_at, "caller"), instance=host_and_port(address))
    return Packed(
        source=source,
        parts=_parts(address),
        open=lambda: BytesIO(body),
        told=NOTHING_TOLD if _is_stored(address, file_time) else told,
        file_time=file_time,
        cut=cut,
    )


class _Watch:
    """Shuts the sockets of one fetch when its time is over.

    Timeouts of requests count from byte to byte: a server that drips holds a call for ever without this.
    """

    def __init__(self) -> None:
        self.expired = False
        self._sockets: list[socket.socket] = []

    def add(self, connected: socket.socket | None) -> None:
        if connected:
            self._sockets.append(connected)
        if self.expired:
            self.expire()

    def expire(self) -> None:
        self.expired = True
        for connected in self._sockets:
            with suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)  # an SSLSocket's own would drop its state


class _WatchedAdapter(HTTPAdapter):
    """Tells the watch about every connection, direct or through a proxy."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        super().__init__()

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,  # noqa: FBT001 - the signature of requests
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> HTTPConnectionPool:
        """Return the pool, whose connections are watched from now on."""
        made = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool = cast("HTTPConnectionPool", made)
        pool.ConnectionCls = _watched(cast("type[HTTPConnection]", pool.ConnectionCls), self._watch)
        return pool


def _watched(connection: type[HTTPConnection], watch: _Watch) -> type[HTTPConnection]:
    def connect(self: HTTPConnection) -> None:
        connection.connect(self)
        watch.add(self.sock)

    return type("WatchedConnection", (connection,), {"connect": connect})


@contextmanager
def _plain_errors(source: str, deadline: float) -> Iterator[_Watch]:
    """Start the deadline, and turn what goes wrong into one sentence."""
    watch = _Watch()
    timer = threading.Timer(deadline, watch.expire)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    except (requests.RequestException, HTTPError, OSError) as error:
        cause = _root(error)
        tells_address = isinstance(cause, _LIBRARY_ERRORS)
        raise _failure(source, error, deadline if watch.expired else None) from (None if tells_address else cause)
    finally:
        timer.cancel()
        timer.join()
    if watch.expired:
        raise _too_late(source, deadline)


@contextmanager
def _session(watch: _Watch) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.update(_HEADERS)
        for scheme in ("http://", "https://"):
            session.mount(scheme, _WatchedAdapter(watch))
        yield session


def _follow(
    session: requests.Session, address: str, credentials: Credentials | None, timeout: float
) -> requests.Response:
    """Ask, and follow redirects; from the first foreign host on without the credentials."""
    url = address
    for _ in range(MAX_REDIRECTS + 1):
        proxies = {"no_proxy": split(url).hostname or ""} if is_loopback(url) else None
        response = session.get(
            url,
            auth=HTTPBasicAuth(*credentials) if credentials else None,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
            proxies=proxies,
        )
        target = session.get_redirect_target(response)
        if target is None:
            return response
        response.close()
        url, credentials = _next_hop(session, url, target, credentials)
    where = f"the last to {redacted(url)}. Hint: open it in a browser"
    msg = f"{redacted(address)}: more than {MAX_REDIRECTS} redirects, {where}"
    raise UnreachableError(msg)


def _next_hop(
    session: requests.Session, url: str, target: str, credentials: Credentials | None
) -> tuple[str, Credentials | None]:
    following = urljoin(url, target)
    if scheme_of(following) not in {"http", "https"}:
        msg = f"{redacted(url)}: redirects to {redacted(following)}, which is no web address"
        raise UnreachableError(msg)
    bare, _ = without_credentials(following)
    return bare, None if session.should_strip_auth(url, bare) else credentials  # type: ignore[no-untyped-call]


def _read_body(response: requests.Response, source: str, limit: int, watch: _Watch) -> tuple[bytes, str | None]:
    """Return the body after the content encoding, and why it is incomplete if it is."""
    chunks: list[bytes] = []
    size = 0
    try:
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):  # read() drops what comes before a break
            size += len(chunk)
            if size > limit:
                msg = f"{source}: the answer has more than {limit:,} bytes. Hint: save it with curl and look"
                raise TooBigError(msg)
            chunks.append(chunk)
    except ProtocolError:
        if watch.expired or not chunks:
            raise
        return b"".join(chunks), f"the connection broke after {size:,} bytes: what came before is read"
    return b"".join(chunks), None


def _check_status(response: requests.Response, source: str) -> None:
    code, words = response.status_code, f"{response.status_code} {response.reason or ''}".strip()
    if response.ok:
        return
    if code in _STATUS_SENTENCES:
        msg = f"{source}: {_STATUS_SENTENCES[code]} ({words}). {_CREDENTIALS_HINT}"
        raise UnreachableError(msg)
    if code == requests.codes.not_found and "X-Go-Pprof" in response.headers:
        msg = f"{source}: pprof answers here, but has no profile of this name ({words}). {_PROFILE_HINT}"
        raise NotPprofError(msg)
    if code == requests.codes.not_found:
        msg = f"{source}: nothing is served at this path ({words}). {_PPROF_HINT}"
        raise NotPprofError(msg)
    msg = f"{source}: the server answers {words}. Hint: try again, or look into the service's log"
    raise UnreachableError(msg)


def _check_not_html(response: requests.Response, body: bytes, address: str) -> None:
    """Refuse a page where only a profile is served. Elsewhere HTML may hold a dump."""
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    if is_profile(address) and (is_html or body[:100].lstrip().lower().startswith(_HTML_BEGINS)):
        page = f"an HTML page from {host_and_port(response.url)}, perhaps a login"
        hint = "Hint: use the inner address, or kubectl port-forward"
        msg = f"{redacted(address)}: not a profile but {page}. {hint}"
        raise NotPprofError(msg)


def _failure(source: str, error: Exception, expired_after: float | None) -> SourceError:
    """Choose the sentence for an error of requests, whose own text holds the whole address."""
    if expired_after is not None:
        return _too_late(source, expired_after)
    if isinstance(error, requests.Timeout) or isinstance(_root(error), TimeoutError | ReadTimeoutError):
        return DeadlineError(
            f"{source}: no answer in time. Hint: check host, port and firewall, or allow a longer timeout"
        )
    root = _root(error)
    sentence = next((text for kind, text in _FAILURES if isinstance(error, kind) or isinstance(root, kind)), None)
    return UnreachableError(f"{source}: {sentence or f'the exchange failed ({type(root).__name__})'}")


def _root(error: BaseException) -> BaseException:
    """Return the operating system's error behind that of a library, which holds the whole address."""
    while isinstance(error, _LIBRARY_ERRORS) and (cause := error.__cause__ or error.__context__):
        error = cause
    return error


def _too_late(source: str, deadline: float) -> DeadlineError:
    hint = "Hint: allow a longer deadline, or ask for debug=1, which is short"
    return DeadlineError(f"{source}: not complete after {deadline:g} s. {hint}")


def _is_stored(address: str, file_time: datetime | None) -> bool:
    """Tell a file kept on a web server from a live answer: its time is not that of the request."""
    return not is_profile(address) and (file_time is not None or time_in_path(_parts(address)) is not None)


def _last_modified(response: requests.Response) -> datetime | None:
    try:
        at = parsedate_to_datetime(response.headers.get("Last-Modified", ""))
    except ValueError:
        return None
    return from_unix(at.replace(tzinfo=at.tzinfo or UTC).timestamp())


def _parts(address: str) -> tuple[str, ...]:
    return tuple(unquote(part) for part in PurePosixPath(split(address).path).parts)
