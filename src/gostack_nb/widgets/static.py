"""A view -> plain HTML: what stands in the widget's place where no kernel is."""

from html import escape

from gostack_nb.widgets.pages import Cell, columns_of, page_of
from gostack_nb.widgets.view import View

ROWS = 20


def static_html(view: View) -> str:
    """Return the first groups of a view as an HTML table. All text is escaped: it comes from a dump."""
    page = page_of(view.table.reset_index(drop=True), columns_of(view.table, view.by), 0, rows=ROWS)
    heads = "".join(f"<th>{escape(column['title'])}</th>" for column in page["columns"])
    rows = "".join(f"<tr>{''.join(map(_cell, cells))}</tr>" for cells in page["cells"])
    more = f"<p>{page['total'] - ROWS:,} more rows are not shown here.</p>" if page["total"] > ROWS else ""
    query = f" Filter: <code>{escape(str(view.filter))}</code>." if view.filter.terms else ""
    # The classes keep MathJax away: a dollar sign in a name is no formula.
    return (
        f'<div class="gostack-static tex2jax_ignore mathjax_ignore"><p>{escape(view.said)}.{query} '
        f"Run the cell in JupyterLab to filter, group and open it.</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}</div>"
    )


def _cell(cell: Cell) -> str:
    text, whole = (cell, "") if isinstance(cell, str) else cell
    return f'<td title="{escape(whole)}">{escape(text)}</td>' if whole else f"<td>{escape(text)}</td>"
