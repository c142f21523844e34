"""What the parsers make of every dump of the corpus, as JSON that is reviewed like code.

    python -m tests.corpus.golden --write       rewrites tests/corpus/golden/*.json

Then read the diff: every changed number must be explained by a changed dump or a mended bug. The numbers are held
against counts that these parsers did not make in `test_counts.py`.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gostack_nb.errors import FormatError
from gostack_nb.formats.columns import Columns, Issue
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.model.tables import Snapshot, build_dataset
from tests.corpus.files import content, dumps_in, folders

GOLDEN = Path(__file__).parent / "golden"

Summary = dict[str, Any]


def summarise_folder(folder: Path) -> dict[str, list[Summary] | str]:
    """Return the summaries of every dump in a folder, by file name; the message where there is no dump."""
    return {path.name: summarise_bytes(content(path)) for path in dumps_in(folder)}


def summarise_bytes(data: bytes) -> list[Summary] | str:
    """Return one summary per dump in the bytes, or why there is none."""
    try:
        dumps = parse_dumps(data)
    except FormatError as error:
        return str(error)
    return [_summary(dump) for dump in dumps]


def _summary(dump: Columns) -> Summary:
    dataset = build_dataset([Snapshot(dump, "corpus", "0" * 64, 0)])
    table, snapshot = dataset.goroutines, dataset.snapshots.iloc[0]
    summary = {
        "form": str(snapshot["form"]),
        "goroutines": len(table),
        "total": dump.total,
        "states": _counted(table["state"].dropna()),
        "waiting_minutes": int(table["wait_minutes"].notna().sum()),
        "longest_wait": None if table["wait_minutes"].isna().all() else int(table["wait_minutes"].max()),
        "labelled": int(table["labels"].notna().sum()),
        "leaked": _true(table["leaked"]),
        "durable": _true(table["durable"]),
        "locked": _true(table["locked"]),
        "bubbles": int(table["bubble"].notna().sum()),
        "with_creator_id": int(table["creator_id"].notna().sum()),
        "stacks": int(table["stack_id"].nunique()),
        "signatures": int(table["signature"].nunique()),
        "frames": len(dataset.stacks),
        "without_user_line": int(table["user_line"].isna().sum()),
        "go_version": snapshot["go_version"] if isinstance(snapshot["go_version"], str) else None,
        "stream": dump.stream,
        "truncated": bool(snapshot["truncated"]),
        "issues": [_issue(issue) for issue in dump.issues],
    }
    return {name: value for name, value in summary.items() if value or name in ("goroutines", "issues")}


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _true(flags: Any) -> int:
    return int(flags.fillna(value=False).sum())


def _issue(issue: Issue) -> str:
    return f"line {issue.line_number}, byte {issue.byte_offset}: {issue.reason} | {issue.text[:60]}"


def write() -> list[Path]:
    """Write all golden files anew and remove those of folders that are gone; return their paths."""
    GOLDEN.mkdir(exist_ok=True)
    written = []
    for name, folder in folders().items():
        path = GOLDEN / f"{name}.json"
        path.write_text(json.dumps(summarise_folder(folder), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    for path in set(GOLDEN.glob("*.json")) - set(written):
        path.unlink()
    return written


def read(name: str) -> dict[str, list[Summary] | str]:
    """Return one golden file."""
    golden: dict[str, list[Summary] | str] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return golden


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The golden files of the corpus.")
    parser.add_argument("--write", action="store_true", required=True, help="rewrite them; then review the diff")
    parser.parse_args()
    write()
