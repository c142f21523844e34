"""The options that open a service's door, the same for every command that asks one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)

_OPTIONS = (
    click.option("--user", help="For basic authentication; the password is asked for, or in GOSTACK_NB_PASSWORD."),
    click.option("--bearer-file", type=_FILE, help="Holds a token; or GOSTACK_NB_BEARER does."),
    click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="More headers; @FILE reads them."),
    click.option("--cert", type=_FILE, help="A client certificate, PEM."),
    click.option("--key", type=_FILE, help="Its key, if that is in a file of its own."),
    click.option("--ca", type=_FILE, help="The authority that the service's certificate is of, PEM."),
    click.option("--proxy", metavar="URL", help="In place of the one of the environment."),
)


def access_options(command: Command) -> Command:
    """Give a command the options user, bearer_file, headers, cert, key, ca and proxy."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
