import pandas as pd
import pytest
from IPython.lib.pretty import pretty

from gostack_nb import Dataset, read, suspects
from tests.corpus.files import INCIDENT


@pytest.fixture(scope="module")
def leak() -> Dataset:
    return read(INCIDENT / "leak")


def test_a_notebook_shows_verdict_place_and_reasons(leak: Dataset) -> None:
    html = suspects(leak)._repr_html_()
    assert html is not None
    for text in ("<b>proven</b>", "/srv/app/main.go:233", "<li>Go&#x27;s own leak profile marks 125 of 154.</li>"):
        assert text in html


def test_what_is_made_of_it_is_a_plain_table(leak: Dataset) -> None:
    table = suspects(leak)
    for made in (table.head(1), table[["rank"]], table.copy()):
        assert type(made) is pd.DataFrame
    del table["reasons"]
    assert "dataframe" in str(table._repr_html_())


def test_without_html_the_same_stands_in_lines(leak: Dataset) -> None:
    table = suspects(leak)
    first, second, *_ = pretty(table).splitlines()
    rate = f"{table['rate_per_hour'].iloc[0]:+,.0f} an hour"
    assert first == f"proven: 154 ({rate}) chan receive main.(*session).ackLoop /srv/app/main.go:233"
    assert second == "  - Go's own leak profile marks 125 of 154."
    del table["reasons"]
    assert pretty(table) == repr(table)


def test_nothing_is_said_in_words(leak: Dataset) -> None:
    nothing = suspects(leak.with_goroutines(leak.goroutines.iloc[:0]))
    assert "No suspects" in str(nothing._repr_html_())
    assert pretty(nothing).startswith("No suspects")


def test_text_of_a_dump_is_escaped() -> None:
    frames = "sync.(*Mutex).Lock(...)\n\tsync/mutex.go:46\nmain.<script>f</script>()\n\t/srv/$a$.go:9 +0x1d\n"
    html = str(suspects(read(f"goroutine 7 [sync.Mutex.Lock, 3 minutes]:\n{frames}".encode()))._repr_html_())
    assert "main.&lt;script&gt;f&lt;/script&gt;" in html
    assert "<script>" not in html
    assert 'class="tex2jax_ignore mathjax_ignore"' in html
