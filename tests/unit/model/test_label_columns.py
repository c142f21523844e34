"""Labels beside our columns."""

import pandas as pd
import pytest

from gostack_nb.model.label_columns import label_columns, renamed_labels


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        ([], {}),
        (["job", "zone"], {"job": "job", "zone": "zone"}),
        (["name"], {"name": "exported_name"}),
        (["name", "exported_name"], {"exported_name": "exported_name", "name": "exported_exported_name"}),
        (["exported_name", "name", "value"], {"exported_name": "exported_name", "name": "exported_exported_name"}),
    ],
)
def test_columns(labels: list[str], columns: dict[str, str]) -> None:
    found = dict(label_columns(labels, ("name", "value")))
    assert {label: found[label] for label in columns} == columns
    assert len(set(found.values())) == len(labels)
    assert not {"name", "value"} & set(found.values())


def test_columns_of_a_table() -> None:
    frame = pd.DataFrame({"run": ["a"], "job": ["b"], "value": [1]})
    assert renamed_labels(frame, ["run", "job"], ("run",)).to_dict("records") == [{"exported_run": "a", "job": "b"}]
