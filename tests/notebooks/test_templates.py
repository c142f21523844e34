"""The templates: what their cells may hold, that they run as copied, and that they stand poorer dumps."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gostack_nb as gs
from gostack_nb.cli import main
from gostack_nb.errors import FormatError, UnreachableError
from gostack_nb.reports.bundled import bundled
from gostack_nb.reports.templates import Template, find_template, parameters_cell, templates
from gostack_nb.reports.working_copies import lab_copies
from tests.corpus.files import DUMPS
from tests.notebooks.template_runs import code_cells, run_all, run_here
from tests.unit.pprof_service import go_pages, serving

TEMPLATES = templates()
LEAK = bundled("push-incident") / "leak"
NUMBERS = ("163", "288", "154", "125", "1381", "1,381")
"""Of the recorded incident: they must come out of the dumps."""

RUN_ELSEWHERE = {"01", "03"}
"""Their own tests run them: `test_incident.py`, `test_growth.py`."""

OF_A_SERVICE = TEMPLATES[:8]
"""Those that follow one service: any dump will do."""

each = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.number)
each_of_a_service = pytest.mark.parametrize("template", OF_A_SERVICE, ids=lambda template: template.number)


def sources(template: Template) -> Iterator[str]:
    return (cell.source for cell in code_cells(template.read()))


def prose(template: Template) -> str:
    return "\n".join(cell.source for cell in template.read().cells if cell.cell_type == "markdown")


def dotted(node: ast.expr) -> str:
    """Return `gs.incident.who` of such an expression, else an empty text."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def public(name: str) -> Any:
    """Return what a dotted name stands for; none but public names."""
    first, *rest = name.split(".")[1:]
    assert first in gs.__all__, name
    thing = getattr(gs, first)
    for part in rest:
        assert not part.startswith("_"), name
        thing = getattr(thing, part)
    return thing


# What stands in them


def test_they_are_numbered_in_order() -> None:
    assert [template.number for template in TEMPLATES] == [f"{number:02}" for number in range(1, len(TEMPLATES) + 1)]
    assert len(TEMPLATES) >= len(OF_A_SERVICE) == 8


@each
def test_cells_call_public_names_only(template: Template) -> None:
    calls = [node for code in sources(template) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    found = [(name, call) for call in calls if (name := dotted(call.func)).startswith("gs.")]
    assert found
    for name, call in found:
        known = inspect.signature(public(name)).parameters.values()
        names = {one.name for one in known}
        open_ended = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known)
        assert open_ended or {word.arg for word in call.keywords} <= names, name


@each
def test_cells_define_nothing_and_hold_no_results(template: Template) -> None:
    code = "\n".join(sources(template))
    assert not re.search(r"\b(def|class|lambda)\b", code)
    assert not [number for number in NUMBERS if re.search(rf"(?<![\d.]){number}(?![\d.])", code + prose(template))]


@each
def test_parameters_are_literals_that_papermill_understands(template: Template) -> None:
    lines = parameters_cell(template.read(), template.file).source.splitlines()
    assert all(re.fullmatch(r"\w+ = \S.*", line) for line in lines)
    assert len(template.parameters()) == len(lines)
    assert not re.search(r"""["'](?:/|~|[A-Z]:\\)""", "\n".join(sources(template))), "an absolute path"


@each
def test_prose_names_what_exists(template: Template) -> None:
    text = prose(template)
    for name in re.findall(r"`gs\.(\w+)", text):
        assert name in gs.__all__, name
    for name in re.findall(r"\b\d\d-[a-z-]+\.ipynb", text):
        assert name in {one.file for one in TEMPLATES}, name
    for command, rest in re.findall(r"`(?:[^`]*\| )?gostack-nb ([a-z]+)([^`]*)`", text):
        options = {option for one in main.commands[command].params for option in one.opts}
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest)) <= options, f"{command}{rest}"


