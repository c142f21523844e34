"""The recorded incident, once through a recording: every answer is the one that the files themselves give."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import gostack_nb as gs
from gostack_nb.reports.answer import Answer

DATA = Path(__file__).parents[3] / "data" / "push-incident"

ANSWERS: list[Callable[[gs.Dataset], Answer]] = [
    gs.incident.what_was_captured,
    gs.incident.is_it_leaking,
    gs.incident.who,
    gs.incident.waiting_on,
    gs.incident.missing_siblings,
    gs.incident.leak_profile,
]


@pytest.fixture(scope="module")
def files() -> gs.Dataset:
    return gs.read(DATA / "leak")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> gs.Dataset:
    recording = gs.Recording.open(tmp_path_factory.mktemp("recording") / "incident", create=True)
    recording.add(DATA / "leak")
    recording.compact()
    return recording.read()


def rows(table: pd.DataFrame) -> list[str]:
    """Return the rows without what names the file; dumps of one moment have no order of their own."""
    told = table.drop(columns=["source", "captured_at_from"], errors="ignore").astype("object")
    return sorted(map(repr, told.where(told.notna(), None).itertuples(index=False, name=None)))


@pytest.mark.parametrize("table", ["goroutines", "stacks", "snapshots", "issues", "metrics"])
def test_the_same_tables(files: gs.Dataset, recorded: gs.Dataset, table: str) -> None:
    assert rows(getattr(recorded, table)) == rows(getattr(files, table))


@pytest.mark.parametrize("call", [gs.suspects, gs.growth])
def test_the_same_verdicts(files: gs.Dataset, recorded: gs.Dataset, call: Callable[[gs.Dataset], pd.DataFrame]) -> None:
    pd.testing.assert_frame_equal(call(recorded), call(files))


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_the_same_answers(files: gs.Dataset, recorded: gs.Dataset, answer: Callable[[gs.Dataset], Answer]) -> None:
    found, expected = answer(recorded), answer(files)
    assert found.sentences == expected.sentences
    assert rows(found.table) == rows(expected.table)


def test_the_same_proof_of_the_fix(files: gs.Dataset, recorded: gs.Dataset) -> None:
    after = gs.read(DATA / "fixed")
    pd.testing.assert_frame_equal(gs.verify_fix(recorded, after), gs.verify_fix(files, after))
