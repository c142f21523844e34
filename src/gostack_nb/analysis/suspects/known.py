"""Population -> what the catalogue knows about each group: its pattern, and how many of it are normal."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.catalogue.entries import Catalogue, Entry
from gostack_nb.analysis.catalogue.loading import load_catalogue
from gostack_nb.analysis.catalogue.matching import match_stacks, seen_states
from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.suspects.population import Population


def known(people: Population, state: pd.Series, count: Ints) -> pd.DataFrame:
    """Look each group up in the catalogue of known stacks.

    Returns
    -------
    DataFrame
        One row per group: `pattern`, `known_title` (str, of the entry; NA if there is none), `known_role` (str:
        `healthy`, `watch` or `wrong`) and `known_limit` (float64, goroutines that are normal; NaN where the catalogue
        gives no number, and for patterns of the language itself, which have none).
    """
    catalogue = load_catalogue()
    pattern = _patterns(people, state, catalogue)
    entries = [catalogue.get(name) if isinstance(name, str) else None for name in pattern]
    owners = pd.Series(count).groupby(pattern.to_numpy(dtype=object)).sum()
    roles = [entry.role if entry else None for entry in entries]
    return pd.DataFrame(
        {
            "pattern": pattern,
            "known_title": pd.array([entry.title if entry else None for entry in entries], dtype="str"),
            "known_role": pd.array(roles, dtype="str"),
            "known_limit": np.array([_limit(entry, owners) for entry in entries], dtype=np.float64),
        }
    )


def _patterns(people: Population, state: pd.Series, catalogue: Catalogue) -> pd.Series:
    seen = seen_states(people.frame.iloc[people.now])
    matched = match_stacks(people.stacks, seen, catalogue)
    keys = pd.MultiIndex.from_frame(matched[["stack_id", "state"]].astype("str"))
    names = matched["pattern"].astype("str").set_axis(keys)
    wanted = pd.DataFrame({"stack_id": people.groups.keys["stack_id"].astype("str"), "state": state})
    found: pd.Series = names[~names.index.duplicated()].reindex(pd.MultiIndex.from_frame(wanted))
    return found.reset_index(drop=True)


def _limit(entry: Entry | None, owners: pd.Series) -> float:
    """Return how many goroutines are normal: as many as there are owners, else up to the number to look from."""
    if entry is None or entry.always_wrong or entry.kind == "language":
        return float("nan")
    if entry.owner == "process" and entry.normal_per_owner is not None:
        return entry.normal_per_owner
    if entry.normal_per_owner is not None and entry.owner_patterns:
        return float(entry.normal_per_owner * sum(owners.get(name, 0) for name in entry.owner_patterns))
    return float("nan") if entry.suspicious_above is None else float(entry.suspicious_above)
