"""One round: what one service is asked, in which order, and what is kept of it.

The order is the one that harms least and keeps most: the index and debug=1 tell the count; debug=0 costs as little;
debug=2 stops the service and is taken up to a limit; the leak profile comes last, because it erases wait minutes.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from gostack_nb.capturing.cost import WORTH_SAYING_SECONDS, stop_words, stopped_seconds
from gostack_nb.capturing.cuts import cut_words, total_in
from gostack_nb.capturing.plan import Plan
from gostack_nb.capturing.told import Note, Notice, Round, Taken, Told
from gostack_nb.errors import DeadlineError, SourceError, TooBigError, UnreachableError
from gostack_nb.sources.evidence import Evidence, kept_headers
from gostack_nb.sources.http import ask
from gostack_nb.sources.http_answer import Answer
from gostack_nb.sources.pprof import (
    COUNTS,
    LEAKED,
    MAX_ANSWER_BYTES,
    METRICS,
    PROTO,
    STACKS,
    UNAUTHORIZED,
    Index,
    Part,
    Target,
    check_part,
    index_in,
)

ATTEMPTS = 3
COSTLY_ATTEMPTS = 1
"""Of debug=2 and the leak profile: each attempt stops the service, or collects its garbage, anew."""

ASKED_ONCE = ". It was asked for once: each time costs the service a pause"
REST_LEFT_OUT = ". The rest of this round is left out"

_INDEX = "the index"
_NO_ANSWER = "no answer"

Keep = Callable[[Evidence], object]


@dataclass(slots=True)
class Site:
    """One service of a capture: how it is asked, where its evidence goes, and what is known of it by now."""

    target: Target
    plan: Plan
    keep: Keep
    tell: Callable[[Told], object]
    stop: threading.Event
    index: Index | None = None
    has_metrics: bool = True


class Visit:
    """One round of one service, under way."""

    def __init__(self, site: Site, number: int) -> None:
        self._site, self._number = site, number
        self._captured_at = datetime.now(UTC)
        self._listed: int | None = None
        self._total: int | None = None
        self._leaked: int | None = None
        self._taken: list[Taken] = []
        self._notes: list[Note] = []
        self._errors: list[SourceError] = []
        self._index_error: SourceError | None = None
        self._is_over = False  # no answer came, or the door is shut: the rest is not asked

    def take(self) -> None:
        """Ask for everything that a round has, but for the leak profile at the end of a capture."""
        if self._site.target.one is None:
            self._read_index()
        for part in self._parts():
            if self._is_over or self._site.stop.is_set():
                return
            self._take(part)

    def close(self) -> None:
        """Take the leak profile, the last thing of a capture, from a service whose index lists it."""
        index = self._site.index
        wanted = self._site.target.one is None and self._site.plan.leak == "end"
        if wanted and not self._is_over and index is not None and LEAKED.profile in index.profiles:
            self._take(LEAKED)

    def note(self, reason: str, about: str) -> None:
        """Say that something is missing."""
        self._notes.append(Note(self._site.target.source, reason, about))

    def round(self) -> Round:
        """Return what was done."""
        return Round(
            instance=self._site.target.instance,
            number=self._number,
            captured_at=self._captured_at,
            goroutines=self._count(),
            leaked=self._leaked,
            taken=tuple(self._taken),
            notes=tuple(self._told_notes()),
            failure=None if self._taken else next(iter(self._errors), self._index_error),
        )

    def _parts(self) -> Iterator[Part]:
        """Yield what to ask for; each step knows what those before it brought."""
        if self._site.target.one is not None:
            yield self._site.target.one
            return
        yield COUNTS
        yield PROTO
        if self._may_stop_the_service():
            yield STACKS
        if self._site.has_metrics:
            yield METRICS
        if self._site.plan.leak == "each":
            yield LEAKED

    def _read_index(self) -> None:
        """Read the list of profiles; a service may have pprof without it, but where none answers the round is over."""
        plan, target = self._site.plan, self._site.target
        try:
            answer = ask(target.address, access=plan.access, deadline=plan.deadline, limit_bytes=MAX_ANSWER_BYTES)
        except (UnreachableError, DeadlineError) as error:
            self._is_over = True
            self._errors.append(error)
            self._note_error(error, _NO_ANSWER)
            return
        except SourceError as error:
            self._miss_index(error)
            return
        try:
            self._site.index = index_in(answer, plan.access)
            self._listed = self._site.index.profiles.get("goroutine")
        except SourceError as error:
            self._miss_index(error)

    def _miss_index(self, error: SourceError) -> None:
        self._index_error = error
        self._note_error(error, _INDEX)

    def _take(self, part: Part) -> None:
        """Ask for one answer, check it and keep it."""
        try:
            answer = self._ask(part)
        except SourceError as error:
            self._errors.append(error)
            rest = REST_LEFT_OUT if self._is_over and self._taken else ""
            self._note_error(error, part.kind, (ASKED_ONCE if _is_costly(part) else "") + rest)
            return
        if answer is not None:
            self._keep(answer, part)

    def _ask(self, part: Part) -> Answer | None:
        """Return an answer that is what was asked for; None if the service has no metrics, which is no failure."""
        plan = self._site.plan
        self._is_over = True
        try:
            answer = ask(
                self._site.target.address_of(part),
                access=plan.access,
                deadline=plan.deadline,
                limit_bytes=MAX_ANSWER_BYTES,
                attempts=COSTLY_ATTEMPTS if _is_costly(part) else ATTEMPTS,
            )
        except TooBigError:
            self._is_over = False
            raise
        self._is_over = answer.status == UNAUTHORIZED
        try:
            check_part(answer, part, plan.access)
        except SourceError as error:
            if part is not METRICS:
                raise
            self._site.has_metrics = False
            self._note_error(error, part.kind)
            return None
        return answer

    def _keep(self, answer: Answer, part: Part) -> None:
        found = total_in(answer.body)
        if part is COUNTS:
            self._total = found
        elif part is LEAKED:
            self._leaked = found
        cut = cut_words(answer, part, self._count())
        self._site.keep(self._evidence(answer, part, cut))
        if cut is not None:
            self._notes.append(Note(answer.source, cut, f"{part.kind} is cut", in_evidence=True))
        seconds = (answer.finished_at - answer.started_at).total_seconds()
        self._taken.append(Taken(part.words, len(answer.body), seconds, cut is not None))

    def _evidence(self, answer: Answer, part: Part, cut: str | None) -> Evidence:
        return Evidence(
            body=answer.body,
            kind=part.kind,
            source=answer.source,
            captured_at=self._captured_at,
            captured_at_from="caller",
            service=self._site.plan.service,
            instance=self._site.target.instance,
            started_at=answer.started_at,
            finished_at=answer.finished_at,
            status=answer.status,
            headers=kept_headers(answer.headers),
            truncated=cut is not None,
            note=cut,
        )

    def _may_stop_the_service(self) -> bool:
        """Decide about debug=2, and say why it is left out, or how long it is likely to stop the service."""
        count, plan = self._count(), self._site.plan
        if count is None and not plan.force:
            self._note_left_out("how many goroutines there are is not known")
        if count is None:
            return plan.force
        words = f"is likely to stop the service for {stop_words(count)}"
        if count > plan.limit and not plan.force:
            self._note_left_out(f"{count:,} goroutines are above the limit of {plan.limit:,}; it {words}")
            return False
        if stopped_seconds(count) > WORTH_SAYING_SECONDS:
            self._site.tell(Notice(self._site.target.instance, f"debug=2 of {count:,} goroutines {words}"))
        return True

    def _count(self) -> int | None:
        return self._listed if self._total is None else self._total

    def _told_notes(self) -> list[Note]:
        """Return the notes; where nothing was taken the index says no more than the profile does."""
        silent = self._errors and not self._taken
        return [note for note in self._notes if not (silent and note.about == _INDEX)]

    def _note_left_out(self, why: str) -> None:
        self.note(f"debug=2 is not taken: {why}. Hint: --force (force=True) takes it", "debug=2 is not taken")

    def _note_error(self, error: SourceError, about: str, remark: str = "") -> None:
        """Write down an error; the source stands in its own column."""
        source, _, reason = str(error).partition(": ")
        self._notes.append(Note(source, reason + remark, about))


def _is_costly(part: Part) -> bool:
    return part.stops_the_service or part.profile == LEAKED.profile
