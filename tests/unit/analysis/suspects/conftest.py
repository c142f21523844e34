"""Builders for evidence: rows by hand, groups found again by the function that stands for their stack."""

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pytest

from gostack_nb.analysis.suspects.population import Population, population


def born(function: str, ids: Iterable[int | None], **more: Any) -> list[dict[str, Any]]:
    """Return one goroutine per id, all on the same stack."""
    return [{"function": function, "goroutine_id": one, **more} for one in ids]


def series(function: str, *moments: Iterable[int], **more: Any) -> list[dict[str, Any]]:
    """Return the goroutines of one stack in snapshots s0, s1, ..."""
    return [row for n, ids in enumerate(moments) for row in born(function, ids, snapshot_id=f"s{n}", **more)]


def by_function(table: pd.DataFrame, people: Population) -> dict[str, dict[str, Any]]:
    """Return the rows of an evidence table by function; <NA> and NaN are None."""
    names = people.groups.keys["stack_id"].astype("str").str.rpartition(":")[0]
    plain = table.astype(object).where(table.notna(), None)
    return dict(zip(names, plain.to_dict("records"), strict=True))


@pytest.fixture
def found(dataset: Callable[..., Any]) -> Callable[..., dict[str, dict[str, Any]]]:
    """Run one kind of evidence on rows, and return its rows by function."""

    def run(kind: Callable[[Population], pd.DataFrame], rows: Any, **more: Any) -> dict[str, dict[str, Any]]:
        people = population(dataset(rows, **more))
        return by_function(kind(people), people)

    return run


def pods(*names: str, **more: Any) -> list[dict[str, Any]]:
    """Return one snapshot of each process, named as its instance."""
    return [{"snapshot_id": name, "instance": name, **more} for name in names]
