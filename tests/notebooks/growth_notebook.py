"""The growth notebook with other parameters, executed; what each of its cells shows."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from gostack_nb.reports.bundled import bundled

NOTEBOOK = "03-growth.ipynb"
CELL_SECONDS = 600


def read_notebook() -> Any:
    return nbformat.read(bundled("notebooks") / NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def run(folder: Path, **parameters: str | list[str]) -> dict[str, str]:
    """Run the notebook in a folder; return the plain text that each cell shows, by its id."""
    notebook = read_notebook()
    [cell] = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    cell.source = "\n".join([cell.source, *(f"{name} = {value!r}" for name, value in parameters.items())])
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
    )
    client.execute()
    return {cell.id: "\n".join(map(_text, cell.get("outputs", []))) for cell in notebook.cells}


def _text(output: Any) -> str:
    assert output["output_type"] in {"display_data", "execute_result"}, output
    return str(output["data"]["text/plain"])
