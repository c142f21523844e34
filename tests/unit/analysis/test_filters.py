import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gostack_nb.analysis.filters import (
    FIELDS,
    IN_PARTS,
    SEVERAL,
    UNKNOWN,
    Filter,
    Relation,
    Term,
    parse_filter,
    term_of,
)
from gostack_nb.errors import FilterError

WORDS = st.text(min_size=1, max_size=12)


def term(field: str, relation: Relation, value: str, key: str) -> Term:
    """Make a term that can be written: the value of each relation is of its kind."""
    if field == "wait":
        return Term(field, Relation.AT_LEAST, str(len(value)))
    key = key if field == "label" else ""
    if relation is Relation.UNKNOWN:
        return Term(field, relation, key=key)
    if relation is Relation.MATCHES:
        return Term(field, relation, re.sub(r"\\?/", r"\/", re.escape(value)), key)
    part = relation is Relation.HAS and field in IN_PARTS
    return Term(field, Relation.HAS if part else Relation.IS, value, key)


RELATIONS = st.sampled_from([Relation.HAS, Relation.IS, Relation.MATCHES, Relation.UNKNOWN])
TERMS = st.builds(term, st.sampled_from(FIELDS), RELATIONS, WORDS, WORDS)


@given(st.lists(TERMS, max_size=4))
def test_the_text_of_a_filter_gives_it_again(terms: list[Term]) -> None:
    chosen = Filter(tuple(terms))
    assert parse_filter(str(chosen)) == chosen


@given(TERMS)
def test_what_a_control_shows_gives_its_term_again(one: Term) -> None:
    shown = Filter((one,)).control(one.field)
    if shown.strip() and not (one.relation is Relation.IS and looks_otherwise(one)):
        assert term_of(one.field, shown) == one


def looks_otherwise(one: Term) -> bool:
    """Tell that a value looks like a pattern: the text of the filter quotes it, a control cannot."""
    pattern = len(one.value) > 2 and one.value[0] == one.value[-1] == "/"
    return one.field != "label" and (one.value == UNKNOWN or pattern)


@given(st.text(max_size=40))
def test_any_text_is_a_filter_or_an_error_in_words(text: str) -> None:
    try:
        chosen = parse_filter(text)
    except FilterError as error:
        assert str(error).startswith("the ")
    else:
        assert parse_filter(str(chosen)) == chosen


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  ackLoop ", (Term("function", Relation.HAS, "ackLoop"),)),
        ("net/http.(*conn).serve", (Term("function", Relation.HAS, "net/http.(*conn).serve"),)),
        ("/ack|read/", (Term("function", Relation.MATCHES, "ack|read"),)),
        ('state:"chan receive (nil chan)"', (Term("state", Relation.IS, "chan receive (nil chan)"),)),
        ("state:/^chan /", (Term("state", Relation.MATCHES, "^chan "),)),
        ("creator=main.serve", (Term("creator", Relation.IS, "main.serve"),)),
        ("wait>=5", (Term("wait", Relation.AT_LEAST, "5"),)),
        ("wait:05", (Term("wait", Relation.AT_LEAST, "5"),)),
        ("label:role=ack", (Term("label", Relation.IS, "ack", "role"),)),
        ('label:"a b"="c d"', (Term("label", Relation.IS, "c d", "a b"),)),
        ("label:role:/a.*/", (Term("label", Relation.MATCHES, "a.*", "role"),)),
        ("no:state no:label:role", (Term("state", Relation.UNKNOWN), Term("label", Relation.UNKNOWN, key="role"))),
        ('"state:x"', (Term("function", Relation.HAS, "state:x"),)),
        (r"package:/net\/http/", (Term("package", Relation.MATCHES, r"net\/http"),)),
    ],
)
def test_terms(text: str, terms: tuple[Term, ...]) -> None:
    assert parse_filter(text).terms == terms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour:red", "'colour', which is no field; there are state, function, package"),
        ("no:colour", "'colour', which is no field"),
        ("wait>=soon", "'soon', which is no whole number of minutes"),
        ("function:/(/", "the pattern /(/ of function is no regular expression"),
        ('state:"chan', 'a quote " has no end'),
        ("label:", "a label needs its key and value"),
        ("label:role", "without saying which"),
        ("ackLoop function:", "a field needs a value"),
        (r'state:"\x"', "whose backslashes cannot be read"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=re.escape(said)) as error:
        parse_filter(text)
    assert "Hint" in str(error.value)


def test_a_control_sets_and_drops_its_field_in_place() -> None:
    chosen = parse_filter("state:select ackLoop wait>=5")
    assert str(chosen.with_control("function", "/read/")) == "state:select function:/read/ wait>=5"
    assert str(chosen.with_control("state", "")) == "function:ackLoop wait>=5"
    assert (
        str(chosen.with_control("label", "role=an ack")) == 'state:select function:ackLoop wait>=5 label:role="an ack"'
    )
    assert str(chosen.with_control("state", UNKNOWN)) == "no:state function:ackLoop wait>=5"


def test_a_field_given_twice_is_kept_unless_it_is_set() -> None:
    chosen = parse_filter("function:a function:b")
    assert chosen.control("function") == SEVERAL
    assert chosen.with_control("function", SEVERAL) is chosen
    assert str(chosen.with_control("function", "c")) == "function:c"


def test_a_wrong_control_says_why() -> None:
    with pytest.raises(FilterError, match="is not KEY=VALUE"):
        parse_filter("").with_control("label", "role")
    with pytest.raises(FilterError, match="whole number"):
        parse_filter("").with_control("wait", "-1")


def test_what_turns_or_breaks_a_text_is_written_as_an_escape() -> None:
    chosen = Filter(
        (Term("label", Relation.IS, "a\u202eb\ud800", "k\u2066"), Term("function", Relation.HAS, "f\u202e"))
    )
    assert str(chosen) == r'label:"k\u2066"="a\u202eb\ud800" function:"f\u202e"'
    assert parse_filter(str(chosen)) == chosen
