"""Files of marks that somebody else wrote."""

import os
from pathlib import Path

import pytest

from gostack_nb.widgets.monitor_marks import FOLDER, marks_table, read_marks

GOOD = '{"at": "2026-03-01T09:00:00+01:00", "text": "deployed fix"}'


@pytest.mark.parametrize(
    "bad",
    [
        '{"at": "0001-01-01T00:00:00+14:00", "text": "before the first day"}',
        '{"at": "2999-12-31T23:59:59Z", "text": "later than nanoseconds in 64 bits"}',
        '{"at": 1e999, "text": "no time"}',
        '{"at": "2026-03-01T09:00:00Z"}',
        "[]",
    ],
)
def test_a_mark_that_no_table_holds_is_passed_over(bad: str, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    for name, text in {"1.json": bad, "2.json": GOOD}.items():
        (tmp_path / FOLDER / name).write_text(text)
    assert [str(at) for at in marks_table(read_marks(tmp_path))["at"]] == ["2026-03-01 08:00:00+00:00"]


def test_a_pipe_in_the_place_of_a_mark_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    os.mkfifo(tmp_path / FOLDER / "x.json")
    assert list(read_marks(tmp_path)) == []
