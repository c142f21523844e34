"""A public call -> the same call, which says in one sentence what is wrong with its arguments.

What a call takes stands in its signature, and is checked against that before anything runs.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, wraps
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, get_type_hints

import pandas as pd

from gostack_nb.errors import ArgumentError, MissingColumnError
from gostack_nb.model.dataset import Dataset
from gostack_nb.model.hints import accepts, expected, hint_for, seen
from gostack_nb.model.needed import TABLES, meant, missing_words

Given = ParamSpec("Given")
Result = TypeVar("Result")


def checked(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Check the arguments of a public function or method against its signature, at each call.

    Parameters
    ----------
    function : callable
        With annotations. What is annotated with a type of this package, of pandas or a plain one is checked, what
        stands in a sequence is not.

    Returns
    -------
    callable
        The same function. A wrong argument is an `ArgumentError`, and a column that a given table lacks, wherever that
        is noticed, a `MissingColumnError`.

    Examples
    --------
    >>> @checked
    ... def size(dataset: Dataset) -> int:
    ...     return len(dataset.goroutines)
    >>> size("dumps/")
    Traceback (most recent call last):
    gostack_nb.errors.ArgumentError: size: dataset takes a Dataset, not the text 'dumps/'. Hint: gs.read('dumps/')
    """
    call = _Call(function)

    def checking(*args: Given.args, **options: Given.kwargs) -> Result:
        return call.run(*args, **options)

    # With the globals of its module: so doctest finds it there, as it finds any other function.
    code, closure = checking.__code__, checking.__closure__
    made = wraps(function)(FunctionType(code, function.__globals__, function.__name__, None, closure))
    vars(made)["__signature__"] = _readable(inspect.signature(function))
    return made


class _Short:
    """An annotation that shows as people write it, `Dataset | DataFrame`, without the modules."""

    def __init__(self, annotation: object) -> None:
        self.text = _MODULE.sub("", inspect.formatannotation(annotation)).strip("*<>'").removeprefix("class '")

    def __repr__(self) -> str:
        return self.text


_MODULE = re.compile(r"(?<![\w.'])(?:[a-z_]\w*\.)+(?=\w)|(?<=<class ')[\w.]+\.")


def _readable(signature: inspect.Signature) -> inspect.Signature:
    """Shorten what help, `?` and the tooltip of a notebook show."""
    given = signature.parameters.values()
    short = [one if one.annotation is one.empty else one.replace(annotation=_Short(one.annotation)) for one in given]
    return signature.replace(parameters=short, return_annotation=_Short(signature.return_annotation))


class _Call(Generic[Given, Result]):
    """A function, and what it takes: read from its annotations when it is first called, since imports may be late."""

    def __init__(self, function: Callable[Given, Result]) -> None:
        self.function = function

    @cached_property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    @cached_property
    def hints(self) -> Mapping[str, Any]:
        return get_type_hints(self.function)

    @property
    def name(self) -> str:
        return self.function.__qualname__.removesuffix(".__init__")

    def run(self, *args: Given.args, **options: Given.kwargs) -> Result:
        """Check, and call."""
        arguments = self._bound(args, options)
        for name, value in self._given(arguments):
            self._check(name, value)
        try:
            return self.function(*args, **options)
        except MissingColumnError:
            raise
        except KeyError as error:
            if words := _lost_column(error, self._given(arguments)):
                raise MissingColumnError(words) from error
            raise

    def _bound(self, args: tuple[Any, ...], options: Mapping[str, Any]) -> inspect.BoundArguments:
        try:
            return self.signature.bind(*args, **options)
        except TypeError as error:
            names = [name for name in self.signature.parameters if name != "self"]
            unknown = [name for name in options if name not in names]
            hint = meant(unknown, names) or f". Hint: it takes {', '.join(names)}"
            msg = f"{self.name}: {error}{hint}"
            raise ArgumentError(msg) from error

    def _given(self, arguments: inspect.BoundArguments) -> Iterator[tuple[str, Any]]:
        """Yield what was given, by name; of *sources each one."""
        for name, value in arguments.arguments.items():
            kind = self.signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                yield from ((name, one) for one in value)
            elif kind is not inspect.Parameter.VAR_KEYWORD:
                yield name, value

    def _check(self, name: str, value: Any) -> None:
        hint = self.hints.get(name, Any)
        if not accepts(hint, value):
            msg = f"{self.name}: {name} takes {expected(hint)}, not {seen(value)}{hint_for(hint, value)}"
            raise ArgumentError(msg)


_QUOTED = re.compile(r"'([^']+)'")
"""The names in `['rank', 'verdict'] not in index`, as pandas says it of several columns."""


def _lost_column(error: KeyError, given: Iterator[tuple[str, Any]]) -> str | None:
    """Say which of the given tables lacks the column that a lookup failed for; None if none does."""
    text = str(error.args[0]) if error.args else ""
    wanted = _QUOTED.findall(text) or [text]
    for what, table, known in _tables(given):
        missing = [name for name in wanted if name not in table and (known is None or name in known)]
        if missing:
            return missing_words(table, missing, what)
    return None


def _tables(given: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, pd.DataFrame, set[str] | None]]:
    """Yield the tables that were given, what to call them, and the columns that those of a dataset should have."""
    for name, value in given:
        if isinstance(value, pd.DataFrame):
            yield name, value, None
        elif isinstance(value, Dataset):
            for kind, columns in TABLES.items():
                yield f"{name}.{kind}", getattr(value, kind), {column.name for column in columns}
