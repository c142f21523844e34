"""An executed notebook -> one HTML page: its prose, code, tables and figures, without widgets and without requests."""

from html import escape
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.reader import NotJSONError

from gostack_nb.errors import ExportError, SourceError
from gostack_nb.plots.export import write_bytes
from gostack_nb.reports.postmortem.page import asset
from gostack_nb.reports.postmortem.printing import render_pdf

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# Outputs bring styles of their own; nothing may run, and nothing is asked for.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def export_notebook(notebook: Path, path: Path) -> Path:
    """Write an executed notebook as HTML that needs nothing else, asks nobody and runs nothing.

    Nothing in it is redacted: it holds what its cells printed.

    Parameters
    ----------
    notebook : Path
        With its outputs.
    path : Path
        The file to write: `.html`, or `.pdf`, which needs an installed Chromium.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SourceError
        If the notebook cannot be read, or was not run.
    ExportError
        If the file cannot be written, ends otherwise, or a PDF cannot be made.
    """
    ending = path.suffix.lower()
    if ending not in {".html", ".pdf"}:
        msg = f"{path}: a notebook is exported as .html or .pdf. Hint: --output {path.stem}.html"
        raise ExportError(msg)
    shown = _without_widgets(_read(notebook))
    exporter = HTMLExporter(template_name="basic", embed_images=True, sanitize_html=True)  # type: ignore[no-untyped-call]
    body, _ = exporter.from_notebook_node(shown)
    page = _PAGE.format(policy=_POLICY, title=escape(notebook.stem), style=asset("page.css"), body=body)
    text = page.encode("utf-8", "backslashreplace")
    write_bytes(path, render_pdf(text.decode("utf-8"), path) if ending == ".pdf" else text)
    return path


def _read(notebook: Path) -> NotebookNode:
    try:
        read: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        msg = f"{notebook}: cannot be read as a notebook ({type(error).__name__}). Hint: name an .ipynb file"
        raise SourceError(msg) from error
    if not any(cell.get("outputs") for cell in read.cells):
        msg = f"{notebook}: has no outputs. Hint: run it in JupyterLab and save it, then export it"
        raise SourceError(msg)
    return read


def _without_widgets(notebook: NotebookNode) -> NotebookNode:
    """Take away the views of widgets and their state; what stands beside a view as HTML or text is shown."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        for output in outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
        if outputs:
            cell.outputs = [output for output in outputs if output.output_type in {"stream", "error"} or output.data]
    return notebook
