"""pprof protobuf, made by an encoder of a few lines, by real servers, and read by Go's own pprof."""

import gzip
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gostack_nb.errors import FormatError
from gostack_nb.formats import profile_proto
from gostack_nb.formats.build import MAX_GOROUTINES
from gostack_nb.formats.columns import Columns, Form
from gostack_nb.formats.frames import UNKNOWN_INDEX, UNKNOWN_NUMBER, Frame, Mark
from gostack_nb.formats.labels import canonical_labels, label_text
from gostack_nb.formats.names import MAX_NAME
from gostack_nb.formats.profile_proto import MAX_DEPTH, looks_like_profile, parse_profile
from tests.conftest import Builder

TESTS = Path(__file__).parents[2]
DUMPS = TESTS / "corpus" / "dumps"
PROFILES = sorted([*(TESTS.parent / "data" / "push-incident").glob("*/*.pb.gz"), *DUMPS.glob("**/*.pb.gz")])
TEXTS = sorted(DUMPS.glob("**/*.txt"))

PARK = Frame("runtime.gopark", "/usr/local/go/src/runtime/proc.go", 474)
RECEIVE = Frame("runtime.chanrecv", "/usr/local/go/src/runtime/chan.go", 667)
INNER = Frame("main.(*session).next", "/srv/app/main.go", 240, inlined=True)
ACK_LOOP = Frame("main.(*session).ackLoop", "/srv/app/main.go", 233)


@dataclass(frozen=True)
class Sample:
    """`stack` is one tuple of frames per location: all but the last of each are inlined."""

    count: int
    stack: tuple[tuple[Frame, ...], ...] = ()
    labels: tuple[tuple[bytes, bytes], ...] = ()


@dataclass
class Encoder:
    """Writes a profile as runtime/pprof/proto.go does."""

    packed: bool = True
    strings: dict[bytes, int] = field(default_factory=lambda: {b"": 0})
    functions: dict[tuple[str, str], int] = field(default_factory=dict)
    locations: dict[tuple[Frame, ...], int] = field(default_factory=dict)
    out: list[bytes] = field(default_factory=list)

    def string(self, text: str | bytes) -> int:
        raw = text.encode() if isinstance(text, str) else text
        return self.strings.setdefault(raw, len(self.strings))

    def value_type(self, name: str, unit: str) -> bytes:
        return number(1, self.string(name)) + number(2, self.string(unit))

    def function(self, frame: Frame) -> int:
        key = frame.function, frame.file
        if key not in self.functions:
            self.functions[key] = len(self.functions) + 1
            name, file = self.string(frame.function), self.string(frame.file)
            content = number(1, self.functions[key]) + number(2, name) + number(3, name) + number(4, file)
            self.out.append(message(5, content))
        return self.functions[key]

    def location(self, frames: tuple[Frame, ...]) -> int:
        if frames not in self.locations:
            self.locations[frames] = len(self.locations) + 1
            lines = [number(1, self.function(frame)) + number(2, frame.line) for frame in frames]
            content = number(1, self.locations[frames]) + number(3, 0x48E34A)
            self.out.append(message(4, content + b"".join(message(4, line) for line in lines)))
        return self.locations[frames]

    def numbers(self, tag: int, values: Sequence[int]) -> bytes:
        if self.packed:
            return message(tag, b"".join(map(varint, values)))
        return b"".join(varint(tag << 3) + varint(value) for value in values)

    def sample(self, sample: Sample) -> None:
        content = self.numbers(2, [sample.count])
        content += self.numbers(1, [self.location(frames) for frames in sample.stack])
        for key, value in sample.labels:
            content += message(3, number(1, self.string(key)) + number(2, self.string(value)))
        self.out.append(message(2, content))

    def finish(self, time_nanos: int = 0) -> bytes:
        self.out.append(number(9, time_nanos))
        self.out.append(message(3, number(1, 1) + number(5, self.string("/srv/app/server"))))
        self.out += [message(6, text) for text in self.strings]
        return b"".join(self.out)


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def number(tag: int, value: int) -> bytes:
    """Encode a number; zero has no field (proto.go, int64Opt)."""
    return varint(tag << 3) + varint(value) if value else b""


