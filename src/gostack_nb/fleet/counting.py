"""Sources to Counts: what a worker does, on this machine or another. Nothing raises: what fails is a row."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import pandas as pd

from gostack_nb.analysis.grouping import count_leaked
from gostack_nb.analysis.keys import coded, number_groups
from gostack_nb.analysis.quantiles import group_values
from gostack_nb.analysis.states import normalized_state
from gostack_nb.errors import GostackError
from gostack_nb.fleet.counts import CELLS, DUMPS, PLACES, Counts, combine
from gostack_nb.fleet.places import Place, place_of
from gostack_nb.model.arrow_tables import arrow_table
from gostack_nb.model.categories import text_column
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.label_columns import labels_text
from gostack_nb.model.schema import STACKS
from gostack_nb.reading.datasets import read_blobs
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.blob import Blob, Unread
from gostack_nb.sources.opening import Source, open_sources

MOST_DUMPS = 64
"""Read at once: small dumps cost little each if many share the making of tables."""

MOST_BYTES = 16 << 20
"""Of the dumps that are read at once: more would be held in memory for nothing."""

FRAMES_LOOKED_AT = 6
"""Of a stack, to tell what its `semacquire` waits for; a signal's dump begins with frames of the runtime."""

_CELL = ["snapshot_id", "stack_id", "state"]
_NUMBERS = {"count": "Int32", "leaked": "Int32", "wait_minutes_max": "Int32"}


def count_file(place: Place | Source) -> Counts:
    r"""Count the goroutines of each stack in one file, archive, recording or object.

    Parameters
    ----------
    place : Place, or whatever `gs.read` takes
        What a `Place` tells of service, instance and labels goes before what the source tells of itself.

    Returns
    -------
    Counts
        What could not be read is a row of its problems; nothing is raised for it.

    Examples
    --------
    >>> counts = count_file(b"goroutine 7 [chan receive]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
    >>> counts.cells()[["state", "count"]].to_dict("records")
    [{'state': 'chan receive', 'count': 1}]
    """
    return count_files([place if isinstance(place, Place) else place_of(place)])


def count_files(places: Iterable[Place]) -> Counts:
    """Count several sources: the work of one task."""
    return combine(_counted(places))


def count_items(place: Place, items: Iterable[Blob | Unread]) -> Counts:
    """Count what was opened already."""
    return count_opened([(place, items)])


def count_opened(opened: Iterable[tuple[Place, Iterable[Blob | Unread]]]) -> Counts:
    """Count what was opened already, of several places: many small dumps together cost a thirtieth of each alone."""
    return combine(_in_batches(_Slice(place, list(items)) for place, items in opened))


def failed(place: Place, reason: str) -> Counts:
    """Say why a place has no counts."""
    return Counts.of_problems([_problem(place, place.source, reason)])


@dataclass(frozen=True, slots=True)
class _Slice:
    """Dumps of one place that are read at once: the same whatever is read beside them, so that the counts are."""

    place: Place
    items: Sequence[Blob | Unread]


def _counted(places: Iterable[Place]) -> Iterator[Counts]:
    return _in_batches(
        found for place in places for found in (_recorded(place) if place.is_recording else _slices(place))
    )


def _in_batches(several: Iterable[_Slice | Counts]) -> Iterator[Counts]:
    batch: list[_Slice] = []
    for found in several:
        if isinstance(found, Counts):
            yield found
        else:
            batch.append(found)
        if _is_full([item for one in batch for item in one.items]):
            yield _count_batch(batch)
            batch = []
    yield _count_batch(batch)


def _is_full(items: Sequence[Blob | Unread]) -> bool:
    size = sum(item.size_bytes for item in items if isinstance(item, Blob))
    return len(items) >= MOST_DUMPS or size >= MOST_BYTES


