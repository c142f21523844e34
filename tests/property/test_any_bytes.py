"""Any bytes, and real dumps that were cut, spliced, bent and stretched, keep the promises of the fuzzer's targets.

`make fuzz` tries millions of inputs and follows what they reach; here some hundreds are tried in each run of the tests.
"""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.words import LINES, OTHERS, WRAPPERS

SLOW = {"recording", "read", "archives", "parca", "pyroscope", "printed"}
"""Targets that take milliseconds for one input."""

WORDS = (*LINES, *WRAPPERS, *OTHERS, b"\0", b"\xff", b"\n", b"\r", b'"', b"{", b"\\")
KINDS = ("cut", "drop", "repeat", "flip", "insert", "splice")


@cache
def _seeds(target: Target) -> list[bytes]:
    return sorted(set(seeds_of(target)), key=lambda data: (len(data), data))


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """Draw a seed, and change it up to four times."""
    data = draw(st.sampled_from(seeds))
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)):
        place, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
        data = _changed(draw, kind, data, place, end, seeds)
    return data


def _changed(draw: st.DrawFn, kind: str, data: bytes, place: int, end: int, seeds: list[bytes]) -> bytes:
    if kind == "cut":
        return data[:place]
    if kind == "drop":
        return data[:place] + data[end:]
    if kind == "repeat":
        start, stop = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place) + 1 or len(data)
        return data[:stop] + data[start:stop] * draw(st.integers(1, 20)) + data[stop:]
    if kind == "flip":
        return data[:place] + bytes([draw(st.integers(0, 255))]) + data[place + 1 :]
    if kind == "insert":
        return data[:place] + draw(st.sampled_from(WORDS) | st.binary(max_size=8)) + data[place:]
    return data[:place] + draw(st.sampled_from(seeds))[end:]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_any_bytes_keep_the_promise(target: Target) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=300))
    def try_any(data: bytes) -> None:
        target.run(data)

    try_any()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_changed_seeds_keep_the_promise(target: Target) -> None:
    @settings(max_examples=15 if target.name in SLOW else 50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(_seeds(target)))
    def try_changed(data: bytes) -> None:
        target.run(data)

    try_changed()
