"""What the source does not do: nothing that comes from outside is run, imported or unpickled, and no shell is asked."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import gostack_nb

PACKAGE = Path(gostack_nb.__file__).parent
MODULES = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}

FORBIDDEN_MODULES = (
    *("pickle", "_pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "jsonpickle", "yaml"),
    *("subprocess", "_posixsubprocess", "multiprocessing", "pty", "commands", "posix", "nt", "webbrowser"),
    *("runpy", "code", "codeop", "imp", "pkgutil", "zipimport", "importlib.util", "importlib.machinery"),
    *("ctypes", "cffi", "xml.sax"),
)
"""Whatever is taken from them makes objects of bytes, starts programs, or runs code by its name."""

FORBIDDEN_NAMES = re.compile(
    r"""
    builtins\.(eval|exec|compile|__import__|execfile|input|breakpoint|__builtins__)
    | os\.((exec|spawn|posix_spawn)\w* | system | popen | fork | forkpty | startfile | tempnam)
    | [\w.]+\.\*  # anything, unseen
    | asyncio\.(create_)?subprocess\w* | concurrent\.futures\.ProcessPoolExecutor
    | importlib\.(__import__|reload) | importlib\.metadata\.entry_points
    | types\.(FunctionType|CodeType) | jinja2\.Template | numpy\.load
    | tempfile\.mktemp | random\.random | shutil\.unpack_archive | ssl\.(_create_unverified_context|CERT_NONE)
    """,
    re.VERBOSE,
)

FORBIDDEN_METHODS = {"eval", "read_pickle", "to_pickle", "extractall", "run_cell", "exec_module", "load_module"}
"""Of whatever object: DataFrame.eval, Series.to_pickle, TarFile.extractall."""

BY_NAME = "import_module of what is not written out"

ALLOWED: dict[str, dict[str, str]] = {
    "__init__.py": {BY_NAME: "a table of this package's own modules"},
    "model/calls.py": {"types.FunctionType": "a function of this module again, with the globals of another of ours"},
    "reading/part_processes.py": {
        "subprocess": "our own interpreter, with code of ours",
        "pickle": "a pipe from a process that this one started: see docs/security.md",
    },
    "reading/part_reader.py": {"pickle": "writes into that pipe"},
    "reports/lab.py": {
        "subprocess": "our own interpreter, with JupyterLab",
        "webbrowser": "the user's browser, at the JupyterLab that was started",
    },
    "reports/postmortem/printing.py": {"subprocess": "an installed Chromium"},
    "fleet/processes.py": {
        "multiprocessing": "our own interpreter: see docs/security.md",
        "concurrent.futures.ProcessPoolExecutor": "as above",
    },
}
"""By module what it may do all the same, and why."""


def names_in(tree: ast.AST) -> dict[str, str]:
    """Return what the names of a source stand for: what is imported, and other names that it is given."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                outermost = one.name.partition(".")[0]
                names[one.asname or outermost] = one.name if one.asname else outermost
        elif isinstance(node, ast.ImportFrom):
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for name, value in _assigned(tree):
        if _first_name(value) in names:
            names.setdefault(name, dotted(value, names))
    return names


