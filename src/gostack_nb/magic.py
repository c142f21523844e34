"""The IPython extension: `%load_ext gostack_nb`, then `dataset = %goroutines dumps/`."""

import argparse
import shlex
from typing import NoReturn

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import output_can_be_silenced

from gostack_nb.errors import GostackError
from gostack_nb.model.dataset import Dataset
from gostack_nb.reading.datasets import read
from gostack_nb.reports.listing import KEYS, chosen_groups, print_summary

NAME = "goroutines"
TOP = 15


class _Arguments(argparse.ArgumentParser):
    """Says what is wrong in one sentence, where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        msg = f"{message}. Hint: %{NAME} SOURCE... [--by {{{','.join(KEYS)}}}] [--top N]"
        raise UsageError(msg)


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Give IPython the line magic `%goroutines`; IPython calls this for `%load_ext gostack_nb`."""
    ipython.magics_manager.register_function(goroutines, magic_kind="line", magic_name=NAME)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Take the line magic away again, for `%unload_ext gostack_nb`."""
    ipython.magics_manager.magics["line"].pop(NAME, None)


@output_can_be_silenced
def goroutines(line: str) -> Dataset:
    """Read goroutine dumps and show a summary of them.

    Usage::

        dataset = %goroutines SOURCE... [--by KEY] [--top N]

    SOURCE is a file, folder, glob, archive or address, in quotes if there are spaces in it; IPython puts a variable in
    for {name}. KEY is what makes a group: signature (the functions of the stack), stack, function, line, state,
    creator or labels. N groups are shown. A semicolon at the end of a line shows the summary alone.

    Parameters
    ----------
    line : str
        What stands behind `%goroutines`.

    Returns
    -------
    Dataset
        As `gostack_nb.read` returns it.

    Raises
    ------
    UsageError
        With one sentence, if the line is not as above, or the sources cannot be read. IPython shows it without a
        traceback.
    """
    chosen = _arguments(line)
    try:
        dataset = read(*chosen.sources)
        groups = chosen_groups(dataset, by=chosen.by, state=None, every=False)
    except GostackError as error:
        raise UsageError(str(error)) from error
    print_summary(dataset, groups, by=chosen.by, top=chosen.top)
    return dataset


def _arguments(line: str) -> argparse.Namespace:
    parser = _Arguments(prog=f"%{NAME}", add_help=False, allow_abbrev=False)
    parser.add_argument("sources", nargs="+", metavar="SOURCE")
    parser.add_argument("--by", choices=tuple(KEYS), default="signature")
    parser.add_argument("--top", type=_positive, default=TOP)
    try:
        return parser.parse_args(shlex.split(line.rstrip().removesuffix(";")))
    except ValueError as error:  # a quotation mark without its partner
        parser.error(str(error))


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        msg = f"{text!r} is no number of groups"
        raise argparse.ArgumentTypeError(msg)
    return int(text)