def message(tag: int, content: bytes) -> bytes:
    return varint(tag << 3 | 2) + varint(len(content)) + content


def encode(samples: Iterable[Sample], *, name: str = "goroutine", packed: bool = True, time_nanos: int = 0) -> bytes:
    encoder = Encoder(packed)
    encoder.out.append(message(11, encoder.value_type(name, "count")))
    encoder.out.append(number(12, 1))
    encoder.out.append(message(1, encoder.value_type(name, "count")))
    for sample in samples:
        encoder.sample(sample)
    return encoder.finish(time_nanos)


def encode_types(*types: tuple[str, str]) -> bytes:
    encoder = Encoder()
    encoder.out += [message(1, encoder.value_type(name, unit)) for name, unit in types]
    return encoder.finish()


Row = tuple[int, str | None, tuple[Frame, ...]]


def rows(columns: Columns) -> list[Row]:
    """Return count, labels and frames of every entry."""
    assert columns.count is not None
    return [
        (
            int(count),
            None if labels == UNKNOWN_INDEX else columns.label_sets[labels],
            columns.stacks[stack].frames,
        )
        for count, labels, stack in zip(columns.count, columns.labels, columns.stack, strict=True)
    ]


WAITING = Sample(154, ((PARK,), (RECEIVE,), (INNER, ACK_LOOP)))
LABELLED = Sample(7, WAITING.stack, ((b"role", b"ack"), (b"", b"empty key"), (b"bad", b"\xff"), (b"none", b"")))
IDLE = Sample(1)


@pytest.mark.parametrize("packed", [True, False])
def test_samples_become_entries(*, packed: bool) -> None:
    columns = parse_profile(encode([WAITING, LABELLED, IDLE], packed=packed, time_nanos=1_795_424_000_123_456_789))
    frames = (PARK, RECEIVE, INNER, ACK_LOOP)
    labels = '{"":"empty key","bad":"\\\\xff","none":"","role":"ack"}'
    assert rows(columns) == [(154, None, frames), (7, labels, frames), (1, None, ())]
    assert columns.stack.tolist() == [0, 0, 1]
    assert columns.states == ("chan receive",)
    assert columns.state.tolist() == [0, 0, UNKNOWN_INDEX]
    assert columns.captured_at_ns == 1_795_424_000_123_456_789
    assert (columns.form, columns.issues, columns.truncated) == (Form.DEBUG0, (), False)


def test_what_the_form_does_not_tell_is_unknown() -> None:
    columns = parse_profile(encode([WAITING]))
    for numbers in (columns.goroutine_id, columns.wait_minutes, columns.bubble, columns.creator_id):
        assert set(numbers) == {UNKNOWN_NUMBER}
    assert (set(columns.marks), columns.marks_told) == ({0}, Mark(0))
    assert (columns.total, columns.captured_at_ns) == (None, None)


def test_a_leak_profile_holds_leaked_goroutines_only() -> None:
    columns = parse_profile(encode([WAITING], name="goroutineleak"))
    assert columns.form is Form.LEAK0
    assert (set(columns.marks), columns.marks_told) == ({Mark.LEAKED}, Mark.LEAKED)


def test_equal_stacks_at_different_locations_are_one_stack() -> None:
    split = Sample(3, ((PARK,), (RECEIVE,), (Frame(INNER.function, INNER.file, INNER.line),), (ACK_LOOP,)))
    columns = parse_profile(encode([WAITING, split, Sample(2, WAITING.stack, ((b"a", b"b"),))]))
    assert columns.stack.tolist() == [0, 1, 0]


def test_a_nil_channel_is_told_by_its_line() -> None:
    encoder = Encoder()
    encoder.out.append(message(1, encoder.value_type("goroutine", "count")))
    name = encoder.string("runtime.chanrecv")
    encoder.out.append(message(5, number(1, 9) + number(2, name) + number(5, 524)))
    park = encoder.location((PARK,))
    for identifier, line in ((7, 536), (8, 667)):
        content = number(1, identifier) + message(4, number(1, 9) + number(2, line))
        encoder.out.append(message(4, content))
        encoder.out.append(message(2, encoder.numbers(1, [park, identifier]) + encoder.numbers(2, [1])))
    columns = parse_profile(encoder.finish())
    assert [columns.states[state] for state in columns.state] == ["chan receive (nil chan)", "chan receive"]


