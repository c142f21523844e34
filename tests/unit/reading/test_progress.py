"""Progress appears when work takes long and somebody looks, and nothing of it stays."""

import io
import sys

import IPython.display
import pytest
from rich.console import Console

from gostack_nb import read
from gostack_nb.reading import progress
from gostack_nb.reading.progress import Progress


class _Clock:
    """Time that passes when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    return _Clock(monkeypatch)


def _terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80)


def _shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_quick_work_shows_nothing(clock: _Clock) -> None:
    console = _terminal()
    with Progress("Reading a.txt", 100, console=console) as bar:
        clock.now += 0.9
        bar.advance(50)
    assert _shown(console) == ""


def test_work_that_is_soon_done_shows_nothing(clock: _Clock) -> None:
    console = _terminal()
    with Progress("Reading a.txt", 100, console=console) as bar:
        clock.now += 1.1
        bar.advance(90)
    assert _shown(console) == ""


def test_long_work_shows_bytes_and_rate(clock: _Clock) -> None:
    console = _terminal()
    with Progress("Reading a.txt", 1_000_000_000, console=console) as bar:
        clock.now += 2
        bar.advance(100_000_000)
        bar.advance(100_000_000)
    text = _shown(console)
    assert "Reading a.txt" in text
    assert "0.2/1.0 GB" in text


def test_a_name_is_no_markup(clock: _Clock) -> None:
    console = _terminal()
    with Progress("Reading [red]a[/red].txt", 100, console=console) as bar:
        clock.now += 2
        bar.advance(1)
    assert "[red]a[/red].txt" in _shown(console)


def test_more_than_was_known_is_no_error() -> None:
    console = _terminal()
    with Progress("Reading a.gz", 10, console=console) as bar:
        bar.show()
        bar.advance(500)
    assert "500" in _shown(console)


def test_a_pipe_gets_nothing(clock: _Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with Progress("Reading a.txt", None) as bar:
        clock.now += 100
        bar.advance(1)
    assert pipe.getvalue() == ""


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What a notebook is sent, one bundle after the other, always in the same place."""
    bundles: list[dict[str, str]] = []

    class Handle:
        def update(self, bundle: dict[str, str], *, raw: bool) -> None:
            assert raw
            bundles.append(bundle)

    def display(bundle: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert raw
        assert display_id
        assert not bundles
        bundles.append(bundle)
        return Handle()

    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    return bundles


def test_a_notebook_sees_a_line_that_is_replaced_and_then_gone(clock: _Clock, shown: list[dict[str, str]]) -> None:
    with Progress("Reading <b>.txt", 1_000_000_000) as bar:
        clock.now += 2
        bar.advance(100_000_000)
        bar.advance(1)  # at the same moment: not sent
        clock.now += 1
        bar.advance(200_000_000)
    assert [bundle["text/plain"] for bundle in shown] == [
        "Reading <b>.txt 100 of 1,000 MB, 50 MB/s, 18 s left",
        "Reading <b>.txt 300 of 1,000 MB, 100 MB/s, 7 s left",
        "",
    ]
    assert shown[0]["text/html"].startswith('Reading &lt;b&gt;.txt <progress max="1000000000" value="100000000">')
    assert shown[-1]["text/html"] == ""


def test_quick_work_in_a_notebook_shows_nothing(clock: _Clock, shown: list[dict[str, str]]) -> None:
    with Progress("Reading a.txt", 100) as bar:
        clock.now += 0.5
        bar.advance(100)
    assert shown == []


class _Closed:
    def isatty(self) -> bool:
        msg = "I/O operation on closed file"
        raise ValueError(msg)


@pytest.mark.parametrize("stream", [None, object(), _Closed()])
def test_an_odd_standard_error_is_no_error(stream: object, clock: _Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "_in_notebook", lambda: False)
    with Progress("Reading a.txt", 1_000) as bar:
        clock.now += 100
        bar.advance(1)


def test_packed_sources_show_too(clock: _Clock) -> None:
    console = _terminal()
    with Progress("Reading a.zip", 10, console=console) as bar:
        clock.now += 2
        bar.advance(500)
    assert "Reading a.zip" in _shown(console)


def test_reading_counts_what_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    monkeypatch.setattr(Progress, "advance", lambda _, size: counted.append(size))
    dump = b"goroutine 7 [select]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n"
    read(dump, dump)
    assert sum(counted) == 2 * len(dump)
