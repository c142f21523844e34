"""pprof protobuf (debug=0), uncompressed, to columns: one entry per sample.

The messages are those of google/pprof proto/profile.proto, as runtime/pprof/proto.go writes them
(go1.11 to go1.27): samples and locations come first, the string table last, so the whole message is
read before anything is named. Unknown fields are skipped; repeated numbers may be packed or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice

from gostack_nb.errors import FormatError
from gostack_nb.formats.build import MAX_GOROUTINES, Entry, build_counted, build_stacks
from gostack_nb.formats.columns import Columns, Form, Issue
from gostack_nb.formats.frames import MAX_ISSUE_TEXT, UNKNOWN_INDEX, Frame
from gostack_nb.formats.labels import canonical_labels, label_text
from gostack_nb.formats.names import MAX_NAME, kept_function, without_middle
from gostack_nb.formats.numbering import Numbering
from gostack_nb.formats.protobuf import fields_of, number_fields, signed, unpacked
from gostack_nb.formats.wait_reason import infer_state, is_nil_channel

_FORMS = {"goroutine": Form.DEBUG0, "goroutineleak": Form.LEAK0}
_OTHER_PROFILES = (  # a sample type that tells it (runtime/pprof/pprof.go, protomem.go, proto.go)
    ("inuse_space", "a heap profile"),
    ("cpu", "a CPU profile"),
    ("contentions", "a mutex or block profile"),
    ("threadcreate", "a profile of thread creations"),
)
_HINT = "Hint: fetch /debug/pprof/goroutine"
_LEAF_FRAMES = 16  # enough of a stack to infer its state, and to tell it from others
MAX_DEPTH = 2_000
"""Frames of one stack that are kept: Go records 128 calls, at most 1,024 (GODEBUG=profstackdepth)."""

TEXT_PER_BYTE, FRAMES_PER_BYTE = 32, 2
"""All is named by its number: a few bytes can say megabytes. Go's own label texts and stacks tell less per byte."""

ALWAYS_TEXT, ALWAYS_FRAMES = 1 << 20, 1 << 16
"""So many characters of labels and frames are believed however short the profile is: an archive holds many."""

_SHORT_TEXT = 64
_CUT_NAMES = f"functions or files of more than {MAX_NAME:,} characters: the middle of their names is left out"
_CUT_LABELS = f"label texts are cut at {_SHORT_TEXT} characters: the profile repeats long ones more often than Go does"
_CUT_STACKS = f"stacks are cut at {_LEAF_FRAMES} frames from the leaf: the profile tells more frames than Go does"

_MAX_LINE = 2**31 - 1

_SAMPLE_TYPE_TAG, _TIME_NANOS_TAG, _PERIOD_TYPE_TAG = b"\x0a", b"\x48", b"\x5a"
_VALUE_TYPE_TAGS = b"\x08\x10"
_MAX_VALUE_TYPE_BYTES = 22


@dataclass(slots=True)
class _Profile:
    """The fields of message Profile that matter here, sub-messages still as bytes."""

    sample_types: list[bytes] = field(default_factory=list)
    samples: list[bytes] = field(default_factory=list)
    locations: list[bytes] = field(default_factory=list)
    functions: list[bytes] = field(default_factory=list)
    strings: list[bytes] = field(default_factory=list)
    time_nanos: int = 0
    size: int = 0  # bytes of the whole

    def string(self, index: int) -> bytes:
        """Return a string; the string table comes last, so a missing one means that the profile was cut."""
        if not 0 <= index < len(self.strings):
            msg = (
                f"not a whole pprof profile: string {index} of {len(self.strings)} is missing "
                f"(the file was cut off: all names are at its end). {_HINT} again"
            )
            raise FormatError(msg)
        return self.strings[index]

    def short_text(self, index: int) -> str:
        """Return the beginning of a string: all of a kind or unit of Go's."""
        return label_text(self.string(index)[: 4 * _SHORT_TEXT])[:_SHORT_TEXT]


@dataclass(frozen=True, slots=True)
class _Cuts:
    """What is cut: all label texts or none, all stacks or none, so that equal ones stay equal."""

    labels: bool = False
    stacks: bool = False


@dataclass(frozen=True, slots=True)
class _Location:
    """The numbers of a location's frames, innermost first, and what infers a state from them."""

    frames: tuple[int, ...]
    functions: tuple[str, ...]
    nil_channel: bool


def looks_like_profile(data: bytes) -> bool:
    r"""Tell from the first bytes whether this is an uncompressed pprof protobuf of any kind.

    It begins with period_type (Go's goroutine, heap and block profiles), sample_type (everything that writes
    fields in order, such as `go tool pprof -proto`), or the time, nine bytes long (Go's CPU profile).

    Examples
    --------
    >>> looks_like_profile(b"\x5a\x04\x08\x01\x10\x02\x60\x01")
    True
    >>> looks_like_profile(b"goroutine profile: total 12")
    False
    """
    head = data[:10]
    if head[:1] in {_SAMPLE_TYPE_TAG, _PERIOD_TYPE_TAG}:
        return len(head) > 2 and head[1] <= _MAX_VALUE_TYPE_BYTES and head[2] in _VALUE_TYPE_TAGS
    return len(head) == 10 and head[:1] == _TIME_NANOS_TAG and min(head[1:9]) >= 0x80 > head[9]


