"""One JupyterLab server and one browser for all tests here; a page of its own for each."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.running import CHROMIUM_OPTIONS, Lab, Seen, new_page, running_lab


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an optional part of the set-up

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield started
        started.close()


@pytest.fixture
def page_and_seen(browser: Any) -> Iterator[tuple[Any, Seen]]:
    with new_page(browser) as opened:
        yield opened
