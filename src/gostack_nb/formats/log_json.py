"""Take text out of JSON logs: one record per line, pretty-printed records, exports with lists of records."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from gostack_nb.formats.plain_text import DUMP_WORDS, Piece, PlainText, chunks, gather, to_bytes, to_str

Record: TypeAlias = dict[str, object]
Fields: TypeAlias = list[tuple[str, object]]

MESSAGE_KEYS = (
    "MESSAGE",
    "log",
    "line",
    "message",
    "msg",
    "textPayload",
    "@message",
    "body",
    "text",
    "event",
    "Output",
)
"""Where the text of a record is, the surest first."""

STREAM_KEYS = (
    "namespace", "namespace_name", "pod", "pod_name", "container", "container_name",
    "_HOSTNAME", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "_PID", "logStreamName", "Package", "stream",
)  # fmt: skip
"""What names the stream of a record, in this order."""

MAX_DEPTH = 6
"""Fields nested deeper are not looked at."""

MAX_BROKEN_DOCUMENTS = 8
"""After so many documents that do not parse, the text is not JSON."""

_DOCKER_FIELDS = {"log", "stream", "time"}
_COMPLETE_LINE = re.compile(rb'\\n"\s*[,}]')
_DUMP_WORDS = re.compile(DUMP_WORDS.pattern.decode())
_BETWEEN_DOCUMENTS = re.compile(r"[\s,\[\]]*")
_DECODER = json.JSONDecoder()


def strip_json_lines(plain: PlainText) -> list[PlainText]:
    r"""Take the text out of each line that is a JSON object; other lines stay.

    docker json-file: {"log":"goroutine 1 [running]:\n","stream":"stderr","time":"2026-11-23T09:10:45.4Z"}
    journalctl -o json: {"SYSLOG_IDENTIFIER":"push","_PID":"4242","MESSAGE":"goroutine 1 [running]:"}
    zap: {"level":"error","msg":"goroutine dump","stacktrace":"goroutine 1 [running]:\nmain.main()\n"}
    go test -json: {"Action":"output","Package":"app/push","Output":"goroutine 1 [running]:\n"}
    logcli -o jsonl: {"labels":{"pod":"push-0"},"line":"goroutine 1 [running]:","timestamp":".."}
    """
    whole = _COMPLETE_LINE.search(plain.text) is None
    return gather(plain, _read_lines(plain.text, whole_lines=whole))


def _read_lines(text: bytes, *, whole_lines: bool) -> Iterator[Piece]:
    stream: str | None = None
    index = 0
    for chunk in chunks(text):
        for line in to_str(chunk).removesuffix("\n").split("\n"):
            document = _load(line)
            texts = [] if document is None else list(_texts(document, whole_lines=whole_lines))
            for stream, found in texts:
                yield Piece(stream, found, index)
            if not texts:
                yield Piece(stream, to_bytes(line) + b"\n", index)
            index += 1


def _load(line: str) -> Record | None:
    """Parse a line that is an object, also as an element of an array."""
    stripped = line.strip(" \t,[")
    if not stripped.startswith("{"):
        return None
    try:
        document = json.loads(stripped.rstrip("]") if stripped.endswith("}]") else stripped)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def strip_json_documents(plain: PlainText) -> list[PlainText]:
    """Take the text out of JSON objects that span lines.

    Loki: {"data": {"result": [{"stream": {"pod": "push-0"}, "values": [["179542402", "main.main()"]]}]}}
    journalctl -o json-pretty, gcloud logging read --format json, aws logs get-log-events
    """
    text = to_str(plain.text)
    pieces = _read_documents(text)
    return gather(plain, pieces) if pieces else []


def _read_documents(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    position = index = broken = 0
    stream: str | None = None
    while broken < MAX_BROKEN_DOCUMENTS:
        start = _BETWEEN_DOCUMENTS.match(text, position).end()  # type: ignore[union-attr]
        index += text.count("\n", position, start)
        if start == len(text):
            return pieces
        document, end = _decode(text, start)
        if document is None:
            broken += text[start] == "{"
            line = max(position, text.rfind("\n", 0, start) + 1)
            end = text.find("\n", start) + 1 or len(text)
            texts: Iterable[tuple[str | None, bytes]] = [(stream, to_bytes(text[line:end]))]
        else:
            texts = _texts(document, whole_lines=True)
        position = end
        for stream, found in texts:
            pieces.append(Piece(stream, found, index))
        index += text.count("\n", start, position)
    return []


def _decode(text: str, start: int) -> tuple[Record | None, int]:
    """Parse the object that starts here, if one does; failing costs time in proportion to `start`."""
    if text[start] != "{":
        return None, start
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start


def _texts(document: object, *, whole_lines: bool) -> Iterable[tuple[str | None, bytes]]:
    """Give stream and text of every record in a JSON document."""
    if isinstance(document, dict) and document.keys() == _DOCKER_FIELDS and isinstance(document["log"], str):
        log = document["log"]  # the short way: these files are the largest
        return ((str(document["stream"]), _ended(log) if whole_lines else to_bytes(log)),)
    return _document_texts(document, whole_lines=whole_lines)


def _document_texts(document: object, *, whole_lines: bool) -> Iterator[tuple[str | None, bytes]]:
    fields = _walk(document) if isinstance(document, dict) else []
    members = _members(fields)
    for record in members:
        if isinstance(record.get("values"), list):
            yield from _loki_lines(record)
        else:
            yield from _record_text(_walk(record), whole_lines=whole_lines)
    if not members:
        yield from _record_text(fields, whole_lines=whole_lines)


def _record_text(fields: Fields, *, whole_lines: bool) -> Iterator[tuple[str | None, bytes]]:
    if (text := _text(fields, whole_lines=whole_lines)) is not None:
        yield _stream(fields), text


def _members(fields: Fields) -> list[Record]:
    """Give the records of an export: the first list of records in it."""
    for _, value in fields:
        if isinstance(value, list) and value and all(_is_record(item) for item in value):
            return value
    return []


def _is_record(value: object) -> bool:
    """Tell a log record (Loki stream, Elasticsearch hit, CloudWatch event) from another object in a list."""
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("values"), list) or "_source" in value or ("timestamp" in value and "message" in value)


def _loki_lines(entry: Record) -> Iterator[tuple[str | None, bytes]]:
    """Give the lines of one Loki stream in the order of time: the newest may come first."""
    labels = entry.get("stream", entry.get("metric"))
    values = [value for value in _as_list(entry["values"]) if isinstance(value, list) and len(value) > 1]
    if values and str(values[0][0]) > str(values[-1][0]):
        values.reverse()
    name = _stream(_walk(labels)) or _all_labels(labels) if isinstance(labels, dict) else None
    for _, line, *_ in sorted(values, key=lambda value: str(value[0])):
        if isinstance(line, str):
            yield name, _ended(line)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _all_labels(labels: Record) -> str | None:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or None


def _walk(record: Record) -> Fields:
    """Give every field, outer ones first; the elements of a list have the key of the list."""
    level = fields = list(record.items())
    for _ in range(MAX_DEPTH):
        level = [inner for key, value in level if isinstance(value, (dict, list)) for inner in _inner(key, value)]
        if not level:
            break
        fields = fields + level
    return fields


def _inner(key: str, value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        return value.items()
    return ((key, item) for item in value if isinstance(item, (dict, str))) if isinstance(value, list) else ()


def _text(fields: Fields, *, whole_lines: bool) -> bytes | None:
    """Give the text of one record: what holds a dump, else its message; None if it has neither."""
    dumps = dict.fromkeys(value for _, value in fields if isinstance(value, str) and _holds_dump(value))
    if dumps:
        return b"".join(_ended(value) for value in dumps)
    outer = dict(reversed(fields))  # of equal names the outer one counts
    text = next((text for key in MESSAGE_KEYS if key in outer and (text := _message(outer[key]))), None)
    return text[:-1] if text and _is_partial(outer, whole_lines=whole_lines) else text


def _is_partial(fields: dict[str, object], *, whole_lines: bool) -> bool:
    """Tell whether the next record goes on with the line: docker omits the line end, fluent-bit has a tag."""
    tag = fields.get("logtag", fields.get("_p"))
    if tag is not None:
        return tag == "P"
    log = fields.get("log")
    return not whole_lines and "time" in fields and isinstance(log, str) and not log.endswith("\n")


def _holds_dump(value: str) -> bool:
    return ("\n" in value or "\\n" in value) and _DUMP_WORDS.search(value) is not None


def _message(value: object) -> bytes | None:
    """Read a message: text, or the bytes that journald prints as numbers if some are not printable."""
    if isinstance(value, str):
        return _ended(value)
    if isinstance(value, list) and all(type(byte) is int and 0 <= byte < 256 for byte in value):
        return bytes(value).removesuffix(b"\n") + b"\n"
    return None


def _ended(value: str) -> bytes:
    return to_bytes(value.removesuffix("\n")) + b"\n"


def _stream(fields: Fields) -> str | None:
    """Name the stream of a record by the fields that pipelines add."""
    found = {key: _named(value) for key, value in reversed(fields) if key in STREAM_KEYS}
    return "/".join(name for key in STREAM_KEYS if (name := found.get(key))) or None


def _named(value: object) -> str | None:
    name = value.get("name") if isinstance(value, dict) else value
    return str(name) if isinstance(name, (str, int)) else None
