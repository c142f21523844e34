"""The postmortem as PDF, printed from its HTML by a Chromium that is installed here."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from gostack_nb.errors import ExportError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")

MOST_SECONDS = 120
"""A report of 30 MB takes some 10 s."""


def render_pdf(html: str, path: Path) -> bytes:
    """Print the report's HTML as PDF.

    Parameters
    ----------
    html : str
        As `render_html` returns it.
    path : Path
        What the file will be called, for errors.

    Returns
    -------
    bytes
        The PDF. It tells when it was made: two of them differ.

    Raises
    ------
    ExportError
        If no Chromium is installed, or it fails.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        hint = "Hint: apt-get install chromium, or write .html and print it from any browser"
        msg = f"{path}: PDF needs Chromium, and none of {', '.join(BROWSERS)} is installed. {hint}"
        raise ExportError(msg)
    with tempfile.TemporaryDirectory(prefix="gostack-nb-", ignore_cleanup_errors=True) as folder:
        page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        _print(browser, page, printed, path)
        return printed.read_bytes()


def _print(browser: str, page: Path, printed: Path, path: Path) -> None:
    command = [
        browser,
        "--headless",
        "--no-sandbox",  # as root in a container there is none; the page runs no script but ours, and asks nobody
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={page.parent / 'profile'}",
        f"--print-to-pdf={printed}",
        page.as_uri(),
    ]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=MOST_SECONDS)  # noqa: S603 - no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"{path}: {browser} could not print it ({type(error).__name__}). Hint: write .html and print that"
        raise ExportError(msg) from error
    if done.returncode or not printed.exists():
        msg = f"{path}: {browser} printed nothing (status {done.returncode}). Hint: write .html and print that"
        raise ExportError(msg)
