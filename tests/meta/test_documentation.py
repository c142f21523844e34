"""The documentation builds without a warning, every link leads somewhere, and the code on its pages runs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import matplotlib.pyplot as plt
import pytest
from sphinx.util.inventory import InventoryFile

import gostack_nb as gs
from gostack_nb.cli import main
from gostack_nb.model import schema
from tests.meta.pages import Page, agree, blocks_of, check_arguments, commands_in, steps_of
from tests.meta.recorded import furnish, push_service, record
from tests.meta.situations import SITUATIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BUILD_SECONDS = 600
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", *DOCS.rglob("*.md")]
    if "_build" not in path.parts
)
TROUBLE = blocks_of((DOCS / "troubleshooting.md").read_text("utf-8"))

LISTS_COMMANDS = {"README.md"}
"""Its commands are parsed alone: they are those of the pages in docs/how-to, where they run."""

CHANGES = {
    "--every 30s --for 2m --to tonight": "--every 0.4s --count 5 --to tried",
    "every 30 s, 5 rounds\ninto tonight\n": "every 0.4 s, 5 rounds\ninto tried\n",
    "suspects tonight\n  gostack-nb incident tonight": "suspects tried\n  gostack-nb incident tried",
    "sleep 60": "sleep 1",
}
"""What is written on the pages, and what is run in its place: spans that no test can wait for.

