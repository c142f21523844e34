"""How fast a file with debug=2 becomes tables on one core, beside `split` into lines of the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cached_dumps import traceback_file
from benchmarks.figures import Figure, Target, at_least, ratios
from benchmarks.pinned import run_probe
from benchmarks.scale import MB, Scale

RATIO, RATIO_OF_DISTINCT, EVENNESS = at_least(0.40), at_least(0.26), at_least(0.85)


@dataclass(slots=True)
class _Rounds:
    """What the rounds over one file gave: megabytes a second of both, and what else is told of the reading."""

    label: str
    path: Path
    target: Target | None = None
    split: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    split_cpu: list[float] = field(default_factory=list)
    read_cpu: list[float] = field(default_factory=list)
    goroutines: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Split once, read once."""
        split = run_probe("split_lines", str(self.path))
        read = run_probe("read_file", str(self.path))
        self.split.append(split["bytes"] / split["seconds"] / MB)
        self.read.append(read["bytes"] / read["seconds"] / MB)
        self.goroutines.append(read["goroutines"] / read["seconds"] / 1000)
        self.split_cpu.append(split["cpu_seconds"])
        self.read_cpu.append(read["cpu_seconds"])

    def figures(self) -> Iterator[Figure]:
        """Say what came out."""
        yield Figure(f"split into lines, {self.label}", tuple(self.split), "MB/s", tuple(self.split_cpu))
        yield Figure(f"read, {self.label}", tuple(self.read), "MB/s", tuple(self.read_cpu))
        yield Figure(f"read, {self.label}", tuple(self.goroutines), "k goroutines/s")
        yield Figure(f"read to split, {self.label}", ratios(self.read, self.split), "x", target=self.target)


def measure(scale: Scale) -> Iterator[Figure]:
    """Read files of several sizes, and one in which no two goroutines share a stack, in turns."""
    sizes = (scale.small_bytes, scale.middle_bytes, scale.shared_bytes, scale.large_bytes)
    files = [_of_size(scale, size, None if size == scale.small_bytes else RATIO) for size in sizes]
    distinct = traceback_file(scale.data, scale.middle_bytes, stacks=None)
    files.append(_Rounds(f"{scale.middle_bytes / MB:g} MB, all stacks distinct", distinct, RATIO_OF_DISTINCT))
    signal = traceback_file(scale.data, scale.middle_bytes, form="signal")
    files.append(_Rounds(f"{scale.middle_bytes / MB:g} MB after a SIGQUIT", signal))
    for _ in range(scale.rounds):
        for file in files:
            file.run()
    for file in files:
        yield from file.figures()
    small, large = files[0], files[len(sizes) - 1]
    yield Figure(
        f"read, {large.label} to {small.label}, per byte", ratios(large.read, small.read), "x", target=EVENNESS
    )


def _of_size(scale: Scale, size_bytes: int, target: Target | None) -> _Rounds:
    return _Rounds(f"{size_bytes / MB:g} MB", traceback_file(scale.data, size_bytes), target)
