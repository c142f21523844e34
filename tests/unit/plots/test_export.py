import pytest
from matplotlib import pyplot as plt

import gostack_nb as gs
from gostack_nb.errors import ExportError
from gostack_nb.plots.export import export_figure
from gostack_nb.plots.groups import plot_groups


def test_a_chart_is_written_as_png_searchable_svg_and_pdf(leak, tmp_path):
    paths = export_figure(plot_groups(leak), tmp_path / "new" / "folder", "groups")
    assert [path.name for path in paths] == ["groups.png", "groups.svg", "groups.pdf"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert "main.(*session).ackLoop" in paths[1].read_text()
    assert paths[2].read_bytes().startswith(b"%PDF")


def test_a_figure_may_be_given_instead_of_axes(leak, tmp_path):
    figure, axes = plt.subplots(1, 2, figsize=(20, 6), layout="constrained")
    for ax in axes:
        plot_groups(leak, ax=ax)
    assert all(path.exists() for path in export_figure(figure, str(tmp_path), "two"))


def test_the_same_chart_gives_the_same_bytes_without_a_date(leak, tmp_path):
    first = export_figure(gs.plot_growth(leak), tmp_path / "a", "growth")
    second = export_figure(gs.plot_growth(leak), tmp_path / "b", "growth")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert "<dc:date>" not in first[1].read_text()


def test_the_svg_holds_no_markup_from_names(recording, tmp_path):
    chart = gs.plot_groups(recording({"main.<script>alert(1)</script>": 2}))
    text = export_figure(chart, tmp_path, "hostile")[1].read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("name", ["", "a/b", "../up", "/etc/x", "a\\b", "nul\0"])
def test_a_name_with_a_folder_is_refused(leak, tmp_path, name):
    with pytest.raises(ExportError, match="plain name"):
        export_figure(plot_groups(leak), tmp_path, name)


def test_a_folder_that_cannot_be_written_is_said_with_its_path(leak, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match=r"file/groups\.png: cannot be written \(.*\)\. Hint:"):
        export_figure(plot_groups(leak), tmp_path / "file", "groups")
