"""Fleets: which service leaks where, since which build, from the dumps of one process to those of ten thousand.

`sweep` does it all: it counts each source with `count_file`, puts the counts together with `combine` and ranks the
groups with `rank`; these three are pure functions, in this process, in a pool or on a Dask cluster.
"""

from gostack_nb.fleet.budget import Budget
from gostack_nb.fleet.confirming import fetch_stacks
from gostack_nb.fleet.contrasts import contrast
from gostack_nb.fleet.counting import count_file
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.courses import by_instance, growth
from gostack_nb.fleet.leakprof import leakprof
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.ranking import Ranking, rank
from gostack_nb.fleet.sweep import sweep

__all__ = [
    "Budget",
    "Counts",
    "Place",
    "Ranking",
    "by_instance",
    "combine",
    "contrast",
    "count_file",
    "fetch_stacks",
    "growth",
    "leakprof",
    "rank",
    "sweep",
]
