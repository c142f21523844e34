"""What is taken from a service, and from which on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from gostack_nb.capturing.schedule import Span
from gostack_nb.capturing.told import Told
from gostack_nb.sources.access import ANYONE, Access, AccessOptions
from gostack_nb.sources.pprof import DEADLINE_SECONDS

MOST_GOROUTINES = 20_000
"""Up to here debug=2 is taken: it stops the service for some 0.4 s in all; see `cost`."""

Leak = Literal["end", "each", "never"]


class CaptureOptions(AccessOptions, total=False):
    """The keywords of `gostack_nb.capture`, but for `to`; they are explained there."""

    every: Span | None
    count: int | None
    duration: Span | None
    service: str | None
    limit: int
    force: bool
    leak: Leak
    deadline: Span
    report: Callable[[Told], object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How every service of a capture is asked.

    Attributes
    ----------
    service : str or None
        Written to the evidence.
    limit : int
        debug=2 is taken up to that many goroutines.
    force : bool
        Take it in any case.
    leak : {"end", "each", "never"}
        When the leak profile is taken.
    deadline : float
        Seconds for each answer.
    access : Access
        What opens the door.
    """

    service: str | None = None
    limit: int = MOST_GOROUTINES
    force: bool = False
    leak: Leak = "end"
    deadline: float = DEADLINE_SECONDS
    access: Access = field(default=ANYONE, repr=False)
