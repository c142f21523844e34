"""One attempt to ask over HTTP: the request, its redirects, the body within its limit."""

import os
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urljoin

import requests
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.exceptions import ProtocolError, SSLError
from urllib3.response import HTTPResponse

from gostack_nb.errors import TooBigError, UnreachableError
from gostack_nb.sources.access import Access
from gostack_nb.sources.address import (
    host_and_port,
    is_loopback,
    is_same_place,
    redacted,
    scheme_of,
    without_credentials,
)
from gostack_nb.sources.blob import DEFAULT_LIMITS
from gostack_nb.sources.compressed import CODECS, Inflated
from gostack_nb.sources.http_answer import Answer, Payload, message_in, shown_headers, shown_text
from gostack_nb.sources.http_connection import Watch, WatchedAdapter

MAX_REDIRECTS = 5
CHUNK_BYTES = 1 << 16

_HEADERS = {"Accept-Encoding": "gzip", "Connection": "close", "User-Agent": "gostack-nb"}
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_GZIP = CODECS[0]
_TURNS_TO_GET = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one host: an address without credentials, and what opens its door."""

    address: str
    access: Access
    payload: Payload | None = None


def exchange(question: Question, *, source: str, timeout: float, limit_bytes: int, watch: Watch) -> Answer:
    """Ask once, follow redirects, read the body.

    Raises
    ------
    UnreachableError
        If redirects lead nowhere, or the body comes in an encoding that was not asked for.
    TooBigError
        If the body has more bytes than the limit.
    requests.RequestException, urllib3.exceptions.HTTPError, OSError
        For everything else: for `http_errors` to put into words.
    """
    started_at = datetime.now(UTC)
    with ExitStack() as stack:
        landed, response = _follow(question, timeout, watch, stack)
        body, cut = _read_body(response, source, limit_bytes, watch)
        return Answer(
            source=source,
            status=response.status_code,
            reason=shown_text(response.reason or "", question.access),
            headers=shown_headers(response.headers),
            body=body if response.ok else _masked(body, question.access),
            cut=cut,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            answered_by=host_and_port(landed.address),
            message="" if response.ok else shown_text(message_in(body), question.access),
        )


def _masked(body: bytes, access: Access) -> bytes:
    """Take what was given out of the words of a refusal; whatever is no text stays as it is."""
    return access.masked(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _follow(question: Question, timeout: float, watch: Watch, stack: ExitStack) -> tuple[Question, requests.Response]:
    """Ask, and follow redirects; from the first foreign host on with nothing that was given for this one."""
    asked = question
    for _ in range(MAX_REDIRECTS + 1):
        response = _send(asked, timeout, watch, stack)
        target = _redirect_target(response)
        if target is None:
            return asked, response
        asked = _next_hop(asked, target, response.status_code)
    where = f"the last to {redacted(asked.address)}. Hint: open it in a browser"
    msg = f"{redacted(question.address)}: more than {MAX_REDIRECTS} redirects, {where}"
    raise UnreachableError(msg)


def _send(question: Question, timeout: float, watch: Watch, stack: ExitStack) -> requests.Response:
    """Send it by an adapter alone: a session of requests would add .netrc, cookies and the environment's ways."""
    access = question.access
    adapter = stack.enter_context(closing(WatchedAdapter(watch, access.unix_socket)))
    response = adapter.send(
        _prepared(question),
        stream=True,
        timeout=watch.remaining(timeout),
        verify=_authorities(question),
        cert=access.cert,
        proxies=_proxies(question),
    )
    return stack.enter_context(closing(response))


def _prepared(question: Question) -> requests.PreparedRequest:
    access, payload = question.access, question.payload
    headers = CaseInsensitiveDict({**_HEADERS, **access.headers})
    if access.bearer:
        headers["Authorization"] = f"Bearer {access.bearer}"
    if payload:
        headers["Content-Type"] = payload.content_type
    prepared = requests.PreparedRequest()
    prepared.prepare(
        method="POST" if payload else "GET",
        url=question.address,
        headers=headers,
        data=payload.body if payload else None,
        auth=HTTPBasicAuth(*(text.encode() for text in access.auth)) if access.auth else None,
    )
    return prepared


