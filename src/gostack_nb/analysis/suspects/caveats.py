"""Population -> what the dumps cannot tell, in sentences."""

import pandas as pd

from gostack_nb.analysis.suspects.population import COUNTED_FORMS, Population
from gostack_nb.analysis.suspects.sentences import counted


def caveats(people: Population) -> list[str]:
    """Say what is missing and therefore weakens the verdict."""
    snapshots = people.snapshots
    said = [_few_dumps(people), _cut(snapshots), _counted(snapshots), _restarted(snapshots), _no_creators(people)]
    return [*filter(None, said)]


def _few_dumps(people: Population) -> str:
    if people.linked.any() or not (people.ids >= 0).any():
        return ""
    if len(people.snapshots) == int(people.is_last.sum()):
        return "One dump cannot show who arrives and who leaves."
    return "No two dumps in a row have ids and are whole: who arrives and who leaves cannot be seen."


def _cut(snapshots: pd.DataFrame) -> str:
    cut = int(snapshots["truncated"].fillna(value=False).sum())
    if not cut:
        return ""
    of_several = f"{cut} of {counted(len(snapshots), 'dump')} {'is' if cut == 1 else 'are'}"
    which = "The dump is" if len(snapshots) == 1 else of_several
    return f"{which} cut: goroutines missing there have not left, and counts are too low."


def _counted(snapshots: pd.DataFrame) -> str:
    forms = sorted(snapshots["form"].astype("str")[snapshots["form"].isin(COUNTED_FORMS)].unique())
    if not forms:
        return ""
    return f"Dumps of the form {' and '.join(forms)} tell no ids, waits or creators: take debug=2."


def _restarted(snapshots: pd.DataFrame) -> str:
    begun = snapshots[snapshots["run"] > 0]
    if not len(begun):
        return ""
    since = "dump since then counts" if len(begun) == 1 else f"{counted(len(begun), 'dump')} since then count"
    return f"The process was restarted: only the {since}."


def _no_creators(people: Population) -> str:
    """Go prints the creator's id since 1.21 (runtime/traceback.go)."""
    created = people.frame["created_by"].notna().to_numpy()
    if not (created & (people.ids >= 0)).any() or (people.creators >= 0).any():
        return ""
    versions = sorted(people.snapshots["go_version"].dropna().astype("str").unique())
    by = " and ".join(versions) or "Go before 1.21"
    return f"These dumps name no creator goroutines ({by}): whether parents live is told by function only."
