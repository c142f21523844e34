"""What `explain` says: of a stack in a dataset, a printed one, a function, a state, and of what nobody knows."""

from pathlib import Path

import pytest

from gostack_nb import explain
from gostack_nb.analysis.catalogue.loading import VARIABLE, load_catalogue
from gostack_nb.errors import CatalogueError, FormatError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read
from gostack_nb.reports.explaining import NOT_KNOWN

READ_LOOP = """net/http.(*persistConn).readLoop(0xc0001)
\t/usr/local/go/src/net/http/transport.go:2325 +0x1
created by net/http.(*Transport).dialConn in goroutine 5
\t/usr/local/go/src/net/http/transport.go:1874 +0x2
"""
HELD = f"goroutine 7 [select, 3 minutes]:\n{READ_LOOP}"
SECOND = HELD.replace("goroutine 7", "goroutine 70")
OWN = """goroutine 8 [select]:
main.g()
\t/srv/main.go:19 +0x1
main.f()
\t/srv/main.go:9 +0x1
main.h()
\t/srv/main.go:3 +0x1
"""
LOCKED = """goroutine 9 [sync.Mutex.Lock, 2 minutes]:
sync.runtime_SemacquireMutex(0xc0001, 0x0, 0x1)
\t/usr/local/go/src/runtime/sema.go:95 +0x25
sync.(*Mutex).Lock(...)
\t/usr/local/go/src/sync/mutex.go:90
main.deposit()
\t/srv/main.go:33 +0x1
"""
DEBUG1 = """goroutine profile: total 3
3 @ 0x1 0x2
#\t0x1\tnet/http.(*persistConn).readLoop+0xbd\t/usr/local/go/src/net/http/transport.go:2325

"""


@pytest.fixture(autouse=True)
def _no_files_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture(scope="module")
def held() -> Dataset:
    return read((HELD + "\n" + SECOND + "\n" + OWN).encode())


def headings(found: object) -> list[str]:
    return [line.strip().partition(":")[0] for line in str(found).splitlines()[1:]]


@pytest.mark.parametrize("column", ["stack_id", "signature"])
def test_a_stack_of_a_dataset(held: Dataset, column: str) -> None:
    found = explain(held.goroutines[column].iloc[0], held)
    assert found.pattern == "http-client-body-open"
    text = str(found)
    assert text.splitlines()[0] == "HTTP client connection whose response body is still open"
    assert (
        "Here: 2 goroutines in net/http.(*persistConn).readLoop (/usr/local/go/src/net/http/transport.go:2325)" in text
    )
    assert "created by net/http.(*Transport).dialConn." in text
    assert "State: select: It waits in a select statement" in text
    assert "Fix: defer resp.Body.Close()" in text
    assert "more than 200 in one process or a wait of more than 2 minutes (a judgement" in text
    assert "Source: Go 1.27.3 net/http/transport.go" in text
    assert repr(found) == text


def test_a_column_means_its_first_row(held: Dataset) -> None:
    assert explain(held.goroutines["stack_id"], held) == explain(held.goroutines["stack_id"].iloc[0], held)


def test_a_table_without_rows_is_said(held: Dataset) -> None:
    empty = held.goroutines["stack_id"].iloc[:0]
    assert str(explain(empty, held)).startswith("Nothing to explain")
    assert headings(explain(empty, held)) == headings(explain(empty)) == ["What that means"]
    assert "take debug=2" in str(explain(empty, read(DEBUG1.encode())))


def test_headings_come_in_the_order_to_read_them(held: Dataset) -> None:
    assert headings(explain(held.goroutines["stack_id"].iloc[0], held)) == [
        "Here",
        "State",
        "What it does",
        "What is normal",
        "When to worry",
        "Usual cause",
        "Fix",
        "Look for in your code",
        "Go's leak profile",
        "See also",
        "Source",
    ]


def test_a_stack_in_several_dumps_is_counted_where_most_are() -> None:
    dataset = read(HELD.encode(), (HELD + "\n" + SECOND).encode())
    assert "Here: 2 goroutines at most in one of 2 dumps in" in str(
        explain(dataset.goroutines["stack_id"].iloc[0], dataset)
    )


def test_your_line_is_named() -> None:
    text = str(explain(LOCKED))
    assert text.startswith("Waiting for a mutex")
    assert "your line: main.deposit (/srv/main.go:33)" in text


