"""The questions of the guided incident, each answered from the tables in plain words.

Every number in a sentence is computed. A question that the dumps cannot answer gets a sentence that says so, and what
to capture.
"""

from collections.abc import Iterable

import pandas as pd

from gostack_nb.analysis.candidates import SIGNS, leak_candidates
from gostack_nb.analysis.grouping import group
from gostack_nb.analysis.growth import total_by_snapshot
from gostack_nb.analysis.siblings import siblings
from gostack_nb.analysis.snapshots import latest, only, primary_snapshots
from gostack_nb.formats.columns import Form
from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.trend import Trend, trend_of
from gostack_nb.reports.words import clock, counted, listed, role_of, span

NO_SIGN = SIGNS[-1]

NEXT_STEPS = {
    "chan receive": "The receiver waits for a value or a close that nobody will send. Find who holds the sending side, and "
    "check that every way out of that function closes the channel, or that the receiver also selects on a done channel.",
    "chan send": "The sender waits for a receiver that is gone. Give the channel a buffer for the values that may be left, "
    "or select on a done channel or context beside the send.",
    "select": "None of the cases becomes ready. Check that one of them is the owner's context or done channel, and that "
    "the owner cancels or closes it on every way out.",
    "IO wait": "It waits for the network. Check for a missing deadline, and for response bodies or connections that are "
    "not closed.",
    "sync.Mutex.Lock": "It waits for a lock. Look for the holder: a way out without Unlock, or a holder that itself waits.",
    "sync.RWMutex.Lock": "It waits for readers to leave. Look for an RLock without RUnlock, or a reader that itself waits.",
    "sync.RWMutex.RLock": "It waits for a writer. Look for a Lock without Unlock, or a writer that itself waits.",
    "sync.WaitGroup.Wait": "It waits for goroutines that never call Done. Look for a way out without Done.",
    "sync.Cond.Wait": "It waits for a Signal or Broadcast. Check that shutting down broadcasts.",
    "sleep": "It wakes and sleeps for ever. Check the condition that should end the loop.",
}
"""What to look for in the code, by the state of the goroutine that leaks."""

_GROUP_COLUMNS = {
    "user_function": "function",
    "state": "state",
    "first": "first",
    "last": "last",
    "change": "change",
    "rate_per_hour": "per hour",
    "arrivals": "arrived",
    "exits": "left",
    "sign": "sign of a leak",
}
_SHOWN_GROUPS = 8


def is_it_leaking(dataset: Dataset) -> Answer:
    """Say whether the number of goroutines grows, and how fast.

    Parameters
    ----------
    dataset : Dataset
        Snapshots of one process; `go_goroutines` from `metrics` is used where it was captured.

    Returns
    -------
    Answer
        Its table is that of `total_by_snapshot`.
    """
    totals = total_by_snapshot(dataset)
    shown = totals[["captured_at", "goroutines", "go_goroutines", "truncated"]]
    trend = trend_of(totals)
    if trend is None:
        return Answer(_one_dump(totals), shown)
    return Answer((*_growth_sentences(trend), *_cut_sentences(totals)), shown)


def _one_dump(totals: pd.DataFrame) -> tuple[str, ...]:
    count = int(totals["goroutines"].sum())
    return (
        f"One moment cannot show growth: it holds {counted(count, 'goroutine')}.",
        "Capture at least two more, some minutes apart; what one dump can tell follows below.",
        *_cut_sentences(totals),
    )


def _growth_sentences(trend: Trend) -> tuple[str, ...]:
    when = f"in {span(trend.duration)} ({trend.snapshots} snapshots, {clock(trend.started, trend.ended)})"
    course = f"{trend.name} went from {trend.first:,} to {trend.last:,} {when}"
    if trend.verdict == "grows":
        return (f"Yes: {course}.", f"That is {trend.change:+,} goroutines, {_rate(trend)}.", _steadiness(trend))
    if trend.verdict == "flat":
        return (f"No: {course}. It stays flat.", f"The trend is {_rate(trend)}.")
    return (f"It cannot be told yet: {course}.", f"The trend is {_rate(trend)}. Take more snapshots over a longer time.")


def _rate(trend: Trend) -> str:
    if trend.rate is None:
        return "too few snapshots for a rate"
    return f"{trend.rate:+,.0f} per hour (95 % interval {trend.low:+,.0f} to {trend.high:+,.0f})"


def _steadiness(trend: Trend) -> str:
    return "It never fell." if trend.never_fell else "It fell in between: look at the chart."


def _cut_sentences(totals: pd.DataFrame) -> tuple[str, ...]:
    cut = int(totals["truncated"].fillna(value=False).sum())
    if not cut:
        return ()
    were = "dump is" if cut == 1 else "dumps are"
    return (f"{cut} {were} cut, so that counts are too low there: see issues.",)


