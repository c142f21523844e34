"""Every dump of the corpus is read as its golden file says, issues included."""

import pytest

from tests.corpus import golden
from tests.corpus.files import folders


@pytest.mark.parametrize("name", sorted(folders()))
def test_dumps_are_read_as_the_golden_file_says(name: str) -> None:
    assert golden.summarise_folder(folders()[name]) == golden.read(name), (
        "explain the difference, then: python -m tests.corpus.golden --write"
    )


def test_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in golden.GOLDEN.glob("*.json")) == sorted(folders())
