"""A view -> plain HTML: what stands in the widget's place where no kernel is."""

from html import escape

from gostack_nb.widgets.messages import LENGTHS, STATIC_BYTES, cut, fitted, readable
from gostack_nb.widgets.pages import Cell, columns_of, page_of
from gostack_nb.widgets.view import View

ROWS = 20

_NO_ERROR = """<style>
.jp-OutputArea:has(.gostack-static) .jp-OutputArea-child:has(> .jupyter-widgets):not(:has(.gs-explorer)) {
  display: none;
}
</style>"""
# Hides the line of JupyterLab in the place of a widget without a kernel: "Error displaying widget: model not found".


def static_html(view: View) -> str:
    """Return the first groups of a view as an HTML table. All text is escaped: it comes from a dump."""
    return fitted(lambda longest: _html(view, longest), STATIC_BYTES, LENGTHS)


def _html(view: View, longest: int) -> str:
    columns = columns_of(view.table, view.by)
    page = page_of(view.table, columns, 0, rows=ROWS, lengths=(longest,))
    heads = "".join(f"<th>{escape(column['title'])}</th>" for column in page["columns"])
    rows = "".join(f"<tr>{''.join(map(_cell, cells))}</tr>" for cells in page["cells"])
    more = f"<p>{page['total'] - ROWS:,} more rows are not shown here.</p>" if page["total"] > ROWS else ""
    text = cut(readable(str(view.filter)), 4 * longest)
    query = f" Filter: <code>{escape(text)}</code>." if text else ""
    # The classes keep MathJax away: a dollar sign in a name is no formula.
    return (
        f'{_NO_ERROR}<div class="gostack-static tex2jax_ignore mathjax_ignore"><p>{escape(view.said)}.{query} '
        f"Run the cell in JupyterLab to filter, group and open it.</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}</div>"
    )


def _cell(cell: Cell) -> str:
    text, whole = (cell, "") if isinstance(cell, str) else cell
    return f'<td title="{escape(whole)}">{escape(text)}</td>' if whole else f"<td>{escape(text)}</td>"