def test_what_went_away_between_two_profiles_is_an_issue() -> None:
    columns = parse_profile(encode([Sample(-3, WAITING.stack), Sample(7, WAITING.stack)]))
    assert [count for count, _, _ in rows(columns)] == [7]
    (issue,) = columns.issues
    assert issue.reason.startswith("3 goroutines went away on this stack: a difference of two profiles holds no rows")
    assert issue.text == "runtime.gopark < runtime.chanrecv < main.(*session).next < main.(*session).ackLoop"


def test_more_goroutines_than_can_be_true_are_no_rows() -> None:
    columns = parse_profile(encode([Sample(MAX_GOROUTINES + 1), Sample(2**63 - 1), IDLE]))
    assert [count for count, _, _ in rows(columns)] == [1]
    assert len(columns.issues) == 2


def test_a_stack_deeper_than_go_records_is_cut() -> None:
    columns = parse_profile(encode([Sample(1, ((PARK,),) * (MAX_DEPTH + 1))]))
    assert len(columns.stacks[0].frames) == MAX_DEPTH
    assert len(columns.issues) == 1


def functions_of(*frames: Frame) -> tuple[list[Frame], list[str]]:
    """Return the frames as they are read, and what is told about them."""
    columns = parse_profile(encode([Sample(1, tuple((frame,) for frame in frames))]))
    ((_, _, read),) = rows(columns)
    return list(read), [issue.reason for issue in columns.issues]


SHAPE = "go.shape.struct {{ {} }}".format(
    "; ".join(
        f'Field{number} string "json:\\"field_{number},omitempty\\" yaml:\\"field_{number}\\""' for number in range(20)
    )
)
LEFT_OUT = "functions or files of more than 1,000 characters: the middle of their names is left out"


def test_long_type_arguments_are_shortened_as_the_text_forms_do() -> None:
    assert len(SHAPE) > MAX_NAME
    names = ["cache.(*Pool[{}]).Run", "cache.(*Pool[{}]).Run.func1", "cache.(*Pool[{}]).Close", "cache.Map[{}].On[{}]"]
    read, issues = functions_of(*(Frame(name.replace("{}", SHAPE), "/srv/cache.go", 7) for name in names))
    assert [frame.function for frame in read] == [name.replace("{}", "...") for name in names]
    assert issues == []


@pytest.mark.parametrize("size", [MAX_NAME - 1, MAX_NAME])
def test_a_name_that_is_short_enough_keeps_its_type_arguments(size: int) -> None:
    name = "main.Map[go.shape.struct { A int }].Get".ljust(size, "x")
    assert functions_of(Frame(name, "/a.go", 7)) == ([Frame(name, "/a.go", 7)], [])


def test_a_long_name_loses_its_middle_and_one_issue_says_so() -> None:
    unpaired = SHAPE.replace("json", "[", 1)
    methods = "Run", "Close"
    read, issues = functions_of(
        *(Frame(f"cache.(*Pool[{unpaired}]).{method}", f"/srv{'/a' * 900}/{method}.go", 7) for method in methods)
    )
    for frame, method in zip(read, methods, strict=True):
        assert (frame.function[:13], frame.function[-7:]) == ("cache.(*Pool[", f"}}]).{method}"[-7:])
        assert (frame.file[:6], frame.file[-10:]) == ("/srv/a", f"/a/a/{method}.go"[-10:])
    assert {len(name) for frame in read for name in (frame.function, frame.file)} == {MAX_NAME}
    assert issues == [LEFT_OUT]


def test_brackets_of_a_long_file_are_no_type_arguments() -> None:
    file = f"/srv/[{'a' * 2000}]/main.go"
    (frame,), issues = functions_of(Frame("main.f", file, 7))
    assert (frame.file[:8], frame.file[-9:], issues) == ("/srv/[aa", "]/main.go", [LEFT_OUT])