def _authorities(question: Question) -> str | bool:
    """Return whose certificates are trusted: as given, of the environment, or the usual ones."""
    if question.access.verify or scheme_of(question.address) != "https":
        return question.access.verify or True
    name, path = next(((name, path) for name in _CA_VARIABLES if (path := os.environ.get(name))), ("", ""))
    if path and not Path(path).exists():
        msg = f"{redacted(question.address)}: {name} names a file that does not exist. Hint: correct it, or unset it"
        raise UnreachableError(msg)
    return path or True


def _proxies(question: Question) -> dict[str, str]:
    """Return the proxy: none for this machine, else the one given, else that of the environment."""
    if question.access.unix_socket or is_loopback(question.address):
        return {}
    if question.access.proxy:
        return dict.fromkeys(("http", "https"), question.access.proxy)
    return get_environ_proxies(question.address, no_proxy=None)


def _redirect_target(response: requests.Response) -> str | None:
    if not response.is_redirect:
        return None
    return response.headers["Location"].encode("latin-1").decode(errors="replace")  # http.client reads Latin-1


def _next_hop(question: Question, target: str, status: int) -> Question:
    shown = redacted(question.address)
    following = _joined(question.address, target)
    if scheme_of(following) not in {"http", "https"}:
        msg = f"{shown}: redirects to {redacted(following)}, which is no web address"
        raise UnreachableError(msg)
    bare, _ = without_credentials(following)
    payload = None if status in _TURNS_TO_GET else question.payload
    if is_same_place(question.address, bare):
        return Question(bare, question.access, payload)
    if payload:
        msg = f"{shown}: redirects what is sent to {host_and_port(bare)}. Hint: if that is right, ask there"
        raise UnreachableError(msg)
    return Question(bare, _without_secrets(question.access))


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:  # such as http://[
        return ""


def _without_secrets(access: Access) -> Access:
    """Keep what is no one's secret: whom to trust, and the way out."""
    return Access(verify=access.verify, proxy=access.proxy)


class _Wire(RawIOBase):
    """The body as it comes, before the content encoding; `cut` says how it broke off, if it did."""

    def __init__(self, response: HTTPResponse, watch: Watch) -> None:
        super().__init__()
        self._response, self._watch = response, watch
        self.cut: str | None = None
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return that many bytes; fewer only at the end."""
        pieces: list[bytes] = []
        while size > 0 and (piece := self._read_piece(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _read_piece(self, size: int) -> bytes:
        if self.cut:
            return b""
        try:
            piece = self._response.read1(size, decode_content=False)  # read() drops what comes before a break
        except (ProtocolError, SSLError):
            if self._watch.expired or not self.size:
                raise
            self.cut = f"the connection broke after {self.size:,} bytes: what came before is read"
            return b""
        self.size += len(piece)
        return piece


def _read_body(response: requests.Response, source: str, limit: int, watch: Watch) -> tuple[bytes, str | None]:
    """Return the body after the content encoding, and why it is incomplete if it is."""
    wire = _Wire(cast("HTTPResponse", response.raw), watch)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return _read_all(wire, source, limit), wire.cut
    if encoding not in {"gzip", "x-gzip"}:
        msg = f"{source}: the answer comes in a content encoding that was not asked for. Hint: save it with curl"
        raise UnreachableError(msg)
    inflated = Inflated(cast("BinaryIO", wire), _GZIP, source=source, limits=DEFAULT_LIMITS)
    body = _read_all(inflated, source, limit)
    if wire.cut and not body:
        raise ProtocolError
    if wire.size and not body:
        msg = f"{source}: the answer's content encoding is damaged. Hint: try again"
        raise UnreachableError(msg)
    return body, wire.cut or inflated.cut


def _read_all(reader: RawIOBase, source: str, limit: int) -> bytes:
    body = BytesIO()
    while chunk := reader.read(CHUNK_BYTES):
        body.write(chunk)
        if body.tell() > limit:
            msg = f"{source}: the answer has more than {limit:,} bytes. Hint: save it with curl and look"
            raise TooBigError(msg)
    return body.getvalue()
