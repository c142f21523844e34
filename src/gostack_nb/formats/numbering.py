"""Numbers for distinct values, in the order in which they are first met."""

from collections.abc import Hashable, Iterable
from itertools import islice
from typing import Self, TypeVar

Value = TypeVar("Value", bound=Hashable)


class Numbering(dict[Value, int]):
    """Give every distinct value the next number, from 0; the keys are the values in that order.

    Examples
    --------
    >>> states = Numbering[str]()
    >>> [states[name] for name in ("select", "sleep", "select")]
    [0, 1, 0]
    >>> tuple(states)
    ('select', 'sleep')
    """

    def __missing__(self, value: Value) -> int:
        number = self[value] = len(self)
        return number

    def of_all(self, values: Iterable[Value]) -> list[int]:
        """Return the number of each value; where many are new, this saves a call for each."""
        known = self.get
        numbers = []
        for value in values:
            number = known(value)
            if number is None:
                number = self[value] = len(self)
            numbers.append(number)
        return numbers

    def since(self, count: int) -> Self:
        """Return the values behind the first `count` alone, with their numbers."""
        newest = islice(reversed(self.items()), len(self) - count)
        return type(self)(reversed(list(newest)))
