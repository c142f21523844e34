"""Evidence to the tables that are stored: what `gs.read` makes of its bytes, and where they lie."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from gostack_nb.errors import SourceError
from gostack_nb.formats.metrics_text import parse_metrics_text
from gostack_nb.model.arrow_tables import arrow_schema, arrow_table
from gostack_nb.model.categories import text_column
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.label_columns import labels_text
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.recording.groups import groups_of
from gostack_nb.recording.layout import day_of, kind_in
from gostack_nb.recording.parts import Part, empty_tables, new_name
from gostack_nb.recording.raw_files import Raw, leads_out, raw_blobs, raw_problem, read_sidecar, relative
from gostack_nb.recording.stored import STORED
from gostack_nb.sources.blob import Blob, Unread, make_unread, printable
from gostack_nb.sources.evidence import Evidence

Item = Blob | Unread


def evidence_items(evidence: Evidence) -> list[Item]:
    """Return what is to be parsed of some evidence; where nobody knows the time, that of a gzip header is not taken."""
    if evidence.captured_at is not None:
        return list(evidence.blobs())
    return [
        replace(item, captured_at=None, captured_at_from=None) if isinstance(item, Blob) else item
        for item in evidence.blobs()
    ]


def named_after(raw: Raw, items: Iterable[Item], source: str) -> list[Item]:
    """Name what was found in a source after the raw file that keeps it."""
    return [replace(item, source=raw.name + item.source.removeprefix(source)) for item in items]


def part_of_evidence(raw: Raw, evidence: Evidence, items: Sequence[Item]) -> Part:
    """Parse evidence that is at hand; the tables are in memory."""
    return _part(raw, items, kind=evidence.kind, origin=evidence.source, labels=evidence.labels)


def part_of_raw(raw: Raw) -> Part:
    """Parse a raw file; the tables are in memory."""
    told = read_sidecar(raw) or {}
    kind, origin = told.get("kind"), told.get("source")
    return _part(
        raw,
        [replace(item, source=relative(raw.root, item.source)) for item in _opened(raw)],
        kind=printable(kind) if isinstance(kind, str) else kind_in(raw.path.name),
        origin=printable(origin) if isinstance(origin, str) else None,
        labels=_labels_in(told),
    )


def part_of_unkept(root: Path, key: str, unread: Iterable[Unread]) -> Part:
    """Note what was given and held no dump; nothing of it is kept."""
    issues = _stored_rows(read_blobs(unread).issues, "issues", evidence=key)
    row = _evidence_row(None, raw=None, evidence=key, kind=None, origin=None, labels=None, go_version=None)
    return Part(root, day_of(key), new_name(key), row, made={**empty_tables(), "issues": issues, "snapshots": row})


def holds_something(part: Part) -> bool:
    """Tell whether a part in memory has a dump or a page of metrics."""
    dumps = part.rows["snapshot_id"]
    return dumps.null_count < len(dumps) or len(part.made["metrics"]) > 0


def _opened(raw: Raw) -> Iterator[Item]:
    """Open a raw file; what is wrong with it is a row in `issues`."""
    shown = printable(str(raw.path))
    if problem := raw_problem(raw):
        yield Unread(shown, problem)
    if leads_out(raw):
        return
    try:
        yield from raw_blobs(raw)
    except SourceError as error:
        yield make_unread(shown, error)


def _labels_in(told: Mapping[str, object]) -> dict[str, str]:
    labels = told.get("labels")
    texts = labels.items() if isinstance(labels, dict) else ()
    return {str(name): text for name, text in texts if isinstance(text, str)}


def _part(raw: Raw, items: Sequence[Item], *, kind: str | None, origin: str | None, labels: Mapping[str, str]) -> Part:
    dataset = read_blobs(items)
    facts = {"raw": raw.name, "evidence": raw.key, "kind": kind, "origin": origin, "labels": labels_text(labels)}
    if dataset.snapshots.empty:
        rows = _evidence_row(_first_blob(items), **facts, go_version=_version_in(items))
    else:
        numbers = pd.array(range(len(dataset.snapshots)), dtype="Int64")
        rows = _stored_rows(dataset.snapshots, "snapshots", **facts, dump_number=numbers)
    return _named(raw, dataset, rows)


def _named(raw: Raw, dataset: Dataset, rows: pa.Table) -> Part:
    """Give the dumps their stored names: unlike those of a Dataset they are never shared by two dumps."""
    name = new_name(raw.key)
    public = dataset.snapshots["snapshot_id"].tolist()
    names = {old: raw.key if not number else f"{raw.key}.{number}" for number, old in enumerate(public)}
    goroutines, issues = (_renamed(frame, names) for frame in (dataset.goroutines, dataset.issues))
    frames = {
        "goroutines": arrow_table(goroutines, STORED["goroutines"]),
        "groups": arrow_table(groups_of(goroutines), STORED["groups"]),
        "stacks": arrow_table(dataset.stacks, STORED["stacks"]),
        "issues": _stored_rows(issues, "issues", evidence=raw.key),
        "metrics": _stored_rows(dataset.metrics, "metrics", evidence=raw.key),
    }
    rows = _with_ids(rows, [*names.values()] or [None])
    return Part(raw.root, day_of(raw.key), name, rows, made={**frames, "snapshots": rows})


def _with_ids(rows: pa.Table, ids: Sequence[str | None]) -> pa.Table:
    place = rows.schema.get_field_index("snapshot_id")
    return rows.set_column(place, rows.schema.field(place), pa.array(ids, pa.utf8()).dictionary_encode())


def _renamed(frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return frame.assign(snapshot_id=frame["snapshot_id"].cat.rename_categories(names))


def _stored_rows(frame: pd.DataFrame, table: str, **more: Any) -> pa.Table:
    """Add the columns of the stored table that a Dataset's has not."""
    columns = STORED[table]
    known = {name: frame[name] for name in frame.columns}
    added = {name: _filled(value, len(frame)) for name, value in more.items()}
    return arrow_table(pd.DataFrame({**known, **added}), columns)


def _filled(value: Any, rows: int) -> Any:
    """Repeat a text, or NA, in every row; whole columns are taken as they are."""
    return text_column([value] * rows) if value is None or isinstance(value, str) else value


def _evidence_row(blob: Blob | None, **facts: str | None) -> pa.Table:
    """Make the row of evidence that holds no dump: it has no `snapshot_id`."""
    values: dict[str, Any] = {**facts}
    if blob is not None:
        values |= {name: getattr(blob, name) for name in ("captured_at", "captured_at_from", "service", "instance")}
    schema = arrow_schema(STORED["snapshots"])
    return pa.Table.from_pylist([values], schema=schema)


def _first_blob(items: Iterable[Item]) -> Blob | None:
    return next((item for item in items if isinstance(item, Blob)), None)


def _version_in(items: Iterable[Item]) -> str | None:
    pages = (parse_metrics_text(item.data) for item in items if isinstance(item, Blob))
    return next((page.go_version for page in pages if page), None)
