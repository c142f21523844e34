"""Dumps without a Go version get that of a page of metrics of the same process."""

from bisect import bisect_right

import pandas as pd

_PROCESS = ["service", "instance"]


def go_versions(rows: pd.DataFrame) -> pd.Series:
    """Tell the Go version of each dump.

    A page of metrics of the same round (process and time) tells it, else the dump itself, else the last page of the
    process before the dump, else the first one behind it.

    Parameters
    ----------
    rows : DataFrame
        The rows of a recording, in order of time; those without `snapshot_id` that have a `go_version` are of pages.

    Returns
    -------
    Series
        object: text or None, one per row.
    """
    own = rows["go_version"].astype("object").where(rows["go_version"].notna(), None)
    pages = rows[rows["snapshot_id"].isna() & rows["go_version"].notna()]
    if pages.empty:
        return own
    known = {process: _Course(group) for process, group in _by_process(pages)}
    told = [
        known[process].at(time, version) if process in known else version
        for process, time, version in zip(_processes(rows), rows["captured_at"], own, strict=True)
    ]
    return pd.Series(told, index=rows.index, dtype="object")


class _Course:
    """The versions that the pages of one process told, in order of time."""

    def __init__(self, pages: pd.DataFrame) -> None:
        self._times = pages["captured_at"].tolist()
        self._versions = pages["go_version"].tolist()
        dated = sum(1 for time in self._times if not pd.isna(time))
        self._dated = self._times[:dated]  # those without a time come last

    def at(self, time: pd.Timestamp, own: str | None) -> str | None:
        """Return the version at a time."""
        if pd.isna(time):
            return own or self._versions[-1]
        place = bisect_right(self._dated, time)
        if place and self._dated[place - 1] == time:
            return str(self._versions[place - 1])
        return own or str(self._versions[max(place - 1, 0)])


def _processes(rows: pd.DataFrame) -> list[tuple[str, str]]:
    names = (rows[name].astype("object").where(rows[name].notna(), "") for name in _PROCESS)
    return list(zip(*names, strict=True))


def _by_process(pages: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    places: dict[tuple[str, str], list[int]] = {}
    for place, process in enumerate(_processes(pages)):
        places.setdefault(process, []).append(place)
    return [(process, pages.iloc[found]) for process, found in places.items()]
