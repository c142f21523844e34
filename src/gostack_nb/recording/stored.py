"""The columns of the tables as stored: those of a Dataset, and how each row is found in the raw files."""

from collections.abc import Mapping

from gostack_nb.model.schema import GOROUTINES, ISSUES, METRICS, SNAPSHOTS, STACKS, Column

SCHEMA_VERSION = 1
"""Columns are only ever added, and every one may be NA."""

RAW_COLUMN = Column("raw", "category", "path of the raw file below the recording; NA where nothing was kept")
EVIDENCE_COLUMN = Column("evidence", "category", "name of that file's tables: time, content and place of the raw file")

STORED_SNAPSHOTS = (
    *SNAPSHOTS,
    RAW_COLUMN,
    Column("dump_number", "Int64", "which dump of the raw file, from 0; NA in a row for a file that holds none"),
    Column("kind", "category", "what was asked for: the end of the raw file's name"),
    Column("origin", "category", "address without credentials, or path, that the bytes came from"),
    EVIDENCE_COLUMN,
    Column("labels", "category", "what was known of the process, build, zone ..., as canonical JSON text"),
)
STORED_ISSUES = (*ISSUES, EVIDENCE_COLUMN)
STORED_METRICS = (*METRICS, EVIDENCE_COLUMN)

GROUPS = (
    Column("snapshot_id", "category", "which dump"),
    Column("stack_id", "category", "id of the frames with files and lines"),
    Column("signature", "category", "id of the functions alone"),
    Column("state", "category", "the runtime's own word"),
    Column("top_function", "category", "the leaf frame: where they are blocked"),
    Column("user_function", "category", "the first frame outside the standard library"),
    Column("user_file", "category", "file of that frame"),
    Column("user_line", "Int32", "line of that frame"),
    Column("created_by", "category", "the function whose go statement started them"),
    Column("count", "Int64", "goroutines"),
    Column("wait_minutes_min", "Int64", "the shortest wait that is printed; NA where none is"),
    Column("wait_minutes_p50", "Float64", "the median of the waits that are printed"),
    Column("wait_minutes_max", "Int64", "the longest wait that is printed"),
    Column("leaked", "Int64", "how many the runtime marked leaked; NA where the form cannot tell"),
)
"""One row per snapshot, stack and state."""

STORED: Mapping[str, tuple[Column, ...]] = {
    "goroutines": GOROUTINES,
    "groups": GROUPS,
    "stacks": STACKS,
    "issues": STORED_ISSUES,
    "metrics": STORED_METRICS,
    "snapshots": STORED_SNAPSHOTS,
}
"""The tables by name, in the order in which they are written: the row in `snapshots` is the commit point."""