def _slices(place: Place) -> Iterator[_Slice | Counts]:
    """Open a place; what was found before an error is kept."""
    items: list[Blob | Unread] = []
    problem = Counts()
    try:
        for item in _opened(place):
            items.append(item)
            if _is_full(items):
                yield _Slice(place, items)
                items = []
    except Exception as error:  # noqa: BLE001 - one dump must not end the job of ten thousand
        problem = failed(place, _words(place, error))
    yield _Slice(place, items)
    yield problem


def _recorded(place: Place) -> Iterator[Counts]:
    try:
        yield _count_recording(place)
    except Exception as error:  # noqa: BLE001 - as above
        yield failed(place, _words(place, error))


def _words(place: Place, error: Exception) -> str:
    if isinstance(error, GostackError | OSError | MemoryError):
        return str(error).removeprefix(f"{place.source}: ") or type(error).__name__
    return f"could not be counted, a defect of gostack_nb ({type(error).__name__}: {error})"


def _opened(place: Place) -> Iterator[Blob | Unread]:
    if place.is_object:
        from gostack_nb.fleet.objects import open_object  # noqa: PLC0415 - fsspec comes with an extra

        return open_object(place)
    return open_sources(place.address)


def _count_batch(batch: Sequence[_Slice]) -> Counts:
    try:
        return _count_together(batch)
    except Exception as error:  # noqa: BLE001 - as above
        if len(batch) == 1:
            return failed(batch[0].place, _words(batch[0].place, error))
    return combine(_count_batch([one]) for one in batch)


def _count_together(batch: Sequence[_Slice]) -> Counts:
    """Read the dumps of several places into one Dataset; the number before each source tells whose it is."""
    items = [replace(item, source=f"{number}:{item.source}") for number, one in enumerate(batch) for item in one.items]
    dataset = read_blobs(items)
    owners, sources = _split(dataset.snapshots["source"])
    snapshots = dataset.snapshots.assign(source=text_column(sources))
    rows = dataset.goroutines
    return _counts(
        [batch[owner] for owner in owners],
        snapshots,
        cells=_cells(rows),
        stacks=dataset.stacks,
        firsts=rows.drop_duplicates("stack_id"),
        problems=_problems(batch, dataset),
    )


def _split(sources: pd.Series) -> tuple[list[int], list[str]]:
    pairs = [text.split(":", 1) for text in sources.astype(object)]
    return [int(number) for number, _ in pairs], [source for _, source in pairs]


def _problems(batch: Sequence[_Slice], dataset: Dataset) -> list[dict[str, str | None]]:
    issues = dataset.issues[["source", "reason"]].astype(object).drop_duplicates()
    owners, sources = _split(issues["source"])
    return [
        _problem(batch[owner].place, source, reason)
        for owner, source, reason in zip(owners, sources, issues["reason"], strict=True)
    ]


def _problem(place: Place, source: str, reason: str) -> dict[str, str | None]:
    return {"source": source, "service": place.service, "instance": place.instance, "reason": reason}


def _count_recording(place: Place) -> Counts:
    """Count from the tables of a recording: the goroutines themselves are not read."""
    counted = Recording.open(str(place.address)).count()
    origin = counted.snapshots["origin"].astype(object)
    source = origin.where(origin.str.contains("://", na=False), counted.snapshots["source"].astype(object))
    return _counts(
        [_Slice(place, ())] * len(source),
        counted.snapshots.assign(source=text_column(source)),
        cells=_added_up(counted.groups, counted.stacks),
        stacks=counted.stacks,
        firsts=counted.groups.drop_duplicates("stack_id"),
        problems=[],
    )


def _counts(
    owners: Sequence[_Slice],
    snapshots: pd.DataFrame,
    *,
    cells: pd.DataFrame,
    stacks: pd.DataFrame,
    firsts: pd.DataFrame,
    problems: list[dict[str, str | None]],
) -> Counts:
    dumps = _dumps(owners, snapshots)
    names = dict(zip(snapshots["snapshot_id"].astype(object), dumps["snapshot_id"].astype(object), strict=True))
    named = cells.assign(snapshot_id=text_column(names[name] for name in cells["snapshot_id"].astype(object)))
    return replace(
        Counts.of_problems(problems),
        dump_table=arrow_table(dumps, DUMPS),
        cell_table=arrow_table(named, CELLS),
        place_table=arrow_table(firsts, PLACES),
        stack_table=arrow_table(stacks, STACKS),
    )


