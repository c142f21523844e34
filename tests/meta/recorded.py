"""What the pages of the documentation talk about, from the recorded incidents: dumps, recordings, a service."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import gostack_nb as gs
from tests.unit.pprof_service import INDEX_1_11, ROOT, Page, PprofServer, page, serving

DATA = Path(__file__).parents[2] / "data"
INCIDENT = DATA / "push-incident"
ROUNDS = 12

LINKS = {
    "dumps": INCIDENT / "leak",
    "before": INCIDENT / "leak",
    "after": INCIDENT / "fixed",
    "fixed": INCIDENT / "fixed",
    "data": DATA,
    "fleet": DATA / "fleet" / "push",
    "services": DATA / "fleet",
    "push-src": INCIDENT / "server",
    "crash.log": DATA / "crash-logs" / "sigquit.log",
    "crash.log.json": DATA / "crash-logs" / "sigquit.log.json",
    "panic.log": DATA / "crash-logs" / "panic.log",
    "goroutine.txt": INCIDENT / "leak" / "11.goroutine.debug2.txt",
}
"""Names on the pages, and the recorded data that they stand for."""


def record(folder: Path) -> None:
    """Make the recordings that pages name, with the captures' own times; `tonight` has the first five rounds."""
    leak, fixed = INCIDENT / "leak", INCIDENT / "fixed"
    tonight = [file for number in range(5) for file in sorted(leak.glob(f"{number:02}.*"))]
    for name, sources in (("incident-42", [leak]), ("incident-42-fixed", [fixed]), ("tonight", tonight)):
        recording = gs.Recording.open(folder / name, create=True)
        recording.add(*sources, service="push", instance="push-1:6060")


def furnish(folder: Path, recordings: Path) -> None:
    """Put into a folder everything that the pages name."""
    for name, target in LINKS.items():
        (folder / name).symlink_to(target)
    (folder / "goroutine.txt.json").write_text('{"captured_at": "2026-11-23T08:59:13Z"}', "utf-8")
    for recording in recordings.iterdir():
        shutil.copytree(recording, folder / recording.name)


@contextmanager
def push_service() -> Iterator[PprofServer]:
    """Serve the incident, without a leak profile: each round of questions gets the next capture."""
    taken = -1

    def of_round(suffix: str, *, begins_round: bool = False) -> Page:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            nonlocal taken
            taken += begins_round
            kept = INCIDENT / "leak" / f"{min(max(taken, 0), ROUNDS - 1):02}.{suffix}"
            page(kept.read_bytes())(handler)

        return answer

    pages = {
        ROOT: page(INDEX_1_11, Content_Type="text/html; charset=utf-8"),
        f"{ROOT}goroutine 1": of_round("goroutine.debug1.txt", begins_round=True),
        f"{ROOT}goroutine 0": of_round("goroutine.pb.gz"),
        f"{ROOT}goroutine 2": of_round("goroutine.debug2.txt"),
        "/metrics": of_round("metrics.txt"),
    }
    with serving(pages) as server:
        yield server
