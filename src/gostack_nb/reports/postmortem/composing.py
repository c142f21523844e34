"""Datasets -> the postmortem as data. What goes in is redacted already."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from os import PathLike

import pandas as pd
from matplotlib.axes import Axes

from gostack_nb.analysis.call_tree import call_tree
from gostack_nb.analysis.diff import compare
from gostack_nb.analysis.growth import total_by_snapshot
from gostack_nb.analysis.growth_windows import growth_windows
from gostack_nb.analysis.redaction import Kind
from gostack_nb.analysis.restarts import restarts
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.export_charts import CHARTS, COMPARISONS, drawn
from gostack_nb.plots.moments import count_words
from gostack_nb.reports import incident
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.excerpts import Excerpt
from gostack_nb.reports.postmortem.document import REPORT_VERSION, Document, Part, Picture, Rows, rows_of
from gostack_nb.reports.words import clock, listed
from gostack_nb.sources.checkout import open_checkout

MOST_ROWS = 20
"""Of a table of groups."""

MOST_SNAPSHOTS = 1000
"""Of the list of dumps: their hashes are the evidence."""

_SUSPECTS = {
    "rank": "rank",
    "verdict": "verdict",
    "user_function": "function",
    "user_location": "location",
    "state": "state",
    "count": "count",
    "rate_per_hour": "per hour",
    "pattern": "known as",
}
_SNAPSHOTS = {
    "captured_at": "captured at",
    "service": "service",
    "instance": "instance",
    "form": "form",
    "goroutine_count": "goroutines",
    "truncated": "cut",
    "size_bytes": "bytes",
    "sha256": "sha256",
    "source": "source",
}
_CHANGES = {
    "before": "before",
    "after": "after",
    "change": "change",
    "state": "state",
    "user_function": "function",
    "user_location": "location",
}

_HIDDEN_WORDS: dict[Kind, str] = {
    "users": "user",
    "hosts": "host",
    "build_paths": "build folder",
    "labels": "label value",
    "lines": "unread line",
}

NOTHING_HIDDEN = "Nothing was hidden."


@dataclass(frozen=True, slots=True)
class Told:
    """What the author says: all of it is plain text."""

    title: str | None = None
    service: str | None = None
    authors: Sequence[str] = ()
    notes: Sequence[str] = ()
    actions: Sequence[str] = ()
    source_root: str | PathLike[str] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The redacted dumps, the suspects in them, the kind of each value that was hidden, and what was kept."""

    dataset: Dataset
    suspects: pd.DataFrame
    after: Dataset | None
    hidden: pd.Series
    kept: tuple[Kind, ...]


def compose(evidence: Evidence, told: Told) -> Document:
    """Put the postmortem together: the same dumps and words always give the same document."""
    leaking = incident.is_it_leaking(evidence.dataset, evidence.suspects)
    who = incident.who(evidence.dataset, evidence.suspects)
    where = incident.where_in_the_code(evidence.dataset, evidence.suspects, source_root=told.source_root)
    where = _without_root(where, told.source_root)
    fix = incident.after_the_fix(evidence.dataset, evidence.after, evidence.suspects)
    third = fix if evidence.after is not None else where
    return Document(
        title=told.title or _title(evidence, told),
        facts=tuple(_facts(evidence.dataset, told)),
        summary=(leaking.sentences[0], who.sentences[0], third.sentences[0]),
        parts=tuple(part for part in _parts(evidence, told, leaking, who, where, fix) if part != Part(part.heading)),
        calls=call_tree(evidence.dataset),
    )


def _title(evidence: Evidence, told: Told) -> str:
    services = _services(evidence.dataset, told)
    of = f" in {listed(services)}" if services else ""
    alarmed = evidence.suspects["verdict"].isin(["proven", "strong"]).any()
    return f"Goroutine leak{of}" if alarmed else f"Goroutines{of}"


def _services(dataset: Dataset, told: Told) -> list[str]:
    return [told.service] if told.service else _values(dataset, "service")


def _values(dataset: Dataset, column: str) -> list[str]:
    return sorted(str(value) for value in dataset.snapshots[column].dropna().unique())


def _facts(dataset: Dataset, told: Told) -> Iterator[tuple[str, str]]:
    snapshots = dataset.snapshots
    found = {"Instances": _values(dataset, "instance"), "Go": _values(dataset, "go_version")}
    for name, values in ({"Service": _services(dataset, told)} | found).items():
        if values:
            yield name, listed(values[:MOST_ROWS])
    times = snapshots["captured_at"].dropna()
    if len(times):
        yield "Captured", clock(times.min(), times.max())
    if told.authors:
        yield "Authors", listed(list(told.authors))


