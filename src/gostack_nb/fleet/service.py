"""One service of a sweep: debug=0, or debug=1 where that is not there, and nothing else."""

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, urlencode, urlunsplit

from gostack_nb.errors import DeadlineError, NotPprofError, TooBigError
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.spending import Allowance, Spending
from gostack_nb.sources.access import Access
from gostack_nb.sources.address import split
from gostack_nb.sources.evidence import Evidence, kept_headers
from gostack_nb.sources.http import ask
from gostack_nb.sources.http_answer import Answer, check_not_html, check_status
from gostack_nb.sources.pprof import COUNTS, PROTO, Part, Target, check_part, target_of

ATTEMPTS = 1
"""A service that does not answer is a row, and is asked again by the next sweep."""

_FORMS = (PROTO, COUNTS)


@dataclass(frozen=True, slots=True)
class Service:
    """What is asked, and as whose its answer counts.

    Attributes
    ----------
    place : Place
        With its instance.
    address : str
        Of its goroutine profile, without `debug`; credentials are still in it.
    forms : tuple of Part
        In this order, until one is there.
    """

    place: Place
    address: str = field(repr=False)
    forms: tuple[Part, ...] = _FORMS

    def address_of(self, form: Part) -> str:
        """Return where an answer is had. `debug` stands in it once, whatever was given."""
        parts = split(self.address)
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("debug", form.debug or "0")]
        return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query, quote_via=quote), ""))


def service_of(place: Place, access: Access) -> Service:
    """Make out what a service is asked.

    Raises
    ------
    SourceError
        If its address is none, or names something else than goroutines by debug=0 or 1.
    """
    target = target_of(str(place.address), access)
    if target.one not in {None, *_FORMS}:
        msg = f"{target.source}: {_refusal(target)}"
        raise NotPprofError(msg)
    parts = split(target.address)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "debug"]
    if "seconds" in dict(query):
        msg = f"{target.source}: seconds= asks for what changed meanwhile, not for what there is. Hint: leave it out"
        raise NotPprofError(msg)
    path = parts.path if target.one else parts.path + PROTO.profile
    address = urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, quote_via=quote), ""))
    named = replace(place, instance=place.instance or target.instance)
    return Service(named, address, (target.one,) if target.one else _FORMS)


def _refusal(target: Target) -> str:
    if target.one is not None and "/pprof/" in split(target.address).path:
        return f"a sweep takes debug=0 or 1 only, not {target.one.words}. Hint: name the service, or gs.capture"
    return "names no service: its path ends neither in / nor in /pprof. Hint: http://host:port"


def take(service: Service, access: Access, spending: Spending) -> Evidence:
    """Ask a service, and keep to what is left of the budget.

    Returns
    -------
    Evidence
        It counts as held until `spending.release`.

    Raises
    ------
    SourceError
        If it has neither form, or does not answer.
    SpentError
        If it is not asked any more, or cut off.
    """
    failures: list[NotPprofError] = []
    for form in service.forms:
        try:
            return _evidence(service, form, _take(service, form, access, spending))
        except NotPprofError as error:
            failures.append(error)
    raise failures[0]


def _take(service: Service, form: Part, access: Access, spending: Spending) -> Answer:
    """Return an answer that is what was asked for."""
    allowance = spending.allow()
    try:
        answer = _ask(service.address_of(form), access, allowance, spending)
        check_status(answer)
        check_not_html(answer)
        check_part(answer, form, access)
    except BaseException:
        spending.release()
        raise
    return answer


def _ask(address: str, access: Access, allowance: Allowance, spending: Spending) -> Answer:
    """Ask, book what came, and say so where the budget was the limit."""
    received = 0
    seconds, size = allowance.seconds, allowance.size_bytes
    try:
        answer = ask(address, access=access, deadline=seconds, limit_bytes=size, attempts=ATTEMPTS)
        received = len(answer.body)
    except TooBigError:
        received = size
        spending.check_size(allowance)
        raise
    except DeadlineError:
        spending.check_time()
        raise
    finally:
        spending.settle(allowance, received)
    return answer


def _evidence(service: Service, form: Part, answer: Answer) -> Evidence:
    return Evidence(
        body=answer.body,
        kind=form.kind,
        source=answer.source,
        captured_at=answer.started_at,
        captured_at_from="caller",
        service=service.place.service,
        instance=service.place.instance,
        labels=service.place.labels,
        started_at=answer.started_at,
        finished_at=answer.finished_at,
        status=answer.status,
        headers=kept_headers(answer.headers),
        truncated=answer.cut is not None,
        note=answer.cut,
    )
