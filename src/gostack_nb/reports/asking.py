"""What the command line was given to open a service's door: secrets come from files, the environment or a prompt."""

import getpass
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gostack_nb.errors import UnreachableError
from gostack_nb.sources.access import AccessOptions
from gostack_nb.sources.content import cannot_read

PASSWORD_VARIABLE = "GOSTACK_NB_PASSWORD"  # noqa: S105 - the name of a variable
BEARER_VARIABLE = "GOSTACK_NB_BEARER"

_FILE_MARK = "@"


def access_options(
    *,
    user: str | None = None,
    bearer_file: Path | None = None,
    headers: Sequence[str] = (),
    cert: Path | None = None,
    key: Path | None = None,
    ca: Path | None = None,
    proxy: str | None = None,
    unix_socket: Path | None = None,
) -> AccessOptions:
    """Make keywords of options; every process of a machine can see arguments, so no option takes a secret.

    Raises
    ------
    UnreachableError
        If a file cannot be read, a header is none, or a password cannot be had.
    """
    options: AccessOptions = {
        "auth": (user, _password(user)) if user else None,
        "bearer": _bearer(bearer_file),
        "headers": dict(_header(line) for given in headers for line in _lines(given)) or None,
        "cert": (cert, key) if cert and key else cert,
        "verify": ca,
        "proxy": proxy,
        "unix_socket": unix_socket,
    }
    if key and not cert:
        msg = "--key: a key without its certificate. Hint: --cert FILE --key FILE"
        raise UnreachableError(msg)
    return options


def _password(user: str) -> str:
    if ":" in user:
        msg = f"--user: a name cannot hold a colon. Hint: the password comes from {PASSWORD_VARIABLE} or is asked for"
        raise UnreachableError(msg)
    known = os.environ.get(PASSWORD_VARIABLE)
    if known is not None:
        return known
    if sys.stdin is None or not sys.stdin.isatty():
        msg = f"--user: no password, and no terminal to ask for it. Hint: set {PASSWORD_VARIABLE}"
        raise UnreachableError(msg)
    return getpass.getpass(f"Password of {user}: ")


def _bearer(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(BEARER_VARIABLE) or None
    return _text(file).strip()


def _lines(given: str) -> Iterator[str]:
    """Yield the header itself, or those of the file that `@FILE` names."""
    if given.startswith(_FILE_MARK):
        yield from (line for line in _text(Path(given[1:])).splitlines() if line.strip())
    else:
        yield given


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        msg = "--header: not of the form 'Name: value'. Hint: --header 'X-Scope-OrgID: team', or --header @FILE"
        raise UnreachableError(msg)
    return name.strip(), value.strip()


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise cannot_read(str(file), error) from error
    except UnicodeDecodeError as error:
        msg = f"{file}: not text. Hint: name the file that holds the token or headers"
        raise UnreachableError(msg) from error
