"""debug=1 text (goroutine and goroutineleak) to columns: one entry per group.

    goroutine profile: total 288
    154 @ 0x48c18a 0x419bce 0x419712 0x68c428 0x493061
    # labels: {"client":"c-17", "role":"ack"}
    #	0x68c427	main.(*session).ackLoop+0x67	/srv/app/main.go:233

Printed by runtime/pprof/pprof.go, printCountProfile and printStackRecord, go1.11 to go1.27. A group is one
list of addresses and one label set, so the same stack may come in several groups. The form tells no state,
no ids, no creator, and not which frames are inlined.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from gostack_nb.errors import FormatError
from gostack_nb.formats.build import MAX_GOROUTINES, Entry, build_counted, build_stacks
from gostack_nb.formats.columns import Columns, Form, Issue
from gostack_nb.formats.frames import MAX_ISSUE_TEXT, UNKNOWN_INDEX, Frame
from gostack_nb.formats.grammar import COUNTED
from gostack_nb.formats.labels import NO_LABELS, parse_debug1_labels
from gostack_nb.formats.numbering import Numbering

# runtime/pprof/pprof.go, printCountProfile, for each group: `154 @ 0x48c18a 0x419bce 0x68c428 0x493061`
# A single address is runtime.goexit, which is never printed: a goroutine that has not begun has no frames.
_GROUP = re.compile(rb"(\d{1,9}) @(?: 0x[0-9a-f]+)?((?: 0x[0-9a-f]+)*+)\Z")

# printCountProfile and label.go, labelMap.String: `# labels: {"client":"c-17", "role":"ack"}`
_LABELS = b"# labels: "

# printStackRecord, for each frame: `#	0x68c427	main.(*session).ackLoop+0x67	/srv/app/main.go:233`, or
# `#	0x68c427` where the function is not known. One or more TABs align the columns (text/tabwriter).
# The first `+0x..` ends the function: a path may hold another one.
_FRAME = re.compile(
    rb"#[ \t]+(0x[0-9a-f]+)(?:[ \t]+(?>(\S.*?)\+0x[0-9a-f]+[ \t]+)(.*):(\d{1,9}))?\Z",
)

_NO_ADDRESS = b"0x0"  # the only line of a group without addresses [seen: go1.27.3, goroutineleak]
_HINT = "Hint: fetch /debug/pprof/goroutine?debug=1"


@dataclass(slots=True)
class _Group:
    """One group: where its first line stands, and which of the reader's frames are its stack."""

    line_index: int
    count: int
    expects_frames: bool
    start: int
    end: int = -1
    labels: int = UNKNOWN_INDEX


class _Problem(NamedTuple):
    reason: str
    line_index: int | None = None


def parse_debug1(text: bytes) -> Columns:
    """Parse one dump printed with debug=1.

    Parameters
    ----------
    text : bytes
        The dump, lines ended by LF; other lines may stand before, in and after it.

    Returns
    -------
    Columns
        One entry per group, `count` goroutines each; `state` is never known. A function that Go could
        not name is its address (`0x48e34a`). A sum of counts below the first line's total, or a group
        that ends too early, means truncated.

    Raises
    ------
    FormatError
        If there is no line `goroutine profile: total N` or `goroutineleak profile: total N`.
    """
    first = COUNTED.search(text)
    if first is None:
        msg = f"not a goroutine profile with debug=1 (starts with {text[:20]!r}). {_HINT}"
        raise FormatError(msg)
    lines = text[first.end() :].split(b"\n")
    reader = _Reader(lines)
    reader.read_groups()
    entries = reader.build_entries()
    cut = reader.check_end(entries, total=int(first["total"]))
    return build_counted(
        Form.DEBUG1 if first["name"] == b"goroutine" else Form.LEAK1,
        entries,
        stacks=build_stacks(reader.stacks, [_build_frame(*frame) for frame in reader.frames]),
        label_sets=reader.label_sets,
        issues=_place_problems(
            reader.problems, lines, line_number=text.count(b"\n", 0, first.start()) + 1, offset=first.end()
        ),
        truncated=cut,
        total=int(first["total"]),
    )


