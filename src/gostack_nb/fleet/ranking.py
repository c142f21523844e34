"""Counts -> table: which group of which service to look at first, and why."""

from typing import ClassVar, Self

import numpy as np
import pandas as pd

from gostack_nb.analysis.keys import ranked
from gostack_nb.analysis.states import LOCK_STATES, RECEIVE_STATES, SEND_STATES
from gostack_nb.analysis.suspects.limits import LEAST_WAIT_MINUTES
from gostack_nb.analysis.suspects.weighing import VERDICTS
from gostack_nb.fleet.contrasts import best_contrasts
from gostack_nb.fleet.counts import Counts
from gostack_nb.fleet.growing import follow, growing
from gostack_nb.fleet.known import known
from gostack_nb.fleet.leakprof import CHANNEL_OPERATIONS, LIMIT
from gostack_nb.fleet.population import population
from gostack_nb.fleet.sentences import sentences
from gostack_nb.fleet.shown import ranking_as_html
from gostack_nb.fleet.spread import spread
from gostack_nb.fleet.words import words_of_groups
from gostack_nb.model.calls import checked

LIMITLESS = RECEIVE_STATES | SEND_STATES | LOCK_STATES | {"sync.WaitGroup.Wait", "sync.Cond.Wait"}
"""Operations that no timer ends; a select may have one."""

MOST_GAIN = 0.5
"""Of the instances that are watched and hold a group, this share must gain. A judgement."""

COLUMNS = (
    "rank",
    "verdict",
    "service",
    "signature",
    "state",
    "top_function",
    "user_function",
    "user_location",
    "total",
    "instances",
    "holders",
    "share",
    "rms",
    "median",
    "maximum",
    "instances_worst",
    "outliers",
    "instances_outlying",
    "only_on",
    "label",
    "value",
    "times",
    "rate_per_hour",
    "watched",
    "gaining",
    "wait_minutes_max",
    "leaked",
    "pattern",
    "stack_id",
    "reasons",
)

_TEXTS = ("service", "signature", "state", "top_function", "user_function", "user_location", "pattern", "stack_id")


class Ranking(pd.DataFrame):
    """The table that `rank` and `sweep` return, with the counts behind it; what is made from it is a plain DataFrame.

    Attributes
    ----------
    counts : Counts
        Of every dump: for `contrast`, `by_instance`, `growth`, `leakprof`, `combine` with another sweep.

    Examples
    --------
    >>> ranking[["verdict", "user_function", "total"]].head(1).to_dict("records")
    [{'verdict': 'strong', 'user_function': 'main.(*session).ackLoop', 'total': 484}]
    >>> len(ranking.problems)
    0
    """

    _metadata: ClassVar[list[str]] = ["counts"]
    counts: Counts

    @classmethod
    def of(cls, table: pd.DataFrame, counts: Counts) -> Self:
        """Put a table and the counts that it was made of together."""
        made = cls(table)
        made.counts = counts
        return made

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    @property
    def problems(self) -> pd.DataFrame:
        """What could not be read or asked: `source`, `service`, `instance`, `reason`."""
        return self.counts.problems()

    def _repr_html_(self) -> str:
        return ranking_as_html(self, self.counts)


@checked
def rank(counts: Counts) -> Ranking:
    r"""Rank the groups of a fleet: the most suspicious first.

    A group is what has the same functions and state in one service, so that builds compare. Size alone makes none
    suspicious. What speaks for a leak: Go's own leak profile; growth in most instances that are watched; far more on
    one build, version or zone; instances that stand out; a lock waited for over minutes; more in one instance than
    LeakProf's limit.

    Parameters
    ----------
    counts : Counts
        Of one sweep or of several, combined.

    Returns
    -------
    Ranking
        A DataFrame, one row per group: `rank` (int64, from 1), `verdict` (category: as in `gs.suspects`; NA where
        nothing but size speaks), `service`, `signature`, `state` (normalized; NA in debug=1), `top_function`,
        `user_function`, `user_location` (`file:line` of the most frequent stack), `pattern`, `stack_id` (category);
        `total` (int64, goroutines in the last dump of each instance), `instances` (int64, of the service), `holders`
        (int64, those that have the group), `share` (float64, holders by instances), `rms` (float64, root mean square
        over the service's instances), `median` (float64), `maximum` (int64, in one instance), `instances_worst` (list
        of str, most first), `outliers` (int64), `instances_outlying` (list of str), `only_on` (str, `build 1.4.2`; NA
        if it is elsewhere too), `label`, `value` (str, the sharpest contrast), `times` (Float64), `rate_per_hour`
        (Float64, goroutines, the sum over the instances), `watched`, `gaining` (int64, instances), `wait_minutes_max`
        (Float64), `leaked` (int64), `reasons` (list of str).

    Notes
    -----
    - `proven`: Go's leak profile marks goroutines with these functions.
    - `strong`: blocked in an operation that no timer ends, it gains from dump to dump and does not fall back, and one
      build, version or zone has more of it and gains alone, or has far more while few others gain, or is the only one.
    - `undecided`: it gains; load does that too. `fetch_stacks` takes the dumps that decide, for `gs.suspects`.
    - `weak`: another one of the signs.
    - `explained`: known to the catalogue, no more than expected in any instance, and nothing else speaks.

    Within a verdict the root mean square decides: it weighs an instance that is full more than many that have a few.

    Examples
    --------
    >>> from gostack_nb.fleet import count_file, rank
    >>> counts = count_file(b"goroutine 7 [chan receive]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
    >>> rank(counts)[["state", "total", "instances", "user_location"]].to_dict("records")
    [{'state': 'chan receive', 'total': 1, 'instances': 1, 'user_location': '/srv/main.go:9'}]
    """
    people = population(counts)
    words, spreads, tracks = words_of_groups(people, counts), spread(people), follow(people)
    facts = pd.concat([words, spreads, best_contrasts(people, tracks), growing(people, tracks)], axis=1).assign(
        leaked=people.leaked
    )
    facts = pd.concat([facts, known(people, counts, words, spreads["maximum"])], axis=1)
    facts = facts[_is_listed(facts)].reset_index(drop=True)
    signs = _signs(facts)
    facts = pd.concat([facts, signs], axis=1).assign(verdict=_verdicts(facts, signs))
    return Ranking.of(_table(_in_order(facts)), counts)


