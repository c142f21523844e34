"""Connect for one HTTP exchange: by TCP or unix socket, and never for longer than the deadline."""

import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

_Found = list[tuple[Any, ...]]


class Watch:
    """Shuts the sockets of one exchange when its time is over.

    Timeouts of requests count from byte to byte: a server that drips holds a call for ever without this.
    It holds a duplicate of every socket: wrapping a socket in TLS leaves the original without its descriptor.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends_at = time.monotonic() + seconds
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(min(max(seconds, 0.0), threading.TIMEOUT_MAX), self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        self.forget()

    @property
    def expired(self) -> bool:
        """Whether the time is over: by the clock, a socket's own timeout may come before the timer."""
        return time.monotonic() >= self._ends_at

    def remaining(self, at_most: float = math.inf) -> float:
        """Return the seconds left, but no more than `at_most`; a little above 0, which would mean no timeout."""
        return max(min(self._ends_at - time.monotonic(), at_most), 0.001)

    def pause(self, seconds: float) -> bool:
        """Wait, and tell whether there is time for more."""
        return seconds < self.remaining() and not self._over.wait(seconds)

    def add(self, connected: socket.socket) -> None:
        """Watch over a socket, whatever is wrapped around it later."""
        with self._lock:
            self._sockets.append(connected.dup())
        if self.expired:
            self._expire()

    def forget(self) -> None:
        """Let go of the sockets of one attempt."""
        with self._lock:
            for connected in self._sockets:
                connected.close()
            self._sockets.clear()

    def _expire(self) -> None:
        self._over.set()
        with self._lock:
            for connected in self._sockets:
                with suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)


class WatchedAdapter(HTTPAdapter):
    """Opens every connection, direct or to a proxy, under the watch."""

    def __init__(self, watch: Watch, unix_socket: str | None) -> None:
        self._watch = watch
        self._open = partial(_open_unix, watch, unix_socket) if unix_socket else partial(_open_tcp, watch)
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
        pool.ConnectionCls = _watched(cast("type[HTTPConnection]", pool.ConnectionCls), self._open, self._watch)
        return pool


def _watched(
    connection: type[HTTPConnection], open_socket: Callable[[HTTPConnection], socket.socket], watch: Watch
) -> type[HTTPConnection]:
    """Replace the method of urllib3 that opens a socket; a TLS handshake and a proxy's CONNECT come after it."""

    def open_watched(self: HTTPConnection) -> socket.socket:
        try:
            return open_socket(self)
        except TimeoutError as error:
            raise ConnectTimeoutError from error
        except OSError as error:  # urllib3 takes a plain one for one of sending, and reads on after some
            raise NewConnectionError(self, "") from error

    def send(self: HTTPConnection, data: bytes) -> None:
        try:
            connection.send(self, data)
        except ssl.SSLEOFError as error:  # urllib3 reads on after a broken pipe: the server's alert is still to come
            raise BrokenPipeError from error

    def tunnel(self: HTTPConnection) -> None:
        connection._tunnel(self)
        if watch.expired:  # http.client takes the end for that of the proxy's headers
            raise TimeoutError

    methods = {"_new_conn": open_watched, "send": send, "_tunnel": tunnel}
    return type("WatchedConnection", (connection,), methods)


def _open_unix(watch: Watch, path: str, connection: HTTPConnection) -> socket.socket:
    return _connect(watch, socket.AF_UNIX, path, connection)


def _open_tcp(watch: Watch, connection: HTTPConnection) -> socket.socket:
    """Try the addresses of a host in turn."""
    # .host lacks the final dot of a full name; requests leaves the zone of an IPv6 address as an address has it
    host = connection._dns_host.strip("[]").replace("%25", "%")
    *others, last = _addresses(host, connection.port, watch.remaining(_timeout_of(connection)))
    for family, *_, address in others:
        with suppress(OSError):
            return _connect(watch, family, address, connection)
    return _connect(watch, last[0], last[-1], connection)


def _connect(watch: Watch, family: int, address: Any, connection: HTTPConnection) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family != socket.AF_UNIX:
            for option in connection.socket_options or ():
                made.setsockopt(*option)
        watch.add(made)
        made.settimeout(watch.remaining(_timeout_of(connection)))
        made.connect(address)
        made.settimeout(_timeout_of(connection))
    except BaseException:
        made.close()
        raise
    return made


def _timeout_of(connection: HTTPConnection) -> float:
    return connection.timeout or math.inf


def _addresses(host: str, port: int, seconds: float) -> _Found:
    """Look a name up, in a thread that is left behind when it is too slow: nothing interrupts the resolver."""
    found: list[_Found | OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
