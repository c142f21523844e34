"""How much a sweep may ask of running services and of the network, in all and of each."""

import math
from dataclasses import dataclass

from gostack_nb.capturing.schedule import Span, seconds_of

IN_FLIGHT = 32

MOST_IN_FLIGHT = 256
"""Each request takes two threads and two sockets: a process may open 1,024 files in many a place."""

JITTER_SECONDS = 1.0

SWEEP_SECONDS = 300.0

TOTAL_BYTES = 1 << 30

DEADLINE_SECONDS = 30.0
"""For one answer: debug=0 of 400,000 goroutines took 0.7 s, the rest is for slow lines."""

ANSWER_BYTES = 16 << 20
"""For one answer, as it comes and unpacked: debug=1 of 625,327 goroutines had 10.6 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a sweep of running services may cost.

    Attributes
    ----------
    in_flight : int
        Requests at once, over all services.
    jitter_seconds : float
        Each service is asked after a random part of this, and in random order: replicas are not hit in step.
    seconds : float, str or timedelta
        For the whole sweep. What was not asked by then is not asked, what is under way is cut off; both are said.
    total_bytes : int
        Of all answers together, without the content encoding of HTTP.
    deadline : float, str or timedelta
        For one answer.
    answer_bytes : int
        Of one answer, as it comes and unpacked.

    Raises
    ------
    ValueError
        If a number makes no sense.

    Examples
    --------
    >>> Budget(in_flight=8, seconds="2m").total_seconds
    120.0
    """

    in_flight: int = IN_FLIGHT
    jitter_seconds: float = JITTER_SECONDS
    seconds: Span = SWEEP_SECONDS
    total_bytes: int = TOTAL_BYTES
    deadline: Span = DEADLINE_SECONDS
    answer_bytes: int = ANSWER_BYTES

    def __post_init__(self) -> None:
        for name in ("in_flight", "total_bytes", "answer_bytes"):
            _check_whole(name, getattr(self, name))
        if self.in_flight > MOST_IN_FLIGHT:
            msg = f"in_flight={self.in_flight}: more requests at once than the {MOST_IN_FLIGHT} that one process asks"
            raise ValueError(msg)
        if not _is_number(self.jitter_seconds) or not 0 <= self.jitter_seconds < math.inf:
            msg = f"jitter_seconds={self.jitter_seconds!r}: not a number of seconds from 0 up"
            raise ValueError(msg)
        seconds_of(self.seconds, "seconds")
        seconds_of(self.deadline, "deadline")

    @property
    def total_seconds(self) -> float:
        """For the whole sweep, as a number."""
        return seconds_of(self.seconds, "seconds")

    @property
    def deadline_seconds(self) -> float:
        """For one answer, as a number."""
        return seconds_of(self.deadline, "deadline")


def _check_whole(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        msg = f"{name}={value!r}: not a whole number from 1 up"
        raise ValueError(msg)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