@each
def test_they_end_with_what_next(template: Template) -> None:
    last = template.read().cells[-1].source
    assert last.startswith("## What next")
    if template.number != "01":  # it names calls: the story goes on in the same notebook
        assert len(set(re.findall(r"`(\d\d)-[a-z-]+\.ipynb`", last)) - {template.number}) >= 3


# As copied


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab_copies(tmp_path_factory.mktemp("lab"), report=str).parent


@pytest.fixture(scope="module")
def shown(folder: Path) -> dict[str, dict[str, str]]:
    """What the cells of each notebook show, by the number of the notebook."""
    paths = [folder / template.file for template in TEMPLATES if template.number not in RUN_ELSEWHERE]
    return {path.name[:2]: cells for path, cells in run_all(paths).items()}


@each
def test_what_the_parameters_name_lies_beside_the_copy(template: Template, folder: Path) -> None:
    values = Template(template.number, template.name, folder / template.file).parameters().values()
    texts = [text for value in values for text in (value if isinstance(value, list) else [value]) if text]
    paths = [text for text in texts if "/" in text]
    assert paths
    assert all(any(folder.glob(re.sub(r"\{\w+\}", "*", path))) and ".." not in path for path in paths)


@pytest.mark.parametrize(
    ("number", "cell", "words"),
    [
        ("02", "groups", "main.(*session).ackLoop"),
        ("02", "change", "125"),
        ("02", "why", "Receiver of a channel, stuck if its senders are gone"),
        ("04", "receives", "orphans likely"),
        ("04", "receives", "worker pool"),
        ("04", "siblings", "in excess"),
        ("05", "grows", "Yes: go_goroutines went from 163 to 288 in 5.5 minutes"),
        ("05", "who", "Proven leak: main.(*session).ackLoop, 29 -> 154 goroutines"),
        ("06", "verdict", "fixed"),
        ("06", "words", "The curve is flat at 163 after the fix"),
        ("06", "words", "Growth at 20 % of the old rate"),
        ("07", "read", "signal"),
        ("07", "captured", "All of it was read."),
        ("07", "died", "main.(*stock).audit"),
        ("07", "locks", "[10]"),
        ("07", "holder", "main.(*stock).reorder"),
        ("07", "holder-why", "HTTP request that waits for its answer"),
        ("07", "suspects", "Strong suspect: main.(*stock).available"),
        ("07", "where", ">    43      s.mu.Lock()"),
        ("08", "fix", "The curve is flat at 163 after the fix"),
        ("08", "secrets", "/srv/app"),
        ("08", "report", "postmortem.html"),
    ],
)
def test_each_step_answers_its_question(shown: dict[str, dict[str, str]], number: str, cell: str, words: str) -> None:
    assert words in shown[number][cell]


def test_no_cell_shows_a_text_in_quotes_or_a_list_of_paths(shown: dict[str, dict[str, str]]) -> None:
    texts = {(number, cell): text for number, cells in shown.items() for cell, text in cells.items()}
    assert [place for place, text in texts.items() if text.startswith(("'", '"', "[PosixPath"))] == []


@pytest.mark.usefixtures("shown")
def test_charts_and_report_are_written(folder: Path) -> None:
    names = {path.name for path in (folder / "charts").iterdir()}
    for chart in ("all-dumps", "ages", "growth", "change-in-stacks", "waiting"):
        assert {f"{chart}.png", f"{chart}.svg", f"{chart}.pdf"} <= names
    report = (folder / "postmortem.html").read_text("utf-8")
    assert "main.(*session).ackLoop" in report
    assert "/srv/app" not in report


# On other dumps


HEALTHY = bundled("push-incident") / "fixed"
OTHERS = {
    "counted": [LEAK / "05.goroutine.debug1.txt"],
    "leak profile alone": [LEAK / "12.goroutineleak.debug1.txt"],
    "SIGQUIT": [DUMPS / "wrapped" / "sigquit.kubectl-timestamps.log"],
    "a crash without goroutines": [DUMPS / "go1.27.3" / "crash" / "panic-string.none.txt"],
    "nothing wrong": [HEALTHY / f"{number:02}.goroutine.debug2.txt" for number in range(6)],
}