class _Reader:
    """Reads the lines after the first one.

    Each distinct line is parsed once. The frames of all groups stand in one list, a group knows its part.
    """

    def __init__(self, lines: Sequence[bytes]) -> None:
        self.lines = lines
        self.groups: list[_Group] = []
        self.problems: list[_Problem] = []
        self.frames = Numbering[tuple[bytes, bytes, bytes]]()  # function, file, line number
        self.stacks = Numbering[tuple[int, ...]]()
        self.label_sets = Numbering[str]()
        self.frame_of_line: dict[bytes, int] = {}
        self.labels_of_line: dict[bytes, int] = {}
        self.frame_list: list[int] = []
        self.closed_at: int | None = 0
        # A pipeline that doubles blank lines puts one after the first line, Go never does.
        self.blank_closes = bool(b"".join(lines[1:2]).strip())

    def read_groups(self) -> None:
        """Read all lines."""
        find_frame, add_frame = self.frame_of_line.get, self.frame_list.append
        for index, line in enumerate(self.lines):
            frame = find_frame(line)
            if frame is not None:
                add_frame(frame)
            elif line:
                self._read_new_line(index, line)
            elif self.blank_closes:
                self._close_group(index)
        self._close_group(len(self.lines))
        self._check_orphans()

    def build_entries(self) -> list[Entry]:
        """Return one entry per group; equal stacks have one number."""
        frames = self.frame_list
        return [
            Entry(group.count, self.stacks[tuple(frames[group.start : group.end])], labels=group.labels)
            for group in self.groups
        ]

    def check_end(self, entries: Sequence[Entry], *, total: int) -> bool:
        """Tell whether the dump was cut off; say so among the problems, and which groups have no stack."""
        last_line = len(self.lines) - 1
        cut = any(problem.line_index == last_line for problem in self.problems)
        for group in self.groups:
            if group.expects_frames and group.start == group.end:
                self.problems.append(_Problem("a group with addresses, but without frames", group.line_index))
                cut = cut or group is self.groups[-1]
        found = sum(entry.goroutine_count for entry in entries)
        if found != total:
            difference = f"{total - found} are missing" if found < total else f"{found - total} too many"
            reason = f"the first line says {total} goroutines, the groups hold {found}: {difference}"
            self.problems.append(_Problem(reason))
        return cut or found < total

    def _read_new_line(self, index: int, line: bytes) -> None:
        text = line.strip()
        if not text:
            if self.blank_closes:
                self._close_group(index)
        elif frame := _FRAME.match(text):
            self._read_frame(index, line, frame)
        elif group := _GROUP.match(text):
            self._open_group(index, int(group[1]), expects_frames=bool(group[2]))
        elif self.closed_at is None:
            self._read_labels(index, text)

    def _open_group(self, index: int, count: int, *, expects_frames: bool) -> None:
        self._close_group(index)
        self._check_orphans()
        if count > MAX_GOROUTINES:
            self.problems.append(_Problem("more goroutines in one group than can be true", index))
            return
        self.groups.append(_Group(index, count, expects_frames, start=len(self.frame_list)))
        self.closed_at = None

    def _close_group(self, index: int) -> None:
        if self.closed_at is None:
            self.groups[-1].end = len(self.frame_list)
            self.closed_at = index

    def _check_orphans(self) -> None:
        """Report frames between two groups: they belong to one whose first line can't be read."""
        read = self.groups[-1].end if self.groups else 0
        if self.closed_at is not None and len(self.frame_list) > read:
            self.problems.append(_Problem("frames of a group whose first line is missing", self.closed_at + 1))

    def _read_frame(self, index: int, line: bytes, match: re.Match[bytes]) -> None:
        """Add the frame of a line not seen before: `#	0x68c427	main.f+0x67	/srv/app/main.go:233`."""
        address, function, file, line_number = match.groups()
        if function is not None:
            number = self.frames[function, file, line_number]
        elif address == _NO_ADDRESS:
            return
        elif index == len(self.lines) - 1:
            self.problems.append(_Problem("cut off after the address", index))
            return
        else:
            number = self.frames[address, b"", b"0"]
        self.frame_of_line[line] = number
        self.frame_list.append(number)

    def _read_labels(self, index: int, text: bytes) -> None:
        """Read the label line of a group; any other line here is a problem."""
        known = self.labels_of_line.get(text)
        if known is None:
            labels = parse_debug1_labels(text.removeprefix(_LABELS)) if text.startswith(_LABELS) else None
            if labels is None:
                self.problems.append(_Problem("not a line of a goroutine profile", index))
                return
            known = self.labels_of_line[text] = UNKNOWN_INDEX if labels == NO_LABELS else self.label_sets[labels]
        self.groups[-1].labels = known


def _place_problems(
    problems: Sequence[_Problem], lines: Sequence[bytes], *, line_number: int, offset: int
) -> list[Issue]:
    """Turn problems into issues; `line_number` and `offset` say where `lines[0]` stands in the text."""
    if not problems:
        return []
    offsets = list(accumulate((len(line) + 1 for line in lines), initial=offset))
    return [
        Issue(reason)
        if index is None
        else Issue(reason, line_number + index, offsets[index], _text(lines[index][:MAX_ISSUE_TEXT])[:MAX_ISSUE_TEXT])
        for reason, index in problems
    ]


def _build_frame(function: bytes, file: bytes, line_number: bytes) -> Frame:
    return Frame(_text(function), _text(file), int(line_number))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
