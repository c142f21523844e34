"""Lines of code around a frame, or why there are none."""

from pathlib import Path

import pytest

from gostack_nb.reports.excerpts import AROUND, Excerpt, excerpt, names_function
from gostack_nb.sources.checkout import open_checkout

CODE = "package hub\n\nfunc (h *Hub) run() {\n" + "\tstep()\n" * 20 + "}\n"
RUN = "app/hub.(*Hub).run"


def around(root: Path, line: int, function: str = RUN, file: str = "/srv/app/hub/hub.go") -> Excerpt:
    return excerpt(open_checkout(root), "Blocked here", function, file, line)


def write(root: Path, name: str, text: str = CODE) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(("line", "first", "last"), [(10, 10 - AROUND, 10 + AROUND), (1, 1, 6), (24, 19, 24)])
def test_lines_around(tmp_path: Path, line: int, first: int, last: int) -> None:
    write(tmp_path, "hub/hub.go")
    found = around(tmp_path, line)
    assert [number for number, _ in found.lines] == list(range(first, last + 1))
    assert (found.title, found.marked, found.note) == (f"Blocked here: hub/hub.go:{line}", line, "")


def test_several_that_fit_are_said(tmp_path: Path) -> None:
    for name in ("a/hub/hub.go", "b/hub/hub.go", "other/hub.go"):
        write(tmp_path, name)
    found = around(tmp_path, 4)
    assert found.title == "Blocked here: a/hub/hub.go:4"
    assert found.note == "b/hub/hub.go would fit as well."


def test_a_file_without_the_function_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a/hub/hub.go", "package hub\n")
    write(tmp_path, "b/hub/hub.go")
    assert around(tmp_path, 4).title == "Blocked here: b/hub/hub.go:4"
    assert "another version" in around(tmp_path, 4, "app/hub.(*Hub).stop").note


def test_none_and_another_version(tmp_path: Path) -> None:
    assert "No such file" in around(tmp_path, 4).note
    write(tmp_path, "hub/hub.go")
    found = around(tmp_path, 99)
    assert "has 24 lines only" in found.note
    assert found.lines == ()


@pytest.mark.parametrize(
    ("function", "holds"),
    [
        (RUN, True),
        ("app/hub.(*Hub).run.func1.2", True),
        ("app/hub.(*Hub[...]).run.gowrap1", True),
        ("app/hub.Hub.run", True),
        ("app/hub.run[...].gowrap1", False),
        ("app/hub.(*own).run", False),
        ("app/hub.(*Hub).ru", False),
        ("app/hub.init.func1", True),
        ("main", True),
    ],
)
def test_which_function_a_file_must_hold(function: str, holds: bool) -> None:
    assert names_function(CODE, function) == holds


GO_NAMES = [
    "main.f",
    "main.f-range1",
    "main.f.func1-range2",
    "main.f.func1",
    "main.f.func1.2",
    "main.f.gowrap1",
    "main.f.deferwrap1",
    "main.f\u00b7dwrap\u00b71",
    "main.f[...]",
    "main.f[github.com/a/b.T]",
    "main.f[[]github.com/a/b.T,go.shape.int].func1",
    "main.caller.f.func1",
    "main.caller.func2.f.1",
    "main.init.f.func1",
    "main.(*T).Run",
    "main.(*T).Run-fm",
    "main.(*T).init",
    "main.(*T).func1",
    "main.caller.(*T).Run.func1",
    "main.V.Get-fm",
    "main.V.Get.func1",
    "main.(*Tree[github.com/a/b.T]).Walk.func1",
    "main.init",
    "main.init.0",
    "main.init.0.func1",
    "main.init.func1",
    "main.glob..func1",
    "main.glob..func1.2",
    "main.glob",
]
SOURCE = """package main

func f[K any](k K) {}
func (t *T) Run() {}
func (*T) init() {}
func (t *T) func1() {}
func (v V) Get() {}
func (t *Tree[K]) Walk() {}
func glob() {}
"""


@pytest.mark.parametrize("function", GO_NAMES)
def test_every_name_that_go_gives_belongs_to_the_function_around_it(function: str) -> None:
    assert names_function(SOURCE, function)


INITIALISERS = ("main.init", "main.glob..")


@pytest.mark.parametrize("function", [name for name in GO_NAMES if not name.startswith((*INITIALISERS, "main.caller"))])
def test_another_function_is_not_taken_for_it(function: str) -> None:
    other = "package main\n\nfunc g() { f(); t.Run(); Get(); glob() } // func f()\nfunc (o *other) Run() {}\n"
    assert not names_function(other, function)


