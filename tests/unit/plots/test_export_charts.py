import pandas as pd
import pytest
from matplotlib import pyplot as plt

import gostack_nb as gs
from gostack_nb.errors import ExportError
from gostack_nb.plots.export_charts import CHARTS, COMPARISONS, NOTHING_TO_SHOW, export_charts

HOSTILE = b"""goroutine 1 [select]:
=cmd|calc!A0(0x1)
\t/a.go:1 +0x1

goroutine 2 [select]:
main.`x`[a](b)(0x1)
\t/a.go:1 +0x1
"""
COUNTED = b"goroutine profile: total 2\n2 @ 0x1\n#\t0x1\tmain.f+0x1\t/srv/a.go:3\n"


@pytest.fixture(scope="module")
def small(recording):
    return recording(
        {"main.pool": 5, "main.leak": 1}, {"main.pool": 5, "main.leak": 4}, {"main.pool": 5, "main.leak": 7}
    )


@pytest.fixture(scope="module")
def exported(small, tmp_path_factory):
    """Export once for all tests: a second and more for each chart."""
    folder = tmp_path_factory.mktemp("export") / "new"
    return folder, export_charts(small, folder, after=small)


def test_each_chart_has_its_pictures_its_table_and_its_caption(exported):
    folder, table = exported
    assert table["chart"].tolist() == [chart.name for chart in (*CHARTS, *COMPARISONS)]
    written = table.drop(columns=["chart", "caption"]).to_numpy().ravel().tolist()
    assert sorted(path.name for path in folder.iterdir()) == sorted([*written, "captions.md"])
    assert plt.get_fignums() == []


def test_the_csv_is_the_table_behind_the_chart(exported, small):
    read = pd.read_csv(exported[0] / "growth.csv")
    expected = gs.count_by_snapshot(small)
    assert read.columns.tolist() == expected.columns.tolist()
    assert read["count"].tolist() == expected["count"].tolist()
    assert read["captured_at"][0] == "2026-11-23 08:00:00+00:00"


def test_captions_say_the_numbers_and_how_to_read(exported):
    folder, table = exported
    caption = table.set_index("chart").loc["groups", "caption"]
    assert caption.startswith("12 goroutines at 2026-11-23 08:02 UTC, 2 groups. ")
    text = (folder / "captions.md").read_text()
    assert "## groups\n\n![groups](groups.png)\n\n12 goroutines" in text
    assert "[groups.csv](groups.csv)" in text


def test_what_the_dumps_do_not_tell_is_not_drawn_but_said(tmp_path):
    table = export_charts(gs.read(COUNTED), tmp_path).set_index("chart")
    assert table.loc["creators", "caption"] == NOTHING_TO_SHOW
    assert not (tmp_path / "creators.png").exists()
    assert (tmp_path / "groups.png").exists()


def test_a_spreadsheet_runs_nothing_and_markdown_stays_text(tmp_path):
    export_charts(gs.read(HOSTILE), tmp_path)
    cells = pd.read_csv(tmp_path / "groups.csv", dtype="str").fillna("").to_numpy().ravel()
    assert [cell for cell in cells if cell.startswith("'=cmd")]
    assert not [cell for cell in cells if cell.startswith("=")]
    assert "](b)" not in (tmp_path / "captions.md").read_text()


def test_a_folder_that_cannot_be_written_is_an_error(small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="Hint"):
        export_charts(small, tmp_path / "file")
