"""Many sources to one ranking: find, count, combine, rank."""

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Unpack

from gostack_nb.errors import SourceError
from gostack_nb.fleet.budget import Budget
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.live import ask_all
from gostack_nb.fleet.places import Place, Sources, places_of
from gostack_nb.fleet.ranking import Ranking, rank
from gostack_nb.fleet.running import count_all
from gostack_nb.recording.live import Shelf
from gostack_nb.sources.access import Access, AccessOptions
from gostack_nb.sources.blob import Unread

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from distributed import Client

Advance = Callable[[int], object]


def sweep(
    sources: Sources,
    *,
    client: "Client | Executor | None" = None,
    budget: Budget | None = None,
    to: str | PathLike[str] | None = None,
    storage_options: Mapping[str, object] | None = None,
    report: Advance | None = None,
    **access: Unpack[AccessOptions],
) -> Ranking:
    r"""Count the goroutines of many processes, and rank the groups: which service leaks where, since which build.

    Parameters
    ----------
    sources : str, path, DataFrame, or iterable of them
        Dumps, archives and recordings by path, folder or pattern; objects by the addresses that fsspec knows
        (`s3://bucket/dumps/*.pb.gz`); services (`http://10.0.0.7:6060`), of which debug=0 is taken, or debug=1. Names
        in braces are labels: `dumps/{zone}/{build}/{instance}.pb.gz`. A table has a column `source` or `pprof_url`;
        its `service` (or `job`) and `instance` name the process, its other texts are labels: what
        `gs.Prometheus(url).targets()` returns is one.
    client : distributed.Client or concurrent.futures.Executor, optional
        Where files and objects are counted: on a Dask cluster, in a pool; without it in this process. The counts are
        the same. Services are asked by this process in any case.
    budget : Budget, optional
        What asking services may cost.
    to : path, optional
        A recording that keeps what services answered.
    storage_options : mapping, optional
        For fsspec: credentials, endpoints. They are sent to the workers of a cluster, and kept nowhere.
    report : callable, optional
        Called with the number of sources that are done, each time that some are.
    **access
        For services: `auth`, `bearer`, `headers`, `cert`, `verify`, `proxy`, `unix_socket`, as in `gs.capture`.

    Returns
    -------
    Ranking
        As `rank` returns it: a DataFrame, one row per group. `.problems` has a row for everything that could not be
        read or asked, `.counts` is for `contrast`, `by_instance`, `growth`, `leakprof` and `combine` with other sweeps.

    Raises
    ------
    SourceError
        If nothing at all could be counted; the message is the first problem.
    FleetError
        If the pool or cluster cannot be used.
    MissingColumnError, ArgumentError
        If a table has no addresses, or a source is no source.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> dump = "goroutine 7 [chan receive]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for build, instance in (("1.4.1", "push-0"), ("1.4.2", "push-1")):
    ...         path = pathlib.Path(folder, build, f"{instance}.txt")
    ...         path.parent.mkdir()
    ...         _ = path.write_text(dump)
    ...     table = sweep(folder + "/{build}/{instance}.txt")
    >>> table[["total", "instances", "user_location"]].to_dict("records")
    [{'total': 2, 'instances': 2, 'user_location': '/srv/main.go:9'}]
    """
    opened, shelf = Access.of(access), None if to is None else Shelf(to)
    found = list(places_of(sources, storage_options))
    places = [place for place in found if isinstance(place, Place)]
    services = [place for place in places if place.is_service]
    files = [place for place in places if not place.is_service]
    done = report or (lambda _: None)
    counts = combine(
        [
            _unread(item for item in found if isinstance(item, Unread)),
            count_all(files, client, done),
            ask_all(services, budget or Budget(), opened, shelf.keep if shelf else None, done),
        ]
    )
    if not len(counts.dump_table) and len(counts.problem_table):
        raise SourceError(_first_problem(counts))
    return rank(counts)


def _unread(items: Iterable[Unread]) -> Counts:
    return Counts.of_problems(
        {"source": item.source, "service": None, "instance": None, "reason": item.reason} for item in items
    )


def _first_problem(counts: Counts) -> str:
    problems = counts.problems()
    first = problems.iloc[0]
    more = f" (and {len(problems) - 1:,} more could not be counted either)" if len(problems) > 1 else ""
    return f"{first['source']}{more}: {first['reason']}"
