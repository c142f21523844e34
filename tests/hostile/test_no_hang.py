"""Whatever the bytes, reading them ends; and what once took quadratic time does its work once.

How time grows is measured by `python -m benchmarks hostile`: no test here looks at a clock but to end what hangs.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from gostack_nb import GostackError, read
from gostack_nb.formats import dumps, registry, scanner
from gostack_nb.formats.debug2 import parse_debug2
from gostack_nb.formats.grammar import CALL, CREATED_BY
from gostack_nb.formats.records import Event, Happening
from tests.hostile.making import COUNTED, HEAD
from tests.hostile.shapes import SHAPES

ROOT = Path(__file__).parents[2]
SIZE = 60_000
DEADLINE_SECONDS = 600
"""For all shapes; they take some ten seconds. One that is read in quadratic time at each byte takes hours."""


def test_no_shape_hangs() -> None:
    command = [sys.executable, "-m", "tests.hostile.growth", str(SIZE), "1", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            printed, _ = child.communicate(timeout=DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            printed, _ = child.communicate()
    names = [json.loads(line)["name"] for line in printed.splitlines()]
    assert names == list(SHAPES), f"ended at {next((name for name in SHAPES if name not in names), None)!r}"
    assert child.returncode == 0


def test_the_shapes_are_what_they_are_called() -> None:
    assert len(SHAPES) > 150
    assert [name for name, shape in SHAPES.items() if shape(9000) != shape(9000)] == []
    assert [name for name, shape in SHAPES.items() if not 0.4 < len(shape(200_000)) / 200_000 < 2.5] == []


def texts_given_to(module: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list that takes note of each text from now on."""
    given: list[bytes] = []
    function = getattr(module, name)

    def noting(text: bytes) -> object:
        given.append(text)
        return function(text)

    monkeypatch.setattr(module, name, noting)
    return given


@pytest.mark.parametrize("paragraph", [b"panic: x\n" * 2000, b"panic: x\n\n" * 2000, b"\tpanic: x\npanic: y\n" * 1000])
def test_a_crash_message_is_looked_at_once(paragraph: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = texts_given_to(scanner, "_begins", monkeypatch)
    parse_debug2(HEAD + paragraph + b"\n" + HEAD)
    assert len(looked) < 4 * paragraph.count(b"\n")


def test_lines_are_counted_once_for_all_dumps_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = texts_given_to(registry, "line_starts", monkeypatch)
    broken = HEAD.replace(b"]:", b'] {a"}:')
    dataset = read(broken * 50)
    assert len(dataset.snapshots) == len(dataset.issues) == 50
    assert dataset.issues["line_number"].tolist() == [1 + 4 * number for number in range(50)]
    assert len(counted) == 1
    wrapped = read(b"".join(b"push-%d | %b\n" % (n % 9, line) for n in range(50) for line in broken.splitlines()))
    assert len(wrapped.snapshots) == 50
    assert sum(text.startswith(b"push-0") for text in counted) == 1


def test_the_end_of_a_counted_dump_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    class Counting:
        def match(self, text: bytes, place: int) -> "re.Match[bytes] | None":
            looked.append(place)
            return like_header.match(text, place)

    like_header = registry._LIKE_HEADER
    monkeypatch.setattr(registry, "_LIKE_HEADER", Counting())
    found = registry.parse_dumps((COUNTED + b"goroutine x\n") * 100 + HEAD + COUNTED)
    assert [len(dump.stacks) for dump in found] == [0] * 100 + [1, 0]
    assert len(looked) < 400


class Places(list[Happening]):
    """A list that is looked into by place, and not walked from its start."""

    def __iter__(self) -> Iterator[Happening]:
        pytest.fail("all happenings were walked through for one dump")


def test_the_message_of_a_dump_is_found_without_those_before() -> None:
    happenings = Places(Happening(Event.OTHER_TEXT, number, 0) for number in range(9))
    happenings.insert(6, Happening(Event.PANIC, 5, 1))
    assert dumps._message(happenings, dumps._Span(5, 6)) == Happening(Event.PANIC, 5, 1)
    assert dumps._message(happenings, dumps._Span(4, 5)) is None
    assert dumps._message(happenings, dumps._Span(20, 21)) is None


@pytest.mark.parametrize(
    ("line", "function"),
    [
        (b"type:.eq.[...]interface {}(0xc00008ade0)", b"type:.eq.[...]interface {}"),
        (b"go:(*struct { *main.P; main.x int }).Lock(0x1?)", b"go:(*struct { *main.P; main.x int }).Lock"),
        (b"go.struct { a int } } (b) c}.Lock(...)", b"go.struct { a int } } (b) c}.Lock"),
        (b"type..hash.struct { a }{1(0x1", None),
        (b"type:.eq. x(0x1)", None),
        (b"type:.eq." + b"}" * 100_000, None),
    ],
)
def test_names_of_unnamed_types(line: bytes, function: bytes | None) -> None:
    found = CALL.match(line)
    assert (found and found["function"]) == function


@pytest.mark.parametrize(
    ("line", "function", "parent"),
    [
        (b"created by main.f in goroutine 7", b"main.f", b"7"),
        (b"created by main.f \t ", b"main.f", None),
        (b"created by main.f  in goroutine 7  ", b"main.f ", b"7"),
        (b"created by main.f" + b" " * 100_000 + b"x", b"main.f" + b" " * 100_000 + b"x", None),
    ],
)
def test_creators(line: bytes, function: bytes, parent: bytes | None) -> None:
    found = CREATED_BY.match(line)
    assert found is not None
    assert (found["function"], found["id"]) == (function, parent)


@pytest.mark.parametrize("reference", [b"&#" + b"9" * 5000 + b";", b"&#" + b"9" * 5000, b"&#x" + b"f" * 5000 + b";"])
def test_a_character_of_thousands_of_digits_is_none(reference: bytes) -> None:
    """Python makes no number of more than 4,300 digits."""
    dataset = read(b"<html><pre>goroutine 1 [running]:\nmain.f(" + reference + b")\n\t/a.go:1 +0x1\n</pre>")
    assert dataset.goroutines["goroutine_id"].tolist() == [1]


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_no_dump_is_refused_in_one_line(name: str) -> None:
    try:
        dataset = read(SHAPES[name](3000))
    except GostackError as error:
        assert len(str(error).splitlines()) == 1
        assert len(str(error)) < 1000
    else:
        assert len(dataset.snapshots) > 0
        assert dataset.issues["text"].str.len().fillna(0).le(2000).all()
