"""The numbers of the golden files against counts that no parser of the package made: grep, pprof, the programs' own."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gostack_nb.formats.columns import Columns
from gostack_nb.formats.registry import parse_dumps
from tests.conftest import BUILD_SECONDS, Builder
from tests.corpus import expected, golden
from tests.corpus.files import DUMPS, INCIDENT, content, dumps_in, folders, is_plain_traceback

PPROF_COUNTS = Path(__file__).parent / "pprof_counts.json"
"""Committed output of pprof by path: goroutines, samples, labelled. `test_pprof_still_says_so` makes it again."""

TRACEBACKS = sorted(
    path
    for folder in folders().values()
    for path in dumps_in(folder)
    if is_plain_traceback(path) and path.name != "TestWait.output.txt"  # a test that passed: no dump
)
LOGS = sorted((DUMPS / "nasty").glob("*.log"))  # several dumps each
GROUPED = sorted(path for folder in folders().values() for path in dumps_in(folder) if "debug1" in path.name)
PROFILES = sorted(path for folder in folders().values() for path in dumps_in(folder) if path.name.endswith(".pb.gz"))

# A panic message that holds a goroutine (printed raw up to go1.22), and headers that a full buffer cut in two.
NOT_GOROUTINES = {"go1.21.13/crash/panic-multiline.txt": {7}}
CUT_OFF = {
    "go1.23.9/crash/stack-truncated.txt": {35},
    "go1.25.5/crash/stack-truncated.txt": {36},
    "go1.26.6/crash/stack-truncated.txt": set[int](),
    "go1.27.3/crash/stack-truncated.txt": set[int](),
}


def _name(path: Path) -> str:
    return str(path.relative_to(DUMPS if DUMPS in path.parents else INCIDENT))


def _golden(path: Path) -> golden.Summary:
    name = next(name for name, folder in folders().items() if folder == path.parent)
    summaries = golden.read(name)[path.name]
    assert not isinstance(summaries, str), summaries
    assert len(summaries) == 1
    return summaries[0]


@pytest.mark.parametrize("path", TRACEBACKS, ids=_name)
def test_golden_counts_of_a_traceback_are_those_of_grep(path: Path) -> None:
    summary = _golden(path)
    counts = expected.count_headers(content(path))
    forged = NOT_GOROUTINES.get(_name(path), set())
    assert summary["goroutines"] == len(counts.ids - forged)
    if not forged:
        assert summary.get("states", {}) == counts.states
    for name in ("waiting_minutes", "labelled", "leaked", "durable", "locked", "bubbles"):
        assert summary.get(name, 0) == getattr(counts, name), name


@pytest.mark.parametrize("path", [*TRACEBACKS, *LOGS], ids=_name)
def test_no_printed_goroutine_is_lost(path: Path) -> None:
    data = content(path)
    kept = {int(number) for dump in parse_dumps(data) for number in dump.goroutine_id}
    lost = NOT_GOROUTINES.get(_name(path), set()) | CUT_OFF.get(_name(path), set())
    assert kept == expected.printed_ids(data) - lost


@pytest.mark.parametrize("path", GROUPED, ids=_name)
def test_golden_counts_of_debug1_are_those_of_its_first_line(path: Path) -> None:
    summary = _golden(path)
    counts = expected.count_groups(content(path))
    assert summary["goroutines"] == summary.get("total", 0) == counts.total
    assert summary.get("labelled", 0) == counts.labelled


@pytest.mark.parametrize("path", PROFILES, ids=_name)
def test_golden_counts_of_a_profile_are_those_of_pprof(path: Path) -> None:
    summary = _golden(path)
    goroutines, _, labelled = json.loads(PPROF_COUNTS.read_text(encoding="utf-8"))[_name(path)]
    assert (summary["goroutines"], summary.get("labelled", 0)) == (goroutines, labelled)


@pytest.fixture(scope="module")
def pprof(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build Go's pprof; since go1.25 it is no longer shipped built."""
    return builder.build("cmd/pprof", "pprof", cwd=tmp_path_factory.mktemp("nowhere"))


def _pprof_raw(pprof: Path, path: Path) -> list[expected.RawSample]:
    printed = subprocess.run([pprof, "-raw", path], capture_output=True, check=True, timeout=BUILD_SECONDS).stdout
    return expected.read_pprof_raw(printed.decode("utf-8", "backslashreplace"))