def _dumps(owners: Sequence[_Slice], snapshots: pd.DataFrame) -> pd.DataFrame:
    """Name each dump after what it is, so that equal names are equal dumps, whoever counted them."""
    places = [owner.place for owner in owners]
    own = snapshots[["service", "instance"]].astype(object)
    service = [place.service or _known(text) for place, text in zip(places, own["service"], strict=True)]
    instance = [
        place.instance or _known(text) or place.series or place.source
        for place, text in zip(places, own["instance"], strict=True)
    ]
    facts = (service, instance, snapshots["captured_at"], snapshots["sha256"], snapshots["form"])
    names = ["/".join(map(str, one)) for one in zip(*facts, _again(owners, *facts), strict=True)]
    ids = [blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() for name in names]
    return snapshots.assign(
        snapshot_id=text_column(ids),
        service=text_column(service),
        instance=text_column(instance),
        labels=text_column(map(_labels, places, _column(snapshots, "labels"))),
    )


def _again(owners: Sequence[_Slice], *facts: Iterable[object]) -> Iterator[int]:
    """Tell equal dumps of one slice apart, by numbers that depend on nothing else in the batch."""
    seen: Counter[tuple[object, ...]] = Counter()
    for owner, *told in zip(owners, *facts, strict=True):
        key = (id(owner), *map(str, told))
        yield seen[key]
        seen[key] += 1


def _known(text: object) -> str | None:
    return text if isinstance(text, str) else None


def _column(snapshots: pd.DataFrame, name: str) -> list[object]:
    return snapshots[name].astype(object).tolist() if name in snapshots else [None] * len(snapshots)


def _labels(place: Place, recorded: object) -> str | None:
    """Put what a recording kept and what the caller says of a process together."""
    kept = json.loads(recorded) if isinstance(recorded, str) else {}
    return labels_text({**kept, **place.labels})


def _cells(goroutines: pd.DataFrame) -> pd.DataFrame:
    """Count goroutines by dump, stack and state."""
    groups = number_groups({name: coded(goroutines, name) for name in _CELL})
    waits = group_values(goroutines["wait_minutes"], groups)
    numbers = pd.DataFrame(
        {"count": groups.count(), "leaked": count_leaked(goroutines, groups), "wait_minutes_max": waits.whole(1)}
    )
    return pd.concat([groups.keys, numbers.astype(_NUMBERS)], axis=1)


def _added_up(groups: pd.DataFrame, stacks: pd.DataFrame) -> pd.DataFrame:
    """Add up the groups of a recording whose states are one and the same by the newest Go."""
    frames = groups["stack_id"].astype(object).map(_first_frames(stacks)).astype("category")
    state = normalized_state(pd.DataFrame({"state": groups["state"], "top_frames": frames}))
    cells = groups.assign(state=state).groupby(_CELL, observed=True, dropna=False, sort=False)
    sums = cells[["count", "leaked"]].sum(min_count=1)
    return sums.assign(wait_minutes_max=cells["wait_minutes_max"].max()).reset_index().astype(_NUMBERS)


def _first_frames(stacks: pd.DataFrame) -> dict[str, str]:
    shown = stacks[(stacks["frame_index"] < FRAMES_LOOKED_AT).to_numpy() & ~stacks["is_creator"].to_numpy(dtype=bool)]
    frames: dict[str, list[str]] = {}
    for stack, function in zip(shown["stack_id"].astype(object), shown["function"].astype(object), strict=True):
        frames.setdefault(stack, []).append(function)
    return {stack: " < ".join(functions) for stack, functions in frames.items()}
