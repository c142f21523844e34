"""The ranking as HTML."""

from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.ranking import rank
from gostack_nb.fleet.shown import MOST_ROWS, summary
from tests.unit.fleet.fleets import Shot, fleet


def test_what_was_swept() -> None:
    lost = Counts.of_problems([{"source": "a", "service": None, "instance": None, "reason": "gone"}])
    some = fleet(
        Shot({"select push.f": 1}),
        Shot({"select push.f": 1}, minute=9),
        Shot({"select feed.f": 1}, service="feed", instance="a"),
    )
    assert summary(some) == "3 dumps of 2 instances of 2 services, 2 distinct stacks."
    assert summary(fleet(Shot({"select f.f": 1}, service=None))) == (
        "1 dump of 1 instance of 1 service, 1 distinct stack."
    )
    assert summary(lost) == "No dump was counted. 1 problem: see .problems."
    assert summary(combine([some, lost])).endswith(" 1 problem: see .problems.")


def test_text_of_dumps_is_escaped() -> None:
    html = rank(fleet(Shot({"select push.<script>": 1}, service="<b>$x$", labels={"a": "<i>"})))._repr_html_()
    assert "<script>" not in html
    assert "push.&lt;script&gt;" in html
    assert "&lt;b&gt;$x$" in html
    assert "mathjax_ignore" in html


def test_many_groups() -> None:
    html = rank(fleet(Shot({f"select push.f{n}": 1 for n in range(MOST_ROWS + 3)})))._repr_html_()
    assert html.count("<tr>") == MOST_ROWS + 1
    assert "3 more groups are in the table." in html


def test_nobody() -> None:
    assert "No dump was counted." in rank(combine([]))._repr_html_()
