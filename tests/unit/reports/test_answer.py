"""An answer as HTML: whatever a dump holds stays text."""

import pandas as pd

from gostack_nb.reports.answer import Answer

HOSTILE = "<img src=x onerror=alert(1)>"


def test_sentences_and_table_are_escaped() -> None:
    html = Answer((HOSTILE, HOSTILE), pd.DataFrame({HOSTILE: [HOSTILE]}))._repr_html_()
    assert "<img" not in html
    assert html.count("&lt;img") == 4


def test_a_dollar_sign_is_no_formula() -> None:
    assert "mathjax_ignore" in Answer(("a$b$",))._repr_html_()


def test_as_text_each_sentence_has_its_line() -> None:
    answer = Answer(("Yes.", "It grows."))
    assert repr(answer) == "Yes.\nIt grows."
    assert str(answer) == "Yes. It grows."