def parse_profile(data: bytes) -> Columns:
    """Parse an uncompressed pprof protobuf of the goroutine or goroutineleak profile.

    Parameters
    ----------
    data : bytes
        One message Profile, after gunzip.

    Returns
    -------
    Columns
        One entry per sample; `state` is inferred from the runtime's functions. Entries of a difference
        (`?seconds=N`) that went away are issues, not rows.

    Raises
    ------
    FormatError
        If the bytes are no pprof profile, another profile than these two, or cut off.
    """
    profile = _decode_profile(data)
    form, value_index = _find_form(profile)
    reader = _Reader(profile, _Cuts())
    columns = reader.read(form, value_index)
    needed = reader.needed_cuts()
    return columns if needed == _Cuts() else _Reader(profile, needed).read(form, value_index)


def _decode_profile(data: bytes) -> _Profile:
    profile = _Profile(size=len(data))
    messages = {
        1: profile.sample_types,
        2: profile.samples,
        4: profile.locations,
        5: profile.functions,
        6: profile.strings,
    }
    for number, value in fields_of(data):
        if isinstance(value, bytes):
            if number in messages:
                messages[number].append(value)
        elif number == 9:
            profile.time_nanos = signed(value)
    if not profile.sample_types:
        msg = f"not a pprof profile (starts with {data[:20]!r}, holds no sample type). {_HINT}"
        raise FormatError(msg)
    return profile


def _find_form(profile: _Profile) -> tuple[Form, int]:
    """Return the form and which value of each sample counts the goroutines."""
    types = [number_fields(message) for message in profile.sample_types]
    names = [profile.short_text(fields.get(1, 0)) for fields in types]
    for index, (name, fields) in enumerate(zip(names, types, strict=True)):
        if name in _FORMS and profile.short_text(fields.get(2, 0)) == "count":
            return _FORMS[name], index
    kind = next((f": {kind}" for name, kind in _OTHER_PROFILES if name in names), "")
    msg = f"not a goroutine profile (it holds {', '.join(map(_shown, names[:8]))}{kind}). {_HINT}"
    raise FormatError(msg)


def _shown(name: str) -> str:
    return name.encode("unicode_escape").decode()[:_SHORT_TEXT]


