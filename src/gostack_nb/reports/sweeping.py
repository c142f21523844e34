"""A sweep for the command line: what is swept, on what, and how the ranking is printed."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from gostack_nb.analysis.suspects import suspects
from gostack_nb.capturing.schedule import seconds_of
from gostack_nb.errors import FormatError, GostackError
from gostack_nb.fleet import Budget, Ranking, contrast, fetch_stacks, leakprof
from gostack_nb.fleet.processes import pool_of
from gostack_nb.fleet.shown import summary
from gostack_nb.fleet.sweep import sweep
from gostack_nb.plots.moments import count_words
from gostack_nb.reading.prometheus import Prometheus
from gostack_nb.reports.terminal import Row, shown, table_of
from gostack_nb.reports.verdicts import SURENESS, listing
from gostack_nb.sources.access import AccessOptions

if TYPE_CHECKING:
    from distributed import Client

MOST_PROBLEMS = 8

Given = list[str | pd.DataFrame]

_STYLES = {"proven": "bold red", "strong": "red", "weak": "yellow", "undecided": "cyan", "explained": "dim"}


def budget_of(*, in_flight: int | None, jitter: str | None, max_time: str | None, max_bytes: int | None) -> Budget:
    """Make a budget of what was given; raises the ValueError of `Budget`."""
    told: dict[str, Any] = {
        "in_flight": in_flight,
        "jitter_seconds": None if jitter is None else _jitter_seconds(jitter),
        "seconds": None if max_time is None else seconds_of(max_time, "max-time"),
        "total_bytes": max_bytes,
    }
    return Budget(**{name: value for name, value in told.items() if value is not None})


def _jitter_seconds(text: str) -> float:
    return 0.0 if text.strip() in {"0", "0s"} else seconds_of(text, "jitter")


def given(
    sources: Sequence[str], *, table: Path | None, prometheus: str | None, jobs: Sequence[str], access: AccessOptions
) -> Given:
    """Put together what is swept."""
    tables = [] if table is None else [_read_table(table)]
    targets = [] if prometheus is None else [_targets(prometheus, jobs, access)]
    return [*sources, *tables, *targets]


@contextmanager
def runner(*, scheduler: str | None, processes: int | None) -> "Iterator[Client | Executor | None]":
    """Open what the counting runs on, and close it at the end; None is this process."""
    if scheduler is not None:
        from gostack_nb.fleet.cluster import connect  # noqa: PLC0415 - dask comes with an extra

        with connect(scheduler) as client:
            yield client
    elif processes is not None:
        with pool_of(processes) as pool:
            yield pool
    else:
        yield None


def sweep_with_progress(
    sources: Given, *, client: "Client | Executor | None", budget: Budget, to: Path | None, access: AccessOptions
) -> Ranking:
    """Sweep; the terminal behind standard error shows how many sources are done."""
    console = Console(stderr=True)
    columns = (TextColumn("Counting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        return sweep(
            sources,
            client=client,
            budget=budget,
            to=to,
            report=lambda done: progress.advance(task, done),
            **access,
        )


def fails(found: pd.DataFrame, least: str | None) -> bool:
    """Tell whether a group is at least as suspicious as a verdict; never without one."""
    return least is not None and bool(found["verdict"].isin(SURENESS[SURENESS.index(least) :]).any())


def as_json(found: Ranking, *, limit: int | None) -> str:
    """Return the groups, or with a limit the lines of LeakProf's rule, as JSON text: a list of rows, <NA> is null."""
    table = pd.DataFrame(found) if limit is None else leakprof(found.counts, limit=limit)
    rows: list[dict[str, object]] = json.loads(table.to_json(orient="records"))
    return json.dumps(rows, indent=1)


def print_ranking(found: Ranking, *, top: int, by: str | None, limit: int | None) -> None:
    """Print the ranking to standard output; a label's contrast, and LeakProf's lines, where they are wanted."""
    parts: list[RenderableType] = [Text(summary(found.counts), "bold")]
    if limit is None:
        parts += map(_group, found[found["verdict"] != "explained"].head(top).to_dict("records"))
        parts += _rest(found, top)
    else:
        parts.append(_leakprof(found, limit, top))
    if by is not None:
        parts.append(_contrast(found, by, top))
    Console(highlight=False).print(Group(*parts, *_problems(found.problems)))


def print_stacks(found: Ranking, *, to: Path | None, top: int, access: AccessOptions) -> None:
    """Take debug=2 from the few suspects, judge it, and print the verdicts."""
    dataset = fetch_stacks(found, to=to, **access)
    Console(highlight=False).print(Text("\nThe suspects' stacks", "bold"), listing(dataset, suspects(dataset), top=top))


