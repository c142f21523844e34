"""Whether the number of goroutines grows, and whether it still does after the fix."""

import pandas as pd

from gostack_nb.analysis.growth import growth, total_by_snapshot
from gostack_nb.analysis.restarts import restarts
from gostack_nb.analysis.suspects.weighing import ALARMS
from gostack_nb.analysis.trend import LEAST_SNAPSHOTS, Trend, trends
from gostack_nb.analysis.verify_fix import verify_fix
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import first_suspect, followed, name_of, ranked
from gostack_nb.reports.words import clock, span


@checked
def is_it_leaking(dataset: Dataset, suspects: pd.DataFrame | None = None) -> Answer:
    """Say whether the number of goroutines grows, and how fast.

    Parameters
    ----------
    dataset : Dataset
        Snapshots of one process or several; `go_goroutines` from `metrics` is used where it was captured.
    suspects : DataFrame, optional
        As `gostack_nb.suspects` returns it; without it they are ranked here.

    Returns
    -------
    Answer
        Its table has one row per process if there are several; the chart of `plot_growth` shows the rest.

    Examples
    --------
    >>> gs.incident.is_it_leaking(dataset).sentences[0]
    'Yes: go_goroutines went from 163 to 288 in 5.5 minutes (13 snapshots, 2026-11-23 08:53:43 to 08:59:14 UTC).'
    """
    totals = total_by_snapshot(dataset)
    processes = trends(dataset)
    if not processes:
        return Answer((*_no_course(totals, restarts(dataset)), *_cut(totals)))
    sentences = (
        *_growth(processes[0], _is_alarmed(ranked(dataset, suspects))),
        *_others(processes),
        *_difference(processes[0]),
        *_cut(totals),
    )
    return Answer(sentences, _told(_table(processes)) if len(processes) > 1 else pd.DataFrame())


def _no_course(totals: pd.DataFrame, begun: pd.DataFrame) -> tuple[str, ...]:
    if not len(totals):
        return ("There is no dump of all goroutines to count.",)
    newest = totals.iloc[-1]
    held = f"the latest dump holds {count_words(int(newest['goroutines']), 'goroutine')}"
    if len(totals) == 1:
        lead = f"One moment cannot show growth: {held}."
    elif totals["truncated"].fillna(value=False).all():
        lead = f"All {len(totals)} dumps are cut, so that their counts cannot be compared: {held}."
    elif totals["captured_at"].isna().any():
        return _without_times(totals, held)
    elif len(begun):
        again = begun["captured_at"].max()
        lead = f"Growth cannot be seen: a restart before {again:%H:%M:%S} UTC left one dump since, {held}."
    else:
        lead = f"Growth cannot be seen without two dumps of one process at known times: {held}."
    return lead, "Capture some more, minutes apart; what the dumps tell as they are follows below."


def _without_times(totals: pd.DataFrame, held: str) -> tuple[str, ...]:
    undated = int(totals["captured_at"].isna().sum())
    return (
        f"Growth over time cannot be seen: when {undated:,} of {len(totals):,} dumps were taken is not known; {held}.",
        "Put the time into the names of the files, as in 20261123T085343Z.txt or 1795424023.txt (seconds, date +%s).",
        "What the dumps tell as they are follows below.",
    )


def _is_alarmed(suspects: pd.DataFrame) -> bool:
    first = first_suspect(suspects)
    return first is not None and first["verdict"] in ALARMS


def _growth(trend: Trend, alarmed: bool) -> tuple[str, ...]:  # noqa: FBT001 - a fact of the data
    when = f"in {span(trend.duration)} ({len(trend.counts)} snapshots, {clock(trend.started, trend.ended)})"
    who = f"{trend.of} of {trend.process}" if trend.process else trend.of
    course = f"{who} went from {trend.first:,} to {trend.last:,} {when}"
    since = () if trend.restarted is None else (f"It was restarted before {trend.restarted:%H:%M:%S} UTC.",)
    if trend.verdict == "grows":
        steady = "It never fell." if trend.never_fell else "It fell in between: look at the chart."
        return (f"Yes: {course}.", f"That is {trend.change:+,} goroutines, {_rate(trend)}.", steady, *since)
    if alarmed:
        return (
            f"The total hardly tells: {course}.",
            "But there is a suspect all the same: see who, below.",
            _rate_sentence(trend),
            *since,
        )
    if trend.verdict == "open":
        return (
            f"It cannot be told yet: {course}.",
            _rate_sentence(trend),
            "Take more snapshots, over a longer time.",
            *since,
        )
    ending = "It stays flat." if trend.verdict == "flat" else "It falls."
    return (f"No: {course}. {ending}", _rate_sentence(trend), *since)


def _rate(trend: Trend) -> str:
    if trend.rate is None:
        return "from too few snapshots for a rate"
    return f"{trend.rate:+z,.0f} per hour (95 % interval {trend.low:+z,.0f} to {trend.high:+z,.0f})"


def _rate_sentence(trend: Trend) -> str:
    if trend.rate is None and len(trend.counts) >= LEAST_SNAPSHOTS:
        return "They lie within a second: a rate needs some time between them."
    return "These are too few snapshots for a rate." if trend.rate is None else f"The trend is {_rate(trend)}."


def _others(followed: list[Trend]) -> tuple[str, ...]:
    growing = sum(trend.verdict == "grows" for trend in followed)
    return (f"{growing} of {len(followed)} processes grow; this one most.",) if len(followed) > 1 else ()