def who(dataset: Dataset) -> Answer:
    """Say which group of goroutines leaks, and which big groups in the same state do not.

    Returns
    -------
    Answer
        Its table lists the groups with their evidence, the strongest first.
    """
    candidates = leak_candidates(dataset)
    table = candidates.head(_SHOWN_GROUPS)[list(_GROUP_COLUMNS)].rename(columns=_GROUP_COLUMNS)
    suspects = candidates[candidates["sign"] != NO_SIGN]
    if not len(suspects):
        return Answer((_nobody(dataset),), table)
    first = suspects.iloc[0]
    return Answer((*_suspect_sentences(first), *_other_suspects(suspects), *_not_fooled(candidates, first)), table)


def _nobody(dataset: Dataset) -> str:
    if len(primary_snapshots(dataset).snapshots) > 1:
        return "No group shows a sign of a leak: none arrives without leaving, outnumbers its siblings or keeps growing."
    return "One dump shows no sign of a leak. Take another some minutes later: goroutines that stay tell themselves apart."


def _suspect_sentences(row: pd.Series) -> tuple[str, ...]:
    name, count = _name(row), int(row["last"])
    grown = f"{int(row['first']):,} -> {count:,} goroutines" if row["snapshots"] > 1 else counted(count, "goroutine")
    sentences = [f"{name}: {grown}, {_in_state(row)}."]
    if pd.notna(row["arrivals"]) and row["arrivals"] > 0:
        intervals = f"in {row['arrival_intervals']} of {row['id_intervals']} intervals"
        sentences.append(f"{counted(int(row['arrivals']), 'goroutine')} arrived {intervals}, and {_left(row['exits'])}.")
    if pd.notna(row["excess"]) and row["excess"] > 0:
        sentences.append(f"{row['expected']:,} are due by its siblings: {row['excess']:,} leaked.")
    if pd.notna(row["marked"]) and row["marked"] > 0:
        sentences.append(f"Go's own leak profile marks {row['marked']:,} of them.")
    return tuple(sentences)


def _left(exits: int) -> str:
    return "none left" if exits == 0 else f"{exits:,} left"


def _name(row: pd.Series) -> str:
    return str(row["top_function"] if pd.isna(row["user_function"]) else row["user_function"])


def _place(row: pd.Series) -> str:
    return str(row["top_location"] if pd.isna(row["user_location"]) else row["user_location"])


def _in_state(row: pd.Series) -> str:
    return "state not told by this form of dump" if pd.isna(row["state"]) else f"blocked in {row['state']}"


def _other_suspects(suspects: pd.DataFrame) -> tuple[str, ...]:
    others = [f"{_name(row)} ({row['first']:,} -> {row['last']:,})" for _, row in suspects.iloc[1:4].iterrows()]
    return (f"Look also at {listed(others)}.",) if others else ()


def _not_fooled(candidates: pd.DataFrame, suspect: pd.Series) -> tuple[str, ...]:
    """Name the biggest group in the same state that shows no sign: counting states alone would blame it too."""
    calm = candidates[(candidates["sign"] == NO_SIGN) & (candidates["state"] == suspect["state"])]
    if not len(calm) or calm.iloc[0]["last"] <= 1 or pd.isna(suspect["state"]):
        return ()
    row = calm.sort_values("last", ascending=False, kind="stable").iloc[0]
    return (f"Not this: {row['last']:,} {_name(row)} are in {row['state']} too, but {_calm(row)}.",)


def _calm(row: pd.Series) -> str:
    if pd.isna(row["arrivals"]):
        return "nothing in this dump speaks against them"
    if row["arrivals"] == 0 and row["exits"] == 0:
        return "none of them arrived or left meanwhile: they wait for work, as they should"
    return "they do not pile up"


def waiting_on(dataset: Dataset) -> Answer:
    """Say in which state the suspects are, and how long they have been in it.

    Returns
    -------
    Answer
        Its table has the suspects' groups of one snapshot, as `group` gives them: the latest one that still prints wait
        minutes, because a leak profile erases them.
    """
    suspect = _suspect(dataset)
    if suspect is None:
        return Answer(("There is no suspect to look at.",))
    looked_at = _before_leak_profile(dataset)
    groups = group(looked_at, by=("signature", "state", "created_by"))
    own = groups[groups["signature"] == suspect["signature"]]
    columns = ["state", "count", "wait_known", "wait_min", "wait_median", "wait_max", "top_function", "top_location"]
    return Answer(_waiting_sentences(own), own[columns])


