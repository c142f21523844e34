"""A filter and one of its groups -> the filter that keeps this group alone."""

import pandas as pd

from gostack_nb.analysis.filters import FIELDS, Filter, Relation, Term
from gostack_nb.analysis.keys import LABEL_PREFIX, key_names
from gostack_nb.errors import FilterError
from gostack_nb.widgets.view import View

_FIELD_OF = {"stack_id": "stack", "user_location": "line", "created_by": "creator", "snapshot_id": "snapshot"}


def narrowed(view: View, row: int) -> Filter:
    """Add the key of a row of the view's table to its filter, in the place of what it said of the same fields.

    Raises
    ------
    FilterError
        If the filter has no field for the key.
    """
    found = view.table.iloc[row]
    names = ("snapshot_id", *key_names(view.by)) if view.by else ("snapshot_id", "stack_id", "state")
    terms = [_term(name, found[name]) for name in dict.fromkeys(names)]
    told = {(term.field, term.key) for term in terms}
    kept = (term for term in view.filter.terms if (term.field, term.key) not in told)
    return Filter((*kept, *terms))


def _term(name: str, value: object) -> Term:
    field = "label" if name.startswith(LABEL_PREFIX) else _FIELD_OF.get(name, name)
    if field not in FIELDS:
        msg = f"the filter has no field for {name}, by which the table is grouped; there are {', '.join(FIELDS)}"
        raise FilterError(msg)
    key = name.removeprefix(LABEL_PREFIX) if field == "label" else ""
    if pd.isna(value):  # type: ignore[call-overload]
        return Term(field, Relation.UNKNOWN, key=key)
    return Term(field, Relation.IS, str(value), key)
