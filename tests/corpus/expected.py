r"""Counts that no parser of the package made: what `grep` and Go's own tools say of a dump.

Only regular expressions over whole lines, nothing from `gostack_nb`:
`grep -cE '^goroutine [1-9][0-9]*( gp=[^[]*)? \[.*\]( \{.*\})?:$'` and the like.
"""

import re
from collections import Counter
from dataclasses import dataclass

# The state ends before marks, attributes, go1.26's labels; no state holds a comma or a bracket.
_HEADER = re.compile(
    r"^goroutine (?P<id>[1-9]\d*)(?: gp=0x\w+ m=\w+(?: mp=0x\w+)?)? "
    r"\[(?P<state>[\w. ?-]+(?: \((?:nil chan|no cases|idle|active|blocked)\))?)"
    r"(?P<marks>(?: \((?:durable|leaked|scan)\))*)(?P<attributes>(?:, [^],{]+)*)(?P<labels26> labels:\{.*\})?\]"
    r"(?P<labels27> \{.*\})?:$",
    re.MULTILINE,
)
_ANY_ID = re.compile(r"^goroutine ([1-9]\d*) (?:gp=[^\[]*)?\[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TextCounts:
    """What the headers of one traceback say; of an id that a crash prints twice the first counts."""

    ids: frozenset[int]
    states: dict[str, int]
    waiting_minutes: int
    labelled: int
    leaked: int
    durable: int
    locked: int
    bubbles: int


def count_headers(data: bytes) -> TextCounts:
    """Count by one regular expression per header line."""
    text = data.decode("utf-8", "replace")
    first: dict[str, re.Match[str]] = {}
    for match in _HEADER.finditer(text):
        first.setdefault(match["id"], match)
    headers = list(first.values())
    return TextCounts(
        ids=frozenset(map(int, first)),
        states=dict(sorted(Counter(header["state"] for header in headers).items())),
        waiting_minutes=sum(" minutes" in header["attributes"] for header in headers),
        labelled=sum(bool(header["labels26"] or header["labels27"]) for header in headers),
        leaked=sum("(leaked)" in header["marks"] for header in headers),
        durable=sum("(durable)" in header["marks"] for header in headers),
        locked=sum("locked to thread" in header["attributes"] for header in headers),
        bubbles=sum("synctest bubble" in header["attributes"] for header in headers),
    )


def printed_ids(data: bytes) -> frozenset[int]:
    """Return every id that stands in something like a header: none of them may be lost."""
    return frozenset(map(int, _ANY_ID.findall(data.decode("utf-8", "replace"))))


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """What a counted form says: goroutines in all, those with labels."""

    total: int
    labelled: int


def count_groups(data: bytes) -> GroupCounts:
    """Count debug=1: the total of its first line, and the groups that a `# labels:` line follows."""
    text = data.decode("utf-8", "replace")
    total = re.match(r"goroutine(?:leak)? profile: total (\d+)\n", text)
    labelled = re.findall(r"^(\d+) @.*\n# labels: ", text, re.MULTILINE)
    return GroupCounts(int(total[1]) if total else -1, sum(map(int, labelled)))


@dataclass(frozen=True, slots=True)
class RawSample:
    """One sample of `go tool pprof -raw`: its frames leaf first, as `function file:line`."""

    count: int
    frames: tuple[str, ...]
    labelled: bool


def read_pprof_raw(text: str) -> list[RawSample]:
    """Read what `go tool pprof -raw` prints."""
    samples_part, _, rest = text.partition("\nLocations\n")
    locations = _raw_locations(rest.partition("\nMappings")[0])
    samples: list[RawSample] = []
    for line in samples_part.partition("\nSamples:\n")[2].splitlines()[1:]:
        found = re.match(r" +(-?\d+): ([\d ]*)$", line)
        if found:
            frames = tuple(frame for number in found[2].split() for frame in locations[int(number)])
            samples.append(RawSample(int(found[1]), frames, labelled=False))
        elif line.strip():
            last = samples[-1]
            samples[-1] = RawSample(last.count, last.frames, labelled=True)
    return samples


def _raw_locations(text: str) -> dict[int, list[str]]:
    """Read `  1: 0x48e349 M=1 runtime.gopark /usr/local/go/src/runtime/proc.go:474:0 s=457`, inlined lines below."""
    locations: dict[int, list[str]] = {}
    number = 0
    for line in text.splitlines():
        begun = re.match(r" +(\d+): 0x\w+ (?:M=\d+ )?(.*)$", line)
        if begun:
            number = int(begun[1])
            locations[number] = []
        frame = re.match(r"(.*):(\d+):\d+ s=\d+(?:\(.*\))?$", begun[2] if begun else line.strip())
        if frame:
            locations[number].append(f"{frame[1]}:{frame[2]}")
    return locations
