"""Writes dumps to measure with: `python -m benchmarks.generate --size 140MB --out benchmarks/data/140MB.txt`."""

import re
from pathlib import Path
from typing import Literal, TypeAlias

import click
from rich.console import Console

from benchmarks import counted_groups
from benchmarks.debug1_text import print_debug1
from benchmarks.profile_message import gzip_profile
from benchmarks.traceback_text import LABELLED_OF_6, STACKS, TracebackText, Written

SEED = 27
GOROUTINES = 600_000
"""Of a counted form, unless told otherwise."""

TracebackForm: TypeAlias = Literal["debug2", "signal"]
CountedForm: TypeAlias = Literal["debug1", "debug0"]
AnyForm: TypeAlias = TracebackForm | CountedForm

_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(|KB|MB|GB)", re.IGNORECASE)


class Size(click.ParamType[int]):
    """Bytes as people write them: 30MB, 1GB."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes, or say what a size looks like."""
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no size. Hint: 30MB, 1GB", param, ctx)
        return round(float(found[1]) * _UNITS[found[2].upper()])


def write_traceback(
    path: Path,
    size_bytes: int,
    *,
    form: TracebackForm = "debug2",
    seed: int = SEED,
    stacks: int | None = STACKS,
    labelled: int = LABELLED_OF_6,
) -> Written:
    """Write one dump with debug=2, or one after a SIGQUIT; `stacks=None` makes all of them distinct."""
    printer = TracebackText(seed, stacks=stacks, labelled=labelled, signal=form == "signal")
    with path.open("wb") as file:
        return printer.write(file, size_bytes)


def write_counted(
    path: Path, goroutines: int, *, form: CountedForm, seed: int = SEED, stacks: int = counted_groups.STACKS
) -> int:
    """Write one profile with debug=1 or debug=0; tell how many groups it has."""
    groups = counted_groups.make_groups(seed, goroutines, stacks)
    path.write_bytes(print_debug1(groups) if form == "debug1" else gzip_profile(groups))
    return len(groups)


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--form", type=click.Choice(("debug2", "signal", "debug1", "debug0")), default="debug2", show_default=True
)
@click.option("--size", default="140MB", show_default=True, type=Size(), help="Of debug2 and signal.")
@click.option("--goroutines", default=GOROUTINES, show_default=True, help="Of debug1 and debug0.")
@click.option("--distinct", help=f"Stacks: a number or `all`; {STACKS}, of a counted form {counted_groups.STACKS}.")
@click.option("--labelled", default=LABELLED_OF_6, show_default=True, type=click.IntRange(0, 6), help="Of six.")
@click.option("--seed", default=SEED, show_default=True)
def main(out: Path, form: AnyForm, size: int, goroutines: int, distinct: str | None, labelled: int, seed: int) -> None:
    """Write one goroutine dump of real stacks and fresh numbers, the same for the same seed."""
    out.parent.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False, soft_wrap=True)
    if form == "debug1" or form == "debug0":
        stacks = int(distinct or counted_groups.STACKS)
        groups = write_counted(out, goroutines, form=form, seed=seed, stacks=stacks)
        console.print(f"{goroutines:,} goroutines in {groups:,} groups on {stacks:,} stacks")
    else:
        chosen = None if distinct == "all" else int(distinct or STACKS)
        made = write_traceback(out, size, form=form, seed=seed, stacks=chosen, labelled=labelled)
        console.print(_in_words(made))


def _in_words(made: Written) -> str:
    return (
        f"{made.size_bytes:,} bytes: {made.goroutines:,} goroutines on {made.stacks:,} stacks, "
        f"{made.frames_per_goroutine:.1f} frames on average, "
        f"{made.labelled:,} with labels, {made.waited:,} with minutes"
    )


if __name__ == "__main__":
    main()
