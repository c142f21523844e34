"""Labels of others to columns beside ours: how a name that is taken gives way."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import pandas as pd


def label_columns(labels: Iterable[str], ours: Collection[str]) -> Mapping[str, str]:
    """Choose the column of each label; one that has the name of a column of ours is `exported_` as Prometheus does it.

    >>> label_columns(["job", "name", "value", "exported_value"], ours=("name", "value"))
    {'exported_value': 'exported_value', 'job': 'job', 'name': 'exported_name', 'value': 'exported_exported_value'}
    """
    chosen: dict[str, str] = {}
    for label in sorted(labels, key=lambda label: (label in ours, label)):
        column = label
        while column in ours or column in chosen.values():
            column = f"exported_{column}"
        chosen[label] = column
    return {label: chosen[label] for label in sorted(chosen)}


def labels_text(labels: Mapping[str, str]) -> str | None:
    """Return labels as canonical JSON text; None if there are none.

    >>> labels_text({"zone": "b", "build": "1.4.2"})
    '{"build": "1.4.2", "zone": "b"}'
    """
    return json.dumps(dict(labels), sort_keys=True, ensure_ascii=False) if labels else None


def renamed_labels(frame: pd.DataFrame, labels: Sequence[str], ours: Collection[str]) -> pd.DataFrame:
    """Return the columns of labels alone, with names that are free beside `ours`."""
    return frame[list(labels)].rename(columns=label_columns(labels, ours))
