"""A capture to the terminal: one line for each round, what is missing once, and what to do next."""

import json
import shlex
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.padding import Padding

from gostack_nb.capturing.told import Note, Notice, Round, Told
from gostack_nb.errors import RecordingError
from gostack_nb.model.dataset import Dataset
from gostack_nb.plots.moments import count_words
from gostack_nb.recording.live import Captured, Shelf, Wanted, capture_into
from gostack_nb.reports.terminal import shown
from gostack_nb.sources.pprof import LEAKED, Target

INTERRUPTED = 130
"""Exit status when an interrupt came before anything did: 128 + SIGINT, as shells have it."""

_LONGEST_NAME = 100  # of the service in the folder's name

NEXT_COMMANDS = ("suspects", "incident")

_COUNT_WIDTH = len("goroutines")
_SIZE_WIDTH = len("999.9 MB")
_INDENT = 2
_LEVEL = "debug="


class Lines:
    """Prints what a capture tells.

    Parameters
    ----------
    console : Console
        Where to.
    wanted : Wanted
        What is captured: several services get a column for their names.
    """

    def __init__(self, console: Console, wanted: Wanted) -> None:
        self._console = console
        names = [target.instance for target in wanted.targets]
        self._width = max(map(len, names)) + 2 if len(names) > 1 else 0
        self._counts: dict[str, int] = {}
        self._captured: set[str] = set()
        self._said: set[tuple[str, str]] = set()
        self.files = self.size_bytes = 0

    def begin(self, wanted: Wanted, folder: Path) -> None:
        """Say what is about to be done."""
        self._print(f"Capturing {_what(wanted)}", "bold")
        self._print(f"into {folder}", "bold")

    def tell(self, told: Told) -> None:
        """Print a round, or a sentence."""
        if self._is_new("", "the columns"):
            self._head()
        if isinstance(told, Notice):
            self._notice(told)
            return
        self._captured |= {told.instance} if told.taken else set()
        self.files += len(told.taken)
        self.size_bytes += sum(taken.size_bytes for taken in told.taken)
        self._print(self._round(told))
        for note in told.notes:
            self._note(note)

    def end(self, captured: Captured) -> None:
        """Say where everything is, and what to do with it."""
        folder, outcome = captured.shelf.path, captured.outcome
        stopped = "interrupted after" if outcome.interrupted else "kept"
        rounds = f"{count_words(outcome.rounds, 'round')} of {count_words(len(self._captured), 'service')}"
        what = f"{count_words(self.files, 'file')}, {size_words(self.size_bytes)}"
        self._console.print()
        self._print(f"{stopped} {rounds}: {what}", "bold")
        for command in NEXT_COMMANDS:
            self._print(f"  gostack-nb {command} {shlex.quote(str(folder))}")

    def stop(self, folder: Path) -> None:
        """Say where that is which was kept before an error."""
        if self.files:
            self.sentence(f"what came before is kept in {folder}", "yellow")

    def _notice(self, told: Notice) -> None:
        """Print what a service is about to bear, once for each."""
        if not self._is_new(told.instance, "notice"):
            return
        self.sentence(f"{told.instance}: {told.text}" if told.instance else told.text, "cyan")

    def _is_new(self, source: str, about: str) -> bool:
        known = (source, about) in self._said
        self._said.add((source, about))
        return not known

    def _head(self) -> None:
        """Name the columns."""
        head = f"{'UTC':<10}{'service' if self._width else '':<{self._width}}"
        self._print(f"{head}{'goroutines':>{_COUNT_WIDTH}}{'change':>8}{'size':>{_SIZE_WIDTH + 2}}  taken", "dim")

    def _round(self, told: Round) -> str:
        known = self._counts.get(told.instance)
        count = "-" if told.goroutines is None else f"{told.goroutines:,}"
        change = "" if known is None or told.goroutines is None else f"{told.goroutines - known:+,}"
        if told.goroutines is not None:
            self._counts[told.instance] = told.goroutines
        size = size_words(sum(taken.size_bytes for taken in told.taken)) if told.taken else "-"
        head = f"{told.captured_at:%H:%M:%S}  {told.instance if self._width else '':<{self._width}}"
        return f"{head}{count:>{_COUNT_WIDTH}}{change:>8}{size:>{_SIZE_WIDTH + 2}}  {_taken(told)}"

    def _note(self, note: Note) -> None:
        if self._is_new(note.source, note.about):
            self.sentence(f"{note.source}: {note.reason}", "yellow")

    def sentence(self, text: str, style: str) -> None:
        """Print a sentence below what it is about."""
        self._console.print(Padding(shown(text, style), (0, 0, 0, _INDENT), expand=False))

    def _print(self, text: str, style: str = "") -> None:
        """Print a line as it is; the terminal wraps it, so that it can be copied whole."""
        self._console.print(shown(text, style), soft_wrap=True)