def _parts(evidence: Evidence, told: Told, leaking: Answer, who: Answer, where: Answer, fix: Answer) -> Iterator[Part]:
    dataset, suspects = evidence.dataset, evidence.suspects
    pictures = _Pictures(dataset, evidence.after)
    yield Part("Notes", sentences=tuple(told.notes))
    yield Part("Timeline", tables=(_timeline(dataset, evidence.after),))
    yield _part("Is it leaking?", leaking, pictures.of("growth", "decomposition"))
    yield _part("Who leaks, and why?", who, pictures.of("groups"), _suspects(suspects))
    yield _part("What are they waiting for?", incident.waiting_on(dataset, suspects), pictures.of("waiting", "ages"))
    yield _part("Which siblings are missing?", incident.missing_siblings(dataset), pictures.of("siblings"))
    yield _part("Where in the code?", where)
    yield _part("What Go's own leak profile says", incident.leak_profile(dataset))
    if evidence.after is not None:
        changes = _rows("Groups that changed", _changed(dataset, evidence.after), _CHANGES)
        yield _part("What the fix changed", fix, pictures.of("fix", "before-and-after"), changes)
    yield Part("All stacks", sentences=(FLAME_WORDS,), pictures=pictures.of("flame"))
    yield Part("More charts", pictures=pictures.of("states", "heat-map", "creators"))
    yield Part("Actions", points=tuple(told.actions))
    yield from _appendix(evidence, told)


FLAME_WORDS = (
    "A box is a call, as wide as the goroutines that go through it. In the HTML report a click makes a box fill the "
    "width, and the search marks names."
)


REPEAT_WORDS = (
    "The same dumps (the sha256 below is of their unpacked bytes) with the same words and options give the same "
    "report, byte for byte:"
)


def _appendix(evidence: Evidence, told: Told) -> Iterator[Part]:
    """Say what the report rests on: what could not be read, what is hidden, how to repeat it, and the dumps."""
    sides = {"Dumps": evidence.dataset, "Dumps after the fix": evidence.after}
    unread = tuple(_unread(heading, side) for heading, side in sides.items() if side is not None and len(side.issues))
    if unread:
        yield Part("What could not be read", tables=unread)
    yield Part("What is hidden", points=tuple(_hidden(evidence, told)))
    yield Part("How to repeat this", sentences=(REPEAT_WORDS,), commands=tuple(_commands(evidence, told)))
    captured = incident.what_was_captured(evidence.dataset)
    dumps = tuple(_dumps(heading, side) for heading, side in sides.items() if side is not None)
    yield Part("What was captured", sentences=captured.sentences, tables=dumps)


def _unread(heading: str, dataset: Dataset) -> Rows:
    told = dataset.issues.drop(columns="snapshot_id").dropna(axis="columns", how="all")
    return rows_of(heading, told, most=MOST_ROWS * 5)


def _dumps(heading: str, dataset: Dataset) -> Rows:
    snapshots = dataset.snapshots
    columns = dict(_SNAPSHOTS)
    if not snapshots["truncated"].fillna(value=False).any():
        del columns["truncated"]
    return _rows(heading, snapshots, columns, most=MOST_SNAPSHOTS)


def _hidden(evidence: Evidence, told: Told) -> Iterator[str]:
    """Say what placeholders stand for, and what they do not hide."""
    counts = evidence.hidden.value_counts(sort=False)
    kinds = [count_words(int(counts[kind]), noun) for kind, noun in _HIDDEN_WORDS.items() if kind in counts]
    if kinds:
        yield f"Placeholders stand for {listed(kinds)}. Equal values have equal placeholders, in charts as in tables."
    else:
        yield NOTHING_HIDDEN
    if evidence.kept:
        yield f"Kept as they are, as its authors chose: {listed([kind.replace('_', ' ') for kind in evidence.kept])}."
    yield (
        "Never hidden: names of services, packages and functions, keys of labels, names of files, times, hashes, and "
        "what the authors wrote. Arguments and addresses of calls are in no table and no chart."
    )
    if told.source_root is not None:
        yield "Lines of code are shown as they stand in the checkout."


def _commands(evidence: Evidence, told: Told) -> Iterator[str]:
    yield f"# gostack-nb {version('gostack-nb')}, report version {REPORT_VERSION}"
    after = "" if evidence.after is None else " --after AFTER"
    checkout = "" if told.source_root is None else " --source-root CHECKOUT"
    kept = "".join(f" --keep {kind}" for kind in evidence.kept)
    yield f"gostack-nb report DUMPS{after}{checkout}{kept} --output postmortem.html"