def _difference(trend: Trend) -> tuple[str, ...]:
    """Say why dumps and metric differ, where they do: a dump shows its own request and some of the runtime's."""
    if trend.of == "goroutines" or (trend.read_first, trend.read_last) == (trend.first, trend.last):
        return ()
    held = f"The dumps hold {trend.read_first:,} and {trend.read_last:,}"
    return (f"{held}: they also show goroutines that go_goroutines does not count.",)


def _cut(totals: pd.DataFrame) -> tuple[str, ...]:
    cut = int(totals["truncated"].fillna(value=False).sum())
    if not cut:
        return ()
    were = "dump is" if cut == 1 else "dumps are"
    return (f"{cut} {were} cut, so that counts are too low there: see issues.",)


@checked
def after_the_fix(before: Dataset, after: Dataset | None, suspects: pd.DataFrame | None = None) -> Answer:
    """Say whether the growth is gone in dumps taken after the fix.

    Parameters
    ----------
    before, after : Dataset
        Snapshots of the process without and with the fix; None if there are none yet.
    suspects : DataFrame, optional
        Of the dumps before, as `gostack_nb.suspects` returns it; without it they are ranked here.

    Returns
    -------
    Answer
        Its table has the course of each process before and after.

    Examples
    --------
    >>> gs.incident.after_the_fix(dataset, fixed).sentences[0]
    'The curve is flat at 163 after the fix (13 snapshots in 5.5 minutes).'
    """
    if after is None:
        return Answer(
            ("No dumps from after the fix yet.", "Capture the fixed service under the same load, and look again.")
        )
    leaking, fixed = trends(before), trends(after)
    table = _told(pd.concat([_table(leaking).assign(fix="before"), _table(fixed).assign(fix="after")]))
    if not fixed:
        return Answer(("One dump after the fix cannot show that the curve is flat: take some more.",), table)
    return Answer(
        (*_fixed(fixed[0]), *_suspect_after(before, after, ranked(before, suspects)), *_shorter(leaking, fixed[0])),
        table,
        points=_verified(before, after),
    )


def _verified(before: Dataset, after: Dataset) -> tuple[str, ...]:
    """Say whether it is proven: a flat curve may be too short, or without load."""
    whole = verify_fix(before, after).iloc[0]
    return (f"Verdict: {whole['verdict']}. {whole['sentence']}",)


def _fixed(trend: Trend) -> tuple[str, ...]:
    when = f"{len(trend.counts)} snapshots in {span(trend.duration)}"
    if trend.verdict == "grows":
        return (f"It still grows after the fix: {trend.first:,} to {trend.last:,}, {_rate(trend)} ({when}).",)
    if trend.verdict == "open":
        return (f"It cannot be told yet: {trend.first:,} to {trend.last:,} ({when}). Take more snapshots.",)
    if trend.verdict == "falls":
        return (f"The curve falls after the fix: {trend.first:,} to {trend.last:,} ({when}).",)
    if trend.first == trend.last:
        return (f"The curve is flat at {trend.last:,} after the fix ({when}).",)
    return (f"The curve is flat after the fix: {trend.first:,} to {trend.last:,} ({when}).",)


def _suspect_after(before: Dataset, after: Dataset, suspects: pd.DataFrame) -> tuple[str, ...]:
    """Follow the suspect into the dumps after the fix: flat is not enough if it is still there in its numbers.

    The fix has moved lines, so that its functions are looked for, at any line.
    """
    suspect = first_suspect(suspects)
    if suspect is None:
        return ()
    then, now = (_of_signature(dataset, suspect["signature"]) for dataset in (before, after))
    if not len(now):
        return (f"{name_of(suspect)} does not occur any more.",)
    course = f"{name_of(suspect)}: {now['first'].sum():,} -> {now['last'].sum():,}"
    if now["exits"].sum() > 0:
        course += f"; {now['arrivals'].sum():,} came and {now['exits'].sum():,} went"
    if now["last"].sum() >= then["last"].sum():
        return (f"{course}.", "That is no less than before: the fix has not let them go, or the load has stopped.")
    return (f"{course}.",)


def _of_signature(dataset: Dataset, signature: str) -> pd.DataFrame:
    grown = growth(followed(dataset), by="signature")
    return grown[grown["signature"] == signature]


def _shorter(leaking: list[Trend], fixed: Trend) -> tuple[str, ...]:
    if not leaking or fixed.duration >= leaking[0].duration / 2:
        return ()
    return (f"It was watched for {span(fixed.duration)} only: the leak showed in {span(leaking[0].duration)}.",)


def _table(followed: list[Trend]) -> pd.DataFrame:
    return pd.DataFrame([_row(trend) for trend in followed], columns=list(_COLUMNS))


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Drop the columns that are empty throughout."""
    return table.loc[:, [name for name in table if (table[name] != "").any()]]


_COLUMNS = ("fix", "process", "of", "first", "last", "change", "per hour", "95 % from", "to", "snapshots")


def _row(trend: Trend) -> dict[str, object]:
    rates = {"per hour": trend.rate, "95 % from": trend.low, "to": trend.high}
    return {
        "fix": "",
        "process": trend.process,
        "of": trend.of,
        "first": trend.first,
        "last": trend.last,
        "change": trend.change,
        **{name: None if rate is None else round(rate) for name, rate in rates.items()},
        "snapshots": len(trend.counts),
    }
