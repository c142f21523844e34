"""The Go programs of the live tests."""

from pathlib import Path

import pytest

from tests.conftest import Builder
from tests.live.push import build_quiet


@pytest.fixture(scope="session")
def program(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the server that leaks."""
    return build_quiet(builder, tmp_path_factory.mktemp("push") / "server")
