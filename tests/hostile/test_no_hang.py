"""Whatever the bytes, reading them ends; and what once took quadratic time does its work once.

How time grows is measured by `python -m benchmarks hostile`: no test here looks at a clock but to end what hangs.
"""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gostack_nb import FormatError, GostackError, SourceError, read
from gostack_nb.formats import body, dumps, log_prefixes, profile_proto, registry, scanner
from gostack_nb.formats.debug2 import parse_debug2
from gostack_nb.formats.frames import Frame, Stack
from gostack_nb.formats.grammar import CALL, CREATED_BY
from gostack_nb.formats.names import MAX_NAME
from gostack_nb.formats.numbering import Numbering
from gostack_nb.formats.profile_proto import parse_profile
from gostack_nb.formats.records import Event, Happening
from gostack_nb.formats.stacks import Runs, Stacks
from gostack_nb.model.naming import go_version_in, is_std
from gostack_nb.sources import files, tars
from gostack_nb.sources.blob import DEFAULT_LIMITS
from gostack_nb.sources.compressed import Stream
from tests.hostile import many_dumps_shapes
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


def test_states_are_numbered_once_for_all_dumps_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Noted(Numbering[str]):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr(dumps, "Numbering", Noted)
    found = parse_debug2(many_dumps_shapes.TWO_WAYS["dumps, states all distinct"](3000))
    assert [dump.states for dump in found[:2]] == [("state 0",), ("state 1",)]
    assert len(found) > 50
    assert len(made) == 1


def test_the_message_of_a_dump_is_found_without_those_before() -> None:
    happenings = Places(Happening(Event.OTHER_TEXT, number, 0) for number in range(9))
    happenings.insert(6, Happening(Event.PANIC, 5, 1))
    assert dumps._message(happenings, dumps._Span(5, 6)) == Happening(Event.PANIC, 5, 1)
    assert dumps._message(happenings, dumps._Span(4, 5)) is None
    assert dumps._message(happenings, dumps._Span(20, 21)) is None


def test_few_stacks_of_a_text_are_looked_at_without_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = Stacks.of([Stack((Frame(f"main.f{n}"), Frame(f"main.g{n}"))) for n in range(9)]).only(slice(3, 4))

    def copied(*_: object) -> None:
        pytest.fail("what stands below all leaves was copied for one dump")

    monkeypatch.setattr(Runs, "size", property(copied))
    monkeypatch.setattr(np, "append", copied)
    assert stacks.roots() == {Frame("main.g3")}
    assert stacks.calls().calls.tolist() == [6, 7]


def test_a_call_that_waits_for_its_place_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = texts_given_to(body, "_called", monkeypatch)
    call = b"main." + b"f" * 999 + b"(0x1)"
    parse_debug2(HEAD + b"goroutine 2 [select]:\n" + call + b"\n" + b"\t?\n" * 500)
    assert 0 < looked.count(call) < 5


@pytest.mark.parametrize("path", ["/go1.2" * 200_000 + "/a.go", "/src" + "/go1.2" * 200_000 + "/a.go"])
def test_a_path_of_many_versions_names_none(path: str) -> None:
    assert go_version_in(path) is None


def test_a_path_of_many_sources_is_that_of_the_last() -> None:
    assert not is_std("runtime.f", "/src/a" * 200_000 + "/a.go")
    assert is_std("runtime.f", "/src/a" * 200_000 + "/src/runtime/a.go")


def test_lines_are_numbered_once_for_all_streams_of_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered = texts_given_to(log_prefixes, "line_numbers", monkeypatch)
    dataset = read(many_dumps_shapes.streams(lambda number, line: f"push-{number}  | {line}\n")(100_000))
    assert dataset.snapshots["instance"].nunique() == 50
    assert len(numbered) < 10


def test_counts_of_all_dumps_of_a_file_are_believed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_TOGETHER", 1000)
    dump = b"goroutine profile: total 9\n300 @ 0x1\n\n"
    assert len(registry.parse_dumps(dump * 3)) == 3
    with pytest.raises(FormatError, match=r"claim 1,200 goroutines, more than the 1,000 .* Hint: cut it into several"):
        registry.parse_dumps(dump * 4)