def _assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _first_name(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def dotted(node: ast.AST, names: Mapping[str, str]) -> str:
    """Write out what an expression names: `subprocess.Popen`, `builtins.eval`, `.eval` of something unknown, or "".

    >>> dotted(ast.parse("P", mode="eval").body, {"P": "subprocess.Popen"})
    'subprocess.Popen'
    """
    match node:
        case ast.Name(name):
            return names.get(name, f"builtins.{name}")
        case ast.Attribute(owner, name) | ast.Call(ast.Name("getattr"), [owner, ast.Constant(str(name)), *_]):
            return f"{dotted(owner, names)}.{name}"
        case ast.Call(function, [ast.Constant(str(name)), *_]) if dotted(function, names) == "importlib.import_module":
            return name
    return ""


def calls(text: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in a source, with what is called."""
    tree = ast.parse(text)
    names = names_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func, names).removeprefix("builtins."), node


def mentioned(text: str) -> Iterator[str]:
    """Yield what a source imports and names, called or not, also by `getattr` or `import_module`."""
    tree = ast.parse(text)
    names = names_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.expr):
            yield dotted(node, names)


def offences(text: str) -> set[str]:
    """Say what a source does that no source of this package may do."""
    found = {offence for name in mentioned(text) if (offence := _forbidden(name))}
    for name, call in calls(text):
        found |= set(_misused(name, call))
    return found | set(_named_at_run_time(text))


def _forbidden(name: str) -> str | None:
    module = next((module for module in FORBIDDEN_MODULES if f"{name}.".startswith(f"{module}.")), None)
    return module or (name if FORBIDDEN_NAMES.fullmatch(name) else None)


def _misused(name: str, call: ast.Call) -> Iterator[str]:
    if name.rpartition(".")[2] in FORBIDDEN_METHODS and "." in name:
        yield name.rpartition(".")[2]
    if _keyword(call, "shell") not in {None, "False"}:
        yield f"{name} with a shell"
    if _keyword(call, "verify") == "False":
        yield f"{name} without check"


def _named_at_run_time(text: str) -> Iterator[str]:
    """Find modules, and what is taken from them, that a value chooses: nobody can read which."""
    tree = ast.parse(text)
    names = names_in(tree)
    written_out = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node, names)}
    for node in ast.walk(tree):
        match node:
            case ast.Name() | ast.Attribute() if dotted(node, names) == "importlib.import_module":
                yield from () if id(node) in written_out else (BY_NAME,)
            case ast.Call(ast.Name("getattr"), [owner, name, *_]) if _first_name(owner) in names:
                known = isinstance(name, ast.Constant)
                yield from () if known else (f"getattr of {dotted(owner, names)} by what is not written out",)


def _keyword(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == name), None)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_from_outside_is_run(module: str) -> None:
    """Nothing but what is allowed, and nothing is allowed that is not there."""
    assert offences(MODULES[module]) == ALLOWED.get(module, {}).keys()


def test_what_is_allowed_is_in_a_module_that_there_is() -> None:
    assert ALLOWED.keys() <= MODULES.keys()


CAUGHT = {
    "builtins.eval": "text = read()\neval(text)",
    "builtins.exec": "run = exec\nrun(read())",
    "builtins.compile": "made = compile(read(), 'a', 'exec')\nmade",
    "builtins.__import__": "name = read()\n__import__(name)",
    "builtins.input": "import builtins as b\nb.input()",
    "os.system": "from os import system\nsystem(command)",
    "os.*": "from os import *\nsystem(command)",
    "os.popen": "import os as o\no.popen(command)",
    "os.execv": "import os\nos.execv(path, arguments)",
    "os.execvpe": "from os import execvpe as become\nbecome(path, arguments, {})",
    "os.spawnl": "import os\nos.spawnl(os.P_WAIT, path)",
    "os.spawnvpe": "import os\nhow = os.spawnvpe",
    "os.posix_spawn": "import os\nlist(map(os.posix_spawn, paths))",
    "os.fork": "import os\ngetattr(os, 'fork')()",
    "getattr of os by what is not written out": "import os\ngetattr(os, read())(command)",
    "subprocess": "from subprocess import Popen as P\nP(command)",
    "pty": "import pty\npty.spawn(command)",
    "webbrowser": "import webbrowser\nwebbrowser.open(address)",
    "asyncio.create_subprocess_shell": "import asyncio\nasyncio.create_subprocess_shell(command)",
    "multiprocessing": "from multiprocessing.connection import Client\nClient(address).recv()",
    "concurrent.futures.ProcessPoolExecutor": "import concurrent.futures as f\nf.ProcessPoolExecutor()",
    "pickle": "import pickle as p\np.loads(data)",
    "dill": "def load(data):\n    from dill import loads; return loads(data)",
    "marshal": "from marshal import loads\nloads(data)",
    "shelve": "import shelve\nshelve.open(path)",
    "yaml": "import yaml\nyaml.load(text)",
    "xml.sax": "from xml import sax\nsax.parseString(text)",
    "numpy.load": "import numpy as np\nnp.load(path, allow_pickle=True)",
    "read_pickle": "import pandas as pd\npd.read_pickle(path)",
    "eval": "frame = read()\nframe.eval(text)",
    "ctypes": "from ctypes import CDLL\nCDLL(path)",
    "runpy": "from runpy import run_path as go\ngo(path)",
    "code": "import code\ncode.interact()",
    "importlib.util": "from importlib import util\nutil.spec_from_file_location(name, path)",
    "importlib.reload": "import importlib\nimportlib.reload(module)",
    "importlib.metadata.entry_points": "from importlib.metadata import entry_points\nentry_points()",
    BY_NAME: "from importlib import import_module as get\nget(f'plugins.{name}')",
    "types.FunctionType": "from types import FunctionType\nFunctionType(code, {})",
    "jinja2.Template": "import jinja2\njinja2.Template(text).render()",
    "extractall": "archive = read()\narchive.extractall(folder)",
    "shutil.unpack_archive": "from shutil import unpack_archive\nunpack_archive(path)",
    "tempfile.mktemp": "import tempfile\ntempfile.mktemp()",
    "start with a shell": "from our.own import start\nstart(command, shell=True)",
    "session.get without check": "session = read()\nsession.get(url, verify=False)",
    "ssl._create_unverified_context": "import ssl\nssl._create_unverified_context()",
}
"""By offence a source of two lines that commits it."""


@pytest.mark.parametrize("offence", CAUGHT)
def test_the_check_sees_what_must_not_be(offence: str) -> None:
    seen = {found.replace("our.own.", "") for found in offences(CAUGHT[offence])}
    assert seen == {offence}


@pytest.mark.parametrize(
    ("also", "text"),
    [
        (BY_NAME, "import importlib\nlist(map(importlib.import_module, names))"),
        ("pickle", "from importlib import import_module\nimport_module('pickle').loads(data)"),
        ("os.system", "import os\no = os; o.system(command)"),
    ],
)
def test_other_ways_to_the_same(also: str, text: str) -> None:
    assert also in offences(text)


@pytest.mark.parametrize(
    "text",
    [
        "import re\nre.compile(pattern)",
        "from re import compile\ncompile(pattern)",
        "code, commands = 1, []\ncommands.append(code)",
        "import os\nos.path.join(os.environ['HOME'], 'system')",
        "from importlib import resources, import_module\nimport_module('compression.zstd')",
        "import shutil\nshutil.which('chromium')",
        "one = read()\ngetattr(one, name)",
        "session = read()\nsession.get(url, verify=certificates, shell=False)",
        "from types import TracebackType\nimport json, random; json.loads(text), random.Random(7)",
    ],
)
def test_the_check_leaves_the_innocent_alone(text: str) -> None:
    assert offences(text) == set()


def test_pickles_come_from_our_own_processes_only() -> None:
    loads = [name for name, text in MODULES.items() for call, _ in calls(text) if call.startswith("pickle.load")]
    assert loads == ["reading/part_processes.py"]


def test_programs_are_started_by_lists() -> None:
    """The command is a list, or what holds one, and the only argument without a keyword; no keyword is hidden."""
    starting = [
        (name, [type(given) for given in call.args], all(keyword.arg for keyword in call.keywords))
        for name, text in MODULES.items()
        for called, call in calls(text)
        if called.startswith("subprocess.") and called != "subprocess.TimeoutExpired"
    ]
    assert len(starting) == 3
    assert [one for one in starting if one[1] not in ([ast.List], [ast.Name], [ast.Attribute]) or not one[2]] == []


def test_every_question_over_http_has_a_time_limit() -> None:
    asking = [
        (name, called, _keyword(call, "timeout"))
        for name, text in MODULES.items()
        for called, call in calls(text)
        if called.startswith(("requests.", "session.", "adapter.", "urllib."))
        and called.rpartition(".")[2] in {"get", "post", "put", "head", "request", "send", "urlopen"}
    ]
    assert {name for name, _, _ in asking} == {"reports/lab.py", "sources/http_exchange.py"}
    assert [one for one in asking if one[2] is None] == []


def test_only_texts_of_ours_are_called_markup() -> None:
    """`Markup` is what jinja2 does not escape; everything else in a page it does."""
    places = {
        name
        for name, text in MODULES.items()
        for called, _ in calls(text)
        if called.endswith((".Markup", ".display.HTML"))
    }
    assert places == {"reports/postmortem/page.py"}
    environments = [
        _keyword(call, "autoescape")
        for text in MODULES.values()
        for called, call in calls(text)
        if called.rpartition(".")[2] == "Environment"
    ]
    assert environments
    assert set(environments) == {"True"}


def test_scripts_of_ours_build_no_markup_from_text() -> None:
    scripts = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.js")}
    assert scripts
    for path, text in scripts.items():
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "fetch(",
        ):
            assert word not in text, f"{path.name}: {word}"
