"""Working copies of the templates: where they land, what they are about, what is refused and what never happens."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gostack_nb.cli import main
from gostack_nb.errors import FormatError
from gostack_nb.reports.templates import (
    Template,
    find_template,
    parameters_cell,
    read_parameters,
    templates,
    write_parameters,
)
from gostack_nb.reports.working_copies import INDEX, LAB_FOLDER, index_text, lab_copies

DUMP = b"goroutine 7 [chan receive, 3 minutes]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two folders of dumps."""
    for name in ("dumps", "dumps after"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_bytes(DUMP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["new", *arguments])


def parameters_of(path: Path) -> dict[str, Any]:
    template = find_template(path.name)
    return Template(template.number, template.name, path).parameters()


# Which template


@pytest.mark.parametrize("word", ["03", "3", "growth", "Growth", "03-growth", "03-growth.ipynb", "grow"])
def test_a_template_is_found_by_number_name_file_or_part(word: str) -> None:
    assert find_template(word).file == "03-growth.ipynb"


def test_without_a_template_all_are_listed(here: Path) -> None:
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [[one.number, one.name] for one in templates()]
    assert not list(here.glob("*.ipynb"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("zoo",), "zoo: no such template"),
        (("re",), "may be "),
    ],
)
def test_a_template_that_is_none_is_an_error_and_all_are_listed(
    arguments: tuple[str, ...], words: str, here: Path
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    for template in templates():
        assert f"  {template.number}  {template.name} " in result.stderr
        assert template.title in result.stderr
    assert not list(here.glob("*.ipynb"))


# Without sources


def test_a_copy_brings_its_data_along(here: Path) -> None:
    result = run("07", "a/b")
    assert result.exit_code == 0
    assert result.stdout == "wrote a/b/07-crash-logs.ipynb\n"
    assert parameters_of(here / "a/b/07-crash-logs.ipynb") == {
        "dumps": ["data/crash-logs/*.log"],
        "source_root": "data/crash-logs/server",
    }
    assert (here / "a/b/data/crash-logs/sigquit.log").is_file()
    assert not (here / "a/b/data/push-incident").exists()


def test_a_second_copy_shares_the_data_and_changes_nothing(here: Path) -> None:
    run("01")
    marked = here / "data" / "push-incident" / "leak" / "00.goroutine.debug2.txt"
    marked.write_text("mine")
    assert run("02").exit_code == 0
    assert marked.read_text() == "mine"


def test_nothing_is_overwritten(here: Path) -> None:
    (here / "03-growth.ipynb").write_text("mine")
    result = run("growth")
    assert result.exit_code == 2
    assert "03-growth.ipynb: exists already, and stays as it is. Hint: " in result.stderr
    assert (here / "03-growth.ipynb").read_text() == "mine"
    assert not (here / "data").exists()


def test_a_folder_that_cannot_be_made_is_an_error_in_a_sentence(here: Path) -> None:
    (here / "file").write_text("")
    result = run("03", "file/folder", "--source", "dumps")
    assert result.exit_code == 2
    assert "cannot be written (Not a directory)" in result.stderr


# With sources


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("dumps", "../../dumps"),
        ("./dumps/1.txt", "../../dumps/1.txt"),
        ("dumps/*.txt", "../../dumps/*.txt"),
        ("dumps after", "../../dumps after"),
        ("http://me:secret@10.0.0.7:6060/debug/pprof/", "http://10.0.0.7:6060/debug/pprof/"),
        ("http://10.0.0.7:6060/dump?token=secret", "http://10.0.0.7:6060/dump?token=***"),
        ("10.0.0.7:6060", "http://10.0.0.7:6060"),
    ],
)
def test_sources_are_as_the_notebook_finds_them(source: str, written: str, here: Path) -> None:
    result = run("03", "a/b", "--source", source)
    assert result.exit_code == 0, result.stderr
    path = here / "a/b/03-growth.ipynb"
    assert parameters_of(path) == {
        "dumps": [written],
        "prometheus": None,
        "job": None,
        "instance": None,
        "since": "6h",
    }
    assert "secret" not in path.read_text() + result.output
    assert not (here / "a/b/data").exists()


def test_an_absolute_path_becomes_a_relative_one(here: Path) -> None:
    run("02", "copies", "--source", str(here / "dumps"), "--source", str(here / "dumps after"))
    assert parameters_of(here / "copies/02-group-and-compare.ipynb") == {"dumps": ["../dumps", "../dumps after"]}


def test_a_folder_behind_a_link_finds_its_dumps(here: Path) -> None:
    (here / "deep" / "real").mkdir(parents=True)
    (here / "link").symlink_to(here / "deep" / "real")
    run("02", "link", "--source", "dumps")
    [written] = parameters_of(here / "link/02-group-and-compare.ipynb")["dumps"]
    assert (here / "deep" / "real" / written / "1.txt").is_file()


