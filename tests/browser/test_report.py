"""The postmortem and an exported notebook as their reader sees them: a real Chromium, from `file://`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import gostack_nb as gs
from gostack_nb.reports.notebook_page import WIDGET_VIEW, export_notebook
from tests.browser.running import STEP_MS
from tests.unit.reports.postmortem_samples import HOSTILE, goroutines, snapshot

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
POLICY = "Content Security Policy"
PHONE = {"width": 390, "height": 844}

# A one-pixel PNG.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@dataclass
class Seen:
    """What a page asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


Open = Callable[..., tuple[Any, Seen]]


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """Open a file in a browser context of its own; scripts that get to run would leave `alerted`."""
    contexts = []

    def open_page(path: Path, **options: Any) -> tuple[Any, Seen]:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        contexts.append(context)
        page, seen = context.new_page(), Seen()
        page.set_default_timeout(STEP_MS)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (seen.errors.append(f"alert {dialog.message}"), dialog.dismiss()))
        page.goto(path.as_uri())
        return page, seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report in which every name is hostile."""
    data = goroutines({name: 3 + place for place, name in enumerate(HOSTILE)}, ' {"<b>key": "<img src=x>"}')
    return gs.report(
        snapshot(data, 0, "<i>pod", "<s>dump.txt"),
        tmp_path_factory.mktemp("report") / "postmortem.html",
        after=snapshot(goroutines({"main.pool": 2}), 9),
        title="<img src=x onerror=alert(7)>",
        notes=["<script>alert(8)</script>"],
        keep=["hosts", "labels"],
    )


def boxes(page: Any) -> Any:
    return page.locator("#flame-boxes > div:visible")


def test_the_report_asks_for_nothing_and_complains_of_nothing(report: Path, opened: Open) -> None:
    page, seen = opened(report)
    page.wait_for_selector("#flame-boxes > div")
    assert seen.errors == []
    assert seen.requests[0] == report.as_uri()
    assert all(address.startswith("data:image/png") for address in seen.requests[1:])
    assert page.locator("img").evaluate_all("images => images.every(image => image.complete && image.naturalWidth)")


def test_names_that_are_markup_are_text(report: Path, opened: Open) -> None:
    page, _ = opened(report)
    assert page.title() == page.locator("h1").inner_text() == "<img src=x onerror=alert(7)>"
    assert page.locator("script").count() == 2
    assert page.locator("body b, body i, body s, body svg, body iframe, h1 img").count() == 0
    for name in ("main.</script><script>alert`2`</script>", "main.<svg/onload=alert`1`>"):
        assert page.locator("#flame-boxes > div", has_text=name).count() >= 1
        assert page.locator("td", has_text=name).count() >= 1


def test_the_policy_stops_what_is_not_ours(report: Path, opened: Open) -> None:
    page, seen = opened(report)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            image.setAttribute("onerror", "window.ran = true");
            document.body.append(image);
            document.body.insertAdjacentHTML("beforeend", "<style>h1 { display: none }</style>");
        }"""
    )
    page.wait_for_function("() => document.images[document.images.length - 1].complete")
    while sum(POLICY in error for error in seen.errors) < 3:
        page.wait_for_event("console", lambda said: POLICY in said.text)
    assert page.evaluate("() => window.ran") is None
    assert page.locator("h1").is_visible()


def test_a_click_zooms_and_show_all_goes_back(report: Path, opened: Open) -> None:
    page, _ = opened(report)
    everything = boxes(page).count()
    assert everything >= len(HOSTILE)
    box = page.locator("#flame-boxes > div", has_text="main.处理消息").first
    narrow = box.bounding_box()["width"]
    box.click()
    assert box.bounding_box()["width"] > narrow * 3
    assert boxes(page).count() < everything
    assert re.match(r"main\.处理消息: 8 of 52 goroutines", page.locator("#flame-said").inner_text())
    page.get_by_role("button", name="Show all").click()
    assert boxes(page).count() == everything
    assert box.bounding_box()["width"] == narrow
    assert page.locator("#flame-said").inner_text() == ""


def test_the_keyboard_zooms_and_escape_goes_back(report: Path, opened: Open) -> None:
    page, _ = opened(report)
    everything = boxes(page).count()
    box = page.locator("#flame-boxes > div", has_text="_goexit.f").first
    box.focus()
    page.keyboard.press("Enter")
    assert boxes(page).count() < everything
    page.keyboard.press("Escape")
    assert boxes(page).count() == everything
    box.focus()
    page.keyboard.press("Space")
    assert boxes(page).count() < everything
    page.get_by_label("Find").press("Escape")
    assert boxes(page).count() == everything


