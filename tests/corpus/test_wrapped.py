"""A dump that went through a log pipeline or copy-paste holds the same goroutines as its original."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.frames import Frame
from gostack_nb.formats.registry import parse_dumps
from tests.corpus.files import DUMPS, content, dumps_in

WRAPPED = sorted(path for path in dumps_in(DUMPS / "wrapped") if ".ORIGINAL." not in path.name)
CUT = ("cut-head", "cut-mid-line")


@dataclass(frozen=True, slots=True)
class Goroutine:
    """All that the columns say of one goroutine."""

    number: int
    state: str
    wait_minutes: int
    marks: int
    labels: str
    frames: tuple[Frame, ...]
    creator: Frame | None
    creator_id: int


def _goroutines(dump: Columns) -> list[Goroutine]:
    return [
        Goroutine(
            number=int(dump.goroutine_id[row]),
            state=dump.states[dump.state[row]],
            wait_minutes=int(dump.wait_minutes[row]),
            marks=int(dump.marks[row]),
            labels=dump.label_sets[dump.labels[row]] if dump.labels[row] >= 0 else "",
            frames=dump.stacks[dump.stack[row]].frames,
            creator=dump.stacks[dump.stack[row]].creator,
            creator_id=int(dump.creator_id[row]),
        )
        for row in range(len(dump.goroutine_id))
    ]


def _original(path: Path) -> Columns:
    [dump] = parse_dumps(content(path.parent / f"{path.name.split('.')[0]}.ORIGINAL.txt"))
    return dump


def _is(path: Path, *variants: str) -> bool:
    return path.name.split(".")[1] in variants


@pytest.mark.parametrize(
    "path", [path for path in WRAPPED if not _is(path, *CUT, "windows-paths")], ids=lambda path: path.name
)
def test_nothing_is_lost_or_changed(path: Path) -> None:
    [dump] = parse_dumps(content(path))
    original = _original(path)
    assert _goroutines(dump) == _goroutines(original)
    assert (dump.form, dump.truncated) == (original.form, original.truncated)


@pytest.mark.parametrize(
    "path", [p for p in WRAPPED if not _is(p, *CUT, "interleaved-log-lines")], ids=lambda path: path.name
)
def test_no_false_alarm(path: Path) -> None:
    [dump] = parse_dumps(content(path))
    assert dump.issues == ()


@pytest.mark.parametrize("path", [path for path in WRAPPED if _is(path, "windows-paths")], ids=lambda path: path.name)
def test_windows_paths_are_kept_whole(path: Path) -> None:
    [dump] = parse_dumps(content(path))
    original = _original(path)
    assert [(g.number, g.state, g.creator_id, len(g.frames)) for g in _goroutines(dump)] == [
        (g.number, g.state, g.creator_id, len(g.frames)) for g in _goroutines(original)
    ]
    pairs = [
        (ours, theirs)
        for mine, other in zip(_goroutines(dump), _goroutines(original), strict=True)
        for ours, theirs in zip(mine.frames, other.frames, strict=True)
    ]
    for ours, theirs in pairs:
        assert (ours.function, ours.line) == (theirs.function, theirs.line)
        assert ours.file.startswith("C:/"), ours
        assert ours.file.rsplit("/", 1)[1] == theirs.file.rsplit("/", 1)[1]


@pytest.mark.parametrize("path", [path for path in WRAPPED if _is(path, *CUT)], ids=lambda path: path.name)
def test_what_was_cut_is_an_issue(path: Path) -> None:
    """Complete goroutines are as in the original; the one that was cut is told of."""
    [dump] = parse_dumps(content(path))
    original = {goroutine.number: goroutine for goroutine in _goroutines(_original(path))}
    mine = _goroutines(dump)
    cut_behind = _is(path, "cut-mid-line")
    assert dump.truncated is cut_behind
    assert len(dump.issues) == 1
    for goroutine in mine[:-1] if cut_behind else mine:
        assert goroutine == original[goroutine.number]
    if cut_behind:
        last, whole = mine[-1], original[mine[-1].number]
        assert (last.state, last.marks) == (whole.state, whole.marks)
        assert last.frames[:-1] == whole.frames[: len(last.frames) - 1]


@pytest.mark.parametrize("path", [p for p in WRAPPED if _is(p, "interleaved-log-lines")], ids=lambda path: path.name)
def test_lines_of_a_log_between_frames_are_issues_at_their_place(path: Path) -> None:
    data = content(path)
    [dump] = parse_dumps(data)
    lines = data.split(b"\n")
    for issue in dump.issues:
        assert issue.line_number is not None
        assert lines[issue.line_number - 1][:200].decode() == issue.text
        assert issue.byte_offset == sum(len(line) + 1 for line in lines[: issue.line_number - 1])
        assert issue.text.startswith("2026/11/23 09:10:45 ")
