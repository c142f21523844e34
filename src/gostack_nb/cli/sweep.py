"""`gostack-nb sweep`: a fleet in the terminal."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gostack_nb.cli.access import access_options

FINDING = 1


@click.command()
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--prometheus", metavar="URL", help="Sweep what this Prometheus scrapes; its labels tell builds and zones."
)
@click.option("--job", "jobs", multiple=True, help="Only targets of this job; may be given several times.")
@click.option(
    "--table", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="CSV: source, instance, labels."
)
@click.option("--scheduler", metavar="ADDRESS", help="Count on this Dask cluster: tcp://HOST:8786.")
@click.option("--processes", type=click.IntRange(min=1), help="Count in so many processes of this machine.")
@click.option("--by", metavar="LABEL", help="Also compare the values of a label: build, version, zone.")
@click.option("--leakprof", "limit", type=click.IntRange(min=1), help="LeakProf's rule: so many blocked at one line.")
@click.option("--stacks", is_flag=True, help="Take debug=2 from the few suspects, and judge it.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="A recording that keeps the answers.")
@click.option("--in-flight", type=int, help="Services asked at once. [default: 32]")
@click.option("--jitter", metavar="SPAN", help="Each request waits up to this long. [default: 1s]")
@click.option("--max-time", metavar="SPAN", help="For asking all services. [default: 5m]")
@click.option("--max-bytes", type=int, help="Of all answers together. [default: 1 GiB]")
@access_options
@click.option("--top", default=10, show_default=True, type=click.IntRange(min=1), help="Groups to print.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs: a list of all groups.")
@click.option(
    "--fail-on",
    type=click.Choice(["proven", "strong", "weak", "undecided"]),
    help="Exit with status 1 if a group is as suspicious as this or more.",
)
def sweep(
    sources: Sequence[str],
    prometheus: str | None,
    jobs: Sequence[str],
    table: Path | None,
    scheduler: str | None,
    processes: int | None,
    to: Path | None,
    in_flight: int | None,
    jitter: str | None,
    max_time: str | None,
    max_bytes: int | None,
    fail_on: str | None,
    by: str | None,
    limit: int | None,
    stacks: bool,  # noqa: FBT001
    top: int,
    as_json: bool,  # noqa: FBT001
    **access: Any,
) -> None:
    """Find out which service of a fleet leaks where, since which build.

    SOURCE is a file, folder, recording, pattern, object (`s3://bucket/dumps/*.pb.gz`) or service (`http://host:6060`);
    names in braces are labels: 'dumps/{zone}/{build}/{instance}.pb.gz'. Of a service debug=0 or debug=1 is taken, which
    costs it little whatever the number of goroutines.
    """
    from gostack_nb.reports import asking, sweeping  # noqa: PLC0415 - pandas takes longer than --help should

    if not (sources or prometheus or table):
        msg = "Missing argument 'SOURCE...', --prometheus or --table."
        raise click.UsageError(msg)
    if scheduler and processes:
        msg = "--scheduler and --processes are given together. Hint: leave one out"
        raise click.UsageError(msg)
    options = asking.access_options(**access)
    try:
        budget = sweeping.budget_of(in_flight=in_flight, jitter=jitter, max_time=max_time, max_bytes=max_bytes)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    given = sweeping.given(sources, table=table, prometheus=prometheus, jobs=jobs, access=options)
    with sweeping.runner(scheduler=scheduler, processes=processes) as client:
        found = sweeping.sweep_with_progress(given, client=client, budget=budget, to=to, access=options)
    if as_json:
        click.echo(sweeping.as_json(found, limit=limit))
    else:
        sweeping.print_ranking(found, top=top, by=by, limit=limit)
    if stacks:
        sweeping.print_stacks(found, to=to, top=top, access=options)
    if sweeping.fails(found, fail_on):
        sys.exit(FINDING)
