"""The notebooks that come with the package, and the parameters in them."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from gostack_nb.errors import FormatError, SourceError
from gostack_nb.recording.layout import written_by
from gostack_nb.reports.bundled import bundled

NOTEBOOK_VERSION = 1
"""Of what working copies and investigations are made of: their cells, tags and parameters."""

PARAMETERS = "parameters"
"""The tag of the one cell that papermill and `new` write to."""

_FILE = re.compile(r"(\d\d)-([a-z0-9-]+)\.ipynb")


@dataclass(frozen=True)
class Template:
    """One notebook that comes with the package.

    Attributes
    ----------
    number : str
        Two digits, `03`.
    name : str
        `growth`.
    path : Path
        The file.
    """

    number: str
    name: str
    path: Path

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.path.name

    @property
    def title(self) -> str:
        """The heading at its top."""
        return self._head[0].lstrip("# ")

    @property
    def about(self) -> str:
        """The first paragraph under the heading, in one line."""
        return self._head[1].replace("\n", " ")

    @property
    def _head(self) -> list[str]:
        return str(self._notebook.cells[0].source).split("\n\n")

    @cached_property
    def _notebook(self) -> NotebookNode:
        return self.read()

    def read(self) -> NotebookNode:
        """Read the notebook anew: the caller may change it."""
        notebook: NotebookNode = nbformat.read(self.path, as_version=4)  # type: ignore[no-untyped-call]
        return notebook

    def parameters(self) -> dict[str, Any]:
        """Return the parameters and their defaults."""
        return read_parameters(parameters_cell(self._notebook, self.file).source)


def templates() -> list[Template]:
    """List the templates in their order."""
    found = [(match, path) for path in sorted(bundled("notebooks").iterdir()) if (match := _FILE.fullmatch(path.name))]
    return [Template(match[1], match[2], path) for match, path in found]


def find_template(wanted: str) -> Template:
    """Find a template by its number, its name, the name of its file, or a part of its name that no other has.

    Raises
    ------
    SourceError
        If there is none, or more than one.

    Examples
    --------
    >>> find_template("3").name, find_template("growth").number, find_template("guided").file
    ('growth', '03', '01-guided-incident.ipynb')
    """
    word = wanted.strip().lower().removesuffix(".ipynb")
    known = templates()
    exact = [one for one in known if word in {one.number, one.number.lstrip("0"), one.name, one.path.stem}]
    found = exact or [one for one in known if word and word in one.name]
    if len(found) != 1:
        raise SourceError(_not_one(wanted, found))
    return found[0]


def _not_one(wanted: str, found: Sequence[Template]) -> str:
    if found:
        return f"{wanted}: may be {' or '.join(one.name for one in found)}. Hint: name it by its number."
    return f"{wanted}: no such template. Hint: name one by its number or name, as in gostack-nb new 03"


def listing() -> str:
    """Return the templates as lines for a terminal."""
    known = templates()
    width = max(len(one.name) for one in known)
    return "\n".join(f"  {one.number}  {one.name:{width}}  {one.title}" for one in known)


def parameters_cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """Return the cell with the parameters.

    Raises
    ------
    FormatError
        If there is none, or more than one.
    """
    cells: Sequence[NotebookNode] = notebook.cells
    found = [cell for cell in cells if PARAMETERS in cell.metadata.get("tags", [])]
    if len(found) != 1:
        msg = f"{name}: needs one cell tagged 'parameters', has {len(found)}"
        raise FormatError(msg)
    return found[0]


def signed(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with the version of its layout, and of the package that wrote it, in its metadata."""
    told = {"notebook_version": NOTEBOOK_VERSION, "written_by": written_by()}
    notebook.metadata["gostack_nb"] = told
    return notebook


def read_parameters(code: str) -> dict[str, Any]:
    r"""Return what the assignments of a parameters cell say.

    Examples
    --------
    >>> read_parameters("# where they are\ndumps = ['a', 'b']\njob = None\n")
    {'dumps': ['a', 'b'], 'job': None}
    """
    return {name: ast.literal_eval(node.value) for name, node in _assignments(code)}


def write_parameters(code: str, values: Mapping[str, Any]) -> str:
    r"""Write values into a parameters cell as Python literals: whatever a path holds stays text.

    Examples
    --------
    >>> write_parameters("# where they are\ndumps = ['a']\njob = None", {"dumps": ["it's"]})
    '# where they are\ndumps = ["it\'s"]\njob = None'
    """
    lines = code.splitlines()
    for name, node in reversed(_assignments(code)):
        if name in values:
            lines[node.lineno - 1 : node.end_lineno] = [f"{name} = {values[name]!r}"]
    return "\n".join(lines)


def _assignments(code: str) -> list[tuple[str, ast.Assign]]:
    return [
        (node.targets[0].id, node)
        for node in ast.parse(code).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
