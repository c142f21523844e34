"""Counts written down by hand: what each instance of an invented fleet has at each time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from gostack_nb.fleet.counts import CELLS, DUMPS, PLACES, Counts, combine
from gostack_nb.model.arrow_tables import arrow_schema
from gostack_nb.model.schema import STACKS

START = datetime(2026, 11, 23, 8, tzinfo=UTC)

Held = Mapping[str, int]
"""`state function:line` -> goroutines; without a line it is 9, `?` is a state that the form does not tell."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One dump."""

    held: Held
    instance: str = "push-0"
    minute: float | None = 0
    service: str | None = "push"
    form: str = "debug=0"
    labels: Mapping[str, str] = field(default_factory=dict)
    go_version: str | None = None
    leaked: bool = False
    waits: Mapping[str, int] = field(default_factory=dict)
    source: str | None = None


def fleet(*shots: Shot) -> Counts:
    """Put shots together."""
    return combine(map(_counts, shots))


def each(held: Iterable[Held], **told: Any) -> list[Shot]:
    """Make one shot for each instance, named push-0, push-1 ..."""
    return [Shot(one, instance=f"push-{number}", **told) for number, one in enumerate(held)]


def course(counts: Iterable[int | None], what: str = "chan receive push.ackLoop", **told: Any) -> list[Shot]:
    """Make shots of one instance, 10 minutes apart, that has so many of one stack; None is no dump."""
    return [
        Shot(
            {what: count, "IO wait push.serve": 1000} if count else {"IO wait push.serve": 1000}, minute=10 * n, **told
        )
        for n, count in enumerate(counts)
        if count is not None
    ]


def row_of(table: pd.DataFrame, function: str) -> Any:
    """Return the only row about a function."""
    [row] = table[table["user_function"].astype(object) == function].to_dict("records")
    return row


def _counts(shot: Shot) -> Counts:
    time = None if shot.minute is None else START + timedelta(minutes=shot.minute)
    source = shot.source or f"{shot.instance}/{shot.minute}.{shot.form}"
    labels = None
    if shot.labels:
        pairs = ", ".join(f'"{name}": "{value}"' for name, value in sorted(shot.labels.items()))
        labels = f"{{{pairs}}}"
    name = f"{shot.service}/{shot.instance}/{shot.minute}/{shot.form}/{source}"
    dump = {
        "snapshot_id": name,
        "captured_at": time,
        "captured_at_from": "caller",
        "service": shot.service,
        "instance": shot.instance,
        "source": source,
        "form": shot.form,
        "go_version": shot.go_version,
        "goroutine_count": sum(shot.held.values()),
        "truncated": False,
        "size_bytes": 1,
        "labels": labels,
    }
    cells, places, stacks = [], {}, {}
    for what, count in shot.held.items():
        state, place = what.rsplit(" ", 1)
        function, line = place.split(":") if ":" in place else (place, "9")
        stack = f"{function}:{line}"
        cells.append(
            {
                "snapshot_id": name,
                "stack_id": stack,
                "state": None if state == "?" else state,
                "count": count,
                "leaked": count if shot.leaked else None,
                "wait_minutes_max": shot.waits.get(what),
            }
        )
        package = function.split(".")[0]
        places[stack] = {
            "stack_id": stack,
            "signature": function,
            "top_function": "runtime.gopark",
            "user_function": function,
            "user_file": f"/srv/{package}.go",
            "user_line": int(line),
            "created_by": "main.main",
        }
        stacks[stack] = {
            "stack_id": stack,
            "frame_index": 0,
            "function": function,
            "package": package,
            "file": f"/srv/{package}.go",
            "line": int(line),
            "is_std": False,
            "is_creator": False,
        }
    return Counts(
        dump_table=pa.Table.from_pylist([dump], arrow_schema(DUMPS)),
        cell_table=pa.Table.from_pylist(cells, arrow_schema(CELLS)),
        place_table=pa.Table.from_pylist(list(places.values()), arrow_schema(PLACES)),
        stack_table=pa.Table.from_pylist(list(stacks.values()), arrow_schema(STACKS)),
    )
