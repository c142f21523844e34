"""One JupyterLab server and one browser for all tests here; a page of its own for each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.running import CHROMIUM_OPTIONS, STEP_MS, Lab, Seen, new_page, running_lab
from tests.conftest import Builder
from tests.live.push import build_quiet


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an optional part of the set-up

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS, timeout=STEP_MS)
        yield started
        started.close()


@pytest.fixture
def page_and_seen(browser: Any) -> Iterator[tuple[Any, Seen]]:
    with new_page(browser) as opened:
        yield opened


@pytest.fixture(scope="session")
def program(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the server that leaks; only for tests marked `live`."""
    return build_quiet(builder, tmp_path_factory.mktemp("push") / "server")