def values_of_shared_label(value: str, label_sets: int) -> tuple[set[str], list[str]]:
    """Return what is read for a value that many label sets share, and what is told about it."""
    labelled = (((b"query", value.encode()), (b"id", b"%d" % number)) for number in range(label_sets))
    columns = parse_profile(encode([Sample(1, WAITING.stack, labels) for labels in labelled]))
    assert len(columns.label_sets) == label_sets
    return {json.loads(text)["query"] for text in columns.label_sets}, [issue.reason for issue in columns.issues]


def test_a_long_label_that_many_share_is_whole_where_go_might_write_it() -> None:
    assert values_of_shared_label("SELECT " * 100, 20_000) == ({"SELECT " * 100}, [])


@pytest.mark.parametrize("letter", ["k", "é", "\N{GRINNING FACE}"])
def test_a_label_is_cut_everywhere_if_the_profile_tells_more_than_is_believed(letter: str) -> None:
    values, issues = values_of_shared_label(letter * 10_000, 1_000)
    assert values == {letter * 64}
    assert issues == ["label texts are cut at 64 characters: the profile repeats long ones more often than Go does"]


def test_issues_are_told_once_if_the_profile_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_proto, "ALWAYS_TEXT", -(1 << 20))
    columns = parse_profile(encode([Sample(-1, WAITING.stack), LABELLED]))
    assert [issue.reason.split(":")[0] for issue in columns.issues] == [
        "1 goroutines went away on this stack",
        "label texts are cut at 64 characters",
    ]
    assert [row[:2] for row in rows(columns)] == [(7, _labels(LABELLED))]


def test_stacks_are_cut_everywhere_if_the_profile_tells_more_than_is_believed() -> None:
    deep = (tuple(Frame(f"main.f{number}", "/a.go", number) for number in range(1_000)),)
    columns = parse_profile(encode(Sample(1, ((Frame(f"main.g{number}"),), *deep)) for number in range(300)))
    assert {len(frames) for _, _, frames in rows(columns)} == {16}
    assert len(columns.stacks) == 300
    assert [issue.reason for issue in columns.issues] == [
        "stacks are cut at 16 frames from the leaf: the profile tells more frames than Go does"
    ]


def test_a_few_deep_stacks_are_whole() -> None:
    deep = (tuple(Frame(f"main.f{number}", "/a.go", number) for number in range(1_000)),)
    columns = parse_profile(encode(Sample(1, ((Frame(f"main.g{number}"),), *deep)) for number in range(30)))
    assert {len(frames) for _, _, frames in rows(columns)} == {1_001}
    assert columns.issues == ()


def test_a_location_without_a_function_is_named_by_its_address() -> None:
    encoder = Encoder()
    encoder.out.append(message(1, encoder.value_type("goroutine", "count")))
    encoder.out.append(message(4, number(1, 1) + number(3, 0x48E34A)))
    encoder.out.append(message(2, encoder.numbers(1, [1, 2]) + encoder.numbers(2, [4])))
    columns = parse_profile(encoder.finish())
    assert rows(columns) == [(4, None, (Frame("0x48e34a"),))]
    assert [issue.reason for issue in columns.issues] == ["a sample names a location that the profile does not hold"]


def test_numeric_labels_are_decimal_text_with_their_unit() -> None:
    encoder = Encoder()
    encoder.out.append(message(1, encoder.value_type("goroutine", "count")))
    size = number(1, encoder.string("size")) + number(3, -4096) + number(4, encoder.string("bytes"))
    tries = number(1, encoder.string("tries")) + number(3, 3)
    encoder.out.append(message(2, encoder.numbers(2, [1]) + message(3, size) + message(3, tries)))
    assert parse_profile(encoder.finish()).label_sets == ('{"size":"-4096 bytes","tries":"3"}',)


def test_unknown_fields_are_skipped() -> None:
    extra = number(99, 5) + message(98, b"\xff" * 9) + varint(97 << 3 | 1) + b"8bytes!!" + varint(96 << 3 | 5) + b"four"
    assert rows(parse_profile(extra + encode([WAITING]) + extra)) == rows(parse_profile(encode([WAITING])))


