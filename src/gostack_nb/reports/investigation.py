"""The guided incident as a folder: dumps, an executed notebook, its charts, the postmortem."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from gostack_nb.errors import ExportError, FormatError, GostackError, SourceError
from gostack_nb.plots.moments import count_words
from gostack_nb.reading.datasets import read
from gostack_nb.reports.bundled import bundled
from gostack_nb.reports.gathering import REFERENCE_SOURCE, Report, gather, reference
from gostack_nb.reports.templates import signed
from gostack_nb.sources.checkout import open_checkout
from gostack_nb.sources.presence import is_folder, is_there

NOTEBOOK = "01-guided-incident.ipynb"
POSTMORTEM = "postmortem.html"
"""What the last cell of the notebook writes."""

CELL_SECONDS = 600
"""One cell: reading is the longest, and 1 GB of dumps is read in seconds."""

_SHOWN_ISSUES = 3


@dataclass(frozen=True, slots=True)
class Investigation:
    """What was made: the folder, the executed notebook in it, the charts and the postmortem."""

    folder: Path
    notebook: Path
    charts: tuple[Path, ...]
    postmortem: Path


def investigate(
    sources: Sequence[str],
    *,
    after: Sequence[str] = (),
    out: Path | None = None,
    source_root: Path | None = None,
    report: Report,
) -> Investigation:
    """Make an investigation folder, run the guided notebook in it and write the charts and the postmortem.

    Parameters
    ----------
    sources : sequence of str
        Files, folders, globs, archives, addresses or `-` for standard input; without any, the recorded reference
        incident. What an address or standard input gives is kept in the folder's `dumps`.
    after : sequence of str
        The same, taken after the fix.
    out : Path, optional
        The folder to make; it may exist if it is empty or was made by an earlier run, whose charts go. Without it
        `gostack-incident-<date>-<time>` in the working directory.
    source_root : Path, optional
        A checkout of the program, whose lines the notebook shows. The reference incident has its own.
    report : callable
        Is told, in a line each, what has been done.

    Returns
    -------
    Investigation

    Raises
    ------
    SourceError, FormatError
        If the sources hold no dump, or there is no folder `source_root`; nothing is left behind then.
    ExportError
        If the folder cannot be written or the notebook fails.
    """
    folder = _folder(out)
    existed = is_there(folder)
    _make(folder)
    try:
        parameters = {
            **_parameters(sources, after, folder, report),
            "source_root": _source_root(sources, source_root, folder),
        }
    except GostackError:
        if not existed:
            shutil.rmtree(folder)
        raise
    shutil.rmtree(folder / "charts", ignore_errors=True)
    (folder / POSTMORTEM).unlink(missing_ok=True)
    notebook = _executed(folder, parameters)
    charts = tuple(sorted((folder / "charts").glob("*")))
    report(f"wrote {_relative(notebook)}")
    report(f"wrote {len(charts)} charts to {_relative(folder / 'charts')}")
    report(f"wrote {_relative(folder / POSTMORTEM)}")
    return Investigation(folder, notebook, charts, folder / POSTMORTEM)


def _parameters(sources: Sequence[str], after: Sequence[str], folder: Path, report: Report) -> dict[str, list[str]]:
    """Gather the dumps, and read them once: bad input shows before a notebook runs."""
    if not sources and after:
        msg = "dumps from before the fix are needed beside --after. Hint: gostack-nb incident BEFORE --after AFTER"
        raise SourceError(msg)
    if not sources:
        before_paths, after_paths = reference(folder)
    else:
        before_paths = gather(sources, folder, "dumps", report=report)
        after_paths = gather(after, folder, "dumps-after", report=report) if after else []
    _check(before_paths, folder, report)
    if after_paths:
        _check(after_paths, folder, report)
    return {"dumps": before_paths, "dumps_after_fix": after_paths}


def _source_root(sources: Sequence[str], source_root: Path | None, folder: Path) -> str | None:
    """Return the checkout as the notebook in `folder` finds it."""
    if source_root is not None:
        return os.path.relpath(open_checkout(source_root).root.expanduser(), folder)
    return None if sources else REFERENCE_SOURCE


def _check(paths: Sequence[str], folder: Path, report: Report) -> None:
    dataset = read(*(_relative(folder / path) for path in paths))
    report(f"read {count_words(len(dataset.snapshots), 'snapshot')}, {count_words(len(dataset.goroutines))}")
    for row in dataset.issues.head(_SHOWN_ISSUES).to_dict("records"):
        report(f"  not read: {row['source']}: {row['reason']}")
    if len(dataset.issues) > _SHOWN_ISSUES:
        report(f"  and {len(dataset.issues) - _SHOWN_ISSUES:,} more; the notebook has them in dataset.issues")


def _folder(out: Path | None) -> Path:
    folder = out or Path(f"gostack-incident-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
    if is_folder(folder) and any(folder.iterdir()) and not is_there(folder / NOTEBOOK):
        msg = f"{folder}: holds other files. Hint: name a new folder, or an earlier investigation to write it again."
        raise ExportError(msg)
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # labels and addresses may be private
    except OSError as error:
        msg = f"{folder}: the folder cannot be made ({error.strerror}). Hint: name another with --out."
        raise ExportError(msg) from error


def _relative(path: Path) -> str:
    relative = os.path.relpath(path)
    return os.path.normpath(path) if relative.startswith("..") else relative


def _executed(folder: Path, parameters: dict[str, Any]) -> Path:
    """Write the notebook with its parameters, run it in the folder, and write it again with its outputs."""
    notebook = nbformat.read(bundled("notebooks") / NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    _set_parameters(notebook, parameters)
    path = folder / NOTEBOOK
    try:
        _run(notebook, folder)
    except (CellExecutionError, DeadKernelError, TimeoutError) as error:
        _write(notebook, path)
        msg = f"{path}: the notebook failed ({_reason(error)}). What ran before is in it. Hint: open it in JupyterLab."
        raise ExportError(msg) from error
    _write(notebook, path)
    return path


def _run(notebook: NotebookNode, folder: Path) -> None:
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # else the kernel warns on the terminal that it listens on the loopback
    )
    client.execute()


def _set_parameters(notebook: NotebookNode, parameters: dict[str, Any]) -> None:
    """Write the parameters into the tagged cell as Python literals: whatever a path holds stays text."""
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        msg = f"{NOTEBOOK}: needs one cell tagged 'parameters', has {len(cells)}"
        raise FormatError(msg)
    cells[0].source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())


def _write(notebook: NotebookNode, path: Path) -> None:
    try:
        nbformat.write(signed(notebook), path)  # type: ignore[no-untyped-call]
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}). Hint: name another folder with --out."
        raise ExportError(msg) from error


def _reason(error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {error.evalue}"
    return str(error) or type(error).__name__
