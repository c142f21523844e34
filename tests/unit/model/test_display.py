"""What a notebook shows of a dataset, of suspects and of a recording: HTML and text, whatever a dump holds."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from IPython.core.formatters import DisplayFormatter

import gostack_nb as gs

DUMP = """goroutine 8 [sync.Mutex.Lock, 5 minutes] {note: "<img src=x onerror=pwned=1>", "$a$ b": "$x$ and $y$"}:
sync.(*Mutex).Lock(...)
\t/usr/local/go/src/sync/mutex.go:46
main.f<script>$x$(0x1)
\t/srv/$a$/<img src=x onerror=pwned=1>$b$.go:13 +0x3
created by main.g in goroutine 1
\t/srv/app/main.go:168 +0x2b6

"""
FOLDER = "a $x$ & $y$ <img src=x onerror=pwned=1>"
SERVICE = "push <b>$1$</b> $2$"


class Page(HTMLParser):
    """The tags of a page, and its text with the classes of what it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def dataset_in(folder: Path) -> gs.Dataset:
    dump = folder / FOLDER / "1795424023.txt"
    dump.parent.mkdir()
    dump.write_text("".join(DUMP.replace("goroutine 8", f"goroutine {8 + number}") for number in range(30)))
    return gs.read(dump, service=SERVICE)


def suspects_in(folder: Path) -> object:
    return gs.suspects(dataset_in(folder))


def recording_in(folder: Path) -> object:
    dataset_in(folder)
    recording = gs.Recording.open(folder / f"recording {FOLDER}", create=True)
    recording.add(folder / FOLDER, service=SERVICE)
    return recording


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (dataset_in, ("30 goroutines in 1 snapshot", "main.f<script>$x$", SERVICE)),
        (suspects_in, ("strong", "main.f<script>$x$", "/srv/$a$/<img src=x onerror=pwned=1>$b$.go:13")),
        (recording_in, ("1 snapshots", FOLDER, SERVICE)),
    ],
)
def test_both_forms_hold_the_same_and_markup_stays_text(
    made: Callable[[Path], object], words: tuple[str, ...], tmp_path: Path
) -> None:
    data, _ = DisplayFormatter().format(made(tmp_path))  # type: ignore[no-untyped-call]
    assert data.keys() == {"text/plain", "text/html"}
    html = data["text/html"]
    page = Page(html)
    for word in words:
        assert word in page.text
    assert not page.tags & {"img", "script", "svg", "style", "b onerror"}
    assert page.attributes <= {"class", "style"}
    assert "tex2jax_ignore mathjax_ignore" in html[:80], "a dollar sign is no formula"
    assert words[0] in data["text/plain"]


def test_colours_are_those_of_the_theme(tmp_path: Path) -> None:
    html = dataset_in(tmp_path)._repr_html_()
    assert "color:var(--jp-content-font-color1,inherit)" in html
    assert "background" not in html, "paper of either colour"
