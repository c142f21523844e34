"""A chart -> picture files."""

from io import BytesIO
from os import PathLike
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gostack_nb.errors import ExportError
from gostack_nb.plots.style import figure_of

DOTS_PER_INCH = 200

_FORMATS: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


def export_figure(chart: Axes | Figure, folder: str | PathLike[str], name: str) -> list[Path]:
    """Write a chart as PNG and SVG; the same chart always gives the same bytes.

    Parameters
    ----------
    chart : Axes or Figure
        An Axes stands for its whole figure.
    folder : str or path
        Where to write; made if it is not there.
    name : str
        Name of the files, without folder and ending. Files of that name are replaced.

    Returns
    -------
    list of Path
        The PNG (200 dots per inch) and the SVG (text stays text: it can be searched and copied).

    Raises
    ------
    ExportError
        If the name is not a file's name, or the folder cannot be written.
    """
    if not name or Path(name).name != name or "\\" in name or "\0" in name:
        msg = f"{name!r} cannot name a chart's file. Hint: a plain name such as 'growth', without folder."
        raise ExportError(msg)
    figure = figure_of(chart) if isinstance(chart, Axes) else chart
    return [_write(Path(folder), f"{name}.{ending}", _picture(figure, ending)) for ending in _FORMATS]


def _picture(figure: Figure, ending: str) -> bytes:
    buffer = BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "gostack_nb"}):
        figure.savefig(
            buffer,
            format=ending,
            dpi=DOTS_PER_INCH,
            metadata=_FORMATS[ending],
            facecolor="white",
            transparent=False,
            bbox_inches="tight",
        )
    return buffer.getvalue()


def _write(folder: Path, name: str, picture: bytes) -> Path:
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    except OSError as error:
        hint = "Hint: name a folder that you may write to."
        msg = f"{path}: the chart cannot be written ({error.strerror}). {hint}"
        raise ExportError(msg) from error
    return path