def test_a_name_full_of_quotes_stays_text(here: Path) -> None:
    name = 'it\'s "odd" $x {y}\n'
    (here / name).write_bytes(DUMP)
    run("02", "copies", "--source", name)
    assert parameters_of(here / "copies/02-group-and-compare.ipynb") == {"dumps": [f"../{name}"]}


def test_own_dumps_take_the_place_of_the_whole_example(here: Path) -> None:
    run("08", "--source", "dumps")
    values = parameters_of(here / "08-postmortem.ipynb")
    assert (values["dumps"], values["dumps_after_fix"], values["source_root"]) == (["dumps"], [], None)
    assert values["report_file"] == "postmortem.html"


def test_both_sides_of_a_fix(here: Path) -> None:
    run("06", "--source", "dumps", "--after", "dumps after")
    assert parameters_of(here / "06-before-and-after.ipynb") == {
        "dumps_before_fix": ["dumps"],
        "dumps_after_fix": ["dumps after"],
    }


@pytest.mark.parametrize(
    ("sources", "address", "dumps"),
    [
        (["localhost:6060"], "http://localhost:6060", []),
        (["http://a:1", "http://b:2"], ["http://a:1", "http://b:2"], []),
        (["dumps"], None, ["dumps"]),
    ],
)
def test_live_capture_takes_addresses(sources: list[str], address: Any, dumps: list[str], here: Path) -> None:
    run("05", *(word for source in sources for word in ("--source", source)))
    values = parameters_of(here / "05-live-capture.ipynb")
    assert (values["address"], values["dumps"]) == (address, dumps)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("03", "--source", "nowhere"), "nowhere: no such file or folder. Hint: "),
        (("03", "--source", "nowhere/*.txt"), "nowhere/*.txt: no such file or folder"),
        (("03", "--source", "-"), "cannot read standard input again. Hint: save it to a file"),
        (("03", "--source", "dumps", "--after", "dumps"), "is not about a fix"),
        (("06", "--source", "dumps"), "compares two sides. Hint: --source BEFORE --after AFTER"),
        (("06", "--after", "dumps"), "dumps from before the fix are needed"),
        (("03", "--source", "http://me:secret@:1/x"), "http://***: not an address"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(arguments: tuple[str, ...], words: str, here: Path) -> None:
    before = sorted(here.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "secret" not in result.stderr
    assert sorted(here.rglob("*")) == before


# The parameters cell


def test_only_what_changes_is_written() -> None:
    code = "# where\ndumps = [\n    'a',\n]\nsince = \"6h\"  # how far"
    assert write_parameters(code, {"dumps": ["b"]}) == "# where\ndumps = ['b']\nsince = \"6h\"  # how far"
    assert read_parameters(code) == {"dumps": ["a"], "since": "6h"}


def test_a_template_needs_one_tagged_cell() -> None:
    notebook = find_template("03").read()
    notebook.cells = [cell for cell in notebook.cells if "parameters" not in cell.metadata.get("tags", [])]
    with pytest.raises(FormatError, match="has 0"):
        parameters_cell(notebook, "03-growth.ipynb")


# The index


def test_lab_gets_all_templates_and_an_index(here: Path) -> None:
    told: list[str] = []
    index = lab_copies(Path(), report=told.append)
    assert index == Path(LAB_FOLDER, INDEX)
    assert {path.name for path in index.parent.glob("*.ipynb")} == {one.file for one in templates()}
    assert told == [f"wrote {len(templates())} notebooks to {LAB_FOLDER}"]
    for template in templates():
        assert f"[{template.number} {template.title}]({template.file})" in index.read_text()

    notebook = here / LAB_FOLDER / templates()[0].file
    notebook.write_text("mine")
    index.write_text("mine, too")
    (here / LAB_FOLDER / templates()[1].file).unlink()
    lab_copies(Path(), report=told.append)
    assert told[1:] == [f"wrote 1 notebook to {LAB_FOLDER}"]
    assert (notebook.read_text(), index.read_text()) == ("mine", "mine, too")


def test_the_index_is_one_table() -> None:
    rows = [line for line in index_text().splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(templates())
    assert all(row.replace("\\|", "").count("|") == 3 for row in rows)


def test_a_pattern_with_labels_stays_one(here: Path) -> None:
    place = here / "dumps" / "1.4.2" / "push-0.txt"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:5 +0x1d\n")
    assert CliRunner().invoke(main, ["new", "09", "--source", "dumps/{build}/{instance}.txt"]).exit_code == 0
    assert parameters_of(here / "09-fleet.ipynb") == {"dumps": ["dumps/{build}/{instance}.txt"], "label": "build"}
