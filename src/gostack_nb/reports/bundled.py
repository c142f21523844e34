"""Where the notebooks and the recorded incident lie: inside the wheel, or in the checkout."""

from pathlib import Path

from gostack_nb.errors import SourceError

_PACKAGE = Path(__file__).resolve().parent.parent
_IN_WHEEL = {"notebooks": _PACKAGE / "_bundled" / "notebooks", "push-incident": _PACKAGE / "_bundled" / "push-incident"}
_IN_CHECKOUT = {
    "notebooks": _PACKAGE.parent.parent / "notebooks",
    "push-incident": _PACKAGE.parent.parent / "data" / "push-incident",
}


def bundled(name: str) -> Path:
    """Return the folder `notebooks` or `push-incident`.

    Raises
    ------
    SourceError
        If the installation is incomplete.
    """
    for place in (_IN_WHEEL[name], _IN_CHECKOUT[name]):
        if place.is_dir():
            return place
    msg = f"{name}: not part of this installation. Hint: install the wheel again, or work from a checkout."
    raise SourceError(msg)
