"""Charts are drawn without a screen and closed after each test; recordings are written down as Go prints them."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

import gostack_nb as gs
from gostack_nb.formats.registry import parse_dumps
from gostack_nb.model.tables import Snapshot, build_dataset

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DATA = Path(__file__).parents[3] / "data" / "push-incident"

Kinds = dict[str, int | tuple[int, str]]
"""Function -> how many goroutines, in `chan receive` or with another text in the brackets of the header."""


@pytest.fixture(autouse=True)
def _screenless() -> Iterator[None]:
    before = mpl.rcParams.copy()
    plt.switch_backend("Agg")
    yield
    plt.close("all")
    mpl.rcParams.update(before)


def dump(kinds: Kinds, creator: str = "main.main") -> bytes:
    blocks, goid = [], 0
    for function, what in kinds.items():
        count, status = what if isinstance(what, tuple) else (what, "chan receive")
        for _ in range(count):
            goid += 1
            frames = f"{function}(0x1)\n\t/srv/app/main.go:9 +0x1d"
            creation = f"created by {creator} in goroutine 1\n\t/srv/app/main.go:1 +0x2\n"
            blocks.append(f"goroutine {goid} [{status}]:\n{frames}\n{creation}")
    return "\n".join(blocks).encode()


def snapshot(kinds: Kinds, captured_at: datetime | None, instance: str | None = None) -> Snapshot:
    data = dump(kinds)
    digest = hashlib.sha256(data + str((captured_at, instance)).encode()).hexdigest()
    (columns,) = parse_dumps(data)
    return Snapshot(columns, "test", digest, len(data), captured_at, "caller", "push", instance)


@pytest.fixture(scope="session")
def recording() -> Callable[..., gs.Dataset]:
    """Build a dataset of one process: what lived in each snapshot, a minute apart."""

    def build(*shots: Kinds, instance: str | None = None, dated: bool = True, start: datetime = START) -> gs.Dataset:
        times = [start + timedelta(minutes=number) if dated else None for number in range(len(shots))]
        return build_dataset([snapshot(kinds, time, instance) for kinds, time in zip(shots, times, strict=True)])

    return build


@pytest.fixture
def fleet() -> Callable[..., gs.Dataset]:
    """Build a dataset of several processes: their snapshots by name, a minute apart."""

    def build(**processes: list[Kinds]) -> gs.Dataset:
        return build_dataset(
            [
                snapshot(kinds, START + timedelta(minutes=number), instance)
                for instance, shots in processes.items()
                for number, kinds in enumerate(shots)
            ]
        )

    return build


@pytest.fixture
def mixed() -> Callable[..., gs.Dataset]:
    """Build a dataset of snapshots with given times, None where unknown."""

    def build(*shots: tuple[datetime | None, Kinds]) -> gs.Dataset:
        return build_dataset([snapshot(kinds, time) for time, kinds in shots])

    return build


@pytest.fixture
def deep_dump() -> Callable[[int], gs.Dataset]:
    """Read one goroutine with a stack of so many frames."""

    def build(depth: int) -> gs.Dataset:
        frames = "".join(f"main.f{n}(0x1)\n\t/srv/app/main.go:9 +0x1d\n" for n in range(depth))
        return gs.read(f"goroutine 1 [select]:\n{frames}".encode())

    return build


@pytest.fixture
def nobody(recording: Callable[..., gs.Dataset]) -> gs.Dataset:
    """Return a dataset with a snapshot and no goroutines."""
    dataset = recording({"main.work": 1})
    return replace(dataset, goroutines=dataset.goroutines.iloc[:0])


@pytest.fixture(scope="session")
def leak() -> gs.Dataset:
    return gs.read(DATA / "leak")


@pytest.fixture(scope="session")
def fixed() -> gs.Dataset:
    return gs.read(DATA / "fixed")
