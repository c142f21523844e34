"""Working copies of the templates: the notebook with its parameters, and the data that it is about."""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from glob import iglob
from pathlib import Path
from typing import Any

import nbformat

from gostack_nb.errors import ExportError, SourceError, UnreachableError
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.bundled import bundled
from gostack_nb.reports.gathering import STANDARD_INPUT, Report
from gostack_nb.reports.templates import Template, parameters_cell, signed, templates, write_parameters
from gostack_nb.sources.address import redacted, scheme_of, split
from gostack_nb.sources.files import shown_path
from gostack_nb.sources.presence import is_there

LAB_FOLDER = "gostack-notebooks"
"""Where `lab` puts the templates: one folder beside the user's own files."""

INDEX = "index.md"

_BUNDLED = re.compile(r"\.\./(?=data/([a-z-]+)(?:/|$))")
"""How the templates name bundled data from where they lie in a checkout."""

_FIELD = re.compile(r"\{([A-Za-z_]\w*)\}")
"""A label in a pattern of paths, as `gs.fleet.sweep` takes it."""

_SERVICE = re.compile(r"[\w.-]+:\d+(/.*)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a working copy is to be about; without sources the bundled example."""

    sources: Sequence[str] = ()
    after: Sequence[str] = ()


EXAMPLE = Wanted()


def new_copy(template: Template, folder: Path, wanted: Wanted = EXAMPLE, *, report: Report) -> Path:
    """Write a working copy of a template into a folder, and the bundled data beside it if it is about that.

    Parameters
    ----------
    template : Template
        Which notebook.
    folder : Path
        Made if it is not there.
    wanted : Wanted
        Files, folders, globs, archives or addresses. Paths are written as the notebook finds them from its folder,
        addresses without credentials.
    report : callable
        Is told, in a line each, what has been done.

    Returns
    -------
    Path
        The notebook.

    Raises
    ------
    SourceError
        If a path does not exist, or the template cannot be about such sources.
    ExportError
        If the notebook exists already, or the folder cannot be written.
    """
    values = _values(template, wanted, folder, report)
    path = _copy(template, folder, values)
    report(f"wrote {path}")
    return path


def lab_copies(folder: Path, *, report: Report) -> Path:
    """Put copies of all templates and an index of them into `gostack-notebooks`; what is there already stays.

    Returns
    -------
    Path
        The index, a Markdown page.

    Raises
    ------
    ExportError
        If the folder cannot be written.
    """
    place = folder / LAB_FOLDER
    missing = [template for template in templates() if not is_there(place / template.file)]
    for template in missing:
        _copy(template, place, {})
    index = place / INDEX
    if not is_there(index):
        _write_new(index, index_text())
    if missing:
        report(f"wrote {count_words(len(missing), 'notebook')} to {place}")
    return index


def index_text() -> str:
    """Return the page that lists the templates, in Markdown."""
    rows = (f"| [{one.number} {one.title}]({one.file}) | {one.about} |" for one in templates())
    return "\n".join([_INDEX_HEAD, *rows, _INDEX_FOOT])


_INDEX_HEAD = """\
# Notebooks for goroutine leaks

Each notebook runs as it is, on recorded dumps that lie beside it: open one and choose *Run > Run All Cells*.

| Notebook | What it is about |
| --- | --- |"""

_INDEX_FOOT = """
To run one on your own dumps, name them in its first code cell, or make a copy in a terminal:

```console
$ gostack-nb new 03 --source dumps/
```

No dumps yet? `gostack-nb capture HOST:6060 --every 15s --for 5m --to dumps` takes some, and so does notebook 05.
"""


def _values(template: Template, wanted: Wanted, folder: Path, report: Report) -> dict[str, Any]:
    """Return the parameters to change; none for the bundled example."""
    known = template.parameters()
    _check(template, wanted, known)
    if not wanted.sources:
        return {}
    values: dict[str, Any] = {
        "source_root": None,
        "dumps_after_fix": _found(wanted.after, folder, report),
        "label": _label_in(wanted.sources),
    }
    if "address" in known and all(map(_is_service, wanted.sources)):
        addresses = _found(wanted.sources, folder, report)
        values |= {"address": addresses[0] if len(addresses) == 1 else addresses, "dumps": []}
    else:
        values["dumps"] = values["dumps_before_fix"] = _found(wanted.sources, folder, report)
    return {name: value for name, value in values.items() if name in known}


def _label_in(sources: Sequence[str]) -> str:
    """Return the first label that a pattern's braces name, and that is not the process's own name.

    >>> _label_in(["dumps/{service}/{build}/{instance}/*.gz"]), _label_in(["dumps/"])
    ('build', 'go_version')
    """
    names = [name for source in sources for name in _FIELD.findall(source) if name not in {"service", "instance"}]
    return names[0] if names else "go_version"


def _check(template: Template, wanted: Wanted, known: dict[str, Any]) -> None:
    if wanted.after and not wanted.sources:
        msg = "dumps from before the fix are needed beside --after. Hint: --source BEFORE --after AFTER"
        raise SourceError(msg)
    if wanted.after and "dumps_after_fix" not in known:
        msg = f"{template.file}: is not about a fix, --after has no place in it. Hint: gostack-nb new 06"
        raise SourceError(msg)
    if wanted.sources and not wanted.after and "dumps_before_fix" in known:
        msg = f"{template.file}: compares two sides. Hint: --source BEFORE --after AFTER"
        raise SourceError(msg)


def _found(sources: Sequence[str], folder: Path, report: Report) -> list[str]:
    """Return the sources as the notebook in `folder` finds them."""
    return [_found_one(source, folder, report) for source in sources]


def _found_one(source: str, folder: Path, report: Report) -> str:
    if source == STANDARD_INPUT:
        msg = "-: a notebook cannot read standard input again. Hint: save it to a file, and name that"
        raise SourceError(msg)
    if scheme_of(source) is not None:
        return _address(source, report)
    path = Path(source).expanduser()
    if is_there(path) or next(iglob(_FIELD.sub("*", str(path)), recursive=True), None) is not None:  # noqa: PTH207 - a pattern with ** and a root
        return Path(os.path.relpath(path.absolute(), folder.resolve())).as_posix()
    if _is_service(source):
        return f"http://{source}"
    msg = f"{shown_path(source)}: no such file or folder. Hint: name a file, folder, glob, archive or address"
    raise UnreachableError(msg)


def _address(source: str, report: Report) -> str:
    split(source)  # raises if it is none
    shown = redacted(source)
    if shown != source:
        report(
            "  left out of the notebook: credentials of the address. Hint: pass them in the cell, auth=(user, password)"
        )
    return shown


def _is_service(source: str) -> bool:
    return scheme_of(source) is not None or (_SERVICE.fullmatch(source) is not None and not is_there(Path(source)))


def _copy(template: Template, folder: Path, values: dict[str, Any]) -> Path:
    """Write the notebook, and the bundled data that its parameters still name."""
    path = folder / template.file
    if is_there(path):
        msg = f"{path}: exists already, and stays as it is. Hint: name another folder, or move it away."
        raise ExportError(msg)
    defaults = {name: value for name, value in template.parameters().items() if name not in values}
    for name in sorted(_bundled_in(defaults)):
        _copy_missing(bundled(name), folder / "data" / name)
    moved = {name: _beside(value) for name, value in defaults.items() if _bundled_in(value)}
    notebook = template.read()
    cell = parameters_cell(notebook, template.file)
    cell.source = write_parameters(cell.source, {**moved, **values})
    _write_new(path, nbformat.writes(signed(notebook)) + "\n")  # type: ignore[no-untyped-call]
    return path


def _bundled_in(value: Any) -> set[str]:
    """Return the names of the bundled folders that a parameter, or any in a collection, leads to."""
    if isinstance(value, str):
        match = _BUNDLED.match(value)
        return {match[1]} if match else set()
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_bundled_in, values))


def _beside(value: Any) -> Any:
    """Return a parameter with the paths of bundled data as they are in a working copy: beside it."""
    if isinstance(value, str):
        return _BUNDLED.sub("", value, count=1) if _BUNDLED.match(value) else value
    if isinstance(value, dict):
        return {name: _beside(one) for name, one in value.items()}
    return [_beside(one) for one in value] if isinstance(value, list) else value


def _copy_missing(origin: Path, folder: Path) -> None:
    """Copy the files that are not there yet, with their times."""
    for source in sorted(path for path in origin.rglob("*") if path.is_file()):
        target = folder / source.relative_to(origin)
        if is_there(target):
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        except OSError as error:
            raise _cannot_write(target, error) from error


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> ExportError:
    return ExportError(f"{path}: cannot be written ({error.strerror}). Hint: name another folder.")
