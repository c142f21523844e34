"""Table -> table: pprof labels as columns."""

import json

import pandas as pd

from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset, goroutines_of


@checked
def labels_table(source: Dataset | pd.DataFrame) -> pd.DataFrame:
    """Give every pprof label a column of its own.

    Parameters
    ----------
    source : Dataset or DataFrame
        Goroutines with `labels` (canonical JSON text).

    Returns
    -------
    DataFrame
        One row per goroutine, with the index of the goroutines; one column per label key, by name (category).
        NA where a goroutine lacks the label; no columns if nothing is labelled.

    Raises
    ------
    MissingColumnError
        If `labels` is absent.

    Examples
    --------
    >>> import pandas as pd
    >>> labels = pd.DataFrame({"labels": pd.Categorical(['{"client":"c-1","role":"ack"}', None])})
    >>> labels_table(labels)["role"].tolist()
    ['ack', nan]
    """
    labels = goroutines_of(source, "labels")["labels"].astype("category")
    codes = labels.cat.codes.to_numpy()
    sets = [json.loads(text) for text in labels.cat.categories]
    keys = sorted({key for labels_of_one in sets for key in labels_of_one})
    columns = {key: _values([one.get(key) for one in sets]).take(codes, allow_fill=True) for key in keys}
    return pd.DataFrame(columns, index=labels.index)


def _values(values: list[str | None]) -> pd.Categorical:
    return pd.Categorical(pd.array(values, dtype="str"))
