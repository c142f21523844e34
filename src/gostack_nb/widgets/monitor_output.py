"""The two outputs of a cell that shows a monitor: the live view, and a page with the last state of it.

JupyterLab shows no other form of an output whose widget is gone, so that the page stands beside the view, in an output
of its own: the notebook's file holds it, and an update of it touches neither buttons nor the field being typed in.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

PAUSE_SECONDS = 5.0
"""Between two updates of the page: a chart is some 100 kB, and nobody sees it while the view is there."""


class Outputs:
    """What a monitor shows in a notebook, in each cell that shows it.

    Parameters
    ----------
    live : callable
        Returns the live view by MIME type.
    page : callable
        Returns the page, HTML.
    """

    def __init__(self, live: Callable[[], dict[str, Any]], page: Callable[[], str]) -> None:
        self._live, self._page = live, page
        self._name = ""
        self._updated_at = 0.0

    def show(self) -> None:
        """Show both below the cell that runs, the page under a name by which it is found again."""
        from IPython.display import display  # noqa: PLC0415 - there is one where this is called

        self._name = self._name or uuid4().hex
        display(self._live(), raw=True)  # type: ignore[no-untyped-call]
        display(self._as_output(), raw=True, display_id=self._name)  # type: ignore[no-untyped-call]

    def update(self, *, pause: float = PAUSE_SECONDS) -> None:
        """Bring the page up to date wherever it is shown, unless that was done less than `pause` seconds ago."""
        now = time.monotonic()
        if not self._name or now - self._updated_at < pause:
            return
        from IPython.display import update_display  # noqa: PLC0415 - it was displayed

        self._updated_at = now
        update_display(self._as_output(), raw=True, display_id=self._name)  # type: ignore[no-untyped-call]

    def _as_output(self) -> dict[str, str]:
        return {"text/html": self._page()}
