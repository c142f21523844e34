"""Signs -> verdict and score: how sure, and which group to look at first."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import Ints
from gostack_nb.analysis.suspects.population import Flags
from gostack_nb.analysis.suspects.signs import Signs

VERDICTS = ("proven", "strong", "weak", "undecided", "explained")

ALARMS = ("proven", "strong")

NONE = ""
"""Nothing but size speaks: the group is not listed."""


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a sign counts when groups are ranked."""

    sign: str
    points: int
    reason: str


WEIGHTS = (
    Weight("marked", 100, "the runtime has proven it"),
    Weight("stays", 12, "identity over time: the one thing that load, deploys and pools do not show for long"),
    Weight("excess", 8, "what is started together should live together"),
    Weight("orphans", 8, "the same, told for each goroutine"),
    Weight("held", 8, "no lock is meant to be held for minutes"),
    Weight("circle", 8, "two locks, each waited for by who may hold the other"),
    Weight("never_wakes", 5, "nothing can end the wait; but one goroutine may be parked so on purpose"),
    Weight("lock", 4, "locks are free again within microseconds, though a dump may catch a few waiting"),
    Weight("waits_for_nobody", 4, "whom the waiter started is gone without Done, or someone else will call it"),
    Weight("grows", 4, "counts alone: load does it too"),
    Weight("parents_gone", 3, "whoever started them cannot be waiting for them; some libraries work so"),
    Weight("sends", 3, "a send has no time limit, and its receiver should be waiting"),
    Weight("wrong", 3, "the catalogue knows no good reason for such goroutines"),
    Weight("came", 2, "arrived and stayed, but once or few: a deploy step does it too"),
    Weight("wide", 2, "started all through the life of the process and still here"),
    Weight("apart", 2, "began to wait at different times, and nobody woke them"),
    Weight("jam", 2, "who may hold the lock is stuck himself"),
    Weight("convoy", 2, "short critical sections queue a few at most"),
    Weight("own_channels", 2, "one channel each is one per request or connection, not a pool"),
    Weight("too_many", 2, "more than the catalogue takes for normal; a judgement"),
    Weight("by_suspect", 2, "part of the same jam"),
    Weight("receives", 1, "a receive has no time limit, but idle workers wait so"),
    Weight("none_wakes", 1, "none has done anything for a minute; idle pools do not either"),
    Weight("label", 1, "they belong to one handler or tenant"),
    Weight("one_channel", -2, "workers of a pool share their channel"),
    Weight("alone", -3, "a leak repeats; of most things that a program starts for itself there is one"),
    Weight("foreign", -3, "frames of the standard library alone are mostly idle connections; never dropped for it"),
    Weight("pool", -5, "one goroutine started them all in one go"),
    Weight("turnover", -6, "goroutines of this stack do end"),
    Weight("in_step", -6, "each belongs to something that is alive"),
    Weight("at_work", -8, "it is not waiting"),
)

LEAST_POINTS = 3
"""A group is listed from here: one sign that is more than a tie-break."""


def score(signs: Signs) -> Ints:
    """Add up the points of the signs that each group shows."""
    parts = [np.where(getattr(signs, weight.sign), weight.points, 0) for weight in WEIGHTS]
    total: Ints = np.sum(parts, axis=0)
    return total


def is_strong(signs: Signs) -> Flags:
    """Tell which groups show identity over time, or two independent kinds of evidence."""
    over_time = _only_gains(signs) | _piled_up(signs)
    return (over_time | _left_behind(signs) | _stuck(signs)) & ~signs.at_work


def _only_gains(signs: Signs) -> Flags:
    """Find arrivals without exits, of goroutines that have no time limit of their own or have outlived it.

    Receivers of clients that come while the load rises look the same for as long as nobody leaves: for them another
    sign must speak, or they must arrive for minutes (`old`).
    """
    beside = signs.parents_gone | signs.apart | signs.none_wakes | signs.never_wakes
    limitless = (signs.plain & (~signs.receives | beside)) | signs.old | signs.excess | signs.orphans | signs.wrong
    return signs.stays & ~signs.in_step & limitless


def _piled_up(signs: Signs) -> Flags:
    """Find one operation without a time limit, nobody left who started it, and begun at different times."""
    at_times = (signs.wide | signs.apart) & ~signs.still
    limitless = signs.plain & (signs.parents_gone | signs.never_wakes | signs.waits_for_nobody)
    return at_times & limitless & ~signs.turnover & ~signs.in_step & ~signs.pool & ~signs.alone


def _left_behind(signs: Signs) -> Flags:
    """Find more than the siblings, and another sign that those are not of one moment."""
    not_of_one_moment = (signs.apart | signs.wide | signs.stays) & ~signs.turnover
    return signs.excess & (signs.orphans | not_of_one_moment)


def _stuck(signs: Signs) -> Flags:
    """Find locks and sends that have taken minutes: they have no time limit, and nobody is left to end them.

    A circle alone is not enough: who "may hold" a lock is guessed from arguments, and without a printed minute two
    such waits may be of one moment.
    """
    sends = signs.sends & signs.parents_gone & signs.none_wakes & ~signs.pool & ~signs.alone
    return (signs.held | sends) & ~signs.turnover


def is_undecided(signs: Signs) -> Flags:
    """Tell which groups gain in a way that a long time limit, a deploy step or a rise in load would show too."""
    spread = signs.parents_gone & signs.wide & ~signs.turnover & ~signs.still & ~signs.foreign
    return signs.stays | signs.grows | (signs.came & ~signs.few_came) | (spread & ~signs.alone)


def verdicts(signs: Signs) -> pd.Series:
    """Give each group its verdict; empty where nothing but size speaks."""
    told = [signs.marked, is_strong(signs), is_undecided(signs), signs.explained, score(signs) >= LEAST_POINTS]
    chosen = np.select(told, ["proven", "strong", "undecided", "explained", "weak"], NONE)
    return pd.Series(chosen, dtype="str")


def with_lineage(signs: Signs, facts: pd.DataFrame) -> Signs:
    """Add the sign of having been started by a suspect that still lives."""
    strong = np.append(signs.marked | is_strong(signs), [False])
    return replace(signs, by_suspect=strong[facts["parent_group"].to_numpy()])
