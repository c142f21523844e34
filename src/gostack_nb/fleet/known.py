"""Population -> what the catalogue of known stacks says of each group."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.catalogue.entries import Entry
from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.matching import match_stacks
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.population import Population
from gostack_nb.model.categories import text_column

HEALTHY = "healthy"


def known(people: Population, counts: Counts, words: pd.DataFrame, maximum: pd.Series) -> pd.DataFrame:
    """Look each group up.

    Returns
    -------
    DataFrame
        One row per group: `pattern` (category, id of the entry; NA if none fits), `title` (str), `explained` and
        `wrong` (bool: healthy and in no instance more than expected; never right).
    """
    catalogue = load_catalogue()
    seen = words[["stack_id"]].assign(state=people.groups["state"])
    pattern = match_stacks(counts.stacks(), seen, catalogue)["pattern"].astype(object)
    entries = [catalogue.get(name) if isinstance(name, str) else None for name in pattern]
    total = pd.Series(people.last.groupby("group")["count"].sum().reindex(range(len(words)), fill_value=0))
    totals = total.groupby([pattern.to_numpy(), people.service_of_group]).sum()
    owners = totals.to_dict()
    explained = [
        _is_explained(entry, most, all_of_it, sum(owners.get((name, service), 0) for name in _owners(entry)))
        for entry, most, all_of_it, service in zip(entries, maximum, total, people.service_of_group, strict=True)
    ]
    return pd.DataFrame(
        {
            "pattern": text_column(name if isinstance(name, str) else None for name in pattern),
            "title": pd.array([entry.title if entry else None for entry in entries], dtype="str"),
            "explained": np.array(explained, dtype=np.bool_),
            "wrong": np.array([bool(entry and entry.always_wrong) for entry in entries], dtype=np.bool_),
        }
    )


def _owners(entry: Entry | None) -> tuple[str, ...]:
    return tuple(entry.owner_patterns) if entry else ()


def _is_explained(entry: Entry | None, maximum: int, total: int, owners: int) -> bool:
    """Tell whether a group is healthy and no larger than it should be; without a number it is not explained."""
    if entry is None or entry.role != HEALTHY or entry.kind == "language":
        return False
    if entry.owner == "process" and entry.normal_per_owner is not None:
        return maximum <= entry.normal_per_owner
    if entry.normal_per_owner is not None and owners:
        return total <= entry.normal_per_owner * owners
    return entry.suspicious_above is not None and maximum <= entry.suspicious_above
