"""An executed notebook -> one HTML page: its prose, code, tables and figures, without widgets and without requests."""

import re
from base64 import b64encode
from html import escape
from pathlib import Path

import bleach
import nbformat
from bleach.css_sanitizer import CSSSanitizer
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.reader import NotJSONError

from gostack_nb.errors import ExportError, SourceError
from gostack_nb.plots.export import write_bytes
from gostack_nb.reports.postmortem.page import asset
from gostack_nb.reports.postmortem.printing import render_pdf

PAGE_VERSION = 1
"""Of the page's structure, in its `generator`."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_SVG = "image/svg+xml"
_NOT_SHOWN = {WIDGET_VIEW, "application/javascript", "text/javascript"}
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)  # unclosed: to the end
_FETCHING = re.compile(r"url|image|\\|/\*", re.IGNORECASE)  # a style that asks for a file, or may hide that it does
_TAGS = """
    a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr
    i img li mark ol p pre s small span strong sub summary sup table tbody td tfoot th thead tr u ul
"""
_ATTRIBUTES = "align alt border class colspan dir height id lang rowspan scope start style title valign width"
_PROTOCOLS = ("data", "http", "https", "mailto")
_STYLES = """
    background background-color border border-bottom border-collapse border-left border-right border-top color display
    font-family font-size font-style font-weight line-height list-style margin max-width min-width overflow-x padding
    text-align text-decoration vertical-align white-space width
"""

# Outputs bring styles of their own; nothing may run, and nothing is asked for.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="gostack_nb, notebook page version {version}">
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
    body = _body(shown)
    page = _PAGE.format(
        policy=_POLICY, version=PAGE_VERSION, title=escape(notebook.stem), style=asset("page.css"), body=body
    )
    text = page.encode("utf-8", "backslashreplace")
    write_bytes(path, render_pdf(text.decode("utf-8"), path) if ending == ".pdf" else text)
    return path


def _read(notebook: Path) -> NotebookNode:
    try:
        read: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError as error:
        msg = f"{notebook}: no such file. Hint: check the spelling, and where the shell runs"
        raise SourceError(msg) from error
    except (OSError, NotJSONError, nbformat.NBFormatError, nbformat.ValidationError, UnicodeDecodeError) as error:
        msg = f"{notebook}: cannot be read as a notebook ({type(error).__name__}). Hint: name an .ipynb file"
        raise SourceError(msg) from error
    if not any(cell.get("outputs") for cell in read.cells):
        msg = f"{notebook}: has no outputs. Hint: run it in JupyterLab and save it, then export it"
        raise SourceError(msg)
    return read


def _body(notebook: NotebookNode) -> str:
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        embed_images=True,
        sanitize_html=True,
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    # Its own lets neither headings nor heads of tables through.
    exporter.register_filter("clean_html", _clean)  # type: ignore[no-untyped-call]
    body: str = exporter.from_notebook_node(notebook)[0]
    return body


def _clean(html: str | bytes) -> str:
    """Keep of HTML what is text, table and picture; its scripts, styles and forms go.

    >>> _clean("<p onclick='x()'>154 <b>leaked</b></p><script>y()</script>")
    '<p>154 <b>leaked</b></p>'
    """
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html)
    kept: str = bleach.clean(
        _SCRIPT.sub("", text),  # what stands in a script would be left as text
        tags=_TAGS.split(),
        attributes=_is_kept,
        protocols=_PROTOCOLS,
        css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES.split()),
        strip=True,
    )
    return kept


def _is_kept(tag: str, name: str, value: str) -> bool:
    if name == "src":
        return tag == "img" and value.startswith("data:image/")
    if name == "href":
        return tag == "a" and not value.startswith("data:")
    if name == "style" and _FETCHING.search(value):
        return False
    return name in _ATTRIBUTES.split()


def _without_widgets(notebook: NotebookNode) -> NotebookNode:
    """Take away the views of widgets, their state and scripts; what stands beside a view as HTML or text is shown."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        for output in outputs:
            data = output.get("data", {})
            for kind in _NOT_SHOWN & data.keys():
                del data[kind]
            if _SVG in data:
                data["text/html"] = _as_picture(data.pop(_SVG))
        if outputs:
            cell.outputs = [output for output in outputs if output.output_type in {"stream", "error"} or output.data]
    return notebook


def _as_picture(svg: str) -> str:
    """Show a drawing as a picture: scripts in it do not run then."""
    return f'<img alt="" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode("ascii")}">'
