"""The public names: listed, documented, and cheap to import."""

import difflib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gostack_nb
from tests.meta import public_api

LAZY = ("matplotlib", "ipywidgets", "scipy", "rich", "click", "jupyterlab", "nbclient", "IPython", "pandas", "requests")
"""Loaded by the calls that need them: together they cost more than a second."""

SLOW = ("dataclasses", "inspect", "numpy", "pathlib", "subprocess", "traceback", "urllib.parse")
"""Not loaded by a process that reads parts of a large file: it is there for some hundred milliseconds."""

USAGES = (("--help", 0), ("--version", 0), ("show --wrong", 2), ("incident --help", 0), ("new --help", 0))
"""Arguments that the command line answers without a table, and the exit status."""

NAMES = tuple(getattr(gostack_nb, "__all__", ()))
DOCUMENTED = [name for name in NAMES if callable(getattr(gostack_nb, name, None))]


def find_gaps(name: str, thing: Any) -> Iterator[str]:
    """Say what a public function or class lacks of a numpydoc docstring."""
    doc = inspect.getdoc(thing) or ""
    if not doc.partition("\n")[0].endswith("."):
        yield f"{name}: the first line is no sentence with a period"
    if not inspect.isfunction(thing):
        return
    signature = inspect.signature(thing)
    if signature.parameters and not _has_section(doc, "Parameters"):
        yield f"{name}: no section Parameters"
    described = doc.partition("Parameters\n")[2]
    yield from (
        f"{name}: parameter {parameter} is not described"
        for parameter in signature.parameters
        if not re.search(rf"^.*\b{parameter}\b.*(?: : |$)", described, re.MULTILINE)
    )
    if signature.return_annotation is not None and not _has_section(doc, "(?:Returns|Yields)"):
        yield f"{name}: no section Returns"


def _has_section(doc: str, title: str) -> bool:
    return re.search(rf"^{title}\n-+$", doc, re.MULTILINE) is not None


def find_methods(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    for member, value in vars(thing).items() if inspect.isclass(thing) else ():
        function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if inspect.isfunction(function) and not member.startswith("_"):
            yield f"{name}.{member}", function


def test_all_is_sorted_and_complete() -> None:
    assert NAMES, "gostack_nb has no __all__"
    assert list(NAMES) == sorted(set(NAMES))
    assert not [name for name in NAMES if not hasattr(gostack_nb, name)]
    assert set(NAMES) <= set(dir(gostack_nb)), "completion shows what dir() gives"


def test_the_contract_is_the_one_that_was_reviewed() -> None:
    written = public_api.FILE.read_text("utf-8").splitlines()
    today = public_api.render().splitlines()
    change = [line for line in difflib.unified_diff(written, today, n=0, lineterm="") if line[:2] not in {"--", "++"}]
    told = "\n".join(change)
    assert not change, f"the public contract changed; if that is meant: make api, and review the diff\n{told}"


def test_a_changed_signature_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def waiting(source: object, *, top: int = 3) -> None:
        """Do something else."""

    monkeypatch.setattr(gostack_nb, "waiting", waiting)
    monkeypatch.setattr(public_api, "tables", lambda: ())
    lines = public_api.render().splitlines()
    assert "waiting(source: object, *, top: int = 3) -> None" in lines
    assert not [line for line in lines if line.startswith("waiting(source: Dataset")]


@pytest.mark.parametrize("name", ["fleet", "incident"])
def test_public_modules_list_their_names(name: str) -> None:
    module = getattr(gostack_nb, name)
    assert module.__all__ == sorted(set(module.__all__))
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_public_names_are_documented(name: str) -> None:
    thing = getattr(gostack_nb, name)
    gaps = list(find_gaps(name, thing))
    for method, function in find_methods(name, thing):
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        gaps += [] if summary.endswith(".") else [f"{method}: the first line is no sentence with a period"]
    assert not gaps, "\n".join(gaps)


def test_the_check_can_fail() -> None:
    def undocumented(table: object) -> object:
        """Do something"""
        return table

    assert len(list(find_gaps("undocumented", undocumented))) == 4


def test_import_is_cheap() -> None:
    code = f"import sys, gostack_nb; print(*[name for name in {LAZY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.split() == []


def test_the_process_that_reads_parts_starts_with_little() -> None:
    code = (
        "import sys; sys.path[:] = sys.argv[1:]; import gostack_nb.reading.part_reader\n"
        f"print(*[name for name in {SLOW!r} if name in sys.modules])"
    )
    command = [sys.executable, "-I", "-S", "-c", code, *sys.path]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.split() == []


@pytest.mark.parametrize(("arguments", "status"), USAGES)
def test_the_command_line_answers_without_pandas(arguments: str, status: int) -> None:
    code = (
        "import sys; from gostack_nb.cli import main\n"
        f"try: main({arguments.split()!r})\n"
        "except SystemExit as end: print('status', end.code, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.splitlines()[-1] == f"status {status} False"


def test_types_are_shipped() -> None:
    assert (Path(gostack_nb.__file__).parent / "py.typed").is_file()
