"""Annotation and value -> whether they fit, and the words to say that they do not."""

from collections.abc import Callable, Iterator
from numbers import Integral, Real
from os import PathLike
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pandas as pd

from gostack_nb.model.dataset import Dataset
from gostack_nb.model.needed import kind_of, meant

_WORDS: dict[object, str] = {
    Dataset: "a Dataset",
    pd.DataFrame: "a table (DataFrame)",
    str: "text",
    PathLike: "a path",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    NoneType: "None",
}
_CONTAINERS = {"Sequence", "Collection", "Iterable"}
_SHOWN_TEXT = 40
_SHOWN_NAMES = 6


def accepts(hint: Any, value: Any) -> bool:
    """Tell whether a value is what an annotation says; of containers the container alone is looked at.

    Examples
    --------
    >>> accepts(int | None, None), accepts(float, 3), accepts(Literal["end", "each"], "ech"), accepts(str, 3)
    (True, True, False, False)
    """
    return any(_is_one(kind, value) for kind in _alternatives(hint))


def _alternatives(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in {Union, UnionType}:
        for one in get_args(hint):
            yield from _alternatives(one)
    else:
        yield hint


def _is_one(kind: Any, value: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind) if isinstance(value, str) else False
    kind = get_origin(kind) or kind
    if kind in {int, float}:
        return isinstance(value, Integral if kind is int else Real)
    if kind is Callable:
        return callable(value)
    try:
        return isinstance(value, kind)
    except TypeError:  # Any, a TypeVar, a protocol that is not for run time: nothing to hold it against
        return True


def expected(hint: Any) -> str:
    """Say what an annotation takes.

    Examples
    --------
    >>> expected(str | PathLike[str] | None), expected(Literal["end", "each"])
    ('text, a path or None', "'end' or 'each'")
    """
    words = list(dict.fromkeys(word for kind in _alternatives(hint) for word in _words_of(kind)))
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _words_of(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [repr(one) for one in get_args(kind)]
    plain = get_origin(kind) or kind
    name: str = getattr(plain, "__name__", str(plain))
    return [_WORDS.get(plain, _with_article(name.lower() if name in _CONTAINERS else name))]


def _with_article(name: str) -> str:
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def seen(value: Any) -> str:
    """Say what was given instead.

    Examples
    --------
    >>> seen(3), seen("dumps/"), seen(None), seen(pd.DataFrame(columns=["a", "b"]))
    ('int 3', "the text 'dumps/'", 'None', 'a table with the columns a, b')
    """
    if isinstance(value, pd.DataFrame):
        kind = kind_of(value)
        names = [str(name) for name in value.columns]
        more = " ..." if len(names) > _SHOWN_NAMES else ""
        return f"the table `{kind}`" if kind else f"a table with the columns {', '.join(names[:_SHOWN_NAMES])}{more}"
    if isinstance(value, str):
        return f"the text {value if len(value) <= _SHOWN_TEXT else value[:_SHOWN_TEXT] + '...'!r}"
    if isinstance(value, Integral | Real):
        return f"{type(value).__name__} {value}"
    return "None" if value is None else _with_article(type(value).__name__)


def hint_for(hint: Any, value: Any) -> str:
    """Say what to do, where that is known."""
    kinds = set(_alternatives(hint))
    choices = [one for kind in kinds if get_origin(kind) is Literal for one in get_args(kind)]
    if isinstance(value, str):
        near = meant([value], choices)
        return near or (f". Hint: gs.read({value!r})" if Dataset in kinds and len(value) <= _SHOWN_TEXT else "")
    if Dataset in kinds:
        return _dataset_hint(value)
    if pd.DataFrame in kinds and isinstance(value, Dataset):
        return ". Hint: pass one of its tables: goroutines, stacks, snapshots, issues, metrics"
    return ""


def _dataset_hint(value: Any) -> str:
    if isinstance(value, pd.DataFrame) and kind_of(value) == "goroutines":
        return ". Hint: dataset.with_goroutines(table) makes a Dataset of these rows"
    if isinstance(value, pd.DataFrame):
        return ". Hint: pass the Dataset that it comes from"
    if isinstance(value, list | tuple):
        return ". Hint: gs.read reads several sources into one"
    return ". Hint: gs.read makes one of a file, a folder or an address"
