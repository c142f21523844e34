"""Where a service's pprof and metrics are, what its index lists, and whether an answer is what was asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, quote, urlencode, urlunsplit

from gostack_nb.errors import NotPprofError
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.address import host_and_port, redacted, split, web_address
from gostack_nb.sources.blob import printable
from gostack_nb.sources.http import ask
from gostack_nb.sources.http_answer import Answer, check_status

DEADLINE_SECONDS = 180.0
"""For one answer: 64 MiB, the longest debug=2 text, over a line of 4 Mbit/s."""

MAX_ANSWER_BYTES = 256 << 20
"""For one answer. Go's longest text is 64 MiB (debug=2); debug=1 of 625,327 goroutines had 10.6 MB."""

UNAUTHORIZED = 401

_GZIP, _PROTO = b"\x1f\x8b", b"\x0a"  # a proxy may have unpacked the profile
_TRACEBACK = b"goroutine "
_OTHERS = frozenset({"allocs", "block", "cmdline", "heap", "mutex", "profile", "symbol", "threadcreate", "trace"})
_ANY_KIND = "dump"
_SHOWN_CHARACTERS = 40
_LOOKED_AT_BYTES = 4096
_LONGEST_NUMBER = 9
_HTML = (b"<!doctype", b"<html", b"<head")

# /api/v1/namespaces/push/pods/push-7d9f:6060/proxy/debug/pprof/   also pods/https:push-7d9f:6443
_POD = re.compile(r"/namespaces/[^/]+/(?:pods|services)/(?:https?:)?(?P<name>[^/:]+)(?::[^/]*)?/proxy(?:/|$)")