def _read_table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str)
    except (ValueError, OSError) as error:  # what pandas cannot parse is a ValueError
        msg = f"{path}: not a table in CSV ({error}). Hint: a column source, others such as instance, build, zone"
        raise FormatError(msg) from error


def _targets(url: str, jobs: Sequence[str], access: AccessOptions) -> pd.DataFrame:
    targets = Prometheus(url, **access).targets()
    if not jobs:
        return targets
    chosen = targets[targets["job"].isin(jobs)]
    if chosen.empty:
        known = ", ".join(sorted(map(str, targets["job"].dropna().unique())))
        msg = f"{url}: no target of job {', '.join(jobs)}. Hint: the jobs are: {known or 'none'}"
        raise GostackError(msg)
    return chosen


def _group(row: Row) -> RenderableType:
    verdict = row["verdict"]
    head = Text("\n").append_text(shown(verdict, _STYLES.get(verdict, "") if isinstance(verdict, str) else "dim"))
    head.append(f"  {_numbers(row)}")
    named = not pd.isna(row["user_function"])
    function = row["user_function"] if named else row["top_function"]
    place = _lines(shown(function, "bold"), shown(row["user_location"]), shown(row["state"], "dim"))
    body = Table.grid(padding=(0, 1))
    for reason in row["reasons"]:
        body.add_row("-", shown(reason))
    return Group(head, Padding(place, (0, 0, 0, 2)), Padding(body, (0, 0, 0, 2)))


def _lines(*texts: Text) -> Text:
    """Put texts below each other."""
    return Text("\n").join(texts)


def _numbers(row: Row) -> str:
    where: str = "" if pd.isna(row["service"]) else f" of {shown(row['service'])}"
    spread = f"{row['holders']:,} of {count_words(row['instances'], 'instance')}{where}"
    return f"{count_words(row['total'])} in {spread}, rms {row['rms']:,.0f}, at most {row['maximum']:,}"


def _rest(found: pd.DataFrame, top: int) -> list[Text]:
    is_explained = found["verdict"] == "explained"
    rest = int((~is_explained).sum()) - top
    lines = [Text(f"\nand {count_words(rest, 'more group')}: --top {rest + top}", "dim")] if rest > 0 else []
    if is_explained.any():
        lines.append(Text(f"\n{count_words(int(is_explained.sum()), 'group')} known, and no more than expected", "dim"))
    return lines


def _leakprof(found: Ranking, limit: int, top: int) -> Table | Text:
    lines = leakprof(found.counts, limit=limit)
    title = f"\n{count_words(len(lines), 'line')} with {limit:,} or more blocked on channels in one instance"
    if lines.empty:
        return Text(title)
    table = table_of(title, "rms", "at most", "above", "where", numbers=["rms", "at most", "above"])
    for row in lines.head(top).to_dict("records"):
        where = _lines(shown(row["user_function"], "bold"), shown(row["user_location"]), shown(row["state"]))
        table.add_row(f"{row['rms']:,.0f}", f"{row['maximum']:,}", f"{row['above']:,} of {row['instances']:,}", where)
    return table


def _contrast(found: Ranking, by: str, top: int) -> Table:
    """Return the values of a label side by side, of the groups that differ most."""
    told = contrast(found.counts, by)
    keys = ["service", "signature", "state"]
    groups = told.groupby(keys, observed=True, dropna=False, sort=False)
    chosen = told[(groups.ngroup() < top) & (groups["mean"].transform("size") > 1)]
    table = table_of(f"\nper instance, by {by}", by, "instances", "mean", "where", numbers=["instances", "mean"])
    for row in chosen.to_dict("records"):
        named = not pd.isna(row["user_function"])
        function = row["user_function"] if named else row["state"]
        table.add_row(shown(row["value"]), f"{row['instances']:,}", f"{row['mean']:,.1f}", shown(function))
    return table


def _problems(problems: pd.DataFrame) -> list[RenderableType]:
    if problems.empty:
        return []
    table = table_of(f"\n{count_words(len(problems), 'problem')}", "source", "reason")
    for row in problems.head(MOST_PROBLEMS).to_dict("records"):
        table.add_row(shown(row["source"]), shown(row["reason"]))
    rest = len(problems) - MOST_PROBLEMS
    return [table, Text(f"and {rest:,} more", "dim")] if rest > 0 else [table]