def _without_root(answer: Answer, source_root: str | PathLike[str] | None) -> Answer:
    """Take the folder of the checkout out of the notes: it is on its author's machine."""
    if source_root is None:
        return answer
    root = str(open_checkout(source_root).root)
    return replace(answer, excerpts=tuple(_without(one, root) for one in answer.excerpts))


def _without(one: Excerpt, root: str) -> Excerpt:
    return replace(one, note=one.note.replace(root, "the checkout"))


def _part(heading: str, answer: Answer, pictures: tuple[Picture, ...] = (), *tables: Rows) -> Part:
    told = answer.table.dropna(axis="columns", how="all")
    own = (rows_of("", told, most=MOST_ROWS),) if len(told) and not tables else ()
    return Part(
        heading,
        sentences=answer.sentences,
        points=answer.points,
        sections=answer.sections,
        excerpts=answer.excerpts,
        tables=tuple(table for table in (*own, *tables) if table.cells),
        pictures=pictures,
    )


def _rows(heading: str, table: pd.DataFrame, columns: dict[str, str], *, most: int = MOST_ROWS) -> Rows:
    chosen = table[list(columns)].rename(columns=columns)
    return rows_of(heading, chosen.dropna(axis="columns", how="all"), most=most)


def _suspects(suspects: pd.DataFrame) -> Rows:
    """List the suspects, each with its reasons below; those of the first one stand above as points."""
    told = [" ".join(reasons) for reasons in suspects["reasons"].head(MOST_ROWS)]
    open_rows = suspects["verdict"].head(MOST_ROWS) != "explained"
    first = open_rows.to_numpy(dtype=bool).argmax() if open_rows.any() else None
    below = tuple("" if place == first else text for place, text in enumerate(told))
    return replace(_rows("Suspects", suspects, _SUSPECTS), below=below if any(below) else ())


def _changed(before: Dataset, after: Dataset) -> pd.DataFrame:
    table = compare(before, after)
    return table[table["change"] != 0]


def _timeline(dataset: Dataset, after: Dataset | None) -> Rows:
    """List what happened when: first and last dumps, the onset of growth, restarts, the first dump after the fix."""
    events = [*_captured(dataset, ""), *_restarted(dataset), *_onsets(dataset)]
    if after is not None:
        events += _captured(after, " after the fix")
    ordered = sorted(events, key=lambda event: event[0].floor("s"))  # as it is printed: before stands before after
    table = pd.DataFrame({"time": [time for time, _ in ordered], "what": [what for _, what in ordered]})
    return rows_of("", table, most=MOST_ROWS * 5)


def _captured(dataset: Dataset, which: str) -> Iterator[tuple[pd.Timestamp, str]]:
    totals = total_by_snapshot(dataset).dropna(subset="captured_at")
    for _, rows in totals.groupby(["service", "instance"], observed=True, dropna=False):
        instance = rows["instance"].iloc[0]
        of = f" of {instance}" if isinstance(instance, str) else ""
        for place, name in ((0, "First"), (-1, "Last")) if len(rows) > 1 else ((0, "Only"),):
            row = rows.iloc[place]
            yield row["captured_at"], f"{name} dump{of}{which}: {count_words(int(row['goroutines']))}."


def _restarted(dataset: Dataset) -> Iterator[tuple[pd.Timestamp, str]]:
    for row in restarts(dataset).dropna(subset="captured_at").to_dict("records"):
        yield row["captured_at"], f"The process was restarted before this dump: {row['reason']}."


def _onsets(dataset: Dataset) -> Iterator[tuple[pd.Timestamp, str]]:
    if not len(dataset.metrics):
        return
    for row in growth_windows(dataset.metrics).dropna(subset="onset").to_dict("records"):
        rate = f"{row['rate_per_hour']:+z,.0f} per hour"
        yield row["onset"], f"go_goroutines grows from here or before: {rate} until {row['ended']:%H:%M:%S} UTC."


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Draws charts by their names; one that the dumps tell nothing of is left out."""

    dataset: Dataset
    after: Dataset | None

    def of(self, *names: str) -> tuple[Picture, ...]:
        """Return those of these charts that there are."""
        return tuple(picture for name in names for picture in self._one(name))

    def _one(self, name: str) -> Iterator[Picture]:
        if found := drawn(*self._calls(name)):
            yield Picture(name, *found)

    def _calls(self, name: str) -> tuple[Callable[[], Axes], str]:
        chart = next((chart for chart in CHARTS if chart.name == name), None)
        if chart is not None:
            return partial(chart.plot, self.dataset), chart.how_to_read
        both = next(both for both in COMPARISONS if both.name == name)
        sides = (self.dataset, self.after if self.after is not None else self.dataset)
        return partial(both.plot, *sides), both.how_to_read
