"""Facts -> signs: which kinds of evidence speak for or against each group, each a plain yes or no."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gostack_nb.analysis.lock_waits import CONVOY
from gostack_nb.analysis.states import LOCK_STATES, RECEIVE_STATES, SEND_STATES
from gostack_nb.analysis.suspects.limits import (
    FEW,
    GC_PERIOD_MINUTES,
    INTERVALS,
    LEAST_WAIT_MINUTES,
    MOST,
    TIME_LIMITS_MINUTES,
    WIDE,
)
from gostack_nb.analysis.suspects.population import Flags

NEVER_WAKE = frozenset({"chan receive (nil chan)", "chan send (nil chan)", "select (no cases)"})
"""Nothing can end these waits (runtime/chan.go, runtime/select.go)."""

WAIT_GROUP = "sync.WaitGroup.Wait"

PLAIN_STATES = RECEIVE_STATES | SEND_STATES | LOCK_STATES | {WAIT_GROUP, "select (no cases)"}
"""One operation on one object: only another goroutine ends it. A select, a read from the network and a sleep may have a
time limit of their own. A receive may too (`<-time.After`, `<-ctx.Done()`), and it waits as long as its client lives:
it weighs less than a send, and arrivals alone make it `strong` only if they go on for minutes (`old`)."""

AT_WORK = frozenset({"running", "runnable", "syscall", "GC assist wait", "preempted"})
"""Not waiting for anybody."""


@dataclass(frozen=True, slots=True)
class Signs:
    """One array of yes or no per sign, one entry per group."""

    marked: Flags  # the runtime's leak profile says so
    stays: Flags  # arrivals in two or more intervals, and nobody ever left
    came: Flags  # arrivals and no exits, but once or few
    few_came: Flags  # no more than may come by accident
    turnover: Flags  # they come and go
    still: Flags  # followed, and nobody came or went
    excess: Flags  # more than their siblings
    orphans: Flags  # some have lost their siblings, the others have not
    in_step: Flags  # each has a sibling beside it that is at work
    never_wakes: Flags
    lock: Flags
    held: Flags  # a lock has been waited for longer than locks are held
    sends: Flags
    receives: Flags
    waits_for_nobody: Flags  # a wait group whose waiter has no living child
    plain: Flags
    parents_gone: Flags
    wide: Flags
    apart: Flags  # their waits began at different times
    none_wakes: Flags
    pool: Flags  # started in one loop by one goroutine
    at_work: Flags
    foreign: Flags  # frames of the standard library alone
    old: Flags  # waiting for longer than usual time limits, or receivers that arrive for longer than a rise in load
    grows: Flags  # counts that only rise, where ids are not told
    circle: Flags  # locks that wait for each other
    jam: Flags  # who may hold the lock waits for another
    convoy: Flags  # many wait for one lock
    own_channels: Flags  # one channel each
    one_channel: Flags  # one channel for all
    label: Flags  # a pprof label that others do not have
    by_suspect: Flags  # started by goroutines that are suspects themselves
    alone: Flags  # no process has more than one
    wrong: Flags  # the catalogue: never normal
    too_many: Flags  # the catalogue: more than are normal
    explained: Flags  # the catalogue: known, and no more than expected


def read_signs(facts: pd.DataFrame) -> Signs:
    """Tell which signs each group shows."""
    state = facts["state"].fillna("")
    count = facts["count"].to_numpy()
    followed = (facts["intervals"] > 0).to_numpy()
    stays, came, turnover, still = _movement(facts)
    excess, orphans = _of(facts["excess"] >= FEW), _of(facts["orphans"] >= FEW)
    pool = (facts["in_one_go"] & (facts["parents_each"] <= 1)).to_numpy()
    return Signs(
        marked=_of(facts["marked"] > 0),
        stays=stays,
        came=came,
        few_came=_of(facts["arrivals"] < FEW),
        turnover=turnover,
        still=still,
        excess=excess,
        orphans=orphans,
        in_step=_of(facts["paired_awake"] >= MOST) & ~excess & ~orphans,
        never_wakes=_of(state.isin(NEVER_WAKE)),
        lock=_of(state.isin(LOCK_STATES)),
        held=_of(state.isin(LOCK_STATES) & (facts["wait_max"] >= LEAST_WAIT_MINUTES)),
        sends=_of(state.isin(SEND_STATES)),
        receives=_of(state.isin(RECEIVE_STATES)),
        waits_for_nobody=_of((state == WAIT_GROUP) & (facts["childless"] > MOST)),
        plain=_of(state.isin(PLAIN_STATES)),
        parents_gone=_of(facts["parents_gone"] > MOST),
        wide=_of(facts["id_spread"] > WIDE),
        apart=_of(facts["wait_spread"] >= GC_PERIOD_MINUTES),
        none_wakes=_of((facts["wait_known"] >= MOST * count) & (facts["wait_min"] >= LEAST_WAIT_MINUTES)),
        pool=pool,
        at_work=_of(state.isin(AT_WORK)),
        foreign=_of(facts["user_function"].isna()),
        old=_of(facts["wait_max"] > TIME_LIMITS_MINUTES[-1]) | _arrive_for_minutes(facts, state),
        grows=_of(facts["never_fell"] & (facts["last"] >= facts["first"] + FEW)) & ~followed,
        circle=_of(facts["in_circle"] > 0),
        jam=_of(facts["behind_waiters"] > 0),
        convoy=_of(facts["one_lock"] >= CONVOY),
        own_channels=_of((facts["on_channels"] >= FEW) & (facts["channels"] >= MOST * facts["on_channels"])),
        one_channel=_of((facts["on_channels"] >= FEW) & (facts["channels"] == 1)),
        label=_of(facts["label"].notna()),
        by_suspect=np.zeros(len(facts), dtype=np.bool_),
        alone=_of(facts["in_one_process"] <= 1),
        wrong=_of(facts["known_role"] == "wrong"),
        too_many=_of(facts["known_limit"] < facts["in_one_process"]) & (count >= FEW),
        explained=_of((facts["known_role"] == "healthy") & (count <= facts["known_limit"]) & (count >= FEW)),
    )


def _arrive_for_minutes(facts: pd.DataFrame, state: pd.Series) -> Flags:
    return _of(state.isin(RECEIVE_STATES) & (facts["arrival_stretches"] >= INTERVALS))


def _movement(facts: pd.DataFrame) -> tuple[Flags, Flags, Flags, Flags]:
    arrivals, exits = facts["arrivals"].to_numpy(), facts["exits"].to_numpy()
    followed = (facts["intervals"] > 0).to_numpy()
    here = facts["count"].to_numpy() > 0
    stays = followed & here & (arrivals >= FEW) & (facts["arrival_intervals"] >= INTERVALS).to_numpy() & (exits == 0)
    came = followed & here & (arrivals > 0) & (exits == 0) & ~stays
    turnover = followed & (exits > 0)
    still = followed & (arrivals == 0) & (exits == 0)
    return stays, came, turnover, still


def _of(series: pd.Series) -> Flags:
    return series.to_numpy(dtype=np.bool_, na_value=False)