def parameters_for(template: Template, dumps: list[str]) -> dict[str, object]:
    """What somebody with these dumps writes into the parameters cell, and nothing else."""
    known = template.parameters()
    after = dumps if "dumps_before_fix" in known else []
    values = {"dumps": dumps, "dumps_before_fix": dumps, "dumps_after_fix": after, "source_root": None}
    return {name: value for name, value in values.items() if name in known}


@each_of_a_service
@pytest.mark.parametrize("kind", OTHERS)
def test_any_dump_is_enough(template: Template, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gs, "export_figure", lambda ax, *_: ax.figure.canvas.draw())  # one picture instead of three
    names = run_here(template, tmp_path, **parameters_for(template, [str(path) for path in OTHERS[kind]]))
    dataset = names["before"] if "before" in names else names["dataset"]
    assert len(dataset.snapshots) == len(OTHERS[kind])
    if kind == "nothing wrong" and "suspects" in names:
        assert not names["suspects"]["verdict"].isin(["strong", "proven"]).any()


@each_of_a_service
def test_what_is_no_dump_is_said_in_one_sentence(template: Template, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><body>login</body></html>")
    with pytest.raises(UnreachableError, match=r"^nowhere: no such file or folder .* Hint: [^\n]*$"):
        run_here(template, tmp_path, **parameters_for(template, ["nowhere"]))
    with pytest.raises(FormatError, match=r"^page.html: not a goroutine dump: it is an HTML page[^\n]* Hint: [^\n]*$"):
        run_here(template, tmp_path, **parameters_for(template, ["page.html"]))


@each
def test_nothing_but_the_parameters_names_data(template: Template) -> None:
    for cell in code_cells(template.read()):
        texts = [node.value for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Constant)]
        assert cell.id == "parameters" or not [text for text in texts if isinstance(text, str) and "../" in text]


def test_live_capture_of_a_running_service(tmp_path: Path) -> None:
    with serving(go_pages()) as server:
        names = run_here(
            find_template("05"), tmp_path, address=server.host, every="0.2s", duration="0.3s", folder="kept", dumps=[]
        )
    assert set(names["dataset"].snapshots["instance"]) == {server.host}
    kept = gs.Recording.open(tmp_path / "kept").read()
    assert sorted(kept.snapshots["sha256"]) == sorted(names["dataset"].snapshots["sha256"])


def test_one_dump_on_each_side_decides_nothing(tmp_path: Path) -> None:
    sides = [str(LEAK / f"{number}.goroutine.debug2.txt") for number in ("00", "11")]
    names = run_here(find_template("06"), tmp_path, dumps_before_fix=sides[:1], dumps_after_fix=sides[1:])
    assert names["found"]["verdict"].iloc[0] == "undecided"


def test_a_crash_in_which_nobody_waits_for_a_lock(tmp_path: Path) -> None:
    log = DUMPS / "go1.27.3" / "crash" / "panic-in-goroutine.txt"
    names = run_here(find_template("07"), tmp_path, dumps=[str(log)], source_root=None)
    assert names["running"]["user_function"].tolist() == ["main.init.func16.1.1.1"]
    assert not len(names["holders"])


def test_a_deadlock_in_a_log_with_timestamps(tmp_path: Path) -> None:
    log = DUMPS / "wrapped" / "deadlock.kubectl-timestamps.log"
    names = run_here(find_template("07"), tmp_path, dumps=[str(log)], source_root=None)
    assert names["locks"]["waiters"].tolist() == [1]


def test_a_postmortem_before_the_fix_in_the_users_words(tmp_path: Path) -> None:
    run_here(
        find_template("08"),
        tmp_path,
        dumps=[str(LEAK / "11.goroutine.debug1.txt")],
        dumps_after_fix=[],
        source_root=None,
        notes=["Users saw <nothing> & $5."],
        report_file="leak.html",
    )
    assert "Users saw &lt;nothing&gt; &amp; $5." in (tmp_path / "leak.html").read_text("utf-8")
