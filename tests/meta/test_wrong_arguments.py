"""Every public call, given something that it does not take: one sentence that says so, nothing from deep inside."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot

import gostack_nb as gs
from gostack_nb.reports.bundled import bundled

LEAK = bundled("push-incident") / "leak"

CLIENTS = ("Loki", "Parca", "Prometheus", "Pyroscope")
"""Classes that are made of an address."""

FUNCTIONS = {
    **{name: found for name in gs.__all__ if inspect.isfunction(found := getattr(gs, name))},
    **{f"incident.{name}": getattr(gs.incident, name) for name in gs.incident.__all__},
    **{f"fleet.{name}": getattr(gs.fleet, name) for name in ("by_instance", "contrast", "growth", "leakprof", "rank")},
    **{name: getattr(gs, name) for name in CLIENTS},
    "Recording.open": gs.Recording.open,
}

KINDS = ("Dataset", "DataFrame", "Counts", "str", "int", "Axes", "Figure", "PathLike")
"""Annotations of which it is plain what fits them."""

OTHERS = {"monitor": "url", "explore": "dataset", "read": "sources"}
"""Functions that check their arguments in their own words, and the argument."""


def two_moments() -> gs.Dataset:
    return gs.read(LEAK / "00.goroutine.debug2.txt", LEAK / "11.goroutine.debug2.txt")


DATASET = two_moments()

WRONG: dict[str, Any] = {
    "text": "dumps/",
    "none": None,
    "number": 3,
    "list": [DATASET],
    "dataset": DATASET,
    "goroutines": DATASET.goroutines,
    "stacks": DATASET.stacks,
    "other table": pd.DataFrame({"a": [1]}),
    "function": two_moments,
}


def annotation(function: Callable[..., Any], name: str) -> str:
    return str(inspect.signature(function).parameters[name].annotation)


def takes(hint: str, value: Any) -> bool:
    """Tell whether an annotation, as it is shown, names the value's type."""
    words = {word.partition("[")[0] for word in hint.replace(" ", "").split("|")}
    mine = {type(value).__name__} | ({"None"} if value is None else set())
    mine |= {"float"} if isinstance(value, int) else set()
    mine |= {"Iterable", "Sequence", "Collection"} if isinstance(value, str | list | pd.DataFrame) else set()
    return bool(words & mine)


def cases() -> Iterator[Any]:
    """Yield (function, argument, wrong value) for every argument whose type is plain."""
    for name, function in FUNCTIONS.items():
        for argument, parameter in inspect.signature(function).parameters.items():
            hint = annotation(function, argument) if parameter.kind is not parameter.VAR_KEYWORD else ""
            plain = {word.partition("[")[0] for word in hint.replace(" ", "").split("|")} & set(KINDS)
            for what, value in WRONG.items():
                if plain and name not in OTHERS and not takes(hint, value):
                    yield pytest.param(name, argument, value, id=f"{name}-{argument}-{what}")


def fitting(hint: str) -> Any:
    if "Dataset" in hint:
        return DATASET
    if "Ranking" in hint:
        return gs.fleet.rank(gs.fleet.combine([]))
    if hint == "Counts":
        return gs.fleet.combine([])
    return DATASET.goroutines if "DataFrame" in hint else "nothing"


def usable(function: Callable[..., Any]) -> dict[str, Any]:
    """Return good values for the arguments that must be given."""
    good = {
        "text": "state:select",
        "what": "chan receive",
        "name": "x",
        "path": "x.html",
        "url": "http://127.0.0.1:1",
        "metric": "metric",
    }
    chart = mpl.figure.Figure()
    return {
        name: good.get(name, {"chart": chart}.get(name, fitting(annotation(function, name))))
        for name, one in inspect.signature(function).parameters.items()
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    }


def called(function: Callable[..., Any], argument: str, value: Any) -> Any:
    given = {**usable(function), argument: value}
    if inspect.signature(function).parameters[argument].kind is inspect.Parameter.VAR_POSITIONAL:
        del given[argument]
        return function(*given.values(), value)
    return function(**given)


@pytest.fixture(autouse=True)
def no_files_no_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    yield
    pyplot.close("all")  # a call that is right but for one argument may have drawn something


def test_there_are_cases_for_every_function() -> None:
    tried = {case.values[0] for case in cases()} | OTHERS.keys()
    assert not FUNCTIONS.keys() - tried


