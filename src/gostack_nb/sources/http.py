"""Ask a server over HTTP: within a deadline and a size, more than once if that may help, without telling secrets.

Credentials go to the host that they were given for only. `.netrc`, and the environment's proxy and CA, are asked
only where nothing was given. No text of an error shows user, password, token or secret-looking query values; for
that reason errors are chained from the operating system's own error and not from requests', whose text holds the
whole address.
"""

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import unquote

from requests.utils import get_netrc_auth

from gostack_nb.errors import SourceError, UnreachableError
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.address import (
    Credentials,
    host_and_port,
    is_profile,
    profile_address,
    redacted,
    scheme_of,
    split,
    without_credentials,
)
from gostack_nb.sources.archives import unpack_one
from gostack_nb.sources.blob import DEFAULT_LIMITS, MAX_RESPONSE_BYTES, Blob, Limits
from gostack_nb.sources.captured_at import Stamp, from_unix, time_in_path
from gostack_nb.sources.http_answer import Answer, Payload, check_not_html, check_status
from gostack_nb.sources.http_connection import Watch
from gostack_nb.sources.http_errors import EXCHANGE_ERRORS, Failure, failure_of, too_late
from gostack_nb.sources.http_exchange import Question, exchange
from gostack_nb.sources.packed import Packed
from gostack_nb.sources.sidecar import NOTHING_TOLD, Told

__all__ = ["Answer", "Payload", "ask", "check_not_html", "check_status", "download", "fetch"]

TIMEOUT_SECONDS = 60.0
"""To connect, and without a byte: 400,003 goroutines take 5 s to print, a delta profile its `seconds`."""

DEADLINE_SECONDS = 180.0
"""For everything: 64 MiB, the longest debug=2 text, over a line of 4 Mbit/s."""

ATTEMPTS = 3

PAUSE_SECONDS = 0.2
"""Before the second attempt; twice that before the third."""

_PASSING_STATUSES = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


def ask(
    address: str,
    *,
    access: Access = ANYONE,
    timeout: float = TIMEOUT_SECONDS,
    deadline: float = DEADLINE_SECONDS,
    limit_bytes: int = MAX_RESPONSE_BYTES,
    attempts: int = ATTEMPTS,
    payload: Payload | None = None,
) -> Answer:
    """Ask a server; any status is an answer.

    What may pass is tried again: a connection that breaks, the statuses 502, 503 and 504 (after as long as
    `Retry-After` says), and a body that ends before its end. What will be the same again is not: an unknown name,
    a refused connection, TLS, any other status, silence; a service that is slow to print is not asked twice.

    Parameters
    ----------
    address : str
        `http://` or `https://`; it may hold user and password.
    access : Access
        Credentials and ways; a redirect to another scheme, host or port goes without them.
    timeout : float
        Seconds to connect, and to wait for the next byte.
    deadline : float
        Seconds for everything together: attempts, pauses, redirects.
    limit_bytes : int
        Of the body after its content encoding.
    attempts : int
        How often it is asked at most.
    payload : Payload, optional
        Makes it a POST.

    Returns
    -------
    Answer
        With `cut` if the body was broken every time: the longest one then.

    Raises
    ------
    UnreachableError, DeadlineError, TooBigError
        Each says what was asked, what was seen, and what to do.
    """
    question, source = _question(address, access, payload)
    with Watch(deadline) as watch:
        outcome = _ask_again(question, source, timeout, limit_bytes, attempts, watch)
    if isinstance(outcome, Failure):
        raise outcome.error from outcome.cause
    return outcome


def _question(address: str, access: Access, payload: Payload | None) -> tuple[Question, str]:
    bare, credentials = without_credentials(address)
    source = redacted(bare)
    if scheme_of(bare) not in {"http", "https"}:
        msg = f"{source}: not a web address. Hint: http://host:port/path"
        raise UnreachableError(msg)
    return Question(bare, _completed(access, bare, credentials), payload), source


