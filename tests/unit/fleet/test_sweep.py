"""Many sources to one ranking."""

from pathlib import Path

import pandas as pd
import pytest

from gostack_nb.errors import SourceError
from gostack_nb.fleet import by_instance, combine, contrast, rank, sweep

DUMP = "goroutine {n} [chan receive]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n\n"


def write(path: Path, goroutines: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(DUMP.format(n=n + 1) for n in range(goroutines)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for zone, build, instance, count in (("a", "1", "p-0", 2), ("b", "1", "p-1", 3), ("a", "2", "p-2", 40)):
        write(tmp_path / zone / build / f"{instance}.txt", count)
    return tmp_path


def test_labels_of_a_pattern(folder: Path) -> None:
    seen: list[int] = []
    found = sweep(f"{folder}/{{zone}}/{{build}}/{{instance}}.txt", report=seen.append)
    assert found[["total", "instances", "maximum", "instances_worst"]].to_numpy().tolist() == [
        [45, 3, 40, ["p-2", "p-1", "p-0"]]
    ]
    assert sum(seen) == 3
    assert contrast(found.counts, "build")["mean"].tolist() == [2.5, 40]
    assert by_instance(found.counts)["count"].tolist() == [40, 3, 2]


def test_a_table_of_files(folder: Path) -> None:
    table = pd.DataFrame({"source": [f"{folder}/a/1/p-0.txt", f"{folder}/a/2/p-2.txt"], "instance": ["x", "y"]})
    assert sweep(table)["instances_worst"].tolist() == [["y", "x"]]


def test_problems_do_not_end_the_sweep(folder: Path) -> None:
    (folder / "a" / "1" / "broken.txt").write_text("no dump")
    found = sweep([f"{folder}/**/*.txt", str(folder / "gone.txt")])
    assert found["total"].tolist() == [45]
    assert len(found.problems) == 2


def test_nothing_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"and 1 more could not be counted either"):
        sweep([str(tmp_path / "gone.txt"), str(tmp_path / "lost.txt")])
    assert sweep([]).empty


def test_two_sweeps_combine(folder: Path) -> None:
    one = sweep(f"{folder}/a/{{build}}/{{instance}}.txt")
    other = sweep(f"{folder}/b/{{build}}/{{instance}}.txt")
    assert rank(combine([one.counts, other.counts, one.counts]))["total"].tolist() == [45]
