"""Where the notebooks and the recorded incidents lie: inside the wheel, or in the checkout."""

from pathlib import Path

from gostack_nb.errors import SourceError

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent.parent
_IN_CHECKOUT = {
    "notebooks": _CHECKOUT / "notebooks",
    "push-incident": _CHECKOUT / "data" / "push-incident",
    "crash-logs": _CHECKOUT / "data" / "crash-logs",
    "fleet": _CHECKOUT / "data" / "fleet",
}


def bundled(name: str) -> Path:
    """Return the folder `notebooks`, `push-incident`, `crash-logs` or `fleet`.

    Raises
    ------
    SourceError
        If the installation is incomplete.
    """
    for place in (_PACKAGE / "_bundled" / name, _IN_CHECKOUT[name]):
        if place.is_dir():
            return place
    msg = f"{name}: not part of this installation. Hint: install the wheel again, or work from a checkout."
    raise SourceError(msg)
