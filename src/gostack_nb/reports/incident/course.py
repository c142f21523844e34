"""Whether the number of goroutines grows, and whether it still does after the fix."""

import pandas as pd

from gostack_nb.analysis.candidates import leak_candidates
from gostack_nb.analysis.growth import total_by_snapshot
from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import name_of, suspect_of
from gostack_nb.reports.trend import Trend, trend_of
from gostack_nb.reports.words import clock, counted, span


def is_it_leaking(dataset: Dataset) -> Answer:
    """Say whether the number of goroutines grows, and how fast.

    Parameters
    ----------
    dataset : Dataset
        Snapshots of one process; `go_goroutines` from `metrics` is used where it was captured.

    Returns
    -------
    Answer
        Without a table: the chart of `plot_growth` shows what the sentences say.
    """
    totals = total_by_snapshot(dataset)
    trend = trend_of(totals)
    if trend is None:
        return Answer(_one_dump(totals))
    return Answer((*_growth_sentences(trend), *_difference(trend, totals), *_cut_sentences(totals)))


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
    return (
        f"It cannot be told yet: {course}.",
        f"The trend is {_rate(trend)}. Take more snapshots over a longer time.",
    )


def _rate(trend: Trend) -> str:
    if trend.rate is None:
        return "too few snapshots for a rate"
    return f"{trend.rate:+,.0f} per hour (95 % interval {trend.low:+,.0f} to {trend.high:+,.0f})"


def _steadiness(trend: Trend) -> str:
    return "It never fell." if trend.never_fell else "It fell in between: look at the chart."


def _difference(trend: Trend, totals: pd.DataFrame) -> tuple[str, ...]:
    """Say why dumps and metric differ, where they do: a dump shows its own request and some of the runtime's."""
    first, last = int(totals["goroutines"].iloc[0]), int(totals["goroutines"].iloc[-1])
    if (first, last) == (trend.first, trend.last):
        return ()
    return (f"The dumps hold {first:,} and {last:,}: they also show goroutines that {trend.name} does not count.",)


def _cut_sentences(totals: pd.DataFrame) -> tuple[str, ...]:
    cut = int(totals["truncated"].fillna(value=False).sum())
    if not cut:
        return ()
    were = "dump is" if cut == 1 else "dumps are"
    return (f"{cut} {were} cut, so that counts are too low there: see issues.",)


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
        return Answer(
            ("No dumps from after the fix yet.", "Capture the fixed service under the same load, and look again.")
        )
    leaking, fixed = trend_of(total_by_snapshot(before)), trend_of(total_by_snapshot(after))
    table = _table(before=leaking, after=fixed)
    if fixed is None:
        return Answer(("One dump after the fix cannot show that the curve is flat: take some more.",), table)
    return Answer((*_fixed_sentences(fixed), *_suspect_after(suspect_of(before), after)), table)


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
        return (f"{name_of(suspect)} does not occur any more.",)
    row = same.iloc[0]
    turnover = ""
    if pd.notna(row["exits"]) and row["exits"] > 0:
        turnover = f"; {row['arrivals']:,} came and {row['exits']:,} went"
    return (f"{name_of(suspect)}: {row['first']:,} -> {row['last']:,}{turnover}.",)


def _table(**trends: Trend | None) -> pd.DataFrame:
    """Put the courses side by side, a row each."""
    return pd.DataFrame([{"": name, **_row(trend)} for name, trend in trends.items() if trend])


def _row(trend: Trend) -> dict[str, object]:
    rates = {"per hour": trend.rate, "95 % from": trend.low, "to": trend.high}
    return {
        "of": trend.name,
        "first": trend.first,
        "last": trend.last,
        "change": trend.change,
        **{name: None if rate is None else round(rate) for name, rate in rates.items()},
        "snapshots": trend.snapshots,
    }
