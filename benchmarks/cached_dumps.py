"""The generated dumps of a run: made when first needed, kept for the next run, named by what is in them."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from benchmarks.corpus_stacks import SIGNALS, TEXTS, real_shapes
from benchmarks.generate import GOROUTINES, SEED, CountedForm, TracebackForm, write_counted, write_traceback
from benchmarks.traceback_text import LABELLED_OF_6, STACKS

_MADE_BY = (
    "corpus_stacks",
    "counted_groups",
    "debug1_text",
    "generate",
    "label_sets",
    "profile_message",
    "random_numbers",
    "traceback_text",
)


def traceback_file(
    folder: Path,
    size_bytes: int,
    *,
    form: TracebackForm = "debug2",
    stacks: int | None = STACKS,
    labelled: int = LABELLED_OF_6,
) -> Path:
    """Return a dump with debug=2, or after a SIGQUIT, of about that size."""
    name = f"{form}-{size_bytes}-{stacks or 'all'}-{labelled}.txt"
    return _made(
        folder, name, lambda path: write_traceback(path, size_bytes, form=form, stacks=stacks, labelled=labelled)
    )


def counted_file(folder: Path, form: CountedForm, goroutines: int = GOROUTINES) -> Path:
    """Return a profile of that many goroutines."""
    return _made(folder, f"{form}-{goroutines}", lambda path: write_counted(path, goroutines, form=form))


def traceback_files(folder: Path, files: int, size_bytes: int) -> Path:
    """Return a folder with so many dumps with debug=2, each of other goroutines."""
    return _made_folder(
        folder,
        f"debug2-{size_bytes}-{files}-files",
        (
            (f"{number}.txt", partial(write_traceback, size_bytes=size_bytes, seed=SEED + number))
            for number in range(files)
        ),
    )


def counted_files(folder: Path, form: CountedForm, files: int, *, goroutines: int, stacks: int) -> Path:
    """Return a folder with so many profiles."""
    return _made_folder(
        folder,
        f"{form}-{goroutines}-{stacks}-{files}-files",
        (
            (
                f"{number}.profile",
                partial(write_counted, goroutines=goroutines, form=form, seed=SEED + number, stacks=stacks),
            )
            for number in range(files)
        ),
    )


def _made_folder(folder: Path, name: str, made: Iterable[tuple[str, Callable[[Path], object]]]) -> Path:
    """Return a folder of dumps, and their content in the page cache."""
    path = folder / f"{SEED}-{_generator()}-{name}"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for file, make in made:
            make(unfinished / file)
        unfinished.rename(path)
    for file_path in path.iterdir():
        _touch(file_path)
    return path


def _made(folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    """Return the file, and its content in the page cache; one that another generator made has another name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{SEED}-{_generator()}-{name}"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        make(unfinished)
        unfinished.rename(path)
    _touch(path)
    return path


def _touch(path: Path) -> None:
    """Read the file once: what is measured is no disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 22):
            pass


@cache
def _generator() -> str:
    """Name the present state of the generator and of the corpus."""
    texts = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in _MADE_BY]
    stacks = repr((real_shapes(TEXTS), real_shapes(SIGNALS))).encode()
    return hashlib.sha256(b"".join([*texts, stacks])).hexdigest()[:8]
