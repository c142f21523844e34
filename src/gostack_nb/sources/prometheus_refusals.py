"""An answer of Prometheus' API that holds nothing: why, in one sentence, without what is secret in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gostack_nb.errors import QueryError, SourceError, UnreachableError
from gostack_nb.sources.address import redacted
from gostack_nb.sources.blob import printable
from gostack_nb.sources.http import Answer

SHOWN_CHARACTERS = 300
"""Of a query, and of what a server says, in an error."""

_URL = re.compile(r"https?://[^\s\"'<>]+")
_TOO_MUCH = re.compile(r"too many|exceed|more than|limit", re.IGNORECASE)
_TOO_MUCH_STATUSES = {400, 413, 422}
_HTML_BEGINS = (b"<!doctype html", b"<html")
_HINTS = (
    (
        re.compile(r"parse error|unknown function|invalid parameter", re.IGNORECASE),
        "try the query on the server's page",
    ),
    (re.compile(r"org ?id|tenant", re.IGNORECASE), "name the tenant, headers={'X-Scope-OrgID': ...}"),
    (re.compile(r"timed? ?out|deadline", re.IGNORECASE), "ask for a shorter time or fewer series"),
    (_TOO_MUCH, "ask for a shorter time, fewer series or a longer step"),
)
_SENTENCES = {
    401: (
        "the server wants credentials",
        "give them as auth=(user, password) or bearer=TOKEN, a tenant as headers={'X-Scope-OrgID': ...}",
    ),
    403: ("the server forbids it to these credentials", "a token for reading metrics may be needed"),
    404: (
        "there is no such Prometheus API at this address",
        "give the address before /api/v1, http://host:9090, with the prefix if there is one, http://host/prometheus",
    ),
    429: ("the server has too many requests at present", "try again later"),
}

_NO_TARGETS = (
    "there is no list of targets at this address",
    "ask the Prometheus that scrapes (Mimir and others only store), by its address before /api/v1",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no answer, and whether a smaller question may have one."""

    error: SourceError
    asks_too_much: bool = False


def refusal(name: str, where: str, answer: Answer, told: Mapping[str, Any]) -> Refused:
    """Choose the sentence: what the server says itself, what its status means, what came instead.

    Parameters
    ----------
    name : str
        Of what was asked, as in the path: `query_range`, `targets`.
    where : str
        How the sentence begins: address and query, as they may be shown.
    answer : Answer
    told : mapping
        Its body, if that is a JSON object; else empty.
    """
    if answer.cut is not None:
        return Refused(UnreachableError(f"{where}: the answer is incomplete, {answer.cut}. Hint: try again"))
    if told.get("status") == "error" and isinstance(told.get("error"), str):
        return _said(where, answer, told)
    if answer.status in _SENTENCES:
        sentence, hint = _NO_TARGETS if (name, answer.status) == ("targets", 404) else _SENTENCES[answer.status]
        error = QueryError if answer.status == 404 else UnreachableError
        return Refused(error(f"{where}: {sentence} ({_status(answer)}). Hint: {hint}"))
    if answer.status >= 400:
        return _failed(where, answer)
    return Refused(QueryError(_no_prometheus(where, answer)))


def shown(text: str) -> str:
    """Return a text of others in one line, not too long, without what its addresses hold in secret."""
    line = without_secrets(" ".join(text.split()))
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}..."


def without_secrets(text: str) -> str:
    """Return a text whose addresses hold no user, password and secret-looking query values."""
    return printable(_URL.sub(lambda url: redacted(url[0]), text))


def _said(where: str, answer: Answer, told: Mapping[str, Any]) -> Refused:
    text = shown(told["error"])
    kind = f"{shown(str(told['errorType']))}, {_status(answer)}" if told.get("errorType") else _status(answer)
    too_much = answer.status in _TOO_MUCH_STATUSES and _TOO_MUCH.search(text) is not None
    return Refused(QueryError(f"{where}: the server refuses: {text} ({kind}). Hint: {_hint(text)}"), too_much)


def _failed(where: str, answer: Answer) -> Refused:
    text = "" if _is_html(answer) else shown(answer.body[:SHOWN_CHARACTERS].decode("utf-8", "replace"))
    said = f", {text!r}" if text else ""
    error = UnreachableError if answer.status >= 500 else QueryError
    return Refused(error(f"{where}: the server answers {_status(answer)}{said}. Hint: {_hint(text)}"))


def _status(answer: Answer) -> str:
    return f"{answer.status} {shown(answer.reason)}".strip()


def _hint(text: str) -> str:
    return next((hint for pattern, hint in _HINTS if pattern.search(text)), "try again, or look into the server's log")


def _no_prometheus(where: str, answer: Answer) -> str:
    if _is_html(answer):
        page = f"an HTML page from {answer.answered_by}, perhaps a login"
        return f"{where}: not Prometheus but {page}. Hint: give bearer=TOKEN or auth=..., or use the inner address"
    begin = repr(answer.body[:40])[1:]
    return f"{where}: the answer is not of Prometheus' API, it starts with {begin}. Hint: http://host:9090"


def _is_html(answer: Answer) -> bool:
    told = answer.headers.get("content-type", "")
    return told.startswith("text/html") or answer.body[:100].lstrip().lower().startswith(_HTML_BEGINS)
