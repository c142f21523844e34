"""Addresses of services: what is asked, what may be shown, who answers."""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.blob import printable

Credentials = tuple[bytes, bytes]

_SECRET = re.compile(r"token|key|secret|pass|pwd|auth|sig|cred|session|jwt|code", re.IGNORECASE)
_PAIR = re.compile(r"([\w.%-]+)=[^\s&\"']+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_PORTS = {"http": 80, "https": 443}
_LOOPBACK = re.compile(r"(.+\.)?localhost\.?|127\.[\d.]+|::1|::ffff:127\.[\d.]+", re.IGNORECASE)


def scheme_of(text: str) -> str | None:
    """Return the scheme of an address in lower case, None for a path."""
    match = _SCHEME.match(text)
    return match[1].lower() if match else None


def web_address(text: str) -> str:
    """Complete what people write for a server.

    Raises
    ------
    UnreachableError
        If it is a path, or has a scheme other than http and https.

    Examples
    --------
    >>> web_address("10.0.0.7:9090"), web_address(":6060")
    ('http://10.0.0.7:9090', 'http://localhost:6060')
    """
    text = text.strip()
    scheme = scheme_of(text)
    if scheme is None and text.startswith(("/", ".", "~")):
        msg = f"{printable(text)}: a path, no address. Hint: host:port; a socket is given as unix_socket"
        raise UnreachableError(msg)
    if scheme is None:
        return f"http://localhost{text}" if text.startswith(":") else f"http://{text}"
    if scheme not in _PORTS:
        msg = f"{redacted(text)}: {scheme}:// cannot be asked. Hint: http://host:port"
        raise UnreachableError(msg)
    return text


def redacted(url: str) -> str:
    """Return the address without user, password, fragment and secret-looking query values.

    Examples
    --------
    >>> redacted("http://me:pw@10.0.0.7:6060/debug/pprof/goroutine?debug=2&token=abc")
    'http://10.0.0.7:6060/debug/pprof/goroutine?debug=2&token=***'
    """
    try:
        parts = split(url)
    except UnreachableError:
        return f"{scheme_of(url) or 'address'}://***"
    query = "&".join(_shown_pair(pair) for pair in parts.query.split("&"))
    return printable(urlunsplit((parts.scheme, _bare_host(parts), parts.path, query, "")))


def split(url: str) -> SplitResult:
    """Split an address.

    Raises
    ------
    UnreachableError
        If it has no host, a port that is no number, or bytes that are no UTF-8. The text shows nothing of it: it may
        hold a password.
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port, url.encode()
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if not parts.hostname:
        hint = "Hint: in a password write / as %2F, @ as %40 and : as %3A"
        msg = f"{scheme_of(url) or 'address'}://***: not an address of the form http://host:port/path. {hint}"
        raise UnreachableError(msg)
    return parts


def without_credentials(url: str) -> tuple[str, Credentials | None]:
    """Take user and password out of an address."""
    parts = split(url)
    bare = urlunsplit((parts.scheme, _bare_host(parts), parts.path, parts.query, ""))
    if parts.username is None:
        return bare, None
    return bare, (unquote(parts.username).encode(), unquote(parts.password or "").encode())


def profile_address(url: str) -> str:
    """Complete the address of a service or of its pprof index; any other is left as given.

    Examples
    --------
    >>> profile_address("http://10.0.0.7:6060")
    'http://10.0.0.7:6060/debug/pprof/goroutine?debug=2'
    """
    parts = split(url)
    path = parts.path.rstrip("/")
    if path and not path.endswith("/debug/pprof"):
        return url
    path = f"{path or '/debug/pprof'}/goroutine"
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [] if "debug" in dict(query) else [("debug", "2")]
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, quote_via=quote), ""))


def is_profile(url: str) -> bool:
    """Tell whether the address is one of net/http/pprof, where only profiles are served."""
    return "/pprof/" in split(url).path


def host_and_port(url: str) -> str:
    """Return `host:port` as Prometheus writes an instance.

    Examples
    --------
    >>> host_and_port("https://me@push.example/debug/pprof/")
    'push.example:443'
    """
    parts = split(url)
    port = parts.port or _PORTS.get(parts.scheme)
    host = _bare_host(parts)
    return host if parts.port or port is None else f"{host}:{port}"


def is_loopback(url: str) -> bool:
    """Tell whether the address is this machine's own: no proxy can reach it."""
    return bool(_LOOPBACK.fullmatch(split(url).hostname or ""))


def is_same_place(url: str, other: str) -> bool:
    """Tell whether credentials for one address may go to the other: same scheme, host and port.

    From http to https on the standard ports of the same host they may too, as requests allows it.

    Examples
    --------
    >>> is_same_place("http://push.example/a", "https://push.example/b")
    True
    >>> is_same_place("https://push.example/a", "https://push.example:8443/a")
    False
    """
    one, two = _place(url), _place(other)
    is_upgrade = (one[0], one[2], two[0], two[2]) == ("http", 80, "https", 443)
    return one == two or (is_upgrade and one[1] == two[1])


def is_secret_name(name: str) -> bool:
    """Tell whether the name of a query parameter or header sounds as if its value were a secret."""
    return bool(_SECRET.search(name))


def without_secret_pairs(text: str) -> str:
    """Hide what a server repeats of a query.

    Examples
    --------
    >>> without_secret_pairs("no route for /dump?debug=2&token=abc")
    'no route for /dump?debug=2&token=***'
    """
    return _PAIR.sub(lambda pair: f"{pair[1]}=***" if is_secret_name(pair[1]) else pair[0], text)


def _place(url: str) -> tuple[str, str | None, int | None]:
    parts = split(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _bare_host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _shown_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}=***" if equals and is_secret_name(unquote(name)) else pair
