"""What a cell that shows a monitor leaves in the notebook: a live view, and a page that is kept up to date."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gostack_nb as gs
from gostack_nb.widgets.monitor_output import Outputs
from tests.unit.pprof_service import PprofServer, go_pages, serving
from tests.unit.widgets.test_monitor import NO_LEAK_INDEX, PATIENCE, text_of, until

VIEW = "application/vnd.jupyter.widget-view+json"


class Cell:
    """The outputs of a notebook: those without a name, and the last of each name with all before it."""

    def __init__(self) -> None:
        self.unnamed: list[dict[str, Any]] = []
        self.named: dict[str, list[dict[str, Any]]] = {}

    def display(self, data: dict[str, Any], *, raw: bool, display_id: str | None = None) -> None:
        assert raw
        if display_id is None:
            self.unnamed.append(data)
        else:
            self.named.setdefault(display_id, []).append(data)

    def update(self, data: dict[str, Any], *, raw: bool, display_id: str) -> None:
        assert raw
        self.named[display_id].append(data)


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    made = Cell()
    monkeypatch.setattr("IPython.display.display", made.display)
    monkeypatch.setattr("IPython.display.update_display", made.update)
    return made


@pytest.fixture
def server() -> Iterator[PprofServer]:
    with serving(go_pages(3, NO_LEAK_INDEX)) as made:
        yield made


def test_the_page_stands_beside_the_view_and_ends_with_the_last_state(
    cell: Cell, server: PprofServer, tmp_path: Path
) -> None:
    monitor = gs.monitor(server.url, every=0.1, to=tmp_path / "rec")
    monitor._ipython_display_()
    [live] = cell.unnamed
    [[page]] = cell.named.values()
    assert VIEW in live
    assert live["text/plain"].startswith("Monitor of 127.0.0.1:")
    assert "text/html" not in live, "JupyterLab shows no other form of an output whose widget is gone"
    assert "not started" in text_of(page["text/html"])
    assert VIEW not in page
    monitor.start()
    until(lambda: bool(monitor.view.picture.value), "a chart")
    monitor.stop()
    assert monitor.wait(PATIENCE)
    [pages] = cell.named.values()
    assert "stopped after" in text_of(pages[-1]["text/html"])
    assert "data:image/png;base64," in pages[-1]["text/html"]
    assert cell.unnamed == [live], "an update leaves the buttons alone"


def test_the_page_follows_while_it_runs_but_not_each_moment(cell: Cell) -> None:
    state = iter(range(100))
    outputs = Outputs(lambda: {"text/plain": "live"}, lambda: f"state {next(state)}")
    outputs.update(pause=0)
    assert cell.named == {}, "nobody has shown it"
    outputs.show()
    outputs.update(pause=0)
    outputs.update(pause=3600)
    outputs.show()
    outputs.update(pause=0)
    [pages] = cell.named.values()
    assert [page["text/html"] for page in pages] == ["state 0", "state 1", "state 2", "state 3"]
    assert len(cell.unnamed) == 2


def test_the_page_says_how_old_it_is_and_where_the_rest_is(server: PprofServer, tmp_path: Path) -> None:
    html = gs.monitor(server.url, to=tmp_path / "rec").view.as_html()
    assert "As it was at 20" in text_of(html)
    assert "UTC" in text_of(html)
    assert str(tmp_path / "rec") in text_of(html)
    assert "gs.read" in text_of(html)