def test_the_search_marks_and_counts(report: Path, opened: Open) -> None:
    page, _ = opened(report)
    page.get_by_label("Find").fill("XXXX")
    assert page.locator("#flame-boxes .found").count() == 1
    assert page.locator("#flame-said").inner_text() == "9 of 52 goroutines"
    page.get_by_label("Find").fill("nobody is called so")
    assert page.locator("#flame-said").inner_text() == "0 of 52 goroutines"
    page.get_by_label("Find").fill("")
    assert page.locator("#flame-boxes .found").count() == 0
    assert page.locator("#flame-said").inner_text() == ""


def test_paper_shows_the_picture_in_place_of_the_boxes(report: Path, opened: Open) -> None:
    page, _ = opened(report)
    picture, flame = page.locator(".flame-picture img"), page.locator("#flame")
    assert (picture.is_visible(), flame.is_visible()) == (False, True)
    page.emulate_media(media="print")
    assert (picture.is_visible(), flame.is_visible()) == (True, False)
    assert not page.locator("nav").is_visible()


def test_without_scripts_the_picture_is_shown(report: Path, opened: Open) -> None:
    page, seen = opened(report, java_script_enabled=False)
    assert page.locator(".flame-picture img").is_visible()
    assert not page.locator("#flame").is_visible()
    assert page.locator("h2", has_text="What was captured").is_visible()
    assert seen.requests[0] == report.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_in_one_direction(report: Path, opened: Open, scheme: str) -> None:
    page, _ = opened(report, viewport=PHONE, color_scheme=scheme)
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_paper_holds_the_tables(report: Path, opened: Open) -> None:
    page, _ = opened(report, viewport={"width": 720, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 720


def test_the_pdf_is_printed(tmp_path: Path) -> None:
    path = gs.report(snapshot(goroutines({HOSTILE[1]: 3}), 0, "pod-9x7"), tmp_path / "postmortem.pdf")
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page/") + data.count(b"/Type /Page ") >= 1
    assert b"pod-9x7" not in data
    assert str(tmp_path).encode() not in data


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Export a notebook whose outputs try to run something and to ask somebody."""
    html = (
        "<table><thead><tr><th>count</th></tr></thead><tbody><tr><td onmouseover='alert(1)'>154</td></tr></tbody>"
        f"<tfoot><tr><td style='white-space: nowrap'>{'wide ' * 80}</td></tr></tfoot>"
        "</table><script>alert(2)</script><img src='http://127.0.0.1:9/x.png' onerror='alert(3)'>"
        "<svg onload='alert(4)'></svg><style>@import 'http://127.0.0.1:9/x.css'; h1 { display: none }</style>"
        "<div style='background: url(http://127.0.0.1:9/y.png)'>boxed</div>"
    )
    outputs = [
        new_output("execute_result", {"text/html": html}),
        new_output("display_data", {"image/png": PIXEL}),
        new_output("display_data", {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(5)'/>"}),
        new_output("display_data", {WIDGET_VIEW: {"model_id": "m"}, "text/html": "<p>in the widget</p>"}),
    ]
    cells = [new_markdown_cell("# Story\n\n<script>alert(6)</script>"), new_code_cell("gs.f()", outputs=outputs)]
    path = tmp_path / "story.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"widgets": {"state": {}}}), path)
    return export_notebook(path, tmp_path / "story.html")


def test_an_exported_notebook_shows_its_outputs_and_runs_nothing(notebook: Path, opened: Open) -> None:
    page, seen = opened(notebook)
    page.locator("td").first.hover()
    assert page.locator("h1").inner_text() == "Story"
    assert page.locator("th").inner_text() == "count"
    assert page.get_by_text("in the widget").is_visible()
    assert page.evaluate("() => [...document.images].filter(image => image.naturalWidth).length") >= 1
    assert page.locator("script").count() == 0
    assert not [error for error in seen.errors if "alert" in error]
    assert [address for address in seen.requests if not address.startswith("data:")] == [notebook.as_uri()]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= DESKTOP["width"]


def test_an_exported_notebook_fits_a_phone(notebook: Path, opened: Open) -> None:
    page, _ = opened(notebook, viewport=PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
