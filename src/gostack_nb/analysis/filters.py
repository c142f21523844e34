"""Text <-> filter: the terms of a filter on goroutines, as they are typed and pasted back."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gostack_nb.errors import FilterError

FIELDS = (
    "state",
    "function",
    "package",
    "wait",
    "label",
    "snapshot",
    "verdict",
    "line",
    "creator",
    "stack",
    "signature",
)
"""What a filter can ask for, in the order of the explorer's controls."""

IN_PARTS = frozenset({"function", "package", "line", "creator"})
"""Fields of which a part of the name is enough; the others are compared whole."""

EVERY_OF = frozenset({"function", "package", "wait"})
"""Fields that may hold several times for one goroutine: of two terms both must."""

UNKNOWN, SEVERAL = "(unknown)", "(several)"
"""What a control shows for `no:state`, and for a field with more than one term."""

_HINT = 'Hint: state:"chan receive" function:ackLoop wait>=5 label:role=ack snapshot:latest verdict:strong'

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PATTERN = r"/(?:[^/\\]|\\.)+/(?=\s|$)"
_VALUE = rf'(?:{_QUOTED}|{_PATTERN}|[^\s"]+)'
_TOKEN = re.compile(
    rf"""(?:
      (?P<wait>wait)(?:>=|:)(?P<minutes>\S+)
    | label:(?P<key>{_QUOTED}|[^\s"=:]+)(?P<says>[:=])(?P<label>{_VALUE})
    | no:label:(?P<absent>{_QUOTED}|[^\s"]+)
    | no:(?P<unknown>[a-z]+)
    | (?P<field>[a-z_]+)(?P<how>[:=])(?P<value>{_VALUE})
    | (?!(?:{"|".join(FIELDS)}|no)[:=])(?P<word>{_VALUE})
    )(?=\s|$)""",
    re.VERBOSE | re.DOTALL,
)
_LOOSE_LABEL = re.compile(rf"(?P<key>{_QUOTED}|[^\"=]+)=(?P<value>.*)", re.DOTALL)
_BARE = re.compile(r'[^\s"/=][^\s"]*')
_UNSEEN = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What is written as an escape: it turns the direction of the text around it, or cannot be saved in a notebook."""
_BARE_KEY = re.compile(r'[^\s"=:]+')


class Relation(StrEnum):
    """How a value must stand to what the term says."""

    HAS = "has"
    IS = "is"
    MATCHES = "matches"
    AT_LEAST = "at least"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: `value` in words, a pattern or minutes; `key` is that of a label, else empty."""

    field: str
    relation: Relation
    value: str = ""
    key: str = ""

    def __str__(self) -> str:
        name = f"{self.field}:{_quoted(self.key, _BARE_KEY)}" if self.key else self.field
        if self.relation is Relation.UNKNOWN:
            return f"no:{name}"
        if self.relation is Relation.AT_LEAST:
            return f"{name}>={self.value}"
        if self.relation is Relation.MATCHES:
            return f"{name}:/{self.value}/"
        sign = "=" if self.relation is Relation.IS and (self.key or self.field in IN_PARTS) else ":"
        return f"{name}{sign}{_quoted(self.value, _BARE)}"

    @property
    def control(self) -> str:
        """What a control shows: the value as one types it there."""
        if self.relation is Relation.UNKNOWN:
            return f"no:{_quoted(self.key, _BARE_KEY)}" if self.key else UNKNOWN
        if self.key:
            return str(self).removeprefix("label:")
        if self.relation is Relation.MATCHES:
            return f"/{self.value}/"
        return f"={self.value}" if self.relation is Relation.IS and self.field in IN_PARTS else self.value


