"""Dataset -> table: which groups leak, how sure that is, and why."""

from gostack_nb.analysis.suspects.ranking import suspects

__all__ = ["suspects"]
