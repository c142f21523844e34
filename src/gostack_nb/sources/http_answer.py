"""What a server answered, and what its status means, in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from gostack_nb.errors import NotPprofError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.address import is_profile, is_secret_name, without_secret_pairs
from gostack_nb.sources.blob import printable

MAX_MESSAGE_CHARACTERS = 200

_HTML_BEGINS = (b"<!doctype html", b"<html")
_ADDRESS_HEADERS = frozenset({"content-location", "link", "location", "refresh"})  # their query may hold a token
_SAYS_HTTPS = (b"client sent an http request to an https server", b"plain http request was sent to https port")
_PPROF_HINT = 'Hint: import _ "net/http/pprof" in the service, and ask the port that serves it'
_PROFILE_HINT = "Hint: goroutineleak needs Go 1.27; see the list at /debug/pprof/"
_CREDENTIALS_HINT = (
    "Hint: give them as auth= or bearer= (--user, --bearer-file), in the address, http://user:password@host, "
    "or in .netrc"
)
_CREDENTIALS = {
    HTTPStatus.UNAUTHORIZED: "the server wants credentials",
    HTTPStatus.FORBIDDEN: "the server forbids it to these credentials",
}


@dataclass(frozen=True, slots=True)
class Payload:
    """What a POST sends. It is a question: asking it twice must do no harm."""

    body: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever the status.

    Attributes
    ----------
    source : str
        The address asked, without credentials and secret query values.
    status : int
        Of HTTP.
    reason : str
        The words beside it: `Not Found`.
    headers : mapping of str to str
        Names in lower case; those that may hold a secret are left out.
    body : bytes
        The content encoding is undone. With a status of 400 or more the credentials that were given are masked in it.
    cut : str or None
        Why the body is incomplete, in words; None if it is complete.
    started_at, finished_at : datetime
        Aware, UTC: when it was asked, and when the last byte came.
    answered_by : str
        `host:port` that answered, after redirects.
    message : str
        What an API says in JSON beside a status of 400 or more; the credentials given are masked. Empty if nothing.
    """

    source: str
    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    cut: str | None
    started_at: datetime
    finished_at: datetime
    answered_by: str = ""
    message: str = ""


def check_status(answer: Answer) -> None:
    """Raise what a status of 400 or more means, in words; below that return.

    Raises
    ------
    NotPprofError
        If nothing, or no such profile, is served at this path.
    UnreachableError
        If the server wants credentials, forbids it, or fails.
    """
    if answer.status < HTTPStatus.BAD_REQUEST:
        return
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotPprofError(_not_found(answer))
    raise UnreachableError(_refused(answer))


def check_not_html(answer: Answer) -> None:
    """Refuse a page where only a profile is served. Elsewhere HTML may hold a dump.

    Raises
    ------
    NotPprofError
        If the address is one of net/http/pprof and the answer is HTML: a login, or an error page.
    """
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    if is_profile(answer.source) and (is_html or answer.body[:100].lstrip().lower().startswith(_HTML_BEGINS)):
        page = f"an HTML page from {answer.answered_by}, perhaps a login"
        hint = "Hint: use the inner address, or kubectl port-forward"
        msg = f"{answer.source}: not a profile but {page}. {hint}"
        raise NotPprofError(msg)


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that hold no secret, names in lower case."""
    lower = {name.lower(): printable(value) for name, value in headers.items()}
    return {
        name: value
        for name, value in lower.items()
        if name not in _ADDRESS_HEADERS and "cookie" not in name and not is_secret_name(name)
    }


def shown_text(text: str, access: Access) -> str:
    """Return a text of the server as an error may show it: printable, short, without what was given."""
    return printable(access.masked(without_secret_pairs(" ".join(text.split()))))[:MAX_MESSAGE_CHARACTERS]


def message_in(body: bytes) -> str:
    """Return what an API says in JSON: Kubernetes' Status has a `message`, as many others have."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return message if isinstance(message, str) else ""


def _not_found(answer: Answer) -> str:
    if "x-go-pprof" in answer.headers:
        said = f"pprof answers here, but has no profile of this name ({_words(answer)})"
        return f"{answer.source}: {said}. {_PROFILE_HINT}"
    return f"{answer.source}: nothing is served at this path ({_words(answer)}). {_PPROF_HINT}"


def _refused(answer: Answer) -> str:
    if answer.status in _CREDENTIALS:
        return f"{answer.source}: {_CREDENTIALS[HTTPStatus(answer.status)]} ({_words(answer)}). {_CREDENTIALS_HINT}"
    if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        hint = "Hint: proxy=http://user:password@proxy (--proxy), or so in HTTP_PROXY"
        return f"{answer.source}: the proxy wants credentials ({_words(answer)}). {hint}"
    if any(words in answer.body[:1000].lower() for words in _SAYS_HTTPS):
        return f"{answer.source}: the server speaks TLS on this port ({_words(answer)}). Hint: ask https://"
    hint = "Hint: try again, or look into the service's log"
    return f"{answer.source}: the server answers {_words(answer)}. {hint}"


def _words(answer: Answer) -> str:
    status = f"{answer.status} {answer.reason}".strip()
    return f"{status}: {answer.message}" if answer.message else status