# net/http/pprof/pprof.go, indexTmpl of go1.11 and indexTmplExecute since go1.16, a table without counts of its own:
#   <tr><td>288</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>
# go1.10 and before leave the closing tags out:
#   <tr><td align=right>288<td><a href="goroutine?debug=1">goroutine</a>
_ROW = re.compile(
    rb"<td[^<>]*>\s*+(?P<count>\d{1,18})\s*+(?:</td>\s*+)?<td[^<>]*>\s*+<a\s[^<>]*>(?P<name>[^<]{1,200})</a>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One answer that a service can give.

    Attributes
    ----------
    kind : str
        As in `Evidence`.
    words : str
        What people call it.
    begins : tuple of bytes
        How the answer begins; empty if that is not known.
    profile : str
        The last part of its path.
    debug : str or None
        The value of the query's `debug`.
    """

    kind: str
    words: str
    begins: tuple[bytes, ...] = ()
    profile: str = "goroutine"
    debug: str | None = None

    @property
    def stops_the_service(self) -> bool:
        """Whether Go writes it with the world stopped."""
        return self.debug == STACKS.debug


COUNTS = Part("goroutine.debug1.txt", "debug=1", (b"goroutine profile: total ",), debug="1")
PROTO = Part("goroutine.pb", "debug=0", (_GZIP, _PROTO), debug="0")
STACKS = Part("goroutine.debug2.txt", "debug=2", (_TRACEBACK,), debug="2")
LEAKED = Part(
    "goroutineleak.debug1.txt", "goroutineleak", (b"goroutineleak profile: total ",), "goroutineleak", debug="1"
)
METRICS = Part("metrics.txt", "metrics", profile="metrics")

_LEAK_FORMS = {
    "0": Part("goroutineleak.pb", "goroutineleak debug=0", (_GZIP, _PROTO), "goroutineleak", "0"),
    "1": LEAKED,
    "2": Part("goroutineleak.debug2.txt", "goroutineleak debug=2", (_TRACEBACK,), "goroutineleak", "2"),
}
_FORMS: Mapping[str, Mapping[str, Part]] = {
    "goroutine": {"0": PROTO, "1": COUNTS, "2": STACKS},
    "goroutineleak": _LEAK_FORMS,
}


@dataclass(frozen=True, slots=True)
class Target:
    """One process to ask.

    Attributes
    ----------
    address : str
        Of its pprof index, or of the one profile that was named; credentials and tokens are still in it.
    instance : str
        `host:port`, the name of the pod behind `kubectl proxy`, or the path of the unix socket.
    one : Part or None
        The profile that alone is taken.
    """

    address: str = field(repr=False)
    instance: str
    one: Part | None = None

    @property
    def source(self) -> str:
        """The address without secrets."""
        return redacted(self.address)

    def address_of(self, part: Part) -> str:
        """Return where an answer is had; the query that was given goes along."""
        if self.one is not None:
            return self.address
        parts = split(self.address)
        query = parse_qsl(parts.query, keep_blank_values=True)
        if part is METRICS:
            path = parts.path.removesuffix("pprof/").removesuffix("debug/") + "metrics"
        else:
            path = parts.path + part.profile
            query.append(("debug", part.debug or "0"))
        return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, quote_via=quote), ""))


@dataclass(frozen=True, slots=True)
class Index:
    """What the index page lists.

    Attributes
    ----------
    profiles : mapping of str to int
        Name of each profile, and its count: of `goroutine` all that run now, of `goroutineleak` those that the last
        request for this profile found.
    """

    profiles: Mapping[str, int]


def target_of(url: str, access: Access = ANYONE) -> Target:
    """Make out where a service is asked.

    Parameters
    ----------
    url : str
        The service (`http://host:6060`, `host:6060`, `:6060`), its pprof index (`http://host/internal/debug/pprof/`,
        `http://127.0.0.1:8001/api/v1/namespaces/NS/pods/POD:PORT/proxy/`), or one profile. A path that ends in a slash
        is the root of a service; any other path is taken as it is.
    access : Access
        Its unix socket names the instance.

    Raises
    ------
    UnreachableError
        If this is no address.
    NotPprofError
        If it is a profile that holds no goroutines.

    Examples
    --------
    >>> target_of("localhost:6060").source
    'http://localhost:6060/debug/pprof/'
    """
    address = web_address(url)
    parts = split(address)
    instance = str(access.unix_socket) if access.unix_socket else _instance(address)
    root = _root(parts.path)
    if root is None:
        return Target(address, instance, _one(address))
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "debug"]
    made = urlunsplit((parts.scheme, parts.netloc, root, urlencode(query, quote_via=quote), ""))
    return Target(made, instance)


def read_index(target: Target, *, access: Access = ANYONE, deadline: float = DEADLINE_SECONDS) -> Index:
    """Ask a service which profiles it has, and how many goroutines.

    Raises
    ------
    SourceError
        If there is no answer, or if it is no index of net/http/pprof.
    """
    answer = ask(target.address, access=access, deadline=deadline, limit_bytes=MAX_ANSWER_BYTES)
    return index_in(answer, access)


def index_in(answer: Answer, access: Access = ANYONE) -> Index:
    """Read the page of net/http/pprof, go1.2 to go1.27. What `access` holds is not shown in an error.

    Raises
    ------
    SourceError
        If the status is an error, or the page another one.
    """
    check_status(answer)
    found = {_text(row["name"]): int(row["count"]) for row in _ROW.finditer(answer.body)}
    if not found:
        msg = f"{answer.source}: {_seen(answer.body, access)}, not the list of profiles. {_PPROF_HINT}"
        raise NotPprofError(msg)
    return Index(found)


def check_part(answer: Answer, part: Part, access: Access = ANYONE) -> None:
    """Check that an answer is what was asked for. What `access` holds is not shown in an error.

    Raises
    ------
    SourceError
        If the status is an error, or the body something else: a login page, a JSON error.
    """
    check_status(answer)
    if part is METRICS and b"go_goroutines" not in answer.body:
        msg = f"{answer.source}: {_seen(answer.body, access)}, no metrics page with go_goroutines. {_METRICS_HINT}"
        raise NotPprofError(msg)
    if part.kind == _ANY_KIND and _is_html(answer.body):
        msg = f"{answer.source}: {_seen(answer.body, access)}, no dump. {_PPROF_HINT}"
        raise NotPprofError(msg)
    if part.begins and not answer.body.startswith(part.begins):
        msg = f"{answer.source}: not {part.words} of a Go program but {_seen(answer.body, access)}. {_INNER_HINT}"
        raise NotPprofError(msg)


_PPROF_HINT = "Hint: name the path where net/http/pprof is served, such as /debug/pprof/"
_METRICS_HINT = "Hint: the counts are taken from the dumps"
_INNER_HINT = "Hint: use the inner address, or kubectl port-forward"


def _instance(address: str) -> str:
    pod = _POD.search(split(address).path)
    return pod["name"] if pod else host_and_port(address)


def _root(path: str) -> str | None:
    """Return the path of the index; None if the path is that of one profile or file."""
    bare = path.rstrip("/")
    if bare.endswith("/pprof"):
        return f"{bare}/"
    if not bare or path.endswith("/") or (_POD.search(path) and bare.endswith("/proxy")):
        return f"{bare}/debug/pprof/"
    return None


def _one(address: str) -> Part:
    """Tell which profile an address names; debug is read as net/http/pprof reads it, handler.ServeHTTP."""
    parts = split(address)
    name = parts.path.rsplit("/", 1)[-1]
    given = dict(parse_qsl(parts.query)).get("debug", "0")
    debug = str(min(int(given), 2)) if given.isdecimal() and len(given) < _LONGEST_NUMBER else "0"
    if "/pprof/" not in parts.path:
        return Part(_ANY_KIND, "a dump", profile=name)
    if name in _OTHERS:
        msg = (
            f"{redacted(address)}: {name} holds no goroutines. Hint: .../goroutine?debug=1, or the address of the index"
        )
        raise NotPprofError(msg)
    forms = _FORMS.get(name)
    return forms[debug] if forms else Part(_ANY_KIND, name, profile=name)


def _text(html: bytes) -> str:
    return printable(unescape(html.decode("utf-8", "replace"))).strip()


def _seen(body: bytes, access: Access) -> str:
    """Say what an answer is, or how it begins."""
    if _is_html(body):
        return "an HTML page, perhaps a login"
    start = body[:_LOOKED_AT_BYTES].lstrip()
    if not start:
        return "an empty answer"
    text = access.masked(start.decode("utf-8", "replace"))
    return f"something that starts with {text[:_SHOWN_CHARACTERS]!r}"


def _is_html(body: bytes) -> bool:
    return body[:_LOOKED_AT_BYTES].lstrip().lower().startswith(_HTML)
