"""The tables: their columns, dtypes and meaning, in one place.

`Column.dtype` is the pandas dtype as `str(frame.dtypes[name])` gives it. Unknown is `<NA>`, never 0 or "".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    dtype: str
    meaning: str


GOROUTINES = (
    Column("snapshot_id", "category", "which dump"),
    Column("goroutine_id", "Int64", "Go's id; NA in counted forms. Ids only grow: they tell arrivals from survivors"),
    Column("state", "category", "the runtime's own word, or inferred from the runtime frames (debug=0); NA in debug=1"),
    Column("wait_minutes", "Int64", "whole minutes as printed, a lower bound; NA where none is printed"),
    Column("leaked", "boolean", "marked (leaked) by the runtime's leak profile; NA where the form cannot tell"),
    Column("durable", "boolean", "marked (durable): blocked inside a synctest bubble"),
    Column("locked", "boolean", "locked to its thread"),
    Column("bubble", "category", "id of the synctest bubble, a whole number; NA outside of one"),
    Column("labels", "category", "pprof labels as canonical JSON text; NA where there are none"),
    Column("stack_id", "category", "id of the frames with files and lines; equal in every dump and process"),
    Column("signature", "category", "id of the functions alone: survives moved lines and renumbered closures"),
    Column("top_function", "category", "the leaf frame: where it is blocked"),
    Column("top_file", "category", "file of the leaf frame"),
    Column("top_line", "Int32", "line of the leaf frame"),
    Column("user_function", "category", "the first frame outside the standard library: your line"),
    Column("user_file", "category", "file of that frame"),
    Column("user_line", "Int32", "line of that frame"),
    Column("top_frames", "category", "the first three function names, leaf first, joined by ' < '"),
    Column("created_by", "category", "the function whose go statement started it"),
    Column("creator_id", "Int64", "id of the goroutine that started it"),
)

STACKS = (
    Column("stack_id", "category", "which stack"),
    Column("frame_index", "Int32", "0 is the leaf; the creator comes last"),
    Column("function", "category", "full name, as printed"),
    Column("package", "category", "import path of the function's package, as printed"),
    Column("file", "category", "source file, as printed"),
    Column("line", "Int32", "source line"),
    Column("is_std", "boolean", "belongs to the Go standard library or runtime"),
    Column("inlined", "boolean", "was inlined into its caller; NA where the form cannot tell"),
    Column("is_creator", "boolean", "not a call: the go statement that started the goroutine"),
)

SNAPSHOTS = (
    Column("snapshot_id", "category", "which dump"),
    Column("captured_at", "datetime64[ns, UTC]", "when it was taken"),
    Column(
        "captured_at_from", "category", "where that time comes from: caller, sidecar, profile, file name, file time"
    ),
    Column("service", "category", "name of the service"),
    Column("instance", "category", "which process of the service"),
    Column("source", "category", "path or address, without credentials"),
    Column("form", "category", "how the dump was printed: debug=2, debug=1, debug=0, signal, panic ..."),
    Column("go_version", "category", "version of the Go runtime, where the dump tells"),
    Column("goroutine_count", "Int64", "goroutines read"),
    Column("truncated", "boolean", "the dump ends before its end"),
    Column("issue_count", "Int64", "rows of `issues` that belong to it"),
    Column("size_bytes", "Int64", "bytes of the dump as stored"),
    Column("sha256", "category", "hash of these bytes"),
)

ISSUES = (
    Column("snapshot_id", "category", "which dump; NA if the source gave none"),
    Column("source", "category", "path or address of the source"),
    Column("line_number", "Int64", "from 1, in the source as stored"),
    Column("byte_offset", "Int64", "from 0, in the source as stored"),
    Column("reason", "category", "what could not be read, in words"),
    Column("text", "str", "the line as printed, at most 200 characters"),
)

METRICS = (
    Column("captured_at", "datetime64[ns, UTC]", "when the sample was taken"),
    Column("service", "category", "name of the service"),
    Column("instance", "category", "which process of the service"),
    Column("name", "category", "name of the metric"),
    Column("value", "float64", "the sample"),
)
