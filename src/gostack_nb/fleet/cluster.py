"""The address of a Dask scheduler to a client of it: for the command line."""

from typing import TYPE_CHECKING

from gostack_nb.errors import FleetError
from gostack_nb.sources.blob import printable

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 15.0
"""For all of it; a scheduler in another data centre answers within one."""

_WITH_PORT = frozenset({"tcp", "tls"})


def connect(address: str) -> "Client":
    """Connect to a Dask scheduler; close the client when the sweep is done.

    Parameters
    ----------
    address : str
        `host:8786`, `tcp://host:8786`, or `tls://host:8786` with the certificates that Dask's configuration names.

    Returns
    -------
    distributed.Client
        Nothing listens here for it, and it is not made the default of this process.

    Raises
    ------
    FleetError
        If Dask is not installed, the address is none, nobody answers, or encryption does not fit.
    """
    shown = printable(address)
    try:
        from distributed import Client  # noqa: PLC0415 - comes with an extra
    except ImportError as error:
        msg = f'{shown}: a cluster needs Dask. Hint: pip install "gostack-nb[cluster]"'
        raise FleetError(msg) from error
    try:
        _check(address)
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:
        msg = f"{shown}: {_words(address, error)}"
        raise FleetError(msg) from error


def _check(address: str) -> None:
    """Raise what a client would raise: one that fails so is not closed, and holds the process up at its end.

    Raises
    ------
    ValueError
        If the address is none.
    TypeError
        If it is encrypted, and there are no certificates.
    """
    from distributed.comm.addressing import parse_address, parse_host_port  # noqa: PLC0415 - as above
    from distributed.comm.registry import get_backend  # noqa: PLC0415
    from distributed.security import Security  # noqa: PLC0415

    scheme, place = parse_address(address)
    get_backend(scheme)
    if scheme in _WITH_PORT:
        parse_host_port(place)
    if scheme == "tls" and Security().get_connection_args("client").get("ssl_context") is None:
        msg = "there is none here"
        raise TypeError(msg)


def _words(address: str, error: Exception) -> str:
    said = printable(" ".join(str(error).split()))
    if address.startswith("tls://") and not isinstance(error, ValueError):
        certificates = "distributed.comm.tls.ca-file, .client.cert and .client.key in Dask's configuration"
        return f"no encrypted connection ({said}). Hint: a scheduler with TLS wants a certificate: {certificates}"
    if isinstance(error, OSError):
        hint = (
            "Hint: is a scheduler there (dask scheduler), can this machine reach it? One with TLS has tls://host:port"
        )
        return f"no scheduler answers ({said}). {hint}"
    return f"is no address of a scheduler ({said}). Hint: tcp://host:8786"