@pytest.mark.parametrize(("name", "argument", "value"), list(cases()))
def test_what_does_not_fit_is_one_sentence(name: str, argument: str, value: Any) -> None:
    with pytest.raises(gs.ArgumentError) as caught:
        called(FUNCTIONS[name], argument, value)
    message = str(caught.value)
    assert message.startswith(f"{name.removeprefix('incident.').removeprefix('fleet.')}: {argument} takes ")
    assert ", not " in message
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize(("name", "argument"), OTHERS.items())
@pytest.mark.parametrize("value", [3, None, DATASET.stacks], ids=["number", "none", "stacks"])
def test_the_others_say_it_in_their_own_words(name: str, argument: str, value: Any) -> None:
    with pytest.raises((TypeError, ValueError, gs.GostackError)) as caught:
        called(FUNCTIONS[name], argument, value)
    assert not isinstance(caught.value, KeyError)
    assert str(caught.value)


TAKING_TABLES = [
    pytest.param(name, argument, id=f"{name}-{argument}")
    for name, function in FUNCTIONS.items()
    for argument in inspect.signature(function).parameters
    if "Dataset" in annotation(function, argument) and name not in OTHERS
]


@pytest.mark.parametrize(("name", "argument"), TAKING_TABLES)
def test_a_column_that_is_missing_is_named_beside_those_that_exist(name: str, argument: str) -> None:
    lacking = DATASET.with_goroutines(DATASET.goroutines[["state", "locked"]])
    try:
        called(FUNCTIONS[name], argument, lacking)
    except gs.MissingColumnError as error:
        assert " lacks " in str(error)
        assert "it has state, locked" in str(error)


@pytest.mark.parametrize(("name", "argument"), [case for case in TAKING_TABLES if case.values[0] != "explain"])
def test_the_wrong_table_in_a_dataset_is_named(name: str, argument: str) -> None:
    swapped = replace(DATASET, goroutines=DATASET.stacks, snapshots=DATASET.stacks)
    with pytest.raises((gs.MissingColumnError, gs.ArgumentError), match=r"lacks|takes"):
        called(FUNCTIONS[name], argument, swapped)


@pytest.mark.parametrize(("name", "argument"), TAKING_TABLES)
def test_an_empty_dataset_is_no_error_from_deep_inside(name: str, argument: str) -> None:
    goroutines, snapshots = DATASET.goroutines.iloc[:0], DATASET.snapshots.iloc[:0]
    empty = replace(DATASET, goroutines=goroutines, snapshots=snapshots)
    try:
        called(FUNCTIONS[name], argument, empty)
    except gs.GostackError as error:
        assert "\n" not in str(error)


SLIPS = [
    (lambda: gs.group(DATASET, by="user_functon"), "lacks user_functon; it has .* did you mean user_function"),
    (lambda: gs.group(DATASET.stacks), "this is the table `stacks`; pass the dataset, or its table `goroutines`"),
    (lambda: gs.group(DATASET, bye="state"), "unexpected keyword argument 'bye'. Hint: did you mean by"),
    (gs.group, "missing a required argument: 'source'. Hint: it takes source, by"),
    (lambda: gs.capture("http://127.0.0.1:1", leak="ech"), "leak takes 'end', 'each' or 'never', .* did you mean each"),
    (lambda: gs.redact(DATASET, keep="line"), "no kind 'line'; there are .* did you mean lines"),
    (lambda: gs.only(DATASET, f"{DATASET.snapshots['snapshot_id'][0]}0"), "no snapshot .*; there are .* did you mean"),
    (lambda: gs.suspects("dumps/"), r"not the text 'dumps/'. Hint: gs.read\('dumps/'\)"),
    (lambda: gs.suspects(DATASET.goroutines), "not the table `goroutines`. Hint: dataset.with_goroutines"),
    (lambda: gs.decompose(DATASET, DATASET), "metric takes a table .* or None, not a Dataset. Hint: .* metrics"),
    (lambda: gs.plot_siblings(DATASET, creator="main.(*server).startSesion"), "did you mean .*startSession"),
    (lambda: gs.incident.who(DATASET, DATASET.stacks), "suspects lacks .*; it has stack_id"),
    (lambda: DATASET.with_goroutines("x"), "with_goroutines takes a table"),
]


@pytest.mark.parametrize(("call", "words"), SLIPS)
def test_a_slip_is_answered_with_what_was_meant(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(gs.GostackError, match=words):
        call()
