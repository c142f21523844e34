"""What a report would hide, printed for its author."""

from collections.abc import Collection

from rich.console import Console
from rich.table import Table

from gostack_nb.analysis.redaction import Kind, redactions
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.terminal import shown


def print_redactions(*datasets: Dataset, keep: Collection[Kind]) -> None:
    """Print each value beside its placeholder."""
    found = redactions(*datasets, keep=keep)
    console = Console(highlight=False)
    if not len(found):
        console.print("Nothing would be hidden.")
        return
    table = Table(box=None, pad_edge=False, title_justify="left", title_style="bold")
    table.title = f"{count_words(len(found), 'value')} would be hidden"
    for name in ("kind", "placeholder", "value"):
        table.add_column(name, overflow="fold")
    for kind, placeholder, value in found.itertuples(index=False, name=None):
        table.add_row(kind.replace("_", " "), placeholder, shown(value))
    console.print(table)
