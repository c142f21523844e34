"""The command line of the benchmarks: `python -m benchmarks [NAME]...`."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from benchmarks.figures import Figure
from benchmarks.machine import Company, describe_machine
from benchmarks.measures import (
    analyses,
    counted,
    fleet,
    hostile,
    memory,
    notebooks,
    peers,
    processes,
    reading,
    starting,
    tables,
)
from benchmarks.pinned import ProbeError
from benchmarks.results import RESULTS, Section, empty_table, row_of, write_results
from benchmarks.scale import FULL, QUICK, Scale

Measure = Callable[[Scale], Iterator[Figure]]

MEASURES: dict[str, Measure] = {
    "reading": reading.measure,
    "processes": processes.measure,
    "memory": memory.measure,
    "tables": tables.measure,
    "counted": counted.measure,
    "analyses": analyses.measure,
    "fleet": fleet.measure,
    "hostile": hostile.measure,
    "notebooks": notebooks.measure,
    "starting": starting.measure,
}
PEERS = "peers"

_FILE_WIDTH = 160


@click.command()
@click.argument("names", nargs=-1, type=click.Choice((*MEASURES, PEERS)), metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="Small dumps, few rounds: whether it works, not how fast it is.")
@click.option("--write", is_flag=True, help=f"Write the figures to benchmarks/{RESULTS.name}.")
@click.option(
    "--gostackparse",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A checkout of github.com/DataDog/gostackparse, to be measured as a peer.",
)
def main(names: Sequence[str], quick: bool, write: bool, gostackparse: Path | None) -> None:  # noqa: FBT001
    """Measure how fast dumps become tables, and what that takes.

    Without NAME everything is measured: reading, processes, memory, tables, counted, analyses, fleet,
    hostile, notebooks, starting, peers.
    """
    if not hasattr(os, "sched_setaffinity"):
        msg = "the benchmarks need Linux: they pin processes to cores and read /proc"
        raise click.ClickException(msg)
    console, scale = _console(), QUICK if quick else FULL
    console.print(describe_machine())
    measures = _chosen(names, gostackparse, console)
    try:
        sections = {name: _run(console, name, measure, scale) for name, measure in measures.items()}
    except ProbeError as error:
        raise click.ClickException(str(error)) from error
    if write:
        write_results(RESULTS, sections, scale)


def _console() -> Console:
    """Return a console that folds no cells where the output goes to a file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_FILE_WIDTH)


def _chosen(names: Sequence[str], gostackparse: Path | None, console: Console) -> dict[str, Measure]:
    """Return what is to be measured, in the order of the results."""
    chosen = {name: measure for name, measure in MEASURES.items() if not names or name in names}
    if gostackparse is not None:
        return chosen | (
            {PEERS: lambda scale: peers.measure(scale, gostackparse)} if not names or PEERS in names else {}
        )
    if not names or PEERS in names:
        console.print("peers are left out: --gostackparse names no checkout of their source.")
    return chosen


def _run(console: Console, name: str, measure: Measure, scale: Scale) -> Section:
    """Measure one thing and print its table."""
    company = Company()
    with console.status(f"measuring {name}"):
        figures = tuple(measure(scale))
    section = Section(figures, company.cores())
    table = empty_table(f"{name} ({section.company})")
    for figure in figures:
        table.add_row(*row_of(figure, scale))
    console.print(table)
    return section


if __name__ == "__main__":
    main()
