"""The package's own catalogue: complete, sourced, and every entry recognised by its own examples."""

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from gostack_nb.analysis.catalogue.entries import Catalogue, Entry, Example
from gostack_nb.analysis.catalogue.loading import load_catalogue, state_meanings
from gostack_nb.analysis.catalogue.matching import match_stacks
from gostack_nb.analysis.states import BLOCKED_STATES
from gostack_nb.formats.frames import Frame, Stack
from gostack_nb.formats.wait_reason import infer_state
from gostack_nb.model.schema import STACKS

NUMBERS = {f"P{number:02}" for number in range(1, 31)} | {f"L{number:02}" for number in range(1, 55)}
"""The patterns of the language and the signatures of libraries that the catalogue was written from."""

CATALOGUE = load_catalogue()
MATCHED = [entry for entry in CATALOGUE if entry.matches]
EXAMPLES = [
    pytest.param(entry, example, id=f"{entry.id}-{number}")
    for entry in MATCHED
    for number, example in enumerate(entry.examples)
]


def _frames(param: Any) -> tuple[str, ...]:
    example: Example = param.values[1]
    return example.frames


OF_PROGRAMS = [param for param in EXAMPLES if not _frames(param)[0].startswith("runtime.")]
VENDORED = [param for param in EXAMPLES if any("github.com/" in name for name in _frames(param))]


def stacks_of(example: Example) -> pd.DataFrame:
    """Build the `stacks` table of one stack."""
    stack = Stack(
        tuple(Frame(name, f"{number}.go", number + 1) for number, name in enumerate(example.frames)),
        Frame(example.created_by, "creator.go", 7) if example.created_by else None,
    )
    frames = [*stack.frames, *([stack.creator] if stack.creator else [])]
    rows = {
        "stack_id": ["s"] * len(frames),
        "frame_index": range(len(frames)),
        "function": [frame.function for frame in frames],
        "package": [None] * len(frames),
        "file": [frame.file for frame in frames],
        "line": [frame.line for frame in frames],
        "is_std": [None] * len(frames),
        "inlined": [None] * len(frames),
        "is_creator": [frame is stack.creator for frame in frames],
    }
    return pd.DataFrame({column.name: pd.Series(list(rows[column.name]), dtype=column.dtype) for column in STACKS})


def match(example: Example, catalogue: Catalogue, *, state: str | None = "", wakes: bool | None = None) -> pd.Series:
    """Return the one row that the matching gives for an example."""
    word = (example.state or None) if state == "" else state
    seen = pd.DataFrame(
        {
            "stack_id": ["s"],
            "state": pd.Series([word], dtype="category"),
            "wakes": pd.array([example.wakes if wakes is None else wakes], dtype="boolean"),
        }
    )
    return match_stacks(stacks_of(example), seen, catalogue).iloc[0]


def find_gaps(entry: Entry) -> Iterator[str]:
    """Say what an entry of the package lacks."""
    texts = ("meaning", "normal", "suspicious", "cause", "fix", "look_for", "source", "source_note", "owner")
    yield from (f"{entry.id}: no {name}" for name in texts if not getattr(entry, name))
    if entry.normal_per_owner is None:
        yield f"{entry.id}: no normal_per_owner"
    if bool(entry.matches) == bool(entry.told_by):
        yield f"{entry.id}: either a match, or what tells it"
    if entry.matches and not entry.examples:
        yield f"{entry.id}: no example"
    yield from (f"{entry.id}: unknown {name}" for name in _mentioned(entry) if name not in CATALOGUE)
    if not re.search(r"(?i)\brun\b|read|\bissues?\b|judgement", entry.source_note):
        yield f"{entry.id}: source_note does not say whether it was run, read or judged"


def _mentioned(entry: Entry) -> tuple[str, ...]:
    return entry.see_also + entry.owner_patterns


def test_every_pattern_has_an_entry() -> None:
    assert {entry.number for entry in CATALOGUE} - {""} == NUMBERS


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_entries_are_complete(entry: Entry) -> None:
    assert not list(find_gaps(entry))


def test_the_check_can_fail() -> None:
    assert len(list(find_gaps(Entry("x", "title", "meaning", see_also=("nothing",))))) == 12


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_roles_agree_with_numbers(entry: Entry) -> None:
    if entry.always_wrong:
        assert (entry.normal_per_owner, entry.suspicious_above) == (0, 0)
    if entry.healthy:
        assert entry.normal_per_owner


@pytest.mark.parametrize(("entry", "example"), EXAMPLES)
def test_examples_are_recognised(entry: Entry, example: Example) -> None:
    """Of all entries this one is chosen: no other with a higher precedence fits."""
    found = match(example, CATALOGUE)
    assert (found["pattern"], bool(found["state_checked"])) == (entry.id, True)


@pytest.mark.parametrize(("entry", "example"), OF_PROGRAMS)
def test_examples_with_runtime_frames_are_recognised(entry: Entry, example: Example) -> None:
    """A signal prints the runtime's frames too, debug=0 likewise and with numbers behind `func`."""
    top = ("runtime.gopark", "runtime.selectgo")
    shown = Example((*top, *example.frames, "runtime.goexit"), example.state, example.created_by, example.wakes)
    assert match(shown, CATALOGUE)["pattern"] == entry.id


@pytest.mark.parametrize(("entry", "example"), VENDORED)
def test_vendored_examples_are_recognised(entry: Entry, example: Example) -> None:
    frames = tuple(f"example.com/app/vendor/{name}" if "github.com/" in name else name for name in example.frames)
    assert match(Example(frames, example.state, example.created_by), CATALOGUE)["pattern"] == entry.id


@pytest.mark.parametrize(("entry", "example"), EXAMPLES)
def test_without_a_state_the_match_says_so_or_is_none(entry: Entry, example: Example) -> None:
    """debug=1: what only a state tells is not guessed."""
    found = match(example, CATALOGUE, state=None)
    if pd.isna(found["pattern"]):
        assert all(not rule.may_lack_state or rule.wakes for rule in entry.matches)
    else:
        chosen = CATALOGUE[found["pattern"]]
        asks = any(rule.states for rule in chosen.matches)
        assert bool(found["state_checked"]) is not asks


def test_every_state_of_an_entry_is_a_state_of_the_runtime() -> None:
    named = {state for entry in CATALOGUE for rule in entry.matches for state in rule.states}
    assert named <= set(state_meanings())


def test_states_are_explained() -> None:
    meanings = state_meanings()
    inferred = infer_state(["runtime.gopark", "runtime.netpollblock"])
    assert BLOCKED_STATES | {inferred, "sleep", "syscall", "running", "runnable"} <= set(meanings)
    assert all(meaning.endswith(".") for meaning in meanings.values())