def test_the_goroutine_values_are_found_among_others() -> None:
    encoder = Encoder()
    encoder.out.append(message(1, encoder.value_type("other", "bytes")))
    encoder.out.append(message(1, encoder.value_type("goroutine", "count")))
    encoder.out.append(message(2, encoder.numbers(2, [1000, 5])))
    assert rows(parse_profile(encoder.finish())) == [(5, None, ())]


@pytest.mark.parametrize(
    ("types", "message_part"),
    [
        (
            (
                ("alloc_objects", "count"),
                ("alloc_space", "bytes"),
                ("inuse_objects", "count"),
                ("inuse_space", "bytes"),
            ),
            r"it holds alloc_objects, alloc_space, inuse_objects, inuse_space: a heap profile\)",
        ),
        ((("samples", "count"), ("cpu", "nanoseconds")), r"it holds samples, cpu: a CPU profile\)"),
        ((("contentions", "count"), ("delay", "nanoseconds")), r"contentions, delay: a mutex or block profile\)"),
        ((("threadcreate", "count"),), r"threadcreate: a profile of thread creations\)"),
        ((("goroutine", "nanoseconds"),), r"it holds goroutine\)"),
        ((("wall", "count"),), r"it holds wall\)"),
    ],
)
def test_other_profiles_are_refused_by_name(types: tuple[tuple[str, str], ...], message_part: str) -> None:
    data = encode_types(*types)
    assert looks_like_profile(data)
    with pytest.raises(FormatError, match=message_part + r"\. Hint: fetch /debug/pprof/goroutine$"):
        parse_profile(data)


@pytest.mark.parametrize("data", [b"", b"goroutine profile: total 1\n", b"\x1f\x8b\x08\x00", b"\xff" * 40, b"\x08"])
def test_bytes_that_are_no_profile_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"not a (whole )?pprof profile .*Hint: fetch "):
        parse_profile(data)


def test_a_cut_profile_is_refused_wherever_it_was_cut() -> None:
    """The last string is needed by nothing but the mapping: without it the goroutines are all there."""
    data = encode([WAITING, LABELLED])
    needed = len(data) - len(message(6, b"/srv/app/server"))
    for size in range(needed):
        with pytest.raises(FormatError):
            parse_profile(data[:size])
    assert rows(parse_profile(data[:needed])) == rows(parse_profile(data))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: "/".join(path.parts[-3:]))
def test_text_does_not_look_like_a_profile(path: Path) -> None:
    assert not looks_like_profile(path.read_bytes())


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\n\n\n\n", b"\n\t\nx", b"Z", b"Zone", b"Host: x\n", "Hééééé".encode(), b"\x1f\x8b\x08\x00"],
)
def test_other_bytes_do_not_look_like_a_profile(data: bytes) -> None:
    assert not looks_like_profile(data)


def test_a_cpu_profile_begins_with_its_time() -> None:
    assert looks_like_profile(number(9, 1_795_424_000_123_456_789) + encode_types(("cpu", "nanoseconds")))


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_real_profiles_are_read_whole(path: Path) -> None:
    data = gzip.decompress(path.read_bytes())
    columns = parse_profile(data)
    assert looks_like_profile(data)
    assert columns.form is (Form.LEAK0 if "leak." in path.name else Form.DEBUG0)
    assert all("went away" in issue.reason for issue in columns.issues)
    assert bool(columns.issues) is path.name.startswith("delta-")
    assert columns.captured_at_ns is not None
    assert columns.captured_at_ns > 1_700_000_000 * 10**9
    assert len(set(columns.stacks)) == len(columns.stacks)


def test_the_reference_incident() -> None:
    path = TESTS.parent / "data" / "push-incident" / "leak" / "11.goroutine.pb.gz"
    columns = parse_profile(gzip.decompress(path.read_bytes()))
    assert columns.count is not None
    by_function: Counter[str] = Counter()
    for count, _, frames in rows(columns):
        by_function.update({frame.function: count for frame in frames})
    assert columns.count.sum() == 288
    assert [by_function[f"main.(*session).{name}"] for name in ("readLoop", "writeLoop", "ackLoop")] == [29, 29, 154]


