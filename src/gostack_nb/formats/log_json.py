"""Take text out of JSON logs: one record per line, pretty-printed records, exports with lists of records."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from gostack_nb.formats.plain_text import DUMP_WORDS, PlainText, Record, chunks, gather, to_bytes, to_str

Fields: TypeAlias = dict[str, object]

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
)
"""Where the text of a record is, the surest first."""

STREAM_KEYS = (
    "namespace", "namespace_name", "pod", "pod_name", "container", "container_name",
    "_HOSTNAME", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "_PID", "logStreamName", "stream",
)  # fmt: skip
"""What names the stream of a record, in this order."""

MAX_DEPTH = 6
"""Fields nested deeper are not looked at."""

MAX_BROKEN_DOCUMENTS = 8
"""After so many documents that do not parse, the text is not JSON."""

_COMPLETE_LINE = re.compile(rb'\\n"\s*[,}]')
_DUMP_WORDS = re.compile(DUMP_WORDS.pattern.decode())
_BETWEEN_DOCUMENTS = re.compile(r"[\s,\[\]]*")
_DECODER = json.JSONDecoder()


def strip_json_lines(plain: PlainText) -> list[PlainText]:
    r"""Take the text out of each line that is a JSON object; other lines stay.

    docker json-file: {"log":"goroutine 1 [running]:\n","stream":"stderr","time":"2026-11-23T09:10:45.4Z"}
    journalctl -o json: {"SYSLOG_IDENTIFIER":"push","_PID":"4242","MESSAGE":"goroutine 1 [running]:"}
    zap: {"level":"error","msg":"goroutine dump","stacktrace":"goroutine 1 [running]:\nmain.main()\n"}
    logcli -o jsonl: {"labels":{"pod":"push-0"},"line":"goroutine 1 [running]:","timestamp":".."}
    """
    whole = _COMPLETE_LINE.search(plain.text) is None
    return gather(plain, _read_lines(plain.text, whole_lines=whole))


def _read_lines(text: bytes, *, whole_lines: bool) -> Iterator[Record]:
    stream: str | None = None
    index = 0
    for chunk in chunks(text):
        for line in to_str(chunk).removesuffix("\n").split("\n"):
            document = _load(line)
            texts = [] if document is None else list(_texts(document, whole_lines=whole_lines))
            for stream, found in texts:
                yield Record(stream, found, index)
            if not texts:
                yield Record(stream, to_bytes(line) + b"\n", index)
            index += 1


def _load(line: str) -> Fields | None:
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
    records = _read_documents(text)
    return gather(plain, records) if records else []


def _read_documents(text: str) -> list[Record]:
    records: list[Record] = []
    position = index = broken = 0
    stream: str | None = None
    while broken < MAX_BROKEN_DOCUMENTS:
        start = _BETWEEN_DOCUMENTS.match(text, position).end()  # type: ignore[union-attr]
        index += text.count("\n", position, start)
        if start == len(text):
            return records
        try:
            document, position = _DECODER.raw_decode(text, start)
            texts = list(_texts(document, whole_lines=True))
        except (ValueError, RecursionError):
            broken += text[start] == "{"
            line = max(position, text.rfind("\n", 0, start) + 1)
            position = text.find("\n", start) + 1 or len(text)
            texts = [(stream, to_bytes(text[line:position]))]
        for stream, found in texts:
            records.append(Record(stream, found, index))
        index += text.count("\n", start, position)
    return []


def _texts(document: object, *, whole_lines: bool) -> Iterator[tuple[str | None, bytes]]:
    """Give stream and text of every record in a JSON document."""
    for record in _members(document):
        if isinstance(record.get("values"), list):
            yield from _loki_lines(record)
        elif (text := _text(record, whole_lines=whole_lines)) is not None:
            yield _stream(record), text


def _members(document: object) -> Iterator[Fields]:
    """Give the records of an export: the first list of objects found in it, else the document itself."""
    if not isinstance(document, dict):
        return
    for _, value in _walk(document):
        if isinstance(value, list) and value and all(_is_record(item) for item in value):
            yield from value
            return
    yield document


def _is_record(value: object) -> bool:
    """Tell a log record (Loki stream, Elasticsearch hit, CloudWatch event) from another object in a list."""
    if not isinstance(value, dict):
        return False
    return (
        isinstance(value.get("values"), list)
        or "_source" in value
        or ("timestamp" in value and "message" in value)
    )


def _loki_lines(entry: Fields) -> Iterator[tuple[str | None, bytes]]:
    """Give the lines of one Loki stream in the order of time: the newest may come first."""
    labels = entry.get("stream", entry.get("metric"))
    values = [value for value in _as_list(entry["values"]) if isinstance(value, list) and len(value) > 1]
    if values and str(values[0][0]) > str(values[-1][0]):
        values.reverse()
    name = _stream(labels) or _all_labels(labels) if isinstance(labels, dict) else None
    for _, line, *_ in sorted(values, key=lambda value: str(value[0])):
        if isinstance(line, str):
            yield name, _ended(line)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _all_labels(labels: Fields) -> str | None:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or None


def _walk(document: Fields) -> list[tuple[str, object]]:
    """Give every field, outer ones first; the elements of a list have the key of the list."""
    level = fields = list(document.items())
    for _ in range(MAX_DEPTH):
        level = [
            inner for key, value in level if isinstance(value, (dict, list)) for inner in _inner(key, value)
        ]
        fields = fields + level if level else fields
    return fields


def _inner(key: str, value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        return value.items()
    return ((key, item) for item in value if isinstance(item, (dict, str))) if isinstance(value, list) else ()


def _text(record: Fields, *, whole_lines: bool) -> bytes | None:
    """Give the text of one record: what holds a dump, else its message; None if it has neither."""
    if _is_docker(record):
        log = str(record["log"])
        return to_bytes(log) if _is_partial(record, log, whole_lines=whole_lines) else _ended(log)
    fields = _walk(record)
    dumps = dict.fromkeys(value for _, value in fields if isinstance(value, str) and _holds_dump(value))
    if dumps:
        return b"".join(_ended(value) for value in dumps)
    return next(
        (text for key in MESSAGE_KEYS for name, value in fields if name == key and (text := _message(value))),
        None,
    )


def _is_docker(record: Fields) -> bool:
    return isinstance(record.get("log"), str) and ("stream" in record or "time" in record)


def _is_partial(record: Fields, log: str, *, whole_lines: bool) -> bool:
    """Tell whether the next record goes on with the line: docker omits the line end, fluent-bit has a tag."""
    tag = record.get("logtag", record.get("_p"))
    if tag is not None:
        return tag == "P"
    return not whole_lines and not log.endswith("\n")


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


def _stream(record: Fields) -> str | None:
    """Name the stream of a record by the fields that pipelines add."""
    found: dict[str, str] = {}
    for key, value in _walk(record):
        named = value.get("name") if isinstance(value, dict) else value
        if key in STREAM_KEYS and isinstance(named, (str, int)):
            found.setdefault(key, str(named))
    return "/".join(found[key] for key in STREAM_KEYS if key in found) or None
