"""What is committed: clean notebooks, locks without addresses, nothing of one machine, small modules."""

import ast
import json
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
MAX_FILE_BYTES = 1_000_000
MAX_MODULE_LINES = 400
SHORT_FUNCTION_LINES, LONG_FUNCTION_LINES, SHARE_NOT_LONG = 10, 30, 0.9

HOSTS = tuple(".".join(name) for name in (
    ("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("proxy", "golang"), ("deb", "debian"),
))  # fmt: skip
"""Package registries; put together here, so that this file does not hold them."""

GO_PATHS = ("src/", "tests/", "data/", "benchmarks/")
"""Folders in which paths of Go programs are data."""

HOME = re.compile(r"(?<![\w.])(?:/home/\w+|/Users/\w+|/root)/|[A-Z]:\\Users\\")


@cache
def committed() -> tuple[Path, ...]:
    """List the files that git knows or would add."""
    command = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=600)
    if done.returncode:
        pytest.skip("not a git checkout: which files are committed is not known")
    names = {name for name in done.stdout.decode().split("\0") if name}
    return tuple(path for name in sorted(names) if (path := ROOT / name).is_file())


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts() -> Iterator[tuple[str, str]]:
    for path in committed():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            yield relative(path), content.decode("utf-8", "replace")


# Notebooks


def find_notebook_problems(text: str) -> list[str]:
    """Say what a notebook holds that belongs to one run of it."""
    notebook = json.loads(text)
    problems = [f"not valid: {error}" for error in _invalid(notebook)]
    ids = [cell.get("id", "") for cell in notebook["cells"]]
    problems += [f"cell id {name!r} is not a name" for name in ids if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)]
    problems += [f"cell id {name!r} occurs twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for cell in notebook["cells"]:
        if cell.get("outputs") or cell.get("execution_count") is not None:
            problems.append(f"cell {cell.get('id')} has outputs. Hint: jupyter nbconvert --clear-output --inplace")
        if cell.get("metadata", {}).get("execution"):
            problems.append(f"cell {cell.get('id')} holds the times of a run")
    return problems + (["the state of widgets is stored"] if "widgets" in notebook["metadata"] else [])


def _invalid(notebook: dict[str, object]) -> Iterator[str]:
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield str(error).partition("\n")[0]


def test_notebooks_are_committed_clean() -> None:
    notebooks = [path for path in committed() if path.suffix == ".ipynb"]
    found = [f"{relative(p)}: {problem}" for p in notebooks for problem in find_notebook_problems(p.read_text("utf-8"))]
    assert not found, "\n".join(found)


def test_the_notebook_check_can_fail() -> None:
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "who",
        "metadata": {},
        "source": "",
        "outputs": [],
        "execution_count": None,
    }
    clean = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    assert not find_notebook_problems(json.dumps(clean))
    for change in (
        {"execution_count": 3},
        {"id": "8a1f03cc"},
        {"source": 7},
        {"metadata": {"execution": {"a": "b"}}},
    ):
        assert len(find_notebook_problems(json.dumps({**clean, "cells": [cell | change]}))) == 1, change


# Addresses, machines, sizes


def test_nothing_names_a_package_registry() -> None:
    assert not [f"{name}: {host}" for name, text in texts() for host in HOSTS if host in text]


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^ *-", text.replace("    --hash=sha256:", ""), re.MULTILINE), "options such as --index-url"


def test_no_lock_with_addresses_is_tracked() -> None:
    assert not {path.name for path in committed()} & {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock"}


def test_nothing_names_a_folder_of_one_machine() -> None:
    checkout = re.compile(rf"(?<![\w.]){re.escape(ROOT.as_posix())}(?![\w-])")
    for name, text in texts():
        if not name.startswith(GO_PATHS):
            assert not HOME.search(text), name
            assert name.endswith(".md") or not checkout.search(text), name


def test_no_big_files() -> None:
    assert not [f"{relative(path)}: {size}" for path in committed() if (size := path.stat().st_size) > MAX_FILE_BYTES]


# Locks and commands agree with the project file


def pins(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))


def test_locks_hold_what_the_project_file_asks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime, dev = map(pins, LOCKS)
    assert runtime <= dev, "the tests must run on the versions that users get: make lock"
    asked = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    for requirements, pinned in ((asked, runtime), (project["project"]["optional-dependencies"]["dev"], dev)):
        names = {re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower() for requirement in requirements}
        assert names <= {pin.partition("==")[0] for pin in pinned}, "make lock"


def test_make_help_lists_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert re.findall(r"^([a-z]+):.* ## \S", makefile, re.MULTILINE) == phony.split()


# Sizes of the code


def function_lengths(code: str) -> list[int]:
    """Count the lines of every function, its docstring aside."""
    return [
        node.end_lineno - node.lineno + 1 - _docstring_lines(node)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    return (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node, clean=False) is not None else 0


def test_functions_are_short() -> None:
    lengths = [n for path in (ROOT / "src").rglob("*.py") for n in function_lengths(path.read_text("utf-8"))]
    assert statistics.median(lengths) < SHORT_FUNCTION_LINES
    assert sum(length <= LONG_FUNCTION_LINES for length in lengths) >= SHARE_NOT_LONG * len(lengths)


def test_a_docstring_does_not_count() -> None:
    assert function_lengths('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n') == [2]


def test_modules_are_small() -> None:
    sizes = {relative(path): len(path.read_text("utf-8").splitlines()) for path in (ROOT / "src").rglob("*.py")}
    assert not {name: size for name, size in sizes.items() if size > MAX_MODULE_LINES}, "does it still have one job?"