def test_the_corpus_is_there() -> None:
    assert len(PROFILES) >= 26 + 13


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
FRAMES = st.builds(Frame, NAMES, NAMES, st.integers(0, 2**31 - 1))
LOCATIONS = st.lists(FRAMES, min_size=1, max_size=3).map(tuple)
SAMPLES = st.builds(
    Sample,
    st.integers(1, MAX_GOROUTINES),
    st.lists(LOCATIONS, max_size=4).map(tuple),
    st.dictionaries(st.binary(max_size=5), st.binary(max_size=5), max_size=3).map(lambda pairs: tuple(pairs.items())),
)


@given(st.lists(SAMPLES, max_size=5), st.booleans(), st.sampled_from(["goroutine", "goroutineleak"]))
def test_encoded_samples_are_read_back(samples: list[Sample], packed: bool, name: str) -> None:
    columns = parse_profile(encode(samples, packed=packed, name=name))
    assert rows(columns) == [(sample.count, _labels(sample), _frames(sample)) for sample in samples]
    assert columns.issues == ()
    assert columns.count is not None
    assert columns.count.dtype == np.int64


@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing_but_format_errors(noise: bytes) -> None:
    whole = encode([WAITING, LABELLED])
    for data in (noise, whole + noise, noise + whole, message(2, noise) + whole, message(4, noise) + whole):
        looks_like_profile(data)
        _parse_or_refuse(data)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_damaged_profiles_raise_nothing_but_format_errors(place: int, noise: bytes) -> None:
    whole = encode([WAITING, LABELLED, Sample(-1, WAITING.stack)])
    place %= len(whole)
    _parse_or_refuse(whole[:place] + noise + whole[place + len(noise) :])


def _parse_or_refuse(data: bytes) -> None:
    try:
        columns = parse_profile(data)
    except FormatError:
        return
    assert all(0 <= stack < len(columns.stacks) for stack in columns.stack)


def _labels(sample: Sample) -> str | None:
    pairs = [(label_text(key), label_text(value)) for key, value in sample.labels]
    return canonical_labels(pairs) if pairs else None


def _frames(sample: Sample) -> tuple[Frame, ...]:
    return tuple(
        Frame(frame.function, frame.file, frame.line, inlined=position < len(frames))
        for frames in sample.stack
        for position, frame in enumerate(frames, 1)
    )


@pytest.fixture(scope="module")
def go_pprof(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build Go's pprof (since go1.25 it is no longer shipped built)."""
    return builder.build("cmd/pprof", "pprof", cwd=tmp_path_factory.mktemp("nowhere"))


@pytest.mark.live
def test_go_pprof_reads_the_same(go_pprof: Path) -> None:
    for path in PROFILES:
        columns = parse_profile(gzip.decompress(path.read_bytes()))
        counts: Counter[tuple[str, ...]] = Counter()
        for count, _, frames in rows(columns):
            counts[tuple(f"{frame.function} {frame.file}:{frame.line}" for frame in frames)] += count
        assert counts == _read_raw(go_pprof, path), path


def _read_raw(go_pprof: Path, path: Path) -> Counter[tuple[str, ...]]:
    """Read `pprof -raw`: samples `5: 1 2 3`, locations `2: 0x408d2c M=1 runtime.chanrecv /x/chan.go:583:0 s=457`."""
    done = subprocess.run([go_pprof, "-raw", path], capture_output=True, check=True, cwd=go_pprof.parent)
    samples, rest = done.stdout.decode("utf-8", "backslashreplace").split("\nLocations\n")
    locations: dict[str, list[str]] = {}
    for line in rest.split("\nMappings\n")[0].splitlines():
        first = re.match(r" +(\d+): 0x[0-9a-f]+ (?:M=\d+ )?(.*)", line)
        if first:
            frames = locations[first[1]] = []
        frame = re.fullmatch(r"(.*):\d+ s=-?\d+", first[2] if first else line.strip())
        if frame:
            frames.append(frame[1])
    counts: Counter[tuple[str, ...]] = Counter()
    for count, numbers in re.findall(r"^ +(\d+): ([\d ]*)$", samples, re.MULTILINE):
        counts[tuple(frame for at in numbers.split() for frame in locations[at])] += int(count)
    return counts
