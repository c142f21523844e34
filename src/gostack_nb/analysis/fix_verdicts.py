"""Two courses -> a verdict: fixed or not, and what would decide if neither can be told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Literal, TypeAlias

from gostack_nb.analysis.fix_courses import ENOUGH, Course, Siblings, Turnover
from gostack_nb.analysis.fix_words import a_rate, counted, lasting, listed, percent

Verdict: TypeAlias = Literal["flat", "fixed", "undecided", "new growth", "still grows"]

VERDICTS: tuple[Verdict, ...] = ("flat", "fixed", "undecided", "new growth", "still grows")
"""From best to worst."""

RELEVANT_SHARE = 0.2
"""Fixed means that growth at a fifth of the old rate is excluded. A judgement: what a fix leaves is seldom a part."""

NONE_SEEN = 3.0
"""Where nothing was seen, up to three were to be expected, with 95 % confidence (exp(-3) = 5 %)."""

ENOUGH_EXPECTED = NONE_SEEN / RELEVANT_SHARE
"""So many goroutines the old rate must have added: only then does seeing none exclude a fifth of it."""

LEAST_LOAD = 0.5
"""With less than half of the turnover, flat proves nothing. A judgement: load varies, but seldom that much."""

LEAST_IDS = 64
"""Ids are handed out 16 at a time to each processor (runtime/proc.go, _GoidCacheBatch): where fewer than this were
given, the highest one tells little about how many were used."""

LEAST_LONGER = 0.25
"""At least a quarter more of the time: what little would do by the formula may not, because it is an estimate."""

ENOUGH_SIBLINGS = 10
"""Of fewer births a half is no more than chance."""

_REPEAT = f"with less than {percent(LEAST_LOAD)} of the load flat proves nothing. Repeat under the same load."

GROWTH: tuple[Verdict, ...] = ("still grows", "new growth")

_WORDS: dict[Verdict, str] = {"still grows": "it still grows", "new growth": "something else grows"}

_Z = 1.645  # of the normal distribution, one-sided 95 %


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with what speaks for it or is missing; `expected`: what the old rate would have added after."""

    verdict: Verdict
    word: str  # how the sentence says it
    reasons: tuple[str, ...] = ()
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How busy it was before and after; None where ids cannot tell."""

    before: Turnover | None
    after: Turnover | None
    siblings_before: Siblings | None = None
    siblings_after: Siblings | None = None

    @property
    def known(self) -> bool:
        """Whether it can be compared."""
        return self.before is not None and self.after is not None and self.before.created >= LEAST_IDS

    def doubts(self) -> Iterator[str]:
        """Say why flat proves nothing; nothing if the load is comparable, or not known."""
        if self.before and self.after and self.known and self.after.per_hour < LEAST_LOAD * self.before.per_hour:
            came = (
                f"{a_rate(self.after.per_hour)} goroutines per hour came and went after, {a_rate(self.before.per_hour)}"
            )
            yield f"{came} before: {_REPEAT}"
        then, now = self.siblings_before, self.siblings_after
        if then and now and then.born >= ENOUGH_SIBLINGS and _fewer(then, now):
            yield f"{then.creator} started {now.born:,} others after, {then.born:,} before: {_REPEAT}"


def _fewer(then: Siblings, now: Siblings) -> bool:
    """Compare by dump too: of those who live shortly, dumps further apart show fewer per hour."""
    return now.per_hour < LEAST_LOAD * then.per_hour and now.per_dump < LEAST_LOAD * then.per_dump


UNKNOWN_LOAD = Load(None, None)


def judge(before: Course, after: Course, load: Load) -> Finding:
    """Compare the courses of one number before and after the fix."""
    if not before.grows:
        return _without_growth(before, after)
    old = old_rate(before, after)
    expected = old * after.hours
    if after.grows:
        return _growing(after, old)
    doubts = () if _as_busy(before, after) else tuple(load.doubts())
    if doubts:
        return Finding("undecided", "undecided", doubts, expected)
    if is_flat(after, old):
        return Finding("fixed", "flat, fixed", (_excluded(old, expected), *_by_id(after)), expected)
    if leaves(after, old):
        return Finding("fixed", "they leave, fixed", (_none_stays(after, old), *_by_id(after)), expected)
    return Finding("undecided", "undecided", tuple(_needed(after, old)), expected)


def overall(total: Finding, groups: Sequence[tuple[str, int, Finding]]) -> Finding:
    """Say what the total and the groups (name, growth before, finding) come to: the groups know better than noise.

    The total alone tells too little where healthy goroutines come and go, and a leak may hide in it.
    """
    for verdict in GROWTH:
        named = _named(groups, verdict)
        if named and total.verdict != verdict:
            return replace(total, verdict=verdict, word=_WORDS[verdict], reasons=(f"{named}: {verdict}.",))
    grown = sum(growth for _, growth, _ in groups)
    if total.verdict in GROWTH or not grown:
        return total
    doubt = f"Undecided: {open_ones}." if (open_ones := _named(groups, "undecided")) else ""
    fixed = sum(growth for _, growth, finding in groups if finding.verdict == "fixed")
    if fixed < (1 - RELEVANT_SHARE) * grown:
        reasons = total.reasons if total.verdict == "undecided" else ()
        return replace(total, verdict="undecided", word="undecided", reasons=(*reasons, doubt))
    if total.verdict == "fixed":
        return replace(total, reasons=(*total.reasons, *filter(None, [doubt])))
    gone = f"What grew before does not grow after: {_named(groups, 'fixed')}."
    return replace(total, verdict="fixed", word="fixed", reasons=(gone, *filter(None, [doubt])))


def _named(groups: Sequence[tuple[str, int, Finding]], verdict: Verdict) -> str:
    return listed([name for name, _, finding in groups if finding.verdict == verdict])


def old_rate(before: Course, after: Course) -> float:
    """Return what to expect after if nothing was fixed: the rate before, for as many processes.

    A leak in bursts has a slope of nearly 0 although it gains: then what it gained counts.
    """
    gained = before.change / before.hours if before.hours > 0 else 0.0
    rate = before.rate if before.rate is not None and before.rate > 0 else gained
    return rate * after.processes / max(before.processes, 1)


def is_flat(after: Course, old: float) -> bool:
    """Tell whether the counts exclude growth at `RELEVANT_SHARE` of the old rate."""
    if after.high is None or after.fewest < ENOUGH:
        return False
    expected = old * after.hours
    bound = RELEVANT_SHARE * old
    return expected >= ENOUGH_EXPECTED and after.high < bound and after.change < RELEVANT_SHARE * expected


def leaves(after: Course, old: float) -> bool:
    """Tell whether the ids exclude it: too few of those who were born in the first half are there at the end."""
    if after.stayed is None:
        return False
    return at_most(after.stayed) < RELEVANT_SHARE * old * after.settling_hours


def at_most(seen: int) -> float:
    """Return how many were to be expected at most where so many were seen, with 95 % confidence.

    Byar's approximation of the Poisson limit (Breslow, Day 1987).

    >>> round(at_most(0), 1), round(at_most(10), 1)
    (3.0, 17.0)
    """
    more = seen + 1
    return more * (1 - 1 / (9 * more) + _Z / (3 * sqrt(more))) ** 3


def _without_growth(before: Course, after: Course) -> Finding:
    if after.grows:
        return Finding("new growth", "it grows only after", tuple(_by_id(after)))
    if before.flat and after.flat:
        return Finding("flat", "flat", ("There is nothing to fix: it is flat before, too.",))
    few = (*_few(before, "before"), *_few(after, "after"))
    why = () if before.rate is None else ("Before, no growth stands out: there is nothing to compare with.",)
    return Finding("undecided", "undecided", (*why, *few))


def _growing(after: Course, old: float) -> Finding:
    """Tell growth that stays from load that rises: by whether those leave who make the growth."""
    expected, own = old * after.hours, old_rate(after, after)
    if not leaves(after, own):
        return Finding("still grows", "it still grows", tuple(_by_id(after)), expected)
    why = f"It grows, but of those born in the first half {_are_there(after)} at the end:"
    return Finding("undecided", "undecided", (f"{why} that is load. Repeat under steady load.",), expected)


def _excluded(old: float, expected: float) -> str:
    bound = f"{percent(RELEVANT_SHARE)} of the old rate ({a_rate(RELEVANT_SHARE * old)} per hour)"
    return f"Growth at {bound} is excluded: the old rate would have added {a_rate(expected)} in that time."


def _none_stays(after: Course, old: float) -> str:
    due = a_rate(old * after.settling_hours)
    return f"Of those born in the first half {_are_there(after)} at the end, {due} by the old rate."


def _are_there(after: Course) -> str:
    return f"{after.stayed:,} are there" if after.stayed and after.stayed > 1 else f"{after.stayed or 'none'} is there"


def _as_busy(before: Course, after: Course) -> bool:
    """Tell whether goroutines of the group itself are born as often as before: then there is load."""
    if not before.arrivals or after.arrivals is None or not before.hours or not after.hours:
        return False
    per_hour = [course.arrivals / course.hours / course.processes for course in (before, after) if course.arrivals]
    return len(per_hour) > 1 and per_hour[1] >= LEAST_LOAD * per_hour[0]


def _by_id(after: Course) -> Iterator[str]:
    if after.arrivals is not None and after.exits is not None and after.arrivals + after.exits > 0:
        yield f"By id, {after.arrivals:,} came and {after.exits:,} went after."


def _needed(after: Course, old: float) -> Iterator[str]:
    """Say what is missing for a verdict, each with what would give it."""
    if not after.snapshots or after.hours <= 0:
        yield f"No course can be seen after: take {ENOUGH} dumps or more, some time apart."
        return
    if old <= 0:
        yield "Before, it grew in no measurable time, or elsewhere as much fell: there is no rate to compare with."
        return
    yield from _few(after, "after")
    expected = old * after.hours
    if expected < ENOUGH_EXPECTED:
        more = (ENOUGH_EXPECTED - expected) / old
        yield (
            f"The old rate would have added only {a_rate(expected)} in that time: watch for {lasting(more)} more, "
            f"until it would have added {ENOUGH_EXPECTED:.0f}."
        )
    elif after.fewest >= ENOUGH:
        yield _too_wide(after, old)


def _few(course: Course, side: str) -> Iterator[str]:
    if course.fewest < ENOUGH:
        of_each = " of each process" if course.processes > 1 else ""
        yield (
            f"{counted(course.fewest, 'dump')}{of_each} {side}: a rate needs {ENOUGH}. "
            f"Take {ENOUGH - course.fewest} more."
        )


def _too_wide(after: Course, old: float) -> str:
    """Say what cannot be excluded, and when it could be: the interval narrows with the power 3/2 of the time."""
    bound, high = RELEVANT_SHARE * old, after.high or 0.0
    if high < bound:
        return f"It gained {counted(after.change)} all the same: watch it for as long again."
    rate, low = after.rate or 0.0, after.low or 0.0
    too_wide = (high - rate) / (bound - rate) if rate < bound else (rate - low) / rate
    longer = max(too_wide ** (2 / 3) - 1, LEAST_LONGER)
    return (
        f"Growth by up to {a_rate(high)} per hour is not excluded, and fixed means less than {a_rate(bound)}, "
        f"{percent(RELEVANT_SHARE)} of the old rate: about {counted(ceil(longer * after.fewest), 'dump')} more "
        f"at the same pace would decide ({lasting(longer * after.hours)})."
    )
