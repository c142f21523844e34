"""The postmortem as one HTML file: no request to anywhere, nothing in it runs but its own script."""

import hashlib
import json
from base64 import b64encode
from importlib.resources import files

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from gostack_nb.reports.postmortem.document import REPORT_VERSION, Document

LEAST_SHARE = 0.0002
"""A call of fewer goroutines than this share of all is not in the flame graph: nobody could hit it."""


def render_html(document: Document) -> str:
    """Write the document as HTML.

    All of its texts are escaped. The file's content security policy allows its own style and script, by their hashes,
    and pictures within the file; everything else is forbidden, so that it works from `file://` and asks nobody.
    """
    style, script = asset("page.css"), asset("flame.js")
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters["base64"] = lambda data: b64encode(data).decode("ascii")
    text = environment.from_string(asset("page.html.j2")).render(
        document=document,
        cell_class=_cell_class,
        style=Markup(style),  # noqa: S704 - a file of this package
        style_hash=_hash(style),
        script=Markup(script),  # noqa: S704 - as above
        script_hash=_hash(script),
        calls=Markup(_embedded(document.calls)),  # noqa: S704 - escaped by _embedded
        report_version=REPORT_VERSION,
    )
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def asset(name: str) -> str:
    """Return a file that lies beside this module."""
    return (files("gostack_nb.reports.postmortem") / name).read_text("utf-8")


def _cell_class(column: str, cell: str, numeric: bool) -> Markup:  # noqa: FBT001 - called by the template
    """Return the attribute that tells how a cell may be broken into lines."""
    if numeric:
        return Markup(' class="number"')
    if column == "sha256":
        return Markup(' class="hash"')
    length = next((name for most, name in _LENGTHS if len(cell) <= most), "longest")
    return Markup(f' class="{length}"')  # noqa: S704 - one of our own words


_LENGTHS = ((26, "short"), (70, "long"))
"""Up to how many characters a cell is not broken, or needs some width."""


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _embedded(calls: pd.DataFrame) -> str:
    """Return the calls as JSON in which no text can end the script element.

    Function names stand once, in `names`; the other lists have one entry per call.
    """
    total = int(calls.loc[calls["depth"] == 0, "count"].sum())
    shown = calls[calls["count"] >= total * LEAST_SHARE]
    numbers, names = pd.factorize(shown["function"].astype("str"))
    data = {
        "total": total,
        "names": [str(name).encode("utf-8", "backslashreplace").decode("utf-8") for name in names],
        "name": numbers.tolist(),
        "depth": shown["depth"].tolist(),
        "start": shown["start"].tolist(),
        "count": shown["count"].tolist(),
        "self": shown["self_count"].tolist(),
        "yours": (~shown["is_std"].fillna(value=False).astype(bool)).astype(int).tolist(),
    }
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
