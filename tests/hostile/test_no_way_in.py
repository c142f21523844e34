"""What the source does not do: nothing that comes from outside is run, imported or unpickled, and no shell is asked."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gostack_nb

PACKAGE = Path(gostack_nb.__file__).parent
MODULES = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}

RUN_CODE = {"eval", "exec", "compile", "__import__", "execfile", "input", "breakpoint"}
UNPACK_OBJECTS = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "joblib",
    "yaml",
    "jsonpickle",
    "numpy.load",
}
RUN_PROGRAMS = {"os.system", "os.popen", "os.spawnl", "os.execv", "os.execvp", "pty.spawn", "commands.getoutput"}
SHELLS = {"subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell"}
UNSAFE = {"tempfile.mktemp", "os.tempnam", "random.random", "ctypes.CDLL", "runpy.run_path", "runpy.run_module"}
LINKS_FOLLOWED = {"tarfile.extractall", "zipfile.extractall", "shutil.unpack_archive", "archive.extractall"}

PICKLE_OF_OUR_WORKERS = {"reading/part_processes.py", "reading/part_reader.py"}
"""A pipe from a process that this one started, whose command and code are ours: see docs/security.md."""

PROGRAMS = {
    "reading/part_processes.py": "our own interpreter",
    "reports/lab.py": "our own interpreter",
    "reports/postmortem/printing.py": "an installed Chromium",
}
"""What is ever started."""

IMPORTS_BY_NAME = {
    "__init__.py": "a table of this package's own modules",
    "sources/compressed.py": "compression.zstd, written out",
}


def calls(text: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in a source, with the name that is called as it is written."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(text: str) -> set[str]:
    """Return the names of what a source imports, outermost names first."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def offences(text: str) -> set[str]:
    """Say what a source does that no source of this package may do."""
    found = {name for name, _ in calls(text) if name in RUN_CODE | RUN_PROGRAMS | SHELLS | UNSAFE | LINKS_FOLLOWED}
    found |= {f"{name} with a shell" for name, call in calls(text) if _keyword(call, "shell") not in {None, "False"}}
    found |= {f"{name} without check" for name, call in calls(text) if _keyword(call, "verify") == "False"}
    found |= {f"{name} not regular" for name, call in calls(text) if name.endswith(".extractall")}
    return found | (imported(text) & (UNPACK_OBJECTS | {"pty", "commands", "runpy", "code", "codeop", "xml.sax"}))


def _keyword(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == name), None)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_from_outside_is_run(module: str) -> None:
    allowed = {"pickle"} if module in PICKLE_OF_OUR_WORKERS else set()
    assert offences(MODULES[module]) - allowed == set()


@pytest.mark.parametrize(
    "text",
    [
        "eval(text)",
        "exec(compile(a, b, 'exec'))",
        "import pickle",
        "from pickle import loads",
        "import yaml",
        "__import__(name)",
        "os.system(command)",
        "subprocess.run(command, shell=True)",
        "tempfile.mktemp()",
        "session.get(url, verify=False)",
        "archive.extractall(folder)",
    ],
)
def test_the_check_sees_what_must_not_be(text: str) -> None:
    assert offences(text)


def test_pickles_come_from_our_own_processes_only() -> None:
    assert {name for name, text in MODULES.items() if "pickle" in imported(text)} == PICKLE_OF_OUR_WORKERS
    loads = [name for name, text in MODULES.items() for call, _ in calls(text) if call.endswith("pickle.load")]
    assert loads == ["reading/part_processes.py"]


def test_programs_are_started_in_three_places_and_by_lists() -> None:
    starting = [
        (name, call)
        for name, text in MODULES.items()
        for called, call in calls(text)
        if called.startswith("subprocess.") and called != "subprocess.TimeoutExpired"
    ]
    assert {name for name, _ in starting} == PROGRAMS.keys()
    assert not [name for name, call in starting if isinstance(call.args[0], ast.Constant | ast.JoinedStr)]


def test_no_module_is_imported_by_a_name_from_outside() -> None:
    by_name = {name for name, text in MODULES.items() for call, _ in calls(text) if call.endswith("import_module")}
    assert by_name == IMPORTS_BY_NAME.keys()


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
    places = {name for name, text in MODULES.items() for called, _ in calls(text) if called in {"Markup", "HTML"}}
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