@pytest.mark.live
def test_pprof_still_says_so(pprof: Path) -> None:
    """Write anew with PPROF_COUNTS.write_text(json.dumps(...)) only if a profile was added."""
    counts = {}
    for path in PROFILES:
        added = [sample for sample in _pprof_raw(pprof, path) if sample.count > 0]
        labelled = sum(sample.count for sample in added if sample.labelled)
        counts[_name(path)] = [sum(sample.count for sample in added), len(added), labelled]
    assert counts == json.loads(PPROF_COUNTS.read_text(encoding="utf-8"))


@pytest.mark.live
@pytest.mark.parametrize("path", PROFILES, ids=_name)
def test_frames_of_a_profile_are_those_of_pprof(path: Path, pprof: Path) -> None:
    [dump] = parse_dumps(content(path))
    ours = Counter[tuple[str, ...]]()
    for frames, count in _counted_stacks(dump):
        ours[frames] += count
    theirs = Counter[tuple[str, ...]]()
    for sample in _pprof_raw(pprof, path):
        if sample.count > 0:
            theirs[sample.frames] += sample.count
    assert ours == theirs


def _counted_stacks(dump: Columns) -> list[tuple[tuple[str, ...], int]]:
    assert dump.count is not None
    texts = [tuple(f"{f.function} {f.file}:{f.line}" for f in stack.frames) for stack in dump.stacks]
    return [(texts[stack], int(count)) for stack, count in zip(dump.stack, dump.count, strict=True)]


@pytest.mark.parametrize("run", ["leak", "fixed"])
def test_reference_incident_has_the_goroutines_that_its_recorder_counted(run: str) -> None:
    """`series.json` was written by the recorder, from /metrics and from what it did to the clients."""
    series = json.loads((INCIDENT / run / "series.json").read_text(encoding="utf-8"))
    for snapshot in series["snapshots"]:
        leaked = snapshot["disconnected_so_far"] if run == "leak" else 0
        for suffix in ("debug1.txt", "debug2.txt", "pb.gz"):
            [dump] = parse_dumps(content(INCIDENT / run / f"{snapshot['n']:02}.goroutine.{suffix}"))
            size = len(dump.goroutine_id) if dump.count is None else int(dump.count.sum())
            # The request that takes the dump has a goroutine or two of its own; clients leave meanwhile.
            assert abs(size - snapshot["go_goroutines"]) <= 3, (snapshot, suffix)
            assert abs(_on_function(dump, "main.(*session).ackLoop") - 29 - leaked) <= 1, (snapshot, suffix)


def test_reference_incident_ends_with_154_ack_loops_of_which_125_are_leaked() -> None:
    counts = [
        _on_function(parse_dumps(content(INCIDENT / "leak" / name))[0], "main.(*session).ackLoop")
        for name in ("11.goroutine.debug1.txt", "11.goroutine.debug2.txt", "11.goroutine.pb.gz")
    ]
    assert counts == [154, 154, 154]
    for suffix in ("debug1.txt", "debug2.txt", "pb.gz"):
        assert _golden(INCIDENT / "leak" / f"12.goroutineleak.{suffix}")["leaked"] == 125
        assert "leaked" not in _golden(INCIDENT / "fixed" / f"12.goroutineleak.{suffix}")


def _on_function(dump: Columns, function: str) -> int:
    has = np.array([any(frame.function == function for frame in stack.frames) for stack in dump.stacks])
    weights = np.ones(len(dump.stack), np.int64) if dump.count is None else dump.count
    return int(weights[has[dump.stack]].sum())


@pytest.mark.parametrize("version", sorted(path.name for path in DUMPS.glob("go*") if (path / "zoo").exists()))
def test_zoo_has_the_goroutines_that_the_program_counted(version: str) -> None:
    """runtime.NumGoroutine() of the same moment; debug=2 shows one or two more (formats.md, section 6)."""
    zoo = DUMPS / version / "zoo"
    own = int((zoo / "fresh.numgoroutine.txt").read_text(encoding="utf-8"))
    [dump] = parse_dumps(content(zoo / "fresh.debug2.txt"))
    assert own <= len(dump.goroutine_id) <= own + 4
