"""The questions of the guided incident, each answered from the tables in plain words.

Every number in a sentence is computed. A question that the dumps cannot answer gets a sentence that says so, and what
to capture.
"""

from gostack_nb.reports.incident.captured import what_was_captured
from gostack_nb.reports.incident.course import after_the_fix, is_it_leaking
from gostack_nb.reports.incident.profile import leak_profile
from gostack_nb.reports.incident.siblings import missing_siblings
from gostack_nb.reports.incident.waiting import waiting_on
from gostack_nb.reports.incident.where import where_in_the_code
from gostack_nb.reports.incident.who import who

__all__ = [
    "after_the_fix",
    "is_it_leaking",
    "leak_profile",
    "missing_siblings",
    "waiting_on",
    "what_was_captured",
    "where_in_the_code",
    "who",
]


def __dir__() -> list[str]:
    """List the questions: completion shows these, not the modules that answer them."""
    return __all__
