"""A second parser of Go tracebacks, written to be obvious and not to be fast. It shares nothing with `gostack_nb`.

One line after the other, one small regular expression per kind of line, one object per goroutine. It reads one dump of
plain text with LF line ends; what it does not know it passes over. The property tests hold the product against it.
"""

import json
import re
from dataclasses import dataclass, field

# goroutine 8 gp=0xc000007a40 m=nil [chan receive (leaked), 2 minutes, locked to thread] {note: "a b", role: ack}:
HEADER_BEGIN = re.compile(r"goroutine (\d+)(?: gp=0x[0-9a-f]+ m=(?:nil|\d+)(?: mp=0x[0-9a-f]+)?)? \[")
CALL = re.compile(r"(\S.*?)\((?:[0-9{_-][^()]*|\.\.\.)?\)$")  # main.(*T).f(0x1, {0x2?}), main.f(...), main.f()
CREATED_BY = re.compile(r"created by (\S.*?)(?: in goroutine (\d+))?$")
SOURCE = re.compile(r"\t(.+):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=0x[0-9a-f]+ sp=0x[0-9a-f]+ pc=0x[0-9a-f]+)?$")
C_SOURCE = re.compile(r"\t(.+):(\d+) pc=0x[0-9a-f]+$")
C_ADDRESS = re.compile(r"\tpc=0x[0-9a-f]+$")  # below the line `non-Go function`
C_UNNAMED = re.compile(r"non-Go function at pc=0x[0-9a-f]+$")
ELIDED = re.compile(r"\.\.\.(?:\d+|additional) frames elided\.\.\.$")
ANCESTOR = re.compile(r"\[originating from goroutine (\d+)\]:$")


@dataclass(slots=True)
class Goroutine:
    """One goroutine; a frame is (function, file, line)."""

    number: int
    state: str
    minutes: int | None = None
    flags: set[str] = field(default_factory=set)
    bubble: int | None = None
    labels: dict[str, str] | None = None
    frames: list[tuple[str, str, int]] = field(default_factory=list)
    creator: tuple[str, str, int] | None = None
    creator_number: int | None = None


def read_dump(data: bytes) -> list[Goroutine]:
    """Return every goroutine that is printed, goroutine 0 and repetitions too, in the order of the text."""
    goroutines: list[Goroutine] = []
    current: Goroutine | None = None
    in_ancestors = False
    previous = ""
    for line in data.decode("utf-8", "backslashreplace").split("\n"):
        started = read_header(line)
        if started is not None:
            goroutines.append(started)
            current, in_ancestors = started, False
        elif line.startswith(("runtime stack:", "-----", "SIGQUIT: ", "SIGABRT: ", "panic: ", "fatal error: ")):
            current = None
        elif current is not None:
            in_ancestors = _read_line(current, previous, line, in_ancestors=in_ancestors)
        previous = line
    return goroutines


def _read_line(goroutine: Goroutine, previous: str, line: str, *, in_ancestors: bool) -> bool:
    """Give the goroutine what the line says, knowing the line before; return whether ancestors follow."""
    if ancestor := ANCESTOR.match(line):
        if not in_ancestors and goroutine.creator_number is None:
            goroutine.creator_number = int(ancestor[1])
        return True
    if in_ancestors:
        return True
    if ELIDED.match(line):
        goroutine.frames.append(("...frames elided...", "", 0))
    elif C_UNNAMED.match(line) or C_ADDRESS.match(line):
        goroutine.frames.append(("non-Go function", "", 0))
    elif (source := SOURCE.match(line)) and (created := CREATED_BY.match(previous)):
        goroutine.creator = (created[1], source[1], int(source[2]))
        goroutine.creator_number = int(created[2]) if created[2] else goroutine.creator_number
    elif source and (call := CALL.match(previous)):
        goroutine.frames.append((call[1], source[1], int(source[2])))
    elif c_source := C_SOURCE.match(line):
        goroutine.frames.append((previous.strip(), c_source[1], int(c_source[2])))
    return False


def read_header(line: str) -> Goroutine | None:
    """Read a header character by character from the bracket on; None if it is none."""
    begun = HEADER_BEGIN.match(line)
    if begun is None:
        return None
    bracket, _, rest = line[begun.end() :].partition(" labels:")
    labels: dict[str, str] | None = None
    if rest and "]" not in bracket:
        labels, rest = read_labels(rest)
        if not rest.startswith("]"):
            return None
        rest = rest[1:]
    else:
        bracket, _, rest = line[begun.end() :].partition("]")
        if rest.startswith(" {"):
            labels, rest = read_labels(rest[1:])
    if rest.rstrip(" \t") != ":":
        return None
    return _with_status(Goroutine(int(begun[1]), "", labels=labels), bracket)


def _with_status(goroutine: Goroutine, bracket: str) -> Goroutine:
    word, *attributes = bracket.split(", ")
    while word.endswith((" (leaked)", " (durable)", " (scan)")):
        word, _, mark = word.rpartition(" ")
        goroutine.flags |= {mark.strip("()")} - {"scan"}
    goroutine.state = word
    for attribute in attributes:
        first, *others = attribute.split(" ")
        if others == ["minutes"]:
            goroutine.minutes = int(first)
        elif attribute == "locked to thread":
            goroutine.flags.add("locked")
        elif others[:1] in (["bubble"], ["group"]):
            goroutine.bubble = int(others[1])
    return goroutine


def read_labels(text: str) -> tuple[dict[str, str], str]:
    """Read `{key: value, "k 2": "v\\n"}` and return the labels and what follows them."""
    labels: dict[str, str] = {}
    text = text[1:]
    while True:
        key, text = _read_word(text)
        text = text.removeprefix(": ")
        value, text = _read_word(text)
        labels[key] = value
        if not text.startswith(", "):
            return labels, text[1:]
        text = text[2:]


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_DIGITS = {"x": 2, "u": 4, "U": 8}


def _read_word(text: str) -> tuple[str, str]:
    """Read one key or value, quoted or not; bytes that are no UTF-8 stay as `\\xff`."""
    if not text.startswith('"'):
        end = next((i for i, c in enumerate(text) if c in ":,}"), len(text))
        return text[:end], text[end:]
    word = bytearray()
    position = 1
    while text[position] != '"':
        if text[position] != "\\":
            word += text[position].encode()
            position += 1
            continue
        kind = text[position + 1]
        digits = _DIGITS.get(kind, 0)
        number = text[position + 2 : position + 2 + digits]
        if kind == "x":
            word.append(int(number, 16))
        else:
            word += (chr(int(number, 16)) if digits else _ESCAPES[kind]).encode("utf-8", "surrogatepass")
        position += 2 + digits
    return word.decode("utf-8", "backslashreplace"), text[position + 1 :]


def canonical(labels: dict[str, str] | None) -> str | None:
    """Return labels as JSON text with sorted keys."""
    if labels is None:
        return None
    return json.dumps(labels, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def first_occurrences(goroutines: list[Goroutine]) -> list[Goroutine]:
    """Leave out goroutine 0 and what a crash prints a second time."""
    kept: dict[int, Goroutine] = {}
    for goroutine in goroutines:
        if goroutine.number:
            kept.setdefault(goroutine.number, goroutine)
    return list(kept.values())