def _waiting_sentences(groups: pd.DataFrame) -> tuple[str, ...]:
    if not len(groups) or groups["state"].isna().all():
        return ("This form of dump does not tell what goroutines wait for: take debug=2.",)
    main = groups.iloc[0]
    count, known = int(main["count"]), int(main["wait_known"])
    sentences = [f"{count:,} of them are blocked in {main['state']}, at {main['top_function']} ({main['top_location']})."]
    if known:
        age = f"{main['wait_min']} to {main['wait_max']} minutes" if known > 1 else f"{main['wait_max']} minutes"
        sentences.append(f"{known:,} print how long: {age}, half of them {main['wait_median']:.0f} or more.")
    if known < count:
        sentences.append(
            f"{count - known:,} print no wait: under a minute, or no garbage collection has seen them waiting yet. "
            "That is unknown, not zero."
        )
    return tuple(sentences)


def missing_siblings(dataset: Dataset) -> Answer:
    """Say which goroutines that are started together are not alive in equal numbers.

    Returns
    -------
    Answer
        Its table is that of `siblings`, of the latest snapshot.
    """
    last = latest(dataset)
    table = siblings(last)
    known = table[table["expected"].notna()]
    if not len(known):
        return Answer((_no_siblings(last),), table.drop(columns="snapshot_id"))
    uneven = known[known["excess"] != 0]
    chosen = known[known["created_by"] == (uneven if len(uneven) else known).iloc[0]["created_by"]]
    return Answer((*_sibling_sentences(chosen), *_owner_sentences(dataset, chosen)), known.drop(columns="snapshot_id"))


def _no_siblings(dataset: Dataset) -> str:
    if dataset.goroutines["created_by"].isna().all():
        return "This form of dump does not tell who started a goroutine: take debug=2."
    return "No function starts several kinds of goroutines in equal numbers here, so that none can be missed."


def _sibling_sentences(rows: pd.DataFrame) -> tuple[str, ...]:
    by_count = rows.astype({"entry_function": "str"}).sort_values(["count", "entry_function"])
    started = [counted(int(row["count"]), role_of(row["entry_function"])) for _, row in by_count.iterrows()]
    creator = rows.iloc[0]["created_by"]
    excess = rows[rows["excess"] > 0]
    if not len(excess):
        return (f"None: {creator} keeps {listed(started)} alive, in equal numbers.",)
    worst = excess.iloc[0]
    others = [role_of(name) for name in by_count[by_count["excess"] == 0]["entry_function"]]
    return (
        f"{creator} keeps {listed(started)} alive: {worst['excess']:,} {role_of(worst['entry_function'])}s have lost "
        f"their {listed(others)}.",
        f"{worst['expected']:,} of each are due.",
    )


def _owner_sentences(dataset: Dataset, rows: pd.DataFrame) -> tuple[str, ...]:
    """Name a gauge of the service that equals the number of sets: what there is one set for."""
    metrics = dataset.metrics
    if not len(metrics):
        return ()
    newest = metrics[metrics["captured_at"] == metrics["captured_at"].max()]
    own = newest[(newest["value"] == float(rows.iloc[0]["expected"])) & ~newest["name"].astype("str").str.startswith("go_")]
    gauges = sorted(own["name"].astype("str"), key=len)
    if not gauges:
        return ()
    noun = gauges[0].rpartition("_")[2]
    return (f"The service itself counts {rows.iloc[0]['expected']:,} {noun} ({gauges[0]}): one set for each.",)


def where_in_the_code(dataset: Dataset) -> Answer:
    """Say at which line the suspects are blocked, who started them, and what to look for there.

    Returns
    -------
    Answer
        Its table has the frames of the suspects' stack, leaf first, the creator last.
    """
    suspect = _suspect(dataset)
    if suspect is None:
        return Answer(("There is no suspect to look at.",))
    stacks = dataset.stacks
    frames = stacks[stacks["stack_id"] == suspect["stack_id"]].sort_values("frame_index")
    sentences = [f"{_name(suspect)} at {_place(suspect)} is the line to read."]
    creators = frames[frames["is_creator"].fillna(value=False)]
    if len(creators):
        creator = creators.iloc[0]
        sentences.append(f"It was started by {creator['function']} at {creator['file']}:{creator['line']}.")
    if suspect["state"] in NEXT_STEPS:
        sentences.append(NEXT_STEPS[suspect["state"]])
    return Answer(tuple(sentences), frames[["frame_index", "function", "file", "line", "is_std", "is_creator"]])


