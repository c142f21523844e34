"""The command line: arguments to the calls of the library. Exit status 0: done, 1: a finding, 2: bad usage or input."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from gostack_nb.errors import GostackError, UnreachableError

if TYPE_CHECKING:
    from gostack_nb.model.dataset import Dataset

FINDING = 1
BAD_INPUT = 2

_BY = ("stack", "signature", "function", "line", "state", "creator", "labels")


class _Commands(click.Group):
    """Turns the errors that the library raises on purpose into one sentence and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GostackError as error:
            click.echo(f"gostack-nb: {error}", err=True)
            ctx.exit(BAD_INPUT)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gostack-nb")
def main() -> None:
    r"""Find out which goroutines leak, where they are blocked, and since when.

    \b
    gostack-nb incident                     the guided incident, on the recorded example
    gostack-nb incident dumps/              the same story about your dumps
    gostack-nb suspects dumps/              who leaks, how sure, and why
    gostack-nb show goroutine.txt           a summary in the terminal
    curl -s HOST:6060/debug/pprof/goroutine?debug=2 | gostack-nb show -
    """


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--top", default=15, show_default=True, type=click.IntRange(min=1), help="Groups to print.")
@click.option("--by", type=click.Choice(_BY), default="signature", show_default=True, help="What makes a group.")
@click.option("--state", help="Only goroutines in this state, compared whole: 'chan receive', 'select' ...")
@click.option("--all", "every", is_flag=True, help="Every snapshot, not only the latest of each process.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def show(sources: Sequence[str], top: int, by: str, state: str | None, every: bool, as_json: bool) -> None:  # noqa: FBT001
    """Print what is in goroutine dumps.

    SOURCE is a file, folder, glob, archive or address; `-` is standard input. Any form: debug=0, 1 or 2,
    goroutineleak, SIGQUIT and panics, alone or inside logs.
    """
    from gostack_nb.reports import listing  # noqa: PLC0415 - pandas takes longer than --help should

    dataset = _read(sources)
    chosen = listing.chosen_groups(dataset, by=by, state=state, every=every)
    if as_json:
        click.echo(listing.as_json(dataset, chosen))
    else:
        listing.print_summary(dataset, chosen, by=by, top=top)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--top", default=10, show_default=True, type=click.IntRange(min=1), help="Suspects to print.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs: a list of all suspects.")
@click.option(
    "--fail-on",
    type=click.Choice(["proven", "strong", "weak", "undecided"]),
    help="Exit with status 1 if a suspect is as sure as this or surer.",
)
def suspects(sources: Sequence[str], top: int, as_json: bool, fail_on: str | None) -> None:  # noqa: FBT001
    """Name the goroutines that may leak, each with a verdict and its reasons.

    SOURCE is as for `show`. Two or more debug=2 dumps of a process, minutes apart, tell most: they show who arrives and
    never leaves. Surest first: proven, strong, weak, undecided (says which later dump decides).
    """
    from gostack_nb.reports import verdicts  # noqa: PLC0415 - pandas takes longer than --help should

    dataset = _read(sources)
    found = verdicts.find_suspects(dataset)
    if as_json:
        click.echo(verdicts.as_json(found))
    else:
        verdicts.print_suspects(dataset, found, top=top)
    if verdicts.fails(found, fail_on):
        sys.exit(FINDING)


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--after", multiple=True, metavar="SOURCE", help="Dumps taken after the fix; may be given several times.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The investigation folder to make.")
@click.option(
    "--source-root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A checkout of the program: its lines are shown where it is blocked.",
)
@click.option("--no-lab", is_flag=True, help="Write the notebook and the charts, and stop.")
def incident(
    sources: Sequence[str],
    after: Sequence[str],
    out: Path | None,
    source_root: Path | None,
    no_lab: bool,  # noqa: FBT001
) -> None:
    """Tell the story of a leak: an executed notebook and its charts, opened in JupyterLab.

    Without SOURCE it is about the recorded reference incident; with files, folders, archives or an address about yours.
    """
    from gostack_nb.reports import investigation  # noqa: PLC0415 - as above

    made = investigation.investigate(sources, after=after, out=out, source_root=source_root, report=click.echo)
    if not no_lab:
        from gostack_nb.reports.lab import open_lab  # noqa: PLC0415 - as above

        sys.exit(open_lab(made.notebook, report=click.echo))


def _read(sources: Sequence[str]) -> "Dataset":
    from gostack_nb.reading.datasets import read  # noqa: PLC0415 - as above

    return read(*(_opened(source) for source in sources))


def _opened(source: str) -> str | BinaryIO:
    if source != "-":
        return source
    if sys.stdin is None:
        msg = "-: there is no standard input. Hint: pipe a dump into the command, or name a file"
        raise UnreachableError(msg)
    return sys.stdin.buffer
