"""What happened while a monitor ran, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in a sentence; `kind` is alarm, error, mark or note."""

    at: datetime
    kind: str
    text: str


def events_table(events: Sequence[Event]) -> pd.DataFrame:
    """Return events as a table: `at` (datetime64[ns, UTC]), `kind`, `text` (str)."""
    return pd.DataFrame(
        {
            "at": times([event.at for event in events]),
            "kind": pd.Series([event.kind for event in events], dtype="str"),
            "text": pd.Series([event.text for event in events], dtype="str"),
        }
    )


def times(moments: Sequence[datetime]) -> pd.Series:
    """Return moments as a column: datetime64[ns, UTC]."""
    return pd.Series(pd.to_datetime(list(moments), utc=True), dtype="datetime64[ns, UTC]")