def size_words(size: int) -> str:
    """Say a number of bytes.

    >>> size_words(812), size_words(32_400), size_words(67_108_864)
    ('812 B', '32.4 kB', '67.1 MB')
    """
    if size < 1000:
        return f"{size} B"
    return f"{size / 1e3:.1f} kB" if size < 1e6 else f"{size / 1e6:,.1f} MB"


def default_folder(targets: Sequence[Target], now: datetime) -> Path:
    """Name the recording of a capture that was given none, after service and time.

    >>> from gostack_nb.sources.pprof import target_of
    >>> default_folder([target_of("10.0.0.7:6060")], datetime(2026, 11, 23, 3, 12, 7, tzinfo=UTC)).name
    'capture-10.0.0.7-6060-20261123T031207Z'
    """
    name = targets[0].instance if len(targets) == 1 else f"{len(targets)}-services"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "-" for c in name[:_LONGEST_NAME]).strip("-.")
    return Path(f"capture-{safe}-{now:%Y%m%dT%H%M%SZ}")


def capture_and_print(wanted: Wanted, folder: Path | None, *, json_rows: bool = False) -> int:
    """Capture into a recording and tell of it; as JSON the rows of `snapshots` go to standard output.

    Returns
    -------
    int
        The exit status: 0, also if an interrupt ended it; 130 if that came before anything did.

    Raises
    ------
    SourceError, RecordingError
        As `gostack_nb.capture`.
    """
    path = folder or default_folder(wanted.targets, datetime.now(UTC))
    lines = Lines(Console(highlight=False, stderr=json_rows), wanted)
    shelf = Shelf(path)
    lines.begin(wanted, path)
    try:
        with _ended_by_sigterm():
            captured = capture_into(shelf, wanted, lines.tell)
    except KeyboardInterrupt:
        lines.sentence("interrupted: nothing had come by then", "yellow")
        return INTERRUPTED
    except RecordingError:
        lines.stop(path)
        raise
    lines.end(captured)
    if json_rows:
        Console(highlight=False).print(as_json(captured.read()), soft_wrap=True, markup=False)
    return 0


def as_json(dataset: Dataset) -> str:
    """Return the rows of `snapshots` as JSON text, a list, ASCII only; <NA> is null, times are ISO 8601."""
    rows = json.loads(dataset.snapshots.to_json(orient="records", date_format="iso", date_unit="ms"))
    return json.dumps(rows, indent=1)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end a capture as Ctrl-C does: with everything kept."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _what(wanted: Wanted) -> str:
    """Say which services, how often and how long."""
    names = ", ".join(target.instance for target in wanted.targets)
    schedule = wanted.schedule
    if schedule.every is None:
        return names
    rounds = schedule.most_rounds
    how_long = "until Ctrl-C" if rounds is None else count_words(rounds, "round")
    return f"{names} every {schedule.every:g} s, {how_long}"


def _taken(told: Round) -> str:
    """Say what was taken: `debug=1,0,2 metrics`.

    What Go cut is marked; what the leak profile found is said.
    """
    if not told.taken:
        return "nothing"
    words = [f"{taken.words} (cut)" if taken.truncated else taken.words for taken in told.taken]
    levels = [word.removeprefix(_LEVEL) for word in words if word.startswith(_LEVEL)]
    others = [word for word in words if not word.startswith(_LEVEL) and not word.startswith(LEAKED.words)]
    parts = ([_LEVEL + ",".join(levels)] if levels else []) + others
    parts += [] if told.leaked is None else [f"{told.leaked:,} leaked"]
    return " ".join(parts)
