"""Every public call has an example in its docstring, and pytest finds and runs it."""

import doctest
import inspect
from importlib import import_module
from typing import Any

import pytest

import gostack_nb as gs

UNTRIED = {"capture", "monitor", "fleet.fetch_stacks"}
"""They need a service that runs; their examples are in the notebooks."""

PUBLIC = {
    name: thing
    for name in gs.__all__
    if callable(thing := getattr(gs, name)) and not (inspect.isclass(thing) and issubclass(thing, Exception))
} | {
    f"{room}.{name}": getattr(getattr(gs, room), name)
    for room in ("incident", "fleet")
    for name in getattr(gs, room).__all__
}


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - UNTRIED))
def test_it_has_an_example_that_is_run(name: str) -> None:
    thing: Any = PUBLIC[name]
    module = import_module(thing.__module__)
    found = [test for test in doctest.DocTestFinder().find(module) if test.examples]
    names = {test.name for test in found}
    own = f"{module.__name__}.{thing.__qualname__}"
    assert any(known == own or known.startswith(f"{own}.") for known in names)


def test_completion_shows_public_names_alone() -> None:
    assert dir(gs) == gs.__all__
    assert dir(gs.incident) == gs.incident.__all__
