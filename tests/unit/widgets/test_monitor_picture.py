"""The chart of a monitor: marks as lines, by the data of their artists."""

from datetime import UTC, datetime, timedelta

import pytest
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

import gostack_nb as gs
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.widgets import monitor_picture
from gostack_nb.widgets.monitor_marks import Mark
from gostack_nb.widgets.monitor_picture import picture_of
from tests.unit.pprof_service import debug2

BEGIN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> list[Axes]:
    """Give the list of all Axes that are drawn."""
    drawn: list[Axes] = []

    class Kept(Figure):
        def savefig(self, *args: object, **options: object) -> None:
            drawn.extend(self.axes)
            super().savefig(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(monitor_picture, "Figure", Kept)
    return drawn


def mark(minutes: float, text: str) -> Mark:
    return Mark.of(text, BEGIN + timedelta(minutes=minutes))


def test_marks_since_the_first_snapshot_are_lines(axes: list[Axes]) -> None:
    dataset = gs.read(debug2(5), captured_at=BEGIN)
    marks = [mark(-3, "before all"), mark(1, "deployed $\\frac$ fix"), mark(2, "x" * 90), mark(3, "修复")]
    assert picture_of(dataset, marks).startswith(b"\x89PNG")
    lines = [line for line in axes[0].lines if line.get_linestyle() == "--" and len(set(line.get_xdata())) == 1]
    assert [line.get_xdata()[0] for line in lines] == [date2num(one.at) for one in marks[1:]]
    texts = [text.get_text() for text in axes[0].texts]
    assert "deployed $\\frac$ fix" in texts
    assert not any("before all" in text for text in texts)
    assert all(len(text) <= 60 for text in texts)


def test_of_nothing_a_sentence_is_drawn(axes: list[Axes]) -> None:
    assert picture_of(read_blobs([]), [mark(1, "deployed fix")]).startswith(b"\x89PNG")
    assert [text.get_text() for text in axes[0].texts] == ["no snapshots"]
