"""Dataset -> table: who leaks, how sure, and why."""

import numpy as np
import pandas as pd

from gostack_nb.analysis.suspects.caveats import caveats
from gostack_nb.analysis.suspects.deciding import deciding_dump
from gostack_nb.analysis.suspects.evidence import evidence
from gostack_nb.analysis.suspects.population import population
from gostack_nb.analysis.suspects.sentences import sentences, shown_signs
from gostack_nb.analysis.suspects.shown import Suspects
from gostack_nb.analysis.suspects.signs import Signs, read_signs
from gostack_nb.analysis.suspects.weighing import ALARMS, NONE, VERDICTS, score, verdicts, with_lineage
from gostack_nb.model.addresses import address_table
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset

COLUMNS = (
    "rank",
    "verdict",
    "stack_id",
    "signature",
    "state",
    "top_function",
    "top_location",
    "user_function",
    "user_location",
    "count",
    "share",
    "rate_per_hour",
    "pattern",
    "reasons",
)

_WORDS = (*COLUMNS[2:9], "pattern")


@checked
def suspects(dataset: Dataset, *, addresses: pd.DataFrame | None = None) -> pd.DataFrame:
    r"""Name the groups that may leak, the most suspicious first, each with a verdict and its reasons.

    A group is one full stack with its lines and the line that started it, over all processes. Nothing is said about a
    group for its size alone. The more the dumps tell, the surer the verdict: ids from two or more debug=2 dumps say who
    arrives and never leaves, one dump says who was left behind, counts alone (debug=1, protobuf) say only who grows.

    Parameters
    ----------
    dataset : Dataset
        One or many snapshots of one or many processes. Of each moment the form that tells most is used, of a process
        that was restarted the last run; of dumps that are cut, missing ids are not taken for exits.
    addresses : DataFrame, optional
        As `read_addresses` returns it: adds which locks and channels are waited for. Only the last snapshot of each
        process counts here, so that `read_addresses(latest(dataset))` is enough.

    Returns
    -------
    DataFrame
        One row per group with any evidence, ranked: `rank` (int64, from 1), `verdict` (category), `stack_id`,
        `signature`, `state` (normalized), `top_function`, `top_location`, `user_function`, `user_location`
        (`file:line`; category), `count` (int64, goroutines in the last snapshot), `share` (float64, 0 to 1 of it),
        `rate_per_hour` (Float64, goroutines; NA if all times lie within a second), `pattern` (category, id in the
        catalogue of known stacks; NA if unknown), `reasons` (list of str, sentences).

    Raises
    ------
    MissingColumnError
        If a needed column is absent.

    Notes
    -----
    - `proven`: Go's own leak profile marks goroutines of the group.
    - `strong`: identity over time (arrivals in two or more intervals, no exit, in an operation without a time limit),
      or two independent kinds of evidence, such as a lock waited for over minutes, or more than the siblings and begun
      at different times.
    - `weak`: one kind of evidence.
    - `undecided`: it gains, but a session with a long time limit would look the same; the last reason says which later
      dump decides.
    - `explained`: known to the catalogue, and no more than expected.

    An alarm is `proven` or `strong`. The signs and their weights are `gostack_nb.analysis.suspects.weighing`, the
    limits and why they are what they are `gostack_nb.analysis.suspects.limits`.

    Examples
    --------
    >>> from gostack_nb import read
    >>> frames = "sync.(*Mutex).Lock(...)\n\tsync/mutex.go:46\nmain.f()\n\t/srv/main.go:9 +0x1d\n"
    >>> dataset = read(f"goroutine 7 [sync.Mutex.Lock, 3 minutes]:\n{frames}".encode())
    >>> row = suspects(dataset).iloc[0]
    >>> row["verdict"], row["user_location"], row["reasons"][0]
    ('strong', '/srv/main.go:9', 'They have waited for a lock for up to 3 minutes; locks are held for microseconds.')
    """
    people = population(dataset)
    facts = evidence(dataset, people, address_table([]) if addresses is None else addresses)
    signs = with_lineage(read_signs(facts), facts)
    verdict = verdicts(signs)
    listed = np.flatnonzero((verdict != NONE) & (facts["count"] > 0))
    chosen = facts.iloc[listed].assign(verdict=verdict.iloc[listed], score=score(signs)[listed], group=listed)
    chosen = _ranked(chosen)
    return Suspects(_table(chosen, _reasons(chosen, signs, caveats(people))))


def _ranked(facts: pd.DataFrame) -> pd.DataFrame:
    """Sort: alarms, then all other verdicts by score, then what is explained; ties by growth of counts, size, name."""
    verdict = facts["verdict"]
    step = np.select([verdict == "proven", verdict == "strong", verdict == "explained"], [0, 1, 3], 2)
    gained = (facts["last"] - facts["first"]).where(~facts["has_ids"], 0)
    order = np.lexsort((facts["stack_id"], -facts["count"], -gained, -facts["score"], step))
    return facts.iloc[order].reset_index(drop=True)


def _reasons(facts: pd.DataFrame, signs: Signs, notes: list[str]) -> list[list[str]]:
    reasons = []
    for row in facts.to_dict("records"):
        shown = shown_signs(signs, row["group"])
        fact = {str(name): value for name, value in row.items()}
        said = sentences(fact, shown)
        if row["verdict"] not in (*ALARMS, "explained"):
            said += notes
        if row["verdict"] == "undecided":
            said.append(deciding_dump(fact, shown))
        reasons.append(said)
    return reasons


def _table(facts: pd.DataFrame, reasons: list[list[str]]) -> pd.DataFrame:
    rates = facts["rate_per_hour"].to_numpy(dtype=np.float64)
    table = pd.DataFrame({name: facts[name].astype("category") for name in _WORDS})
    table["rank"] = np.arange(1, len(facts) + 1)
    table["verdict"] = pd.Categorical(facts["verdict"], categories=VERDICTS)
    table["count"], table["share"] = facts["count"], facts["share"]
    table["rate_per_hour"] = pd.arrays.FloatingArray(np.nan_to_num(rates), np.isnan(rates))
    table["reasons"] = pd.Series(reasons, dtype=object)
    return table[list(COLUMNS)]