@pytest.mark.parametrize("size", [20_000, 60_000])
def test_a_profile_tells_no_more_text_than_its_size_explains(size: int) -> None:
    data = many_dumps_shapes.one_label_of_all_samples(size)
    told = parse_profile(data)
    assert len(told.label_sets) > size // 30
    assert {key for text in told.label_sets for key in json.loads(text)} == {"k" * 64}
    assert sum(map(len, told.label_sets)) < 30 * len(data)
    assert [issue.reason.partition(":")[0] for issue in told.issues] == ["label texts are cut at 64 characters"]


@pytest.mark.parametrize("size", [20_000, 60_000])
def test_a_profile_tells_no_more_frames_than_its_size_explains(size: int) -> None:
    data = many_dumps_shapes.one_deep_location_in_all_stacks(size)
    told = parse_profile(data)
    assert len(told.stacks) > size // 30
    assert set(told.stacks.size().tolist()) == {16}
    assert [issue.reason.partition(":")[0] for issue in told.issues] == ["stacks are cut at 16 frames from the leaf"]


def test_a_string_that_all_functions_share_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_given_to(profile_proto, "label_text", monkeypatch)
    parse_profile(many_dumps_shapes.one_name_of_all_functions(60_000))
    assert sum(map(len, texts)) < 120_000


def test_a_name_in_a_profile_has_an_end() -> None:
    told = parse_profile(many_dumps_shapes.one_name_in_all_stacks(60_000))
    assert {len(name) for name in told.stacks.frames.functions if "main" not in name} == {MAX_NAME}
    assert [issue.reason.partition(":")[0] for issue in told.issues] == [
        "functions or files of more than 1,000 characters"
    ]


def test_what_one_sidecar_tells_all_files_has_an_end() -> None:
    told = read(many_dumps_shapes.long_text_for_all_files(20_000)).snapshots["service"]
    assert len(told) > 50
    assert set(told) == {"s" * 1000}


def test_the_name_of_an_archive_before_those_of_its_files_has_an_end() -> None:
    sources = read(many_dumps_shapes.files_in_a_long_name(20_000)).snapshots["source"].astype("str")
    assert len(sources) > 50
    assert sources.str.len().max() < 1100
    assert sources.str.endswith(".txt").all()
    assert sources.str.contains("...a", regex=False).all()


def test_a_file_that_a_zip_lists_often_is_read_once() -> None:
    dataset = read(many_dumps_shapes.one_file_listed_often(20_000))
    assert len(dataset.snapshots) == 10_000 // len(HEAD)
    assert set(dataset.issues["reason"]) == {"is listed where another file was read: those bytes are read once"}


def test_what_a_tar_tells_about_all_files_is_not_copied_for_each() -> None:
    data = many_dumps_shapes.headers_for_all_files(20_000)
    stream = Stream(io.BytesIO(data), source="x.tar", limits=DEFAULT_LIMITS)
    first, *others = [len(info.pax_headers) for info, _ in tars._Files(stream)]
    assert first > 500
    assert others == [1] * len(others) != []


def test_a_path_for_all_files_of_a_tar_is_that_of_one() -> None:
    dataset = read(many_dumps_shapes.path_of_all_files(20_000))
    assert dataset.snapshots["source"].str.len().ge(1000).sum() <= 1
    assert len(dataset.snapshots) == 4


def test_a_tar_of_headers_about_headers_ends_early() -> None:
    with pytest.raises(SourceError, match="ends early"):
        read(many_dumps_shapes.headers_of_headers(2_000_000))


def test_the_series_of_a_folder_is_read_once_for_all_files_of_a_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_bytes(HEAD)
    (tmp_path / "series.json").write_text('{"service": "push", "snapshots": []}')
    asked = []

    def noting(folder: Path, name: str) -> bytes | None:
        asked.append(name)
        return read_small(folder, name)

    read_small = files._read_small
    monkeypatch.setattr(files, "_read_small", noting)
    assert read(str(tmp_path / "*.txt")).snapshots["service"].tolist() == ["push"] * 5
    assert asked.count("series.json") == 1


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
