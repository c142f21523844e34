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
        ("app/hub.run[...].gowrap1", True),
        ("app/hub.(*Hub).ru", False),
        ("app/hub.init.func1", True),
        ("main", True),
    ],
)
def test_which_function_a_file_must_hold(function: str, holds: bool) -> None:
    assert names_function(CODE, function) == holds


def test_code_is_escaped_and_harmless(tmp_path: Path) -> None:
    write(tmp_path, "hub/hub.go", CODE.replace("step()", "<img src=x>\x1b[2J\u202e", 1))
    found = around(tmp_path, 4)
    assert "<img" not in found.as_html()
    assert "<mark" in found.as_html()
    assert not {"\x1b", "\u202e", "\t"} & set(str(found) + found.as_html())
