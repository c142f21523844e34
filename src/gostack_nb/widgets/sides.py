"""A view and two snapshots -> how its goroutines changed from one to the other."""

import pandas as pd

from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.filters import Filter
from gostack_nb.analysis.keys import DEFAULT_KEY
from gostack_nb.analysis.snapshots import only
from gostack_nb.widgets.view import View


def compared(view: View, before: str, after: str) -> pd.DataFrame:
    """Compare the goroutines of two snapshots that fit the filter without its snapshot, as `compare` does."""
    anywhen = Filter(tuple(term for term in view.filter.terms if term.field != "snapshot"))
    kept = view.dataset.goroutines[view.known.mask(anywhen)]
    part = view.dataset.with_goroutines(kept)
    return compare(only(part, before), only(part, after), by=view.by or DEFAULT_KEY)
