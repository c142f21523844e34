"""Columns -> table: the addresses that goroutines wait for."""

from collections.abc import Sequence

import pandas as pd

from gostack_nb.formats.addresses import Addresses


def address_table(rows: Sequence[tuple[str, Addresses]]) -> pd.DataFrame:
    """Put snapshot and addresses of goroutines into the table that `gostack_nb.read_addresses` describes."""
    return pd.DataFrame(
        {
            "snapshot_id": pd.Categorical(pd.array([name for name, _ in rows], dtype="str")),
            "goroutine_id": pd.array([found.goroutine_id for _, found in rows], dtype="Int64"),
            "operation": pd.Categorical([found.operation for _, found in rows], categories=["lock", "receive", "send"]),
            "address": pd.array([found.address for _, found in rows], dtype="Int64"),
            "pointers": pd.Series([found.pointers for _, found in rows], dtype=object),
        }
    )