CONN = "github.com/x/y.(*Conn).readLoop"
CLIENT = "/go/pkg/mod/github.com/x/y@v1.2.0/client.go"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("package y\n\nfunc (c *own) readLoop() {\n}\n", "none that can be read holds"),
        ("package own\n\nfunc (c *own) readLoop() {\n}\n", "none that can be read holds"),
        ("package own\n\nfunc (c *Conn) readLoop() {\n}\n", "it is package own"),
        ("package main\n\nfunc (c *Conn) readLoop() {\n}\n", "it is package main"),
        ("/*\npackage y\n*/\npackage own\nfunc (c *Conn) readLoop() {\n}\n", "it is package own"),
        ("func (c *Conn) readLoop() {\n}\n", "it is of no package"),
    ],
)
def test_a_file_with_nothing_but_the_name_in_common_is_not_shown(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, "client.go", text)
    found = around(tmp_path, 3, CONN, CLIENT)
    assert reason in found.note
    assert found.note.startswith(f"client.go in {tmp_path} has that name")
    assert (found.lines, found.title) == ((), f"Blocked here: {CLIENT}:3")


def test_the_receiver_must_agree_where_folders_do(tmp_path: Path) -> None:
    write(tmp_path, "x/y/client.go", "package y\n\nfunc (c *own) readLoop() {\n}\n")
    assert not around(tmp_path, 3, CONN, CLIENT).lines


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (CONN, "// Package y.\n\n/* package own */ package y\n\nfunc (c *Conn) readLoop() {\n}\n"),
        (CONN, "\ufeffpackage y\nfunc (Conn) readLoop() {\n}\n"),
        ("main.(*Conn).readLoop.func1", "package main\n\nfunc (c *Conn) readLoop() {\n}\n"),
        ("main.init.0", "package main\n\nfunc init() {\n}\n"),
        ("main.main.start.func1", "package main\n\nfunc main() {\n}\n\nfunc start() {\n}\n"),
        ("github.com/redis/go-redis/v9.Dial", "package redis\n\nfunc Dial() {\n}\n"),
        ("gopkg.in/yaml%2ev3.Load", "package yaml\n\nfunc Load() {\n}\n"),
    ],
)
def test_package_and_receiver_are_enough(tmp_path: Path, function: str, text: str) -> None:
    write(tmp_path, "client.go", text)
    found = around(tmp_path, 2, function, "/build/client.go")
    assert (found.title, found.marked, found.note) == ("Blocked here: client.go:2", 2, "")


def test_a_type_is_not_taken_for_an_inlining_function(tmp_path: Path) -> None:
    write(tmp_path, "client.go", "package y\n\nfunc readLoop() {\n}\n")
    assert not around(tmp_path, 3, "github.com/x/y.Conn.readLoop.func1", CLIENT).lines


def test_a_text_of_comments_does_not_take_long(tmp_path: Path) -> None:
    write(tmp_path, "client.go", "// a // b /* c */\n" * 20_000 + "func (" + " " * 200_000)
    assert not around(tmp_path, 3, CONN, CLIENT).lines


@pytest.mark.parametrize("inside", ["\x0c", "\x0b", "\x1c", "\x85", "\u2028", "\u2029", "\r"])
def test_lines_are_counted_as_go_counts_them(tmp_path: Path, inside: str) -> None:
    code = CODE.replace("step()", f"a{inside}b", 1).replace("step()", "here()", 2).replace("here()", "step()", 1)
    write(tmp_path, "hub/hub.go", code)
    found = around(tmp_path, 6)
    assert dict(found.lines)[6].strip() == "here()"
    assert "has 24 lines only" in around(tmp_path, 25).note


def test_carriage_returns_at_the_end_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub/hub.go").write_bytes(CODE.replace("\n", "\r\n").encode())
    found = around(tmp_path, 24)
    assert found.lines[-1] == (24, "}")
    assert "has 24 lines only" in around(tmp_path, 25).note


def test_code_is_escaped_and_harmless(tmp_path: Path) -> None:
    write(tmp_path, "hub/hub.go", CODE.replace("step()", "<img src=x>\x1b[2J\u202e", 1))
    found = around(tmp_path, 4)
    assert "<img" not in found.as_html()
    assert "<mark" in found.as_html()
    assert not {"\x1b", "\u202e", "\t"} & set(str(found) + found.as_html())
