"""An answer as HTML: whatever a dump holds stays text."""

import pandas as pd

from gostack_nb.reports.answer import Answer
from gostack_nb.reports.excerpts import Excerpt

HOSTILE = "<img src=x onerror=alert(1)>"


def test_sentences_and_table_are_escaped() -> None:
    code = Excerpt(HOSTILE, ((1, HOSTILE), (2, HOSTILE)), 1, HOSTILE)
    more = {"points": (HOSTILE,), "sections": ((HOSTILE, HOSTILE),), "excerpts": (code,)}
    html = Answer((HOSTILE, HOSTILE), pd.DataFrame({HOSTILE: [HOSTILE]}), **more)._repr_html_()
    assert "<img" not in html
    assert html.count("&lt;img") == 11


def test_a_dollar_sign_is_no_formula() -> None:
    assert "mathjax_ignore" in Answer(("a$b$",))._repr_html_()


def test_as_text_each_sentence_has_its_line() -> None:
    answer = Answer(("Yes.", "It grows."))
    assert repr(answer) == "Yes.\nIt grows."
    assert str(answer) == "Yes. It grows."


def test_reasons_headings_and_code_as_text() -> None:
    code = Excerpt("Here: a.go:2", ((1, "x"), (2, "y")), 2)
    answer = Answer(("Yes.",), points=("Why.",), sections=(("Fix", "close it"),), excerpts=(code,))
    assert repr(answer) == "Yes.\n- Why.\n  Fix: close it\nHere: a.go:2\n      1  x\n>     2  y"
    assert str(answer) == "Yes. Why."
