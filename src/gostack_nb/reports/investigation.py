"""The guided incident as a folder: dumps, an executed notebook, its charts."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from gostack_nb.errors import ExportError, FormatError, SourceError
from gostack_nb.reading import read
from gostack_nb.reports.bundled import bundled
from gostack_nb.sources.address import scheme_of
from gostack_nb.sources.blob import Blob
from gostack_nb.sources.opening import open_sources

NOTEBOOK = "01-guided-incident.ipynb"
CELL_SECONDS = 600
"""One cell: reading is the longest, and 1 GB of dumps is read in seconds."""

Report = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Investigation:
    """What was made: the folder, the executed notebook in it and the charts."""

    folder: Path
    notebook: Path
    charts: tuple[Path, ...]


def investigate(
    sources: Sequence[str], *, after: Sequence[str] = (), out: Path | None = None, report: Report
) -> Investigation:
    """Make an investigation folder, run the guided notebook in it and write the charts.

    Parameters
    ----------
    sources : sequence of str
        Files, folders, globs, archives or addresses; without any, the recorded reference incident. What an address
        answers is kept in the folder's `dumps`.
    after : sequence of str
        The same, taken after the fix.
    out : Path, optional
        The folder to make; it may exist if it is empty or was made by an earlier run. Without it
        `gostack-incident-<date>-<time>` in the working directory.
    report : callable
        Is told, in a line each, what has been done.

    Returns
    -------
    Investigation

    Raises
    ------
    SourceError, FormatError
        If the sources hold no dump; nothing is written then.
    ExportError
        If the folder cannot be written or the notebook fails.
    """
    folder = _folder(out)
    if not sources and not after:
        before_paths, after_paths = _reference(folder)
    else:
        before_paths = [_kept(source, folder, "dumps") for source in _given(sources)]
        after_paths = [_kept(source, folder, "dumps-after") for source in after]
    dataset = read(*(_from(folder, path) for path in before_paths))
    report(f"read {len(dataset.snapshots)} snapshots, {len(dataset.goroutines):,} goroutines")
    for row in dataset.issues.head(3).to_dict("records"):
        report(f"  not read: {row['source']}: {row['reason']}")
    notebook = _executed(folder, {"dumps": before_paths, "dumps_after_fix": after_paths})
    charts = tuple(sorted((folder / "charts").glob("*")))
    report(f"wrote {_relative(notebook)}")
    report(f"wrote {len(charts)} charts to {_relative(folder / 'charts')}")
    return Investigation(folder, notebook, charts)


def _given(sources: Sequence[str]) -> Sequence[str]:
    if not sources:
        msg = "dumps from before the fix are needed beside --after. Hint: gostack-nb incident BEFORE --after AFTER"
        raise SourceError(msg)
    return sources


def _folder(out: Path | None) -> Path:
    folder = out or Path(f"gostack-incident-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
    if folder.exists() and any(folder.iterdir()) and not (folder / NOTEBOOK).exists():
        msg = f"{folder}: holds other files. Hint: name a new folder, or an earlier investigation to write it again."
        raise ExportError(msg)
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder}: the folder cannot be made ({error.strerror}). Hint: name another with --out."
        raise ExportError(msg) from error


def _reference(folder: Path) -> tuple[list[str], list[str]]:
    """Copy the recorded incident into the folder, so that the folder holds all of its evidence."""
    _make(folder)
    shutil.copytree(bundled("push-incident"), folder / "dumps", dirs_exist_ok=True)
    return ["dumps/leak"], ["dumps/fixed"]


def _kept(source: str, folder: Path, name: str) -> str:
    """Return the path of a source as the notebook finds it; an address is asked once and its answer kept."""
    if scheme_of(source) is None:
        return os.path.relpath(Path(source).expanduser(), folder)
    (blob,) = (item for item in open_sources(source) if isinstance(item, Blob))
    read(blob.data)
    kept = folder / name
    _make(kept)
    taken = f"{blob.captured_at:%Y%m%dT%H%M%SZ}" if blob.captured_at else "undated"
    path = kept / f"{taken}-{(blob.instance or 'service').replace(':', '-').replace('/', '-')}.txt"
    path.write_bytes(blob.data)
    return str(path.relative_to(folder))


def _from(folder: Path, path: str) -> str:
    """Return a path of the notebook as this process finds it."""
    return os.path.normpath(folder / path)


def _relative(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _executed(folder: Path, parameters: dict[str, Any]) -> Path:
    """Write the notebook with its parameters, run it in the folder, and write it again with its outputs."""
    _make(folder)
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
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}). Hint: name another folder with --out."
        raise ExportError(msg) from error


def _reason(error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {error.evalue}"
    return str(error) or type(error).__name__
