"""What is kept from others on the machine, and text from a dump that wants to be more than text."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gostack_nb as gs
from gostack_nb.reports import investigation, lab
from gostack_nb.reports.postmortem import printing
from tests.hostile.damage import make_recording

MARKUP = b"<img src=x onerror=alert(1)><script>alert(2)</script>$x^2$&lt;"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("no_umask")
def test_a_recording_is_its_owners(tmp_path: Path) -> None:
    recording = make_recording(tmp_path / "incident")
    assert mode(recording.path) == 0o700
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".tmp-")]


@pytest.mark.usefixtures("no_umask")
def test_an_investigation_is_its_owners(tmp_path: Path) -> None:
    investigation._make(tmp_path / "investigation")
    assert mode(tmp_path / "investigation") == 0o700


@pytest.mark.usefixtures("no_umask")
def test_the_page_to_be_printed_is_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the whole report while Chromium reads it."""
    seen: list[int] = []

    def note(command: list[str], **_options: Any) -> subprocess.CompletedProcess[bytes]:
        page = Path(command[-1].removeprefix("file://"))
        seen.append(mode(page.parent))
        return subprocess.CompletedProcess(command, 1, b"", b"")

    monkeypatch.setattr(printing.subprocess, "run", note)
    monkeypatch.setattr(printing.shutil, "which", lambda _name: "chromium")
    with pytest.raises(gs.ExportError):
        printing.render_pdf("<html></html>", tmp_path / "report.pdf")
    assert seen
    assert set(seen) == {0o700}


def test_the_lab_listens_here_and_its_token_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments are seen by everybody on the machine, the environment by the owner."""
    started: dict[str, Any] = {}

    def note(command: list[str], **options: Any) -> None:
        started.update(options, command=command)

    monkeypatch.setattr(lab.subprocess, "Popen", note)
    lab._started(tmp_path, 8888, "s3cret-token")
    assert not [word for word in started["command"] if "s3cret" in word]
    assert "--ServerApp.ip=127.0.0.1" in started["command"]
    assert started["env"]["JUPYTER_TOKEN"] == "s3cret-token"  # noqa: S105 - of this test
    assert not [word for word in started["command"] if "token" in word or "password" in word or "allow_origin" in word]
    assert started["stdout"] == started["stderr"] == subprocess.DEVNULL


@pytest.fixture(scope="module")
def dataset() -> gs.Dataset:
    """Two dumps whose every text is markup."""
    name = MARKUP.replace(b" ", b"/").replace(b"(", b"[").replace(b")", b"]")
    lines = b"".join(
        b'goroutine %d [%b] {k: "%b"}:\nmain.%b()\n\t/srv/%b.go:7 +0x1d\n\n' % (number, MARKUP, MARKUP, name, name)
        for number in range(1, 9)
    )
    return gs.read(lines, lines, service=MARKUP.decode())


def shown(dataset: gs.Dataset) -> dict[str, str]:
    """Return every HTML that a notebook shows of a dump."""
    frames = {
        "group": gs.group(dataset),
        "suspects": gs.suspects(dataset),
        "creators": gs.creators(dataset),
        "snapshots": dataset.snapshots,
        "stacks": dataset.stacks,
    }
    return {
        "dataset": dataset._repr_html_(),
        "explain": gs.explain(gs.group(dataset).iloc[0])._repr_html_(),
        **{name: frame.to_html() for name, frame in frames.items()},
    }


def test_markup_is_shown_as_text(dataset: gs.Dataset) -> None:
    pages = shown(dataset)
    assert sum("&lt;img" in page for page in pages.values()) >= 4
    for name, page in pages.items():
        assert "<img" not in page, name
        assert "<script" not in page, name


def test_a_report_holds_no_markup_of_a_dump(dataset: gs.Dataset, tmp_path: Path) -> None:
    page = gs.report(dataset, tmp_path / "report.html").read_text("utf-8")
    assert "&lt;img src=x" in page or "&lt;img/src" in page
    assert "<img src=x" not in page
    assert "<img/src" not in page
    assert "<script>alert" not in page
    assert "Content-Security-Policy" in page


def test_names_of_dumps_are_no_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service may call itself anything; files are written below the folder of the recording alone."""
    from tests.unit.recording.samples import debug2, evidence  # noqa: PLC0415 - beside what it is for

    monkeypatch.chdir(tmp_path)
    recording = gs.Recording.open(tmp_path / "incident", create=True)
    for number, name in enumerate(
        ("../../up", "/etc/cron.d/x", "..", "a\0b", "C:\\x", "~root", "$(touch x)", "`id`", "-rf")
    ):
        recording.keep(evidence(debug2(number + 1), service=name, instance=name, kind="goroutine.debug2.txt"))
    assert [path.name for path in tmp_path.iterdir()] == ["incident"]
    assert len(recording.read().snapshots) == 9