class _Reader:
    """Names the samples of a decoded profile."""

    def __init__(self, profile: _Profile, cuts: _Cuts) -> None:
        self.profile = profile
        self.cuts = cuts
        self.text_left = ALWAYS_TEXT + TEXT_PER_BYTE * profile.size
        self.frames_left = ALWAYS_FRAMES + FRAMES_PER_BYTE * profile.size
        self.frames = Numbering[Frame]()
        self.stacks = Numbering[tuple[int, ...]]()
        self.states = Numbering[str]()
        self.label_sets = Numbering[str]()
        self.issues: list[Issue] = []
        self.stack_of_locations: dict[tuple[int, ...], tuple[int, int]] = {}
        self.labels_of_messages: dict[tuple[bytes, ...], int] = {}
        self.functions = self._read_functions()
        self.locations = self._read_locations()

    def read(self, form: Form, value_index: int) -> Columns:
        entries = [
            entry for message in self.profile.samples if (entry := self._read_sample(message, value_index)) is not None
        ]
        if self.cuts.labels:
            self.issues.append(Issue(_CUT_LABELS))
        if self.cuts.stacks:
            self.issues.append(Issue(_CUT_STACKS))
        return build_counted(
            form,
            entries,
            stacks=build_stacks(self.stacks, self.frames),
            states=self.states,
            label_sets=self.label_sets,
            issues=self.issues,
            captured_at_ns=self.profile.time_nanos if self.profile.time_nanos > 0 else None,
        )

    def needed_cuts(self) -> _Cuts:
        """Return what must be cut, all of it: more was told than is believed."""
        return _Cuts(labels=self.text_left < 0, stacks=self.frames_left < 0)

    def _read_functions(self) -> dict[int, tuple[str, str, int]]:
        """Map function id to name, file and the line of its `func`; a string that many share is read once."""
        functions = {}
        name_at, file_at = cache(self._name), cache(self._file)
        for message in self.profile.functions:
            fields = number_fields(message)
            name, file = name_at(fields.get(2, 0)), file_at(fields.get(4, 0))
            functions[fields.get(1, 0)] = (name, file, fields.get(5, 0))
        return functions

    def _name(self, index: int) -> str:
        return self._kept(kept_function(label_text(self.profile.string(index))))

    def _file(self, index: int) -> str:
        return self._kept(label_text(self.profile.string(index)))

    def _kept(self, name: str) -> str:
        if len(name) > MAX_NAME and not self.issues:
            self.issues.append(Issue(_CUT_NAMES, text=name[:MAX_ISSUE_TEXT]))
        return without_middle(name)

    def _read_locations(self) -> dict[int, _Location]:
        locations = {}
        for message in self.profile.locations:
            identifier = address = 0
            lines = []
            for number, value in fields_of(message):
                if isinstance(value, bytes):
                    if number == 4:
                        lines.append(number_fields(value))
                elif number == 1:
                    identifier = value
                elif number == 3:
                    address = value
            locations[identifier] = self._build_location(address, lines)
        return locations

    def _build_location(self, address: int, lines: list[dict[int, int]]) -> _Location:
        """Name the frames of a location; one without a known function is named by its address."""
        frames, nil_channel = [], False
        for position, fields in enumerate(lines or [{}], 1):
            name, file, start_line = self.functions.get(fields.get(1, 0), ("", "", 0))
            line = fields.get(2, 0)
            line = line if line <= _MAX_LINE else 0
            frames.append(Frame(name or hex(address), file, line, inlined=position < len(lines)))
            nil_channel = nil_channel or is_nil_channel(name, line, start_line)
        names = tuple([frame.function for frame in frames])
        return _Location(tuple([self.frames[frame] for frame in frames]), names, nil_channel)

    def _read_sample(self, message: bytes, value_index: int) -> Entry | None:
        """Return a sample's entry; None, and an issue, if it can't be rows."""
        location_ids: list[int] = []
        values: list[int] = []
        labels: list[bytes] = []
        for number, value in fields_of(message):
            if number == 3 and isinstance(value, bytes):
                labels.append(value)
            elif number in {1, 2}:
                numbers = location_ids if number == 1 else values
                numbers.extend(unpacked(value) if isinstance(value, bytes) else (value,))
        count = signed(values[value_index]) if value_index < len(values) else 0
        if 0 < count <= MAX_GOROUTINES:
            stack, state = self._find_stack(tuple(location_ids))
            return Entry(count, stack, state, self._find_labels(tuple(labels)))
        if count:
            self._report_count(count, location_ids)
        return None

    def _find_stack(self, location_ids: tuple[int, ...]) -> tuple[int, int]:
        """Return the numbers of the stack and of the state at these locations."""
        known = self.stack_of_locations.get(location_ids)
        if known is not None:
            return known
        locations = [self.locations[number] for number in location_ids if number in self.locations]
        if len(locations) < len(location_ids):
            self.issues.append(Issue("a sample names a location that the profile does not hold"))
        depth = _LEAF_FRAMES if self.cuts.stacks or self.frames_left < 0 else MAX_DEPTH
        frames = tuple(islice(chain.from_iterable([at.frames for at in locations]), depth + 1))
        if len(frames) > MAX_DEPTH:
            self.issues.append(Issue(f"a stack of more than {MAX_DEPTH} frames: the others are left out"))
        self.frames_left -= len(frames)
        stack = self.stacks[frames[:depth]]
        state = infer_state(
            _leaf_functions(locations), nil_channel=any(at.nil_channel for at in locations[:_LEAF_FRAMES])
        )
        found = stack, UNKNOWN_INDEX if state is None else self.states[state]
        self.stack_of_locations[location_ids] = found
        return found

    def _find_labels(self, messages: tuple[bytes, ...]) -> int:
        """Return the number of the label set that these messages Label spell."""
        if not messages:
            return UNKNOWN_INDEX
        known = self.labels_of_messages.get(messages)
        if known is None:
            known = self.label_sets[canonical_labels([self._read_label(message) for message in messages])]
            self.labels_of_messages[messages] = known
        return known

    def _read_label(self, message: bytes) -> tuple[str, str]:
        """Return key and value; an empty string has no field, a number may have a unit (Go writes none)."""
        fields = number_fields(message)
        key, value = self._label_text(fields.get(1, 0)), self._label_text(fields.get(2, 0))
        if 3 in fields:
            value = f"{signed(fields[3])} {self._label_text(fields.get(4, 0))}".rstrip()
        return key, value

    def _label_text(self, index: int) -> str:
        raw = self.profile.string(index)
        self.text_left -= len(raw)
        return self.profile.short_text(index) if self.cuts.labels or self.text_left < 0 else label_text(raw)

    def _report_count(self, count: int, location_ids: Sequence[int]) -> None:
        reason = (
            f"{-count} goroutines went away on this stack: a difference of two profiles holds no rows for them"
            if count < 0
            else f"{count} goroutines on one stack are more than can be true"
        )
        known = [self.locations[number] for number in location_ids if number in self.locations]
        text = " < ".join(_leaf_functions(known))
        self.issues.append(Issue(reason, text=text[:MAX_ISSUE_TEXT]))


def _leaf_functions(locations: Sequence[_Location]) -> list[str]:
    return list(islice(chain.from_iterable([at.functions for at in locations]), _LEAF_FRAMES))
