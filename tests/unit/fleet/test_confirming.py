"""Debug=2 of the suspects alone: whom the first rows of a ranking name, and what is said of the rest."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from gostack_nb.capturing.told import Round, Told
from gostack_nb.errors import ArgumentError, UnreachableError
from gostack_nb.fleet.budget import Budget
from gostack_nb.fleet.confirming import fetch_stacks
from gostack_nb.fleet.counting import count_file
from gostack_nb.fleet.counts import Counts, combine
from gostack_nb.fleet.live import ask_all
from gostack_nb.fleet.places import Place
from gostack_nb.fleet.ranking import Ranking
from gostack_nb.model.dataset import Dataset
from gostack_nb.recording.recording import Recording
from gostack_nb.sources.access import ANYONE
from tests.unit.pprof_service import ROOT, Page, PprofServer, debug2, go_pages, page, serving

STACKS = f"{ROOT}goroutine 2"


@pytest.fixture
def servers() -> Iterator[list[PprofServer]]:
    """Give five services, of which each has more goroutines than the one before."""
    with ExitStack() as stack:
        yield [stack.enter_context(serving(pages_of(10 * number))) for number in range(1, 6)]


def pages_of(count: int) -> dict[str, Page]:
    """Return pages of which debug=1 alone says how many goroutines there are: the sweep asks for it."""
    return {path: one for path, one in go_pages(count).items() if path != f"{ROOT}goroutine 0"}


def said(dataset: Dataset) -> list[str]:
    """Return what is missing, but for debug=0."""
    return [reason for reason in dataset.issues["reason"] if "nothing is served at this path" not in reason]


def ranking_of(counts: Counts) -> Ranking:
    """Make a ranking with one row per service, and of it what is read here: those with most goroutines first."""
    dumps = counts.dumps().astype({"service": object, "instance": object})
    sizes = dumps.sort_values("goroutine_count", ascending=False).groupby("service", dropna=False, sort=False)
    rows = [{"service": service, "instances_worst": list(one["instance"])} for service, one in sizes]
    table = pd.DataFrame(rows, columns=["service", "instances_worst"])
    return Ranking.of(table.assign(rank=range(1, len(rows) + 1)), counts)


def swept(places: Sequence[Place]) -> Ranking:
    return ranking_of(ask_all(places, Budget(jitter_seconds=0), ANYONE, None, lambda _: None))


def ranked(servers: Sequence[PprofServer], *services: str) -> Ranking:
    """Sweep; the instances are not named as their hosts are."""
    names = services or ("push",) * len(servers)
    pairs = zip(servers, names, strict=True)
    return swept([Place(one.url, service, f"i{number}") for number, (one, service) in enumerate(pairs)])


def asked(servers: list[PprofServer]) -> list[int]:
    return [one.asked_of(STACKS) for one in servers]


def test_the_instances_that_hold_the_most_are_asked(servers: list[PprofServer]) -> None:
    ranking = ranked(servers)
    dataset = fetch_stacks(ranking)
    assert ranking["instances_worst"].iloc[0][:2] == ["i4", "i3"]
    assert asked(servers) == [0, 0, 0, 1, 1]
    stacks = dataset.snapshots[dataset.snapshots["form"] == "debug=2"].set_index("instance")
    assert stacks["goroutine_count"].to_dict() == {"i3": 40, "i4": 50}
    assert set(dataset.snapshots["service"]) == {"push"}
    assert not any("goroutineleak" in one for server in servers for one in server.asked)


@pytest.mark.parametrize(("groups", "instances"), [(1, 1), (2, 1), (1, 4), (9, 9)])
def test_never_more_than_were_wanted(servers: list[PprofServer], groups: int, instances: int) -> None:
    ranking = ranked(servers, "push", "push", "pull", "pull", "pull")
    fetch_stacks(ranking, groups=groups, instances=instances)
    first = zip(ranking["service"].head(groups), ranking["instances_worst"].head(groups), strict=True)
    wanted = {(service, name) for service, names in first for name in names[:instances]}
    assert sum(asked(servers)) == len(wanted) <= groups * instances


def test_equal_names_in_two_services_are_two_processes(servers: list[PprofServer]) -> None:
    places = [Place(servers[0].url, "push", "0"), Place(servers[4].url, "pull", "0")]
    ranking = swept(places)
    snapshots = fetch_stacks(ranking).snapshots
    stacks = snapshots[snapshots["form"] == "debug=2"].set_index("service")
    assert stacks["goroutine_count"].to_dict() == {"push": 10, "pull": 50}
    assert set(snapshots["instance"]) == {"0"}


def test_the_last_address_of_an_instance_is_asked(servers: list[PprofServer]) -> None:
    """A pod that moved: the older sweep knows it somewhere else."""
    moments = [ranked([one]).counts for one in servers[:2]]
    fetch_stacks(ranking_of(combine(reversed(moments))))
    assert asked(servers)[:2] == [0, 1]


def test_above_the_limit_it_is_left_out_and_said(servers: list[PprofServer]) -> None:
    ranking = ranked(servers)
    dataset = fetch_stacks(ranking, limit=45, groups=1)
    assert asked(servers) == [0, 0, 0, 1, 0]
    (reason,) = said(dataset)
    assert reason.startswith("debug=2 is not taken: 50 goroutines are above the limit of 45")
    fetch_stacks(ranking, limit=45, groups=1, instances=1, force=True)
    assert asked(servers) == [0, 0, 0, 1, 1]


def test_it_is_told_and_kept(servers: list[PprofServer], tmp_path: Path) -> None:
    told: list[Told] = []
    dataset = fetch_stacks(ranked(servers), groups=1, to=tmp_path / "rec", report=told.append)
    kept = Recording.open(tmp_path / "rec").snapshots
    assert {done.instance for done in told if isinstance(done, Round)} == {"push/i3", "push/i4"}
    assert set(kept["sha256"]) == set(dataset.snapshots["sha256"])
    assert set(kept["instance"]) == {"i3", "i4"}


def test_credentials_are_given_again_and_not_repeated(servers: list[PprofServer]) -> None:
    ranking = ranked(servers)
    for one in servers:
        one.pages = dict.fromkeys(one.pages, page("who is t0ken-of-mine?", 401))
    with pytest.raises(UnreachableError, match="wants credentials") as caught:
        fetch_stacks(ranking, groups=1, instances=1, bearer="t0ken-of-mine")
    assert "t0ken" not in str(caught.value)


def test_an_address_with_a_secret_is_not_guessed(servers: list[PprofServer]) -> None:
    places = [Place(f"{servers[0].url}/?token=t0ken-of-mine", "push", "i0"), Place(servers[1].url, "push", "i1")]
    ranking = swept(places)
    dataset = fetch_stacks(ranking)
    assert asked(servers)[:2] == [0, 1]
    assert said(dataset) == ["its address holds a secret, which is not kept. Hint: gs.capture with the whole address"]


def test_files_beside_services_are_rows(servers: list[PprofServer], tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(debug2(70))
    ranking = ranking_of(
        combine([ranked(servers).counts, count_file(replace(Place(str(tmp_path / "old.txt")), service="x"))])
    )
    dataset = fetch_stacks(ranking)
    assert sum(asked(servers)) == 2
    assert "is no service: debug=2 cannot be taken from it" in said(dataset)


def test_files_alone_are_an_error_that_names_them(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_bytes(debug2(9 - number))
    ranking = ranking_of(combine(count_file(Place(str(path), instance=path.name)) for path in paths))
    with pytest.raises(
        ArgumentError, match=r"0\.txt, .*1\.txt, .*2\.txt and 2 more: none of them is a running service"
    ):
        fetch_stacks(ranking, instances=5)


def test_a_ranking_without_rows() -> None:
    with pytest.raises(ValueError, match="the ranking has no rows"):
        fetch_stacks(ranking_of(combine([])))


@pytest.mark.parametrize("options", [{"groups": 0}, {"instances": -1}])
def test_at_least_one_is_asked(servers: list[PprofServer], options: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match="at least one is asked"):
        fetch_stacks(ranked(servers), **options)  # type: ignore[arg-type]


def test_a_plain_table_is_no_ranking() -> None:
    with pytest.raises(ArgumentError, match="fetch_stacks: ranking takes a Ranking"):
        fetch_stacks(pd.DataFrame({"rank": [1]}))  # type: ignore[arg-type]