def leak_profile(dataset: Dataset) -> Answer:
    """Say what Go's own leak profile marks, if it was captured.

    Returns
    -------
    Answer
        Its table counts the marked goroutines by function and line.
    """
    snapshots = dataset.snapshots
    profiles = snapshots[snapshots["form"].isin([Form.LEAK0, Form.LEAK1, Form.LEAK2])]
    marked = dataset.goroutines[dataset.goroutines["leaked"].fillna(value=False).to_numpy(dtype=bool)]
    if not len(profiles) and not len(marked):
        return Answer((
            "No leak profile was captured.",
            "Go 1.27 has one at /debug/pprof/goroutineleak (Go 1.26 with GOEXPERIMENT=goroutineleakprofile): take it last, "
            "because it erases wait minutes.",
        ))
    if not len(marked):
        return Answer((
            "Go's leak profile was captured and marks 0 goroutines.",
            "It sees only what the garbage collector can prove: goroutines on channels that something still refers to "
            "may leak all the same.",
        ))
    newest = only(dataset, str(marked["snapshot_id"].iloc[-1]))
    groups = group(newest, by=("signature", "created_by"))
    groups = groups[groups["leaked"].fillna(0) > 0].sort_values("leaked", ascending=False, kind="stable")
    return Answer(_marked_sentences(groups), groups[["leaked", "count", "user_function", "user_location", "created_by"]])


def _marked_sentences(groups: pd.DataFrame) -> tuple[str, ...]:
    total = int(groups["leaked"].sum())
    top = groups.iloc[0]
    share = "all" if top["leaked"] == total else f"{top['leaked']:,}"
    return (
        f"Go's own leak profile marks {counted(total, 'goroutine')} as leaked, {share} of them in {_name(top)}.",
        "The garbage collector has proved that nothing alive can wake them.",
    )


def after_the_fix(before: Dataset, after: Dataset | None) -> Answer:
    """Say whether the growth is gone in dumps taken after the fix.

    Parameters
    ----------
    before, after : Dataset
        Snapshots of the process without and with the fix; None if there are none yet.

    Returns
    -------
    Answer
        Its table compares first and last counts of the suspect and of all goroutines.
    """
    if after is None:
        return Answer(("No dumps from after the fix yet.", "Capture the fixed service under the same load, and look again."))
    trends = {"before": trend_of(total_by_snapshot(before)), "after": trend_of(total_by_snapshot(after))}
    suspect = _suspect(before)
    table = pd.DataFrame([_total_row(name, trend) for name, trend in trends.items() if trend])
    fixed = trends["after"]
    if fixed is None:
        return Answer(("One dump after the fix cannot show that the curve is flat: take some more.",), table)
    return Answer((*_fixed_sentences(fixed), *_suspect_after(suspect, after)), table)


def _total_row(name: str, trend: Trend) -> dict[str, object]:
    return {
        "fix": name,
        "first": trend.first,
        "last": trend.last,
        "change": trend.change,
        "per hour": None if trend.rate is None else round(trend.rate),
        "snapshots": trend.snapshots,
    }


def _fixed_sentences(trend: Trend) -> tuple[str, ...]:
    when = f"{trend.snapshots} snapshots in {span(trend.duration)}"
    if trend.verdict == "flat" and trend.first == trend.last:
        return (f"The curve is flat at {trend.last:,} after the fix ({when}).",)
    if trend.verdict == "flat":
        return (f"The curve is flat after the fix: {trend.first:,} to {trend.last:,} ({when}).",)
    if trend.verdict == "grows":
        return (f"It still grows after the fix: {trend.first:,} to {trend.last:,}, {_rate(trend)} ({when}).",)
    return (f"It cannot be told yet: {trend.first:,} to {trend.last:,} ({when}). Take more snapshots.",)


def _suspect_after(suspect: pd.Series | None, after: Dataset) -> tuple[str, ...]:
    if suspect is None:
        return ()
    candidates = leak_candidates(after)
    same = candidates[candidates["signature"] == suspect["signature"]]
    if not len(same):
        return (f"{_name(suspect)} does not occur any more.",)
    row = same.iloc[0]
    turnover = ""
    if pd.notna(row["exits"]) and row["exits"] > 0:
        turnover = f"; {row['arrivals']:,} came and {row['exits']:,} went"
    return (f"{_name(suspect)}: {row['first']:,} -> {row['last']:,}{turnover}.",)


def _suspect(dataset: Dataset) -> pd.Series | None:
    """Return the group with the strongest sign of a leak."""
    candidates = leak_candidates(dataset)
    suspects = candidates[candidates["sign"] != NO_SIGN]
    return suspects.iloc[0] if len(suspects) else None


def _before_leak_profile(dataset: Dataset) -> Dataset:
    """Keep the latest snapshot in which no goroutine is marked: marked ones print no wait."""
    primary = primary_snapshots(dataset)
    marked = primary.goroutines[primary.goroutines["leaked"].fillna(value=False).to_numpy(dtype=bool)]
    clean = _unmarked(primary.snapshots["snapshot_id"], marked["snapshot_id"].unique())
    return only(primary, clean[-1]) if clean else latest(dataset)


def _unmarked(names: Iterable[str], marked: Iterable[str]) -> list[str]:
    known = set(marked)
    return [str(name) for name in names if name not in known]