def test_a_printed_stack_with_and_without_its_header() -> None:
    assert explain(HELD).pattern == "http-client-body-open"
    bare = explain("\n" + READ_LOOP)
    assert bare.pattern == "http-client-body-open"
    assert "How sure: Only the functions fit: the pattern asks for a state of select" in str(bare)
    assert "State: This form of dump does not tell it." in str(bare)


def test_of_a_text_with_several_stacks_the_most_frequent_is_explained() -> None:
    found = explain("\n".join([OWN, HELD, SECOND]))
    assert found.pattern == "http-client-body-open"
    assert headings(found)[0] == "Note"
    assert "The text holds 2 different stacks" in str(found)


def test_without_a_state_the_explanation_says_so() -> None:
    dataset = read(DEBUG1.encode())
    found = explain(dataset.goroutines["stack_id"].iloc[0], dataset)
    assert (found.pattern, headings(found)[:3]) == ("http-client-body-open", ["Here", "State", "How sure"])
    assert "Here: 3 goroutines" in str(found)


def test_a_function() -> None:
    found = explain("example.com/app/vendor/google.golang.org/grpc/internal/grpcsync.(*CallbackSerializer).run")
    assert found.pattern == "grpc-client-serializer"
    several = explain("net/http.(*persistConn).readLoop")
    assert several.pattern == "http-client-body-open"
    assert "May also be: HTTP client connection, idle or waiting for an answer (http-client-conn)" in str(several)


def test_an_entry_and_a_state() -> None:
    assert explain("timeout-sender").title == "Sender whose parent gave up at a timeout"
    assert "How to tell: One stack cannot tell it" in str(explain("timeout-sender"))
    assert str(explain("sleep")) == "The state sleep\n  State: sleep: It is inside time.Sleep and will wake by itself."


UNKNOWN = {
    "a stack": (OWN, ["Here", "State", "What to do"]),
    "a state too": (OWN.replace("select", "new wait reason"), ["Here", "State", "What to do"]),
    "a function": ("main.f", ["Function", "What to do"]),
}


@pytest.mark.parametrize(("what", "expected"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_nobody_knows_is_said(what: str, expected: list[str]) -> None:
    found = explain(what)
    assert (found.title, found.pattern, headings(found)) == (NOT_KNOWN, None, expected)


def test_an_unknown_state_is_said() -> None:
    assert "a word that this package does not know" in str(explain(OWN.replace("select", "new wait reason")))


@pytest.mark.parametrize("what", ["", "   ", "hello world"])
def test_what_cannot_be_explained(what: str, held: Dataset) -> None:
    with pytest.raises(FormatError, match=r"is no stack_id of any dump given.*Hint: pass the dataset"):
        explain(what)
    with pytest.raises(FormatError, match="is no stack_id in this dataset"):
        explain(what, held)
    with pytest.raises(FormatError):
        explain("hello\nworld")


def test_a_catalogue_of_your_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[entry]]\nid = "own"\ntitle = "Loop of f"\nmeaning = "Ours."\n[[entry.match]]\nleaf = \'main\\.g\'\n', "utf-8"
    )
    for catalogue in (path, str(path), load_catalogue(path)):
        found = explain(OWN, catalogue=catalogue)
        assert (found.title, found.pattern) == ("Loop of f", "own")
    assert headings(found) == ["Here", "State", "What it does", "Go's leak profile"]
    with pytest.raises(CatalogueError, match="cannot be read"):
        explain(OWN, catalogue=tmp_path / "none.toml")


def test_html_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[entry]]\nid = "own"\ntitle = "<script>1</script>"\nmeaning = "a & <b>"\n'
        "[[entry.match]]\nleaf = 'main.*'\n",
        "utf-8",
    )
    hostile = OWN.replace("/srv/main.go", "/srv/<img src=x onerror=alert(1)>.go").replace("main.g(", "main.<i>(")
    html = explain(hostile, catalogue=path)._repr_html_()
    assert not [tag for tag in ("<script", "<b>a", "<img", "<i>") if tag in html]
    assert "&lt;script&gt;1&lt;/script&gt;" in html
    assert "a &amp; &lt;b&gt;" in html
    assert "/srv/&lt;img src=x onerror=alert(1)&gt;.go:19" in html
    assert html.startswith('<div class="tex2jax_ignore mathjax_ignore"')
