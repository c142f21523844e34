"""Which rows of a recording are asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import pandas as pd

Time = datetime | str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the caller wants; None is everything."""

    service: str | None
    instance: str | None
    since: pd.Timestamp | None
    until: pd.Timestamp | None

    @classmethod
    def of(cls, service: str | None, instance: str | None, since: Time | None, until: Time | None) -> Self:
        """Read what the caller gave.

        Raises
        ------
        ValueError
            If a text is no time.
        """
        return cls(service, instance, _utc(since, "since"), _utc(until, "until"))

    def of_rows(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that fit."""
        fits = pd.Series(data=True, index=rows.index)
        for name in ("service", "instance"):
            wanted = getattr(self, name)
            if wanted is not None:
                fits &= rows[name].eq(wanted).fillna(value=False)
        if self.since is not None:
            fits &= rows["captured_at"] >= self.since
        if self.until is not None:
            fits &= rows["captured_at"] <= self.until
        return rows[fits]


def of_evidence(rows: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """Return the rows of some evidence."""
    return rows[rows["evidence"].isin(list(names))]


def _utc(at: Time | None, name: str) -> pd.Timestamp | None:
    if at is None:
        return None
    try:
        time = pd.Timestamp(at)
    except ValueError as error:
        msg = f"{name}={at!r}: is no time. Hint: a datetime, or text like '2026-11-23 08:53:43'"
        raise ValueError(msg) from error
    return time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