The count of rounds is given in place of a time, so that a slow machine takes as many: the ticks that it leaves out
are said between the lines, where the pages have `...`.
"""


# The site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; a warning or a link that leads nowhere fails it."""
    made = tmp_path_factory.mktemp("site")
    options = ["-b", "html", "-W", "--keep-going", "-n", "-q", "-E", "-d", str(made / "doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, str(DOCS), str(made / "html")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return made / "html"


def test_the_site_asks_nobody_outside(site: Path) -> None:
    asks = re.compile(r"<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)=\"(?:https?:)?//[^\"]*")
    in_pages = {found for path in site.rglob("*.html") for found in asks.findall(path.read_text("utf-8"))}
    in_styles = {
        found
        for path in site.rglob("*.css")
        for found in re.findall(r"url\(['\"]?https?://[^)]*|@import [^;]*//[^;]*", path.read_text("utf-8"))
    }
    assert not in_pages | in_styles


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    known = {name for kind, names in inventory.data.items() if kind.startswith("py:") for name in names}
    public = [f"gostack_nb.{name}" for name in gs.__all__ if name not in {"incident", "fleet"}]
    public += [f"gostack_nb.incident.{name}" for name in gs.incident.__all__]
    public += [f"gostack_nb.fleet.{name}" for name in gs.fleet.__all__]
    assert not set(public) - known


def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    text = (site / "reference" / "command-line.html").read_text("utf-8")
    for name, command in main.commands.items():
        assert f"Usage: gostack-nb {name} " in text
        options = [text for parameter in command.params for text in parameter.opts if text.startswith("--")]
        assert not [option for option in options if option not in text], name


def test_every_column_is_in_the_reference(site: Path) -> None:
    text = (site / "reference" / "tables.html").read_text("utf-8")
    tables = (schema.GOROUTINES, schema.STACKS, schema.SNAPSHOTS, schema.ISSUES, schema.METRICS)
    assert not [column.name for table in tables for column in table if f">{column.name}<" not in text]


# Links from outside of docs/


NOT_STORED = ("docs/sources/", "docs/_build")
"""A folder of Loki and Pyroscope, and the one that `make docs` writes."""


def broken_links(text: str) -> list[str]:
    """List the paths below docs/, with their anchors, that a text names and that do not exist."""
    named = set(re.findall(r"(?<![\w/])docs/[\w./-]*\w(?:#[\w-]+)?", text))
    return sorted(name for name in named if not name.startswith(NOT_STORED) and not leads_somewhere(name))


def leads_somewhere(name: str) -> bool:
    """Tell whether there is such a file, and such a heading in it; names of headings are made as Git servers do."""
    path, _, anchor = name.partition("#")
    if not (ROOT / path).exists():
        return False
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text("utf-8"), re.MULTILINE) if anchor else []
    return not anchor or anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files_that_link() -> Iterator[Path]:
    """Yield what is not built with the site and may name its pages."""
    yield from (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile"))
    for folder, suffixes in (("src", "*.py"), ("src", "*.toml"), ("notebooks", "*.ipynb"), ("data", "README.md")):
        yield from (ROOT / folder).rglob(suffixes)


def test_what_names_a_page_names_one_that_exists() -> None:
    assert not {
        path.relative_to(ROOT).as_posix(): broken
        for path in files_that_link()
        if (broken := broken_links(path.read_text("utf-8")))
    }


def test_a_broken_link_is_seen() -> None:
    text = "see docs/index.md, docs/index.md#at-3-am, docs/index.md#at-4-am and `docs/no-such-page.md`."
    assert broken_links(text) == ["docs/index.md#at-4-am", "docs/no-such-page.md"]


OUTSIDE: frozenset[str] = frozenset()
"""Links out of the documentation. None is fetched here, so each is listed; so far there is no need for one."""


def test_links_to_the_outside_are_listed() -> None:
    links = {link for name in PAGES for link in re.findall(r"\]\((\w+://[^)\s]+)", (ROOT / name).read_text("utf-8"))}
    assert links == OUTSIDE


# Commands


@pytest.mark.parametrize("name", PAGES)
def test_commands_on_the_page_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    blocks = [block.text for block in blocks_of(text) if block.language in {"console", "text", "sh"}]
    inline = re.findall(r"(?<!`)`(gostack-nb [^`]+)`(?!`)", text)
    for arguments in commands_in("\n".join([*blocks, *inline])):
        try:
            check_arguments(arguments)
        except click.UsageError as error:
            pytest.fail(f"{name}: gostack-nb {' '.join(arguments)}: {error.format_message()}")


@pytest.mark.parametrize("name", [*PAGES, "CONTRIBUTING.md"])
def test_make_on_the_page_knows_the_target(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = (ROOT / name).read_text("utf-8")
    asked = set(re.findall(r"(?:^\$ |`)make ([a-z]+)", text, re.MULTILINE))
    assert asked <= targets


@pytest.mark.parametrize(
    "arguments",
    [["suspect", "x"], ["suspects", "x", "--fail"], ["show", "x", "--by", "size"], ["show", "x", "--top", "0"]],
)
def test_a_wrong_command_is_seen(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        check_arguments(arguments)


# Code


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    record(folder)
    return folder


@pytest.fixture
def workshop(tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Give a folder in which everything is that pages name, and a service."""
    furnish(tmp_path, recordings)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with push_service() as service:
        yield Page(tmp_path, {**CHANGES, "localhost:6060": service.host}, os.environ)
    plt.close("all")


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("docs/adr/")])
def test_code_on_the_page_runs(name: str, workshop: Page) -> None:
    text = (ROOT / name).read_text("utf-8")
    if "$ curl" in text and shutil.which("curl") is None:
        pytest.skip("no curl here. Get it: apt-get install --no-install-recommends curl")
    for block in blocks_of(text):
        if block.not_run or (block.language == "console" and name in LISTS_COMMANDS):
            continue
        for code, said, printed in workshop.run(block):
            where = f"{name}:{block.line}: {code}"
            assert workshop.status in {0, 1} or said, f"{where}\nends with {workshop.status}\n{printed}"
            assert not said or agree(said, printed), f"{where}\nprints\n{printed}"


def test_code_that_is_not_run_says_why() -> None:
    reasons = {block.not_run for name in PAGES for block in blocks_of((ROOT / name).read_text("utf-8"))} - {None}
    assert all(re.match(r"[a-z]+ \w+", reason) for reason in reasons if reason)


def test_a_wrong_output_is_seen(workshop: Page) -> None:
    lines = ["$ gostack-nb show goroutine.txt --top 1", "1 snapshot", "...", "999 goroutines ..."]
    [block] = blocks_of("\n".join(["```console", *lines, "```"]))
    [(_, said, printed)] = workshop.run(block)
    assert not agree(said, printed)
    assert [step.command for step in steps_of(block.text)] == ["gostack-nb show goroutine.txt --top 1"]


# What goes wrong


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_troubleshooting_quotes_what_is_printed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    quoted = [block.text for block in TROUBLE if block.seen == name]
    printed = SITUATIONS[name]()
    assert quoted, f"docs/troubleshooting.md does not quote it: {printed}"
    assert all(agree(text, printed) for text in quoted), printed


def test_every_quoted_message_has_its_situation() -> None:
    assert {block.seen for block in TROUBLE} - {None} == SITUATIONS.keys()