def _completed(access: Access, address: str, credentials: Credentials | None) -> Access:
    """Add the credentials of the address, or, if nothing at all was given, those of .netrc."""
    if credentials and access.has_authorization:
        given = "user and password stand in the address, and credentials are given beside it"
        msg = f"{redacted(address)}: {given}. Hint: leave one out"
        raise UnreachableError(msg)
    if credentials:
        user, password = credentials
        return replace(access, auth=(user.decode(), password.decode()))
    if access.has_credentials:
        return access
    return replace(access, auth=get_netrc_auth(address))


def _ask_again(
    question: Question, source: str, timeout: float, limit_bytes: int, attempts: int, watch: Watch
) -> Answer | Failure:
    kept: Answer | None = None
    for attempt in range(1, max(attempts, 1) + 1):
        outcome = _attempt(question, source, timeout, limit_bytes, watch)
        kept = _longer(kept, outcome)
        pause = _pause_after(outcome, attempt)
        if pause is None or attempt >= attempts or not watch.pause(pause):
            break
    return kept or outcome


def _attempt(question: Question, source: str, timeout: float, limit_bytes: int, watch: Watch) -> Answer | Failure:
    """Ask once; errors are returned and not raised, so that none has a library's error as its context."""
    try:
        answer = exchange(question, source=source, timeout=timeout, limit_bytes=limit_bytes, watch=watch)
    except SourceError as error:
        return too_late(source, watch.seconds) if watch.expired else Failure(error)
    except EXCHANGE_ERRORS as error:
        return too_late(source, watch.seconds) if watch.expired else failure_of(error, source, question.access)
    finally:
        watch.forget()
    return too_late(source, watch.seconds) if watch.expired else answer


def _longer(kept: Answer | None, outcome: Answer | Failure) -> Answer | None:
    """Keep a complete body before a broken one, and the longest of the broken ones."""
    if isinstance(outcome, Failure) or outcome.status >= HTTPStatus.BAD_REQUEST:
        return kept
    if kept is None or outcome.cut is None or len(outcome.body) >= len(kept.body):
        return outcome
    return kept


def _pause_after(outcome: Answer | Failure, attempt: int) -> float | None:
    """Return for how many seconds to wait before asking again, None if that cannot help."""
    backing_off = PAUSE_SECONDS * 2 ** (attempt - 1)
    if isinstance(outcome, Failure):
        return backing_off if outcome.passes else None
    if outcome.status in _PASSING_STATUSES:
        return _retry_after(outcome.headers.get("retry-after", ""), backing_off)
    return backing_off if outcome.cut else None


def _retry_after(said: str, otherwise: float) -> float:
    """Read seconds, or a date (RFC 9110, 10.2.3)."""
    if said.strip().isdecimal():
        return float(said)
    at = _http_time(said)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0) if at else otherwise


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
    address = profile_address(url)
    answer = ask(address, timeout=timeout, deadline=deadline, limit_bytes=limits.response_bytes)
    check_status(answer)
    check_not_html(answer)
    file_time = _http_time(answer.headers.get("last-modified", ""))
    told = Told(Stamp(answer.started_at, "caller"), instance=host_and_port(address))
    return Packed(
        source=answer.source,
        parts=_parts(address),
        open=lambda: BytesIO(answer.body),
        told=NOTHING_TOLD if _is_stored(address, file_time) else told,
        file_time=file_time,
        cut=answer.cut,
    )


def _is_stored(address: str, file_time: datetime | None) -> bool:
    """Tell a file kept on a web server from a live answer: its time is not that of the request."""
    return not is_profile(address) and (file_time is not None or time_in_path(_parts(address)) is not None)


def _http_time(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the year may have any number of digits
        return None
    return from_unix(at.replace(tzinfo=at.tzinfo or UTC).timestamp())


def _parts(address: str) -> tuple[str, ...]:
    return tuple(unquote(part) for part in PurePosixPath(split(address).path).parts)
