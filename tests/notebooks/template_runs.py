"""The templates as a user runs them: copied into a folder, in kernels of their own, or cell by cell in this process."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
from nbclient import NotebookClient

from gostack_nb.reports.templates import Template, parameters_cell

AT_ONCE = 2
CELL_SECONDS = 600


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> Iterator[Any]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def inject(notebook: Any, **parameters: object) -> None:
    """Put a cell with other values behind the tagged one, as papermill does."""
    place = notebook.cells.index(parameters_cell(notebook, "template"))
    code = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(code, id="injected"))  # type: ignore[no-untyped-call]


def run_all(paths: Sequence[Path]) -> dict[Path, dict[str, str]]:
    """Run notebooks where they lie, two at a time; return what each of their cells shows, by its id.

    In a thread, because the browser of other tests leaves a running event loop in this one.
    """
    with ThreadPoolExecutor(1) as thread:
        shown = thread.submit(lambda: asyncio.run(_run_all(paths))).result()
    return dict(zip(paths, shown, strict=True))


async def _run_all(paths: Sequence[Path]) -> list[dict[str, str]]:
    free = asyncio.Semaphore(AT_ONCE)
    return list(await asyncio.gather(*(_run(path, free) for path in paths)))


async def _run(path: Path, free: asyncio.Semaphore) -> dict[str, str]:
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],
    )
    async with free:
        await client.async_execute()
    return {cell.id: "\n".join(_text(output) for output in cell.get("outputs", [])) for cell in notebook.cells}


def _text(output: Any) -> str:
    assert output["output_type"] in {"display_data", "execute_result"}, output
    return str(output["data"]["text/plain"])


def run_here(template: Template, folder: Path, /, **parameters: object) -> dict[str, Any]:
    """Run the code cells of a template in this process, in a folder; return the names that they leave."""
    notebook = template.read()
    inject(notebook, **parameters)
    names: dict[str, Any] = {}
    with (
        chdir(folder),
        pd.option_context("display.html.use_mathjax", True, "display.max_colwidth", 50),
    ):  # templates set both
        for cell in code_cells(notebook):
            exec(compile(cell.source, f"{template.file}:{cell.id}", "exec"), names)  # noqa: S102 - our own notebook
    plt.close("all")
    return names