@dataclass(frozen=True, slots=True)
class Filter:
    """Terms; `str(...)` is the text that gives them again."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def control(self, field: str) -> str:
        """Return what the control of a field shows; empty if the filter does not ask for it."""
        texts = [term.control for term in self.terms if term.field == field]
        return SEVERAL if len(texts) > 1 else "".join(texts)

    def with_control(self, field: str, text: str) -> "Filter":
        """Return the filter in which a field's control was set to a text; an empty one drops the field.

        Raises
        ------
        FilterError
            If the text makes no term, such as a wait that is no number.
        """
        if text == self.control(field):
            return self
        terms = list(self.terms)
        places = [place for place, term in enumerate(terms) if term.field == field] or [len(terms)]
        new = [term_of(field, text)] if text.strip() else []
        kept = [term for term in terms if term.field != field]
        return Filter((*kept[: places[0]], *new, *kept[places[0] :]))


def parse_filter(text: str) -> Filter:
    """Read a filter as `select` describes it.

    Raises
    ------
    FilterError
        If the text is no filter; the message names the fields that exist.

    Examples
    --------
    >>> str(parse_filter('ackLoop  state:"chan receive" wait>=5'))
    'function:ackLoop state:"chan receive" wait>=5'
    """
    return Filter(tuple(_terms(text)))


def term_of(field: str, text: str) -> Term:
    """Make the term that a control with this text stands for."""
    if text == UNKNOWN:
        return Term(field, Relation.UNKNOWN)
    if field == "wait":
        return Term(field, Relation.AT_LEAST, _minutes(text.strip()))
    if field == "label":
        return _label(text)
    if len(text) > 2 and text[0] == text[-1] == "/":
        return Term(field, Relation.MATCHES, _pattern(field, text[1:-1]))
    if field in IN_PARTS:
        return Term(field, Relation.IS, text[1:]) if text[0] == "=" else Term(field, Relation.HAS, text)
    return Term(field, Relation.IS, text)


def _terms(text: str) -> Iterator[Term]:
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        found = _TOKEN.match(text, place)
        if found is None:
            msg = f"the filter cannot be read from {text[place : place + 40]!r} on: {_why(text[place:])}. {_HINT}"
            raise FilterError(msg)
        yield _term(found)
        place = found.end()


def _why(rest: str) -> str:
    if rest.startswith("label:"):
        return "a label needs its key and value"
    return 'a quote " has no end' if '"' in rest else "a field needs a value"


def _term(found: re.Match[str]) -> Term:
    part = found.groupdict()
    if part["wait"]:
        return Term("wait", Relation.AT_LEAST, _minutes(part["minutes"]))
    if part["key"]:
        return _said("label", part["says"], part["label"], _unquoted(part["key"]))
    if part["absent"]:
        return Term("label", Relation.UNKNOWN, key=_unquoted(part["absent"]))
    if part["unknown"]:
        return Term(_known(part["unknown"], ("label",)), Relation.UNKNOWN)
    if part["field"]:
        return _said(_known(part["field"], ("label", "wait")), part["how"], part["value"])
    return _said("function", ":", part["word"])


def _known(field: str, without: tuple[str, ...]) -> str:
    if field not in FIELDS:
        msg = f"the filter asks for {field!r}, which is no field; there are {', '.join(FIELDS)}. {_HINT}"
        raise FilterError(msg)
    if field in without:
        msg = f"the filter asks for {field!r} without saying which. {_HINT}"
        raise FilterError(msg)
    return field


def _said(field: str, sign: str, value: str, key: str = "") -> Term:
    if sign == ":" and len(value) > 2 and value[0] == value[-1] == "/":
        return Term(field, Relation.MATCHES, _pattern(field, value[1:-1]), key)
    relation = Relation.HAS if sign == ":" and field in IN_PARTS else Relation.IS
    return Term(field, relation, _unquoted(value), key)


def _label(text: str) -> Term:
    """Read what a label's control holds: `role=ack`, `role:/a.*/`, `no:role`; a value with spaces needs no quotes."""
    written = f"no:label:{text.removeprefix('no:')}" if text.startswith("no:") else f"label:{text}"
    found = _TOKEN.fullmatch(written)
    if found is not None and (found["key"] or found["absent"]):
        return _term(found)
    loose = _LOOSE_LABEL.fullmatch(text)
    if loose is None:
        msg = f"the label {text!r} is not KEY=VALUE. {_HINT}"
        raise FilterError(msg)
    return Term("label", Relation.IS, loose["value"], _unquoted(loose["key"]))


def _minutes(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        msg = f"the filter asks for a wait of {text!r}, which is no whole number of minutes. Hint: wait>=5"
        raise FilterError(msg)
    return str(int(text))


def _pattern(field: str, text: str) -> str:
    """Check a pattern; a slash in it is written so that it does not end it."""
    try:
        re.compile(text)
    except re.error as error:
        msg = f"the pattern /{text}/ of {field} is no regular expression: {error}"
        raise FilterError(msg + ". Hint: without the slashes it is searched for as it stands") from error
    return re.sub(r"\\.|/", lambda found: r"\/" if found[0] == "/" else found[0], text, flags=re.DOTALL)


def _quoted(value: str, bare: re.Pattern[str]) -> str:
    if bare.fullmatch(value) and not _UNSEEN.search(value):
        return value
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _unquoted(text: str) -> str:
    if text[0] != '"':
        return text
    try:
        return str(json.loads(text, strict=False))
    except ValueError as error:
        msg = f"the filter has {text[:40]!r}, whose backslashes cannot be read: {error}"
        raise FilterError(msg + ". Hint: write two backslashes for one") from error
