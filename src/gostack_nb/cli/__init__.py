"""The command line: arguments to the calls of the library.

Exit status 0: done, 1: a finding, 2: bad usage or input, 130: interrupted before there was anything to keep.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from gostack_nb.cli.access import access_options
from gostack_nb.cli.sweep import FINDING, sweep
from gostack_nb.errors import GostackError, SourceError, UnreachableError

if TYPE_CHECKING:
    from gostack_nb.analysis.redaction import Kind
    from gostack_nb.capturing.plan import Leak
    from gostack_nb.model.dataset import Dataset

BAD_INPUT = 2
INTERRUPTED = 130

_LEAK_HELP = "When Go's leak profile is taken, which erases wait minutes: at the end, in each round, or never."

_HIDDEN = ("users", "hosts", "build_paths", "labels", "arguments", "lines")
_BY = ("stack", "signature", "function", "line", "state", "creator", "labels")


class _Commands(click.Group):
    """Turns the errors that the library raises on purpose, and Ctrl-C, into one sentence and an exit status."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GostackError as error:
            click.echo(f"gostack-nb: {error}", err=True)
            ctx.exit(BAD_INPUT)
        except KeyboardInterrupt:
            click.echo("gostack-nb: interrupted", err=True)
            ctx.exit(INTERRUPTED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gostack-nb")
def main() -> None:
    """Find out which goroutines leak, where they are blocked, and since when.

    \b
    gostack-nb incident                    the guided incident, recorded example
    gostack-nb incident dumps/             the same story about your dumps
    gostack-nb suspects dumps/             who leaks, how sure, and why
    gostack-nb capture HOST:6060           record a running service
    gostack-nb compare before/ after/      what changed, and is it fixed?
    gostack-nb sweep 'dumps/{build}/*.gz'  a fleet: who leaks, on which build?
    gostack-nb report dumps/               a postmortem, redacted, in one file
    gostack-nb new growth --source dumps/  a notebook about one question
    gostack-nb lab                         JupyterLab, with all notebooks
    gostack-nb show goroutine.txt          a summary in the terminal
    curl -s 'HOST:6060/debug/pprof/goroutine?debug=2' | gostack-nb show -
    """  # noqa: D301 - click keeps lines after a real backspace only


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
@click.argument("urls", nargs=-1, metavar="URL...")
@click.option("--every", metavar="SPAN", help="How far apart rounds begin: 15s, 1m. Without it: one round.")
@click.option("--for", "duration", metavar="SPAN", help="How long: 10m, 1h. Without --for and --count: until Ctrl-C.")
@click.option("--count", type=click.IntRange(min=1), help="How many rounds.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="The recording; without it a new folder.")
@click.option("--service", help="Name of the service, for the tables.")
@click.option("--limit", type=click.IntRange(min=0), default=20_000, show_default=True, help="Goroutines for debug=2.")
@click.option("--force", is_flag=True, help="Take debug=2 above the limit too: it stops the service while Go prints.")
@click.option("--leak", type=click.Choice(["end", "each", "never"]), default="end", show_default=True, help=_LEAK_HELP)
@click.option("--deadline", metavar="SPAN", default="180s", show_default=True, help="For each answer.")
@access_options
@click.option("--unix-socket", type=click.Path(path_type=Path), help="Connect to this socket.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows of the snapshots as JSON.")
def capture(
    urls: Sequence[str],
    every: str | None,
    duration: str | None,
    count: int | None,
    to: Path | None,
    service: str | None,
    limit: int,
    force: bool,  # noqa: FBT001
    leak: "Leak",
    deadline: str,
    as_json: bool,  # noqa: FBT001
    unix_socket: Path | None,
    **access: Any,
) -> None:
    """Capture goroutines and metrics from running services into a recording.

    URL is a service (`host:6060`), its /debug/pprof/ under any prefix, or one profile. A round takes debug=1, debug=0,
    debug=2 (up to --limit goroutines) and /metrics. Everything is kept at once: Ctrl-C ends a capture and loses nothing
    (status 0; 130 if there was nothing yet).
    """
    from gostack_nb.recording.live import wanted_of  # noqa: PLC0415 - pandas takes longer than --help should
    from gostack_nb.reports import asking, capturing  # noqa: PLC0415 - as above

    if not urls and unix_socket is None:
        msg = "Missing argument 'URL...'."
        raise click.UsageError(msg)
    options = asking.access_options(unix_socket=unix_socket, **access)
    try:
        wanted = wanted_of(
            urls or ["localhost"],
            options,
            every=every,
            count=count,
            duration=duration,
            service=service,
            limit=limit,
            force=force,
            leak=leak,
            deadline=deadline,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    sys.exit(capturing.capture_and_print(wanted, to, json_rows=as_json))


@main.command()
@click.argument("before")
@click.argument("after", required=False)
@click.option("--from", "start", metavar="TIME", help="With one source: before is up to the dump nearest to this time.")
@click.option("--to", "end", metavar="TIME", help="With one source: after is what follows, up to the nearest to this.")
@click.option("--by", type=click.Choice(_BY), default="signature", show_default=True, help="What makes a group.")
@click.option("--top", default=10, show_default=True, type=click.IntRange(min=1), help="Groups to print.")
@click.option("--chart", type=click.Path(path_type=Path, dir_okay=False), help="Draw both courses: .png, .svg, .pdf.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs: the verdict and both tables.")
@click.option(
    "--fail-on",
    type=click.Choice(["undecided", "new-growth", "still-grows"]),
    help="Exit with status 1 if the verdict is as bad as this or worse.",
)
def compare(
    before: str,
    after: str | None,
    start: str | None,
    end: str | None,
    by: str,
    top: int,
    chart: Path | None,
    as_json: bool,  # noqa: FBT001
    fail_on: str | None,
) -> None:
    """Compare dumps before and after: which groups changed, and whether what grew is fixed.

    BEFORE and AFTER are sources as for `show`, or recordings: one file, folder, glob, archive or address each. Without
    AFTER two times of BEFORE are compared: TIME is ISO 8601 or 08:54[:30] of the day of the dumps, in UTC; without
    times the first dump is compared with the last.

    Several dumps on each side, of the same load, decide: fixed, undecided (says what would decide), new growth, or
    still grows.
    """
    from gostack_nb.plots.export import picture_form  # noqa: PLC0415 - pandas takes longer than --help should
    from gostack_nb.reports import comparing  # noqa: PLC0415 - as above

    if after is not None and (start or end):
        msg = "--from and --to are for one source: leave AFTER out"
        raise click.UsageError(msg)
    if before == after == "-":
        msg = "standard input can be one side only"
        raise click.UsageError(msg)
    if chart is not None:
        picture_form(chart)
    if after is None:
        sides, names = comparing.split_at(_read([before]), start, end), (before, before)
    else:
        sides, names = (_read([before]), _read([after])), (before, after)
    compared = comparing.Comparison.of(*sides, by=by, names=names)
    if chart is not None:
        comparing.write_chart(compared, chart)
    if as_json:
        click.echo(comparing.as_json(compared))
    else:
        comparing.print_comparison(compared, top=top)
    if compared.fails(fail_on):
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
@click.option("--no-lab", is_flag=True, help="Write the notebook, the charts and the postmortem, and stop.")
def incident(
    sources: Sequence[str],
    after: Sequence[str],
    out: Path | None,
    source_root: Path | None,
    no_lab: bool,  # noqa: FBT001
) -> None:
    """Tell the story of a leak: an executed notebook, its charts and a postmortem, in JupyterLab.

    Without SOURCE it is about the recorded reference incident; with files, folders, archives or an address about yours.
    """
    from gostack_nb.reports import investigation  # noqa: PLC0415 - as above

    made = investigation.investigate(sources, after=after, out=out, source_root=source_root, report=click.echo)
    if not no_lab:
        from gostack_nb.reports.lab import open_lab  # noqa: PLC0415 - as above

        sys.exit(open_lab(made.notebook, report=click.echo))


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--after", multiple=True, metavar="SOURCE", help="Dumps taken after the fix; may be given several times.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("postmortem.html"),
    show_default=True,
    help="The file to write: .html (one file), .md (with a folder of pictures), .pdf (needs Chromium).",
)
@click.option("--title", help="Without it made from the service's name.")
@click.option("--service", help="What the service is called; without it as the dumps say.")
@click.option("--author", "authors", multiple=True, help="May be given several times, as --note and --action.")
@click.option("--note", "notes", multiple=True, help="A paragraph at the beginning.")
@click.option("--action", "actions", multiple=True, help="An action item at the end.")
@click.option(
    "--source-root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A checkout of the program: its lines are shown where it is blocked.",
)
@click.option("--keep", type=click.Choice(_HIDDEN), multiple=True, help="Do not hide this; may be given several times.")
@click.option("--preview", is_flag=True, help="Only list what would be hidden, and write nothing.")
def report(
    sources: Sequence[str],
    after: Sequence[str],
    output: Path,
    keep: Sequence["Kind"],
    preview: bool,  # noqa: FBT001
    **words: Any,
) -> None:
    """Write a postmortem that lasts: one file with verdict, charts, code and evidence.

    SOURCE is as for `show`. User names, hosts, build folders, label values and raw lines are replaced by placeholders;
    see --preview and --keep.

    Or SOURCE is one executed notebook (.ipynb), which becomes a page as it is: nothing in it is hidden, and only
    --output goes with it.
    """
    if any(source.lower().endswith(".ipynb") for source in sources):
        if len(sources) > 1 or after or keep or preview or any(words.values()):
            msg = "a notebook is exported alone and as it is: only --output goes with it"
            raise click.UsageError(msg)
        from gostack_nb.reports.notebook_page import export_notebook  # noqa: PLC0415 - as below

        click.echo(export_notebook(Path(sources[0]), output))
        return
    if "-" in sources and "-" in after:
        msg = "standard input can be one side only"
        raise click.UsageError(msg)
    from gostack_nb.reports import publishing  # noqa: PLC0415 - pandas takes longer than --help should

    if preview:
        fixed = [_read(after)] if after else []
        publishing.print_redactions(_read(sources), *fixed, keep=keep)
    else:
        from gostack_nb.reports.postmortem import report as write_report  # noqa: PLC0415 - as above

        found = _read(sources)
        click.echo(write_report(found, output, after=_read(after) if after else None, keep=keep, **words))


@main.command()
@click.argument("template", required=False)
@click.argument(
    "folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default="."
)
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Your dumps; may be given several times.")
@click.option("--after", multiple=True, metavar="SOURCE", help="Dumps taken after the fix; may be given several times.")
def new(template: str | None, folder: Path, sources: Sequence[str], after: Sequence[str]) -> None:
    """Make a working copy of a notebook.

    TEMPLATE is its number or name; without one all are listed. The copy lands in DIR, by default the current folder.
    Without --source it is about recorded dumps, which are copied beside it, so that it runs at once. SOURCE is a file,
    folder, glob, archive or address; passwords in an address are left out. A notebook that is there already stays.
    """
    from gostack_nb.reports import templates, working_copies  # noqa: PLC0415 - nbformat takes longer than --help should

    if template is None:
        click.echo(templates.listing())
        return
    try:
        chosen = templates.find_template(template)
    except SourceError as error:
        click.echo(f"gostack-nb: {error}\n\n{templates.listing()}", err=True)
        sys.exit(BAD_INPUT)
    working_copies.new_copy(chosen, folder, working_copies.Wanted(sources, after), report=click.echo)


@main.command()
@click.argument(
    "folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default="."
)
def lab(folder: Path) -> None:
    """Open JupyterLab in a folder, with a page that lists the notebooks.

    The notebooks, the page and the recorded dumps they are about are copied into gostack-notebooks in DIR, by default
    the current folder; what is there already stays. The server listens on 127.0.0.1, with a token; Ctrl-C ends it.
    """
    from gostack_nb.reports import working_copies  # noqa: PLC0415 - as above
    from gostack_nb.reports.lab import open_lab  # noqa: PLC0415 - as above

    index = working_copies.lab_copies(folder, report=click.echo)
    sys.exit(open_lab(index, root=folder, report=click.echo))


main.add_command(sweep)


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
