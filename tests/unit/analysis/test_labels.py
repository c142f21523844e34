import pandas as pd
import pytest

from gostack_nb.analysis.labels import labels_table
from gostack_nb.errors import MissingColumnError


def test_one_column_per_key_with_the_index_of_the_goroutines(goroutines):
    table = goroutines({"labels": text} for text in ['{"b":"1","a":""}', None, '{"b":"2"}'])
    table.index = pd.Index([5, 6, 9])
    wide = labels_table(table)
    assert wide.columns.tolist() == ["a", "b"]
    assert wide.index.tolist() == [5, 6, 9]
    assert wide["b"].tolist()[::2] == ["1", "2"]
    assert wide["b"].isna().tolist() == [False, True, False]
    assert wide["a"].isna().tolist() == [False, True, True]
    assert wide["a"].iloc[0] == ""
    assert wide.dtypes.astype(str).tolist() == ["category", "category"]


def test_nothing_labelled_gives_no_columns(goroutines):
    assert labels_table(goroutines([{}, {}])).shape == (2, 0)
    assert labels_table(goroutines([])).shape == (0, 0)


def test_missing_column(goroutines):
    with pytest.raises(MissingColumnError, match="lacks labels"):
        labels_table(goroutines([]).drop(columns="labels"))
