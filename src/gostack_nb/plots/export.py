"""A chart -> picture files."""

from io import BytesIO
from os import PathLike
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gostack_nb.errors import ExportError
from gostack_nb.model.calls import checked
from gostack_nb.plots.style import figure_of

DOTS_PER_INCH = 200

_FORMATS: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@checked
def export_figure(chart: Axes | Figure, folder: str | PathLike[str], name: str) -> list[Path]:
    """Write a chart as PNG, SVG and PDF; the same chart always gives the same bytes.

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
        The PNG (200 dots per inch), the SVG and the PDF; in both of these text stays text, which can be searched and
        copied.

    Raises
    ------
    ExportError
        If the name is not a file's name, or the folder cannot be written.

    Examples
    --------
    >>> ax = gs.plot_growth(dataset)
    >>> [path.name for path in gs.export_figure(ax, "charts", "growth")]
    ['growth.png', 'growth.svg', 'growth.pdf']
    """
    if not name or Path(name).name != name or "\\" in name or "\0" in name:
        msg = f"{name!r} cannot name a chart's file. Hint: a plain name such as 'growth', without folder."
        raise ExportError(msg)
    figure = figure_of(chart) if isinstance(chart, Axes) else chart
    paths = [Path(folder) / f"{name}.{ending}" for ending in _FORMATS]
    for path, ending in zip(paths, _FORMATS, strict=True):
        write_bytes(path, picture(figure, ending))
    return paths


def export_file(chart: Axes, path: Path) -> None:
    """Write a chart into one file, in the form that its name ends with: .png, .svg or .pdf.

    Raises
    ------
    ExportError
        If the name ends otherwise, or the file cannot be written.
    """
    write_bytes(path, picture(figure_of(chart), picture_form(path)))


def picture_form(path: Path) -> str:
    """Return in which form a chart is written to a file, by the ending of its name.

    Raises
    ------
    ExportError
        If charts are not written in that form.

    >>> picture_form(Path("fix.PNG"))
    'png'
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in _FORMATS:
        msg = f"{path}: no kind of picture that can be written. Hint: end the name with .png, .svg or .pdf"
        raise ExportError(msg)
    return ending


def picture(figure: Figure, ending: str) -> bytes:
    """Return a figure as the bytes of a file with this ending: png, svg or pdf."""
    buffer = BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "gostack_nb", "pdf.fonttype": 42}):
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


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8; a lone surrogate is written as Python escapes it. Raises as `write_bytes`."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, and the folders above it if they are not there.

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        hint = "Hint: name a folder that you may write to."
        msg = f"{path}: cannot be written ({error.strerror}). {hint}"
        raise ExportError(msg) from error