def _is_listed(facts: pd.DataFrame) -> pd.Series:
    """Tell the groups that are there now; what the leak profile alone has, if no other has the same functions."""
    counted = facts.groupby(["service", "signature"], observed=True, dropna=False)["total"].transform("sum")
    return (facts["total"] > 0) | ((facts["leaked"] > 0) & (counted == 0))


def _signs(facts: pd.DataFrame) -> pd.DataFrame:
    """Tell which of the signs each group shows."""
    state = facts["state"].astype(object)
    is_lock = state.isin(LOCK_STATES)
    return pd.DataFrame(
        {
            "marked": facts["leaked"] > 0,
            "grows": (facts["gaining"] > 0) & (facts["gaining"] >= MOST_GAIN * facts["watched_holders"])
            | facts["gains_there"],
            "contrasts": facts["more_there"],
            "waits": is_lock & (facts["wait_minutes_max"].fillna(0) > LEAST_WAIT_MINUTES).astype(bool),
            "has_outliers": (facts["outliers"] > 0) & facts["label"].isna(),
            "is_large": state.isin(CHANNEL_OPERATIONS) & (facts["maximum"] >= LIMIT),
            "limitless": state.isin(LIMITLESS),
            "is_known": facts["title"].notna() & ~facts["wrong"],
        }
    )


def _verdicts(facts: pd.DataFrame, signs: pd.DataFrame) -> pd.Categorical:
    gains_elsewhere = facts["gaining_elsewhere"].fillna(0) >= MOST_GAIN * facts["watched_elsewhere"].fillna(0)
    apart = facts["gains_there"] | facts["only_there"] | (signs["contrasts"] & ~gains_elsewhere.astype(bool))
    strong = signs["limitless"] & signs["grows"] & apart
    others = ["contrasts", "waits", "has_outliers", "is_large"]
    weak = signs[others].any(axis=1) | facts["wrong"]
    calm = facts["explained"] & ~signs["contrasts"] & ~signs["is_large"]
    chosen = np.select(
        [signs["marked"], strong, signs["grows"], calm, weak],
        ["proven", "strong", "undecided", "explained", "weak"],
        "",
    )
    return pd.Categorical(pd.Series(chosen, dtype=object).where(chosen != "", None), categories=VERDICTS)


def _in_order(facts: pd.DataFrame) -> pd.DataFrame:
    """Sort: alarms, then what any sign speaks for, then what has none, then what is explained; each by its size."""
    verdict = facts["verdict"].astype(object)
    step = verdict.map({"proven": 0, "strong": 1, "undecided": 2, "weak": 2, "explained": 4}).fillna(3)
    names = [facts[name].astype(object).fillna("").to_numpy(dtype=str) for name in ("service", "signature", "state")]
    return ranked(facts, step, -facts["rms"], -facts["total"], *names)


def _table(facts: pd.DataFrame) -> pd.DataFrame:
    only = facts["only_there"].fillna(value=False).astype(bool)
    table = facts.assign(
        rank=np.arange(1, len(facts) + 1),
        only_on=(facts["label"] + " " + facts["value"]).where(only),
        reasons=_reasons(facts),
    )
    texts = {name: table[name].astype("category").cat.remove_unused_categories() for name in _TEXTS}
    return table.assign(**texts)[list(COLUMNS)]


def _reasons(facts: pd.DataFrame) -> pd.Series:
    said = [sentences({str(name): value for name, value in row.items()}) for row in facts.to_dict("records")]
    return pd.Series(pd.array(said, dtype=object) if said else [], dtype=object)
