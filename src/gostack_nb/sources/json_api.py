"""Ask a server that answers in JSON, profiles or logs: what it refuses becomes one sentence."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlunsplit

from gostack_nb.errors import QueryError, SourceError, UnreachableError
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.address import redacted, split, web_address
from gostack_nb.sources.blob import printable
from gostack_nb.sources.http import ask
from gostack_nb.sources.http_answer import Answer, Payload

TIMEOUT_SECONDS = 60.0
"""To connect, and without a byte: a server computes before it sends."""

DEADLINE_SECONDS = 150.0
"""For one request. Pyroscope, Parca and Loki give a query up after one to five minutes."""

LIMIT_BYTES = 256 << 20
"""Of one answer: a profile has a few MB; 5,000 lines of a log, each at Loki's limit of 256 KB, 1.3 GB."""

SHOWN_CHARACTERS = 300
"""Of a query, and of what a server says, in an error."""

Parameters = Sequence[tuple[str, str]]

_URL = re.compile(r"https?://[^\s\"'<>]+")
_HTML_BEGINS = (b"<!doctype html", b"<html")
_NO_PAGE = "404 page not found"  # net/http/server.go, NotFound: of any Go server
_UNREACHABLE = frozenset({401, 403, 407, 429})
_SENTENCES = {
    401: (
        "the server wants credentials",
        "give them as auth=(user, password) or bearer=TOKEN, a tenant as headers={'X-Scope-OrgID': ...}",
    ),
    403: ("the server forbids it to these credentials", "a token for reading may be needed"),
    429: ("the server has too many requests at present", "try again later"),
}
_HINTS = (
    (re.compile(r"org ?id|tenant", re.IGNORECASE), "name the tenant, headers={'X-Scope-OrgID': ...}"),
    (re.compile(r"parse error|failed to parse|syntax|matcher", re.IGNORECASE), "try the selector on the server's page"),
    (
        re.compile(r"timed? ?out|deadline|too many|exceed|limit|too (?:long|large)", re.IGNORECASE),
        "ask for a shorter time or a narrower selector",
    ),
)


@dataclass(frozen=True, slots=True)
class Api:
    """Where a server is, what it is called, and who asks."""

    product: str
    base: str = field(repr=False)  # may hold credentials
    query: tuple[tuple[str, str], ...] = field(repr=False)  # of the address: goes with each request
    access: Access = ANYONE

    @classmethod
    def at(cls, product: str, url: str, access: Access = ANYONE, *, pages: str = r"(?!)") -> Self:
        """Take the address of a server, with its prefix if it has one.

        Parameters
        ----------
        pages : str
            A pattern of what people copy behind it: the path of its API, or of a page for people.

        Raises
        ------
        UnreachableError
            If it is no http address.
        """
        parts = split(web_address(url))
        page = re.search(f"(?:{pages})$", parts.path.rstrip("/"))
        path = parts.path[: page.start()] if page else parts.path
        base = urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))
        return cls(product, base, () if page else tuple(parse_qsl(parts.query, keep_blank_values=True)), access)

    @property
    def shown(self) -> str:
        """The address without secrets."""
        return redacted(self.base)

    def url(self, path: str, parameters: Parameters = ()) -> str:
        """Return the address of one question."""
        query = urlencode([*self.query, *parameters])
        return f"{self.base}{path}{'?' if query else ''}{query}"

    def get(self, path: str, parameters: Parameters) -> Answer:
        """Ask; any status is an answer, a broken body is not."""
        return self._whole(_ask(self, self.url(path, parameters), None))

    def post(self, path: str, body: bytes, content_type: str) -> Answer:
        """Ask with a body; any status is an answer, a broken body is not."""
        return self._whole(_ask(self, self.url(path), Payload(body, content_type)))

    def post_json(self, path: str, question: Mapping[str, object]) -> Answer:
        """Ask in JSON."""
        return self.post(path, json.dumps(question).encode(), "application/json")

    def _whole(self, answer: Answer) -> Answer:
        if answer.cut is None:
            return answer
        msg = f"{self.shown}: the answer is incomplete, {answer.cut}. Hint: try again"
        raise UnreachableError(msg)


def _ask(api: Api, url: str, payload: Payload | None) -> Answer:
    return ask(
        url,
        access=api.access,
        timeout=TIMEOUT_SECONDS,
        deadline=DEADLINE_SECONDS,
        limit_bytes=LIMIT_BYTES,
        payload=payload,
    )


def json_object(answer: Answer) -> Mapping[str, Any]:
    """Return the object in an answer, an empty one if there is none."""
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def check(api: Api, answer: Answer, asked: str) -> None:
    """Return if the server did what it was asked for.

    Parameters
    ----------
    asked : str
        The query, as it is shown.

    Raises
    ------
    UnreachableError
        If it wants other credentials, or other requests first.
    QueryError
        If it refuses for any other reason; with its own words.
    """
    if answer.status >= 400:
        raise refusal(api, answer, asked)


def refusal(api: Api, answer: Answer, asked: str) -> SourceError:
    """Put into a sentence what the server said, or what its status means."""
    where = f"{api.shown}: {shown(asked)}"
    status = f"{answer.status} {printable(answer.reason)}".strip()
    text = _words(answer)
    said = f": {text}" if text else ""
    if answer.status in _SENTENCES:
        sentence, hint = _SENTENCES[answer.status]
        kind = UnreachableError if answer.status in _UNREACHABLE else QueryError
        return kind(f"{where}: {sentence} ({status}{said}). Hint: {hint}")
    if answer.status == 404 and text in {"", _NO_PAGE}:
        hint = f"give the address of {api.product} itself, with the prefix if there is one"
        return QueryError(f"{where}: {api.product} does not answer at this address ({status}). Hint: {hint}")
    return QueryError(f"{where}: {api.product} refuses ({status}{said}). Hint: {_hint(text)}")


def is_html(answer: Answer) -> bool:
    """Tell a page for people."""
    html = answer.headers.get("content-type", "").startswith("text/html")
    return html or answer.body[:100].lstrip().lower().startswith(_HTML_BEGINS)


def not_understood(api: Api, answer: Answer, asked: str) -> QueryError:
    """Say that an answer is not of this API."""
    seen = "an HTML page, perhaps a login" if is_html(answer) else f"it starts with {answer.body[:40]!r}"
    hint = f"Hint: give the address of {api.product} itself, http://host:port, with the prefix if there is one"
    return QueryError(f"{api.shown}: {shown(asked)}: not an answer of {api.product}: {seen}. {hint}")


def shown(text: str) -> str:
    """Return a text of others in one line, not too long; its addresses without secrets.

    What was given to open the door is not in it: `ask` takes it out of every refusal.
    """
    line = printable(_URL.sub(lambda url: redacted(url[0]), " ".join(text.split())))
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}..."


def _words(answer: Answer) -> str:
    """Return what the server says: `message` in JSON (Connect, gRPC gateway), plain text of Loki and of proxies."""
    told = json_object(answer)
    said = told.get("message") or told.get("error")
    if isinstance(said, str):
        return shown(f"{told['code']}, {said}" if isinstance(told.get("code"), str) else said)
    return "" if is_html(answer) else shown(answer.body[:SHOWN_CHARACTERS].decode("utf-8", "replace"))


def _hint(text: str) -> str:
    return next((hint for pattern, hint in _HINTS if pattern.search(text)), "try again, or look into the server's log")
