"""From continuous profilers to a Dataset: one scrape of one process at a time becomes one snapshot."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Unpack

import pandas as pd

from gostack_nb.errors import QueryError, SourceError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.reading.scrape_choice import Choice, all_of, annotated, last_of, shown_time
from gostack_nb.reading.scrape_tables import scrapes_table, series_table
from gostack_nb.reading.times import Duration, Time, milliseconds_at, milliseconds_of
from gostack_nb.sources.access import Access, AccessOptions
from gostack_nb.sources.blob import Unread, make_unread
from gostack_nb.sources.evidence import Evidence, blobs_of
from gostack_nb.sources.parca import ParcaStore, parca_at
from gostack_nb.sources.process_labels import PROCESS_LABELS, absent_labels, selector_of
from gostack_nb.sources.pyroscope import PyroscopeStore, pyroscope_at
from gostack_nb.sources.scrapes import ProfileStore, Scrape, Series

LOOKBACK_MS = 300_000
"""How far before `at` a scrape is looked for; scrape intervals are 10 to 60 s."""

MAX_FAILURES = 5
"""Scrapes that fail one after the other; a server that is gone would take a minute for each of a thousand."""

HOUR = "1h"


class ContinuousProfiler:
    """What Pyroscope and Parca have in common: processes, their scrapes, and one profile for each."""

    __slots__ = ("_store",)

    def __init__(self, store: ProfileStore) -> None:
        self._store = store

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._store.shown!r})"

    @checked
    def series(self, selector: str = "{}", *, since: Time = HOUR, until: Time | None = None) -> pd.DataFrame:
        """List the processes whose goroutines were scraped.

        Parameters
        ----------
        selector : str
            Labels as the profiler's own page writes them: `{service_name="push"}`; `{}` for everything.
        since, until : datetime, str or timedelta
            A datetime or ISO text, UTC where they name no zone, or how long before now: `"2h"`. Without `until`, now.

        Returns
        -------
        DataFrame
            One row per process: `service`, `instance` (category, NA where no label tells), `labels` (category, a
            selector for this process), `profile_type` (category), `first_at`, `last_at` (datetime64[ns, UTC], to the
            second), `scrapes` (int64), `interval_seconds` (Float64, the median between two; NA where there is one),
            `last_goroutines` (int64). Nothing found is a table without rows.

        Raises
        ------
        QueryError
            If the server refuses the selector, or is another kind of server.
        SourceError
            If it cannot be reached, wants credentials, or takes too long.
        """
        return series_table(self._series(selector, *_between(since, until)))

    @checked
    def scrapes(self, selector: str = "{}", *, since: Time = HOUR, until: Time | None = None) -> pd.DataFrame:
        """List every scrape with its number of goroutines: what can be read.

        Parameters
        ----------
        selector, since, until
            As for `series`.

        Returns
        -------
        DataFrame
            One row per scrape and process, in order of time: `captured_at` (datetime64[ns, UTC]; of Pyroscope the end
            of the second in which it was taken), `service`, `instance`, `labels`, `profile_type` (category),
            `goroutines` (int64).

        Raises
        ------
        QueryError, SourceError
            As for `series`.
        """
        return scrapes_table(self._series(selector, *_between(since, until)))

    @checked
    def read(
        self,
        selector: str = "{}",
        *,
        at: Time | None = None,
        since: Time | None = None,
        until: Time | None = None,
        every: Duration | None = None,
    ) -> Dataset:
        """Read scrapes, each as one snapshot of one process.

        Parameters
        ----------
        selector : str
            As for `series`. Several processes are read one by one: asked for together their goroutines would add up.
        at : datetime, str or timedelta, optional
            The last scrape of each process at this time; without `at` and `since`, now. A process that was not
            scraped for four intervals is gone, and said so in `issues`.
        since, until : datetime, str or timedelta, optional
            All scrapes between two times, in place of `at`.
        every : timedelta, float or str, optional
            Of those, the first of each process in each stretch of this length: `"10m"`.

        Returns
        -------
        Dataset
            `captured_at` is the time of the scrape, `service` and `instance` come from its labels. A profile has no
            goroutine ids and no waits; `state` is inferred where the runtime's frames are there. `issues` says
            where a profile does not hold as many goroutines as the server's own series, where labels do not tell
            processes apart, where several scrapes had to be divided, and what could not be fetched.

        Raises
        ------
        QueryError
            If nothing was scraped, if more than 1,000 scrapes would have to be fetched, if the server refuses.
        SourceError
            If it cannot be reached, wants credentials, or takes too long; one scrape among others is an issue.
        """
        return read_blobs(blobs_of(self.evidence(selector, at=at, since=since, until=until, every=every)))

    @checked
    def evidence(
        self,
        selector: str = "{}",
        *,
        at: Time | None = None,
        since: Time | None = None,
        until: Time | None = None,
        every: Duration | None = None,
    ) -> Iterator[Evidence | Unread]:
        """Yield the profiles that `read` reads, as bytes with their provenance, for a recording.

        Parameters
        ----------
        selector, at, since, until, every
            As for `read`.

        Yields
        ------
        Evidence or Unread
            A profile, for `Recording.keep`; or a sentence about one that could not be had, or about all of a process.

        Raises
        ------
        QueryError, SourceError
            As for `read`.
        """
        choice = self._chosen(selector, at, since, until, every)
        for process, note in choice.notes:
            yield Unread(f"{self._store.shown} {process.shown}", note)
        yield from self._fetched(self._scrape(series, at_ms, choice, selector) for series, at_ms in choice.points)

    def _series(self, selector: str, start_ms: int, end_ms: int) -> list[Series]:
        return [one for one in self._store.series(selector, start_ms, end_ms) if one.points]

    def _chosen(
        self, selector: str, at: Time | None, since: Time | None, until: Time | None, every: Duration | None
    ) -> Choice:
        """Return what is to be fetched, and what has to be said about it."""
        if since is not None and at is None:
            start, end = _between(since, until)
            return all_of(self._some(selector, start, end), start, milliseconds_of(every) if every is not None else 1)
        if since is not None or until is not None or every is not None:
            msg = "at= means one scrape of each process; since=, with until= and every=, all of them. Hint: give one"
            raise QueryError(msg)
        end = milliseconds_at(datetime.now(UTC) if at is None else at, datetime.now(UTC))
        return last_of(self._some(selector, end - LOOKBACK_MS, end), end)

    def _some(self, selector: str, start_ms: int, end_ms: int) -> list[Series]:
        series = self._series(selector, start_ms, end_ms)
        if series:
            return series
        times = f"between {shown_time(start_ms)} and {shown_time(end_ms)}"
        hint = "Hint: series() lists what is there, with since='1d' of the last day"
        msg = f"{self._store.shown}: no goroutine profile of {selector} was taken {times}. {hint}"
        raise QueryError(msg)

    def _scrape(self, series: Series, at_ms: int, choice: Choice, selector: str) -> Scrape:
        """Return a scrape whose selector means its process alone."""
        absent = absent_labels(series.process, choice.names)
        start_ms, end_ms = self._store.window(at_ms)
        return Scrape(
            profile_type=series.profile_type,
            process=series.process,
            start_ms=start_ms,
            end_ms=end_ms,
            goroutines=series.points[at_ms],
            instance=choice.names[series.process],
            selector=selector_of([*series.process.labels, *absent], within=selector),
        )

    def _fetched(self, chosen: Iterable[Scrape]) -> Iterator[Evidence | Unread]:
        """Fetch scrape by scrape; one that fails is said, an error if all fail."""
        fetched = failed = 0
        for window in chosen:
            try:
                scrapes = self._store.divided(window)
                for scrape in scrapes:
                    yield annotated(self._store.fetch(scrape), scrape, len(scrapes))
                    fetched += 1
                failed = 0
            except SourceError as error:
                failed += 1
                if failed == MAX_FAILURES and not fetched:
                    raise
                yield make_unread(f"{self._store.shown} {window.process.shown} {window.at.isoformat()}", error)
                last = error
            if failed == MAX_FAILURES:
                yield Unread(
                    self._store.shown, f"{failed} scrapes failed one after the other: the later ones are not asked for"
                )
                return
        if failed and not fetched:
            raise last


class Pyroscope(ContinuousProfiler):
    """A Grafana Pyroscope server, or Grafana Cloud Profiles, with the goroutine profiles that it keeps.

    Pyroscope adds up every profile in the window and of the selector that it is asked for. Here each question is for
    one process and the millisecond of one scrape, so that no goroutine is counted twice.

    Parameters
    ----------
    url : str
        `http://host:4040`, with the prefix where there is one.
    profile_type : str, optional
        `name:type:unit:period type:period unit`. Without it those of goroutines: `goroutine:...` as collectors
        scrape it, `goroutines:...` as Pyroscope's SDK pushes it.
    process_labels : sequence of str
        The labels that tell one process from another; without it those that are usual.
    **access
        `auth`, `bearer`, `headers` (a tenant: `{"X-Scope-OrgID": "team"}`), `cert`, `verify`, `proxy`,
        `unix_socket`; see `gostack_nb.sources.access.AccessOptions`.

    Raises
    ------
    UnreachableError
        If `url` is a path, or neither http nor https. The server is not asked yet.

    Notes
    -----
    Written from the API of grafana/pyroscope of 2026-08-21 and tried against a small imitation of it only.
    docs/reference/profilers-and-logs.md says what was read where.

    Examples
    --------
    >>> Pyroscope("http://me:secret@127.0.0.1:4040")
    Pyroscope('http://127.0.0.1:4040')
    """

    __slots__ = ()

    @checked
    def __init__(
        self,
        url: str,
        *,
        profile_type: str | None = None,
        process_labels: Sequence[str] = PROCESS_LABELS,
        **access: Unpack[AccessOptions],
    ) -> None:
        super().__init__(PyroscopeStore(pyroscope_at(url, Access.of(access)), profile_type, tuple(process_labels)))


class Parca(ContinuousProfiler):
    """A Parca server with the goroutine profiles that it keeps.

    A profile is asked for by the labels of one process and the millisecond of one scrape: Parca adds up what
    several processes have at one time, and in a merge what one has at several.

    Parameters
    ----------
    url : str
        `http://host:7070`, with the prefix where there is one.
    profile_type : str, optional
        `name:type:unit:period type:period unit`. Without it those of goroutines.
    process_labels : sequence of str
        The labels that tell one process from another; without it those that are usual.
    **access
        As for `Pyroscope`.

    Raises
    ------
    UnreachableError
        If `url` is a path, or neither http nor https. The server is not asked yet.

    Notes
    -----
    Written from the API of parca-dev/parca of 2026-07-27 and tried against a small imitation of it only.
    docs/reference/profilers-and-logs.md says what was read where.

    Examples
    --------
    >>> Parca("http://127.0.0.1:7070/")
    Parca('http://127.0.0.1:7070')
    """

    __slots__ = ()

    @checked
    def __init__(
        self,
        url: str,
        *,
        profile_type: str | None = None,
        process_labels: Sequence[str] = PROCESS_LABELS,
        **access: Unpack[AccessOptions],
    ) -> None:
        super().__init__(ParcaStore(parca_at(url, Access.of(access)), profile_type, tuple(process_labels)))


def _between(since: Time, until: Time | None) -> tuple[int, int]:
    now = datetime.now(UTC)
    start, end = milliseconds_at(since, now), milliseconds_at(now if until is None else until, now)
    if start > end:
        msg = f"since ({shown_time(start)}) is after until ({shown_time(end)}). Hint: the other way round"
        raise QueryError(msg)
    return start, end
