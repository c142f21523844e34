"""Tables to Arrow and back: explicit types from the schema, nothing is inferred.

An all-empty column stays a column of its type, a file that lacks a column gives NA, one that has more is read without.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from gostack_nb.formats.numbering import Numbering
from gostack_nb.model.categories import smallest_integer, sorted_names
from gostack_nb.model.schema import Column

TEXTS = pa.dictionary(pa.int32(), pa.utf8())

INTEGER_CATEGORIES = frozenset({"bubble"})
"""Categories that are whole numbers: Parquet keeps dictionaries of text only."""

_TYPES = {
    "category": TEXTS,
    "Int64": pa.int64(),
    "Int32": pa.int32(),
    "Float64": pa.float64(),
    "boolean": pa.bool_(),
    "float64": pa.float64(),
    "str": pa.utf8(),
    "datetime64[ns, UTC]": pa.timestamp("ns", "UTC"),
}
_NUMPY = {"Int64": np.int64, "Int32": np.int32, "Float64": np.float64, "boolean": np.bool_}
_MASKED = {
    "Int64": pd.arrays.IntegerArray,
    "Int32": pd.arrays.IntegerArray,
    "Float64": pd.arrays.FloatingArray,
    "boolean": pd.arrays.BooleanArray,
}


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the Arrow types of a table's columns, all nullable."""
    return pa.schema([pa.field(column.name, _type_of(column)) for column in columns])


def text_columns(columns: Sequence[Column]) -> list[str]:
    """Name the columns that are read as dictionaries."""
    return [column.name for column in columns if _type_of(column) == TEXTS]


def arrow_table(frame: pd.DataFrame, columns: Sequence[Column]) -> pa.Table:
    """Turn a table into Arrow; its columns must have the dtypes of the schema."""
    arrays = [_arrow_array(frame[column.name], column) for column in columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(columns))


def fitted(table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """Give a table that was read the columns of the schema: what it lacks is NA, what it has besides is dropped."""
    arrays = [_fitted(table, column) for column in columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(columns))


def frame_of(tables: Sequence[pa.Table], columns: Sequence[Column]) -> pd.DataFrame:
    """Put tables of the schema behind each other as one DataFrame; categories are sorted, and all of them occur."""
    table = pa.concat_tables([arrow_schema(columns).empty_table(), *tables])
    return pd.DataFrame({column.name: _pandas_array(table[column.name], column) for column in columns}, copy=False)


def codes_of(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int32]]:
    """Return the distinct texts of a dictionary column, and for each row the place of its own; -1 is NA."""
    texts = Numbering[str]()
    codes = np.empty(len(column), dtype=np.int32)
    end = 0
    for chunk in column.chunks:
        places = np.array([*(texts[text] for text in chunk.dictionary.to_pylist()), -1], dtype=np.int32)
        start, end = end, end + len(chunk)
        codes[start:end] = places[chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    return list(texts), codes


def _type_of(column: Column) -> pa.DataType:
    return pa.int64() if column.name in INTEGER_CATEGORIES else _TYPES[column.dtype]


def _arrow_array(series: pd.Series, column: Column) -> pa.Array:
    kind = _type_of(column)
    if kind == TEXTS:
        codes = series.cat.codes.to_numpy().astype(np.int32)
        texts = pa.array(series.cat.categories.tolist(), pa.utf8())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), texts)
    if column.name in INTEGER_CATEGORIES:
        series = series.astype("Int64")
    if column.dtype == "float64":
        return pa.array(series.to_numpy(), kind)  # NaN is a value of a metric
    return pa.array(series, kind, from_pandas=True)


def _fitted(table: pa.Table, column: Column) -> pa.ChunkedArray:
    kind = _type_of(column)
    if column.name not in table.column_names:
        return pa.chunked_array([pa.nulls(len(table), kind)], kind)
    found = table[column.name]
    if found.type == kind:
        return found
    return found.cast(pa.utf8()).dictionary_encode() if kind == TEXTS else found.cast(kind)


def _pandas_array(found: pa.ChunkedArray, column: Column) -> Any:
    if _type_of(column) == TEXTS:
        texts, codes = codes_of(found)
        names = sorted_names(texts, codes)
        return names.column(names.codes[:-1])
    if column.name in INTEGER_CATEGORIES:
        return _whole_numbers(found)
    if column.dtype in _MASKED:
        return _masked(found, column.dtype)
    if column.dtype == "float64":
        return found.to_numpy()
    return found.to_pandas().astype(column.dtype)


def _masked(found: pa.ChunkedArray, dtype: str) -> Any:
    """Fill one array chunk by chunk: what Arrow would make of them on the way is three times as much memory."""
    values: NDArray[Any] = np.zeros(len(found), dtype=_NUMPY[dtype])
    unknown = np.zeros(len(found), dtype=np.bool_)
    end = 0
    for chunk in found.chunks:
        start, end = end, end + len(chunk)
        if chunk.null_count:
            unknown[start:end] = chunk.is_null().to_numpy(zero_copy_only=False)
            chunk = chunk.fill_null(False if dtype == "boolean" else 0)  # noqa: PLW2901
        values[start:end] = chunk.to_numpy(zero_copy_only=False)
    return _MASKED[dtype](values, unknown)


def _whole_numbers(found: pa.ChunkedArray) -> pd.Categorical:
    """Make a category of whole numbers; nearly always there are none."""
    if found.null_count == len(found):
        codes = np.full(len(found), -1, dtype=smallest_integer(0))
        return pd.Categorical.from_codes(codes, categories=pd.Index([], dtype="int64"), validate=False)
    known = pd.Index(np.unique(found.drop_null().to_numpy()))
    return pd.Categorical(_masked(found, "Int64").astype(object), categories=known)
