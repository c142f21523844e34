"""Seeded numbers that are the same on every machine, and values as Go prints them."""

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_VALUE = re.compile(rb"0x([0-9a-f]+)")
_POINTERS = {10: 0xC000000000, 12: 0x327400000000}
"""Widths of heap pointers and where the heap begins: since go1.27 at random, before at 0xc000000000."""


class Numbers:
    """A stream of numbers from a seed.

    Only PCG64's raw stream is used: numpy promises it for all versions, and integers have no rounding.
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def below(self, limit: int, size: int) -> NDArray[np.int64]:
        """Return numbers from 0 to limit - 1."""
        return (self._raw(size) % np.uint64(limit)).astype(np.int64)

    def weighted(self, weights: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """Return indices, each as often as its weight says."""
        ends = np.cumsum(weights)
        return np.searchsorted(ends, self.below(int(ends[-1]), size), side="right").astype(np.int64)

    def _raw(self, size: int) -> NDArray[np.uint64]:
        return self._bits.random_raw(size) >> np.uint64(16)


def values_like(printed: Iterable[bytes], numbers: Numbers, size: int) -> tuple[bytes, ...]:
    """Return hexadecimal values with the mix of widths of the printed ones, pointers into one heap."""
    widths = Counter(len(digits) for text in printed for digits in _VALUE.findall(text))
    order = sorted(widths)
    chosen = numbers.weighted(np.array([widths[width] for width in order], dtype=np.int64), size).tolist()
    drawn = numbers.below(1 << 40, size).tolist()
    return tuple(_value(order[index], number) for index, number in zip(chosen, drawn, strict=True))


def _value(width: int, number: int) -> bytes:
    if width in _POINTERS:
        return b"%#x" % (_POINTERS[width] + (number & 0x3FFFFFF8))
    lowest = 16 ** (width - 1) if width > 1 else 0
    return b"%#x" % (lowest + number % (16**width - lowest))
